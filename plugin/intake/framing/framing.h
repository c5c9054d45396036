/* framing.h
 * Where a control packet ends: the fixed header's Remaining Length (MQTT 5.0, 2.1.4). Bytes in,
 * numbers out; no epan.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_FRAMING_H
#define MQTT5_INTAKE_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    MQTT5_FRAME_KNOWN,   /* length is that of the whole packet */
    MQTT5_FRAME_SHORT,   /* the bytes end within the fixed header */
    MQTT5_FRAME_OVERLONG /* the Remaining Length is longer than four bytes: not a control packet */
} mqtt5_frame_status;

typedef struct {
    mqtt5_frame_status status;
    uint32_t header; /* length of the fixed header; 0 if SHORT */
    uint32_t length; /* of the whole packet, with its fixed header. OVERLONG: what stock takes for
                      * it, or 0 if that is not known */
} mqtt5_frame;

/* Reads the fixed header at `data`, where `available` bytes (0 or more) are available. */
mqtt5_frame mqtt5_frame_read(const uint8_t *data, uint32_t available);

#endif
