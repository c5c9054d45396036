/* websocket.h
 * Reassembles control packets that are split over WebSocket messages (MQTT 5.0, 6.0: packets need
 * not be aligned with messages), because Wireshark's WebSocket dissector does not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_WEBSOCKET_H
#define MQTT5_INTAKE_WEBSOCKET_H

#include <epan/packet.h>

#include "network/network.h"

/* What the bytes of a message are. */
typedef enum {
    MQTT5_MESSAGE_PACKETS, /* packets from its first byte on */
    MQTT5_MESSAGE_MIDDLE,  /* a part of a packet that is still incomplete */
    MQTT5_MESSAGE_LOST     /* after bytes that were not captured */
} mqtt5_message;

/* What is kept of a direction of the Network Connection, which is then one on WebSocket. */
mqtt5_websocket *mqtt5_websocket_of(mqtt5_network *network, uint8_t direction);

/* Takes a message, on any pass. For PACKETS, *whole is set to the bytes to cut: the message itself,
 * or a buffer that begins with what earlier messages left. */
mqtt5_message mqtt5_websocket_take(mqtt5_websocket *websocket, packet_info *pinfo, tvbuff_t *tvb, tvbuff_t **whole);

/* First pass: keeps the bytes from `offset` to the end for the next message. `needed` is the length
 * of the packet that starts there, or 0 if it is not known. */
void mqtt5_websocket_keep(mqtt5_websocket *websocket, const packet_info *pinfo, tvbuff_t *whole, uint32_t offset, uint32_t needed);

/* True if no message of this frame was taken yet on this pass. */
bool mqtt5_websocket_is_first(packet_info *pinfo);

/* First pass: the end of the message was not captured. */
void mqtt5_websocket_lose(mqtt5_websocket *websocket);

/* First pass, before the messages of a frame: if TCP lacks bytes right before them, or they come late,
 * they may begin anywhere. `tcp` is TCP's data for the conversation, or NULL. */
void mqtt5_websocket_begin_frame(mqtt5_websocket *websocket, const packet_info *pinfo, const struct tcp_analysis *tcp);

/* First pass, after a frame of the direction, also one without messages: if it has bytes that were not
 * all handed on, or its messages came late, the next ones may begin anywhere. */
void mqtt5_websocket_end_frame(mqtt5_websocket *websocket, const packet_info *pinfo, const struct tcp_analysis *tcp);

#endif
