/* broker.h
 * A server that keeps to the standard: connections (links), sessions, subscriptions, retained
 * messages, Wills.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_BROKER_H
#define WORLD_BROKER_H

#include "flow.h"

#define NEVER UINT32_MAX /* of a Session Expiry Interval (3.1.2.11.2) */

typedef struct link link;

typedef struct {
    const char *filter;
    uint8_t qos, options; /* granted; options as in SUBSCRIBE */
    uint32_t former;      /* what the identifier was before; 0: none */
    uint32_t identifier;  /* 0: none */
    bool ended;           /* a fault: it is kept after UNSUBSCRIBE */
} subscription;

typedef struct {
    const char *client_id;
    flow *flow;
    GPtrArray *subscriptions; /* of subscription */
    link *link;               /* NULL: not connected */
    bool exists;              /* it has state */
    uint32_t expiry;
    unsigned serial;  /* of the connections, and of the ends of them: an event of an earlier one is
                      * void */
    message *will;    /* that waits for its Will Delay Interval, */
    int64_t will_due; /* until then */
} session;

/* The server's end of a connection. */
struct link {
    side side;
    broker *broker;
    session *session; /* NULL before CONNECT is accepted, and after the connection is over */
    const packet *connect, *connack;
    message *will;
    uint32_t will_delay;
    uint32_t keep_alive; /* seconds; 0: off */
    int64_t last_received;
    bool waiting; /* for CONNACK to be sent: what comes is held */
    bool over;
    GPtrArray *held; /* of packet */
    unsigned rounds; /* of AUTH that are still to come */
    const char *method;
    GHashTable *topics; /* by Topic Alias of the client: nothing to do with bytes, to look at what
                         * it means */
};

struct broker {
    world *world;
    uint32_t address;
    uint16_t port;
    GPtrArray *sessions; /* of session, in the order of their first connection */
    GPtrArray *links;    /* of link: all there ever were */
    GPtrArray *retained; /* of message */
    unsigned assigned, shared_turn;
    bool up;

    /* What it takes (CONNACK, 3.2.2.3). */
    uint32_t receive_maximum, maximum_packet_size, alias_maximum, server_keep_alive, most_expiry;
    uint8_t maximum_qos;
    bool retain, wildcard, identifiers, shared;

    /* How it goes about what the standard leaves open. */
    bool one_copy;         /* for overlapping subscriptions (3.3.4) */
    bool releases;         /* a QoS 2 message is passed on when PUBREL comes, not with PUBLISH
                            * (4.3.3) */
    bool tells_nobody;     /* 0x10: no matching subscribers */
    bool patient;          /* a fault: closes no connection for the Keep Alive */
    bool tells_disconnect; /* says DISCONNECT before it closes */
    int refusals;          /* of a hundred connections that many are refused */
    int64_t connack_delay;
};

/* Makes one, with chance. */
broker *broker_new(world *w);

/* As tcp_network.accept. */
void broker_accept(void *server, tcp_connection *connection);

/* CONNECT came on a link: accepts it, asks for more with AUTH, or refuses it. AUTH came: goes
 * on. */
void broker_connect(link *l, const packet *connect);
void broker_auth(link *l, const packet *p);

/* Takes a packet on a connection that is accepted. */
void broker_take(link *l, const packet *p);

/* The session of a Client Identifier; made where there is none. */
session *broker_session(broker *b, const char *client_id);

/* A session ends: its state is gone, and its Will is published. */
void session_end(broker *b, session *s);

/* The connection is over, for whatever reason; `discard`: its Will with it (DISCONNECT 0x00). */
void link_over(link *l, bool discard);

/* The server closes, and says why where it may and wants to. Its Will is then published. */
void link_disconnect(link *l, uint8_t code);

/* Watches the Keep Alive from now on (3.1.2.10). */
void link_watch(link *l);

/* SUBSCRIBE, UNSUBSCRIBE: changes subscriptions, answers, and sends retained messages. */
void broker_subscribe(link *l, const packet *p);
void broker_unsubscribe(link *l, const packet *p);

/* Passes a message on to all who subscribed, and keeps it where it is to be retained. Returns how
 * many get it. */
unsigned broker_route(broker *b, message *m);

/* Closes one of its connections, for a reason of its own. */
void broker_close_one(broker *b);

/* True if a client that is connected, other than its publisher, has subscribed to the topic of a
 * message. */
bool broker_is_heard(const broker *b, const message *m);

/* A fault: publishes a Will that should not be published, a while later. */
void broker_publish_later(broker *b, message *m);

/* The client with this session; NULL: none. */
client *broker_client(const broker *b, const void *of);

/* Goes down and comes up again `after` nanoseconds, with all sessions. */
void broker_restart(broker *b, int64_t after);

#endif
