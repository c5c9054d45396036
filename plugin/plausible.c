/* plausible.c
 * Does this look like a control packet?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plausible.h"

#include <string.h>

#include <glib.h>

#include "framing.h"

#define TEXT_CHECKED 128  /* bytes of a topic that are looked at: bounds the work per offset */
#define FILTERS_CHECKED 8 /* entries of a SUBSCRIBE */
#define PROPERTIES_LIMIT 65535

/* Weight that a chain needs which was found by searching: exactly fitting to the end, or running over it. */
#define NEEDED_EXACT MQTT5_PLAUSIBLE_STRONG
#define NEEDED_RUNNING_OVER (2 * MQTT5_PLAUSIBLE_STRONG)

typedef struct {
    const uint8_t *at;  /* first byte behind the fixed header */
    uint32_t available; /* bytes there, no more than remaining */
    uint32_t remaining; /* Remaining Length */
} body;

static uint32_t two_bytes(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* Text as topics have it: UTF-8 without control characters, and without wildcards unless it is a filter. A character cut by the end is no fault. */
static bool is_text(const uint8_t *at, uint32_t length, bool is_filter)
{
    const char *end;
    uint32_t checked = length < TEXT_CHECKED ? length : TEXT_CHECKED;
    uint32_t i;

    for (i = 0; i < checked; i++) {
        if (at[i] < 0x20 || at[i] == 0x7F || (!is_filter && (at[i] == '#' || at[i] == '+')))
            return false;
    }
    if (g_utf8_validate((const char *)at, checked, &end))
        return true;
    return g_utf8_get_char_validated(end, (const char *)at + checked - end) == (gunichar)-2 && length > checked;
}

/* The bytes of a string with its length in front, at `offset`; 0 if it cannot be one. Behind what is available everything is believed. */
static uint32_t string_length(const body *b, uint32_t offset, bool is_filter)
{
    uint32_t length, there;

    if (b->remaining < 2 || offset > b->remaining - 2)
        return 0;
    if (offset + 2 > b->available)
        return 2;
    length = two_bytes(b->at + offset);
    if (length > b->remaining - offset - 2)
        return 0;
    there = b->available - offset - 2;
    if (there >= length ? !is_text(b->at + offset + 2, length, is_filter) : !is_text(b->at + offset + 2, there, is_filter) && there < TEXT_CHECKED / 2)
        return 0;
    return 2 + length;
}

/* True if a property list starts at `offset` and fits; *end gets the offset behind it. */
static bool properties_fit(const body *b, uint32_t offset, uint32_t *end)
{
    uint32_t value = 0, i;

    for (i = 0; i < 4 && offset + i < b->available; i++) {
        value |= (uint32_t)(b->at[offset + i] & 0x7F) << (7 * i);
        if (b->at[offset + i] & 0x80)
            continue;
        *end = offset + i + 1 + value;
        return value <= PROPERTIES_LIMIT && *end <= b->remaining;
    }
    return false;
}

static unsigned rate_connect(const body *b)
{
    static const uint8_t names[][10] = {"\x00\x04MQTT", "\x00\x06MQIsdp"};

    if (b->remaining < 10 || b->available < 8)
        return MQTT5_PLAUSIBLE_NO;
    if (memcmp(b->at, names[0], 6) == 0 || memcmp(b->at, names[1], 8) == 0)
        return MQTT5_PLAUSIBLE_SURE;
    return MQTT5_PLAUSIBLE_NO;
}

static unsigned rate_connack(const body *b)
{
    uint32_t end;

    if (b->remaining < 2 || (b->available >= 1 && b->at[0] > 1))
        return MQTT5_PLAUSIBLE_NO;
    if (b->remaining == 2)
        return MQTT5_PLAUSIBLE_WEAK;
    return properties_fit(b, 2, &end) && end == b->remaining ? MQTT5_PLAUSIBLE_STRONG : MQTT5_PLAUSIBLE_NO;
}

static unsigned rate_publish(const body *b, uint8_t flags)
{
    unsigned qos = (flags >> 1) & 3;
    uint32_t topic;

    if (qos == 3 || (qos == 0 && (flags & 8)) || b->available < 2)
        return MQTT5_PLAUSIBLE_NO;
    topic = string_length(b, 0, false);
    if (topic == 0 || (qos > 0 && topic + 2 > b->remaining))
        return MQTT5_PLAUSIBLE_NO;
    if (qos > 0 && topic + 2 <= b->available && two_bytes(b->at + topic) == 0)
        return MQTT5_PLAUSIBLE_NO;
    if (topic == 2) /* no topic: only with a Topic Alias, thus with a property list */
        return b->remaining >= 6 ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
    return b->available >= 3 ? MQTT5_PLAUSIBLE_STRONG : MQTT5_PLAUSIBLE_WEAK;
}

static bool has_packet_id(const body *b)
{
    return b->remaining >= 2 && (b->available < 2 || two_bytes(b->at) != 0);
}

static unsigned rate_ack(const body *b)
{
    uint32_t end;

    if (!has_packet_id(b))
        return MQTT5_PLAUSIBLE_NO;
    if (b->remaining <= 3)
        return MQTT5_PLAUSIBLE_WEAK;
    if (b->available < 4)
        return MQTT5_PLAUSIBLE_NO;
    return properties_fit(b, 3, &end) && end == b->remaining ? MQTT5_PLAUSIBLE_STRONG : MQTT5_PLAUSIBLE_NO;
}

/* The filters of SUBSCRIBE (one byte behind each) or UNSUBSCRIBE, from `offset` to the end. */
static bool filters_fit(const body *b, uint32_t offset, uint32_t behind)
{
    unsigned seen;

    for (seen = 0; seen < FILTERS_CHECKED && offset < b->remaining && offset < b->available; seen++) {
        uint32_t length = string_length(b, offset, true);

        if (length <= 2 || behind > b->remaining - offset - length)
            return false;
        offset += length;
        if (behind && offset < b->available && ((b->at[offset] & 0xC0) || (b->at[offset] & 3) == 3))
            return false;
        offset += behind;
    }
    return seen > 0;
}

static unsigned rate_filters(const body *b, uint32_t behind)
{
    uint32_t end;

    if (!has_packet_id(b) || b->remaining < 5 || b->available < 5)
        return MQTT5_PLAUSIBLE_NO;
    if (filters_fit(b, 2, behind) || (properties_fit(b, 2, &end) && filters_fit(b, end, behind)))
        return MQTT5_PLAUSIBLE_STRONG;
    return MQTT5_PLAUSIBLE_NO;
}

/* SUBACK, UNSUBACK: codes of 0x00 to 0x02, or failures, with a property list in front in MQTT 5. */
static unsigned rate_codes(const body *b, uint32_t least)
{
    uint32_t end, i;
    bool plain = true;

    if (!has_packet_id(b) || b->remaining < least)
        return MQTT5_PLAUSIBLE_NO;
    for (i = 2; i < b->available && i < TEXT_CHECKED; i++) {
        if (b->at[i] > 2 && b->at[i] != 0x80)
            plain = false;
    }
    if (plain)
        return MQTT5_PLAUSIBLE_WEAK;
    return properties_fit(b, 2, &end) && end < b->remaining ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
}

/* DISCONNECT, AUTH: nothing, or a reason code, or that and a property list. */
static unsigned rate_reason(const body *b)
{
    uint32_t end;

    if (b->remaining == 0)
        return MQTT5_PLAUSIBLE_WEAK;
    if (b->available < 1 || (b->at[0] > 0x19 && b->at[0] < 0x80) || b->at[0] > 0xA2)
        return MQTT5_PLAUSIBLE_NO;
    if (b->remaining == 1)
        return MQTT5_PLAUSIBLE_WEAK;
    return properties_fit(b, 1, &end) && end == b->remaining ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
}

/* PUBREL, SUBSCRIBE, UNSUBSCRIBE: 0010, and DUP too in MQTT 3.1. */
static bool flags_0010(uint8_t flags)
{
    return (flags & 0x07) == 0x02;
}

static unsigned rate_body(unsigned type, uint8_t flags, const body *b)
{
    bool flags_ok = flags == 0;

    switch (type) {
    case 1:
        return flags_ok ? rate_connect(b) : MQTT5_PLAUSIBLE_NO;
    case 2:
        return flags_ok ? rate_connack(b) : MQTT5_PLAUSIBLE_NO;
    case 3:
        return rate_publish(b, flags);
    case 4:
    case 5:
    case 7:
        return flags_ok ? rate_ack(b) : MQTT5_PLAUSIBLE_NO;
    case 6:
        return flags_0010(flags) ? rate_ack(b) : MQTT5_PLAUSIBLE_NO;
    case 8:
        return flags_0010(flags) ? rate_filters(b, 1) : MQTT5_PLAUSIBLE_NO;
    case 9:
        return flags_ok ? rate_codes(b, 3) : MQTT5_PLAUSIBLE_NO;
    case 10:
        return flags_0010(flags) ? rate_filters(b, 0) : MQTT5_PLAUSIBLE_NO;
    case 11:
        return flags_ok ? rate_codes(b, 2) : MQTT5_PLAUSIBLE_NO;
    case 12:
    case 13:
        return flags_ok && b->remaining == 0 ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
    case 14:
    case 15:
        return flags_ok ? rate_reason(b) : MQTT5_PLAUSIBLE_NO;
    default:
        return MQTT5_PLAUSIBLE_NO;
    }
}

unsigned mqtt5_plausible_packet(const uint8_t *data, uint32_t available, uint32_t *length)
{
    mqtt5_frame frame = mqtt5_frame_read(data, available);
    body b;

    *length = 0;
    if (available == 0 || frame.status == MQTT5_FRAME_OVERLONG)
        return MQTT5_PLAUSIBLE_NO;
    if (frame.status == MQTT5_FRAME_SHORT)
        return data[0] >> 4 ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
    if (frame.header > 2 && data[frame.header - 1] == 0) /* not the shortest form */
        return MQTT5_PLAUSIBLE_NO;
    b.at = data + frame.header;
    b.remaining = frame.length - frame.header;
    b.available = available - frame.header < b.remaining ? available - frame.header : b.remaining;
    *length = frame.length;
    return rate_body(data[0] >> 4, data[0] & 0x0F, &b);
}

bool mqtt5_plausible_start(const uint8_t *data, uint32_t available)
{
    uint32_t offset = 0, length;
    unsigned weight = 0;

    while (offset < available) {
        unsigned rating = mqtt5_plausible_packet(data + offset, available - offset, &length);

        if (rating == MQTT5_PLAUSIBLE_NO)
            return false;
        if (length == 0 || length > available - offset) {
            weight += length == 0 ? 0 : rating;
            return weight >= MQTT5_PLAUSIBLE_STRONG;
        }
        weight += rating;
        offset += length;
    }
    return weight > 0;
}

uint32_t mqtt5_plausible_find(const uint8_t *data, uint32_t available, uint8_t *scratch)
{
    /* From the end: the weight of the chain that starts at each offset, 0 where none does. Chains that run over the end are marked, because they need
     * more weight. */
    const uint8_t running_over = 0x80, limit = 0x7F;
    uint32_t offset = available, best = available, best_strong = available;

    scratch[available] = 0;
    while (offset-- > 0) {
        uint32_t length;
        unsigned rating = mqtt5_plausible_packet(data + offset, available - offset, &length);
        unsigned weight;

        scratch[offset] = 0;
        if (rating == MQTT5_PLAUSIBLE_NO)
            continue;
        if (length == 0 || length > available - offset) {
            scratch[offset] = running_over | (length == 0 ? 0 : rating);
            continue;
        }
        if (offset + length < available && scratch[offset + length] == 0)
            continue;
        weight = rating + (scratch[offset + length] & limit);
        scratch[offset] = (scratch[offset + length] & running_over) | (weight < limit ? weight : limit);
        if (weight < (scratch[offset] & running_over ? NEEDED_RUNNING_OVER : NEEDED_EXACT))
            continue;
        best = offset;
        if (rating >= MQTT5_PLAUSIBLE_STRONG)
            best_strong = offset;
    }
    /* A weak packet in front of a good chain may be chance: two bytes are enough for a PINGREQ. */
    return best_strong < available ? best_strong : best;
}
