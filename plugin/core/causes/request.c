/* request.c
 * Answers that refuse a request: the topic, or the first Topic Filter, that they refuse.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/causes.h"

#include <stdio.h>

#include "core/flow/flow_table.h"
#include "core/standard/reason_code.h"

static void see_refused_message(const mqtt5_event *event)
{
    const mqtt5_refused *refused = &event->refused;
    uint8_t code = event->packet->reason_code;
    char quoted[2 * MQTT5_FLOW_TOPIC];

    if (refused->received_frame != 0) {
        mqtt5_cause_report(event, code, refused->frame,
                           "the %s has taken the message with Packet Identifier %u (frame %u) with the PUBREC in frame %u; "
                           "if it comes again before PUBREL, it is to be acknowledged as before [MQTT-4.3.3-10]",
                           mqtt5_sender_name(event->sender), refused->id, refused->frame, refused->received_frame);
        mqtt5_report(event->findings, MQTT5_RULE_publish_repeat_refused, mqtt5_reason_code_range(event->packet),
                     "0x%02x answers a repeat of the message with Packet Identifier %u (frame %u), which the PUBREC in frame %u has taken; "
                     "until PUBREL comes, a repeat is to be answered as before",
                     code, refused->id, refused->frame, refused->received_frame);
        return;
    }
    if (refused->topic) {
        mqtt5_quote(refused->topic, refused->topic_length, quoted, sizeof quoted);
        mqtt5_cause_report(event, code, refused->frame, "the %s refuses the message to %s%s in frame %u", mqtt5_sender_name(event->sender),
                           quoted, refused->topic_is_whole ? "" : " ...", refused->frame);
    } else {
        mqtt5_cause_report(event, code, refused->frame, "the %s refuses the message with Packet Identifier %u in frame %u",
                           mqtt5_sender_name(event->sender), refused->id, refused->frame);
    }
    if (code == MQTT5_CODE_PAYLOAD_FORMAT_INVALID)
        mqtt5_cause_add(&event->findings->cause, "; its payload is not what its Payload Format Indicator says");
}

/* The refusals of an answer, and the first of them; -1: none. */
static int64_t count_refusals(const mqtt5_packet *packet, uint32_t *count)
{
    uint32_t end = MIN(packet->payload.offset + packet->payload.length, packet->captured);
    int64_t first = -1;

    *count = 0;
    if (!(packet->has & MQTT5_HAS_PAYLOAD))
        return -1;
    for (uint32_t at = packet->payload.offset; at < end; at++)
        if (packet->data[at] >= MQTT5_CODE_FAILURE && (*count)++ == 0)
            first = at - packet->payload.offset;
    return first;
}

/* What the CONNACK said of the feature that the code speaks of. */
static void add_feature(const mqtt5_event *event, uint8_t code)
{
    const mqtt5_connack_state *connack = &event->connection->connack;
    const char *name;
    bool available;

    switch (code) {
    case MQTT5_CODE_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED:
        name = "Shared Subscription Available";
        available = connack->shared_available;
        break;
    case MQTT5_CODE_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED:
        name = "Subscription Identifier Available";
        available = connack->subscription_identifier_available;
        break;
    case MQTT5_CODE_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED:
        name = "Wildcard Subscription Available";
        available = connack->wildcard_available;
        break;
    default: return;
    }
    if (!connack->known)
        return;
    if (available)
        mqtt5_cause_add(&event->findings->cause, "; the CONNACK in frame %u does not rule that out", connack->frame);
    else
        mqtt5_cause_add(&event->findings->cause, "; %s is 0 in the CONNACK in frame %u", name, connack->frame);
}

/* The Topic Filter with this number, from 0; false if it was not kept. */
static bool find_filter(const mqtt5_filters *filters, mqtt5_packet_type type, uint32_t number, mqtt5_range *filter)
{
    uint32_t at = 0;

    while (filters && at < filters->length) {
        filter->offset = at + 2;
        filter->length = mqtt5_read_two_bytes(filters->bytes + at);
        if (number-- == 0)
            return true;
        at = filter->offset + filter->length + (type == MQTT5_SUBACK ? 1 : 0);
    }
    return false;
}

static void see_list(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    const mqtt5_filters *filters = event->facts->detail.filters;
    const char *request = packet->type == MQTT5_SUBACK ? "SUBSCRIBE" : "UNSUBSCRIBE";
    uint32_t frame = event->facts->request_frame, count;
    int64_t first = count_refusals(packet, &count);
    mqtt5_range filter;
    char quoted[160];
    uint8_t code;

    if (first < 0 || frame == 0)
        return;
    code = packet->data[packet->payload.offset + (uint32_t)first];
    if (find_filter(filters, packet->type, (uint32_t)first, &filter))
        mqtt5_cause_report(event, code, frame, "the server refuses the Topic Filter %s of the %s in frame %u",
                           mqtt5_quote(filters->bytes + filter.offset, filter.length, quoted, sizeof quoted), request, frame);
    else
        mqtt5_cause_report(event, code, frame, "the server refuses Topic Filter %u of the %s in frame %u", (unsigned)first + 1, request,
                           frame);
    if (count > 1)
        mqtt5_cause_add(&event->findings->cause, ", and %u more", count - 1);
    add_feature(event, code);
}

void mqtt5_cause_of_answer(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    uint32_t frame = event->facts->request_frame;

    /* PUBREL and PUBCOMP refuse nothing: 0x92 is the only failure that they have. */
    if (event->refused.frame != 0 && (packet->type == MQTT5_PUBACK || packet->type == MQTT5_PUBREC)) {
        see_refused_message(event);
    } else if (packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK) {
        if (packet->version >= MQTT5_VERSION_5 || packet->type == MQTT5_SUBACK)
            see_list(event);
    } else if (packet->reason_code == MQTT5_CODE_PACKET_IDENTIFIER_NOT_FOUND && frame == 0 && event->refused.frame == 0) {
        mqtt5_cause_report(event, MQTT5_CODE_PACKET_IDENTIFIER_NOT_FOUND, 0,
                           "no message with Packet Identifier %u is known to the %s, nor open in this capture", packet->packet_id,
                           mqtt5_sender_name(event->sender));
    } else if (packet->reason_code == MQTT5_CODE_PACKET_IDENTIFIER_NOT_FOUND) {
        frame = frame != 0 ? frame : event->refused.frame;
        mqtt5_cause_report(event, MQTT5_CODE_PACKET_IDENTIFIER_NOT_FOUND, frame,
                           "no message with Packet Identifier %u is known to the %s, which answers frame %u", packet->packet_id,
                           mqtt5_sender_name(event->sender), frame);
    }
}
