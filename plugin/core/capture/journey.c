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

#include "core/capture/got.h"
#include "core/capture/original.h"
#include "core/capture/parts.h"

#include <string.h>

#define LOOKED_AT 64 /* messages with the same topic and payload */
#define POOL 256
#define SETTLED MQTT5_SECOND
/* Anybody may publish a payload shorter than this: a copy of it must come at once to be
 * recognised. */
#define SHORT_PAYLOAD 24
/* How long after a client has sent a message again the server may deliver it again. */
#define QUEUE_PATIENCE (10 * MQTT5_SECOND)
/* How exactly the order of a SUBSCRIBE and a message of another connection is known. */
#define ORDER_SLACK (MQTT5_SECOND / 10)

struct mqtt5_journeys {
    mqtt5_originals *originals;
    mqtt5_arena arena; /* the copies and deliveries that facts point to */
    mqtt5_copy *copies;
    int64_t resent_time;  /* when a client last sent something again */
    unsigned copies_left; /* of `copies` */
};

/* A copy, and the messages that it may be of. */
typedef struct {
    const mqtt5_event *event;
    const mqtt5_capture_link *link;
    const mqtt5_capture_message *copy;
    mqtt5_originals *originals;
    unsigned qos;
    bool retain, dup;
    bool resent; /* a client has lately sent something again */
    uint32_t properties;
    bool matched;              /* `match` is set */
    mqtt5_capture_match match; /* the subscriptions of the client */
    mqtt5_original_message *found[LOOKED_AT];
    unsigned count;
    unsigned seen; /* messages with this topic and payload, those that are ruled out, too */
    bool more;     /* there were too many to look at */
    bool retained; /* those found are retained messages, for a new subscription */
    bool either;   /* it is not known whether the copy is of a retained message */
    mqtt5_capture_will_source wills;
} search;

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

/* A hash of what a server forwards unaltered, and publishers set to tell their messages apart
 * [MQTT-3.3.2-16], [MQTT-3.3.2-17]; 0: there is none. */
static uint32_t hash_properties(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    const mqtt5_property_list *list = &packet->properties;
    uint32_t offset = list->block.offset;
    mqtt5_property property;
    uint64_t hash = 0, correlation = 0;

    if (event->connection->version < MQTT5_VERSION_5 || !list->sound ||
        !(mqtt5_property_has(list, MQTT5_USER_PROPERTY) || mqtt5_property_has(list, MQTT5_CORRELATION_DATA)))
        return 0;
    /* Correlation Data may stand anywhere among the User Properties, so it counts for itself. */
    while (mqtt5_property_next(packet, list, &offset, &property)) {
        if (property.id == MQTT5_USER_PROPERTY)
            hash = mqtt5_capture_hash(packet->data + property.offset, property.length, hash);
        else if (property.id == MQTT5_CORRELATION_DATA)
            correlation = mqtt5_capture_hash(packet->data + property.offset, property.length, 1);
    }
    hash += correlation;
    return (uint32_t)(hash ^ hash >> 32) | 1;
}

/* --- Published --- */

/* The message of the client that this PUBLISH with DUP sends again; NULL: none is known. */
static mqtt5_original_message *sent_before(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *message,
                                           mqtt5_originals *originals)
{
    unsigned left = LOOKED_AT;

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
    mqtt5_originals *originals = journeys_of(event->connection->capture)->originals;
    const mqtt5_packet *packet = event->packet;
    mqtt5_original_message *before = mqtt5_publish_dup(packet) ? sent_before(event, link, message, originals) : NULL;

    if (before) {
        before->resent += before->resent < UINT8_MAX;
        journeys_of(event->connection->capture)->resent_time = event->input->time;
        return;
    }
    mqtt5_originals_add(originals, &(mqtt5_original_message){.hash = message->hash,
                                                             .facts = event->facts,
                                                             .time = event->input->time,
                                                             .frame = event->input->frame,
                                                             .publisher = link->serial,
                                                             .topic = (uint32_t)(message->topic_hash >> 32),
                                                             .properties = hash_properties(event),
                                                             .packet_id = packet->packet_id,
                                                             .qos = (uint8_t)mqtt5_publish_qos(packet),
                                                             .retain = mqtt5_publish_retain(packet),
                                                             .v5 = event->connection->version >= MQTT5_VERSION_5});
}

void mqtt5_capture_journey_refused(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    const struct mqtt5_journeys *journeys = event->connection->capture->journeys;
    mqtt5_original_message *message;

    if (!journeys || event->refused.frame == 0)
        return;
    message = mqtt5_originals_published(journeys->originals, link->serial, event->refused.frame, event->packet->packet_id);
    if (message)
        message->refused = true;
}

/* --- What a copy may be of --- */

static const mqtt5_capture_match *match_of(search *s)
{
    if (!s->matched && s->link->subscriptions_known && !s->link->lost)
        s->match = mqtt5_capture_subscriptions_match(s->link, s->copy->topic, s->copy->topic_length, s->event->input->time);
    s->matched = true;
    return &s->match;
}

/* True if the subscriptions of the client that match are all known. */
static bool is_known(search *s)
{
    return match_of(s)->count > 0 && s->match.certain;
}

/* True if the copy cannot be of this message, whatever others there are. */
static bool is_impossible(const search *s, const mqtt5_original_message *message)
{
    return message->refused || message->qos < s->qos || (s->retained && !message->retain);
}

/* True if this or a later message of its stream has come to the client already, and no further copy
 * of this one is due. */
static bool has_come(search *s, const mqtt5_original_message *message)
{
    const mqtt5_got_stream *stream = s->link->got ? mqtt5_got_find(s->link->got, message, s->qos) : NULL;
    uint32_t number;

    if (!stream || s->dup || s->retained)
        return false;
    number = mqtt5_originals_number(s->originals, message);
    if (message->resent && s->resent)
        return false;
    if (number != stream->number)
        return number < stream->number;
    return is_known(s) && stream->copies >= s->match.count * (1u + message->resent);
}

static bool is_too_old(search *s, const mqtt5_original_message *message)
{
    if (s->retained || s->event->input->time - message->time <= SETTLED)
        return false;
    return is_known(s) && message->time < s->match.first_time - ORDER_SLACK;
}

static void find_candidates(search *s)
{
    unsigned left = LOOKED_AT;

    for (mqtt5_original_message *one = mqtt5_originals_newest(s->originals, s->copy->hash, &left); one;
         one = mqtt5_originals_older(s->originals, one, &left)) {
        s->seen++;
        if (is_impossible(s, one) || has_come(s, one) || is_too_old(s, one))
            continue;
        s->found[s->count++] = one;
        /* What was retained earlier was replaced by this. */
        if (s->retained && is_known(s) && one->time < s->match.last_time - ORDER_SLACK)
            break;
    }
    s->more = left == 0;
}

typedef bool (*criterion)(search *s, const mqtt5_original_message *message);

/* Keeps the candidates that meet the criterion, unless none does. */
static void narrow(search *s, criterion meets)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < s->count; i++)
        kept += meets(s, s->found[i]);
    if (kept == 0 || kept == s->count)
        return;
    kept = 0;
    for (unsigned i = 0; i < s->count; i++)
        if (meets(s, s->found[i]))
            s->found[kept++] = s->found[i];
    s->count = kept;
}

static bool has_same_properties(search *s, const mqtt5_original_message *message)
{
    return !message->v5 || s->event->connection->version < MQTT5_VERSION_5 || message->properties == s->properties;
}

static bool has_right_qos(search *s, const mqtt5_original_message *message)
{
    return !is_known(s) || !s->match.same_granted || MIN(message->qos, s->match.granted) == s->qos;
}

static bool is_not_local(search *s, const mqtt5_original_message *message)
{
    return !is_known(s) || !s->match.no_local || message->publisher != s->link->serial;
}

static bool has_right_retain(search *s, const mqtt5_original_message *message)
{
    return s->retained || !is_known(s) || !s->match.same_retain_as_published ||
           s->retain == (s->match.retain_as_published && message->retain);
}

/* Whether RETAIN says that the client gets what was retained before it subscribed. */
static void read_retain(search *s)
{
    if (!s->retain || s->link->bridge)
        return;
    if (s->event->connection->version < MQTT5_VERSION_5 ||
        (is_known(s) && !s->match.retain_as_published && s->match.same_retain_as_published))
        s->retained = true;
    else
        s->either = !is_known(s) || s->event->input->time - s->match.last_time < SETTLED;
}

/* --- How sure it is --- */

/* True if the capture may lack the message that the copy is of. */
static bool may_be_unseen(search *s, const mqtt5_original_message *message)
{
    int64_t waited = s->event->input->time - message->time;

    return s->more || s->wills.more || !has_same_properties(s, message) || s->link->server->blind ||
           message->time <= s->link->server->unseen_time || waited < 0 ||
           ((s->event->packet->payload.length < SHORT_PAYLOAD || s->seen > 1) && waited > SETTLED && (!s->retained || s->either));
}

static bool is_one_stream(const search *s)
{
    for (unsigned i = 1; i < s->count; i++)
        if (s->found[i]->publisher != s->found[0]->publisher || s->found[i]->qos != s->found[0]->qos)
            return false;
    return s->count > 0;
}

/* True if the server must deliver the oldest of the candidates before the others: with QoS 1 and 2
 * nothing is left out, and the order stays [MQTT-4.6.0-5]. */
static bool must_come_first(search *s)
{
    const mqtt5_original_message *oldest = s->count > 0 ? s->found[s->count - 1] : NULL;

    return oldest && s->qos > 0 && !s->retained && !s->either && !s->dup && s->wills.count + s->wills.live == 0 && is_one_stream(s) &&
           !s->resent && is_known(s) && s->match.count == 1 && s->match.last_time < oldest->time - ORDER_SLACK;
}

/* True if the client has got, or probably got, a copy of this. */
static bool has_probably_come(const search *s, const mqtt5_original_message *message)
{
    const mqtt5_got *got = s->link->got;
    const mqtt5_got_stream *stream = got ? mqtt5_got_find(got, message, s->qos) : NULL;
    uint32_t number = mqtt5_originals_number(s->originals, message);

    return got && ((stream && stream->number >= number) || mqtt5_got_is_guess(got, number));
}

/* Of the messages that are possible, the one that is told of. They come in their order, and soon,
 * unless they were queued for a client that was away; of what was retained, the latest. */
static mqtt5_original_message *likeliest(search *s)
{
    bool queued = s->link->connack_time > s->event->input->time - SETTLED && !s->link->subscriptions_known;
    int64_t since = queued ? INT64_MIN : MAX(s->event->input->time - SETTLED, s->match.first_time);
    mqtt5_original_message *best = NULL;
    unsigned best_rank = 0;

    if (s->retained || s->count <= 1)
        return s->count > 0 ? s->found[0] : NULL;
    if (must_come_first(s))
        return s->found[s->count - 1];
    for (unsigned i = s->count; i-- > 0;) {
        unsigned rank = 1 + (s->found[i]->time >= since) * 2u + !has_probably_come(s, s->found[i]);

        if (rank > best_rank) {
            best_rank = rank;
            best = s->found[i];
        }
    }
    return best;
}

static void note_delivery(struct mqtt5_journeys *journeys, mqtt5_facts *facts, mqtt5_copy *copy)
{
    mqtt5_deliveries *deliveries = (mqtt5_deliveries *)facts->deliveries;

    if (!deliveries) {
        deliveries = mqtt5_arena_alloc(&journeys->arena, sizeof *deliveries);
        memset(deliveries, 0, sizeof *deliveries);
        facts->deliveries = deliveries;
    }
    if (deliveries->last)
        deliveries->last->next = copy;
    else
        deliveries->first = copy;
    deliveries->last = copy;
    deliveries->count++;
}

static void tell_message(search *s, const mqtt5_original_message *message, mqtt5_copy *copy)
{
    int64_t begin = s->event->input->begin ? s->event->input->begin : s->event->input->time;
    unsigned candidates = s->count + s->wills.count + (s->count > 1 ? s->wills.live : 0);

    copy->published = message->frame;
    copy->retained = s->retained || (s->either && message->retain && s->event->input->time - message->time > SETTLED);
    copy->publisher = message->facts->identity;
    if ((candidates > 1 && !must_come_first(s)) || may_be_unseen(s, message))
        copy->candidates = candidates;
    else if (begin >= message->time && !copy->again)
        copy->waited = begin - message->time;
    for (unsigned i = 0; i < s->count && copy->candidates > 0; i++)
        if (s->found[i]->facts->identity != copy->publisher)
            copy->publisher = NULL;
    if (s->wills.count > 0)
        copy->publisher = NULL;
}

static void tell_will(search *s, mqtt5_copy *copy)
{
    copy->will = true;
    copy->published = s->wills.connect_frame;
    copy->closed = s->wills.end_frame;
    copy->publisher = s->wills.publisher;
    copy->retained = s->retained;
    if (s->wills.count != 1 || s->wills.live > 0 || s->wills.more || s->link->server->blind)
        copy->candidates = s->wills.count + s->wills.live;
}

static mqtt5_copy *tell(search *s, struct mqtt5_journeys *journeys)
{
    const mqtt5_original_message *message = likeliest(s);
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

/* The client has got a message. With several candidates of one stream, it has got at least the
 * oldest of them. */
static void learn_got(search *s, mqtt5_capture_link *link)
{
    mqtt5_original_message *message = s->count > 0 ? s->found[s->count - 1] : NULL;

    if (!message || s->retained || s->dup)
        return;
    if (!is_one_stream(s) || s->wills.count > 0) {
        mqtt5_got_guess(link->got, mqtt5_originals_number(s->originals, likeliest(s)));
        return;
    }
    mqtt5_got_add(link->got, message, mqtt5_originals_number(s->originals, message), s->qos);
}

static void tell_again(const mqtt5_event *event, struct mqtt5_journeys *journeys, const mqtt5_copy *before)
{
    mqtt5_copy *copy = new_copy(journeys);

    *copy = *before;
    copy->next = NULL;
    copy->frame = event->input->frame;
    copy->again = true;
    copy->waited = -1;
    event->facts->copy = copy;
}

static void see_copy(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen)
{
    struct mqtt5_journeys *journeys = journeys_of(event->connection->capture);
    const mqtt5_packet *packet = event->packet;
    search s = {.event = event,
                .link = link,
                .copy = seen,
                .originals = journeys->originals,
                .qos = mqtt5_publish_qos(packet),
                .retain = mqtt5_publish_retain(packet),
                .dup = mqtt5_publish_dup(packet),
                .resent = event->input->time - journeys->resent_time < QUEUE_PATIENCE};
    const mqtt5_copy *before = s.dup && link->got ? mqtt5_got_before(link->got, packet->packet_id, seen->hash) : NULL;
    mqtt5_copy *copy;

    if (before) {
        tell_again(event, journeys, before);
        return;
    }
    read_retain(&s);
    if (event->connection->capture->wills)
        s.wills = mqtt5_capture_will_find(event->connection->capture, seen->hash);
    find_candidates(&s);
    if (s.count == 0 && s.either) {
        s.retained = true;
        find_candidates(&s);
    }
    s.properties = hash_properties(event);
    if (s.count > 1) {
        narrow(&s, has_same_properties);
        narrow(&s, has_right_qos);
        narrow(&s, is_not_local);
        narrow(&s, has_right_retain);
    }
    copy = tell(&s, journeys);
    event->facts->copy = copy;
    if (!link->got)
        link->got = mqtt5_got_new();
    learn_got(&s, link);
    if (s.qos > 0)
        mqtt5_got_sent(link->got, packet->packet_id, seen->hash, copy);
}

void mqtt5_capture_journey_resume(mqtt5_capture_link *link, mqtt5_capture_link *older)
{
    if (link->got)
        return;
    link->got = older->got;
    older->got = NULL;
}

void mqtt5_capture_journey_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen)
{
    if (event->sender == MQTT5_CLIENT)
        see_published(event, link, seen);
    else if (event->connection->capture->journeys || event->connection->capture->wills)
        see_copy(event, link, seen);
}
