/* packet.c
 * A control packet as its sender means it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "packet.h"

#include <string.h>

packet *packet_new(arena *memory, uint8_t type, uint8_t version)
{
    packet *made = arena_take(memory, sizeof *made);

    made->type = type;
    made->version = version;
    made->properties = arena_array(memory, sizeof(property));
    made->will_properties = arena_array(memory, sizeof(property));
    made->requests = arena_array(memory, sizeof(request));
    made->codes = arena_bytes(memory);
    return made;
}

bytes bytes_of(const char *text)
{
    return (bytes){text, (uint32_t)strlen(text)};
}

static void add(packet *to, property one)
{
    g_array_append_val(to->properties, one);
}

void packet_add_number(packet *to, uint8_t identifier, uint32_t number)
{
    add(to, (property){.identifier = identifier, .number = number});
}

void packet_add_text(packet *to, uint8_t identifier, const char *text)
{
    add(to, (property){.identifier = identifier, .text = bytes_of(text)});
}

void packet_add_data(packet *to, uint8_t identifier, bytes data)
{
    add(to, (property){.identifier = identifier, .text = data});
}

void packet_add_pair(packet *to, const char *name, const char *value)
{
    add(to, (property){.identifier = USER_PROPERTY, .text = bytes_of(name), .value = bytes_of(value)});
}

const property *packet_property(const packet *from, uint8_t identifier)
{
    for (guint i = 0; i < from->properties->len; i++) {
        const property *one = &g_array_index(from->properties, property, i);

        if (one->identifier == identifier)
            return one;
    }
    return NULL;
}

uint32_t packet_number(const packet *from, uint8_t identifier, uint32_t otherwise)
{
    const property *found = packet_property(from, identifier);

    return found ? found->number : otherwise;
}

void packet_remove(GArray *properties, uint8_t identifier)
{
    for (guint i = properties->len; i > 0; i--)
        if (g_array_index(properties, property, i - 1).identifier == identifier)
            g_array_remove_index(properties, i - 1);
}

const char *packet_type_name(uint8_t type)
{
    static const char *const names[] = {"reserved",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
                                        "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};

    return type < G_N_ELEMENTS(names) ? names[type] : "?";
}

static void describe_publish(GString *text, const packet *from)
{
    g_string_append_printf(text, " qos=%u%s%s topic=%s%s payload=%u", from->qos, from->dup ? " dup" : "", from->retain ? " retain" : "",
                           from->full_topic ? from->full_topic : from->topic, from->topic[0] ? "" : " (by alias)", from->payload.length);
}

static void describe_connect(GString *text, const packet *from)
{
    g_string_append_printf(text, " version=%u id=%s%s keep_alive=%u%s", from->version, from->client_id, from->clean_start ? " clean" : "",
                           from->keep_alive, from->has_will ? " will=" : "");
    if (from->has_will)
        g_string_append_printf(text, "%s qos=%u%s", from->will_topic, from->will_qos, from->will_retain ? " retain" : "");
}

static void describe_properties(GString *text, const char *name, const GArray *properties)
{
    for (guint i = 0; i < properties->len; i++) {
        const property *one = &g_array_index(properties, property, i);

        g_string_append_printf(text, " %s%02x=", name, one->identifier);
        if (one->text.data)
            g_string_append_len(text, one->text.data, (gssize)MIN(one->text.length, 20));
        else
            g_string_append_printf(text, "%u", one->number);
    }
}

char *packet_describe(arena *memory, const packet *from)
{
    GString *text = g_string_new(packet_type_name(from->type));
    char *result, *clean;

    if (from->id)
        g_string_append_printf(text, " id=%u", from->id);
    if (from->type == PUBLISH)
        describe_publish(text, from);
    if (from->type == CONNECT)
        describe_connect(text, from);
    if (from->session_present)
        g_string_append(text, " session_present");
    if (from->code || from->type == CONNACK)
        g_string_append_printf(text, " code=%02x", from->code);
    for (guint i = 0; i < from->requests->len; i++) {
        const request *one = &g_array_index(from->requests, request, i);

        g_string_append_printf(text, " %s:%02x", one->filter, one->options);
    }
    for (guint i = 0; i < from->codes->len; i++)
        g_string_append_printf(text, " %02x", from->codes->data[i]);
    describe_properties(text, "", from->properties);
    describe_properties(text, "will:", from->will_properties);
    if (from->fault)
        g_string_append_printf(text, " FAULT %s", from->fault);
    clean = g_string_free(text, FALSE);
    g_strcanon(clean, " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~", '.');
    result = arena_text(memory, "%s", clean);
    g_free(clean);
    return result;
}
