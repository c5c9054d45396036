/* carriers.h
 * The dissector tables that lead to MQTT: TCP ports, TLS ports, QUIC, WebSocket, and every other
 * one that contains it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_CARRIERS_H
#define MQTT5_INTAKE_CARRIERS_H

#include <epan/packet.h>

typedef struct {
    dissector_handle_t stock;      /* of Wireshark's own dissector */
    dissector_handle_t registered; /* ours, where stock registered itself */
    dissector_handle_t unnamed;    /* ours, for WebSocket sub-protocols other than "mqtt" */
    dissector_handle_t chosen;     /* ours, where the user chose MQTT (Decode As, port
                                    * preference) */
} mqtt5_handles;

/* Replaces stock's handle by ours in all dissector tables with numbers or strings as keys, except
 * the table `except`. Call it before each dissection, because the user may change the tables at any
 * time. */
void mqtt5_carriers_take(const mqtt5_handles *handles, const char *except);

/* Replaces our handles by stock's again. */
void mqtt5_carriers_give_back(const mqtt5_handles *handles, const char *except);

/* Registers `handle` for the names of MQTT that have no dissector: sub-protocols of WebSocket, and
 * ALPN in TLS and QUIC. If Wireshark registers one, that one stays. */
void mqtt5_carriers_add_names(dissector_handle_t handle);

/* Removes what mqtt5_carriers_add_names() registered, if it is still there. */
void mqtt5_carriers_remove_names(dissector_handle_t handle);

#endif
