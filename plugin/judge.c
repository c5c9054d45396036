/* judge.c
 * First visit: each packet through the core, and what comes of it frozen. Later visits: what was frozen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judge.h"

#include <epan/proto_data.h>

#include "keys.h"
#include "packet-mqtt5.h"
#include "verdicts.h"

/* The batches of a frame are told apart by their ordinal. */
typedef struct {
    unsigned count;
    mqtt5_frozen_packet packets[];
} frozen_batch;

static const mqtt5_frozen_findings *freeze_findings(const mqtt5_findings *findings)
{
    mqtt5_frozen_findings *frozen;

    if (findings->count == 0)
        return NULL;
    frozen = wmem_alloc(wmem_file_scope(), sizeof *frozen + findings->count * sizeof frozen->items[0]);
    frozen->count = findings->count;
    frozen->dropped = findings->dropped;
    for (unsigned i = 0; i < findings->count; i++) {
        const mqtt5_finding *finding = &findings->items[i];

        frozen->items[i].rule = finding->rule;
        frozen->items[i].offset = finding->offset;
        frozen->items[i].length = finding->length;
        frozen->items[i].clause = finding->clause;
        frozen->items[i].message = wmem_strdup(wmem_file_scope(), finding->message);
    }
    return frozen;
}

static void judge_packet(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_pdu *pdu, mqtt5_frozen_packet *frozen)
{
    mqtt5_input input = {0};
    mqtt5_findings findings;
    mqtt5_packet packet;
    uint32_t there = (uint32_t)tvb_captured_length_remaining(batch->tvb, (int)pdu->offset);

    input.captured = MIN(there, pdu->length);
    input.data = input.captured > 0 ? tvb_get_ptr(batch->tvb, (int)pdu->offset, (int)input.captured) : NULL;
    input.length = pdu->length;
    input.frame = pinfo->num;
    input.time = (int64_t)pinfo->abs_ts.secs * 1000000000 + pinfo->abs_ts.nsecs;
    input.direction = batch->direction;
    input.server_port_hint = batch->server_port_hint;
    input.gap = pdu->gap;
    input.acks_known = batch->acks_known;
    input.position = batch->position + pdu->offset + pdu->length;
    input.acks = batch->acks;
    mqtt5_connection_judge(batch->connection, &input, &packet, &frozen->verdict, &findings);
    frozen->findings = freeze_findings(&findings);
}

void mqtt5_judge(packet_info *pinfo, mqtt5_batch *batch)
{
    frozen_batch *frozen;

    if (PINFO_FD_VISITED(pinfo))
        return;
    frozen = wmem_alloc(wmem_file_scope(), sizeof *frozen + batch->count * sizeof frozen->packets[0]);
    frozen->count = batch->count;
    for (unsigned i = 0; i < batch->count; i++)
        judge_packet(pinfo, batch, &batch->pdus[i], &frozen->packets[i]);
    p_add_proto_data(wmem_file_scope(), pinfo, mqtt5_proto(), MQTT5_KEY_VERDICTS + batch->ordinal, frozen);
}

const mqtt5_frozen_packet *mqtt5_verdicts(packet_info *pinfo, const mqtt5_batch *batch)
{
    const frozen_batch *frozen = p_get_proto_data(wmem_file_scope(), pinfo, mqtt5_proto(), MQTT5_KEY_VERDICTS + batch->ordinal);

    return frozen && frozen->count == batch->count ? frozen->packets : NULL;
}
