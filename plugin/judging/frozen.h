/* frozen.h
 * The results of a frame's first visit. They are kept as long as the file, for later passes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_JUDGING_FROZEN_H
#define MQTT5_JUDGING_FROZEN_H

#include "judging/batch.h"

/* A finding, frozen; as in mqtt5_finding. */
typedef struct {
    mqtt5_rule_id rule;
    mqtt5_range range;
    const char *clause;
    const char *text;
} mqtt5_frozen_finding;

/* The findings of a packet, or its cause, or both. */
typedef struct {
    unsigned count;
    uint32_t dropped;
    uint32_t cause_frame; /* as in mqtt5_cause */
    mqtt5_cause_kind cause_kind;
    const char *cause_head, *cause_text; /* NULL: there is none */
    mqtt5_frozen_finding items[];
} mqtt5_frozen_findings;

/* One packet, frozen. */
typedef struct mqtt5_frozen_packet {
    mqtt5_facts facts;                     /* answer and will_frame are filled in later, and known
                                            * from the second pass on */
    const mqtt5_frozen_findings *findings; /* NULL: none */
} mqtt5_frozen_packet;

/* True if the frame has results beside those of whole packets (mqtt5_ordinal_is_alone()). */
bool mqtt5_frozen_alone(const packet_info *pinfo);

/* The packets of a batch, frozen, in their order (batch->count of them); NULL if this batch was
 * never judged. */
const mqtt5_frozen_packet *mqtt5_frozen_packets(const packet_info *pinfo, const mqtt5_batch *batch);

/* --- For judge.c, on a frame's first visit --- */

typedef struct mqtt5_frozen_batch mqtt5_frozen_batch;

/* Allocates a batch with the packets of `batch`, to be filled in by the caller. It cannot be found
 * before mqtt5_frozen_keep(). */
mqtt5_frozen_batch *mqtt5_frozen_new(const mqtt5_batch *batch);

/* The packets of the batch. Their addresses do not change as long as the file is open. */
mqtt5_frozen_packet *mqtt5_frozen_room(mqtt5_frozen_batch *frozen);

/* Keeps a batch for later passes, as one of the frame `frame`. */
void mqtt5_frozen_keep(uint32_t frame, mqtt5_frozen_batch *frozen);

/* A copy of the findings, to be kept with a packet; NULL if there are none. */
const mqtt5_frozen_findings *mqtt5_freeze_findings(const mqtt5_findings *findings);

/* Stores in the end of a connection, in frame `end_frame`, that the first copy of its Will is in
 * `will_frame`. */
void mqtt5_frozen_link_will(uint32_t end_frame, uint32_t will_frame);

#endif
