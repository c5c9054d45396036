/* opcode.h
 * Whether a WebSocket message came in a text frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_OPCODE_H
#define MQTT5_INTAKE_OPCODE_H

#include <epan/packet.h>

/* True if the message `tvb` that Wireshark's WebSocket dissector passes on came in a text frame.
 * False if it did not, and if that is not known, as with fragmented and compressed messages. Call
 * it once for each message of a frame, in order. */
bool mqtt5_opcode_is_text(packet_info *pinfo, tvbuff_t *tvb);

#endif
