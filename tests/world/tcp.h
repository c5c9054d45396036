/* tcp.h
 * TCP between clients and servers, as a tap on the way sees it: handshake, sequence and
 * acknowledgment numbers, segments, delayed ACKs, retransmissions, FIN and RST (RFC 9293). Windows
 * never close, and there are no options but the MSS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_TCP_H
#define WORLD_TCP_H

#include "packet.h"
#include "schedule.h"

enum { CLIENT_END, SERVER_END };

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10

typedef struct tcp_connection tcp_connection;

/* One frame at the tap, undisturbed. */
typedef struct {
    int64_t time;
    tcp_connection *connection;
    uint8_t direction; /* CLIENT_END: from the client */
    uint8_t flags;
    uint32_t sequence, acknowledgment;
    uint32_t offset, length; /* the payload in the bytes of its end */
} frame;

/* Where a control packet is in the bytes that an end sends. */
typedef struct {
    uint32_t start, end;
    int64_t sent;
    const packet *packet;
} tcp_mark;

/* Who uses an end. None of the calls may be NULL. */
typedef struct {
    void (*opened)(void *user);
    void (*received)(void *user, const packet *packet);
    void (*closed)(void *user, bool reset); /* by the other end; once */
} tcp_calls;

typedef struct {
    GByteArray *sent;              /* all bytes that were ever written */
    GArray *marks;                 /* of tcp_mark */
    uint32_t isn;                  /* initial sequence number */
    uint32_t next;                 /* bytes that were transmitted at least once */
    uint32_t acked;                /* bytes that the other end has */
    uint32_t received;             /* bytes of the other end that are here, in order */
    GArray *early;                 /* of tcp_range: received out of order */
    unsigned delivered;            /* marks of the other end that were handed to the user */
    unsigned unacked;              /* segments that came since the last ACK */
    unsigned tries;                /* retransmissions in a row */
    bool flushing, acking, timing; /* an event for it is under way */
    bool closing, fin_sent, fin_acked, fin_received, told_closed;
    bool dead;    /* takes nothing, sends nothing */
    bool refuses; /* ... but RST to what comes */
    int64_t last_tap, last_arrival;
    int64_t waits_since;    /* for an acknowledgment */
    const tcp_calls *calls; /* NULL: nobody */
    void *user;
} tcp_end;

/* All connections, and what the tap sees of them. */
typedef struct {
    arena *memory;
    schedule *events;
    GRand *dice;
    GPtrArray *connections;                                   /* of tcp_connection */
    GArray *frames;                                           /* of frame, as they happen: to be sorted by time */
    double loss;                                              /* of a hundred segments with data that many are lost on the way */
    void (*accept)(void *server, tcp_connection *connection); /* sets calls and user of the server's end; if not, it is refused */
} tcp_network;

struct tcp_connection {
    tcp_network *network;
    unsigned number;
    void *server;
    uint32_t addresses[2];
    uint16_t ports[2];
    tcp_end ends[2];
    int64_t to_tap[2], from_tap[2]; /* how long a segment of an end takes */
    int64_t flush_delay, ack_delay;
    int64_t probe_pause; /* of TCP's keep alive; 0: none */
    uint32_t mss;
    bool splits; /* cuts segments anywhere */
};

/* Begins a connection from the client; `server` is what accept() gets. */
tcp_connection *tcp_open(tcp_network *network, const uint32_t addresses[2], const uint16_t ports[2], void *server, const tcp_calls *calls,
                         void *user);

/* Sends a control packet whose bytes are `wire`. Nothing happens where the end is closed. */
void tcp_write(tcp_connection *connection, unsigned end, const packet *sent, const GByteArray *wire);

/* Closes with FIN when all is sent: what still comes from the other end is answered with RST. */
void tcp_close(tcp_connection *connection, unsigned end);

/* Closes with RST, or vanishes without a word; then what comes is answered with RST only if
 * `refuses`. */
void tcp_reset(tcp_connection *connection, unsigned end);
void tcp_vanish(tcp_connection *connection, unsigned end, bool refuses);

/* True while it can send and nobody has closed. */
bool tcp_is_open(const tcp_connection *connection, unsigned end);

/* True once nothing will come of it any more. */
bool tcp_is_over(const tcp_connection *connection);

#endif
