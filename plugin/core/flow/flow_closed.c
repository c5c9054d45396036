/* flow_closed.c
 * How the flows of a side ended: the last of them in a ring, which grows with their number up to a
 * bound in bytes, and is searched by Packet Identifier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow_table.h"

/* Powers of two. */
#define CLOSED_FIRST 4
#define CLOSED_MAX (MQTT5_FLOWS_CLOSED_BYTES / 32)

G_STATIC_ASSERT(sizeof(mqtt5_closed_flow) <= 32);

/* The ones that are remembered are those whose number is in (closings - size, closings]. */
static mqtt5_closed_flow *at(const mqtt5_flows *flows, uint32_t number)
{
    return &flows->closed[number & (flows->closed_size - 1)];
}

static bool is_kept(const mqtt5_flows *flows, uint32_t number)
{
    return number != 0 && flows->closings - number < flows->closed_size;
}

static void enter(mqtt5_flows *flows, uint32_t number)
{
    mqtt5_closed_flow *closed = at(flows, number);
    uint32_t *bucket = &flows->closed_buckets[closed->id & (flows->closed_size - 1)];

    /* A sender that uses the same few identifiers does not make a long chain. */
    closed->older = is_kept(flows, *bucket) && at(flows, *bucket)->id == closed->id ? at(flows, *bucket)->older : *bucket;
    *bucket = number;
}

static void grow(mqtt5_flows *flows)
{
    uint32_t old_size = flows->closed_size;
    mqtt5_closed_flow *old = flows->closed;

    flows->closed_size = old_size == 0 ? CLOSED_FIRST : 2 * old_size;
    flows->closed = g_new0(mqtt5_closed_flow, flows->closed_size);
    g_free(flows->closed_buckets);
    flows->closed_buckets = g_new0(uint32_t, flows->closed_size);
    for (uint32_t number = flows->closings - old_size + 1; old && number <= flows->closings; number++) {
        *at(flows, number) = old[number & (old_size - 1)];
        enter(flows, number);
    }
    g_free(old);
}

mqtt5_closed_flow *mqtt5_flow_remember(mqtt5_flows *flows, uint16_t id)
{
    mqtt5_closed_flow *closed;

    if (flows->closings == flows->closed_size && flows->closed_size < CLOSED_MAX)
        grow(flows);
    flows->closings++;
    closed = at(flows, flows->closings);
    *closed = (mqtt5_closed_flow){.id = id};
    enter(flows, flows->closings);
    return closed;
}

static mqtt5_closed_flow *find(const mqtt5_flows *flows, uint16_t id)
{
    uint32_t number = flows && flows->closed ? flows->closed_buckets[id & (flows->closed_size - 1)] : 0;

    for (; number != 0 && is_kept(flows, number); number = at(flows, number)->older)
        if (at(flows, number)->id == id)
            return at(flows, number);
    return NULL;
}

const mqtt5_closed_flow *mqtt5_flow_find_closed(const mqtt5_flows *flows, uint16_t id)
{
    return find(flows, id);
}

void mqtt5_flow_cross(mqtt5_flows *flows, uint16_t id)
{
    find(flows, id)->crossing = true;
}

bool mqtt5_flow_forgotten(const mqtt5_flows *flows)
{
    return flows && flows->closings > flows->closed_size;
}
