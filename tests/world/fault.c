/* fault.c
 * One fault in a world where everybody conforms: when it is done.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "fault.h"

#include <string.h>

const fault *fault_get(unsigned row)
{
    static const fault *const tables[] = {fault_packets, fault_connections, fault_flows, fault_deliveries};

    for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const fault *f = tables[i]; f->rule; f++)
            if (row-- == 0)
                return f;
    return NULL;
}

unsigned fault_count(void)
{
    unsigned count = 0;

    while (fault_get(count))
        count++;
    return count;
}

/* True if `name` is one of `names`, which are separated by '|', or all of them. */
static bool is_name(const char *names, const char *name)
{
    size_t length = strlen(name);

    if (strcmp(names, name) == 0)
        return true;
    while (names) {
        if (strncmp(names, name, length) == 0 && (names[length] == '|' || names[length] == '\0'))
            return true;
        names = strchr(names, '|');
        names = names ? names + 1 : NULL;
    }
    return false;
}

bool fault_is_of(const fault *f, const char *rule)
{
    return is_name(f->rule, rule);
}

/* Whether the occasion is the one that is meant: not each time the first. */
static bool its_time(world *w)
{
    if (w->fault.done)
        return false;
    if (w->fault.wait > 0) {
        w->fault.wait--;
        return false;
    }
    w->fault.done = true;
    return true;
}

bool fault_now(world *w, const char *rule)
{
    size_t length = strlen(rule);

    return w->plan.fault && strncmp(w->plan.fault, rule, length) == 0 && (w->plan.fault[length] == '\0' || w->plan.fault[length] == '|') &&
           its_time(w);
}

unsigned fault_stage(const char *rule)
{
    const fault *f;

    for (unsigned i = 0; rule && (f = fault_get(i)) != NULL; i++)
        if (strcmp(f->rule, rule) == 0)
            return f->stage;
    return 0;
}

void fault_mark(world *w, packet *p, int reaction)
{
    p->fault = w->plan.fault;
    p->reaction = reaction;
    p->found_later = p->found_here = true;
    w->fault.shown = true;
}

static bool fits(const fault *f, side *s, const packet *p)
{
    return f->types & TYPE(p->type) && f->by & (s->end == CLIENT_END ? BY_CLIENT : BY_SERVER) && f->versions & 1U << s->version &&
           (!f->fits || f->fits(s, p));
}

static void send_faulty(const fault *f, side *s, packet *p, const GByteArray *wire)
{
    p->fault = f->rule;
    p->reaction = f->reaction;
    p->found_later = f->found == FOUND_LATER;
    s->world->fault.shown = true;
    side_send_anyway(s, p, wire);
}

static void send_changed(const fault *f, side *s, packet *p)
{
    GByteArray *wire;

    if (f->change)
        f->change(s, p);
    wire = packet_encode(s->world->memory, p);
    if (f->harm)
        f->harm(wire);
    send_faulty(f, s, p, wire);
}

static void send_extra(const fault *f, side *s, packet *p)
{
    packet *extra = f->before ? f->before(s, p) : NULL;

    if (extra)
        send_faulty(f, s, extra, NULL);
    if (f->swallow) {
        s->world->fault.swallowed = p;
        s->world->fault.held_by = &s->connection->ends[s->end];
    } else {
        side_send_anyway(s, p, NULL);
    }
    extra = f->after ? f->after(s, p) : NULL;
    if (extra)
        send_faulty(f, s, extra, NULL);
}

/* The packet that was held follows the one that has overtaken it, which breaks the rule. */
static bool overtake(const fault *f, side *s, packet *p)
{
    packet *held = s->world->fault.held;

    if (!held || s->world->fault.held_by != &s->connection->ends[s->end] || !f->overtakes || !f->overtakes(s, held, p))
        return false;
    s->world->fault.held = NULL;
    if (f->late) {
        side_send_anyway(s, p, NULL);
        send_faulty(f, s, held, NULL);
    } else {
        send_faulty(f, s, p, NULL);
        side_send_anyway(s, held, NULL);
    }
    return true;
}

static void do_fault(const fault *f, side *s, packet *p)
{
    if (f->overtakes) {
        s->world->fault.held = p;
        s->world->fault.held_by = &s->connection->ends[s->end];
    } else if (f->change || f->harm) {
        send_changed(f, s, p);
    } else {
        send_extra(f, s, p);
    }
}

bool fault_send(side *s, packet *p)
{
    const fault *f;

    for (unsigned i = 0; (f = fault_get(i)) != NULL; i++) {
        if (strcmp(f->rule, s->world->plan.fault) != 0)
            continue;
        if (overtake(f, s, p))
            return true;
        if (fits(f, s, p) && its_time(s->world)) {
            do_fault(f, s, p);
            return true;
        }
    }
    return false;
}
