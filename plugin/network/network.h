/* network.h
 * Network Connections: the data of each conversation, kept as long as the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_NETWORK_H
#define MQTT5_NETWORK_H

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/connection.h"
#include "intake/framing/stream.h"

/* One direction of MQTT over WebSocket: the incomplete packet at the end of the last message
 * (intake/websocket.c). Its memory has the scope of the file. */
typedef struct {
    uint8_t *kept;
    uint32_t length, size; /* of `kept`: used, allocated */
    uint32_t needed;       /* length of the packet that starts there; 0 if not known yet */
    uint32_t frame;        /* in which it starts */
    uint32_t last_frame;   /* of the last message */
    bool text;             /* a text frame has come since the last packet was judged */
    bool gap;              /* bytes are missing before the next packet to be judged */
    bool lost;             /* bytes are missing: the next message may begin anywhere */
} mqtt5_websocket;

/* QUIC's numbers of streams have 62 bits (RFC 9000, 2.1). */
#define MQTT5_NO_STREAM UINT64_MAX

/* How many hops the segments of one direction may still go (intake/closing.c). */
typedef struct {
    uint32_t at;  /* where that is in the frame; 0: not looked for yet, UINT32_MAX: not to be found */
    uint8_t hops; /* of all segments so far */
    uint8_t seen; /* so many of them, 255 at most */
    bool varied;  /* they were not all alike */
} mqtt5_hops;

/* One Network Connection. */
typedef struct {
    mqtt5_connection *connection;
    mqtt5_stream streams[2]; /* by direction */
    conversation_t *conversation;
    const struct tcp_analysis *tcp; /* TCP's data; NULL before it was looked up */
    uint8_t server_port_hint;       /* as in mqtt5_input, and the next */
    uint8_t server_hint;
    bool ended[2];        /* by direction: a FIN or RST was seen */
    bool hole[2];         /* by direction: TCP lacks bytes, and no more bytes were handed on since */
    bool direct;          /* MQTT is straight on TCP */
    bool begins[2];       /* by direction: ... from its first byte on */
    bool renewed;         /* the SYN that TCP knows are those of an earlier connection */
    bool bare;            /* no control packet was seen yet: intake/bare.c has made it */
    bool spoke;           /* a frame with control packets was seen */
    bool relative;        /* TCP hands on sequence numbers that count from 0 */
    uint8_t completeness; /* FIN and RST that TCP had seen after the last frame */
    uint8_t stale;        /* RST, where TCP has seen one that closes nothing: the next one may */
    uint32_t bases[2];    /* by direction, TCP's base_seq when its first bytes came */
    uint32_t found_frame; /* the frame whose CONNECT showed that the WebSocket carries MQTT; 0:
                           * there is none */
    uint64_t server;      /* as in mqtt5_input, and the next */
    uint64_t client_address, server_address;
    struct mqtt5_upgrading *upgrading; /* intake/upgrade.c; NULL: nobody has asked for a WebSocket */
    mqtt5_websocket *websockets;       /* two, by direction; NULL: no message of a WebSocket came yet */
    int64_t open_time;                 /* bare: of its SYN, as in mqtt5_input; 0: not known */
    uint64_t stream;                   /* QUIC: the stream of the conversation; otherwise MQTT5_NO_STREAM */
    wmem_map_t *others;                /* QUIC: those of the conversation's other streams, by stream, in that of
                                * the first; NULL: none */
    mqtt5_hops hops[2];                /* by direction */
    mqtt5_transport transport;         /* after the last frame that was judged */
} mqtt5_network;

/* Registers the preferences about connections: several_connections, patience, security,
 * journey_memory. Call it after mqtt5_columns_register(). */
void mqtt5_network_register(void);

/* Notes whether the frame was captured in part. To be called for each of TCP, on the first visit. */
void mqtt5_network_see_frame(const packet_info *pinfo);

/* True if a frame between these ports was captured in part until now: the beginning of the connection,
 * too, may lack something. */
bool mqtt5_network_was_cut(const packet_info *pinfo);

/* True if the preference journey_memory has copies linked with their messages. */
bool mqtt5_network_links_copies(void);

/* Returns the Network Connection of a frame, and in *direction (unless NULL) its
 * mqtt5_network_direction(). If there is none yet, it makes one, or returns NULL if `make` is
 * false. A cache saves most of Wireshark's own look-ups, which cost more. */
mqtt5_network *mqtt5_network_of(packet_info *pinfo, bool make, uint8_t *direction);

/* The same for a stream of QUIC: each is a Network Connection of its own, and one is always made. */
mqtt5_network *mqtt5_network_of_stream(packet_info *pinfo, uint64_t stream, uint8_t *direction);

/* Another connection goes on at the same ports, which Wireshark takes for the old one since its SYN
 * was not captured: nothing that is kept of that holds. What was frozen of it stays. */
void mqtt5_network_renew(mqtt5_network *network);

/* The same for the packet of a menu: it never makes a conversation. */
mqtt5_network *mqtt5_network_look_up(packet_info *pinfo);

/* False as long as no MQTT was seen in this file: then there is nothing to look up. */
bool mqtt5_network_any(void);

/* True if the user wants to know what weakens security. */
bool mqtt5_network_security(void);

/* A number for an address, never 0; two addresses are most unlikely to have the same. */
uint64_t mqtt5_network_address(const address *who);

/* The pauses of this file, which live as long as it; NULL while no MQTT was seen in it. */
mqtt5_pauses *mqtt5_network_pauses(void);

/* A number for the address and port of the server, or 0 if it is not known which end that is.
 * `hint` is a server_port_hint, `direction` is that of the frame. */
uint64_t mqtt5_network_server(const packet_info *pinfo, uint8_t hint, uint8_t direction);

/* Tells the other connections of `server` (mqtt5_network_server()) that the frame, at `now`, is of one of
 * which the capture has no byte of the client: mqtt5_capture_learn_hidden(). */
void mqtt5_network_hidden(const packet_info *pinfo, uint64_t server, int64_t now);

/* 0 or 1: which end sends, the same for all frames of a connection in that direction. */
uint8_t mqtt5_network_direction(const packet_info *pinfo);

#endif
