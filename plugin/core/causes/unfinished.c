/* unfinished.c
 * A packet that never became whole: what its fixed header announced, and how much of it came.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/unfinished.h"

#include "core/causes/causes.h"
#include "core/session/evidence.h"

#include <stdio.h>

/* The unfinished packet of a side; NULL if it has none, or none that the capture proves. */
static const mqtt5_unfinished *unfinished_of(const mqtt5_closing *closing, mqtt5_sender side)
{
    const mqtt5_close *close = closing->close;
    const mqtt5_unfinished *found = &close->unfinished[side == closing->sender ? close->direction : !close->direction];

    if (found->frame == 0 || close->gap || close->peer_gap || mqtt5_evidence_lost(closing->connection, side) ||
        (found->length != 0 && found->there >= found->length))
        return NULL;
    return found;
}

/* "PUBLISH that begins in frame 8 (102200 of its 150018 bytes were sent)". */
static const char *name(const mqtt5_unfinished *packet, char *buffer, size_t size)
{
    const char *type = mqtt5_packet_type_get(packet->first >> 4)->name;

    if (packet->length == 0)
        snprintf(buffer, size, "%s that begins in frame %u (not even its Remaining Length was sent)", type, packet->frame);
    else if (packet->there == 0)
        snprintf(buffer, size, "%s of %u bytes that begins in frame %u", type, packet->length, packet->frame);
    else
        snprintf(buffer, size, "%s that begins in frame %u (%u of its %u bytes were sent)", type, packet->frame, packet->there,
                 packet->length);
    return buffer;
}

void mqtt5_unfinished_closed(mqtt5_closing *closing)
{
    const mqtt5_unfinished *packet = unfinished_of(closing, closing->sender);
    char text[120];

    if (packet)
        mqtt5_report(closing->findings, MQTT5_RULE_packet_unfinished, MQTT5_NO_BYTES, "the %s closes within its %s",
                     mqtt5_sender_name(closing->sender), name(packet, text, sizeof text));
}

/* The packet may be too large for its receiver. */
static void add_limit(mqtt5_closing *closing, mqtt5_sender sender, const mqtt5_unfinished *packet)
{
    const mqtt5_limits *limits = &mqtt5_side_of(closing->connection, mqtt5_peer_of(sender))->limits;
    const mqtt5_fault *fault = &closing->connection->faults[sender - 1];

    if (limits->known && packet->length > limits->maximum_packet_size)
        mqtt5_cause_add(&closing->findings->cause, "; the Maximum Packet Size of the %s is %u", mqtt5_sender_name(mqtt5_peer_of(sender)),
                        limits->maximum_packet_size);
    else if (fault->frame == packet->frame)
        mqtt5_cause_add(&closing->findings->cause, "; it breaks a rule: %s [%s]", mqtt5_rule_get((mqtt5_rule_id)fault->rule)->summary,
                        fault->clause);
}

bool mqtt5_cause_of_unfinished(mqtt5_closing *closing, const char *head)
{
    mqtt5_sender other = mqtt5_peer_of(closing->sender);
    const mqtt5_unfinished *own = unfinished_of(closing, closing->sender), *peers = unfinished_of(closing, other);
    mqtt5_cause *cause = &closing->findings->cause;
    char text[120];

    if (own)
        mqtt5_cause_set(cause, head, own->frame, "the %s closes within its %s", mqtt5_sender_name(closing->sender),
                        name(own, text, sizeof text));
    else if (peers)
        mqtt5_cause_set(cause, head, peers->frame, "the %s closes while the %s has not completed its %s",
                        mqtt5_sender_name(closing->sender), mqtt5_sender_name(other), name(peers, text, sizeof text));
    else
        return false;
    cause->kind = MQTT5_CAUSE_INCOMPLETE;
    add_limit(closing, own ? closing->sender : other, own ? own : peers);
    return true;
}
