/* fault.h
 * One fault in a world where everybody conforms: who breaks which rule, and how. Each fault is a row of a table; the rule's name is the
 * plugin's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_FAULT_H
#define WORLD_FAULT_H

#include "client.h"

#define TYPE(type) (1U << (type))
#define ANSWERS (TYPE(PUBACK) | TYPE(PUBREC) | TYPE(PUBCOMP))
#define OLD (1U << 3 | 1U << 4)
#define NEW (1U << 5)

enum { BY_CLIENT = 1, BY_SERVER = 2, BY_BOTH = 3 };

/* Where the rule is to be found. */
typedef enum {
    FOUND_THERE, /* on the packet that breaks it */
    FOUND_LATER, /* on that packet or a later one, or not at all: it takes time or other traffic to see it, or it is only a suspicion */
} fault_found;

typedef struct {
    const char *rule;                       /* that is to be found; or several, separated by '|': one of them */
    unsigned by, types, versions;           /* the packets with which it can be done */
    bool (*fits)(side *s, const packet *p); /* ... and what must hold of them; NULL: nothing more */
    void (*change)(side *s, packet *p);     /* changes its meaning before it is sent */
    void (*harm)(GByteArray *wire);         /* changes its bytes */
    packet *(*before)(side *s, packet *p);  /* makes a packet that is sent before it, and breaks the rule instead of it; */
    packet *(*after)(side *s, packet *p);   /* or after it */
    bool swallow;                           /* it is not sent at all */
    bool (*overtakes)(side *s, const packet *held, const packet *p); /* it is held, until this is true of another that overtakes it, */
    bool late;                                                       /* and breaks the rule itself, rather than that one */
    int reaction;                                                    /* of the receiver: TAKEN, IGNORED, REFUSED */
    fault_found found;
    unsigned stage; /* what its world needs, so that the capture can show it: STAGE_ */
} fault;

/* All rows, from one table after the other; NULL when there is no more. A rule may have several rows. */
const fault *fault_get(unsigned row);

/* How many rows there are. */
unsigned fault_count(void);

/* True if a row breaks this rule, alone or as one of several. */
bool fault_is_of(const fault *f, const char *rule);

/* To be called before a packet is sent: breaks the rule of the world's plan if this is the occasion. True if that has sent what there is
 * to send. */
bool fault_send(side *s, packet *p);

/* What a world needs in which somebody breaks this rule; NULL: nobody breaks one. */
unsigned fault_stage(const char *rule);

/* A packet shows a fault that was not done with a packet: it is found there, or never. */
void fault_mark(world *w, packet *p, int reaction);

/* For faults that are no matter of a packet: true if now is the time to break this rule, once. `rule`: the first name of the row. */
bool fault_now(world *w, const char *rule);

/* The two that a side can be part of. */
static inline client *client_of(side *s)
{
    return s->end == CLIENT_END ? (client *)s : NULL;
}

static inline link *link_of(side *s)
{
    return s->end == SERVER_END ? (link *)s : NULL;
}

/* The tables: what can be seen in one packet; the order of packets and their identifiers; what a server delivers. */
extern const fault fault_packets[], fault_connections[], fault_flows[], fault_deliveries[];

#endif
