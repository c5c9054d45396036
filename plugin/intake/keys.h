/* keys.h
 * The keys of the intake's data per frame, in one place, so that nothing else of this protocol uses
 * them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_KEYS_H
#define MQTT5_INTAKE_KEYS_H

/* For p_add_proto_data() and similar functions, with mqtt5_proto(). Far from the small numbers that
 * others may use. */
enum {
    MQTT5_KEY_PLANS = 0x4D510002,    /* file scope: calls that are not just packets from the first
                                      * byte on */
    MQTT5_KEY_MESSAGES = 0x4D510003, /* packet scope: the number of WebSocket messages so far. File
                                      * scope: messages that are not just packets */
    MQTT5_KEY_OPCODES = 0x4D510004   /* packet scope: where the last WebSocket frame was found */
};

#endif
