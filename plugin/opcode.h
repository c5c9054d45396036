/* opcode.h
 * The kind of frame that a WebSocket message came in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_OPCODE_H
#define MQTT5_OPCODE_H

#include <epan/packet.h>

/* True if the message `tvb` that Wireshark's WebSocket dissector has handed on came in a text frame. False if it did not, and where that
 * cannot be told: the messages put together from fragments, and those that were compressed. Each message of a frame once, in order. */
bool mqtt5_opcode_is_text(packet_info *pinfo, tvbuff_t *tvb);

#endif
