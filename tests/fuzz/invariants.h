/* invariants.h
 * What must hold of the core's results whatever the bytes. Each function aborts, with a line that says what does not hold.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FUZZ_INVARIANTS_H
#define MQTT5_FUZZ_INVARIANTS_H

#include "decode.h"

/* Aborts with what was demanded, and where. */
#define DEMAND(condition)                                                                                                                  \
    do {                                                                                                                                   \
        if (!(condition))                                                                                                                  \
            demand_failed(__FILE__, __LINE__, #condition);                                                                                 \
    } while (0)

void demand_failed(const char *file, int line, const char *condition) G_GNUC_NORETURN;

/* Findings of a packet of `length` bytes: their number, rules, places, and messages (UTF-8, one line, no longer than a label). */
void demand_findings(const mqtt5_findings *findings, uint32_t length);

/* A decoded packet: all its ranges lie in it. Walks its property lists and filters, and reads every byte that they say is there. */
void demand_packet(const mqtt5_packet *packet);

/* The same bytes gave the same findings. */
void demand_same_findings(const mqtt5_findings *a, const mqtt5_findings *b);

/* True if this input is to be judged twice: every one; in the fast build (MQTT5_FUZZ_FAST), one in 16, always the same ones. */
bool judged_twice(const uint8_t *data, size_t size);

#endif
