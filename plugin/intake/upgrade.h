/* upgrade.h
 * Connections of HTTP that are to become a WebSocket for MQTT.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_UPGRADE_H
#define MQTT5_INTAKE_UPGRADE_H

#include "network/network.h"

/* Takes a frame of TCP, `tvb` with all of its bytes, on its first visit, before any MQTT is seen on its
 * connection. Where a client offers "mqtt" as a sub-protocol of WebSocket, a Network Connection begins:
 * the answer is judged, and the end, if no MQTT comes. `network` is that of the frame, NULL: there is
 * none. Returns false if the frame has nothing to do with that; then nothing was changed. */
bool mqtt5_upgrade_see(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network);

#endif
