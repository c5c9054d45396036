/* plain.c
 * Strings that no rule has anything to say of, as most are: told at a glance, eight bytes at a time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plain.h"

#include <string.h>

/* Eight bytes in one number, each as `byte`. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The highest bit of a byte is set where that is not 0x20 to 0x7E, or where one before it is not. */
static inline uint64_t odd(uint64_t eight)
{
    return (eight | (eight - EIGHT(0x20)) | (eight + EIGHT(0x01))) & EIGHT(0x80);
}

/* The same for + (0x2B) and # (0x23), which differ in one bit. Of bytes up to 0x7F only. */
static inline uint64_t wildcards(uint64_t eight)
{
    return ~(((eight | EIGHT(0x08)) ^ EIGHT('+')) + EIGHT(0x7F)) & EIGHT(0x80);
}

static inline bool is_plain(const uint8_t *data, uint32_t length, bool topic)
{
    uint64_t found = 0, eight = EIGHT(' ');
    uint32_t at = 0;

    for (; at + 8 <= length; at += 8) {
        memcpy(&eight, data + at, 8);
        found |= odd(eight) | (topic ? wildcards(eight) : 0);
    }
    /* The rest, with some bytes twice: that is quicker than one by one. */
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

bool mqtt5_is_plain_text(const uint8_t *data, uint32_t length)
{
    return is_plain(data, length, false);
}

bool mqtt5_is_plain_topic(const uint8_t *data, uint32_t length)
{
    return length > 0 && is_plain(data, length, true);
}
