/* milestone.h
 * What is said once, and then again where it has become ten times as many.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_JOURNEY_MILESTONE_H
#define MQTT5_CAPTURE_JOURNEY_MILESTONE_H

#include <stdbool.h>
#include <stdint.h>

/* True if `count` more, after `before`, bring the first one, the tenth, the hundredth and so on. */
static inline bool mqtt5_is_milestone(uint32_t before, uint32_t count)
{
    uint64_t next = 1;

    while (next <= before)
        next *= 10;
    return before + (uint64_t)count >= next;
}

#endif
