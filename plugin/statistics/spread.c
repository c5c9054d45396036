/* spread.c
 * How times spread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/spread.h"

#include <string.h>

#include <glib.h>

#define STEPS 16    /* for each doubling */
#define UNIT_BITS 6 /* the first steps are this small: 64 ns */

static unsigned step_of(int64_t time)
{
    uint64_t units = (uint64_t)time >> UNIT_BITS;
    unsigned shift = 0;

    while (units >> shift >= 2 * STEPS)
        shift++;
    return shift * STEPS + (unsigned)(units >> shift);
}

static int64_t middle_of(unsigned step)
{
    unsigned shift = step < 2 * STEPS ? 0 : step / STEPS - 1;
    uint64_t least = (uint64_t)(step - shift * STEPS) << (shift + UNIT_BITS);

    return (int64_t)(least + ((UINT64_C(1) << (shift + UNIT_BITS)) >> 1));
}

void mqtt5_spread_add(mqtt5_spread *spread, int64_t time)
{
    unsigned step;

    time = MAX(time, 0);
    step = step_of(time);
    if (step >= spread->size) {
        spread->steps = g_renew(uint32_t, spread->steps, step + 1);
        memset(spread->steps + spread->size, 0, (step + 1 - spread->size) * sizeof spread->steps[0]);
        spread->size = step + 1;
    }
    spread->steps[step]++;
    spread->least = spread->count == 0 ? time : MIN(spread->least, time);
    spread->most = MAX(spread->most, time);
    spread->sum += (double)time;
    spread->count++;
}

int64_t mqtt5_spread_percentile(const mqtt5_spread *spread, unsigned percent)
{
    uint64_t above = (uint64_t)spread->count * (100 - percent) / 100, passed = 0;

    if (spread->count == 0 || above == 0)
        return spread->most;
    for (unsigned step = spread->size; step-- > 0;) {
        passed += spread->steps[step];
        if (passed > above)
            return CLAMP(middle_of(step), spread->least, spread->most);
    }
    return spread->least;
}

void mqtt5_spread_clear(mqtt5_spread *spread)
{
    g_free(spread->steps);
    memset(spread, 0, sizeof *spread);
}
