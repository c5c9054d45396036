/* framing.c
 * Where a control packet ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/framing/framing.h"

#define LENGTH_BYTES_LEGAL 4
#define LENGTH_BYTES_STOCK 10 /* stock decodes the Remaining Length as a Protobuf varint */

mqtt5_frame mqtt5_frame_read(const uint8_t *data, uint32_t available)
{
    mqtt5_frame frame = {MQTT5_FRAME_SHORT, 0, 0};
    uint64_t value = 0;
    uint32_t i;

    for (i = 0; i < LENGTH_BYTES_STOCK && 1 + i < available; i++) {
        uint8_t byte = data[1 + i];

        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte & 0x80)
            continue;
        frame.status = i < LENGTH_BYTES_LEGAL ? MQTT5_FRAME_KNOWN : MQTT5_FRAME_OVERLONG;
        frame.header = i + 2;
        frame.length = (uint32_t)(value + frame.header); /* an overlong one wraps around, as in
                                                          * stock */
        return frame;
    }
    if (i >= LENGTH_BYTES_LEGAL)
        frame.status = MQTT5_FRAME_OVERLONG;
    return frame;
}
