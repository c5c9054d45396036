/* verdicts.h
 * What was found on a frame's first visit, kept as long as the file, for the passes after it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_VERDICTS_H
#define MQTT5_VERDICTS_H

#include "judge.h"

/* A finding, frozen. */
typedef struct {
    uint32_t rule, offset, length;
    const char *clause;
    const char *message;
} mqtt5_frozen_finding;

/* The findings of a packet that has some, and its cause; at least one of them. */
typedef struct {
    unsigned count;
    uint32_t dropped;
    uint32_t cause_frame; /* as in mqtt5_cause */
    const char *cause;    /* NULL: none */
    mqtt5_frozen_finding items[];
} mqtt5_frozen_findings;

/* One packet, frozen. */
typedef struct mqtt5_frozen_packet {
    mqtt5_verdict verdict;                 /* its `answer` is filled in later, so known from the second pass on */
    const mqtt5_frozen_findings *findings; /* NULL: none */
} mqtt5_frozen_packet;

/* The packets of a batch, frozen, in their order (batch->count of them); NULL if this batch was never judged. */
const mqtt5_frozen_packet *mqtt5_verdicts(packet_info *pinfo, const mqtt5_batch *batch);

#endif
