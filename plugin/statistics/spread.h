/* spread.h
 * How times spread: least, average, percentiles, most. Takes as much memory as their range needs,
 * some kB at most, however many there are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_SPREAD_H
#define MQTT5_STATISTICS_SPREAD_H

#include <stdint.h>

/* All zero: no time yet. Times in nanoseconds. */
typedef struct {
    uint32_t count;
    int64_t least, most;
    double sum;
    /* How many there are by size: 16 steps for each doubling. Allocated up to the largest. */
    uint32_t *steps;
    unsigned size;
} mqtt5_spread;

/* Takes a time; a negative one counts as 0. */
void mqtt5_spread_add(mqtt5_spread *spread, int64_t time);

/* The time that `percent` (1 to 100) of the times do not exceed, by nearest rank: at most 1/32
 * off. 0 if there is none. */
int64_t mqtt5_spread_percentile(const mqtt5_spread *spread, unsigned percent);

/* Frees what it has. */
void mqtt5_spread_clear(mqtt5_spread *spread);

#endif
