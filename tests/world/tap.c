/* tap.c
 * What a tap makes of the frames that pass it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "tap.h"

#include <string.h>

#include "dice.h"

#define NEAR (50 * MILLISECONDS) /* what a network card or two may confuse */

GArray *tap_captures(const world *w)
{
    GArray *captures = g_array_new(FALSE, TRUE, sizeof(capture));

    for (guint i = 0; i < w->network.frames->len; i++) {
        capture one = {.frame = g_array_index(w->network.frames, frame, i), .captured = UINT32_MAX};

        one.time = one.frame.time;
        g_array_append_val(captures, one);
    }
    return captures;
}

static capture *at(GArray *captures, guint i)
{
    return &g_array_index(captures, capture, i);
}

static bool is_near(GArray *captures, guint a, guint b)
{
    return b < captures->len && at(captures, a)->frame.connection == at(captures, b)->frame.connection &&
           at(captures, b)->time - at(captures, a)->time < NEAR;
}

/* Takes the frame at `from` to the place of `to`. */
static void move(GArray *captures, guint from, guint to, const char *what)
{
    capture moved = *at(captures, from);

    moved.what = what;
    g_array_remove_index(captures, from);
    g_array_insert_val(captures, to, moved);
}

/* A card with several queues: neighbours change places, with their times or without. */
static void swap(GArray *captures, GRand *dice)
{
    bool times = dice_chance(dice, 50);

    for (guint i = 0; i + 1 < captures->len; i++) {
        int64_t first = at(captures, i)->time, second = at(captures, i + 1)->time;

        if (!is_near(captures, i, i + 1) || !dice_chance(dice, 8))
            continue;
        move(captures, i + 1, i, "swapped");
        if (times) {
            at(captures, i)->time = first;
            at(captures, i + 1)->time = second;
        }
        i++;
    }
}

static bool is_pure_ack(const frame *f)
{
    return f->length == 0 && f->flags == TCP_ACK;
}

/* The other direction runs ahead: a pure ACK is captured before the data to which it belongs. */
static void early_ack(GArray *captures, GRand *dice)
{
    for (guint i = 0; i < captures->len; i++) {
        guint next = i + 1;

        if (at(captures, i)->frame.length == 0 || !dice_chance(dice, 20))
            continue;
        while (is_near(captures, i, next) &&
               !(is_pure_ack(&at(captures, next)->frame) && at(captures, next)->frame.direction != at(captures, i)->frame.direction))
            next++;
        if (!is_near(captures, i, next))
            continue;
        at(captures, next)->time = at(captures, i)->time - 10 * MICROSECONDS;
        move(captures, next, i, "ack early");
    }
}

static void lose(GArray *captures, GRand *dice)
{
    double share = dice_chance(dice, 50) ? 1 : 5;

    for (guint i = captures->len; i > 0; i--)
        if (dice_chance(dice, share))
            g_array_remove_index(captures, i - 1);
}

/* Nothing at all is captured for a while. */
static void outage(GArray *captures, GRand *dice)
{
    guint from, count;

    if (captures->len < 10)
        return;
    from = (guint)dice_between(dice, 0, captures->len - 5);
    count = (guint)dice_between(dice, 2, MIN(60, captures->len - from));
    g_array_remove_range(captures, from, count);
}

static void double_some(GArray *captures, GRand *dice)
{
    double share = dice_chance(dice, 30) ? 100 : 10;

    for (guint i = captures->len; i > 0; i--) {
        capture again = *at(captures, i - 1);
        guint place = i + (guint)dice_between(dice, 0, 2);

        place = MIN(place, captures->len);
        if (!dice_chance(dice, share))
            continue;
        again.what = "doubled";
        again.time = MAX(at(captures, place - 1)->time, again.time + MICROSECONDS);
        g_array_insert_val(captures, place, again);
    }
}

static void delay_some(GArray *captures, GRand *dice)
{
    for (guint i = captures->len; i > 0; i--) {
        guint place = i - 1 + (guint)dice_between(dice, 1, 8);

        place = MIN(place, captures->len - 1);
        if (!dice_chance(dice, 4))
            continue;
        at(captures, i - 1)->time = at(captures, place)->time;
        move(captures, i - 1, place, "late");
    }
}

static void cut(GArray *captures, GRand *dice)
{
    uint32_t most = (uint32_t)dice_between(dice, 2, 120);

    for (guint i = 0; i < captures->len; i++)
        at(captures, i)->captured = most;
}

static void one_way(GArray *captures, GRand *dice)
{
    unsigned lost = (unsigned)dice_between(dice, 0, 1);
    bool all = dice_chance(dice, 70);

    for (guint i = captures->len; i > 0; i--)
        if (at(captures, i - 1)->frame.direction == lost && (all || at(captures, i - 1)->frame.connection->number % 2))
            g_array_remove_index(captures, i - 1);
}

static void start_late(GArray *captures, GRand *dice)
{
    if (captures->len > 0)
        g_array_remove_range(captures, 0, (guint)(captures->len * dice_between(dice, 1, 80) / 100));
}

/* True if the last byte of a frame is not the last one of a control packet. */
static bool is_within_packet(const frame *f)
{
    const GArray *marks = f->connection->ends[f->direction].marks;

    for (guint i = 0; i < marks->len; i++)
        if (g_array_index(marks, tcp_mark, i).end >= f->offset + f->length)
            return f->length > 0 && g_array_index(marks, tcp_mark, i).end != f->offset + f->length;
    return false;
}

/* Often within a control packet, whose rest is never seen. */
static void end_early(GArray *captures, GRand *dice)
{
    guint end = (guint)(captures->len * dice_between(dice, 5, 99) / 100), within = end;

    while (within > 0 && !is_within_packet(&at(captures, within - 1)->frame))
        within--;
    g_array_set_size(captures, within > 0 && dice_chance(dice, 70) ? within : end);
}

static int by_time(const void *left, const void *right)
{
    const capture *a = left, *b = right;

    return a->time < b->time ? -1 : a->time > b->time;
}

/* Several captures are merged by time, with clocks that differ a little: one for each direction, or one for each client. */
static void merge_taps(GArray *captures, GRand *dice)
{
    bool by_direction = dice_chance(dice, 50);
    int64_t offset = dice_between(dice, -3000, 3000) * MICROSECONDS;

    for (guint i = 0; i < captures->len; i++) {
        capture *c = at(captures, i);

        if (by_direction ? c->frame.direction : c->frame.connection->addresses[CLIENT_END] % 2)
            c->time += offset;
    }
    g_array_sort(captures, by_time);
}

static void jump(GArray *captures, GRand *dice)
{
    int64_t offset = 0;

    for (guint i = 0; i < captures->len; i++) {
        if (dice_chance(dice, 1))
            offset += dice_between(dice, -2000, 2000) * SECONDS;
        at(captures, i)->time += offset;
    }
}

/* Ports are used again, and the SYN is not captured. */
static void lose_handshakes(GArray *captures, GRand *dice)
{
    for (guint i = captures->len; i > 0; i--)
        if (at(captures, i - 1)->frame.flags & TCP_SYN && dice_chance(dice, 70))
            g_array_remove_index(captures, i - 1);
}

static void none(GArray *captures, GRand *dice)
{
    (void)captures;
    (void)dice;
}

static void mix(GArray *captures, GRand *dice);

static const struct {
    const char *name;
    void (*disturb)(GArray *captures, GRand *dice);
} kinds[] = {{"none", none},           {"swap", swap},       {"ack", early_ack}, {"lost", lose},           {"outage", outage},
             {"doubled", double_some}, {"late", delay_some}, {"cut", cut},       {"oneway", one_way},      {"start", start_late},
             {"end", end_early},       {"taps", merge_taps}, {"jump", jump},     {"syn", lose_handshakes}, {"mix", mix}};

static void mix(GArray *captures, GRand *dice)
{
    for (int64_t i = dice_between(dice, 2, 4); i > 0; i--)
        kinds[dice_between(dice, 1, (int64_t)G_N_ELEMENTS(kinds) - 2)].disturb(captures, dice);
}

bool tap_disturb(GArray *captures, GRand *dice, const char *kind)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0) {
            kinds[i].disturb(captures, dice);
            return true;
        }
    return false;
}

const char *tap_kind(unsigned number)
{
    return number < G_N_ELEMENTS(kinds) ? kinds[number].name : NULL;
}
