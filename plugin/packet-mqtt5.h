/* packet-mqtt5.h
 * The protocol "mqtt5" and its way to the stock dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_MQTT5_H
#define MQTT5_PACKET_MQTT5_H

#include <epan/packet.h>

/* Registers the protocol, its fields and preferences. Called once by Wireshark, before all handoffs. */
void mqtt5_proto_register(void);

/* Looks up the stock dissector and prepares to stand in front of it. Called once by Wireshark, after all protocols are registered. */
void mqtt5_proto_handoff(void);

/* The id of the protocol "mqtt5"; -1 before registration. */
int mqtt5_proto(void);

/* The id of stock's protocol "mqtt"; -1 where this Wireshark has none. */
int mqtt5_stock_proto(void);

/* False when the user has disabled the protocol "mqtt5": then everything must be as if the plugin were not there. */
bool mqtt5_enabled(void);

/* Has stock dissect `tvb` as if the carrier had called it itself: in a layer "mqtt", which is added if none was for us (`layered` false),
 * and with the offer to desegment that was made to us (`can_desegment`: pinfo->can_desegment as we were given it). Exceptions pass through,
 * with pinfo->can_desegment not restored. */
void mqtt5_call_stock(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, uint16_t can_desegment, bool layered);

#endif
