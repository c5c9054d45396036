/* records.h
 * The input of fuzz_session: what happens on two connections, one record after the other.
 *
 * A record is
 *     byte 0: bit 0    which connection
 *             bit 1    which end (direction 0 or 1)
 *             bit 2    gap: bytes of this end are missing
 *             bit 3    peer_gap: bytes of the other end are missing
 *             bits 4-5 action: 0 a packet, 1 a packet of which the capture lacks the end, 2 a close, 3 something else
 *             bit 6    packet: sent before the other end's last had arrived; close: a RST
 *             bit 7    the carrier has no sequence numbers
 *     byte 1: bits 0-3 how often, and
 *             bits 4-7 which step of time passes before it (records.c); 0xFF: none, and it stands in the same frame as the one before
 *     action 0: the packet, which is as long as its own fixed header says, or as the rest of the input
 *     action 1: a byte, and the packet, so many bytes shorter than its fixed header says
 *     action 3: gap set: bytes are missing where no packet says so; else the connection ends, and a new one takes its place
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FUZZ_RECORDS_H
#define MQTT5_FUZZ_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { RECORD_PACKET, RECORD_CLOSE, RECORD_LOST, RECORD_OPEN } record_action;

/* One record. */
typedef struct {
    record_action action;
    uint8_t connection, direction;
    bool gap, peer_gap, early, unnumbered, same_frame;
    int64_t pause;       /* nanoseconds; may be negative */
    const uint8_t *data; /* of a packet */
    uint32_t captured, length;
} record;

/* Reads the record at *at and moves *at behind it; false at the end of the input. */
bool record_next(const uint8_t *data, size_t size, size_t *at, record *r);

#endif
