/* message_ring.h
 * The last messages of a capture, as far as capture/message.c needs them: by a hash of topic and
 * payload, in a ring that is bounded by bytes. Internal to capture/message.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_MESSAGE_RING_H
#define MQTT5_CAPTURE_MESSAGE_RING_H

#include "core/capture/parts.h"

typedef struct {
    int64_t time;
    uint32_t frame, sequence, publisher; /* publisher: serial of its link */
    uint32_t first_to;                   /* serial of the link that got it first; 0: none yet */
    /* published more than once, or delivered before it was seen to be published */
    bool ambiguous : 1;
    bool published : 1; /* by a client in the capture */
    bool repeated : 1;  /* some client has got it more than once */
    bool retain : 1;
    bool properties_known : 1; /* they were kept; mqtt5_message_properties() tells if they still are */
    bool unwitnessed : 1;      /* retained_unasked has nobody who could tell */
    uint8_t qos : 2;
    uint8_t version;
    uint16_t properties_length;
    /* by serial of the link, modulo 64: a copy was delivered there */
    uint64_t delivered_to;
    uint64_t properties_at; /* bytes of properties that the ring had kept before these */
} mqtt5_message;

typedef struct {
    mqtt5_message *messages;
    /* What a search reads lies close together. */
    uint64_t *hashes;  /* of `messages` */
    uint32_t *chains;  /* the next message in the same bucket: index + 1; 0: the last */
    uint32_t *buckets; /* the first one: index + 1 */
    uint32_t size;     /* of each of them: a power of two; 0: nothing yet */
    uint32_t next;     /* to be used; the oldest message once the ring is full */
    bool full;         /* it does not grow any more, and was filled */
    uint32_t sequence; /* messages so far */
    /* Properties of the messages, one after the other: a ring, too, where the newest replace the
     * oldest. */
    uint8_t *properties;
    uint32_t properties_size; /* a power of two; 0: nothing yet */
    uint64_t properties_kept; /* bytes so far, with those that were left out at its end */
} mqtt5_message_ring;

/* The message with this hash; NULL: there is none, or it is forgotten. Valid until the next one is
 * remembered. */
mqtt5_message *mqtt5_message_find(mqtt5_message_ring *ring, uint64_t hash);

/* Remembers the PUBLISH of the event, which `link` has sent, if need be in place of the oldest one.
 * That a message is forgotten is reported, once for a capture: evidence_missing. */
mqtt5_message *mqtt5_message_remember(mqtt5_message_ring *ring, uint64_t hash, const mqtt5_event *event, const mqtt5_capture_link *link);

/* Keeps the properties of the event's PUBLISH with `made`, unless they are not sound, or too
 * long. */
void mqtt5_message_keep_properties(mqtt5_message_ring *ring, const mqtt5_event *event, mqtt5_message *made);

/* What was kept of the properties, properties_length bytes; NULL: nothing, or later ones have
 * replaced it. Valid until the next are kept. */
const uint8_t *mqtt5_message_properties(const mqtt5_message_ring *ring, const mqtt5_message *message);

/* Frees what is kept. */
void mqtt5_message_ring_clear(mqtt5_message_ring *ring);

#endif
