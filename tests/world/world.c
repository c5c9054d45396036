/* world.c
 * A simulated world, from its beginning to its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "client.h"
#include "dice.h"
#include "fault.h"

#define EPOCH (INT64_C(1767268800) * SECONDS) /* 2026-01-01 12:00 */

static int by_time(const void *left, const void *right)
{
    const frame *a = left, *b = right;

    return a->time < b->time ? -1 : a->time > b->time;
}

static void restart(void *subject, void *detail)
{
    world *w = subject;

    (void)detail;
    broker_restart(w->broker, dice_between(w->dice, 100, 5000) * MILLISECONDS);
}

static void close_some(void *subject, void *detail)
{
    world *w = subject;

    broker_close_one(w->broker);
    schedule_add(w->events, dice_between(w->dice, 1, 20) * SECONDS, close_some, w, detail);
}

/* The server's own messages. */
static void tell_uptime(void *subject, void *detail)
{
    world *w = subject;
    message *m = arena_take(w->memory, sizeof *m);

    (void)detail;
    m->topic = "$SYS/uptime";
    m->payload = bytes_of(arena_text(w->memory, "%d", (int)((schedule_now(w->events) - w->start) / SECONDS)));
    m->properties = arena_array(w->memory, sizeof(property));
    if (w->broker->up)
        broker_route(w->broker, m);
    schedule_add(w->events, 10 * SECONDS, tell_uptime, w, NULL);
}

static void part(void *subject, void *detail)
{
    world *w = subject;

    (void)detail;
    for (guint i = 0; i < w->clients->len; i++) {
        client *c = w->clients->pdata[i];

        if (c->state == CLIENT_CONNECTED)
            client_disconnect(c, 0);
    }
}

static void populate(world *w)
{
    int64_t clients = dice_between(w->dice, w->stage ? 3 : 1, 6);

    w->twins = dice_chance(w->dice, 4) && !w->stage;
    w->broker = broker_new(w);
    w->network.accept = broker_accept;
    for (int64_t i = 0; i < clients; i++)
        g_ptr_array_add(w->clients, client_new(w, (unsigned)i));
    if (dice_chance(w->dice, 20) && !w->stage)
        schedule_add(w->events, dice_between(w->dice, 0, w->end - w->start), restart, w, NULL);
    if (dice_chance(w->dice, 30) && !w->stage)
        schedule_add(w->events, dice_between(w->dice, 0, w->end - w->start), close_some, w, NULL);
    schedule_add(w->events, 5 * SECONDS, tell_uptime, w, NULL);
    if (dice_chance(w->dice, 30))
        schedule_add(w->events, w->end - w->start, part, w, NULL);
}

world *world_run(const world_plan *plan)
{
    world *w = g_new0(world, 1);

    w->plan = *plan;
    w->memory = arena_new();
    w->dice = g_rand_new_with_seed(plan->seed);
    w->start = EPOCH + plan->number * 3600 * SECONDS;
    w->stage = fault_stage(plan->fault);
    w->end = w->start + (10 << dice_between(w->dice, w->stage & STAGE_LONG ? 4 : 0, 4)) * SECONDS;
    w->events = schedule_new(w->start);
    w->fault.wait = plan->fault ? (unsigned)dice_between(w->dice, 0, 3) : 0;
    w->network = (tcp_network){.memory = w->memory, .events = w->events, .dice = w->dice, .loss = plan->loss};
    w->network.connections = arena_list(w->memory);
    w->network.frames = arena_array(w->memory, sizeof(frame));
    w->clients = arena_list(w->memory);
    populate(w);
    schedule_run(w->events, w->end + SECONDS);
    g_array_sort(w->network.frames, by_time);
    return w;
}

void world_free(world *w)
{
    schedule_free(w->events);
    g_rand_free(w->dice);
    arena_free(w->memory);
    g_free(w);
}
