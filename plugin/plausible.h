/* plausible.h
 * Finds the start of a control packet in bytes that may begin anywhere: after a lost segment, or where a capture starts late. Bytes in,
 * numbers out; no epan. A wrong guess would make up packets that were never sent, so it takes more to be believed than to be legal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PLAUSIBLE_H
#define MQTT5_PLAUSIBLE_H

#include <stdbool.h>
#include <stdint.h>

/* How sure the bytes at one place look like a control packet; adds up along a chain of packets. */
enum {
    MQTT5_PLAUSIBLE_NO = 0,
    MQTT5_PLAUSIBLE_WEAK = 1,   /* fixed header and length fit, but hardly anything else in it can be checked (PUBACK, PINGREQ ...) */
    MQTT5_PLAUSIBLE_STRONG = 4, /* has a topic, a list of filters, or a property list that fits exactly */
    MQTT5_PLAUSIBLE_SURE = 8    /* CONNECT with its protocol name */
};

/* Rates the packet at `data`. `available` bytes are at hand, of which the packet may need more: then what is there is looked at.
 * *length gets its whole length, 0 where the bytes end before it is known. Flags are checked with the leniency that 3.1 needs (DUP). */
unsigned mqtt5_plausible_packet(const uint8_t *data, uint32_t available, uint32_t *length);

/* True if the bytes are packets of any content whose lengths end exactly with them. */
bool mqtt5_plausible_lengths(const uint8_t *data, uint32_t available);

/* True if a chain of plausible packets starts at data[0] and fits: it ends exactly with the `available` bytes, or in a packet that goes on
 * behind them. A single packet that goes on must look strong. */
bool mqtt5_plausible_start(const uint8_t *data, uint32_t available);

/* The first offset from which a chain of packets fits to the end and carries enough weight, or `available` where there is none.
 * `scratch` has room for `available` + 1 bytes. Time is linear in `available`. */
uint32_t mqtt5_plausible_find(const uint8_t *data, uint32_t available, uint8_t *scratch);

/* Behind mqtt5_plausible_find() on the same bytes, with what it left in `scratch`: where packets would end that may start here, but with
 * too little weight to be believed unless a packet starts there, too. Fills `ends` with at most `room` offsets behind the bytes; returns
 * how many. */
unsigned mqtt5_plausible_ends(const uint8_t *data, uint32_t available, const uint8_t *scratch, uint32_t *ends, unsigned room);

#endif
