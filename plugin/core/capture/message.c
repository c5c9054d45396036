/* message.c
 * Messages on their way through the server: as a client published them, and as subscribers in the
 * same capture get them.
 *
 * The two are matched by topic and payload, where that pair was published just once. Only the last
 * messages are remembered, as many as fit into the memory; of a copy whose message is forgotten, or
 * was never captured, nothing is said. That messages are forgotten is said once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/message_ring.h"
#include "core/capture/parts.h"

#include <string.h>

#define RETAINED 1024
#define DELIVERED 64
/* Any client may publish a short payload (on, off, 21.5) again; a long one is less likely to be
 * repeated. */
#define TELLING_PAYLOAD 16
#define SETTLED MQTT5_SECOND
/* A copy of a payload shorter than this must come at once to be recognised: another client, unseen,
 * may have published the same. */
#define COPY_PAYLOAD_MIN 8
/* How long after CONNACK a server may send what it has queued for a session that it resumes. */
#define QUEUE_PATIENCE (10 * MQTT5_SECOND)
/* No Local: how late a message that comes back is still that of the client. */
#define LOCAL_PATIENCE (10 * MQTT5_SECOND)
#define RETAINED_PATIENCE (5 * MQTT5_SECOND)
/* A message that is captured so soon after its copy was published before it: what was captured in two
 * places was put together by clocks that differ. */
#define SKEW (MQTT5_SECOND / 20)

/* The retained message of a topic, as far as one client set it. Entries of the same place replace
 * each other. */
typedef struct {
    uint64_t topic_hash, current, previous; /* hashes of topic and payload */
    bool known, previous_known, cleared;
    const mqtt5_capture_client *client; /* for comparing only */
    uint32_t serial, frame;             /* of the current one's publisher and PUBLISH */
    uint16_t packet_id;
    int64_t time;
} retained;

struct mqtt5_messages {
    mqtt5_message_ring ring;
    retained retained[RETAINED];
};

/* The last message of one publisher, topic and QoS that a connection got. Entries of the same place
 * replace each other. */
struct mqtt5_delivered {
    struct {
        uint64_t key;
        uint32_t sequence, frame;
    } last[DELIVERED];
};

void mqtt5_capture_messages_free(struct mqtt5_messages *messages)
{
    if (!messages)
        return;
    mqtt5_message_ring_clear(&messages->ring);
    g_free(messages);
}

uint64_t mqtt5_capture_message_hash(const mqtt5_capture_link *link, const uint8_t *topic, uint32_t topic_length, const uint8_t *payload,
                                    uint32_t payload_length, uint64_t *topic_hash)
{
    /* Begun with secret bits, so that nobody can choose messages that collide. */
    *topic_hash = mqtt5_capture_hash(topic, topic_length, link->server->key.a);
    return mqtt5_capture_hash(payload, payload_length, *topic_hash);
}

mqtt5_capture_message mqtt5_capture_message_of(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_capture_message found = {.readable = false};

    if (packet->status != MQTT5_DECODED)
        return found;
    if (event->topic_known) {
        found.topic = event->topic;
        found.topic_length = event->topic_length;
    } else {
        found.topic = mqtt5_bytes(packet, packet->topic);
        found.topic_length = packet->topic.length;
    }
    found.readable = found.topic_length > 0;
    if (found.readable)
        found.hash = mqtt5_capture_message_hash(link, found.topic, found.topic_length, mqtt5_bytes(packet, packet->payload),
                                                packet->payload.length, &found.topic_hash);
    return found;
}

/* --- Retained messages --- */

static retained *retained_at(struct mqtt5_messages *messages, uint64_t topic_hash)
{
    return &messages->retained[topic_hash % RETAINED];
}

static void learn_retained(const mqtt5_event *event, struct mqtt5_messages *messages, mqtt5_capture_link *link,
                           const mqtt5_capture_message *published, uint32_t payload_length)
{
    retained *entry = retained_at(messages, published->topic_hash);
    const mqtt5_message *before = entry->known ? mqtt5_message_find(&messages->ring, entry->current) : NULL;
    bool same_source = entry->known && entry->topic_hash == published->topic_hash && link->client && entry->client == link->client;
    /* With QoS 0 the message itself may be lost; and what was published more than once may be
     * published again by any client. */
    bool replaces = same_source && mqtt5_publish_qos(event->packet) > 0 && before && !before->ambiguous && before->published;

    link->retains = true;
    if (same_source && entry->current == published->hash)
        return;
    entry->previous_known = replaces;
    entry->previous = entry->current;
    entry->topic_hash = published->topic_hash;
    entry->current = published->hash;
    entry->known = payload_length >= TELLING_PAYLOAD || payload_length == 0;
    entry->cleared = payload_length == 0;
    entry->client = link->client;
    entry->serial = link->serial;
    entry->packet_id = event->packet->packet_id;
    entry->frame = event->input->frame;
    entry->time = event->input->time;
}

void mqtt5_capture_message_refused(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    struct mqtt5_messages *messages = event->connection->capture->messages;

    if (!messages || !link->retains)
        return;
    for (unsigned i = 0; i < RETAINED; i++)
        if (messages->retained[i].known && messages->retained[i].serial == link->serial &&
            messages->retained[i].packet_id == event->packet->packet_id)
            messages->retained[i].known = messages->retained[i].previous_known = false;
}

int64_t mqtt5_capture_retained_time(const mqtt5_capture *capture, uint64_t topic_hash)
{
    const retained *entry = capture->messages ? retained_at(capture->messages, topic_hash) : NULL;

    return entry && entry->topic_hash == topic_hash ? entry->time : INT64_MIN;
}

/* A message with RETAIN 1 to subscriptions that get RETAIN 1 only because they are new. */
static void check_retained(const mqtt5_event *event, struct mqtt5_messages *messages, const mqtt5_capture_message *copy,
                           const mqtt5_capture_server *server, const mqtt5_capture_match *match)
{
    const retained *entry = retained_at(messages, copy->topic_hash);

    if (event->packet->payload.length == 0) {
        mqtt5_report(event->findings, MQTT5_RULE_retained_empty, MQTT5_FIRST_BYTE,
                     "RETAIN is 1 and the payload is empty; a server does not store such a message, "
                     "and no subscription of this client has Retain As Published");
        return;
    }
    /* Somebody unseen may have set it back. */
    if (entry->frame <= server->unseen_frame || mqtt5_capture_will_possible(event->connection->capture, copy->hash))
        return;
    if (!entry->known || !entry->previous_known || entry->topic_hash != copy->topic_hash || copy->hash != entry->previous ||
        copy->hash == entry->current || match->first_frame < entry->frame || match->first_time - entry->time < RETAINED_PATIENCE)
        return;
    if (entry->cleared)
        mqtt5_report_by(event->findings, MQTT5_RULE_retained_outdated, MQTT5_CLAUSES("MQTT-3.3.1-6", "MQTT-3.3.1-10", MQTT5_SAME),
                        MQTT5_FIRST_BYTE, "this retained message was cleared by the empty PUBLISH in frame %u, %.1f s ago; it must be gone",
                        entry->frame, mqtt5_seconds(event->input->time - entry->time));
    else
        mqtt5_report(event->findings, MQTT5_RULE_retained_outdated, MQTT5_FIRST_BYTE,
                     "this retained message was replaced by the one in frame %u, %.1f s ago; "
                     "a new subscription gets the latest one",
                     entry->frame, mqtt5_seconds(event->input->time - entry->time));
}

/* True if the link was there when the message was published, and has been since. */
static bool is_here_since(const mqtt5_capture_link *link, const mqtt5_message *original)
{
    return link->outcome == MQTT5_OUTCOME_ACCEPTED && link->subscriptions_known && !link->lost && !link->ended &&
           link->taken_over_frame == 0 && link->connack_frame < original->frame;
}

/* True if the first client that got the message had a subscription for which it has got what was retained before: so
 * nobody, unseen, had it retained before. Who does so later publishes it, and it comes there again. */
static bool has_witness(const mqtt5_capture *capture, const mqtt5_capture_link *link, const mqtt5_capture_message *copy,
                        const mqtt5_message *original, int64_t now)
{
    GHashTableIter clients;
    gpointer client;

    g_hash_table_iter_init(&clients, capture->clients);
    while (g_hash_table_iter_next(&clients, &client, NULL)) {
        const mqtt5_capture_link *other = ((const mqtt5_capture_client *)client)->newest;
        mqtt5_capture_match match;

        if (!other || other == link || other->server != link->server || other->serial != original->first_to ||
            !is_here_since(other, original))
            continue;
        match = mqtt5_capture_subscriptions_match(other, copy->topic, copy->topic_length, now);
        if (match.count == 1 && match.certain && match.get_stored && match.last_granted < original->frame)
            return true;
    }
    return false;
}

/* A retained message is sent to subscriptions that are newer than the only message with this topic and text, which was not
 * to be retained. */
static MQTT5_SELDOM void check_unasked(const mqtt5_event *event, const struct mqtt5_messages *messages, const mqtt5_capture_link *link,
                                       const mqtt5_capture_message *copy, mqtt5_message *original, const mqtt5_capture_match *match)
{
    const mqtt5_capture *capture = event->connection->capture;

    if (original->repeated || original->unwitnessed || event->packet->payload.length < TELLING_PAYLOAD || messages->ring.full ||
        match->first_frame <= original->frame || match->first_time - original->time < RETAINED_PATIENCE)
        return;
    if (!has_witness(capture, link, copy, original, event->input->time)) {
        /* All clients are looked through for it once, not for each that subscribes. */
        original->unwitnessed = original->first_to != link->serial;
        return;
    }
    mqtt5_report(event->findings, MQTT5_RULE_retained_unasked, MQTT5_FIRST_BYTE,
                 "RETAIN is 1 for a new subscription, but the message was published with RETAIN 0 in frame %u, %.1f s before; "
                 "the server must not store it",
                 original->frame, mqtt5_seconds(event->input->time - original->time));
    original->ambiguous = true; /* others may get it, too: one fault, one finding */
}

/* --- Copies --- */

/* RETAIN of a copy that is sent to subscriptions older than the message [MQTT-3.3.1-12],
 * [MQTT-3.3.1-13]. True if it is wrong. */
static bool check_forwarded_retain(const mqtt5_event *event, const mqtt5_message *original, const mqtt5_capture_match *match)
{
    bool v5 = event->connection->version >= MQTT5_VERSION_5, as_published = v5 && match->retain_as_published;
    bool expected = as_published && original->retain, is = mqtt5_publish_retain(event->packet);

    if (is == expected)
        return false;
    mqtt5_report_by(event->findings, MQTT5_RULE_forward_retain_changed, MQTT5_CLAUSE(as_published ? "MQTT-3.3.1-13" : NULL),
                    MQTT5_FIRST_BYTE,
                    "RETAIN is %d, but must be %d: the message was published in frame %u with RETAIN %d, "
                    "for a subscription that existed%s",
                    is, expected, original->frame, original->retain,
                    !v5            ? ""
                    : as_published ? " with Retain As Published 1"
                                   : " with Retain As Published 0");
    return true;
}

static void check_forwarded_qos(const mqtt5_event *event, const mqtt5_message *original, const mqtt5_capture_match *match)
{
    unsigned expected = MIN(original->qos, match->granted), is = mqtt5_publish_qos(event->packet);

    /* One fault, one finding. */
    if (mqtt5_findings_has(event->findings, MQTT5_RULE_delivery_qos_above_granted))
        return;
    if (is > original->qos && is <= 2)
        mqtt5_report(event->findings, MQTT5_RULE_forward_qos_raised, MQTT5_FIRST_BYTE,
                     "QoS is %u, but the message was published with QoS %u in frame %u; it must not be delivered with more", is,
                     original->qos, original->frame);
    else if (match->same_granted && is < expected)
        mqtt5_report(event->findings, MQTT5_RULE_forward_qos_lowered, MQTT5_FIRST_BYTE,
                     "QoS is %u, but the message was published with QoS %u in frame %u, "
                     "and the subscription has QoS %u: it must be %u",
                     is, original->qos, original->frame, match->granted, expected);
}

/* Messages of one client, topic and QoS come in the order in which they were published
 * [MQTT-4.6.0-5]. */
static void check_order(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *copy,
                        const mqtt5_message *original)
{
    uint64_t key =
        copy->topic_hash + original->publisher * UINT64_C(0x9E3779B97F4A7C15) + original->qos * 4 + mqtt5_publish_qos(event->packet);
    unsigned place = (unsigned)((key ^ key >> 32) % DELIVERED);

    if (!link->delivered)
        link->delivered = g_new0(struct mqtt5_delivered, 1);
    if (link->delivered->last[place].key == key && link->delivered->last[place].sequence > original->sequence) {
        mqtt5_report(event->findings, MQTT5_RULE_forward_order, MQTT5_FIRST_BYTE,
                     "published in frame %u, but delivered after a message that the same client published later to this topic, in frame %u",
                     original->frame, link->delivered->last[place].frame);
        return;
    }
    link->delivered->last[place].key = key;
    link->delivered->last[place].sequence = original->sequence;
    link->delivered->last[place].frame = original->frame;
}

/* True if the copy may be of another message with this topic and payload, one that the capture does
 * not show: a Will, or a publication of a client that is not captured, or not wholly. */
static bool may_be_of_another(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *copy,
                              const mqtt5_message *original)
{
    return original->frame <= link->server->unseen_frame || link->server->unheard > 0 || link->server->disordered ||
           (original->delivered_to >> link->serial % 64 & 1) ||
           (event->packet->payload.length < COPY_PAYLOAD_MIN && event->input->time - original->time > SETTLED) ||
           mqtt5_capture_will_possible(event->connection->capture, copy->hash);
}

/* A client's own message comes back, although all its filters that match have No Local. */
static void check_local(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_message *original,
                        const mqtt5_capture_match *match)
{
    if (original->publisher != link->serial || !match->no_local || match->last_granted >= original->frame ||
        event->packet->payload.length < COPY_PAYLOAD_MIN || event->input->time - original->time > LOCAL_PATIENCE)
        return;
    mqtt5_report(event->findings, MQTT5_RULE_delivery_local, event->packet->topic,
                 "the same message as that of the client in frame %u, although all its filters that match have No Local 1; "
                 "unless another client sent it too, it should not be delivered",
                 original->frame);
}

/* True if nothing that was published before `original` can still be on its way to the link: it has
 * a subscription of this capture, or has had time to get what was queued. */
static bool has_no_older(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_message *original, bool known,
                         const mqtt5_capture_match *match)
{
    if (known)
        return mqtt5_publish_retain(event->packet) || match->first_frame < original->frame;
    return (!mqtt5_publish_retain(event->packet) && event->packet->payload.length >= TELLING_PAYLOAD &&
            link->outcome == MQTT5_OUTCOME_ACCEPTED && original->time - link->connack_time > QUEUE_PATIENCE);
}

/* How long the message has waited, at the least: while the capture held no frame at all, the clock
 * may have been set. Not so if it rested until a client came for it, as a retained message does. */
static int64_t waited_since(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_message *original)
{
    return mqtt5_pauses_passed(event->input->pauses, MAX(original->frame, link->connect_frame), original->time, event->input->time);
}

/* True if all the subscriptions are older than what happened then, by the clock, which may have been
 * set, and by the order of the frames. */
static bool is_older(const mqtt5_capture_match *match, uint32_t frame, int64_t time)
{
    return match->last_granted < frame && match->last_time < time - SETTLED;
}

static void check_properties(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_message_ring *ring,
                             const mqtt5_message *original)
{
    const uint8_t *properties = mqtt5_message_properties(ring, original);

    if (properties && event->connection->version >= MQTT5_VERSION_5 && event->packet->properties.sound)
        mqtt5_capture_compare_properties(event, &(mqtt5_capture_original){properties, original->properties_length, original->frame,
                                                                          waited_since(event, link, original), false});
}

/* A copy of a message that was published once. */
static void check_copy(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *copy,
                       const mqtt5_message_ring *ring, const mqtt5_message *original, bool known, const mqtt5_capture_match *match)
{
    bool settled = known && is_older(match, original->frame, original->time);

    if (event->input->time < original->time || !has_no_older(event, link, original, known, match))
        return;
    if (known)
        check_local(event, link, original, match);
    /* One fault, one finding: the connection alone may have shown it. */
    if (mqtt5_findings_has(event->findings, MQTT5_RULE_delivery_retain_unexpected))
        return;
    if (settled && match->same_retain_as_published && !link->bridge && check_forwarded_retain(event, original, match))
        return;
    /* It may be an older retained message with the same text. */
    if (mqtt5_publish_retain(event->packet) && !(original->retain && (settled || match->first_time > original->time + SETTLED)))
        return;
    if (settled)
        check_forwarded_qos(event, original, match);
    if (settled && match->count == 1 && !mqtt5_publish_retain(event->packet))
        check_order(event, link, copy, original);
    check_properties(event, link, ring, original);
}

/* --- In order --- */

static void see_published(const mqtt5_event *event, struct mqtt5_messages *messages, mqtt5_capture_link *link,
                          const mqtt5_capture_message *published, uint32_t payload_length)
{
    mqtt5_message *known = mqtt5_message_find(&messages->ring, published->hash);

    if (mqtt5_publish_retain(event->packet))
        learn_retained(event, messages, link, published, payload_length);
    if (known) {
        if (!known->published && event->input->time - known->time < SKEW && event->input->time >= known->time)
            link->server->disordered = true;
        known->ambiguous = known->published = true;
        return;
    }
    known = mqtt5_message_remember(&messages->ring, published->hash, event, link);
    known->published = true;
    known->retain = mqtt5_publish_retain(event->packet);
    known->qos = (uint8_t)mqtt5_publish_qos(event->packet);
    known->version = event->connection->version;
    mqtt5_message_keep_properties(&messages->ring, event, known);
}

static void see_copy(const mqtt5_event *event, struct mqtt5_messages *messages, mqtt5_capture_link *link, const mqtt5_capture_message *copy)
{
    mqtt5_message *original = mqtt5_message_find(&messages->ring, copy->hash);
    bool retain = mqtt5_publish_retain(event->packet), dup = mqtt5_publish_dup(event->packet);
    bool compared = original && !original->ambiguous && !dup && !may_be_of_another(event, link, copy, original), known;
    mqtt5_capture_match match = {0};

    if (event->connection->capture->wills)
        mqtt5_capture_will_copy(event, link, copy, link->server->blind || (original && original->published));
    if (original) {
        original->repeated |= !dup && (original->delivered_to >> link->serial % 64 & 1);
        original->delivered_to |= UINT64_C(1) << link->serial % 64;
        if (original->first_to == 0)
            original->first_to = link->serial;
    } else {
        mqtt5_message_remember(&messages->ring, copy->hash, event, link)->ambiguous = true;
    }
    if (!compared && !retain)
        return;
    if (link->subscriptions_known && !link->lost)
        match = mqtt5_capture_subscriptions_match(link, copy->topic, copy->topic_length, event->input->time);
    known = match.count > 0 && match.certain;
    /* A server may send retained messages before the SUBACK (3.8.4). */
    if (retain && !dup && match.count > 0 && match.granted_or_asked && !link->bridge && match.same_retain_as_published &&
        !match.retain_as_published) {
        check_retained(event, messages, copy, link->server, &match);
        if (compared && original->published && !original->retain)
            check_unasked(event, messages, link, copy, original, &match);
    }
    if (compared)
        check_copy(event, link, copy, &messages->ring, original, known, &match);
}

void mqtt5_capture_message_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen)
{
    mqtt5_capture *capture = event->connection->capture;

    if (!capture->messages)
        capture->messages = g_new0(struct mqtt5_messages, 1);
    if (!seen->readable) {
        if (event->sender == MQTT5_CLIENT) {
            link->server->blind = true;
            link->server->unseen_frame = event->input->frame;
        } else {
            link->lost = true; /* it may have been anything that this client waits for */
        }
        return;
    }
    if (event->sender == MQTT5_CLIENT)
        see_published(event, capture->messages, link, seen, event->packet->payload.length);
    else
        see_copy(event, capture->messages, link, seen);
}
