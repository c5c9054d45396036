/* input.h
 * What the core is told: a control packet with what the capture says around it, and the end of a
 * connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INPUT_H
#define MQTT5_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/pauses.h"
#include "core/transport.h"

/* Times are nanoseconds since the epoch; this is a second. */
#define MQTT5_SECOND INT64_C(1000000000)

/* A time in seconds, for a message. */
static inline double mqtt5_seconds(int64_t time)
{
    return (double)time / (double)MQTT5_SECOND;
}

/* What is wrong with the WebSocket connection that carries the packets (6). */
enum {
    MQTT5_WEBSOCKET_TEXT = 1,   /* the packet, or a part of it, came in a text frame */
    MQTT5_WEBSOCKET_UNNAMED = 2 /* the sub-protocol is not "mqtt" */
};

/* How sure it is who is the server (mqtt5_input.server_port_hint). */
enum {
    MQTT5_HINT_PORT,            /* a guess, by the port */
    MQTT5_HINT_REGISTERED_PORT, /* one of the ports that are registered for MQTT */
    MQTT5_HINT_HANDSHAKE        /* the TCP connection was opened to it */
};

/* One control packet and what the capture says around it. */
typedef struct {
    const uint8_t *data; /* from the first byte of the fixed header; borrowed for the call */
    uint32_t captured;   /* bytes at data */
    uint32_t length;     /* of the whole packet */
    uint32_t frame;      /* number of the frame that completes it */
    int64_t time;        /* of that frame, nanoseconds since the epoch */
    int64_t begin;       /* of the frame in which the packet starts; 0: the same */
    /* the same number for all connections to one address and port of a server; 0: not known */
    uint64_t server;
    /* CONNECT: the same number for all packets from one address, whatever the port; 0: not known, or
     * nobody has asked for security */
    uint64_t address;
    /* the same number for all connections from or to one host; 0: not known */
    uint64_t client_address, server_address;
    bool clear;        /* no TLS or the like below it; false if nobody has asked for security */
    uint8_t direction; /* 0 or 1: which end sent it; any fixed assignment within the connection */
    /* the direction that comes from MQTT's well-known port, 0 or 1; 2: not known */
    uint8_t server_port_hint;
    uint8_t server_hint; /* MQTT5_HINT_...: how sure that is */
    /* bytes of this direction are missing just before this packet, or it starts late */
    bool gap;
    bool found;    /* where the packet starts, after these bytes, was found by searching: it may be in a payload */
    bool peer_gap; /* bytes of the other direction are missing: this side acknowledges them */
    /* MQTT5_WEBSOCKET_...; 0: nothing is known to be wrong, or no WebSocket */
    uint8_t websocket_faults;
    /* the frame in which the first part of the packet came in a WebSocket message of its own; 0: none */
    uint32_t split_frame;
    bool direct;     /* straight on TCP, from its first byte on, but for what mqtt5_foreign_read() found there */
    bool acks_known; /* `position` and `acks` are set (carried by TCP) */
    /* TCP sequence number after this packet (relative or raw, the same in the whole connection) */
    uint32_t position;
    uint32_t acks; /* TCP acknowledgment number of the segment in which this packet starts */
    /* what TCP did before this frame; borrowed for the call. NULL: not known */
    const mqtt5_transport *transport;
    const mqtt5_pauses *pauses; /* of the capture; borrowed for the call. NULL: not known */
} mqtt5_input;

/* A packet of which only the first bytes have come. */
typedef struct {
    uint32_t frame;  /* in which it begins; 0: there is none */
    uint8_t first;   /* its first byte */
    uint32_t length; /* that its fixed header announces, with the header; 0: not known yet */
    uint32_t there;  /* bytes that have come; 0: not known */
} mqtt5_unfinished;

/* One end closes the TCP connection. */
typedef struct {
    uint8_t direction; /* of the end that closes, as in mqtt5_input */
    bool reset;        /* RST rather than FIN */
    /* the other end closed before: nothing is judged, only noted what stays open */
    bool second;
    bool complete; /* all that this end has sent is in the capture, up to the close */
    /* RST: the other end has acknowledged more, or takes nothing so far ahead, and so ignores it: this is no close */
    bool stale;
    uint32_t frame;
    int64_t time;
    bool gap, peer_gap; /* as in mqtt5_input */
    bool acks_known;
    uint32_t acks;
    /* RST: the hops that it may still go (Time to Live, Hop Limit), those of all segments of this end
     * before it, and how many these were, 255 at most; 0: not known, or they were not all alike */
    uint8_t hops, usual_hops, usual_seen;
    mqtt5_unfinished unfinished[2];   /* by direction: the packet that has not become whole */
    const mqtt5_transport *transport; /* as in mqtt5_input, but with this frame */
    const mqtt5_pauses *pauses;       /* as in mqtt5_input */
} mqtt5_close;

/* What one end has sent on a connection without control packets. */
typedef struct {
    /* with its first bytes; 0: it has sent none */
    uint32_t frame;
    int64_t time;
    uint8_t said;         /* MQTT5_BARE_...: what these are */
    uint8_t alert;        /* TLS: the description of its fatal alert */
    uint32_t alert_frame; /* of the first one in clear; 0: none */
} mqtt5_bare_side;

enum {
    MQTT5_BARE_NOTHING,
    MQTT5_BARE_OTHER,   /* none of the below */
    MQTT5_BARE_CONNECT, /* in clear */
    MQTT5_BARE_MQTT,    /* in clear: a whole CONNACK or DISCONNECT, and nothing else */
    MQTT5_BARE_CLIENT_HELLO,
    MQTT5_BARE_SERVER_HELLO,
    MQTT5_BARE_ALERT
};

/* A connection to a port of MQTT, seen from its SYN on, that ends before the plugin has seen a
 * control packet in it: nothing was sent, or TLS that was not decrypted. */
typedef struct {
    mqtt5_bare_side client, server;
    bool tls_port; /* the port is that of MQTT over TLS */
    bool refused;  /* a RST answers the SYN */
    uint32_t syns; /* this is no end, but the last of so many SYN that nobody has answered; 0: it is an end */
    bool by_server, reset;
    bool unanswered;    /* the server has sent no byte: its FIN or RST comes right after its SYN */
    uint64_t server_id; /* as in mqtt5_input */
    uint32_t syn_frame; /* of the client */
    /* it was to become a WebSocket for MQTT (core/packet/upgrade.h); NULL: it was not, or without an answer */
    const struct mqtt5_upgrade *upgrade;
    int64_t open, time; /* of the SYN, or of the answer of `upgrade`, after which the client speaks; and of the close */
    uint32_t frame;     /* of the close */
} mqtt5_bare;

#endif
