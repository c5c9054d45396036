/* segment.h
 * A segment of TCP as it is in the frame, for those whom no dissector tells of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_SEGMENT_H
#define MQTT5_INTAKE_SEGMENT_H

#include <epan/packet.h>

enum { MQTT5_SEGMENT_FIN = 1, MQTT5_SEGMENT_SYN = 2, MQTT5_SEGMENT_RST = 4, MQTT5_SEGMENT_ACK = 16 };

typedef struct {
    uint32_t seq, ack;
    uint8_t flags;
    uint8_t hops;     /* that it may still go: Time to Live, Hop Limit */
    uint32_t hops_at; /* where they are in the frame */
    const uint8_t *bytes;
    uint32_t length, captured; /* of its bytes */
} mqtt5_segment;

/* Finds the segment in `tvb`, which has all of the frame, by its ports. False where no TCP header follows
 * a plain header of IP. */
bool mqtt5_segment_find(const packet_info *pinfo, tvbuff_t *tvb, mqtt5_segment *found);

#endif
