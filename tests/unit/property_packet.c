/* property_packet.c
 * Whole packets around a property list that a test wrote.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "property_packet.h"

#include <string.h>

const mqtt5_packet_type property_lists[PROPERTY_LISTS] = {
    MQTT5_CONNECT,   MQTT5_CONNACK, MQTT5_PUBLISH,     MQTT5_PUBACK,   MQTT5_PUBREC,     MQTT5_PUBREL, MQTT5_PUBCOMP,
    MQTT5_SUBSCRIBE, MQTT5_SUBACK,  MQTT5_UNSUBSCRIBE, MQTT5_UNSUBACK, MQTT5_DISCONNECT, MQTT5_AUTH,   MQTT5_WILL,
};

/* What comes before and after the property list of each packet. */
static const struct {
    guint8 first;
    const char *before, *after;
} frames[MQTT5_PACKET_TYPES] = {
    [MQTT5_CONNECT] = {0x10, "\"MQTT\" 05 02 003c", "\"c\""},
    [MQTT5_CONNACK] = {0x20, "00 00", ""},
    [MQTT5_PUBLISH] = {0x32, "\"t\" 0001", "'p'"},
    [MQTT5_PUBACK] = {0x40, "0001 00", ""},
    [MQTT5_PUBREC] = {0x50, "0001 00", ""},
    [MQTT5_PUBREL] = {0x62, "0001 00", ""},
    [MQTT5_PUBCOMP] = {0x70, "0001 00", ""},
    [MQTT5_SUBSCRIBE] = {0x82, "0001", "\"f\" 00"},
    [MQTT5_SUBACK] = {0x90, "0001", "00"},
    [MQTT5_UNSUBSCRIBE] = {0xA2, "0001", "\"f\""},
    [MQTT5_UNSUBACK] = {0xB0, "0001", "00"},
    [MQTT5_DISCONNECT] = {0xE0, "00", ""},
    [MQTT5_AUTH] = {0xF0, "18", ""},
    [MQTT5_WILL] = {0x10, "\"MQTT\" 05 06 003c [ ] \"c\"", "\"t\" \"p\""},
};

static void append(GByteArray *bytes, const char *text)
{
    GByteArray *more = notation_bytes("%s", text);

    g_byte_array_append(bytes, more->data, more->len);
    g_byte_array_unref(more);
}

GByteArray *property_packet(mqtt5_packet_type list, const GByteArray *properties)
{
    GByteArray *body = g_byte_array_new(), *packet = g_byte_array_new();

    append(body, frames[list].before);
    notation_add_variable_byte_integer(body, properties->len);
    g_byte_array_append(body, properties->data, properties->len);
    append(body, frames[list].after);

    g_byte_array_append(packet, &frames[list].first, 1);
    notation_add_variable_byte_integer(packet, body->len);
    g_byte_array_append(packet, body->data, body->len);
    g_byte_array_unref(body);
    return packet;
}

/* A row of the oracle for `id`, of any list. */
static const oracle_property *any_row(guint id)
{
    for (guint i = 0; i < oracle_properties()->len; i++) {
        const oracle_property *row = g_ptr_array_index(oracle_properties(), i);
        if (row->id == id)
            return row;
    }
    return NULL;
}

guint32 property_legal_number(guint id)
{
    const oracle_property *row = any_row(id);

    return row && row->minimum > 0 ? (guint32)row->minimum : 0;
}

void property_add(GByteArray *properties, guint id, guint32 number)
{
    const oracle_property *row = any_row(id);

    notation_add_variable_byte_integer(properties, id);
    if (!row)
        return;
    if (!strcmp(row->type, "byte"))
        notation_add_number(properties, number, 1);
    else if (!strcmp(row->type, "two_byte"))
        notation_add_number(properties, number, 2);
    else if (!strcmp(row->type, "four_byte"))
        notation_add_number(properties, number, 4);
    else if (!strcmp(row->type, "variable_byte"))
        notation_add_variable_byte_integer(properties, number);
    else
        append(properties, !strcmp(row->type, "string_pair") ? "\"name\" \"value\"" : "\"text\"");
}
