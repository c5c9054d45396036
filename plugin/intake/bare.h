/* bare.h
 * Connections to MQTT's ports on which no MQTT is seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_BARE_H
#define MQTT5_INTAKE_BARE_H

#include <epan/conversation.h>
#include <epan/packet.h>

/* Takes a frame of TCP, `tvb` with all of its bytes, that belongs to no Network Connection yet, on its
 * first visit. Where it ends a connection to a port that is registered for MQTT, the end is judged,
 * and becomes that of a Network Connection if there is something to say. Frames of other ports
 * change nothing; neither do those whose TCP header does not follow a plain header of IP. */
void mqtt5_bare_see(packet_info *pinfo, tvbuff_t *tvb);

/* MQTT was seen in the conversation: gives back what was noted of it. Nothing happens where nothing
 * was. */
void mqtt5_bare_forget(const conversation_t *conversation);

#endif
