/* judge.c
 * On the first visit, passes each packet through the core and freezes the result. On every visit,
 * numbers the batches of a frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judging/judge.h"

#include "clock.h"
#include "judging/frozen.h"

/* Batches are numbered within a frame; mqtt5_judge_frame_done() starts again at 0. */
static struct {
    uint32_t frame;
    unsigned batches;
    mqtt5_network *network; /* of the last batch */
} numbering;

static void number(const packet_info *pinfo, mqtt5_batch *batch)
{
    if (numbering.frame != pinfo->num)
        numbering.batches = 0;
    numbering.frame = pinfo->num;
    numbering.network = batch->network;
    batch->ordinal = numbering.batches++;
}

mqtt5_network *mqtt5_judge_frame_done(const packet_info *pinfo)
{
    mqtt5_network *network = numbering.frame == pinfo->num ? numbering.network : NULL;

    numbering.frame = 0;
    return network;
}

static mqtt5_input input_of(const packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_pdu *pdu)
{
    uint32_t there = pdu->offset < batch->captured ? batch->captured - pdu->offset : 0;
    mqtt5_input input = {0};

    input.captured = MIN(there, pdu->length);
    input.data = input.captured > 0 ? batch->bytes + pdu->offset : NULL;
    input.length = pdu->length;
    input.frame = pinfo->num;
    input.time = mqtt5_frame_time(pinfo);
    input.direction = batch->direction;
    input.server_port_hint = batch->network->server_port_hint;
    input.server_hint = batch->network->server_hint;
    input.gap = pdu->gap;
    input.acks_known = batch->acks_known;
    input.server = batch->network->server;
    input.client_address = batch->network->client_address;
    input.server_address = batch->network->server_address;
    input.peer_gap = batch->peer_gap;
    input.clear = batch->clear;
    input.direct = batch->network->direct && batch->network->begins[batch->direction];
    if (mqtt5_network_security())
        input.address = mqtt5_network_address(&pinfo->src);
    if (pdu == batch->pdus) {
        input.websocket_faults = batch->websocket_faults;
        input.begin = batch->begin;
        input.split_frame = batch->split_frame;
        /* A segment of its own confirms it. */
        input.found = batch->doubtful && pdu->gap && pdu->offset + pdu->length < batch->captured;
    }
    /* Several packets may end at that number, so that none of them has reached it for certain: what was
     * acknowledged up to there was acknowledged before all of them. */
    input.position = batch->position_is_end ? batch->position - 1 : batch->position + pdu->offset + pdu->length;
    input.acks = batch->acks;
    input.pauses = mqtt5_network_pauses();
    input.transport = batch->acks_known ? &batch->network->transport : NULL;
    return input;
}

static void judge_packet(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_pdu *pdu, mqtt5_frozen_packet *frozen)
{
    mqtt5_input input = input_of(pinfo, batch, pdu);
    mqtt5_findings findings;
    mqtt5_packet packet;

    mqtt5_connection_judge(batch->network->connection, &input, &packet, &frozen->facts, &findings);
    frozen->findings = mqtt5_freeze_findings(&findings);
    if (findings.will_end_frame != 0)
        mqtt5_frozen_link_will(findings.will_end_frame, pinfo->num);
}

/* True if the packets of a doubtful batch are packets. One that cannot be shows that the others are
 * none, either. */
static bool believe(packet_info *pinfo, const mqtt5_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++) {
        mqtt5_input input = input_of(pinfo, batch, &batch->pdus[i]);

        if (!mqtt5_connection_believes(batch->network->connection, &input))
            return false;
    }
    return true;
}

void mqtt5_judge(packet_info *pinfo, mqtt5_batch *batch)
{
    mqtt5_frozen_batch *frozen;
    mqtt5_frozen_packet *packets;

    number(pinfo, batch);
    if (PINFO_FD_VISITED(pinfo))
        return;
    frozen = mqtt5_frozen_new(batch);
    packets = mqtt5_frozen_room(frozen);
    batch->disbelieved = batch->doubtful && !believe(pinfo, batch);
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->disbelieved)
            packets[i] = (mqtt5_frozen_packet){.facts.type = batch->bytes[batch->pdus[i].offset] >> 4};
        else
            judge_packet(pinfo, batch, &batch->pdus[i], &packets[i]);
    }
    mqtt5_frozen_keep(pinfo->num, frozen);
    batch->judged = packets;
}

static void keep_close(const packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_facts *facts, const mqtt5_findings *findings)
{
    mqtt5_frozen_batch *frozen;

    if (findings->count == 0 && !mqtt5_cause_known(&findings->cause) && !facts->detail.any)
        return;
    frozen = mqtt5_frozen_new(batch);
    mqtt5_frozen_room(frozen)->facts = *facts;
    mqtt5_frozen_room(frozen)->findings = mqtt5_freeze_findings(findings);
    mqtt5_frozen_keep(pinfo->num, frozen);
}

void mqtt5_judge_close(packet_info *pinfo, mqtt5_batch *batch, const mqtt5_close *close)
{
    mqtt5_findings findings;
    mqtt5_facts facts;

    mqtt5_connection_close(batch->network->connection, close, &facts, &findings);
    keep_close(pinfo, batch, &facts, &findings);
}

void mqtt5_judge_bare(packet_info *pinfo, mqtt5_network *network, const mqtt5_bare *bare)
{
    mqtt5_findings findings;
    mqtt5_facts facts;

    mqtt5_connection_bare(network->connection, bare, &facts, &findings);
    keep_close(pinfo, &(mqtt5_batch){.network = network, .ordinal = MQTT5_CLOSE_ORDINAL, .count = 1}, &facts, &findings);
}

/* Freezes what was found beside the packets of a frame, unless it is nothing. */
static void keep_alone(const packet_info *pinfo, mqtt5_batch *batch, const mqtt5_facts *facts, const mqtt5_findings *findings)
{
    mqtt5_frozen_batch *frozen;

    if (findings->count == 0)
        return;
    while (mqtt5_frozen_packets(pinfo, batch))
        batch->ordinal--;
    frozen = mqtt5_frozen_new(batch);
    mqtt5_frozen_room(frozen)->facts = *facts;
    mqtt5_frozen_room(frozen)->findings = mqtt5_freeze_findings(findings);
    mqtt5_frozen_keep(pinfo->num, frozen);
}

void mqtt5_judge_hello(packet_info *pinfo, mqtt5_network *network, unsigned version)
{
    mqtt5_findings findings;
    mqtt5_facts facts;

    mqtt5_connection_hello(version, &facts, &findings);
    keep_alone(pinfo, &(mqtt5_batch){.network = network, .ordinal = MQTT5_BYTES_ORDINAL, .count = 1}, &facts, &findings);
}

void mqtt5_judge_upgrade(packet_info *pinfo, mqtt5_network *network, const mqtt5_upgrade *upgrade)
{
    mqtt5_findings findings;
    mqtt5_facts facts;

    mqtt5_connection_upgrade(network->connection, upgrade, &facts, &findings);
    keep_alone(pinfo, &(mqtt5_batch){.network = network, .ordinal = MQTT5_BYTES_ORDINAL, .count = 1}, &facts, &findings);
}

void mqtt5_judge_foreign(packet_info *pinfo, const mqtt5_batch *batch, mqtt5_foreign kind, bool gap)
{
    mqtt5_batch alone = {.network = batch->network, .ordinal = MQTT5_BYTES_ORDINAL, .count = 1};
    mqtt5_pdu bytes = {.length = batch->captured, .gap = gap};
    mqtt5_input input = input_of(pinfo, batch, &bytes);
    mqtt5_findings findings;
    mqtt5_facts facts;

    mqtt5_connection_foreign(batch->network->connection, &input, kind, &facts, &findings);
    keep_alone(pinfo, &alone, &facts, &findings);
}

void mqtt5_judge_header(packet_info *pinfo, const mqtt5_batch *batch, uint32_t offset, uint32_t length, bool gap)
{
    mqtt5_batch alone = {.network = batch->network, .ordinal = MQTT5_BYTES_ORDINAL, .count = 1};
    mqtt5_pdu header = {.offset = offset, .length = length, .gap = gap};
    mqtt5_input input = input_of(pinfo, batch, &header);
    mqtt5_findings findings;
    mqtt5_facts facts;

    input.captured = batch->captured - offset;
    input.data = batch->bytes + offset;
    mqtt5_connection_announce(batch->network->connection, &input, &facts, &findings);
    keep_alone(pinfo, &alone, &facts, &findings);
}
