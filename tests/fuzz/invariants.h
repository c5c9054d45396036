/* invariants.h
 * What is true of the core's results, whatever the bytes are. If it is not, each function aborts
 * with a line that says what is wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FUZZ_INVARIANTS_H
#define MQTT5_FUZZ_INVARIANTS_H

#include "core/packet/decode.h"

/* Aborts with the condition that failed, and its place. */
#define DEMAND(condition)                                                                                                                  \
    do {                                                                                                                                   \
        if (!(condition))                                                                                                                  \
            demand_failed(__FILE__, __LINE__, #condition);                                                                                 \
    } while (0)

void demand_failed(const char *file, int line, const char *condition) G_GNUC_NORETURN;

/* Findings of a packet of `length` bytes: their number, rules, places, and messages (UTF-8, one
 * line, no longer than a label). */
void demand_findings(const mqtt5_findings *findings, uint32_t length);

/* A decoded packet: all its ranges are within it. Walks its property lists and filters, and reads
 * every byte in their ranges. */
void demand_packet(const mqtt5_packet *packet);

/* The same bytes have the same findings. */
void demand_same_findings(const mqtt5_findings *a, const mqtt5_findings *b);

/* True if this input is judged twice. That is every input; in the fast build (MQTT5_FUZZ_FAST) it
 * is one in 16, always the same ones. */
bool judged_twice(const uint8_t *data, size_t size);

#endif
