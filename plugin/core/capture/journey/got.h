/* got.h
 * What one client has got from the server: for each publisher, topic and QoS the last message, and
 * the messages that may be sent again. It goes on with the session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_JOURNEY_GOT_H
#define MQTT5_CAPTURE_JOURNEY_GOT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/capture/journey/original.h"

/* Messages of one publisher, topic and QoS, as they come to one client with one QoS: the server
 * must send them in their order [MQTT-4.6.0-5]. */
typedef struct {
    uint64_t key;    /* 0: the place is free */
    uint32_t number; /* of the last message that came (original.h) */
    uint32_t behind; /* of the last one of which all copies have come; later ones may come once more */
    uint32_t copies; /* of the one with `number`, so far */
    bool unsure;     /* it may have been a later one */
} mqtt5_got_stream;

typedef struct mqtt5_got mqtt5_got;

/* Of a client that has got nothing yet. */
mqtt5_got *mqtt5_got_new(void);

/* The stream that `message` belongs to when it comes with `qos`. NULL: none of it has come, or that
 * is forgotten. */
const mqtt5_got_stream *mqtt5_got_find(const mqtt5_got *got, const mqtt5_original_message *message, unsigned qos);

/* True if streams were forgotten: then NULL above says nothing. */
bool mqtt5_got_has_forgotten(const mqtt5_got *got);

/* One more copy of the message with this number has come, with `qos`; `unsure`: or of a later one of
 * its stream. `due`: so many copies of it may come, one for each subscription: those for one
 * subscription in their order, but not in that of the others. */
void mqtt5_got_add(mqtt5_got *got, const mqtt5_original_message *message, uint32_t number, unsigned qos, unsigned due, bool unsure);

/* True if the server has sent a copy for each of several subscriptions, which it need not do. */
bool mqtt5_got_is_for_each(const mqtt5_got *got);

/* A copy has come that is probably of the message with this number. */
void mqtt5_got_guess(mqtt5_got *got, uint32_t number);
/* True if that was said of this number, or may have been: only the last guesses are kept. */
bool mqtt5_got_is_guess(const mqtt5_got *got, uint32_t number);

/* A copy with `qos` can be of one message alone, which was published at `published`; it took `delay`. */
void mqtt5_got_passed(mqtt5_got *got, unsigned qos, int64_t published, int64_t delay);
/* When the last of those was published, and how long it took. 0: none has come. */
int64_t mqtt5_got_front(const mqtt5_got *got, unsigned qos);
int64_t mqtt5_got_delay(const mqtt5_got *got, unsigned qos);

/* A copy has come of which it is not certain what it is of: perhaps of the message with this number,
 * or of an older one. */
void mqtt5_got_doubt(mqtt5_got *got, uint32_t number);
/* True if such a copy may have been of the message with this number. */
bool mqtt5_got_is_doubtful(const mqtt5_got *got, uint32_t number);

/* A message with a Packet Identifier has come, and is told of as `copy`, which may be NULL. */
void mqtt5_got_sent(mqtt5_got *got, uint16_t packet_id, uint64_t hash, const mqtt5_copy *copy);

/* The copy that came with this Packet Identifier, topic and payload before; NULL: none did, or it
 * is forgotten, or nothing was told of it. */
const mqtt5_copy *mqtt5_got_before(const mqtt5_got *got, uint16_t packet_id, uint64_t hash);

#endif
