/* shortcut.c
 * What is usual and breaks no rule, found at a glance; of strings, eight bytes at a time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/shortcut.h"

#include <string.h>

/* Eight bytes in one number, each as `byte`. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The highest bit of a byte is set where that is not 0x20 to 0x7E, or where one before it is
 * not. */
static inline uint64_t odd(uint64_t eight)
{
    return (eight | (eight - EIGHT(0x20)) | (eight + EIGHT(0x01))) & EIGHT(0x80);
}

/* The same for + (0x2B) and # (0x23), which differ in one bit. Of bytes up to 0x7F only. */
static inline uint64_t wildcards(uint64_t eight)
{
    return ~(((eight | EIGHT(0x08)) ^ EIGHT('+')) + EIGHT(0x7F)) & EIGHT(0x80);
}

static inline bool is_printable(const uint8_t *data, uint32_t length, bool topic)
{
    uint64_t found = 0, eight = EIGHT(' ');
    uint32_t at = 0;

    for (; at + 8 <= length; at += 8) {
        memcpy(&eight, data + at, 8);
        found |= odd(eight) | (topic ? wildcards(eight) : 0);
    }
    /* The rest, some bytes twice: that is faster than one by one. */
    if (length >= 8) {
        memcpy(&eight, data + length - 8, 8);
    } else if (length >= 4) {
        uint32_t first, last;

        memcpy(&first, data, 4);
        memcpy(&last, data + length - 4, 4);
        eight = (uint64_t)first << 32 | last;
    } else {
        for (; at < length; at++)
            eight = eight << 8 | data[at];
    }
    return (found | odd(eight) | (topic ? wildcards(eight) : 0)) == 0;
}

bool mqtt5_is_printable(const uint8_t *data, uint32_t length)
{
    return is_printable(data, length, false);
}

bool mqtt5_is_printable_topic(const uint8_t *data, uint32_t length)
{
    return length > 0 && is_printable(data, length, true);
}

/* True for a property whose value breaks no rule on properties or strings. */
static bool is_faultless_value(const mqtt5_packet *packet, const mqtt5_property *property)
{
    const mqtt5_property_info *info = property->info;

    switch (info->type) {
    case MQTT5_TYPE_VARIABLE_BYTE: return property->length == 2 && property->number >= info->minimum;
    case MQTT5_TYPE_BYTE:
    case MQTT5_TYPE_TWO_BYTE:
    case MQTT5_TYPE_FOUR_BYTE: return property->number >= info->minimum && property->number <= info->maximum;
    case MQTT5_TYPE_BINARY: return true;
    case MQTT5_TYPE_STRING:
        if (property->id == MQTT5_RESPONSE_TOPIC)
            return mqtt5_is_printable_topic(mqtt5_bytes(packet, property->text), property->text.length);
        return mqtt5_is_printable(mqtt5_bytes(packet, property->text), property->text.length);
    default:
        return mqtt5_is_printable(mqtt5_bytes(packet, property->text), property->text.length) &&
               mqtt5_is_printable(mqtt5_bytes(packet, property->second), property->second.length);
    }
}

/* Of a property that one side only may send there: the senders from whom it breaks no rule. In a
 * packet that only one side sends, a wrong sender is a fault of the packet. */
static MQTT5_SELDOM uint8_t faultless_from(const mqtt5_packet *packet, mqtt5_sender side)
{
    const mqtt5_packet_type_info *type = mqtt5_packet_type_get(packet->type);

    return type->from_client && type->from_server ? (uint8_t)(1 << MQTT5_SENDER_UNKNOWN | 1 << side) : MQTT5_FAULTLESS_FROM_ALL;
}

uint8_t mqtt5_shortcut_property(const mqtt5_packet *packet, const mqtt5_property *property, uint32_t place, bool repeated)
{
    const mqtt5_property_info *info = property->info;

    if (property->id_length > 1 || (repeated && !(info->repeatable & place)) || !((info->client | info->server) & place) ||
        !is_faultless_value(packet, property))
        return 0;
    if ((info->client & place) == (info->server & place))
        return MQTT5_FAULTLESS_FROM_ALL;
    return faultless_from(packet, info->client & place ? MQTT5_CLIENT : MQTT5_SERVER);
}

bool mqtt5_shortcut_options(uint8_t options, bool v5)
{
    uint8_t never = (v5 ? MQTT5_OPTION_RESERVED : MQTT5_OPTION_RESERVED_3_1_1) | MQTT5_OPTION_NO_LOCAL;

    return (options & never) == 0 && (options & MQTT5_OPTION_QOS) != MQTT5_OPTION_QOS &&
           (options & MQTT5_OPTION_RETAIN_HANDLING) != MQTT5_OPTION_RETAIN_HANDLING;
}
