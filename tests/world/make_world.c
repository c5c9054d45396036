/* make_world.c
 * Writes captures of simulated worlds, and what they really show:
 *
 *     make-world [--seed S] [--worlds N] [--disturb KIND] [--version V] [--loss PERCENT] [--nanoseconds] [--truth FILE] FILE.pcap
 *
 * World number i of a file has the seed S + i, so that `--seed S+i` gives it alone. tests/world/run calls this, and judges what comes out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "pcap.h"
#include "tap.h"
#include "truth.h"

static int seed = 1, worlds = 1, version;
static double loss;
static gboolean nanoseconds, list, list_faults;
static char *disturb, *fault_rule, *truth_name;

static const GOptionEntry options[] = {{"seed", 's', 0, G_OPTION_ARG_INT, &seed, "of the first world", "S"},
                                       {"worlds", 'n', 0, G_OPTION_ARG_INT, &worlds, "how many", "N"},
                                       {"disturb", 'd', 0, G_OPTION_ARG_STRING, &disturb,
                                        "what the tap does to frames: none, mix, or one kind (tap.c)", "KIND"},
                                       {"loss", 'l', 0, G_OPTION_ARG_DOUBLE, &loss, "segments that the network loses", "PERCENT"},
                                       {"version", 0, 0, G_OPTION_ARG_INT, &version, "3, 4 or 5 only", "V"},
                                       {"nanoseconds", 0, 0, G_OPTION_ARG_NONE, &nanoseconds, "times in nanoseconds", NULL},
                                       {"list", 0, 0, G_OPTION_ARG_NONE, &list, "names the kinds of disturbance", NULL},
                                       {"fault", 'f', 0, G_OPTION_ARG_STRING, &fault_rule,
                                        "break this rule once, where there is occasion to; all: one after the other", "RULE"},
                                       {"list-faults", 0, 0, G_OPTION_ARG_NONE, &list_faults, "names the rules that can be broken", NULL},
                                       {"truth", 't', 0, G_OPTION_ARG_FILENAME, &truth_name,
                                        "where to write what really happened (truth.h)", "FILE"},
                                       {NULL, 0, 0, 0, NULL, NULL, NULL}};

static FILE *open_file(const char *name)
{
    FILE *file = fopen(name, "wb");

    if (!file) {
        perror(name);
        exit(2);
    }
    return file;
}

/* Writes one world; returns how many frames it has. */
static unsigned write_world(FILE *pcap, FILE *truth, unsigned number, unsigned first)
{
    const char *rule =
        fault_rule && strcmp(fault_rule, "all") == 0 ? fault_get(((unsigned)seed + number) % fault_count())->rule : fault_rule;
    world_plan plan = {.seed = (uint32_t)seed + number, .number = number, .loss = loss, .only_version = version, .fault = rule};
    GRand *dice = g_rand_new_with_seed(~plan.seed);
    world *w = world_run(&plan);
    GArray *captures = tap_captures(w);
    unsigned count;

    if (!tap_disturb(captures, dice, disturb ? disturb : "none")) {
        fprintf(stderr, "no such kind of disturbance: %s\n", disturb);
        exit(2);
    }
    for (guint i = 0; i < captures->len; i++)
        pcap_write(pcap, &g_array_index(captures, capture, i), nanoseconds);
    if (truth)
        truth_write(truth, w, captures, first);
    count = captures->len;
    g_array_free(captures, TRUE);
    g_rand_free(dice);
    world_free(w);
    return count;
}

int main(int argc, char *argv[])
{
    GOptionContext *context = g_option_context_new("FILE.pcap");
    GError *error = NULL;
    FILE *pcap, *truth;
    unsigned next = 1;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 2 - (list || list_faults)) {
        fprintf(stderr, "%s\n", error ? error->message : "one file is to be named; --help says more");
        return 2;
    }
    for (unsigned i = 0; list && tap_kind(i); i++)
        printf("%s\n", tap_kind(i));
    for (unsigned i = 0; list_faults && fault_get(i); i++)
        printf("%s\n", fault_get(i)->rule);
    if (list || list_faults)
        return 0;
    pcap = open_file(argv[1]);
    truth = truth_name ? open_file(truth_name) : NULL;
    pcap_begin(pcap, nanoseconds);
    for (int i = 0; i < worlds; i++)
        next += write_world(pcap, truth, (unsigned)i, next);
    if (truth)
        fclose(truth);
    g_option_context_free(context);
    return fclose(pcap) == 0 ? 0 : 1;
}
