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

/* What has become of the fault. */
typedef struct {
    bool done;
    unsigned wait;     /* occasions that are let go by before */
    bool shown;        /* some packet breaks the rule, rather than what is not there */
    packet *held;      /* what is sent later than it should be, */
    packet *swallowed; /* or not at all */
    void *held_by;     /* the end of the connection that does so */
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
    world_fault fault;
    unsigned messages; /* published so far, which gives payloads of their own */
} world;

/* Simulates one from its beginning to its end; the frames in network.frames are then in the order
 * of their times. */
world *world_run(const world_plan *plan);
void world_free(world *w);

#endif
