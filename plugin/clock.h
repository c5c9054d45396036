/* clock.h
 * The time of a frame as the core wants it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CLOCK_H
#define MQTT5_CLOCK_H

#include <epan/packet.h>

/* A capture file can claim any second; from 1970 to 2116 there is room in an int64_t for the difference of two times, and for a delay of MQTT on top of it. */
#define MQTT5_SECONDS_MAX (G_MAXINT64 / 2 / 1000000000 - 1)

/* The frame's time in nanoseconds since the epoch, as in mqtt5_input. */
static inline int64_t mqtt5_frame_time(const packet_info *pinfo)
{
    return CLAMP((int64_t)pinfo->abs_ts.secs, 0, MQTT5_SECONDS_MAX) * 1000000000 + pinfo->abs_ts.nsecs;
}

#endif
