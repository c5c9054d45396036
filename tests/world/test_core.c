/* test_core.c
 * The pure core on simulated worlds: nothing above a Chat may be said of them, but for the Notes
 * that are allowed.
 *
 *     test-world-core [--seed S] [--worlds N] [--disturb KIND] [--loss PERCENT]
 *
 * Prints what is found, with the seed and the frame, a table by name, and how long it took to
 * judge.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "judge_core.h"

static int seed = 1, worlds = 300;
static double loss;
static char *disturb;
static const char *allowed[] = {"reason_code_failure", "version_assumed"}; /* as in worlds.py, which says why */

static const GOptionEntry options[] = {{"seed", 's', 0, G_OPTION_ARG_INT, &seed, "of the first world", "S"},
                                       {"worlds", 'n', 0, G_OPTION_ARG_INT, &worlds, "how many", "N"},
                                       {"disturb", 'd', 0, G_OPTION_ARG_STRING, &disturb, "what the tap does to frames (tap.c)", "KIND"},
                                       {"loss", 'l', 0, G_OPTION_ARG_DOUBLE, &loss, "segments that the network loses", "PERCENT"},
                                       {NULL, 0, 0, 0, NULL, NULL, NULL}};

typedef struct {
    world *world;
    arena *memory;
    GHashTable *table; /* of counts by rule name */
    unsigned failed;
} tally;

static bool is_allowed(const mqtt5_rule *rule)
{
    if (rule->severity == MQTT5_SEVERITY_CHAT)
        return true;
    for (unsigned i = 0; i < G_N_ELEMENTS(allowed); i++)
        if (strcmp(rule->name, allowed[i]) == 0)
            return true;
    return false;
}

static void hear(void *user, uint32_t number, const packet *p, const mqtt5_findings *findings)
{
    tally *t = user;

    for (unsigned i = 0; i < findings->count; i++) {
        const mqtt5_rule *rule = mqtt5_rule_get(findings->items[i].rule);
        void *count = g_hash_table_lookup(t->table, rule->name);

        g_hash_table_insert(t->table, (void *)rule->name, GUINT_TO_POINTER(GPOINTER_TO_UINT(count) + 1));
        if (is_allowed(rule))
            continue;
        t->failed++;
        printf("seed %u: frame %u: %s: %s\n    %s\n", t->world->plan.seed, number, rule->name, findings->items[i].text,
               p ? packet_describe(t->memory, p) : "close");
    }
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * SECONDS + time.tv_nsec;
}

/* Judges one world; returns the nanoseconds that took. */
static int64_t judge_world(tally *t, uint32_t number, unsigned *packets)
{
    world_plan plan = {.seed = (uint32_t)seed + number, .loss = loss};
    GRand *dice = g_rand_new_with_seed(~plan.seed);
    GArray *captures;
    int64_t begin, took;

    t->world = world_run(&plan);
    captures = tap_captures(t->world);
    tap_disturb(captures, dice, disturb ? disturb : "none");
    begin = now();
    *packets += judge_core(t->world, captures, hear, NULL, t);
    took = now() - begin;
    g_array_free(captures, TRUE);
    g_rand_free(dice);
    world_free(t->world);
    return took;
}

static void print_count(void *name, void *count, void *unused)
{
    (void)unused;
    printf("%8u %s\n", GPOINTER_TO_UINT(count), (const char *)name);
}

int main(int argc, char *argv[])
{
    GOptionContext *context = g_option_context_new(NULL);
    GError *error = NULL;
    tally t = {.memory = arena_new(), .table = g_hash_table_new(g_str_hash, g_str_equal)};
    unsigned packets = 0;
    int64_t took = 0;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    for (int i = 0; i < worlds; i++)
        took += judge_world(&t, (uint32_t)i, &packets);
    g_hash_table_foreach(t.table, print_count, NULL);
    printf("%d worlds, %u packets, %.1f ms to judge them, %u findings that must not be\n", worlds, packets, (double)took / MILLISECONDS,
           t.failed);
    g_hash_table_destroy(t.table);
    arena_free(t.memory);
    g_option_context_free(context);
    return t.failed > 0;
}
