/* side.h
 * One end of an MQTT connection, client or server: what both do alike. Sending within what the
 * other side takes, Topic Aliases, and answers that come a while later, in their order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_SIDE_H
#define WORLD_SIDE_H

#include "world.h"

typedef struct flow flow;

typedef struct side {
    world *world;
    tcp_connection *connection; /* NULL: none */
    unsigned end;               /* CLIENT_END or SERVER_END */
    uint8_t version;
    bool ready; /* the connection was accepted, and nobody has said good-bye */

    /* What the other side takes (3.1.2.11, 3.2.2.3). */
    uint32_t receive_maximum, maximum_packet_size, alias_maximum;
    bool fresh;               /* the session began with this connection */
    bool problem_information; /* it wants Reason Strings and User Properties on any packet */

    GPtrArray *aliases; /* topics by alias - 1, of this connection: NULL where an alias is free */
    flow *flow;         /* of its session */
    int64_t answer_delay, last_answer;
    int64_t last_sent;
} side;

/* Begins a new connection: nothing said yet, limits at their defaults. */
void side_begin(side *s, tcp_connection *connection, uint8_t version);

/* A new packet of its version. */
packet *side_packet(side *s, uint8_t type);

/* Sends it at once. False, and nothing is sent, if it is larger than the other side takes, or if
 * the connection is closed. */
bool side_send(side *s, packet *p);

/* Sends it whatever the other side takes; `wire` are its bytes, NULL: as they should be. False if
 * the connection is closed. */
bool side_send_anyway(side *s, packet *p, const GByteArray *wire);

/* Sends it after a while, after all other answers, if the connection is still the same (4.6.0-2 to
 * -4: answers keep their order). */
void side_answer(side *s, packet *p);

/* Puts a Topic Alias on a PUBLISH where the other side takes any, and leaves the topic out where
 * the alias has it already. */
void side_alias(side *s, packet *p);

/* Says more than it has to: Reason String, User Properties, as far as the other side wants them. */
void side_chatter(side *s, packet *p);

#endif
