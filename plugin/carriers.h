/* carriers.h
 * The dissector tables that lead to MQTT: TCP ports, TLS ports, QUIC, WebSocket, and whatever else Wireshark or the user has put it into.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CARRIERS_H
#define MQTT5_CARRIERS_H

#include <epan/packet.h>

/* Puts `to` where `from` stands, in all dissector tables with numbers or strings as keys except the table `except`: as an entry's initial handle where
 * `from` is that, and as the user's choice (Decode As, port preference) where it is that. To be called before each dissection, since the user may change
 * both at any time. The lists of what Decode As offers stay as they are. */
void mqtt5_carriers_replace(dissector_handle_t from, dissector_handle_t to, const char *except);

/* Registers `handle` for the WebSocket subprotocols of MQTT that no dissector is registered for; an upstream registration wins. */
void mqtt5_carriers_add_websocket(dissector_handle_t handle);

/* Takes back what mqtt5_carriers_add_websocket() did, so far as it is still in place. */
void mqtt5_carriers_remove_websocket(dissector_handle_t handle);

#endif
