/* test_pauses.c
 * The times in which a capture holds no frame: the longest one since any frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>

#include "core/pauses.h"

#define SECOND G_GINT64_CONSTANT(1000000000)

static void test_longest(void)
{
    static const gint64 times[] = {100, 101, 131, 132, 142, 162, 163, 173};
    mqtt5_pauses *pauses = mqtt5_pauses_new();

    g_assert_cmpint(mqtt5_pauses_longest(pauses, 0, 100 * SECOND), ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
        gint64 now = times[i] * SECOND;

        /* The pause that ends now counts before the frame is noted, and after. */
        if (i > 0)
            g_assert_cmpint(mqtt5_pauses_longest(pauses, i, now), ==, now - times[i - 1] * SECOND);
        mqtt5_pauses_frame(pauses, i + 1, now);
        if (i > 0)
            g_assert_cmpint(mqtt5_pauses_longest(pauses, i, now), ==, now - times[i - 1] * SECOND);
    }
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 1, 173 * SECOND), ==, 30 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 2, 173 * SECOND), ==, 30 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 3, 173 * SECOND), ==, 20 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 6, 173 * SECOND), ==, 10 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 6, 193 * SECOND), ==, 20 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 8, 173 * SECOND), ==, 0);
    g_assert_cmpint(mqtt5_pauses_longest(NULL, 0, SECOND), ==, 0);
    mqtt5_pauses_free(pauses);
    mqtt5_pauses_free(NULL);
}

/* A clock that goes back says nothing of the time that passed; frames that change places do not
 * matter. */
static void test_clock_goes_back(void)
{
    mqtt5_pauses *pauses = mqtt5_pauses_new();

    mqtt5_pauses_frame(pauses, 1, 100 * SECOND);
    mqtt5_pauses_frame(pauses, 2, 100 * SECOND - SECOND / 100);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 1, 101 * SECOND), ==, SECOND + SECOND / 100);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 2, 50 * SECOND), ==, G_MAXINT64);
    mqtt5_pauses_frame(pauses, 3, 50 * SECOND);
    mqtt5_pauses_frame(pauses, 4, 200 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 2, 200 * SECOND), ==, G_MAXINT64);
    /* It may have been set again. */
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 3, 200 * SECOND), ==, G_MAXINT64);
    mqtt5_pauses_frame(pauses, 5, 203 * SECOND);
    g_assert_cmpint(mqtt5_pauses_longest(pauses, 4, 205 * SECOND), ==, 3 * SECOND);
    g_assert_cmpint(mqtt5_pauses_passed(pauses, 2, 100 * SECOND, 205 * SECOND), ==, 0);
    g_assert_cmpint(mqtt5_pauses_passed(pauses, 4, 200 * SECOND, 205 * SECOND), ==, 2 * SECOND);
    mqtt5_pauses_free(pauses);
}

/* The longest pause is not certain to be time that passed; of several long ones, none is. */
static void test_passed(void)
{
    mqtt5_pauses *pauses = mqtt5_pauses_new();
    gint64 now = 0;

    g_assert_cmpint(mqtt5_pauses_passed(NULL, 0, SECOND, 5 * SECOND), ==, 4 * SECOND);
    for (guint32 frame = 1; frame <= 10000; frame++) {
        now += (frame % 2 ? 10 : 200) * SECOND;
        mqtt5_pauses_frame(pauses, frame, now);
    }
    g_assert_cmpint(mqtt5_pauses_passed(pauses, 9999, now - 200 * SECOND, now), ==, 0);
    g_assert_cmpint(mqtt5_pauses_passed(pauses, 9990, now - 1050 * SECOND, now), ==, 50 * SECOND);
    /* So long ago that the long ones are no longer known one by one. */
    g_assert_cmpint(mqtt5_pauses_passed(pauses, 1, 10 * SECOND, now), ==, now - 10 * SECOND - 5000 * 200 * SECOND);
    mqtt5_pauses_free(pauses);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pauses/longest", test_longest);
    g_test_add_func("/pauses/clock-goes-back", test_clock_goes_back);
    g_test_add_func("/pauses/passed", test_passed);
    return g_test_run();
}
