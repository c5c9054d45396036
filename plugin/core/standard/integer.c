/* integer.c
 * The integers of the standard.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/standard/integer.h"

int mqtt5_read_variable_byte_integer(const uint8_t *data, uint32_t available, uint32_t *value)
{
    uint32_t result = 0;

    if (available > 0 && data[0] < 0x80) { /* nearly always */
        *value = data[0];
        return 1;
    }
    for (uint32_t i = 0; i < 4; i++) {
        if (i == available)
            return 0;
        result |= (uint32_t)(data[i] & 0x7F) << (7 * i);
        if (!(data[i] & 0x80)) {
            *value = result;
            return (int)i + 1;
        }
    }
    return -1;
}
