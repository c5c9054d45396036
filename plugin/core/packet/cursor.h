/* cursor.h
 * The decoder's place in a packet: reads one field after the other, and cannot leave the packet.
 * Internal to the decoder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_CURSOR_H
#define MQTT5_PACKET_CURSOR_H

#include "core/packet/packet.h"

/* Once something is wrong, `stop` is set and every read fails. */
typedef struct {
    mqtt5_packet *packet;
    mqtt5_findings *findings; /* NULL: nothing is reported */
    uint32_t at;              /* the next byte, from the first of the packet */
    uint32_t end;             /* of the packet */
    uint32_t limit;           /* of what was captured of it; no more than `end` */
    bool stop;
    /* the statements by which the next field must be there; NULL: only the Remaining Length says
     * so */
    const mqtt5_clauses *owed;
} mqtt5_cursor;

/* Stops; the packet gets this status. */
void mqtt5_cursor_fail(mqtt5_cursor *c, mqtt5_decode_status status);

/* True if a property list that is malformed may have ended elsewhere: what comes after it may then
 * fail to fit by no fault of its own. */
bool mqtt5_cursor_is_explained(const mqtt5_cursor *c);

/* The next `length` bytes, which are `field` in a message; sets *offset. False where the packet
 * ends before, with the finding packet_malformed, or silently where the capture does. The same
 * holds for the functions below. */
bool mqtt5_cursor_take(mqtt5_cursor *c, uint32_t length, const char *field, uint32_t *offset);

/* One byte. */
bool mqtt5_cursor_byte(mqtt5_cursor *c, const char *field, uint8_t *value);

/* A Two Byte Integer (1.5.2). */
bool mqtt5_cursor_two_bytes(mqtt5_cursor *c, const char *field, uint16_t *value);

/* A UTF-8 Encoded String or Binary Data (1.5.4, 1.5.6): a length of two bytes and that many bytes,
 * which are *range. */
bool mqtt5_cursor_text(mqtt5_cursor *c, const char *field, mqtt5_range *range);

/* A property list (2.2.2): the Property Length and the properties. `list_name` names it in a
 * message. False where nothing after it can be decoded; a list with a property that cannot be read
 * is not sound, but what comes after it is decoded. */
bool mqtt5_cursor_properties(mqtt5_cursor *c, mqtt5_property_list *list, const char *list_name);

#endif
