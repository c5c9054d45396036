/* topic.h
 * Topic Names and Topic Filters (4.7, 4.8): syntax and matching, on bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STANDARD_TOPIC_H
#define MQTT5_STANDARD_TOPIC_H

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with a Topic Filter. */
typedef enum {
    MQTT5_TOPIC_FILTER_VALID,
    MQTT5_TOPIC_FILTER_EMPTY, /* [MQTT-4.7.3-1] */
    MQTT5_TOPIC_FILTER_HASH,  /* # is not the whole last level [MQTT-4.7.1-1] */
    MQTT5_TOPIC_FILTER_PLUS,  /* + is not a whole level [MQTT-4.7.1-2] */
    /* $share with an empty ShareName, or nothing after $share [MQTT-4.8.2-1] */
    MQTT5_TOPIC_FILTER_SHARE_NAME,
    /* + or # in the ShareName, no / after it, or no filter after that [MQTT-4.8.2-2] */
    MQTT5_TOPIC_FILTER_SHARE_SYNTAX
} mqtt5_topic_filter_fault;

/* Checks the syntax of a Topic Filter of `length` bytes; `shared` says whether $share/ has its
 * meaning (MQTT 5). */
mqtt5_topic_filter_fault mqtt5_topic_filter_check(const uint8_t *filter, uint32_t length, bool shared);

/* True if the filter starts with "$share/" (a shared subscription of MQTT 5, well-formed or
 * not). */
bool mqtt5_topic_filter_is_shared(const uint8_t *filter, uint32_t length);

/* The part of a filter that is matched: after $share/ShareName/ for a shared subscription, else all
 * of it. Returns its offset, at most `length`. */
uint32_t mqtt5_topic_filter_body(const uint8_t *filter, uint32_t length);

/* Splits a Topic Filter: true for a shared subscription, with the offset of the part that is
 * matched in *body; else false, and *body is 0: all of it is matched. A shared one that is
 * malformed, with nothing to match, counts as not shared. */
bool mqtt5_topic_filter_split(const uint8_t *filter, uint32_t length, uint32_t *body);

/* True if a Topic Name or filter has + or #. */
bool mqtt5_topic_has_wildcard(const uint8_t *topic, uint32_t length);

/* True if the Topic Name matches the filter (4.7.1, 4.7.2: a leading wildcard does not match a
 * topic that starts with $). Of a shared subscription pass the part after $share/ShareName/. Linear
 * in both lengths. */
bool mqtt5_topic_matches(const uint8_t *filter, uint32_t filter_length, const uint8_t *topic, uint32_t topic_length);

/* The same without 4.7.2, as a server matches that does not treat topics with $ differently. */
bool mqtt5_topic_matches_levels(const uint8_t *filter, uint32_t filter_length, const uint8_t *topic, uint32_t topic_length);

#endif
