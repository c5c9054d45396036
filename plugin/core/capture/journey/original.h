/* original.h
 * The messages that clients have published, for copies of them to be matched with: found by their
 * topic and payload, or by what the same client has published to the same topic.
 *
 * Each takes MQTT5_ORIGINAL_BYTES, whatever its length. Up to the bound all are kept; then each new
 * one takes the place of the oldest, and what is known of that is missing evidence. Adding one and
 * finding one take the same time however many there are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_JOURNEY_ORIGINAL_H
#define MQTT5_CAPTURE_JOURNEY_ORIGINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/facts.h"

/* A message as it was published. */
typedef struct {
    uint64_t hash;      /* of server, topic and payload */
    mqtt5_facts *facts; /* of its PUBLISH; they stay where they are as long as the capture */
    int64_t time;
    uint32_t frame;
    uint32_t publisher;  /* the serial number of its link */
    uint32_t topic;      /* a part of the hash of server and topic */
    uint32_t properties; /* a hash of those that a server forwards unaltered; 0: none, or not MQTT 5 */
    /* numbers: the next older ones that share a place in the index */
    uint32_t older, older_of_stream;
    uint32_t shares; /* the shared subscriptions one of whose members has probably got it: mqtt5_capture_match.shares */
    uint16_t packet_id;
    uint16_t released_after; /* if `released`: in MQTT5_RELEASED_UNIT, rounded up; UINT16_MAX: or longer */
    uint8_t resent;          /* how many times the client has sent it again, which QoS 1 allows to deliver again */
    uint8_t qos : 2;
    bool retain : 1;
    bool refused : 1; /* PUBACK or PUBREC had a failure: nobody gets it */
    bool v5 : 1;
    bool expires : 1; /* it has a Message Expiry Interval */
    /* QoS 2: PUBREL came for it, so that the server owes it to its subscribers, however it works (4.3.3) */
    bool released : 1;
    bool overtook : 1; /* ... before that of an earlier one of its stream: the order between them is not known */
} mqtt5_original_message;

#define MQTT5_RELEASED_UNIT (MQTT5_SECOND / 100)

/* Of the message, and of its places in the two indexes. */
#define MQTT5_ORIGINAL_BYTES (sizeof(mqtt5_original_message) + 2 * sizeof(uint32_t))

typedef struct mqtt5_originals mqtt5_originals;

/* An empty store that takes `bound` bytes at most, the last doubling excepted; with less than a
 * few messages need, it keeps none. Freed with mqtt5_originals_free(), which takes NULL, too. */
mqtt5_originals *mqtt5_originals_new(size_t bound);
void mqtt5_originals_free(mqtt5_originals *originals);

/* Keeps a copy of `message`; `older` and `older_of_stream` are set here. Returns its number: from 1
 * on, ascending; 0 if the store keeps none. */
uint32_t mqtt5_originals_add(mqtt5_originals *originals, const mqtt5_original_message *message);

/* The newest message with this hash, or with the one of `message` and older than that. NULL: none
 * is left, or none was found among `*left` messages, which goes down with each that is looked at.
 * Valid until the next one is added. */
mqtt5_original_message *mqtt5_originals_newest(mqtt5_originals *originals, uint64_t hash, unsigned *left);
mqtt5_original_message *mqtt5_originals_older(mqtt5_originals *originals, const mqtt5_original_message *message, unsigned *left);

/* The message before `message` that the same client published to the same topic with the same QoS,
 * as mqtt5_originals_older(). */
mqtt5_original_message *mqtt5_originals_before(mqtt5_originals *originals, const mqtt5_original_message *message, unsigned *left);

/* True if a message with QoS 2 and RETAIN 1 was ever added. */
bool mqtt5_originals_has_stored_qos_2(const mqtt5_originals *originals);

/* The number of a message of the store. */
uint32_t mqtt5_originals_number(const mqtt5_originals *originals, const mqtt5_original_message *message);

/* The last message of a publisher with QoS 1 or 2 that has this Packet Identifier, if it is in this
 * frame (0: in any); among the last few that were added. NULL: there is none. */
mqtt5_original_message *mqtt5_originals_published(mqtt5_originals *originals, uint32_t publisher, uint32_t frame, uint16_t packet_id);

#endif
