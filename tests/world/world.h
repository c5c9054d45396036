/* world.h
 * A simulated world: one server and some clients, all of whom keep to the standard, and a tap on
 * the network between them. Its seed alone says what happens in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "tcp.h"

typedef struct broker broker;
typedef struct client client;

/* What is to be simulated. */
typedef struct {
    uint32_t seed;
    unsigned number;   /* of the world in its file: it gives addresses, and the time when it
                        * begins */
    double loss;       /* as in tcp_network */
    int only_version;  /* 0: any; 3, 4, 5 */
    const char *fault; /* the rule that somebody breaks once (fault.h); NULL: everybody conforms */
} world_plan;

/* What a world may have so that a capture can show a fault (fault.h). */
enum {
    STAGE_WATCHER = 1, /* the first client has subscribed to all before the others come, and stays */
    STAGE_WILLS = 2,   /* Wills are frequent, and no other says the same */
    STAGE_TELLING = 4, /* most messages are like no other, and so long that nobody says the same by chance */
    STAGE_OWN = 8,     /* each client publishes to a topic of its own, ... */
    STAGE_RETAIN = 16, /* ... mostly with RETAIN 1, and with QoS 1 or 2 */
    STAGE_LONG = 32    /* it lasts long */
};

/* What has become of the fault. */
typedef struct {
    bool done;
    unsigned wait;     /* occasions that are let go by before */
    bool shown;        /* some packet breaks the rule, rather than what is not there */
    packet *held;      /* what is sent later than it should be, */
    packet *swallowed; /* or not at all */
    void *held_by;     /* the end of the connection that does so */
    void *session;     /* that should be gone */
    void *message;     /* each copy of it, from now on, is one too many */
} world_fault;

typedef struct {
    world_plan plan;
    arena *memory;
    schedule *events;
    GRand *dice;
    tcp_network network;
    broker *broker;
    GPtrArray *clients; /* of client */
    int64_t start, end;
    bool twins; /* two clients share a Client Identifier */
    unsigned stage;
    world_fault fault;
    unsigned messages; /* published so far, which gives payloads of their own */
} world;

/* Simulates one from its beginning to its end; the frames in network.frames are then in the order
 * of their times. */
world *world_run(const world_plan *plan);
void world_free(world *w);

#endif
