/* dice.h
 * Chance, the same for the same seed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_DICE_H
#define WORLD_DICE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* True in `percent` of a hundred cases; may be a fraction. */
static inline bool dice_chance(GRand *dice, double percent)
{
    return g_rand_double(dice) * 100 < percent;
}

/* One of the numbers from `least` to `most`, both included. */
static inline int64_t dice_between(GRand *dice, int64_t least, int64_t most)
{
    return least + (int64_t)(g_rand_double(dice) * (double)(most - least + 1));
}

/* One element of an array. */
#define DICE_PICK(dice, array) ((array)[dice_between((dice), 0, (int64_t)G_N_ELEMENTS(array) - 1)])

#endif
