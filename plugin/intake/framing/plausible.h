/* plausible.h
 * Finds the start of a control packet in bytes that may begin anywhere: after a lost segment, or if
 * a capture starts late. Bytes in, numbers out; no epan.
 *
 * A wrong guess would invent packets that were never sent, so a packet must be more than legal to
 * be accepted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_FRAMING_PLAUSIBLE_H
#define MQTT5_INTAKE_FRAMING_PLAUSIBLE_H

#include <stdbool.h>
#include <stdint.h>

/* How much the bytes at one offset look like a control packet. The weights of a chain of packets
 * are added. */
enum {
    MQTT5_PLAUSIBLE_NO = 0,
    MQTT5_PLAUSIBLE_WEAK = 1,   /* fixed header and length fit, but there is little else to check
                                 * (PUBACK, PINGREQ ...) */
    MQTT5_PLAUSIBLE_STRONG = 4, /* has a topic, a list of filters, or a property list that fits
                                 * exactly */
    MQTT5_PLAUSIBLE_SURE = 8    /* CONNECT with its protocol name */
};

/* Rates the packet at `data`, where `available` bytes are available. If the packet is longer, only
 * these are checked. *length is set to its whole length, or to 0 if the bytes end before that is
 * known. DUP is allowed where MQTT 3.1 allows it. */
unsigned mqtt5_plausible_packet(const uint8_t *data, uint32_t available, uint32_t *length);

/* True if these are the first bytes of a packet, so few after its fixed header that they tell nothing: that may be any
 * packet of a type whose flags are right. */
bool mqtt5_plausible_header(const uint8_t *data, uint32_t available);

/* True if the bytes are packets of any content, and the last one ends exactly with them. */
bool mqtt5_plausible_lengths(const uint8_t *data, uint32_t available);

/* True if a chain of plausible packets starts at data[0], and ends exactly with the `available`
 * bytes or in a packet that continues after them. A single packet that continues must look
 * strong. */
bool mqtt5_plausible_start(const uint8_t *data, uint32_t available);

/* The first offset from which a chain of packets fits to the end and has enough weight; `available`
 * if there is none. No CONNECT: what comes after other bytes of its direction is in a payload. `scratch` has room for `available` + 1 bytes. The time is linear in
 * `available`. */
uint32_t mqtt5_plausible_find(const uint8_t *data, uint32_t available, uint8_t *scratch);

/* To be called after mqtt5_plausible_find() with the same bytes and `scratch`. Finds the ends of
 * packets that may start here, but have too little weight unless another packet starts at their
 * end. Fills `ends` with at most `room` offsets after the bytes; returns how many. */
unsigned mqtt5_plausible_ends(const uint8_t *data, uint32_t available, const uint8_t *scratch, uint32_t *ends, unsigned room);

#endif
