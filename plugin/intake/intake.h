/* intake.h
 * Cuts what a carrier delivers into whole control packets, lets stock dissect them, and passes them
 * on to be judged and shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_H
#define MQTT5_INTAKE_H

#include <epan/packet.h>

/* Looks up the carriers' protocols. Called once, from the handoff. */
void mqtt5_intake_handoff(void);

/* How mqtt5_intake() is called. */
enum {
    MQTT5_INTAKE_LAYERED = 1, /* the carrier has added the layer "mqtt" */
    MQTT5_INTAKE_UNNAMED = 2, /* the carrier is WebSocket, and its sub-protocol is not "mqtt" */
    MQTT5_INTAKE_CLAIMED = 4  /* nothing but this CONNECT says that this is MQTT */
};

/* The dissector that is called instead of stock's. `data` is what the carrier passes to its
 * subdissectors; `how` are flags of the enum above. Returns what stock returns: that all bytes are
 * taken. */
int mqtt5_intake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned how);

/* True if a WebSocket message without a sub-protocol of MQTT is MQTT: it is a CONNECT, or follows
 * one on the same connection. */
bool mqtt5_intake_find(tvbuff_t *tvb, packet_info *pinfo);

#endif
