/* again.c
 * Ends that repeat. Once may be chance; where one connection of a client after the other ends right
 * after the same packet, it is that packet. It only suspects why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/again.h"

#include <string.h>

#include "core/capture/parts.h"
#include "core/session/evidence.h"

/* A close within this time after a packet may be about it. */
#define RIGHT_AFTER (5 * MQTT5_SECOND)
#define TOPIC_BYTES 64

/* The last packet of a side that is about a topic. */
typedef struct mqtt5_last_word {
    uint32_t frame;
    uint32_t length; /* of the topic */
    uint32_t room;   /* of `topic` */
    uint8_t topic[]; /* its first TOPIC_BYTES at most */
} word;

/* Notes the topic. A longer one than before takes more room in the arena of the connection, which
 * ends at TOPIC_BYTES. */
static void note(mqtt5_connection *connection, word **last, uint32_t frame, const uint8_t *topic, uint32_t length)
{
    uint32_t kept = MIN(length, TOPIC_BYTES);

    if (!*last || (*last)->room < kept) {
        uint32_t room = *last ? TOPIC_BYTES : (kept + 7) / 8 * 8;

        *last = mqtt5_arena_alloc(&connection->arena, sizeof **last + room);
        (*last)->room = room;
    }
    (*last)->frame = frame;
    (*last)->length = length;
    memcpy((*last)->topic, topic, kept);
}

/* The first Topic Filter of the packet; false if it cannot be read. */
static bool first_filter(const mqtt5_packet *packet, const uint8_t **topic, uint32_t *length)
{
    uint32_t offset = packet->payload.offset;
    mqtt5_topic_filter filter;

    if (packet->status != MQTT5_DECODED || !(packet->has & MQTT5_HAS_PAYLOAD) || !mqtt5_topic_filter_next(packet, &offset, &filter))
        return false;
    *topic = mqtt5_bytes(packet, filter.filter);
    *length = filter.filter.length;
    return true;
}

void mqtt5_again_see(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    const uint8_t *topic = event->topic;
    uint32_t length = event->topic_length;

    if (event->packet->type == MQTT5_PUBLISH ? !event->topic_known
                                             : (event->packet->type != MQTT5_SUBSCRIBE && event->packet->type != MQTT5_UNSUBSCRIBE) ||
                                                   !first_filter(event->packet, &topic, &length))
        return;
    note(connection, &connection->last_words[event->sender - 1], event->input->frame, topic, length);
}

/* What the other side has said right before the close; NULL if that is not certain, or is about no
 * topic. */
static const word *last_word(const mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;
    const mqtt5_side *own = &connection->sides[closing->sender - 1], *peer = &connection->sides[mqtt5_peer_of(closing->sender) - 1];
    const word *last = connection->last_words[mqtt5_peer_of(closing->sender) - 1];

    if (!last || last->frame != peer->last_frame || own->last_frame >= last->frame || connection->phase != MQTT5_PHASE_CONNECTED ||
        closing->close->time - peer->last_time > RIGHT_AFTER || !mqtt5_evidence_both_complete(connection))
        return NULL;
    return last;
}

/* The end of the connection that the client had before, if that is like this one. */
static const mqtt5_capture_ending *previous(const mqtt5_capture_link *link, const mqtt5_capture_ending *ending)
{
    const mqtt5_capture_link *older = link->older;

    if (!older || !mqtt5_capture_same_user(link, older) || older->ending.count == 0 || older->ending.type != ending->type ||
        older->ending.by_server != ending->by_server || older->ending.topic != ending->topic)
        return NULL;
    return &older->ending;
}

/* What the server may have against the packet of the client. */
static void add_reason(const mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;
    mqtt5_cause *cause = &closing->findings->cause;

    mqtt5_cause_add(cause, ": the client is probably not authorized for it, or the server fails on it; ");
    if (connection->version >= MQTT5_VERSION_5)
        mqtt5_cause_add(cause, "in MQTT 5 it could have said why" MQTT5_SUSPECTED);
    else
        mqtt5_cause_add(cause, "%s has no code that says so" MQTT5_SUSPECTED, mqtt5_version_name(connection->version));
}

bool mqtt5_cause_of_repetition(const mqtt5_closing *closing, const char *head)
{
    mqtt5_capture_link *link = closing->connection->link;
    const word *last = last_word(closing);
    const mqtt5_capture_ending *before;
    mqtt5_capture_ending ending = {.by_server = closing->sender == MQTT5_SERVER, .count = 1, .first_frame = closing->close->frame};
    mqtt5_cause *cause = &closing->findings->cause;
    char quoted[80];

    if (!last || !link || !link->client)
        return false;
    ending.type = closing->connection->sides[mqtt5_peer_of(closing->sender) - 1].last_type;
    ending.topic = mqtt5_capture_hash(last->topic, MIN(last->length, TOPIC_BYTES), link->server->key.a ^ last->length);
    before = previous(link, &ending);
    if (before) {
        ending.count = before->count + 1;
        ending.first_frame = before->first_frame;
    }
    link->ending = ending;
    if (!before)
        return false;
    mqtt5_cause_set(cause, head, last->frame,
                    "%u times in a row, since frame %u, the %s has closed right after %s %s, now that in frame %u", ending.count,
                    ending.first_frame, mqtt5_sender_name(closing->sender), mqtt5_packet_type_get(ending.type)->name,
                    mqtt5_quote(last->topic, MIN(last->length, TOPIC_BYTES), quoted, sizeof quoted), last->frame);
    if (ending.by_server)
        add_reason(closing);
    else
        mqtt5_cause_add(cause, ": the client may fail on it, or need nothing more" MQTT5_SUSPECTED);
    cause->kind = ending.by_server ? MQTT5_CAUSE_REFUSAL : MQTT5_CAUSE_UNSAID;
    return true;
}
