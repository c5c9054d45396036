/* packet-mqtt5.h
 * Registers the protocol "mqtt5" and all of its parts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_MQTT5_H
#define MQTT5_PACKET_MQTT5_H

/* Registers the protocol, its fields and preferences. Called once by Wireshark, before all
 * handoffs. */
void mqtt5_proto_register(void);

/* Looks up stock's dissector and prepares to replace it in the dissector tables. Called once by
 * Wireshark, after all protocols are registered. */
void mqtt5_proto_handoff(void);

#endif
