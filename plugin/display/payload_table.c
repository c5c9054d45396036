/* payload_table.c
 * The user's table of payload decoders, one of Wireshark's UATs: a file that can be shared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/payload_table.h"

#include <string.h>

#include "compat.h"

#include <epan/uat.h>

#include "core/standard/topic.h"

#define FILE_NAME "mqtt5_payloads"

unsigned mqtt5_payload_count;

static mqtt5_payload_entry *entries;

static const value_string compressions[] = {{MQTT5_PAYLOAD_PLAIN, "none"},
                                            {MQTT5_PAYLOAD_GZIP, "gzip"},
                                            {MQTT5_PAYLOAD_ZLIB, "zlib"},
                                            {MQTT5_PAYLOAD_DEFLATE, "deflate"},
                                            {0, NULL}};

/* Words for the usual formats, which Wireshark's dissectors may call otherwise. */
static const struct {
    const char *word, *dissector;
} words[] = {{"text", "data-text-lines"}, {"sparkplug", "protobuf"}};

const char *mqtt5_payload_dissector(const char *decoder)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(words[i].word, decoder) == 0)
            return words[i].dissector;
    return decoder;
}

/* --- Wireshark's side of the table --- */

/* The macros of uat.h have parameters that they do not use. */
UAT_CSTRING_CB_DEF(payload, topic, mqtt5_payload_entry)
UAT_CSTRING_CB_DEF(payload, content_type, mqtt5_payload_entry)
UAT_VS_DEF(payload, compression, mqtt5_payload_entry, unsigned, MQTT5_PAYLOAD_PLAIN, "none")
UAT_CSTRING_CB_DEF(payload, decoder, mqtt5_payload_entry)
UAT_CSTRING_CB_DEF(payload, message_type, mqtt5_payload_entry)

static void *copy_entry(void *to, const void *from, size_t size)
{
    mqtt5_payload_entry *copy = to;
    const mqtt5_payload_entry *entry = from;

    (void)size;
    copy->topic = g_strdup(entry->topic);
    copy->content_type = g_strdup(entry->content_type);
    copy->compression = entry->compression;
    copy->decoder = g_strdup(entry->decoder);
    copy->message_type = g_strdup(entry->message_type);
    return copy;
}

static void free_entry(void *data)
{
    mqtt5_payload_entry *entry = data;

    g_free(entry->topic);
    g_free(entry->content_type);
    g_free(entry->decoder);
    g_free(entry->message_type);
}

/* False, with a text for the user, if the entry cannot be used. */
static mqtt5_bool check_entry(void *data, char **error)
{
    const mqtt5_payload_entry *entry = data;
    const uint8_t *topic = (const uint8_t *)entry->topic;

    *error = NULL;
    if (entry->topic[0] && mqtt5_topic_filter_check(topic, (uint32_t)strlen(entry->topic), false) != MQTT5_TOPIC_FILTER_VALID)
        *error = ws_strdup_printf("\"%s\" is no Topic Filter: # must be the last level, + a whole one", entry->topic);
    else if (!entry->topic[0] && !entry->content_type[0])
        *error = g_strdup("an entry needs a Topic Filter or a Content Type; the filter # is for all topics");
    else if (!find_dissector(mqtt5_payload_dissector(entry->decoder)))
        *error = ws_strdup_printf("Wireshark has no dissector \"%s\": try json, xml, cbor, msgpack, protobuf, sparkplug or text",
                                  entry->decoder);
    return *error == NULL;
}

void mqtt5_payload_table_register(void)
{
    static uat_field_t fields[] = {
        UAT_FLD_CSTRING(payload, topic, "Topic Filter", "Messages with these topics, with the wildcards + and #; empty: any topic"),
        UAT_FLD_CSTRING(payload, content_type, "Content Type", "Messages with this Content Type; empty: any, or none"),
        UAT_FLD_VS(payload, compression, "Compression", compressions, "What the payload is compressed with"),
        UAT_FLD_CSTRING(payload, decoder, "Decoder", "json, xml, cbor, msgpack, protobuf, sparkplug, text, or the name of any dissector"),
        UAT_FLD_CSTRING(payload, message_type, "Message type", "Of Protobuf: the full name of the message, such as my.package.Reading"),
        UAT_END_FIELDS,
    };
    uat_t *table = uat_new("MQTT 5 payload decoders", sizeof(mqtt5_payload_entry), FILE_NAME, true, &entries, &mqtt5_payload_count,
                           UAT_AFFECTS_DISSECTION, NULL, copy_entry, check_entry, free_entry, NULL, NULL, fields);

    prefs_register_uat_preference(prefs_find_module("mqtt5"), "payloads", "Payload decoders",
                                  "Which messages, by topic or Content Type, are shown by which dissector. The first entry that fits counts",
                                  table);
}

/* --- Looking up --- */

/* A media type is the same in capitals, and with parameters after a semicolon. */
static bool is_type(const char *wanted, const uint8_t *type, uint32_t length)
{
    const uint8_t *end = type ? memchr(type, ';', length) : NULL;

    if (end && !strchr(wanted, ';'))
        length = (uint32_t)(end - type);
    return type && strlen(wanted) == length && g_ascii_strncasecmp(wanted, (const char *)type, length) == 0;
}

const mqtt5_payload_entry *mqtt5_payload_find(const uint8_t *topic, uint32_t topic_length, const uint8_t *type, uint32_t type_length)
{
    for (unsigned i = 0; i < mqtt5_payload_count; i++) {
        const mqtt5_payload_entry *entry = &entries[i];

        if (entry->topic[0] &&
            !(topic && mqtt5_topic_matches((const uint8_t *)entry->topic, (uint32_t)strlen(entry->topic), topic, topic_length)))
            continue;
        if (entry->content_type[0] && !is_type(entry->content_type, type, type_length))
            continue;
        return entry;
    }
    return NULL;
}
