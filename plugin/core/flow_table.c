/* flow_table.c
 * A tree of three levels over the 16 bits of the Packet Identifier (64 x 64 x 16), whose parts exist only where flows are open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "flow_table.h"

#include <string.h>

struct mqtt5_flow_leaf {
    unsigned used;
    mqtt5_flow flows[16];
};

struct mqtt5_flow_branch {
    unsigned used;
    mqtt5_flow_leaf *leaves[64];
};

mqtt5_flows *mqtt5_flows_new(void)
{
    return g_new0(mqtt5_flows, 1);
}

void mqtt5_flows_free(mqtt5_flows *flows)
{
    if (!flows)
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(flows->branches); i++) {
        mqtt5_flow_branch *branch = flows->branches[i];

        for (unsigned j = 0; branch && j < G_N_ELEMENTS(branch->leaves); j++)
            g_free(branch->leaves[j]);
        g_free(branch);
    }
    if (flows->owed)
        g_hash_table_destroy(flows->owed);
    g_free(flows->topics);
    g_free(flows);
}

static mqtt5_flow_leaf *find_leaf(const mqtt5_flows *flows, unsigned number)
{
    const mqtt5_flow_branch *branch = flows->branches[number >> 6];

    return branch ? branch->leaves[number & 63] : NULL;
}

mqtt5_flow *mqtt5_flow_find(const mqtt5_flows *flows, uint16_t id)
{
    mqtt5_flow_leaf *leaf = flows ? find_leaf(flows, id >> 4) : NULL;

    return leaf && leaf->flows[id & 15].awaits != 0 ? &leaf->flows[id & 15] : NULL;
}

static mqtt5_flow_leaf *make_leaf(mqtt5_flows *flows, unsigned number)
{
    mqtt5_flow_branch *branch = flows->branches[number >> 6];

    if (!branch)
        branch = flows->branches[number >> 6] = g_new0(mqtt5_flow_branch, 1);
    if (!branch->leaves[number & 63]) {
        branch->leaves[number & 63] = g_new0(mqtt5_flow_leaf, 1);
        branch->used++;
    }
    return branch->leaves[number & 63];
}

static void free_leaf(mqtt5_flows *flows, unsigned number)
{
    mqtt5_flow_branch *branch = flows->branches[number >> 6];

    g_free(branch->leaves[number & 63]);
    branch->leaves[number & 63] = NULL;
    if (--branch->used == 0) {
        g_free(branch);
        flows->branches[number >> 6] = NULL;
    }
}

mqtt5_flow *mqtt5_flow_open(mqtt5_flows *flows, uint16_t id, mqtt5_packet_type awaits)
{
    mqtt5_flow_leaf *leaf = make_leaf(flows, id >> 4);
    mqtt5_flow *flow = &leaf->flows[id & 15];

    leaf->used++;
    flow->id = id;
    flow->awaits = (uint8_t)awaits;
    return flow;
}

static void visit_leaf(mqtt5_flow_leaf *leaf, void (*visit)(mqtt5_flow *flow, gpointer data), gpointer data)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(leaf->flows); i++)
        if (leaf->flows[i].awaits != 0)
            visit(&leaf->flows[i], data);
}

void mqtt5_flows_foreach(const mqtt5_flows *flows, void (*visit)(mqtt5_flow *flow, gpointer data), gpointer data)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(flows->branches); i++) {
        const mqtt5_flow_branch *branch = flows->branches[i];

        for (unsigned j = 0; branch && j < G_N_ELEMENTS(branch->leaves); j++)
            if (branch->leaves[j])
                visit_leaf(branch->leaves[j], visit, data);
    }
}

/* One empty leaf stays, so that a sender with one message in flight does not cost an allocation for each. */
static void keep_one_idle(mqtt5_flows *flows, unsigned number)
{
    if (flows->idle != 0 && flows->idle != number + 1) {
        const mqtt5_flow_leaf *other = find_leaf(flows, flows->idle - 1);

        if (other && other->used == 0)
            free_leaf(flows, flows->idle - 1);
    }
    flows->idle = number + 1;
}

void mqtt5_flow_close(mqtt5_flows *flows, mqtt5_flow *flow, uint32_t frame, bool failed)
{
    mqtt5_closed_flow *closed = &flows->closed[flows->closings++ % MQTT5_FLOWS_CLOSED];
    unsigned number = flow->id >> 4;
    mqtt5_flow_leaf *leaf = find_leaf(flows, number);

    closed->id = flow->id;
    closed->awaited = flow->awaits;
    closed->failed = failed;
    closed->epoch = flow->epoch;
    closed->request_frame = flow->request_frame;
    closed->frame = frame;
    mqtt5_flow_dequeue(flows, flow);
    memset(flow, 0, sizeof *flow);
    if (--leaf->used == 0)
        keep_one_idle(flows, number);
}

const mqtt5_closed_flow *mqtt5_flow_find_closed(const mqtt5_flows *flows, uint16_t id)
{
    uint32_t known = flows ? MIN(flows->closings, MQTT5_FLOWS_CLOSED) : 0;

    for (uint32_t back = 1; back <= known; back++) {
        const mqtt5_closed_flow *closed = &flows->closed[(flows->closings - back) % MQTT5_FLOWS_CLOSED];

        if (closed->id == id)
            return closed;
    }
    return NULL;
}

void mqtt5_flow_enqueue(mqtt5_flows *flows, mqtt5_flow *flow)
{
    mqtt5_flow_queue *queue = &flows->queues[flow->awaits];

    flow->next = NULL;
    flow->previous = queue->tail;
    flow->queued = true;
    if (queue->tail)
        queue->tail->next = flow;
    else
        queue->head = flow;
    queue->tail = flow;
}

void mqtt5_flow_dequeue(mqtt5_flows *flows, mqtt5_flow *flow)
{
    mqtt5_flow_queue *queue = &flows->queues[flow->awaits];

    if (!flow->queued)
        return;
    if (flow->previous) {
        flow->previous->next = flow->next;
    } else {
        queue->head = flow->next;
        queue->overtaken = 0;
    }
    if (flow->next)
        flow->next->previous = flow->previous;
    else
        queue->tail = flow->previous;
    flow->next = flow->previous = NULL;
    flow->queued = false;
}

void mqtt5_flow_await(mqtt5_flows *flows, mqtt5_flow *flow, mqtt5_packet_type awaits)
{
    mqtt5_flow_dequeue(flows, flow);
    flow->awaits = (uint8_t)awaits;
}

/* Answers that are owed for one identifier. */
typedef struct {
    unsigned count;
    mqtt5_answer *abandoned;
} debt;

void mqtt5_flow_owe(mqtt5_flows *flows, uint16_t id, mqtt5_answer *abandoned)
{
    debt *owed;

    if (!flows->owed)
        flows->owed = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    owed = g_hash_table_lookup(flows->owed, GUINT_TO_POINTER(id));
    if (!owed) {
        owed = g_new0(debt, 1);
        g_hash_table_insert(flows->owed, GUINT_TO_POINTER(id), owed);
    }
    owed->count++;
    owed->abandoned = abandoned;
}

bool mqtt5_flow_is_owed(const mqtt5_flows *flows, uint16_t id)
{
    return flows->owed && g_hash_table_contains(flows->owed, GUINT_TO_POINTER(id));
}

void mqtt5_flow_repay(mqtt5_flows *flows, uint16_t id)
{
    debt *owed = flows && flows->owed ? g_hash_table_lookup(flows->owed, GUINT_TO_POINTER(id)) : NULL;

    if (!owed)
        return;
    /* So the one that was given up was answered after all, though nobody knows where. */
    if (owed->abandoned)
        *owed->abandoned = (mqtt5_answer){0, false};
    owed->abandoned = NULL;
    if (--owed->count == 0)
        g_hash_table_remove(flows->owed, GUINT_TO_POINTER(id));
}
