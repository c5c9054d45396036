/* journey.c
 * A message's journey: which message a PUBLISH of the server is a copy of, and who has got a
 * message.
 *
 * The evidence, the strongest first: User Properties and Correlation Data, which a server forwards
 * as they are; topic and payload; and, where the same was published several times, the order of the
 * messages of one client, topic and QoS [MQTT-4.6.0-5]. Where that leaves several messages, or where
 * the capture may lack the right one, the copy tells how many there are, and claims no more.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/got.h"
#include "core/capture/journey/late.h"
#include "core/capture/journey/milestone.h"
#include "core/capture/journey/missing.h"
#include "core/capture/journey/original.h"
#include "core/capture/journey/search.h"
#include "core/capture/parts.h"

#include <stdio.h>
#include <string.h>

#define SENT_AGAIN 64 /* messages that one with DUP is looked for in */
#define POOL 256
/* How long after a client has sent a message again the server may deliver it again. */
#define QUEUE_PATIENCE (10 * MQTT5_SECOND)

struct mqtt5_journeys {
    mqtt5_originals *originals;
    mqtt5_arena arena; /* the copies and deliveries that facts point to */
    mqtt5_copy *copies;
    int64_t resent_time;   /* when a client last sent something again, */
    uint32_t resent_frame; /* and in which frame; 0: never */
    bool refusals_lost;    /* a message that the server refused was not found */
    unsigned copies_left;  /* of `copies` */
};

void mqtt5_capture_journeys_free(struct mqtt5_journeys *journeys)
{
    if (!journeys)
        return;
    mqtt5_originals_free(journeys->originals);
    mqtt5_arena_clear(&journeys->arena);
    g_free(journeys);
}

static struct mqtt5_journeys *journeys_of(mqtt5_capture *capture)
{
    if (!capture->journeys) {
        capture->journeys = g_new0(struct mqtt5_journeys, 1);
        capture->journeys->originals = mqtt5_originals_new(capture->memory);
    }
    return capture->journeys;
}

static mqtt5_copy *new_copy(struct mqtt5_journeys *journeys)
{
    if (journeys->copies_left == 0) {
        journeys->copies = mqtt5_arena_alloc(&journeys->arena, POOL * sizeof(mqtt5_copy));
        journeys->copies_left = POOL;
    }
    journeys->copies_left--;
    return journeys->copies++;
}

/* --- Published --- */

/* The message of the client that this PUBLISH with DUP sends again; NULL: none is known. */
static mqtt5_original_message *sent_before(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *message,
                                           mqtt5_originals *originals)
{
    unsigned left = SENT_AGAIN;

    for (mqtt5_original_message *one = mqtt5_originals_newest(originals, message->hash, &left); one;
         one = mqtt5_originals_older(originals, one, &left)) {
        if (one->packet_id != event->packet->packet_id || one->qos != mqtt5_publish_qos(event->packet))
            continue;
        for (const mqtt5_capture_link *own = link; own; own = own->older)
            if (own->serial == one->publisher)
                return one;
    }
    return NULL;
}

static void see_published(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *message)
{
    struct mqtt5_journeys *journeys = journeys_of(event->connection->capture);
    mqtt5_originals *originals = journeys->originals;
    const mqtt5_packet *packet = event->packet;
    uint32_t length, properties = mqtt5_capture_hash_properties(event, &packet->properties, &length);
    mqtt5_original_message *before = mqtt5_publish_dup(packet) ? sent_before(event, link, message, originals) : NULL;

    if (before) {
        before->resent += before->resent < UINT8_MAX;
        journeys->resent_time = event->input->time;
        journeys->resent_frame = event->input->frame;
        return;
    }
    mqtt5_originals_add(originals,
                        &(mqtt5_original_message){.hash = message->hash,
                                                  .facts = event->facts,
                                                  .time = event->input->time,
                                                  .frame = event->input->frame,
                                                  .publisher = link->serial,
                                                  .topic = (uint32_t)(message->topic_hash >> 32),
                                                  .properties = properties,
                                                  .packet_id = packet->packet_id,
                                                  .qos = (uint8_t)mqtt5_publish_qos(packet),
                                                  .retain = mqtt5_publish_retain(packet),
                                                  .v5 = event->connection->version >= MQTT5_VERSION_5,
                                                  .expires = mqtt5_property_has(&packet->properties, MQTT5_MESSAGE_EXPIRY_INTERVAL)});
}

void mqtt5_capture_journey_refused(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    struct mqtt5_journeys *journeys = event->connection->capture->journeys;
    mqtt5_original_message *message;

    if (!journeys || event->refused.frame == 0)
        return;
    message = mqtt5_originals_published(journeys->originals, link->serial, event->refused.frame, event->packet->packet_id);
    if (message)
        message->refused = true;
    else
        journeys->refusals_lost = true;
}

/* True if some message of the stream of `message` that is older has not been released yet, or may not
 * have been in its turn. */
static bool overtakes(mqtt5_originals *originals, const mqtt5_original_message *message)
{
    unsigned left = SENT_AGAIN;
    const mqtt5_original_message *before = mqtt5_originals_before(originals, message, &left);

    return before ? before->overtook || !(before->released || before->refused) : left == 0;
}

static uint16_t units_since(int64_t since, int64_t now)
{
    int64_t units = now > since ? (now - since + MQTT5_RELEASED_UNIT - 1) / MQTT5_RELEASED_UNIT : 0;

    return (uint16_t)MIN(units, UINT16_MAX);
}

void mqtt5_capture_journey_released(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    struct mqtt5_journeys *journeys = event->connection->capture->journeys;
    mqtt5_original_message *message;

    if (!journeys || event->sender != MQTT5_CLIENT)
        return;
    message = mqtt5_originals_published(journeys->originals, link->serial, 0, event->packet->packet_id);
    for (const mqtt5_capture_link *own = link->older; own && !message; own = own->older)
        message = mqtt5_originals_published(journeys->originals, own->serial, 0, event->packet->packet_id);
    /* The server takes on a message now that the capture may not have; or it is only too long ago. */
    if (!message && event->connection->capture->memory > 0 && (link->lost || link->whole_since == 0))
        link->server->unseen_frame = event->input->frame;
    if (!message || message->qos != 2 || message->released)
        return;
    message->overtook = overtakes(journeys->originals, message);
    message->released = true;
    message->released_after = units_since(message->time, event->input->time);
}

/* --- Copies --- */

/* Those of a message as it was published; made when there is the first thing to tell. */
static mqtt5_deliveries *deliveries_of(struct mqtt5_journeys *journeys, mqtt5_facts *facts)
{
    mqtt5_deliveries *deliveries = (mqtt5_deliveries *)facts->deliveries;

    if (!deliveries) {
        deliveries = mqtt5_arena_alloc(&journeys->arena, sizeof *deliveries);
        memset(deliveries, 0, sizeof *deliveries);
        facts->deliveries = deliveries;
    }
    return deliveries;
}

static void note_delivery(struct mqtt5_journeys *journeys, mqtt5_facts *facts, mqtt5_copy *copy)
{
    mqtt5_deliveries *deliveries = deliveries_of(journeys, facts);

    if (deliveries->last)
        deliveries->last->next = copy;
    else
        deliveries->first = copy;
    deliveries->last = copy;
    deliveries->count++;
}

static void tell_message(mqtt5_search *s, const mqtt5_original_message *message, mqtt5_copy *copy)
{
    int64_t begin = s->event->input->begin ? s->event->input->begin : s->event->input->time;

    copy->published = message->frame;
    copy->retained = s->retained || (s->either && message->retain && s->event->input->time - message->time > MQTT5_SECOND);
    copy->publisher = message->facts->identity;
    if (!mqtt5_search_is_certain(s, message))
        copy->candidates = s->count + s->wills.count + (s->count > 1 ? s->wills.live : 0);
    else if (begin >= message->time && !copy->again)
        copy->waited = begin - message->time;
    for (unsigned i = 0; i < s->count && copy->candidates > 0; i++)
        if (s->found[i]->facts->identity != copy->publisher)
            copy->publisher = NULL;
    if (s->wills.count > 0)
        copy->publisher = NULL;
}

static void tell_will(mqtt5_search *s, mqtt5_copy *copy)
{
    copy->will = true;
    copy->published = s->wills.connect_frame;
    copy->closed = s->wills.end_frame;
    copy->publisher = s->wills.publisher;
    copy->retained = s->retained;
    if (!mqtt5_search_is_certain_will(s))
        copy->candidates = s->wills.count + s->wills.live;
}

static mqtt5_copy *tell(mqtt5_search *s, struct mqtt5_journeys *journeys)
{
    const mqtt5_original_message *message = mqtt5_search_likeliest(s);
    mqtt5_copy *copy;

    if (!message && s->wills.count + s->wills.live == 0)
        return NULL;
    copy = new_copy(journeys);
    *copy = (mqtt5_copy){.waited = -1, .frame = s->event->input->frame};
    if (message)
        tell_message(s, message, copy);
    else
        tell_will(s, copy);
    copy->again = s->dup;
    if (message && copy->candidates == 0 && !copy->again)
        note_delivery(journeys, message->facts, copy);
    return copy;
}

/* A copy that is not certain, and what came again without its first copy, may be of any message with
 * this topic and payload. */
static void learn_doubt(mqtt5_search *s, mqtt5_capture_link *link, const mqtt5_copy *copy)
{
    unsigned left = MQTT5_SEARCH_MAX;
    const mqtt5_original_message *newest;

    if (copy && copy->candidates == 0 && !s->dup)
        return;
    newest = mqtt5_originals_newest(s->originals, s->copy->hash, &left);
    if (newest || left == 0)
        mqtt5_got_doubt(link->got, newest ? mqtt5_originals_number(s->originals, newest) : UINT32_MAX);
}

/* The client has got a message. With several candidates of one stream, it has got at least the
 * oldest of them; which that is, is not known where there are too many. */
static void learn_got(mqtt5_search *s, mqtt5_capture_link *link, const mqtt5_copy *copy)
{
    mqtt5_original_message *message = s->count > 0 ? s->found[s->count - 1] : NULL;
    bool unsure;

    if (!message || s->retained || s->dup)
        return;
    mqtt5_search_likeliest(s)->shares |= mqtt5_search_share(s);
    if (s->more || !mqtt5_search_is_one_stream(s) || s->wills.count > 0) {
        mqtt5_got_guess(link->got, mqtt5_originals_number(s->originals, mqtt5_search_likeliest(s)));
        return;
    }
    unsure = s->count > 1 && !(copy && copy->candidates == 0);
    mqtt5_got_add(link->got, message, mqtt5_originals_number(s->originals, message), s->qos, mqtt5_search_due(s, message), unsure);
    if (unsure)
        mqtt5_got_guess(link->got, mqtt5_originals_number(s->originals, mqtt5_search_likeliest(s)));
    else
        mqtt5_got_passed(link->got, s->qos, message->time, s->event->input->time - message->time);
}

/* The message comes no more to the client that gets this packet. */
static void note_missed(struct mqtt5_journeys *journeys, const mqtt5_event *event, mqtt5_facts *facts)
{
    mqtt5_deliveries *deliveries = deliveries_of(journeys, facts);
    mqtt5_missed *missed = mqtt5_arena_alloc(&journeys->arena, sizeof *missed);
    mqtt5_missed *last = deliveries->last_missed ? deliveries->last_missed : missed;

    *missed = (mqtt5_missed){.subscriber = event->facts->identity, .frame = event->input->frame};
    missed->next = last->next ? last->next : missed;
    last->next = missed;
    deliveries->last_missed = missed;
    deliveries->missing++;
}

/* The server may drop what has QoS 0, and where it does, it drops a lot: the fields of each message say
 * so, the findings only of the first, the tenth, the hundredth to this client. */
static void report_dropped(mqtt5_search *s, mqtt5_capture_link *link, const mqtt5_original_message *first, unsigned count)
{
    mqtt5_delays *delays = mqtt5_capture_delays_of(link);
    char so_far[60] = "";

    if (mqtt5_is_milestone(delays->dropped, count)) {
        if (delays->dropped > 0)
            snprintf(so_far, sizeof so_far, "; with these, %u did not come to this subscriber", delays->dropped + count);
        mqtt5_report(s->event->findings, MQTT5_RULE_delivery_dropped, MQTT5_FIRST_BYTE,
                     "%u message%s with QoS 0 that the same client published to this topic earlier (the first in frame %u) did not come%s",
                     count, count == 1 ? "" : "s", first->frame, so_far);
    }
    delays->dropped += count;
}

static void report_missing(mqtt5_search *s, mqtt5_capture_link *link, const mqtt5_original_message *first, unsigned count)
{
    if (s->qos == 0)
        report_dropped(s, link, first, count);
    else
        mqtt5_report(s->event->findings, MQTT5_RULE_delivery_missing, MQTT5_FIRST_BYTE,
                     "%u message%s that the same client published to this topic earlier (the first in frame %u) did not come; "
                     "the server keeps their order",
                     count, count == 1 ? "" : "s", first->frame);
}

/* A copy that is certain shows that what was to come before it is lost. */
static void check_missing(mqtt5_search *s, struct mqtt5_journeys *journeys, mqtt5_capture_link *link, mqtt5_copy *copy)
{
    const mqtt5_original_message *missing;
    unsigned count, left = UINT32_MAX;

    if (!copy || copy->candidates > 0 || copy->will || s->count == 0 || journeys->refusals_lost)
        return;
    missing = mqtt5_missing_before(s, s->found[0], &count);
    if (!missing)
        return;
    report_missing(s, link, missing, count);
    copy->missing = count;
    missing = s->found[0];
    while (count-- > 0) {
        missing = mqtt5_originals_before(s->originals, missing, &left);
        note_missed(journeys, s->event, missing->facts);
    }
}

static void tell_again(const mqtt5_event *event, struct mqtt5_journeys *journeys, const mqtt5_capture_link *link, const mqtt5_copy *before)
{
    mqtt5_copy *copy = new_copy(journeys);

    *copy = *before;
    copy->next = NULL;
    copy->missing = 0;
    copy->frame = event->input->frame;
    copy->again = true;
    copy->waited = -1;
    /* The identifier may have been used for another message in between. */
    if (link->lost)
        copy->candidates = MAX(copy->candidates, 1);
    event->facts->copy = copy;
}

static void see_copy(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen)
{
    struct mqtt5_journeys *journeys = journeys_of(event->connection->capture);
    const mqtt5_packet *packet = event->packet;
    mqtt5_search s = {.event = event,
                      .link = link,
                      .copy = seen,
                      .originals = journeys->originals,
                      .qos = mqtt5_publish_qos(packet),
                      .retain = mqtt5_publish_retain(packet),
                      .dup = mqtt5_publish_dup(packet)};
    const mqtt5_copy *before = s.dup && link->got ? mqtt5_got_before(link->got, packet->packet_id, seen->hash) : NULL;
    mqtt5_copy *copy;

    if (before) {
        tell_again(event, journeys, link, before);
        return;
    }
    s.resent = journeys->resent_frame != 0 && mqtt5_search_waited(&s, journeys->resent_frame, journeys->resent_time) < QUEUE_PATIENCE;
    mqtt5_search_run(&s);
    copy = tell(&s, journeys);
    event->facts->copy = copy;
    link->server->unexplained |= !copy && mqtt5_search_is_unexplained(&s);
    if (!link->got)
        link->got = mqtt5_got_new();
    check_missing(&s, journeys, link, copy);
    if (copy && copy->waited >= 0 && !copy->retained && !copy->will)
        mqtt5_late_check(&s, link, mqtt5_search_likeliest(&s), copy->waited);
    learn_doubt(&s, link, copy);
    learn_got(&s, link, copy);
    if (s.qos > 0)
        mqtt5_got_sent(link->got, packet->packet_id, seen->hash, copy);
}

void mqtt5_capture_journey_resume(mqtt5_capture_link *link)
{
    mqtt5_capture_link *older = link->older;

    while (older && older->outcome == MQTT5_OUTCOME_REFUSED)
        older = older->older;
    if (!older || older->outcome != MQTT5_OUTCOME_ACCEPTED)
        return;
    link->whole_since = link->lost ? 0 : older->whole_since;
    /* A server that sends PUBLISH before CONNACK has begun another one. */
    mqtt5_got_free(link->got);
    link->got = older->got;
    older->got = NULL;
}

void mqtt5_capture_journey_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen)
{
    const mqtt5_capture *capture = event->connection->capture;

    if (mqtt5_publish_qos(event->packet) > 2) /* malformed: nobody has to take it */
        return;
    if (event->sender == MQTT5_CLIENT) {
        if (capture->memory > 0) /* without it, only copies of Wills are told */
            see_published(event, link, seen);
    } else if (capture->journeys || capture->wills) {
        see_copy(event, link, seen);
    }
}
