/* oracle.c
 * What the standard says, read from tests/oracle.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "oracle.h"

#include <string.h>

static const char *const type_names[MQTT5_PACKET_TYPES] = {
    "",       "CONNECT",     "CONNACK",  "PUBLISH", "PUBACK",   "PUBREC",     "PUBREL", "PUBCOMP", "SUBSCRIBE",
    "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",   "WILL",
};

static mqtt5_packet_type type_of(const char *name)
{
    for (guint i = 1; i < MQTT5_PACKET_TYPES; i++)
        if (!strcmp(type_names[i], name))
            return (mqtt5_packet_type)i;
    g_error("oracle: no packet type %s", name);
}

/* The rows of a file, each made by `row` of its columns; they live until the end. */
static GPtrArray *read_rows(const char *file, guint columns, gpointer (*row)(char **column))
{
    const char *folder = g_getenv("MQTT5_ORACLE");
    char *path = g_build_filename(folder ? folder : ".", file, NULL);
    GPtrArray *rows = g_ptr_array_new();
    GError *error = NULL;
    char *text, **lines;
    gboolean header = TRUE;

    if (!g_file_get_contents(path, &text, NULL, &error))
        g_error("%s (set MQTT5_ORACLE to tests/oracle)", error->message);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char **column;

        if (!**line || **line == '#')
            continue;
        column = g_strsplit(*line, "\t", -1);
        g_assert_cmpuint(g_strv_length(column), ==, columns);
        if (!header)
            g_ptr_array_add(rows, row(column));
        g_strfreev(column);
        header = FALSE;
    }
    g_strfreev(lines);
    g_free(text);
    g_free(path);
    g_assert_cmpuint(rows->len, >, 0);
    return rows;
}

static guint number(const char *text)
{
    return (guint)g_ascii_strtoull(text, NULL, 0);
}

static gpointer code_row(char **column)
{
    oracle_code *row = g_new0(oracle_code, 1);

    row->code = number(column[0]);
    row->name = g_intern_string(column[1]);
    row->packet = type_of(column[2]);
    row->sender = g_intern_string(column[3]);
    row->disputed = g_intern_string(column[4]);
    return row;
}

static gpointer property_row(char **column)
{
    oracle_property *row = g_new0(oracle_property, 1);

    row->id = number(column[0]);
    row->name = g_intern_string(column[1]);
    row->abbrev = g_intern_string(column[2]);
    row->type = g_intern_string(column[3]);
    row->list = type_of(column[4]);
    row->sender = g_intern_string(column[5]);
    row->repeatable = g_intern_string(column[6]);
    row->minimum = *column[7] == '-' ? -1 : g_ascii_strtoll(column[7], NULL, 10);
    row->maximum = *column[8] == '-' ? -1 : g_ascii_strtoll(column[8], NULL, 10);
    row->soft = !strcmp(column[9], "soft");
    return row;
}

GPtrArray *oracle_codes(void)
{
    static GPtrArray *rows;

    if (!rows)
        rows = read_rows("reason_codes.tsv", 5, code_row);
    return rows;
}

GPtrArray *oracle_properties(void)
{
    static GPtrArray *rows;

    if (!rows)
        rows = read_rows("properties.tsv", 10, property_row);
    return rows;
}

const oracle_code *oracle_code_find(mqtt5_packet_type packet, guint code)
{
    for (guint i = 0; i < oracle_codes()->len; i++) {
        const oracle_code *row = g_ptr_array_index(oracle_codes(), i);
        if (row->packet == packet && row->code == code)
            return row;
    }
    return NULL;
}

const oracle_property *oracle_property_find(mqtt5_packet_type list, guint id)
{
    for (guint i = 0; i < oracle_properties()->len; i++) {
        const oracle_property *row = g_ptr_array_index(oracle_properties(), i);
        if (row->list == list && row->id == id)
            return row;
    }
    return NULL;
}

gboolean oracle_one_sided(mqtt5_packet_type type)
{
    switch (type) {
    case MQTT5_CONNECT:
    case MQTT5_WILL:
    case MQTT5_CONNACK:
    case MQTT5_SUBSCRIBE:
    case MQTT5_SUBACK:
    case MQTT5_UNSUBSCRIBE:
    case MQTT5_UNSUBACK: return TRUE;
    default: return FALSE;
    }
}

static gboolean includes(const char *who, mqtt5_sender sender)
{
    return !strcmp(who, "both") || !strcmp(who, sender == MQTT5_CLIENT ? "client" : "server");
}

mqtt5_reason_code_verdict oracle_code_verdict(mqtt5_packet_type packet, guint code, mqtt5_sender sender)
{
    const oracle_code *row = oracle_code_find(packet, code);

    if (!row) {
        for (guint type = 1; type < MQTT5_PACKET_TYPES; type++)
            if (oracle_code_find((mqtt5_packet_type)type, code))
                return MQTT5_REASON_CODE_NOT_ALLOWED;
        return MQTT5_REASON_CODE_UNKNOWN;
    }
    if (*row->sender != '-' && (oracle_one_sided(packet) || sender == MQTT5_SENDER_UNKNOWN || includes(row->sender, sender)))
        return MQTT5_REASON_CODE_LEGAL;
    if (sender == MQTT5_SENDER_UNKNOWN || includes(row->disputed, sender))
        return MQTT5_REASON_CODE_DISPUTED;
    return MQTT5_REASON_CODE_WRONG_SENDER;
}

mqtt5_property_verdict oracle_property_verdict(mqtt5_packet_type list, guint id, mqtt5_sender sender)
{
    const oracle_property *row = oracle_property_find(list, id);

    if (!row) {
        for (guint other = 1; other < MQTT5_PACKET_TYPES; other++)
            if (oracle_property_find((mqtt5_packet_type)other, id))
                return MQTT5_PROPERTY_NOT_ALLOWED;
        return MQTT5_PROPERTY_UNKNOWN;
    }
    if (oracle_one_sided(list) || sender == MQTT5_SENDER_UNKNOWN || includes(row->sender, sender))
        return MQTT5_PROPERTY_LEGAL;
    return MQTT5_PROPERTY_WRONG_SENDER;
}
