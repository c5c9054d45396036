/* clock.h
 * The time of a frame in the form that the core takes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CLOCK_H
#define MQTT5_CLOCK_H

#include <epan/packet.h>

#include "core/input.h"

/* A capture file may contain any second. Between 1970 and 2116, an int64_t can hold the difference
 * of two times plus any delay of MQTT. */
#define MQTT5_SECONDS_MAX (G_MAXINT64 / 2 / MQTT5_SECOND - 1)

/* Wireshark's time in nanoseconds since the epoch, as in mqtt5_input. */
static inline int64_t mqtt5_time(const nstime_t *time)
{
    /* One comparison for both ends: a negative number is a huge one. */
    if (G_UNLIKELY((uint64_t)time->secs > (uint64_t)MQTT5_SECONDS_MAX))
        return (time->secs < 0 ? 0 : MQTT5_SECONDS_MAX) * MQTT5_SECOND + time->nsecs;
    return (int64_t)time->secs * MQTT5_SECOND + time->nsecs;
}

/* The frame's time in nanoseconds since the epoch, as in mqtt5_input. */
static inline int64_t mqtt5_frame_time(const packet_info *pinfo)
{
    return mqtt5_time(&pinfo->abs_ts);
}

/* The same the other way round; also of a difference of two times. */
static inline nstime_t mqtt5_nstime(int64_t time)
{
    return (nstime_t){(time_t)(time / MQTT5_SECOND), (int)(time % MQTT5_SECOND)};
}

#endif
