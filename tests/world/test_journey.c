/* test_journey.c
 * Copies and the messages that they are of, in simulated worlds: what the pure core says, against
 * what the world knows.
 *
 *     test-world-journey [--seed S] [--worlds N] [--disturb KIND] [--loss PERCENT] [--right PERCENT] [--certain PERCENT] [--lost N] [--dropped N] [--verbose]
 *
 * Counts the copies whose message was captured before them. None may be linked with a wrong message
 * unless it says that there are several candidates; with --right, at least so many must be linked
 * with the right one, and with --certain, so many without candidates.
 *
 * With --lost, the server loses one delivery with QoS 1 or 2 in each world, with --dropped one with QoS 0. Where that is found, it must be the right
 * message and the right subscriber, and in at least so many worlds it must be found; without it,
 * nothing may be missing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>

#include "judge_core.h"

static int seed = 1, worlds = 300, least_lost = -1, least_dropped = -1;
static double loss, right, certain;
static char *disturb;
static gboolean verbose;

static const GOptionEntry options[] =
    {{"seed", 's', 0, G_OPTION_ARG_INT, &seed, "of the first world", "S"},
     {"worlds", 'n', 0, G_OPTION_ARG_INT, &worlds, "how many", "N"},
     {"disturb", 'd', 0, G_OPTION_ARG_STRING, &disturb, "what the tap does to frames (tap.c)", "KIND"},
     {"loss", 'l', 0, G_OPTION_ARG_DOUBLE, &loss, "how many segments of a hundred the network loses", "PERCENT"},
     {"right", 'r', 0, G_OPTION_ARG_DOUBLE, &right, "how many copies of a hundred must be linked with the right message", "PERCENT"},
     {"certain", 'c', 0, G_OPTION_ARG_DOUBLE, &certain, "how many of a hundred must be so without candidates", "PERCENT"},
     {"lost", 0, 0, G_OPTION_ARG_INT, &least_lost, "lose a delivery in each world; so many of them must be found", "N"},
     {"dropped", 0, 0, G_OPTION_ARG_INT, &least_dropped, "the same with a delivery with QoS 0", "N"},
     {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "print each copy that is not linked, or not certain", NULL},
     {NULL, 0, 0, 0, NULL, NULL, NULL}};

typedef enum { RIGHT, RIGHT_OF_SEVERAL, WRONG_OF_SEVERAL, WRONG, NOT_LINKED, UNSEEN, KINDS } kind;

static const char *const names[KINDS] = {
    [RIGHT] = "right",
    [RIGHT_OF_SEVERAL] = "right, with candidates",
    [WRONG_OF_SEVERAL] = "wrong, with candidates",
    [WRONG] = "WRONG",
    [NOT_LINKED] = "not linked",
    [UNSEEN] = "not linked, and the message was not captured before",
};

typedef struct {
    world *world;
    arena *memory;
    GHashTable *frames; /* by the message: GArray of the frames with its last byte */
    GArray *published;  /* of `published` */
    unsigned counts[KINDS];
    unsigned lost, lost_wrong;
} tally;

/* What a client has published. */
typedef struct {
    const packet *packet;
    const mqtt5_facts *facts;
} published;

/* What is sent again is the same message. */
static const packet *message_of(const packet *p)
{
    while (p->sent_first)
        p = p->sent_first;
    return p;
}

static void note_frame(tally *t, const packet *p, uint32_t number)
{
    GArray *frames = g_hash_table_lookup(t->frames, message_of(p));

    if (!frames) {
        frames = g_array_new(FALSE, FALSE, sizeof number);
        g_hash_table_insert(t->frames, (void *)message_of(p), frames);
    }
    g_array_append_val(frames, number);
}

static void note_frames(tally *t, const GArray *captures)
{
    for (guint i = 0; i < captures->len; i++) {
        const frame *f = &g_array_index(captures, capture, i).frame;
        const GArray *marks = f->connection->ends[f->direction].marks;

        for (guint j = 0; j < marks->len; j++) {
            const tcp_mark *mark = &g_array_index(marks, tcp_mark, j);

            if (mark->end > f->offset && mark->end <= f->offset + f->length)
                note_frame(t, mark->packet, i + 1);
        }
    }
}

/* True if the message was captured before a frame. */
static bool was_before(tally *t, const packet *message, uint32_t number)
{
    const GArray *frames = message ? g_hash_table_lookup(t->frames, message_of(message)) : NULL;

    return frames && g_array_index(frames, uint32_t, 0) <= number;
}

static bool was_in(tally *t, const packet *message, uint32_t number)
{
    const GArray *frames = message ? g_hash_table_lookup(t->frames, message_of(message)) : NULL;

    for (guint i = 0; frames && i < frames->len; i++)
        if (g_array_index(frames, uint32_t, i) == number)
            return true;
    return false;
}

static kind judge_copy(tally *t, uint32_t number, const packet *p, const mqtt5_copy *copy)
{
    if (!copy)
        return was_before(t, p->original, number) ? NOT_LINKED : UNSEEN;
    if (was_in(t, p->original, copy->published))
        return copy->candidates > 0 ? RIGHT_OF_SEVERAL : RIGHT;
    return copy->candidates > 0 ? WRONG_OF_SEVERAL : WRONG;
}

/* True if the world's server has lost this delivery, on the connection of `later`. */
static bool was_lost(const world *w, const packet *message, const packet *later)
{
    const tcp_end *end = w->fault.held_by;

    for (guint i = 0; w->fault.swallowed && i < end->marks->len; i++)
        if (g_array_index(end->marks, tcp_mark, i).packet == later)
            return message_of(message) == message_of(w->fault.swallowed->original);
    return false;
}

/* The server says by this copy that some messages come no more to its client. */
static void judge_missing(tally *t, uint32_t number, const packet *p, const mqtt5_facts *facts)
{
    unsigned told = 0, right_ones = 0;

    for (guint i = 0; i < t->published->len; i++) {
        const published *one = &g_array_index(t->published, published, i);
        const mqtt5_deliveries *deliveries = one->facts->deliveries;

        if (!deliveries || deliveries->missing == 0 || deliveries->last_missed->frame != number)
            continue;
        told++;
        right_ones +=
            was_lost(t->world, one->packet, p) && deliveries->missing == 1 && deliveries->last_missed->subscriber == facts->identity;
    }
    if (told == 1 && right_ones == 1 && facts->copy->missing == 1) {
        t->lost++;
        return;
    }
    t->lost_wrong++;
    printf("seed %u: frame %u: %u missing, %u messages say so, %u rightly: %s\n", t->world->plan.seed, number, facts->copy->missing, told,
           right_ones, packet_describe(t->memory, p));
}

static void see(void *user, uint32_t number, const packet *p, const mqtt5_facts *facts)
{
    tally *t = user;
    kind found;

    if (p->type == MQTT5_PUBLISH && facts->sender == MQTT5_CLIENT)
        g_array_append_vals(t->published, &(published){p, facts}, 1);
    if (p->type != MQTT5_PUBLISH || facts->sender != MQTT5_SERVER)
        return;
    if (facts->copy && facts->copy->missing > 0)
        judge_missing(t, number, p, facts);
    found = judge_copy(t, number, p, facts->copy);
    t->counts[found]++;
    if (found == WRONG || (verbose && found != RIGHT && found != UNSEEN))
        printf("seed %u: frame %u: %s (published in %u, %u candidates): %s\n", t->world->plan.seed, number, names[found],
               facts->copy ? facts->copy->published : 0, facts->copy ? facts->copy->candidates : 0, packet_describe(t->memory, p));
}

static void hear(void *user, uint32_t number, const packet *p, const mqtt5_findings *findings)
{
    (void)user;
    (void)number;
    (void)p;
    (void)findings;
}

static void free_frames(void *frames)
{
    g_array_free(frames, TRUE);
}

static const char *fault_of_worlds(void)
{
    if (least_dropped >= 0)
        return "delivery_dropped";
    return least_lost >= 0 ? "delivery_missing" : NULL;
}

static void judge_world(tally *t, uint32_t number)
{
    world_plan plan = {.seed = (uint32_t)seed + number, .loss = loss, .fault = fault_of_worlds()};
    GRand *dice = g_rand_new_with_seed(~plan.seed);
    GArray *captures;

    t->world = world_run(&plan);
    t->frames = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_frames);
    t->published = g_array_new(FALSE, FALSE, sizeof(published));
    captures = tap_captures(t->world);
    tap_disturb(captures, dice, disturb ? disturb : "none");
    note_frames(t, captures);
    judge_core(t->world, captures, hear, see, t);
    g_hash_table_destroy(t->frames);
    g_array_free(t->published, TRUE);
    g_array_free(captures, TRUE);
    g_rand_free(dice);
    world_free(t->world);
}

int main(int argc, char *argv[])
{
    GOptionContext *context = g_option_context_new(NULL);
    GError *error = NULL;
    tally t = {.memory = arena_new()};
    unsigned seen = 0, linked;
    double share, certain_share;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    for (int i = 0; i < worlds; i++)
        judge_world(&t, (uint32_t)i);
    for (unsigned i = 0; i < KINDS; i++) {
        printf("%8u %s\n", t.counts[i], names[i]);
        seen += i != UNSEEN ? t.counts[i] : 0;
    }
    linked = t.counts[RIGHT] + t.counts[RIGHT_OF_SEVERAL];
    share = seen ? 100.0 * linked / seen : 100;
    certain_share = seen ? 100.0 * t.counts[RIGHT] / seen : 100;
    printf("%d worlds, %u copies whose message was captured, %.2f %% linked with it, %.2f %% for certain\n", worlds, seen, share,
           certain_share);
    printf("%u lost deliveries found, %u wrongly\n", t.lost, t.lost_wrong);
    arena_free(t.memory);
    g_option_context_free(context);
    return t.lost_wrong > 0 || (int)t.lost < MAX(least_lost, least_dropped) || t.counts[WRONG] > 0 || share < right ||
           certain_share < certain;
}
