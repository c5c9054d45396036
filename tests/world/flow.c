/* flow.c
 * The messages of a session: QoS 0 to 2, flow control, and what is sent again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "flow.h"

#include "dice.h"
#include "fault.h"

#define RESEND_AFTER (200 * MILLISECONDS)

flow *flow_new(world *w)
{
    flow *made = arena_take(w->memory, sizeof *made);

    made->memory = w->memory;
    made->waiting = arena_queue(w->memory);
    made->open = arena_list(w->memory);
    made->received = arena_table(w->memory, g_direct_hash, g_direct_equal);
    made->requests = arena_table(w->memory, g_direct_hash, g_direct_equal);
    made->lowest = dice_chance(w->dice, 40);
    return made;
}

void flow_clear(flow *f)
{
    g_queue_clear(f->waiting);
    g_ptr_array_set_size(f->open, 0);
    g_hash_table_remove_all(f->received);
    g_hash_table_remove_all(f->requests);
    f->in_flight = 0;
}

void flow_lose(flow *f)
{
    f->refused = NULL;
    g_ptr_array_set_size(f->open, 0);
    g_hash_table_remove_all(f->received);
    f->in_flight = 0;
}

static int find(const flow *f, uint16_t id)
{
    for (guint i = 0; i < f->open->len; i++)
        if (((delivery *)f->open->pdata[i])->id == id)
            return (int)i;
    return -1;
}

uint16_t flow_identifier(flow *f)
{
    uint16_t id = f->lowest ? 0 : f->last_id;

    do
        id++;
    while (id == 0 || find(f, id) >= 0 || g_hash_table_contains(f->requests, GUINT_TO_POINTER(id)));
    f->last_id = id;
    if (f->refused && f->refused->id == id)
        f->refused = NULL;
    return id;
}

uint16_t flow_take_identifier(flow *f)
{
    uint16_t id = flow_identifier(f);

    g_hash_table_add(f->requests, GUINT_TO_POINTER(id));
    return id;
}

/* --- Sending --- */

static packet *publish_of(side *s, const delivery *d)
{
    packet *p = side_packet(s, PUBLISH);
    const message *m = d->message;

    p->topic = m->topic;
    p->payload = m->payload;
    p->qos = d->qos;
    p->retain = d->retain;
    p->id = d->id;
    p->original = s->end == SERVER_END ? m->original : NULL;
    p->publisher = m->publisher;
    p->stored = d->stored;
    if (s->version == 5) {
        g_array_append_vals(p->properties, m->properties->data, m->properties->len);
        if (m->expires)
            packet_add_number(p, MESSAGE_EXPIRY_INTERVAL, message_left(m, schedule_now(s->world->events)));
        for (guint i = 0; d->identifiers && i < d->identifiers->len; i++)
            packet_add_number(p, SUBSCRIPTION_IDENTIFIER, g_array_index(d->identifiers, uint32_t, i));
    }
    return p;
}

/* Whether the other side takes it (3.1.2-25, 3.2.2-15), with an alias that may be put on, which
 * must not be set by what is never sent. */
static bool fits(side *s, const delivery *d)
{
    return packet_encode(s->world->memory, publish_of(s, d))->len + 5 <= s->maximum_packet_size;
}

static bool is_fresh(side *s, const delivery *d)
{
    return message_left(d->message, schedule_now(s->world->events)) > 0;
}

static void send_publish(side *s, delivery *d)
{
    packet *p = publish_of(s, d);

    p->dup = d->sent != NULL && d->qos > 0;
    p->sent_first = d->sent;
    if (!d->sent && (d->unwanted || d->message == s->world->fault.message))
        fault_mark(s->world, p, TAKEN);
    side_alias(s, p);
    side_send(s, p);
    if (!d->sent)
        d->sent = p;
}

static void send_release(side *s, const delivery *d)
{
    packet *p = side_packet(s, PUBREL);

    p->id = d->id;
    p->dup = s->version == 3;
    side_send(s, p);
}

/* False if it is too large for the other side, which counts as sent (3.1.2-25). */
static bool send_open(side *s, delivery *d)
{
    d->to_send = false;
    if (d->state == FLOW_RELEASED) {
        send_release(s, d);
        return true;
    }
    if (!fits(s, d))
        return false;
    d->counted = true;
    d->when = schedule_now(s->world->events);
    s->flow->in_flight++;
    send_publish(s, d);
    return true;
}

void flow_resend(side *s)
{
    int64_t now = schedule_now(s->world->events);

    for (guint i = 0; s->ready && i < s->flow->open->len; i++) {
        delivery *d = s->flow->open->pdata[i];

        if (!d->counted || d->to_send || now - d->when < RESEND_AFTER)
            continue;
        d->when = now;
        if (d->state == FLOW_PUBLISHED)
            send_publish(s, d);
        else if (s->version == 3)
            send_release(s, d);
    }
}

/* What is to be sent again comes first, in its order; true if all of it was sent. */
static bool pump_open(side *s)
{
    bool held = false;

    for (guint i = 0; i < s->flow->open->len; i++) {
        delivery *d = s->flow->open->pdata[i];

        if (!d->to_send)
            continue;
        held |= d->state == FLOW_PUBLISHED && s->flow->in_flight >= s->receive_maximum;
        if ((d->state == FLOW_RELEASED || !held) && !send_open(s, d))
            g_ptr_array_remove_index(s->flow->open, i--);
    }
    return !held;
}

static void pump_waiting(side *s)
{
    while (!g_queue_is_empty(s->flow->waiting) && s->flow->in_flight < s->receive_maximum && s->flow->open->len < 1000) {
        delivery *d = g_queue_pop_head(s->flow->waiting);

        if ((!is_fresh(s, d) && !fault_now(s->world, "forward_expired")) || !fits(s, d))
            continue;
        if (d->qos > 0) {
            d->id = flow_identifier(s->flow);
            d->state = FLOW_PUBLISHED;
            g_ptr_array_add(s->flow->open, d);
            if (!send_open(s, d))
                g_ptr_array_remove(s->flow->open, d);
        } else {
            send_publish(s, d);
        }
    }
}

void flow_pump(side *s)
{
    if (s->ready && tcp_is_open(s->connection, s->end) && pump_open(s))
        pump_waiting(s);
}

void flow_submit(side *s, delivery *d)
{
    g_queue_push_tail(s->flow->waiting, d);
    flow_pump(s);
}

void flow_resume(side *s)
{
    s->flow->in_flight = 0;
    s->flow->refused = NULL;
    for (guint i = 0; i < s->flow->open->len; i++) {
        delivery *d = s->flow->open->pdata[i];

        d->to_send = true;
        d->counted = false;
    }
    flow_pump(s);
}

/* --- Acknowledgments --- */

static void complete(side *s, int place)
{
    delivery *d = g_ptr_array_remove_index(s->flow->open, (guint)place);

    if (d->counted)
        s->flow->in_flight--;
    flow_pump(s);
}

static void take_pubrec(side *s, const packet *p, int place)
{
    packet *answer = side_packet(s, PUBREL);
    delivery *d;

    answer->id = p->id;
    if (place < 0) {
        if (p->code >= 0x80)
            return;
        answer->code = s->version == 5 ? 0x92 : 0;
        side_answer(s, answer);
        return;
    }
    d = s->flow->open->pdata[place];
    if (p->code >= 0x80) {
        s->flow->refused = d->sent;
        complete(s, place);
        return;
    }
    d->state = FLOW_RELEASED;
    d->to_send = false;
    side_chatter(s, answer);
    side_answer(s, answer);
}

static void take_pubrel(side *s, const packet *p)
{
    packet *answer = side_packet(s, PUBCOMP);
    bool known = g_hash_table_remove(s->flow->received, GUINT_TO_POINTER(p->id));

    answer->id = p->id;
    if (!known && s->version == 5 && dice_chance(s->world->dice, 50))
        answer->code = 0x92;
    else
        side_chatter(s, answer);
    side_answer(s, answer);
}

/* True if a PUBACK or PUBCOMP is the one that a message waits for: a spare one, for a message that was sent
 * again, says nothing of a later message with the identifier before that has come so far (3.1.1, 4.3.3-1). */
static bool is_awaited(const delivery *d, const packet *p)
{
    return p->type == PUBACK ? d->qos == 1 : d->state == FLOW_RELEASED;
}

bool flow_take(side *s, const packet *p)
{
    int place = find(s->flow, p->id);

    switch (p->type) {
    case PUBACK:
    case PUBCOMP:
        if (place < 0 || !is_awaited(s->flow->open->pdata[place], p))
            return true;
        if (p->code >= 0x80 && p->type == PUBACK)
            s->flow->refused = ((delivery *)s->flow->open->pdata[place])->sent;
        complete(s, place);
        return true;
    case PUBREC: take_pubrec(s, p, place); return true;
    case PUBREL: take_pubrel(s, p); return true;
    default: return false;
    }
}
