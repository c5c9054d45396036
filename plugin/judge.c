/* judge.c
 * First visit: each packet through the core, and what comes of it frozen. Later visits: what was frozen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judge.h"

#include "clock.h"
#include "compat.h"
#include "verdicts.h"

/* The batches of a frame are told apart by their ordinal. */
typedef struct frozen_batch {
    struct frozen_batch *next;
    unsigned ordinal, count;
    mqtt5_frozen_packet packets[];
} frozen_batch;

/* Frame number to its first batch, in blocks that are made when one of their frames has packets: much cheaper than a list of data per frame. */
#define BLOCK_FRAMES 1024
typedef struct {
    frozen_batch *first[BLOCK_FRAMES];
} frame_block;

static GPtrArray *blocks; /* of frame_block, with holes; NULL before the first packet of a file */

/* Room for batches: there is one for each frame, none is ever freed by itself, and to cut them from a large piece takes a tenth of the
 * instructions of an allocation each. */
#define ROOM_SIZE 65536
static struct {
    uint8_t *next;
    size_t left;
} room;

static mqtt5_bool forget_blocks(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    g_ptr_array_free(blocks, TRUE);
    blocks = NULL;
    room.left = 0;
    return false;
}

/* Where the first batch of a frame is noted; NULL if it has none and `make` is false. */
static frozen_batch **place_of(uint32_t frame, bool make)
{
    uint32_t number = frame / BLOCK_FRAMES;

    if (!blocks) {
        if (!make)
            return NULL;
        blocks = g_ptr_array_new();
        wmem_register_callback(wmem_file_scope(), forget_blocks, NULL);
    }
    if (number >= blocks->len) {
        if (!make)
            return NULL;
        g_ptr_array_set_size(blocks, (int)number + 1);
    }
    if (!blocks->pdata[number]) {
        if (!make)
            return NULL;
        blocks->pdata[number] = wmem_new0(wmem_file_scope(), frame_block);
    }
    return &((frame_block *)blocks->pdata[number])->first[frame % BLOCK_FRAMES];
}

static const mqtt5_frozen_findings *freeze_findings(const mqtt5_findings *findings)
{
    mqtt5_frozen_findings *frozen;

    if (findings->count == 0 && !mqtt5_cause_known(&findings->cause))
        return NULL;
    frozen = wmem_alloc(wmem_file_scope(), sizeof *frozen + findings->count * sizeof frozen->items[0]);
    frozen->count = findings->count;
    frozen->dropped = findings->dropped;
    frozen->cause = mqtt5_cause_known(&findings->cause) ? wmem_strdup(wmem_file_scope(), findings->cause.text) : NULL;
    frozen->cause_frame = frozen->cause ? findings->cause.frame : 0;
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

/* Tells the end of a connection where its Will is: the first of its copies. */
static void link_will(const packet_info *pinfo, uint32_t end_frame)
{
    frozen_batch **place = place_of(end_frame, false), *frozen = place ? *place : NULL;

    for (; frozen; frozen = frozen->next)
        for (unsigned i = 0; i < frozen->count; i++) {
            mqtt5_frozen_packet *end = &frozen->packets[i];

            if ((end->verdict.type == MQTT5_CLOSE || end->verdict.type == MQTT5_DISCONNECT) && end->verdict.answer.frame == 0) {
                end->verdict.answer.frame = pinfo->num;
                return;
            }
        }
}

static void judge_packet(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_pdu *pdu, mqtt5_frozen_packet *frozen)
{
    mqtt5_input input = {0};
    mqtt5_findings findings;
    mqtt5_packet packet;
    uint32_t there = pdu->offset < batch->captured ? batch->captured - pdu->offset : 0;

    input.captured = MIN(there, pdu->length);
    input.data = input.captured > 0 ? batch->bytes + pdu->offset : NULL;
    input.length = pdu->length;
    input.frame = pinfo->num;
    input.time = mqtt5_frame_time(pinfo);
    input.direction = batch->direction;
    input.server_port_hint = batch->server_port_hint;
    input.gap = pdu->gap;
    input.acks_known = batch->acks_known;
    input.server = batch->server;
    input.peer_gap = batch->peer_gap;
    if (pdu == batch->pdus) {
        input.carrier = batch->carrier;
        input.begin = batch->begin;
    }
    input.position = batch->position_is_end ? batch->position : batch->position + pdu->offset + pdu->length;
    input.acks = batch->acks;
    frozen->verdict.answer = (mqtt5_answer){0, false};
    input.answer = &frozen->verdict.answer;
    mqtt5_connection_judge(batch->connection, &input, &packet, &frozen->verdict, &findings);
    frozen->findings = freeze_findings(&findings);
    if (frozen->findings && mqtt5_cause_known(&findings.cause) && findings.cause.will)
        link_will(pinfo, findings.cause.frame);
}

static void *take_room(size_t size)
{
    void *taken;

    if (size > ROOM_SIZE / 8)
        return wmem_alloc(wmem_file_scope(), size);
    if (size > room.left) {
        room.next = wmem_alloc(wmem_file_scope(), ROOM_SIZE);
        room.left = ROOM_SIZE;
    }
    taken = room.next;
    room.next += size;
    room.left -= size;
    return taken;
}

static frozen_batch *new_frozen(const mqtt5_batch *batch)
{
    /* Its size is a multiple of its alignment, so that the next one is aligned, too. */
    frozen_batch *frozen = take_room(sizeof *frozen + batch->count * sizeof frozen->packets[0]);

    frozen->ordinal = batch->ordinal;
    frozen->count = batch->count;
    return frozen;
}

static void keep(uint32_t frame, frozen_batch *frozen)
{
    frozen_batch **place = place_of(frame, true);

    frozen->next = *place;
    *place = frozen;
}

void mqtt5_judge(packet_info *pinfo, mqtt5_batch *batch)
{
    frozen_batch *frozen;

    if (PINFO_FD_VISITED(pinfo))
        return;
    frozen = new_frozen(batch);
    for (unsigned i = 0; i < batch->count; i++)
        judge_packet(pinfo, batch, &batch->pdus[i], &frozen->packets[i]);
    keep(pinfo->num, frozen);
    batch->judged = frozen->packets;
}

void mqtt5_judge_close(packet_info *pinfo, mqtt5_batch *batch, const mqtt5_close *close)
{
    mqtt5_findings findings;
    frozen_batch *frozen;
    mqtt5_verdict verdict;

    mqtt5_connection_close(batch->connection, close, &verdict, &findings);
    if (findings.count == 0 && !mqtt5_cause_known(&findings.cause) && !verdict.detail.any)
        return;
    frozen = new_frozen(batch);
    frozen->packets[0].verdict = verdict;
    frozen->packets[0].findings = freeze_findings(&findings);
    keep(pinfo->num, frozen);
}

const mqtt5_frozen_packet *mqtt5_verdicts(packet_info *pinfo, const mqtt5_batch *batch)
{
    frozen_batch **place, *frozen;

    if (batch->judged)
        return batch->judged;
    place = place_of(pinfo->num, false);
    frozen = place ? *place : NULL;
    while (frozen && frozen->ordinal != batch->ordinal)
        frozen = frozen->next;
    return frozen && frozen->count == batch->count ? frozen->packets : NULL;
}
