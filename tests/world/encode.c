/* encode.c
 * The bytes of a control packet (MQTT 3.1, 3.1.1 and 5.0, chapters 2 and 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "packet.h"

static void put_8(GByteArray *to, unsigned value)
{
    uint8_t byte = (uint8_t)value;

    g_byte_array_append(to, &byte, 1);
}

static void put_16(GByteArray *to, unsigned value)
{
    put_8(to, value >> 8);
    put_8(to, value & 0xff);
}

static void put_32(GByteArray *to, uint32_t value)
{
    put_16(to, value >> 16);
    put_16(to, value & 0xffff);
}

static void put_variable(GByteArray *to, uint32_t value)
{
    do {
        put_8(to, (value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
}

static void put_bytes(GByteArray *to, bytes from)
{
    if (from.length > 0)
        g_byte_array_append(to, from.data, from.length);
}

static void put_binary(GByteArray *to, bytes from)
{
    put_16(to, from.length);
    put_bytes(to, from);
}

static void put_text(GByteArray *to, const char *text)
{
    put_binary(to, bytes_of(text));
}

static void put_property(GByteArray *to, const property *one)
{
    put_8(to, one->identifier);
    switch (one->identifier) {
    case PAYLOAD_FORMAT_INDICATOR:
    case REQUEST_PROBLEM_INFORMATION:
    case REQUEST_RESPONSE_INFORMATION:
    case MAXIMUM_QOS:
    case RETAIN_AVAILABLE:
    case WILDCARD_SUBSCRIPTION_AVAILABLE:
    case SUBSCRIPTION_IDENTIFIER_AVAILABLE:
    case SHARED_SUBSCRIPTION_AVAILABLE: put_8(to, one->number); break;
    case SERVER_KEEP_ALIVE:
    case RECEIVE_MAXIMUM:
    case TOPIC_ALIAS_MAXIMUM:
    case TOPIC_ALIAS: put_16(to, one->number); break;
    case MESSAGE_EXPIRY_INTERVAL:
    case SESSION_EXPIRY_INTERVAL:
    case WILL_DELAY_INTERVAL:
    case MAXIMUM_PACKET_SIZE: put_32(to, one->number); break;
    case SUBSCRIPTION_IDENTIFIER: put_variable(to, one->number); break;
    case USER_PROPERTY:
        put_binary(to, one->text);
        put_binary(to, one->value);
        break;
    default: put_binary(to, one->text); break;
    }
}

static void put_properties(GByteArray *to, const GArray *properties)
{
    GByteArray *list = g_byte_array_new();

    for (guint i = 0; i < properties->len; i++)
        put_property(list, &g_array_index(properties, property, i));
    put_variable(to, list->len);
    put_bytes(to, (bytes){list->data, list->len});
    g_byte_array_unref(list);
}

static unsigned connect_flags(const packet *from)
{
    return (from->user_name ? 0x80U : 0) | (from->password ? 0x40U : 0) | (from->will_retain ? 0x20U : 0) | (unsigned)from->will_qos << 3 |
           (from->has_will ? 4U : 0) | (from->clean_start ? 2U : 0);
}

static void put_connect(GByteArray *to, const packet *from)
{
    put_text(to, from->version == 3 ? "MQIsdp" : "MQTT");
    put_8(to, from->version);
    put_8(to, connect_flags(from));
    put_16(to, from->keep_alive);
    if (from->version == 5)
        put_properties(to, from->properties);
    put_text(to, from->client_id);
    if (from->has_will) {
        if (from->version == 5)
            put_properties(to, from->will_properties);
        put_text(to, from->will_topic);
        put_binary(to, from->will_payload);
    }
    if (from->user_name)
        put_text(to, from->user_name);
    if (from->password)
        put_text(to, from->password);
}

static void put_publish(GByteArray *to, const packet *from)
{
    put_text(to, from->topic);
    if (from->qos > 0)
        put_16(to, from->id);
    if (from->version == 5)
        put_properties(to, from->properties);
    put_bytes(to, from->payload);
}

static void put_requests(GByteArray *to, const packet *from)
{
    put_16(to, from->id);
    if (from->version == 5)
        put_properties(to, from->properties);
    for (guint i = 0; i < from->requests->len; i++) {
        const request *one = &g_array_index(from->requests, request, i);

        put_text(to, one->filter);
        if (from->type == SUBSCRIBE)
            put_8(to, one->options);
    }
}

static void put_answers(GByteArray *to, const packet *from)
{
    put_16(to, from->id);
    if (from->version == 5)
        put_properties(to, from->properties);
    /* 3.11: before MQTT 5 UNSUBACK has no payload. */
    if (from->type == SUBACK || from->version == 5)
        put_bytes(to, (bytes){from->codes->data, from->codes->len});
}

/* The reason code and the properties, which may be left out where they say nothing (3.4.2.1,
 * 3.14.2.1, 3.15.2.1). */
static void put_code(GByteArray *to, const packet *from)
{
    if (from->version < 5)
        return;
    if (from->code == 0 && from->properties->len == 0 && !from->explicit_code)
        return;
    put_8(to, from->code);
    if (from->properties->len > 0 || from->explicit_code || from->type == AUTH)
        put_properties(to, from->properties);
}

static void put_body(GByteArray *to, const packet *from)
{
    switch (from->type) {
    case CONNECT: put_connect(to, from); break;
    case CONNACK:
        put_8(to, from->session_present);
        put_8(to, from->code);
        if (from->version == 5)
            put_properties(to, from->properties);
        break;
    case PUBLISH: put_publish(to, from); break;
    case SUBSCRIBE:
    case UNSUBSCRIBE: put_requests(to, from); break;
    case SUBACK:
    case UNSUBACK: put_answers(to, from); break;
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
        put_16(to, from->id);
        put_code(to, from);
        break;
    case DISCONNECT:
    case AUTH: put_code(to, from); break;
    default: break;
    }
}

/* 2.1.3: PUBREL, SUBSCRIBE and UNSUBSCRIBE have 0010; in MQTT 3.1 that was QoS 1, with a DUP that
 * means something. */
static unsigned fixed_header_flags(const packet *from)
{
    if (from->type == PUBLISH)
        return (from->dup ? 8U : 0) | (unsigned)from->qos << 1 | (from->retain ? 1U : 0);
    if (from->type == PUBREL || from->type == SUBSCRIBE || from->type == UNSUBSCRIBE)
        return 2 | (from->dup ? 8U : 0);
    return 0;
}

GByteArray *packet_encode(arena *memory, const packet *from)
{
    GByteArray *all = arena_bytes(memory), *body = g_byte_array_new();

    put_body(body, from);
    put_8(all, (unsigned)from->type << 4 | fixed_header_flags(from));
    put_variable(all, body->len);
    put_bytes(all, (bytes){body->data, body->len});
    g_byte_array_unref(body);
    return all;
}
