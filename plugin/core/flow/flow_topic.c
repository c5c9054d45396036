/* flow_topic.c
 * The topics of messages that wait for an answer: a ring of bytes for all flows of a side, so that
 * keeping one is a copy and nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow_table.h"

#include <string.h>

/* Powers of two. */
#define RING_FIRST 256
#define RING_MAX 16384

/* Places count up without end; the ring holds the last of them, each at its place modulo the
 * size. */
static uint8_t *at(const mqtt5_flows *flows, uint32_t place)
{
    return flows->topics + (place & (flows->topics_size - 1));
}

/* Doubles the room. What is in one piece stays in one piece, as the new size is a multiple of the
 * old. */
static void grow(mqtt5_flows *flows)
{
    uint32_t old_size = flows->topics_size, new_size = old_size == 0 ? RING_FIRST : 2 * old_size;
    uint8_t *old = flows->topics;

    flows->topics = g_malloc(new_size);
    flows->topics_size = new_size;
    for (uint32_t back = 1; back <= MIN(old_size, flows->topics_next); back++)
        *at(flows, flows->topics_next - back) = old[(flows->topics_next - back) & (old_size - 1)];
    g_free(old);
}

/* The bytes from the next place on that are in one piece. */
static uint32_t room(const mqtt5_flows *flows)
{
    return flows->topics_size - (flows->topics_next & (flows->topics_size - 1));
}

/* True if the topic of the oldest flow that waits is about to be overwritten. */
static bool is_loss_near(const mqtt5_flows *flows)
{
    for (unsigned awaits = 0; awaits < G_N_ELEMENTS(flows->queues); awaits++) {
        const mqtt5_flow *oldest = flows->queues[awaits].head;
        uint32_t age = oldest ? flows->topics_next - oldest->topic_at : 0;

        if (age > flows->topics_size / 2 && age <= flows->topics_size && oldest->topic_length > 0)
            return true;
    }
    return false;
}

/* Makes room for a topic of `length` bytes, once in each round of the ring. */
static void make_room(mqtt5_flows *flows, uint32_t length)
{
    if (flows->topics_size == 0 || (flows->topics_size < RING_MAX && is_loss_near(flows)))
        grow(flows);
    if (length > room(flows))
        flows->topics_next = (flows->topics_next | (flows->topics_size - 1)) + 1;
}

void mqtt5_flow_keep_topic(mqtt5_flows *flows, mqtt5_flow *flow, const uint8_t *topic, uint32_t length)
{
    uint32_t kept = MIN(length, MQTT5_FLOW_TOPIC);

    if (flows->topics_size == 0 || kept > room(flows))
        make_room(flows, kept);
    memcpy(at(flows, flows->topics_next), topic, kept);
    flow->topic_at = flows->topics_next;
    flow->topic_length = (uint16_t)MIN(length, UINT16_MAX);
    flows->topics_next += kept;
}

const uint8_t *mqtt5_flow_topic(const mqtt5_flows *flows, const mqtt5_flow *flow, uint32_t *length, bool *whole)
{
    if (flow->topic_length == 0 || flows->topics_next - flow->topic_at > flows->topics_size)
        return NULL;
    *length = MIN(flow->topic_length, MQTT5_FLOW_TOPIC);
    *whole = flow->topic_length <= MQTT5_FLOW_TOPIC;
    return flows->topics + (flow->topic_at & (flows->topics_size - 1));
}
