/* topic.c
 * Topic Names and Topic Filters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "topic.h"

#include <glib.h>
#include <string.h>

static bool levels_match(const char *filter, const char *topic)
{
    while (*filter) {
        if (*filter == '#')
            return true;
        if (*filter == '+') {
            filter++;
            topic += strcspn(topic, "/");
            continue;
        }
        /* "a/#" matches "a", too (4.7.1.2). */
        if (!*topic && strcmp(filter, "/#") == 0)
            return true;
        if (*filter++ != *topic++)
            return false;
    }
    return *topic == '\0';
}

bool topic_matches(const char *filter, const char *topic)
{
    if (topic[0] == '$' && (filter[0] == '#' || filter[0] == '+'))
        return false;
    return levels_match(filter, topic);
}

bool topic_is_shared(const char *filter)
{
    return g_str_has_prefix(filter, "$share/");
}

const char *topic_filter(const char *filter)
{
    return topic_is_shared(filter) ? strchr(filter + strlen("$share/"), '/') + 1 : filter;
}

bool topic_has_wildcard(const char *filter)
{
    return strpbrk(filter, "#+") != NULL;
}
