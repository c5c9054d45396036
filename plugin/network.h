/* network.h
 * Network Connections as Wireshark sees them: what the intake keeps for each conversation, for as long as the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_NETWORK_H
#define MQTT5_NETWORK_H

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>

#include "core/connection.h"
#include "stream.h"
#include "websocket.h"

/* One Network Connection. */
typedef struct {
    mqtt5_connection *judged;
    mqtt5_stream streams[2];       /* by direction */
    mqtt5_websocket websockets[2]; /* by direction */
    uint8_t server_port_hint;      /* as in mqtt5_input */
    uint64_t server;               /* as in mqtt5_input */
    conversation_t *conversation;
    uint32_t found_frame;           /* MQTT that was found over WebSocket by its CONNECT, in this frame; 0: not so */
    const struct tcp_analysis *tcp; /* what TCP keeps for it; NULL before it was looked up */
    bool ended[2];                  /* by direction: a FIN or RST was seen */
    uint8_t completeness;           /* what TCP knew of the conversation after the last frame: FIN, RST */
} mqtt5_network;

/* Registers the preference that keeps connections apart; after mqtt5_columns_register(). */
void mqtt5_network_register(void);

/* The Network Connection that a frame belongs to, and in *direction (unless NULL) its mqtt5_network_direction(). Where there is none yet, it is made, or, if not `make`, NULL
 * is returned. Frames of the same connections come again and again: those are found without Wireshark's own, dearer look-up. */
mqtt5_network *mqtt5_network_of(packet_info *pinfo, bool make, uint8_t *direction);

/* The same for a packet of which a menu is shown: makes no conversation where there is none. */
mqtt5_network *mqtt5_network_look_up(packet_info *pinfo);

/* False while no MQTT was seen in this file: then nothing can be found. */
bool mqtt5_network_any(void);

/* What TCP keeps for the conversation, its `fwd` and `rev` as TCP has set them for this frame; NULL where it is not TCP's. Unlike get_tcp_conversation_data() it changes
 * nothing there. */
const struct tcp_analysis *mqtt5_network_tcp(mqtt5_network *network);

/* True if bytes before this segment are missing from the capture. Like the next, to be asked once TCP has looked at the frame. */
bool mqtt5_network_lost(const struct tcp_analysis *tcp);

/* True if the sender of the frame that TCP is at acknowledges bytes that were not captured. On the first visit only. */
bool mqtt5_network_ack_lost(const struct tcp_analysis *tcp);

/* True if the sender of the frame that TCP is at has sent a FIN, and all bytes before that were packets that were seen. Only where MQTT is straight on TCP can this
 * be told; on the first visit only. */
bool mqtt5_network_at_end(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction);

/* True if nothing shows that bytes are missing before the FIN, or RST (`reset`), of the frame that TCP is at. On the first visit only. */
bool mqtt5_network_complete(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, bool reset);

/* True if nothing of the other side was captured yet, not even its SYN. On the first visit only. */
bool mqtt5_network_other_unseen(const struct tcp_analysis *tcp);

/* A number for the end at which the server is believed to be (address and port), or 0 where that is not known. `hint` is a server_port_hint, `direction` that of the
 * frame. */
uint64_t mqtt5_network_server(const packet_info *pinfo, uint8_t hint, uint8_t direction);

/* 0 or 1: which end sends, the same for all frames of a connection in that direction. */
uint8_t mqtt5_network_direction(const packet_info *pinfo);

#endif
