/* test_faults.c
 * The pure core on simulated worlds with one fault each: the rule is found, on the packet that
 * breaks it, and nothing else is said.
 *
 *     test-world-faults [--rule RULE] [--seed S] [--times N] [--tries N] [--disturb KIND] [--quiet]
 *
 * For each rule worlds are made until N of them had an occasion to break it, at most so many as
 * tries. Undisturbed, it must be found; through a disturbed tap it may be missed. A line for each
 * rule says how often it was broken, found, missed, and what else was said.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "judge_core.h"
#include "fault.h"

static int seed = 1, times = 5, tries = 200;
static char *disturb, *only;
static gboolean quiet;

static const GOptionEntry options[] = {{"rule", 'r', 0, G_OPTION_ARG_STRING, &only, "this one only", "RULE"},
                                       {"seed", 's', 0, G_OPTION_ARG_INT, &seed, "of the first world", "S"},
                                       {"times", 'n', 0, G_OPTION_ARG_INT, &times, "worlds with the fault", "N"},
                                       {"tries", 0, 0, G_OPTION_ARG_INT, &tries, "worlds at most", "N"},
                                       {"disturb", 'd', 0, G_OPTION_ARG_STRING, &disturb, "what the tap does to frames (tap.c)", "KIND"},
                                       {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "only the lines of the rules", NULL},
                                       {NULL, 0, 0, 0, NULL, NULL, NULL}};

typedef struct {
    const fault *row;
    world *world;
    arena *memory;
    bool found, there, astray; /* in this world; astray: on a packet that does not break it */
    bool later;                /* some packet breaks it that may be noticed later */
    unsigned broken, hits, elsewhere, missed, others;
} tally;

/* What conforming traffic may draw, too. */
static bool is_usual(const mqtt5_rule *rule)
{
    return rule->severity == MQTT5_SEVERITY_CHAT || strcmp(rule->name, "reason_code_failure") == 0 ||
           strcmp(rule->name, "version_assumed") == 0;
}

static void hear(void *user, uint32_t number, const packet *p, const mqtt5_findings *findings)
{
    tally *t = user;

    for (unsigned i = 0; i < findings->count; i++) {
        const mqtt5_rule *rule = mqtt5_rule_get(findings->items[i].rule);

        if (fault_is_of(t->row, rule->name)) {
            t->found = true;
            t->there |= p && p->fault;
            t->astray |= !(p && p->fault);
        } else if (!is_usual(rule)) {
            t->others++;
            if (!quiet)
                printf("    seed %u: frame %u: also %s: %s\n        %s\n", t->world->plan.seed, number, rule->name, findings->items[i].text,
                       p ? packet_describe(t->memory, p) : "close");
        }
    }
}

typedef struct {
    bool must;               /* some packet breaks the rule, so that it is to be found there */
    bool here;               /* it is to be found nowhere else */
    const char *description; /* of the packet */
} expected;

static void expect(expected *e, const packet *p, arena *memory)
{
    e->must |= !p->found_later;
    e->here |= p->found_here;
    e->description = packet_describe(memory, p);
}

static expected what_is_expected(const world *w, arena *memory)
{
    expected e = {.description = "no packet of its own"};

    for (guint i = 0; i < w->network.connections->len; i++)
        for (unsigned end = 0; end < 2; end++) {
            const tcp_connection *c = w->network.connections->pdata[i];
            const GArray *marks = c->ends[end].marks;

            for (guint j = 0; j < marks->len; j++) {
                const packet *p = g_array_index(marks, tcp_mark, j).packet;

                if (p->fault && g_array_index(marks, tcp_mark, j).end <= c->ends[end].next)
                    expect(&e, p, memory);
            }
        }
    return e;
}

static void count(tally *t)
{
    expected e = what_is_expected(t->world, t->memory);
    bool must = e.must && !disturb, elsewhere = (must && t->found && !t->there) || (e.here && t->astray);

    t->broken++;
    t->hits += t->found;
    t->elsewhere += elsewhere;
    t->missed += !t->found && must;
    if (!quiet && (elsewhere || (!t->found && must)))
        printf("    seed %u: %s: %s\n", t->world->plan.seed, elsewhere ? "found elsewhere" : "not found", e.description);
}

static void try_world(tally *t, uint32_t number)
{
    world_plan plan = {.seed = number, .fault = t->row->rule};
    GRand *dice = g_rand_new_with_seed(~plan.seed);
    GArray *captures;

    t->world = world_run(&plan);
    captures = tap_captures(t->world);
    tap_disturb(captures, dice, disturb ? disturb : "none");
    if (t->world->fault.done) {
        t->found = t->there = t->astray = false;
        judge_core(t->world, captures, hear, NULL, t);
        count(t);
    }
    g_array_free(captures, TRUE);
    g_rand_free(dice);
    world_free(t->world);
}

static bool is_first_of_rule(unsigned row)
{
    for (unsigned i = 0; i < row; i++)
        if (strcmp(fault_get(i)->rule, fault_get(row)->rule) == 0)
            return false;
    return true;
}

/* Returns whether the rule does as it should. */
static bool try_rule(const fault *row)
{
    tally t = {.row = row, .memory = arena_new()};

    for (int i = 0; i < tries && t.broken < (unsigned)times; i++)
        try_world(&t, (uint32_t)(seed + i));
    printf("%-50s broken %3u, found %3u, missed %3u, elsewhere %3u, others %3u\n", row->rule, t.broken, t.hits, t.missed, t.elsewhere,
           t.others);
    arena_free(t.memory);
    return t.missed + t.elsewhere + t.others == 0;
}

int main(int argc, char *argv[])
{
    GOptionContext *context = g_option_context_new(NULL);
    GError *error = NULL;
    unsigned right = 0, wrong = 0;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    for (unsigned i = 0; fault_get(i); i++) {
        if (!is_first_of_rule(i) || (only && !fault_is_of(fault_get(i), only)))
            continue;
        if (try_rule(fault_get(i)))
            right++;
        else
            wrong++;
    }
    printf("%u rules as they should be, %u not\n", right, wrong);
    g_option_context_free(context);
    return wrong > 0;
}
