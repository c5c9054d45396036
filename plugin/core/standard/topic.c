/* topic.c
 * Syntax and matching of Topic Names and Topic Filters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/standard/topic.h"

#include <string.h>

static const char share[] = "$share";
#define SHARE_LENGTH (sizeof share - 1)

/* "$share" alone, or followed by a slash. */
static bool starts_with_share(const uint8_t *filter, uint32_t length)
{
    return length >= SHARE_LENGTH && memcmp(filter, share, SHARE_LENGTH) == 0 && (length == SHARE_LENGTH || filter[SHARE_LENGTH] == '/');
}

bool mqtt5_topic_filter_is_shared(const uint8_t *filter, uint32_t length)
{
    return length > SHARE_LENGTH && starts_with_share(filter, length);
}

uint32_t mqtt5_topic_filter_body(const uint8_t *filter, uint32_t length)
{
    const uint8_t *slash;

    if (!mqtt5_topic_filter_is_shared(filter, length))
        return 0;
    slash = memchr(filter + SHARE_LENGTH + 1, '/', length - SHARE_LENGTH - 1);
    return slash ? (uint32_t)(slash - filter) + 1 : length;
}

bool mqtt5_topic_filter_split(const uint8_t *filter, uint32_t length, uint32_t *body)
{
    uint32_t start = mqtt5_topic_filter_body(filter, length);
    bool shared = start > 0 && start < length;

    *body = shared ? start : 0;
    return shared;
}

bool mqtt5_topic_has_wildcard(const uint8_t *topic, uint32_t length)
{
    return length > 0 && (memchr(topic, '+', length) || memchr(topic, '#', length));
}

static mqtt5_topic_filter_fault check_levels(const uint8_t *filter, uint32_t length)
{
    if (length == 0)
        return MQTT5_TOPIC_FILTER_EMPTY;
    for (uint32_t i = 0; i < length; i++) {
        bool starts_level = i == 0 || filter[i - 1] == '/';

        if (filter[i] == '#' && (!starts_level || i + 1 != length))
            return MQTT5_TOPIC_FILTER_HASH;
        if (filter[i] == '+' && (!starts_level || (i + 1 < length && filter[i + 1] != '/')))
            return MQTT5_TOPIC_FILTER_PLUS;
    }
    return MQTT5_TOPIC_FILTER_VALID;
}

mqtt5_topic_filter_fault mqtt5_topic_filter_check(const uint8_t *filter, uint32_t length, bool shared)
{
    const uint8_t *name, *slash;
    uint32_t left;

    if (!shared || !starts_with_share(filter, length))
        return check_levels(filter, length);
    if (length <= SHARE_LENGTH + 1)
        return MQTT5_TOPIC_FILTER_SHARE_NAME;
    name = filter + SHARE_LENGTH + 1;
    left = length - SHARE_LENGTH - 1;
    slash = memchr(name, '/', left);
    if (slash == name)
        return MQTT5_TOPIC_FILTER_SHARE_NAME;
    if (mqtt5_topic_has_wildcard(name, slash ? (uint32_t)(slash - name) : left) || !slash || slash + 1 == filter + length)
        return MQTT5_TOPIC_FILTER_SHARE_SYNTAX;
    return check_levels(slash + 1, left - (uint32_t)(slash + 1 - name));
}

bool mqtt5_topic_matches(const uint8_t *filter, uint32_t filter_length, const uint8_t *topic, uint32_t topic_length)
{
    if (topic_length > 0 && topic[0] == '$' && filter_length > 0 && (filter[0] == '+' || filter[0] == '#'))
        return false;
    return mqtt5_topic_matches_levels(filter, filter_length, topic, topic_length);
}

bool mqtt5_topic_matches_levels(const uint8_t *filter, uint32_t filter_length, const uint8_t *topic, uint32_t topic_length)
{
    uint32_t f = 0, t = 0;

    for (;;) {
        /* Both are at the start of a level. */
        if (f < filter_length && filter[f] == '#')
            return true;
        if (f < filter_length && filter[f] == '+') {
            f++;
            while (t < topic_length && topic[t] != '/')
                t++;
        } else {
            while (f < filter_length && t < topic_length && filter[f] != '/' && filter[f] == topic[t])
                f++, t++;
        }
        if (t == topic_length) {
            if (f == filter_length)
                return true;
            /* "a/#" matches "a" too. */
            return filter_length - f == 2 && filter[f] == '/' && filter[f + 1] == '#';
        }
        if (f == filter_length || filter[f] != '/' || topic[t] != '/')
            return false;
        f++, t++;
    }
}
