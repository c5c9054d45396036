/* message.c
 * An Application Message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message.h"

#include "schedule.h"

/* 3.3.2.3: what a server hands on as it is. The rest belongs to one connection. */
static bool goes_on(uint8_t identifier)
{
    return identifier == PAYLOAD_FORMAT_INDICATOR || identifier == CONTENT_TYPE || identifier == RESPONSE_TOPIC ||
           identifier == CORRELATION_DATA || identifier == USER_PROPERTY;
}

static message *make(arena *memory, const GArray *properties, const void *publisher, int64_t now)
{
    message *made = arena_take(memory, sizeof *made);

    made->properties = arena_array(memory, sizeof(property));
    made->publisher = publisher;
    made->received = now;
    for (guint i = 0; i < properties->len; i++) {
        property one = g_array_index(properties, property, i);

        if (goes_on(one.identifier))
            g_array_append_val(made->properties, one);
        if (one.identifier == MESSAGE_EXPIRY_INTERVAL) {
            made->expires = true;
            made->expiry = one.number;
        }
    }
    return made;
}

message *message_of_publish(arena *memory, const packet *p, const void *publisher, int64_t now)
{
    message *made = make(memory, p->properties, publisher, now);

    made->topic = p->full_topic;
    made->payload = p->payload;
    made->qos = p->qos;
    made->retain = p->retain;
    made->original = p;
    return made;
}

message *message_of_will(arena *memory, const packet *connect, const void *publisher, int64_t now)
{
    message *made = make(memory, connect->will_properties, publisher, now);

    made->topic = connect->will_topic;
    made->payload = connect->will_payload;
    made->qos = connect->will_qos;
    made->retain = connect->will_retain;
    made->original = connect;
    return made;
}

uint32_t message_left(const message *m, int64_t now)
{
    int64_t waited = (now - m->received) / SECONDS;

    if (!m->expires)
        return UINT32_MAX;
    return waited >= m->expiry ? 0 : m->expiry - (uint32_t)waited;
}
