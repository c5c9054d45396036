/* ongoing.h
 * Faults that last: a server that never sends CONNACK breaks one rule once, however many packets it
 * sends without one. The first packet gets the finding; the others get a Chat that leads to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_ONGOING_H
#define MQTT5_ONGOING_H

#include "core/session/session.h"

/* The faults of a side that can last. */
typedef enum {
    MQTT5_ONGOING_BEFORE_CONNACK,
    MQTT5_ONGOING_AFTER_REFUSAL,
    MQTT5_ONGOING_AFTER_DISCONNECT,
    MQTT5_ONGOING_RECEIVE_MAXIMUM,
    MQTT5_ONGOING_TOPIC_ALIAS,
    MQTT5_ONGOING_COUNT
} mqtt5_ongoing_fault;

/* True if the sender of the event was reported for this fault before: then a Chat about `rule` says
 * since which frame, and there is nothing more to report. False otherwise: the caller reports
 * `rule`, and this packet counts as the first. */
bool mqtt5_ongoing(const mqtt5_event *event, mqtt5_ongoing_fault fault, mqtt5_rule_id rule);

/* The fault of the sender of the event is over: if it comes back, it is a new one. */
void mqtt5_ongoing_end(const mqtt5_event *event, mqtt5_ongoing_fault fault);

#endif
