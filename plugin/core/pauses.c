/* pauses.c
 * Remembers the pauses of a capture, but none that was followed by a longer one: for "the longest
 * since then" only those matter. So there are few, from the longest to the shortest. Of the very long
 * ones all are remembered, and how long they are together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/pauses.h"

#include <glib.h>
#include <stdbool.h>

/* Shorter ones are of no use to any rule. */
#define PAUSE_MIN INT64_C(500000000)
/* Where the clock is known to jump, a longer pause may be a jump, too. */
#define JUMP_MIN (10 * INT64_C(1000000000))
/* No time is taken for certain that passed in pauses longer than this, however many there are: that
 * is more than the usual Keep Alive. */
#define STILL_MIN (65 * INT64_C(1000000000))
#define STILL_MAX 4096 /* that are remembered */

typedef struct {
    uint32_t frame; /* that ends it */
    int64_t length;
} pause;

struct mqtt5_pauses {
    bool any;        /* a frame was noted */
    bool jumps;      /* the clock went back */
    uint32_t frame;  /* the last one */
    int64_t time;    /* of that */
    GArray *longest; /* of pause: each is later and shorter than the one before */
    /* of pause: the last ones of STILL_MIN, each with the length of all up to it */
    GArray *long_ones;
    int64_t total; /* of all of them */
};

mqtt5_pauses *mqtt5_pauses_new(void)
{
    mqtt5_pauses *pauses = g_new0(mqtt5_pauses, 1);

    pauses->longest = g_array_new(FALSE, FALSE, sizeof(pause));
    pauses->long_ones = g_array_new(FALSE, FALSE, sizeof(pause));
    return pauses;
}

void mqtt5_pauses_free(mqtt5_pauses *pauses)
{
    if (!pauses)
        return;
    g_array_free(pauses->longest, TRUE);
    g_array_free(pauses->long_ones, TRUE);
    g_free(pauses);
}

static const pause *at(const mqtt5_pauses *pauses, unsigned i)
{
    return &g_array_index(pauses->longest, pause, i);
}

/* The first place in `array`, which is in the order of frames, after the frame `since`. */
static unsigned first_after(const GArray *array, uint32_t since)
{
    unsigned low = 0, high = array->len;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (g_array_index(array, pause, middle).frame > since)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The time between the last frame and one at `now`. */
static int64_t length_of(const mqtt5_pauses *pauses, int64_t now)
{
    return now - pauses->time < -PAUSE_MIN ? INT64_MAX : now - pauses->time;
}

/* A pause of this length, as far as the clock can be believed. */
static int64_t believed(const mqtt5_pauses *pauses, int64_t length)
{
    return pauses->jumps && length > JUMP_MIN ? INT64_MAX : length;
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

static void keep_long(mqtt5_pauses *pauses, uint32_t frame, int64_t length)
{
    pause now;

    if (pauses->long_ones->len == STILL_MAX)
        g_array_remove_range(pauses->long_ones, 0, STILL_MAX / 2);
    pauses->total += MIN(length, INT64_MAX - pauses->total); /* a clock may jump by centuries, again and again */
    now = (pause){frame, pauses->total};
    g_array_append_val(pauses->long_ones, now);
}

void mqtt5_pauses_frame(mqtt5_pauses *pauses, uint32_t frame, int64_t time)
{
    int64_t length = pauses->any ? length_of(pauses, time) : 0;

    pauses->jumps |= length == INT64_MAX;
    if (length >= PAUSE_MIN)
        keep(pauses, frame, length);
    if (length >= STILL_MIN && length != INT64_MAX)
        keep_long(pauses, frame, length);
    pauses->any = true;
    pauses->frame = frame;
    pauses->time = time;
}

int64_t mqtt5_pauses_longest(const mqtt5_pauses *pauses, uint32_t since, int64_t now)
{
    unsigned place;
    int64_t longest;

    if (!pauses || !pauses->any)
        return 0;
    longest = MAX(length_of(pauses, now), 0);
    place = first_after(pauses->longest, since);
    if (place < pauses->longest->len)
        longest = MAX(longest, at(pauses, place)->length);
    return believed(pauses, longest);
}

/* All long pauses since that frame together; all that there were, if it is too long ago. */
static int64_t long_since(const mqtt5_pauses *pauses, uint32_t since)
{
    unsigned place;

    if (!pauses)
        return 0;
    place = first_after(pauses->long_ones, since);
    return pauses->total - (place > 0 ? g_array_index(pauses->long_ones, pause, place - 1).length : 0);
}

int64_t mqtt5_pauses_passed(const mqtt5_pauses *pauses, uint32_t since, int64_t time, int64_t now)
{
    int64_t unknown = MAX(mqtt5_pauses_longest(pauses, since, now), long_since(pauses, since));

    return now - time > unknown ? now - time - unknown : 0;
}
