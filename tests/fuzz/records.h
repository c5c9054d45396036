/* records.h
 * The input of fuzz_session: what happens on two connections, one record after the other.
 *
 * A record is
 *     byte 0: bit 0    which connection
 *             bit 1    which end (direction 0 or 1)
 *             bit 2    gap: bytes of this end are missing
 *             bit 3    peer_gap: bytes of the other end are missing
 *             bits 4-5 action: 0 a packet, 1 a packet whose end is not captured, 2 a close, 3 other
 *             bit 6    packet: sent before the last one of the other end arrived; close: a RST
 *             bit 7    the carrier has no sequence numbers
 *     byte 1: bits 4-7 a step of time (records.c), and
 *             bits 0-3 how often it passes before the record; 0xFF: no time, and the same frame as
 *                      the record before
 *     action 0: the packet, which has the length of its fixed header, or the rest of the input
 *     action 1: a byte, and the packet, by so many bytes shorter than its fixed header says
 *     action 3: with gap: bytes are missing where no packet says so; otherwise the connection ends,
 *               and a new one takes its place
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

/* Reads the record at *at and moves *at after it; false at the end of the input. */
bool record_next(const uint8_t *data, size_t size, size_t *at, record *r);

#endif
