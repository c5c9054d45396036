/* message.h
 * An Application Message, on its way from its publisher through the server to subscribers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_MESSAGE_H
#define WORLD_MESSAGE_H

#include "packet.h"

typedef struct message {
    const char *topic;
    bytes payload;
    uint8_t qos;
    bool retain;            /* as it was published */
    GArray *properties;     /* of property: those that go with it to the subscriber, unaltered */
    bool expires;           /* it has a Message Expiry Interval, */
    uint32_t expiry;        /* as it was received, */
    int64_t received;       /* and then */
    const void *publisher;  /* the session that it comes from; NULL: the server itself */
    const packet *original; /* PUBLISH, or the CONNECT with the Will */
} message;

/* The message that a PUBLISH brings, or the Will of a CONNECT, at time `now`. */
message *message_of_publish(arena *memory, const packet *p, const void *publisher, int64_t now);
message *message_of_will(arena *memory, const packet *connect, const void *publisher, int64_t now);

/* Seconds that are left of its Message Expiry Interval; 0: it has expired (3.3.2.3.3). UINT32_MAX
 * where it never does. */
uint32_t message_left(const message *m, int64_t now);

#endif
