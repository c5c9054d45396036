/* text.c
 * Lists for messages, made from the tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/rules/text.h"

#include <glib.h>

#include <stdio.h>
#include <string.h>

#include "core/standard/reason_code.h"

size_t mqtt5_text_put(char *buffer, size_t size, size_t used, const char *text)
{
    size_t length = MIN(strlen(text), size - 1 - used);

    memcpy(buffer + used, text, length);
    buffer[used + length] = '\0';
    return used + length;
}

/* Appends one entry of a list of `total`; `done` were written before. */
static size_t append_entry(char *buffer, size_t size, size_t used, unsigned done, unsigned total, const char *entry)
{
    used = mqtt5_text_put(buffer, size, used, done == 0 ? "" : done + 1 == total ? " and " : ", ");
    return mqtt5_text_put(buffer, size, used, entry);
}

const char *mqtt5_text_packets(uint32_t packets, char *buffer, size_t size)
{
    unsigned total = 0, done = 0;
    size_t used;

    for (unsigned type = 0; type < MQTT5_PACKET_TYPES; type++)
        total += packets >> type & 1;
    used = mqtt5_text_put(buffer, size, 0, total == 0 ? "no packet" : "");
    for (unsigned type = 0; type < MQTT5_PACKET_TYPES; type++)
        if (packets >> type & 1)
            used = append_entry(buffer, size, used, done++, total, mqtt5_packet_type_get(type)->name);
    return buffer;
}

const char *mqtt5_text_reason_codes(mqtt5_packet_type type, mqtt5_sender sender, char *buffer, size_t size)
{
    struct {
        unsigned first, last;
    } runs[64];
    unsigned total = 0;
    size_t used;

    for (unsigned code = 0; code < 256; code++) {
        const mqtt5_reason_code_info *info = mqtt5_reason_code_get((uint8_t)code);

        if (!info || !((info->client | info->server) & MQTT5_IN(type)) ||
            mqtt5_reason_code_judge(type, (uint8_t)code, sender) != MQTT5_REASON_CODE_LEGAL)
            continue;
        if (total > 0 && runs[total - 1].last + 1 == code)
            runs[total - 1].last = code;
        else
            runs[total].first = runs[total].last = code, total++;
    }
    used = mqtt5_text_put(buffer, size, 0, total == 0 ? "none" : "");
    for (unsigned i = 0; i < total; i++) {
        char entry[16];

        if (runs[i].first == runs[i].last)
            snprintf(entry, sizeof entry, "0x%02x", runs[i].first);
        else
            snprintf(entry, sizeof entry, "0x%02x-0x%02x", runs[i].first, runs[i].last);
        used = append_entry(buffer, size, used, i, total, entry);
    }
    return buffer;
}

void mqtt5_text_shorten(char *text, size_t size)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t end;

    if (strlen(text) < size)
        return;
    end = size - sizeof ellipsis;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, ellipsis, sizeof ellipsis);
}
