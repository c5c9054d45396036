/* text.h
 * Pieces of messages that the tables give: which packets, which codes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_RULES_TEXT_H
#define MQTT5_RULES_TEXT_H

#include <stddef.h>

#include "core/standard/packet_type.h"

/* Writes the names of a set of packet types as "CONNACK, PUBACK and DISCONNECT" into `buffer` (cut
 * to `size`), and returns it. An empty set is "no packet". */
const char *mqtt5_text_packets(uint32_t packets, char *buffer, size_t size);

/* Writes the reason codes that `sender` may send in `type` as "0x00, 0x80-0x83 and 0x92" into
 * `buffer` (cut to `size`), and returns it. An unknown sender means both. Disputed codes are left
 * out. */
const char *mqtt5_text_reason_codes(mqtt5_packet_type type, mqtt5_sender sender, char *buffer, size_t size);

/* Appends `text` to `buffer`, after the `used` bytes that are there (less than `size`), cut to
 * `size` with its NUL. Returns the new number of bytes. */
size_t mqtt5_text_put(char *buffer, size_t size, size_t used, const char *text);

/* Cuts a text that is too long for `size` bytes with its NUL, at the start of a character, and ends
 * it in "…". Nothing happens to one that fits. `size` is at least 4. */
void mqtt5_text_shorten(char *text, size_t size);

#endif
