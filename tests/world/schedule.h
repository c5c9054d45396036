/* schedule.h
 * What happens in a simulated world, in the order of its clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_SCHEDULE_H
#define WORLD_SCHEDULE_H

#include <glib.h>
#include <stdint.h>

#define MICROSECONDS INT64_C(1000)
#define MILLISECONDS (1000 * MICROSECONDS)
#define SECONDS (1000 * MILLISECONDS)

typedef struct schedule schedule;

/* What is called when its time has come. An event is never taken back: whoever is called looks
 * whether it still matters. */
typedef void (*schedule_call)(void *subject, void *detail);

/* Makes one whose clock is at `start` (nanoseconds), and frees it. */
schedule *schedule_new(int64_t start);
void schedule_free(schedule *events);

int64_t schedule_now(const schedule *events);

/* Has `call` called `after` nanoseconds (0 or more) from now; of two events at one time the one
 * that was added first comes first. */
void schedule_add(schedule *events, int64_t after, schedule_call call, void *subject, void *detail);

/* Runs until nothing is left, or the next event is later than `end`. */
void schedule_run(schedule *events, int64_t end);

#endif
