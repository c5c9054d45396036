/* tap.h
 * What a tap makes of the frames that pass it: it swaps, loses, doubles, cuts them, and so on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_TAP_H
#define WORLD_TAP_H

#include "world.h"

/* One frame as it is captured. */
typedef struct {
    frame frame;
    int64_t time;
    uint32_t captured; /* bytes of its payload at most */
    const char *what;  /* was done to it; NULL: nothing */
} capture;

/* A capture of all that was sent in a world: array of capture, which the caller frees. */
GArray *tap_captures(const world *w);

/* Disturbs it in the way that has this name; false if there is none. "none" is one, too. */
bool tap_disturb(GArray *captures, GRand *dice, const char *kind);

/* The names, by number; NULL after the last. */
const char *tap_kind(unsigned number);

#endif
