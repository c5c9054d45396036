/* pauses.c
 * Remembers the pauses of a capture, but none that was followed by a longer one: for "the longest
 * since then" only those matter. So there are few, from the longest to the shortest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/pauses.h"

#include <glib.h>
#include <stdbool.h>

/* Shorter ones are of no use to any rule. */
#define PAUSE_MIN INT64_C(500000000)

typedef struct {
    uint32_t frame; /* that ends it */
    int64_t length;
} pause;

struct mqtt5_pauses {
    bool any;        /* a frame was noted */
    uint32_t frame;  /* the last one */
    int64_t time;    /* of that */
    GArray *longest; /* of pause: each is later and shorter than the one before */
};

mqtt5_pauses *mqtt5_pauses_new(void)
{
    mqtt5_pauses *pauses = g_new0(mqtt5_pauses, 1);

    pauses->longest = g_array_new(FALSE, FALSE, sizeof(pause));
    return pauses;
}

void mqtt5_pauses_free(mqtt5_pauses *pauses)
{
    if (!pauses)
        return;
    g_array_free(pauses->longest, TRUE);
    g_free(pauses);
}

static const pause *at(const mqtt5_pauses *pauses, unsigned i)
{
    return &g_array_index(pauses->longest, pause, i);
}

/* The time between the last frame and one at `now`. */
static int64_t length_of(const mqtt5_pauses *pauses, int64_t now)
{
    return now - pauses->time < -PAUSE_MIN ? INT64_MAX : now - pauses->time;
}

static void keep(mqtt5_pauses *pauses, uint32_t frame, int64_t length)
{
    pause now = {frame, length};
    unsigned count = pauses->longest->len;

    while (count > 0 && at(pauses, count - 1)->length <= length)
        count--;
    g_array_set_size(pauses->longest, count);
    g_array_append_val(pauses->longest, now);
}

void mqtt5_pauses_frame(mqtt5_pauses *pauses, uint32_t frame, int64_t time)
{
    if (pauses->any && length_of(pauses, time) >= PAUSE_MIN)
        keep(pauses, frame, length_of(pauses, time));
    pauses->any = true;
    pauses->frame = frame;
    pauses->time = time;
}

int64_t mqtt5_pauses_longest(const mqtt5_pauses *pauses, uint32_t since, int64_t now)
{
    unsigned low = 0, high;
    int64_t longest;

    if (!pauses || !pauses->any)
        return 0;
    longest = MAX(length_of(pauses, now), 0);
    high = pauses->longest->len;
    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (at(pauses, middle)->frame > since)
            high = middle;
        else
            low = middle + 1;
    }
    return low < pauses->longest->len ? MAX(longest, at(pauses, low)->length) : longest;
}
