/* flow.h
 * The messages of a session: what one side sends, with its Packet Identifiers and what becomes of
 * them, and what it has received with QoS 2 (MQTT 5.0, 4.3 to 4.6, 4.9). The same for client and
 * server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_FLOW_H
#define WORLD_FLOW_H

#include "message.h"
#include "side.h"

typedef enum { FLOW_WAITING, FLOW_PUBLISHED, FLOW_RELEASED } flow_state;

/* A message on its way to the other side. */
typedef struct {
    message *message;
    uint8_t qos;
    bool retain;
    bool stored;         /* a retained message, for a new subscription */
    GArray *identifiers; /* of uint32_t: Subscription Identifiers; NULL: none */
    uint16_t id;
    flow_state state;
    bool to_send;       /* on this connection, still */
    int64_t when;       /* it was sent on this connection */
    bool counted;       /* sent on this connection as PUBLISH: it takes one of the Receive
                         * Maximum */
    const packet *sent; /* the first PUBLISH for it */
    bool unwanted;      /* a fault: its subscription has ended */
} delivery;

struct flow {
    arena *memory;
    GQueue *waiting;       /* of delivery: no PUBLISH was ever sent */
    GPtrArray *open;       /* of delivery: sent and not done, in order */
    GHashTable *received;  /* QoS 2: identifiers between PUBLISH and PUBREL, to the packet
                            * (original) */
    GHashTable *requests;  /* identifiers of SUBSCRIBE and UNSUBSCRIBE without an answer */
    const packet *refused; /* the last PUBLISH that was answered with an error */
    uint16_t last_id;
    bool lowest; /* takes the lowest free identifier rather than the next */
    unsigned in_flight;
};

/* A new one, without any message. */
flow *flow_new(world *w);

/* Forgets all (the session ends). */
void flow_clear(flow *f);

/* Forgets what was sent and received, since the other side has lost the session; what still waits
 * is sent on the new one. */
void flow_lose(flow *f);

/* An identifier that is not in use (2.2.1-3). */
uint16_t flow_identifier(flow *f);

/* The same, and nothing else uses it from now on: for what is sent beside the messages of the flow. */
uint16_t flow_take_identifier(flow *f);

/* Hands over a message to be sent as soon as `s` may. */
void flow_submit(side *s, delivery *d);

/* A connection begins with this session: what is open is to be sent again (4.4). */
void flow_resume(side *s);

/* Sends again what has had no answer for so long, on the same connection: before MQTT 5 (3.1.1, 4.4, does not forbid it). */
void flow_resend(side *s);

/* Sends what may be sent now. */
void flow_pump(side *s);

/* Takes an acknowledgment of the other side, and answers it. Returns false if it is none. */
bool flow_take(side *s, const packet *p);

#endif
