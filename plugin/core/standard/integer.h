/* integer.h
 * The integers of the standard (1.5.2, 1.5.3, 1.5.5), as they are on the wire.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STANDARD_INTEGER_H
#define MQTT5_STANDARD_INTEGER_H

#include <stdint.h>

/* A Two Byte Integer (1.5.2): the more significant byte comes first. `data` must have two bytes. */
static inline uint16_t mqtt5_read_two_bytes(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

/* A Four Byte Integer (1.5.3), in the same order. `data` must have four bytes. */
static inline uint32_t mqtt5_read_four_bytes(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* Reads a Variable Byte Integer (1.5.5) from at most `available` bytes. Returns its length, 1 to 4,
 * and sets *value; 0 when the bytes end before it does; -1 when it would need a fifth byte. */
int mqtt5_read_variable_byte_integer(const uint8_t *data, uint32_t available, uint32_t *value);

#endif
