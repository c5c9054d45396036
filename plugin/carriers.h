/* carriers.h
 * The dissector tables that lead to MQTT: TCP ports, TLS ports, QUIC, WebSocket, and whatever else Wireshark or the user has put it into.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CARRIERS_H
#define MQTT5_CARRIERS_H

#include <epan/packet.h>

typedef struct {
    dissector_handle_t stock;      /* Wireshark's own */
    dissector_handle_t registered; /* ours for where stock was registered */
    dissector_handle_t unnamed;    /* ours for WebSocket sub-protocols that are not "mqtt" */
    dissector_handle_t chosen;     /* ours for where the user chose stock (Decode As, port preference) */
} mqtt5_handles;

/* Puts our handles where stock's stands, in all dissector tables with numbers or strings as keys except the table `except`. To be called
 * before each dissection, since the user may change the tables at any time. */
void mqtt5_carriers_take(const mqtt5_handles *handles, const char *except);

/* Puts stock's handle back where ours stand. */
void mqtt5_carriers_give_back(const mqtt5_handles *handles, const char *except);

/* Registers `handle` for the WebSocket subprotocols of MQTT that no dissector is registered for; an upstream registration wins. */
void mqtt5_carriers_add_websocket(dissector_handle_t handle);

/* Takes back what mqtt5_carriers_add_websocket() did, so far as it is still in place. */
void mqtt5_carriers_remove_websocket(dissector_handle_t handle);

#endif
