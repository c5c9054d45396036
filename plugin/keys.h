/* keys.h
 * The keys under which the intake keeps data per frame, so that nothing else of this protocol takes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_KEYS_H
#define MQTT5_KEYS_H

/* For p_add_proto_data() and its kin, with mqtt5_proto(). Far from the small numbers that others may count up. */
enum {
    MQTT5_KEY_PLANS = 0x4D510002,    /* file: calls that are not simply packets from the first byte on */
    MQTT5_KEY_MESSAGES = 0x4D510003, /* packet's pool: WebSocket messages, so far. File: those that are not simply packets */
    MQTT5_KEY_OPCODES = 0x4D510004   /* packet's pool: where the last WebSocket frame was found */
};

#endif
