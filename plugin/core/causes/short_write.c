/* short_write.c
 * A PUBLISH of which not all bytes were sent. Its receiver takes the first bytes of the next packet
 * for the end of its payload, and is out of step from then on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/short_write.h"

#include <string.h>

#include "core/session/evidence.h"
#include "core/standard/integer.h"

/* So many bytes of the next packet may be swallowed, and so many of a topic are compared. */
#define TAIL 8
#define TOPIC 40
/* Topics that begin with as many same bytes are of one program. */
#define TOPIC_MIN 4
#define START (TAIL + 5 + 2 + 2 * TOPIC)

/* Of a side, in the arena of the connection. */
typedef struct mqtt5_short_write {
    uint32_t frame;       /* of the last PUBLISH */
    uint32_t short_frame; /* of the PUBLISH that was short; 0: none */
    uint32_t lost_frame;  /* where that showed */
    uint8_t tail_length, topic_length;
    uint8_t tail[TAIL];   /* the end of its payload */
    uint8_t topic[TOPIC]; /* the start of its topic */
} last_publish;

void mqtt5_short_write_see(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    const mqtt5_packet *packet = event->packet;
    last_publish **last = &connection->short_writes[event->sender - 1];

    if (packet->type != MQTT5_PUBLISH || packet->status != MQTT5_DECODED || packet->topic.length < TOPIC_MIN)
        return;
    if (!*last) {
        *last = mqtt5_arena_alloc(&connection->arena, sizeof **last);
        memset(*last, 0, sizeof **last);
    }
    (*last)->frame = event->input->frame;
    (*last)->tail_length = (uint8_t)MIN(packet->payload.length, TAIL);
    (*last)->topic_length = (uint8_t)MIN(packet->topic.length, TOPIC);
    memcpy((*last)->tail, mqtt5_bytes(packet, packet->payload) + packet->payload.length - (*last)->tail_length, (*last)->tail_length);
    memcpy((*last)->topic, mqtt5_bytes(packet, packet->topic), (*last)->topic_length);
}

/* True if the bytes begin a PUBLISH to a topic like that of `last`; *topic is where that is. */
static bool is_publish(const uint8_t *data, uint32_t length, const last_publish *last, mqtt5_range *topic)
{
    uint32_t remaining = 0, at = 1, same = 0;

    if (length < 2 || data[0] >> 4 != MQTT5_PUBLISH || (data[0] & 0x06) == 0x06)
        return false;
    for (unsigned shift = 0; shift < 28; shift += 7, at++) {
        if (at >= length)
            return false;
        remaining |= (uint32_t)(data[at] & 0x7F) << shift;
        if (!(data[at] & 0x80))
            break;
    }
    at++;
    if (at + 2 > length)
        return false;
    *topic = (mqtt5_range){at + 2, mqtt5_read_two_bytes(data + at)};
    if (topic->length < TOPIC_MIN || topic->length + 2 > remaining || topic->offset + MIN(topic->length, TOPIC) > length)
        return false;
    while (same < MIN(topic->length, last->topic_length) && data[topic->offset + same] == last->topic[same])
        same++;
    return same >= TOPIC_MIN;
}

void mqtt5_short_write_check(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_sender sender, mqtt5_findings *findings)
{
    last_publish *last = connection->short_writes[sender - 1];
    const mqtt5_side *own = mqtt5_side_of(connection, sender);
    uint8_t start[START];
    mqtt5_range topic;
    char bytes[3 * TAIL + 1] = "", quoted[60];

    /* One fault, one finding: nothing after it is read in the right place. */
    if (last && last->short_frame != 0)
        mqtt5_findings_empty(findings);
    if (!last || last->short_frame != 0 || own->last_type != MQTT5_PUBLISH || own->last_frame != last->frame || input->gap ||
        mqtt5_evidence_lost(connection, sender))
        return;
    for (unsigned count = 1; count <= last->tail_length; count++) {
        uint32_t rest = MIN(input->captured, (uint32_t)(START - TAIL));

        memcpy(start, last->tail + last->tail_length - count, count);
        memcpy(start + count, input->data, rest);
        if (!is_publish(start, count + rest, last, &topic))
            continue;
        for (unsigned i = 0; i < count; i++)
            g_snprintf(bytes + 3 * i, 4, " %02x", start[i]);
        last->short_frame = last->frame;
        last->lost_frame = input->frame;
        /* What follows is none of what it seems to be. */
        connection->phase = MQTT5_PHASE_UNKNOWN;
        mqtt5_evidence_doubt(connection);
        mqtt5_evidence_mute(connection);
        mqtt5_findings_empty(findings);
        mqtt5_report(findings, MQTT5_RULE_packet_out_of_step, MQTT5_FIRST_BYTE,
                     "no packet begins here: the PUBLISH in frame %u ends in%s, which begins the next one, PUBLISH %s; "
                     "%u bytes of its payload were not sent, so that all after it is out of step",
                     last->short_frame, bytes,
                     mqtt5_quote(start + topic.offset, MIN(topic.length, count + rest - topic.offset), quoted, sizeof quoted), count);
        return;
    }
}

bool mqtt5_cause_of_short_write(const mqtt5_closing *closing, const char *head)
{
    mqtt5_sender peer = mqtt5_peer_of(closing->sender);
    const last_publish *last = closing->connection->short_writes[peer - 1];

    if (!last || last->short_frame == 0)
        return false;
    mqtt5_cause_set(&closing->findings->cause, head, last->short_frame,
                    "the PUBLISH in frame %u was sent short, so that what the %s sends is out of step since frame %u, and the %s closes",
                    last->short_frame, mqtt5_sender_name(peer), last->lost_frame, mqtt5_sender_name(closing->sender));
    closing->findings->cause.kind = MQTT5_CAUSE_VIOLATION;
    return true;
}
