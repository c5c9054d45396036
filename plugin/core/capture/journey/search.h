/* search.h
 * The messages of the capture that a PUBLISH of the server may be a copy of, and whether the capture
 * rules out all but one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_JOURNEY_SEARCH_H
#define MQTT5_CAPTURE_JOURNEY_SEARCH_H

#include "core/capture/journey/original.h"
#include "core/capture/parts.h"

#define MQTT5_SEARCH_MAX 64 /* messages with the same topic and payload that are looked at */

typedef struct {
    /* to be set by the caller */
    const mqtt5_event *event;
    const mqtt5_capture_link *link;
    const mqtt5_capture_message *copy;
    mqtt5_originals *originals;
    unsigned qos;
    bool retain, dup;
    bool resent; /* a client has lately sent something again */

    /* the rest by mqtt5_search_run() */
    uint32_t properties, properties_length; /* mqtt5_capture_hash_properties() */
    bool matched;                           /* `match` is set */
    mqtt5_capture_match match;              /* the subscriptions of the client */
    mqtt5_original_message *found[MQTT5_SEARCH_MAX];
    unsigned count;
    unsigned seen; /* messages with this topic and payload, those that are ruled out, too */
    bool more;     /* there were too many to look at */
    bool retained; /* those found are retained messages, for a new subscription */
    bool either;   /* it is not known whether the copy is of a retained message */
    mqtt5_capture_will_source wills;
} mqtt5_search;

/* Finds the messages and Wills that are possible; of the messages the newest comes first. */
void mqtt5_search_run(mqtt5_search *search);

/* The message that is told of, certain or not; NULL: none is possible. */
mqtt5_original_message *mqtt5_search_likeliest(mqtt5_search *search);

/* True if the capture rules out that the copy is of anything but `message`, which was found. */
bool mqtt5_search_is_certain(mqtt5_search *search, const mqtt5_original_message *message);
/* The same of the Will, where no message was found. */
bool mqtt5_search_is_certain_will(mqtt5_search *search);

/* True if all that were found are of one publisher and QoS; false if none was. */
bool mqtt5_search_is_one_stream(const mqtt5_search *search);

/* How many copies of the message may come to the client with this QoS: one for each subscription; 1
 * if the subscriptions are not known. */
unsigned mqtt5_search_due(mqtt5_search *search, const mqtt5_original_message *message);

/* The shared subscriptions that the copy came for, if only one can be the reason: a bit as in
 * mqtt5_capture_match; 0: none. */
uint32_t mqtt5_search_share(mqtt5_search *search);

/* True if the client gets the message for one subscription alone, which it had before that was
 * published, and all that it needs for that is in the capture. */
bool mqtt5_search_is_of_one_subscription(mqtt5_search *search, const mqtt5_original_message *message);

/* True if the capture has all that the client was sent and has subscribed to since its session began,
 * and it had the subscriptions for the copy before the message was published. */
bool mqtt5_search_was_subscribed(mqtt5_search *search, const mqtt5_original_message *message);

/* True if the copy has no source in this capture, and none outside of it that is known of: some
 * publisher is not captured, or the frames are not in their order. */
bool mqtt5_search_is_unexplained(mqtt5_search *search);

/* The time from `since`, in `frame`, to the copy, at the least: without the longest pause between
 * them, in which the clock may have been set. Negative if the clock went back. */
int64_t mqtt5_search_waited(const mqtt5_search *search, uint32_t frame, int64_t since);

#endif
