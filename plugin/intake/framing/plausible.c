/* plausible.c
 * Does this look like a control packet?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/framing/plausible.h"

#include <string.h>

#include <glib.h>

#include "core/standard/integer.h"
#include "core/standard/property.h"
#include "intake/framing/framing.h"

#define TEXT_CHECKED 128  /* bytes of a topic to check; bounds the work per offset */
#define BODY_TELLS 5      /* bytes after the fixed header, with which any type can be rated */
#define FILTERS_CHECKED 8 /* entries of a SUBSCRIBE to check */
#define PROPERTIES_CHECKED 8

/* The weight that a chain found by searching needs: if it ends exactly with the bytes, or if it
 * continues after them. */
#define NEEDED_EXACT MQTT5_PLAUSIBLE_STRONG
#define NEEDED_RUNNING_OVER (2 * MQTT5_PLAUSIBLE_STRONG)

/* What mqtt5_plausible_find() stores for each offset: the weight of the chain that starts there, or
 * 0, and whether it continues after the end. */
#define WEIGHT 0x7F
#define RUNNING_OVER 0x80

typedef struct {
    const uint8_t *at;  /* first byte after the fixed header */
    uint32_t available; /* bytes available, at most `remaining` */
    uint32_t remaining; /* Remaining Length */
} body;

/* True if `length` bytes, of which `there` are available, may be a topic: UTF-8 without control
 * characters, and without wildcards unless it is a filter. */
static bool is_text(const uint8_t *at, uint32_t length, uint32_t there, bool is_filter)
{
    const char *end;
    uint32_t checked = MIN(MIN(length, there), TEXT_CHECKED);
    uint32_t i;

    for (i = 0; i < checked; i++) {
        if (at[i] < 0x20 || at[i] == 0x7F || (!is_filter && (at[i] == '#' || at[i] == '+')))
            return false;
    }
    if (g_utf8_validate((const char *)at, checked, &end))
        return true;
    /* The last character may continue after the bytes that are checked. */
    return checked < length && g_utf8_get_char_validated(end, (const char *)at + checked - end) == (gunichar)-2;
}

/* The length of the string at `offset`, with its two bytes of length; 0 if it cannot be a string.
 * Bytes that are not available count as correct. */
static uint32_t string_length(const body *b, uint32_t offset, bool is_filter)
{
    uint32_t length;

    if (b->remaining < 2 || offset > b->remaining - 2)
        return 0;
    if (offset + 2 > b->available)
        return 2;
    length = mqtt5_read_two_bytes(b->at + offset);
    if (length > b->remaining - offset - 2 || !is_text(b->at + offset + 2, length, b->available - offset - 2, is_filter))
        return 0;
    return 2 + length;
}

/* The length of the value of a property at `offset`; 0 if it is not complete. */
static uint32_t value_length(const body *b, uint32_t offset, mqtt5_data_type type)
{
    uint32_t first, i;

    switch (type) {
    case MQTT5_TYPE_BYTE: return 1;
    case MQTT5_TYPE_TWO_BYTE: return 2;
    case MQTT5_TYPE_FOUR_BYTE: return 4;
    case MQTT5_TYPE_VARIABLE_BYTE:
        for (i = 0; i < 4 && offset + i < b->available; i++) {
            if (!(b->at[offset + i] & 0x80))
                return i + 1;
        }
        return 0;
    case MQTT5_TYPE_STRING:
    case MQTT5_TYPE_STRING_PAIR:
        first = string_length(b, offset, true);
        if (first == 0 || type == MQTT5_TYPE_STRING)
            return first;
        i = string_length(b, offset + first, true);
        return i ? first + i : 0;
    case MQTT5_TYPE_BINARY: return b->available >= 2 && offset <= b->available - 2 ? 2 + mqtt5_read_two_bytes(b->at + offset) : 0;
    }
    return 0;
}

/* True if the bytes from `offset` to `end`, as far as they are available, are properties that a
 * packet of `type` may have. */
static bool properties_sound(const body *b, uint32_t offset, uint32_t end, mqtt5_packet_type type)
{
    unsigned seen;

    for (seen = 0; seen < PROPERTIES_CHECKED && offset < end && offset < b->available; seen++) {
        const mqtt5_property_info *info = mqtt5_property_get(b->at[offset]);
        uint32_t length;

        if (!info || !(mqtt5_property_packets(info) & MQTT5_IN(type)))
            return false;
        length = value_length(b, offset + 1, info->type);
        if (length == 0)
            return offset + 1 + 4 > b->available;
        if (length > end - offset - 1)
            return false;
        offset += 1 + length;
    }
    return true;
}

/* True if a valid property list for a packet of `type` starts at `offset`; *end is set to the
 * offset after it. */
static bool properties_fit(const body *b, uint32_t offset, mqtt5_packet_type type, uint32_t *end)
{
    uint32_t value;
    int size = offset < b->available ? mqtt5_read_variable_byte_integer(b->at + offset, b->available - offset, &value) : 0;

    if (size <= 0)
        return false;
    offset += (uint32_t)size;
    *end = offset + value;
    return *end <= b->remaining && properties_sound(b, offset, *end, type);
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
    return properties_fit(b, 2, MQTT5_CONNACK, &end) && end == b->remaining ? MQTT5_PLAUSIBLE_STRONG : MQTT5_PLAUSIBLE_NO;
}

static unsigned rate_publish(const body *b, uint8_t flags)
{
    unsigned qos = (flags >> 1) & 3;
    uint32_t topic;

    if (b->available < 2)
        return MQTT5_PLAUSIBLE_NO;
    topic = string_length(b, 0, false);
    if (topic == 0 || (qos > 0 && topic + 2 > b->remaining))
        return MQTT5_PLAUSIBLE_NO;
    if (qos > 0 && topic + 2 <= b->available && mqtt5_read_two_bytes(b->at + topic) == 0)
        return MQTT5_PLAUSIBLE_NO;
    if (topic == 2) /* without a topic there must be a Topic Alias, and so a property list */
        return b->remaining >= 6 ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
    return b->available >= 3 ? MQTT5_PLAUSIBLE_STRONG : MQTT5_PLAUSIBLE_WEAK;
}

static bool has_packet_id(const body *b)
{
    return b->remaining >= 2 && (b->available < 2 || mqtt5_read_two_bytes(b->at) != 0);
}

static unsigned rate_ack(const body *b, mqtt5_packet_type type)
{
    uint32_t end;

    if (!has_packet_id(b))
        return MQTT5_PLAUSIBLE_NO;
    if (b->remaining <= 3)
        return MQTT5_PLAUSIBLE_WEAK;
    if (b->available < 4)
        return MQTT5_PLAUSIBLE_NO;
    if (!properties_fit(b, 3, type, &end) || end != b->remaining)
        return MQTT5_PLAUSIBLE_NO;
    return b->remaining > 4 ? MQTT5_PLAUSIBLE_STRONG : MQTT5_PLAUSIBLE_WEAK;
}

/* The filters of SUBSCRIBE (each followed by one byte) or UNSUBSCRIBE, from `offset` to the end. */
static bool filters_fit(const body *b, uint32_t offset, uint32_t options)
{
    unsigned seen;

    for (seen = 0; seen < FILTERS_CHECKED && offset < b->remaining && offset < b->available; seen++) {
        uint32_t length = string_length(b, offset, true);

        if (length <= 2 || options > b->remaining - offset - length)
            return false;
        offset += length;
        if (options && offset < b->available && ((b->at[offset] & 0xC0) || (b->at[offset] & 3) == 3))
            return false;
        offset += options;
    }
    return seen > 0;
}

static unsigned rate_filters(const body *b, mqtt5_packet_type type, uint32_t options)
{
    uint32_t end;

    if (!has_packet_id(b) || b->remaining < 5 || b->available < 5)
        return MQTT5_PLAUSIBLE_NO;
    if (filters_fit(b, 2, options) || (properties_fit(b, 2, type, &end) && filters_fit(b, end, options)))
        return MQTT5_PLAUSIBLE_STRONG;
    return MQTT5_PLAUSIBLE_NO;
}

/* SUBACK, UNSUBACK: codes of 0x00 to 0x02, or failures; in MQTT 5 after a property list. */
static unsigned rate_codes(const body *b, mqtt5_packet_type type, uint32_t least)
{
    uint32_t end, i;
    bool usual = true;

    if (!has_packet_id(b) || b->remaining < least)
        return MQTT5_PLAUSIBLE_NO;
    for (i = 2; i < b->available && i < TEXT_CHECKED; i++) {
        if (b->at[i] > 2 && b->at[i] != 0x80)
            usual = false;
    }
    if (usual)
        return MQTT5_PLAUSIBLE_WEAK;
    return properties_fit(b, 2, type, &end) && end < b->remaining ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
}

/* DISCONNECT, AUTH: nothing, or a reason code, or a reason code and a property list. */
static unsigned rate_reason(const body *b, mqtt5_packet_type type)
{
    uint32_t end;

    if (b->remaining == 0)
        return MQTT5_PLAUSIBLE_WEAK;
    if (b->remaining == 1) /* any code, because an illegal one is worth a finding */
        return MQTT5_PLAUSIBLE_WEAK;
    return properties_fit(b, 1, type, &end) && end == b->remaining ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
}

/* PUBREL, SUBSCRIBE, UNSUBSCRIBE: 0010; in MQTT 3.1 also with DUP. */
static bool flags_0010(uint8_t flags)
{
    return (flags & 0x07) == 0x02;
}

static bool flags_fit(mqtt5_packet_type type, uint8_t flags)
{
    switch (type) {
    case MQTT5_RESERVED: return false;
    case MQTT5_PUBLISH: return (flags & 0x06) != 0x06 && flags != 0x08 && flags != 0x09;
    case MQTT5_PUBREL:
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE: return flags_0010(flags);
    default: return flags == 0;
    }
}

static unsigned rate_body(mqtt5_packet_type type, uint8_t flags, const body *b)
{
    if (!flags_fit(type, flags))
        return MQTT5_PLAUSIBLE_NO;
    switch (type) {
    case MQTT5_PUBLISH: return rate_publish(b, flags);
    case MQTT5_CONNECT: return rate_connect(b);
    case MQTT5_CONNACK: return rate_connack(b);
    case MQTT5_PUBACK:
    case MQTT5_PUBREC:
    case MQTT5_PUBREL:
    case MQTT5_PUBCOMP: return rate_ack(b, type);
    case MQTT5_SUBSCRIBE: return rate_filters(b, type, 1);
    case MQTT5_UNSUBSCRIBE: return rate_filters(b, type, 0);
    case MQTT5_SUBACK: return rate_codes(b, type, 3);
    case MQTT5_UNSUBACK: return rate_codes(b, type, 2);
    case MQTT5_PINGREQ:
    case MQTT5_PINGRESP: return b->remaining == 0 ? MQTT5_PLAUSIBLE_WEAK : MQTT5_PLAUSIBLE_NO;
    case MQTT5_DISCONNECT:
    case MQTT5_AUTH: return rate_reason(b, type);
    default: return MQTT5_PLAUSIBLE_NO;
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
    return rate_body((mqtt5_packet_type)(data[0] >> 4), data[0] & 0x0F, &b);
}

bool mqtt5_plausible_header(const uint8_t *data, uint32_t available)
{
    mqtt5_frame frame = mqtt5_frame_read(data, available);

    return frame.status == MQTT5_FRAME_KNOWN && frame.length > available && available - frame.header < BODY_TELLS &&
           flags_fit((mqtt5_packet_type)(data[0] >> 4), data[0] & 0x0F);
}

bool mqtt5_plausible_lengths(const uint8_t *data, uint32_t available)
{
    uint32_t offset = 0;

    while (offset < available) {
        mqtt5_frame frame = mqtt5_frame_read(data + offset, available - offset);

        if (frame.status != MQTT5_FRAME_KNOWN || frame.length > available - offset || data[offset] >> 4 == MQTT5_RESERVED)
            return false;
        offset += frame.length;
    }
    return true;
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

/* Where the last packet of the chain that starts at `offset` ends; 0 if its length is not
 * available. */
static uint32_t chain_end(const uint8_t *data, uint32_t available, uint32_t offset)
{
    while (offset < available) {
        mqtt5_frame frame = mqtt5_frame_read(data + offset, available - offset);

        if (frame.status != MQTT5_FRAME_KNOWN)
            return 0;
        offset += frame.length;
    }
    return offset;
}

unsigned mqtt5_plausible_ends(const uint8_t *data, uint32_t available, const uint8_t *scratch, uint32_t *ends, unsigned room)
{
    unsigned count = 0;
    uint32_t offset;

    for (offset = 0; offset < available && count < room; offset++) {
        uint32_t end;

        if (!(scratch[offset] & RUNNING_OVER) || (scratch[offset] & WEIGHT) < MQTT5_PLAUSIBLE_STRONG)
            continue;
        end = chain_end(data, available, offset);
        if (end > available && (count == 0 || ends[count - 1] != end))
            ends[count++] = end;
    }
    return count;
}

uint32_t mqtt5_plausible_find(const uint8_t *data, uint32_t available, uint8_t *scratch)
{
    uint32_t offset = available, best = available, best_strong = available;

    scratch[available] = 0;
    while (offset-- > 0) {
        uint32_t length;
        unsigned rating = mqtt5_plausible_packet(data + offset, available - offset, &length);
        unsigned weight;

        scratch[offset] = 0;
        if (rating == MQTT5_PLAUSIBLE_NO || data[offset] >> 4 == MQTT5_CONNECT)
            continue;
        if (length == 0 || length > available - offset) {
            scratch[offset] = (uint8_t)(RUNNING_OVER | (length == 0 ? 0 : rating));
            continue;
        }
        if (offset + length < available && scratch[offset + length] == 0)
            continue;
        weight = rating + (scratch[offset + length] & WEIGHT);
        scratch[offset] = (uint8_t)((scratch[offset + length] & RUNNING_OVER) | (weight < WEIGHT ? weight : WEIGHT));
        if (weight < (scratch[offset] & RUNNING_OVER ? NEEDED_RUNNING_OVER : NEEDED_EXACT))
            continue;
        best = offset;
        if (rating >= MQTT5_PLAUSIBLE_STRONG)
            best_strong = offset;
    }
    /* A weak packet before a good chain may be chance: two bytes are enough for a PINGREQ. */
    return best_strong < available ? best_strong : best;
}
