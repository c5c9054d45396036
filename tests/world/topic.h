/* topic.h
 * Topic Names and Topic Filters (MQTT 5.0, 4.7, 4.8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_TOPIC_H
#define WORLD_TOPIC_H

#include <stdbool.h>

/* Whether a filter, without its $share/name/, matches a Topic Name; a wildcard at its start matches
 * no $ (4.7.2). */
bool topic_matches(const char *filter, const char *topic);

/* The filter of a shared subscription after $share/name/ (4.8.2), and of any other as it is. */
const char *topic_filter(const char *filter);
bool topic_is_shared(const char *filter);
bool topic_has_wildcard(const char *filter);

#endif
