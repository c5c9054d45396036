/* pauses.h
 * The times in which a capture holds no frame at all, of no connection.
 *
 * Nobody knows how long such a pause really was. The clock may have been set, the computer may have
 * slept, or the capture may have stopped for a while: a rule about time that has passed leaves the
 * longest pause out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PAUSES_H
#define MQTT5_PAUSES_H

#include <stdint.h>

/* Times are nanoseconds since the epoch. */
typedef struct mqtt5_pauses mqtt5_pauses;

mqtt5_pauses *mqtt5_pauses_new(void);
void mqtt5_pauses_free(mqtt5_pauses *pauses);

/* Notes a frame, of whatever protocol, with its number. To be called in the order of the capture,
 * which is that of the numbers. */
void mqtt5_pauses_frame(mqtt5_pauses *pauses, uint32_t frame, int64_t time);

/* The longest pause between two frames, from the frame `since` to the one at `now`, which may have
 * been noted or not; in nanoseconds. INT64_MAX if the clock went back between them, or has gone back
 * before and there is a pause in which it may have been set again. 0 for `pauses` NULL. */
int64_t mqtt5_pauses_longest(const mqtt5_pauses *pauses, uint32_t since, int64_t now);

/* The time that has certainly passed from the frame `since`, at `time`, to one at `now`: without the
 * longest pause between them, and without all that are long. 0 if that is all of it, or the clock went back. */
int64_t mqtt5_pauses_passed(const mqtt5_pauses *pauses, uint32_t since, int64_t time, int64_t now);

#endif
