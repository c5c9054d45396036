/* client.h
 * A client that keeps to the standard, with an application in it that does this and that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_CLIENT_H
#define WORLD_CLIENT_H

#include "broker.h"

typedef enum { CLIENT_AWAY, CLIENT_CONNECTING, CLIENT_CONNECTED } client_state;

struct client {
    side side;
    world *world;
    unsigned number;
    const char *id; /* as it sends it; "" where the server is to give one */
    uint32_t address;
    uint16_t port;
    client_state state;
    unsigned connections;

    /* Its habits. */
    uint8_t version;
    bool keeps; /* the session over connections */
    bool pipelines, responds, tidy;
    bool one_shot; /* says CONNECT, PUBLISH and good-bye in one go */
    bool idle;     /* a fault: it says nothing but PINGREQ */
    bool watches;  /* subscribes to all, and stays */
    bool resends;  /* before MQTT 5: what has no answer, on the same connection */
    uint32_t expiry, receive_maximum, maximum_packet_size, alias_maximum;
    uint16_t keep_alive;
    double ping_share; /* of the Keep Alive, after which it says something */
    const char *method;
    int64_t pause;      /* between two things it does, on average */
    unsigned publishes; /* percent of what it does */

    /* Of this connection, or of the session. */
    bool clean_once; /* its state was lost */
    int64_t away;    /* a fault: until then */
    bool has_session, clean_start, problem_information, wants_information;
    uint32_t session_expiry, effective_keep_alive;
    int64_t ping_sent; /* 0: all are answered */
    bool authenticating;
    GPtrArray *filters; /* of text: subscribed, as far as it knows */

    /* What the server takes, as known from the last CONNACK, or by default. */
    uint8_t maximum_qos;
    bool retain, wildcard, identifiers, shared;
};

/* Makes one, with chance, which begins by itself after a while. */
client *client_new(world *w, unsigned number);

/* Connects, disconnects in good order, or drops the connection in one way or another; a new one
 * follows later. */
void client_connect(void *subject, void *detail);
void client_disconnect(client *c, uint8_t code);
void client_drop(client *c);

/* The connection is over: forgets what ends with it, and comes back after a while. */
void client_gone(client *c);

/* Takes a packet of the server. */
void client_take(client *c, const packet *p);

/* Sends CONNECT; and once more in a while, whatever the application does. */
void client_send_connect(client *c);
void client_act(void *subject, void *detail);

/* Publishes, with or without a message to which it responds. */
void client_publish(client *c);
void client_respond(client *c, const packet *to);
void client_subscribe(client *c);

/* Sends what a client sends that waits for no answer. */
void client_shoot(client *c);

/* Says something before the Keep Alive is over. */
void client_watch(client *c);

#endif
