/* schedule.c
 * What happens in a simulated world, in the order of its clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "schedule.h"

typedef struct {
    int64_t at;
    uint64_t serial;
    schedule_call call;
    void *subject, *detail;
} event;

struct schedule {
    GSequence *events;
    int64_t now;
    uint64_t serial;
};

schedule *schedule_new(int64_t start)
{
    schedule *made = g_new0(schedule, 1);

    made->events = g_sequence_new(g_free);
    made->now = start;
    return made;
}

void schedule_free(schedule *events)
{
    g_sequence_free(events->events);
    g_free(events);
}

int64_t schedule_now(const schedule *events)
{
    return events->now;
}

static int compare(const void *left, const void *right, void *unused)
{
    const event *a = left, *b = right;

    (void)unused;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->serial < b->serial ? -1 : a->serial > b->serial;
}

void schedule_add(schedule *events, int64_t after, schedule_call call, void *subject, void *detail)
{
    event *added = g_new(event, 1);

    *added = (event){events->now + MAX(after, 0), events->serial++, call, subject, detail};
    g_sequence_insert_sorted(events->events, added, compare, NULL);
}

void schedule_run(schedule *events, int64_t end)
{
    while (!g_sequence_is_empty(events->events)) {
        GSequenceIter *first = g_sequence_get_begin_iter(events->events);
        event next = *(event *)g_sequence_get(first);

        if (next.at > end)
            return;
        g_sequence_remove(first);
        events->now = next.at;
        next.call(next.subject, next.detail);
    }
}
