/* websocket.h
 * Puts together control packets that are split over WebSocket messages (MQTT 5.0, 6.0: packets need not be aligned with messages).
 * Wireshark's WebSocket dissector offers no desegmentation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_WEBSOCKET_H
#define MQTT5_WEBSOCKET_H

#include <epan/packet.h>

/* One direction of a connection: the unfinished packet at the end of the last message. Set to zero to begin with. Its memory is the file's.
 * */
typedef struct {
    uint8_t *kept;
    uint32_t length, size; /* of kept: in use, allocated */
    uint32_t needed;       /* length of the packet that it starts; 0 if not known yet */
    bool text;             /* what came since the last packet was judged was in a text frame */
    bool gap;              /* bytes were not captured before the next packet to be judged */
    bool lost;             /* bytes were not captured: the next message may begin anywhere */
} mqtt5_websocket;

/* What the bytes of a message are. */
typedef enum {
    MQTT5_MESSAGE_PACKETS, /* packets from its first byte on */
    MQTT5_MESSAGE_MIDDLE,  /* a part of a packet that still is not whole */
    MQTT5_MESSAGE_LOST     /* behind bytes that were not captured */
} mqtt5_message;

/* Takes a message on any pass. For PACKETS *whole gets the bytes to be cut: the message itself, or a buffer that begins with what earlier
 * messages left. */
mqtt5_message mqtt5_websocket_take(mqtt5_websocket *websocket, packet_info *pinfo, tvbuff_t *tvb, tvbuff_t **whole);

/* First pass: keeps the bytes from `offset` to the end for the next message. `needed`: the length of the packet that they start, 0 if not
 * known. */
void mqtt5_websocket_keep(mqtt5_websocket *websocket, tvbuff_t *whole, uint32_t offset, uint32_t needed);

/* True if no message of this frame was taken yet, in this pass. */
bool mqtt5_websocket_is_first(packet_info *pinfo);

/* First pass: the message ends in bytes that were not captured. */
void mqtt5_websocket_lose(mqtt5_websocket *websocket);

#endif
