/* intake.h
 * Cuts what a carrier delivers into whole control packets, has stock dissect them in one call, and hands each to be judged and rendered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_H
#define MQTT5_INTAKE_H

#include <epan/packet.h>

#include "network.h"

/* Looks up the carriers' protocols; to be called from the handoff. */
void mqtt5_intake_handoff(void);

/* How mqtt5_intake() is called. */
enum {
    MQTT5_INTAKE_LAYERED = 1, /* the layer "mqtt" has been added for us */
    MQTT5_INTAKE_UNNAMED = 2  /* the carrier is WebSocket, and its sub-protocol is not "mqtt" */
};

/* The dissector that stands in front of stock's. `data` is what the carrier gives its subdissectors; `how`: some of the above. Returns what
 * stock returns: all bytes are taken. */
int mqtt5_intake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned how);

/* True if a WebSocket message of which the sub-protocol says nothing is MQTT's: a CONNECT, or behind one on the same connection. */
bool mqtt5_intake_find(tvbuff_t *tvb, packet_info *pinfo);

/* The Network Connection whose control packets were cut last in this dissection of the frame; NULL where there were none. */
mqtt5_network *mqtt5_intake_network(const packet_info *pinfo);

/* Says that the dissection of a frame is over, so that the same frame can be dissected again. */
void mqtt5_intake_frame_done(void);

#endif
