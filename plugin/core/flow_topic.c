/* flow_topic.c
 * The topics of messages that wait for an answer: a ring of bytes for all flows of a side, so that keeping one is a copy and nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "flow_table.h"

#include <string.h>

/* Powers of two. */
#define RING_FIRST 256
#define RING_MAX 16384

/* Places are counted on without end, from 0 and from a multiple of the size in each round; the ring grows in its first round only. */
static void make_room(mqtt5_flows *flows)
{
    if (flows->topics_size < RING_MAX) {
        uint32_t more = flows->topics_size == 0 ? RING_FIRST : flows->topics_size;

        flows->topics_size += more;
        flows->topics_left += more;
        flows->topics = g_realloc(flows->topics, flows->topics_size);
    } else {
        flows->topics_next += flows->topics_left;
        flows->topics_left = flows->topics_size;
    }
}

void mqtt5_flow_keep_topic(mqtt5_flows *flows, mqtt5_flow *flow, const uint8_t *topic, uint32_t length)
{
    uint32_t kept = MIN(length, MQTT5_FLOW_TOPIC);

    if (kept >= flows->topics_left)
        make_room(flows);
    memcpy(flows->topics + flows->topics_size - flows->topics_left, topic, kept);
    flow->topic_at = flows->topics_next;
    flow->topic_length = (uint16_t)MIN(length, UINT16_MAX);
    flows->topics_next += kept;
    flows->topics_left -= kept;
}

const uint8_t *mqtt5_flow_topic(const mqtt5_flows *flows, const mqtt5_flow *flow, uint32_t *length, bool *whole)
{
    if (flow->topic_length == 0 || flows->topics_next - flow->topic_at > flows->topics_size)
        return NULL;
    *length = MIN(flow->topic_length, MQTT5_FLOW_TOPIC);
    *whole = flow->topic_length <= MQTT5_FLOW_TOPIC;
    return flows->topics + (flow->topic_at & (flows->topics_size - 1));
}
