/* payload_table.h
 * The user's table of payload decoders: which messages are shown by which dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_PAYLOAD_TABLE_H
#define MQTT5_DISPLAY_PAYLOAD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* What a payload was compressed with. */
typedef enum { MQTT5_PAYLOAD_PLAIN, MQTT5_PAYLOAD_GZIP, MQTT5_PAYLOAD_ZLIB, MQTT5_PAYLOAD_DEFLATE } mqtt5_payload_compression;

/* One entry of the table. */
typedef struct {
    char *topic;        /* a Topic Filter, or "": any topic */
    char *content_type; /* or "": any, or none */
    unsigned compression;
    char *decoder;      /* one of our words, or the name of a dissector */
    char *message_type; /* of Protobuf, or "" */
} mqtt5_payload_entry;

/* Entries in the table. 0, as for most users: there is nothing to do. */
extern unsigned mqtt5_payload_count;

/* Registers the table as a preference of the protocol "mqtt5", in the file "mqtt5_payloads". Called
 * once, after mqtt5_columns_register(). */
void mqtt5_payload_table_register(void);

/* The first entry for a message with this topic (NULL: not known) and Content Type (NULL: none).
 * NULL: there is none. Valid until the user edits the table. */
const mqtt5_payload_entry *mqtt5_payload_find(const uint8_t *topic, uint32_t topic_length, const uint8_t *type, uint32_t type_length);

/* The name of the dissector that a decoder of the table stands for. */
const char *mqtt5_payload_dissector(const char *decoder);

#endif
