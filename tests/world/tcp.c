/* tcp.c
 * TCP between clients and servers: what an end sends, and what it does with what arrives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "tcp.h"

#include "dice.h"

#define FIRST_TIMEOUT (300 * MILLISECONDS)
#define MOST_TRIES 8

typedef struct {
    uint32_t from, to;
} tcp_range;

typedef struct {
    uint8_t flags;
    uint32_t offset, length, acked; /* acked: bytes of the other end; its FIN counts as one */
} segment;

typedef struct {
    tcp_connection *connection;
    unsigned end;
    const segment *segment;
} arrival;

static void arrive(void *subject, void *detail);

static tcp_end *other(tcp_connection *c, unsigned end)
{
    return &c->ends[!end];
}

/* Puts a frame on the tap, and has it arrive, unless it is lost before or after. */
static void carry(tcp_connection *c, unsigned end, const segment *s)
{
    tcp_network *n = c->network;
    tcp_end *own = &c->ends[end];
    int64_t now = schedule_now(n->events), tap, there;
    bool lost = s->length > 0 && dice_chance(n->dice, n->loss), lost_early = lost && dice_chance(n->dice, 50);
    arrival *detail = arena_take(n->memory, sizeof *detail);
    frame seen = {.connection = c, .direction = (uint8_t)end, .flags = s->flags, .offset = s->offset, .length = s->length};

    tap = now + c->to_tap[end] + dice_between(n->dice, 0, 20) * MICROSECONDS;
    tap = MAX(tap, own->last_tap + MICROSECONDS);
    there = tap + c->from_tap[end] + dice_between(n->dice, 0, 20) * MICROSECONDS;
    there = MAX(there, own->last_arrival + MICROSECONDS);
    own->last_tap = seen.time = tap;
    own->last_arrival = there;
    seen.sequence = own->isn + (s->flags & TCP_SYN ? 0 : 1) + s->offset;
    seen.acknowledgment = s->flags & TCP_ACK ? other(c, end)->isn + 1 + s->acked : 0;
    if (!lost_early)
        g_array_append_val(n->frames, seen);
    *detail = (arrival){c, end, s};
    if (!lost)
        schedule_add(n->events, there - now, arrive, detail, NULL);
}

static void transmit(tcp_connection *c, unsigned end, uint8_t flags, uint32_t offset, uint32_t length)
{
    tcp_end *own = &c->ends[end];
    segment *s = arena_take(c->network->memory, sizeof *s);

    *s = (segment){flags, offset, length, own->received + own->fin_received};
    if (flags & TCP_ACK)
        own->unacked = 0;
    carry(c, end, s);
}

static void tell_closed(tcp_connection *c, unsigned end, bool reset)
{
    tcp_end *own = &c->ends[end];

    if (own->told_closed || !own->calls)
        return;
    own->told_closed = true;
    own->calls->closed(own->user, reset);
}

/* --- Sending again --- */

static void start_timer(tcp_connection *c, unsigned end);

static int64_t timeout(const tcp_end *own)
{
    return FIRST_TIMEOUT << MIN(own->tries, 6);
}

static void time_out(void *subject, void *detail)
{
    tcp_connection *c = subject;
    unsigned end = GPOINTER_TO_UINT(detail);
    tcp_end *own = &c->ends[end];

    own->timing = false;
    if (own->dead || (own->acked == own->next && own->fin_sent == own->fin_acked))
        return;
    if (schedule_now(c->network->events) < own->waits_since + timeout(own)) {
        start_timer(c, end);
        return;
    }
    if (++own->tries > MOST_TRIES) {
        own->dead = true;
        tell_closed(c, end, true);
        return;
    }
    if (own->acked < own->next)
        transmit(c, end, TCP_ACK | TCP_PSH, own->acked, MIN(own->next - own->acked, c->mss));
    else
        transmit(c, end, TCP_ACK | TCP_FIN, own->next, 0);
    own->waits_since = schedule_now(c->network->events);
    start_timer(c, end);
}

static void start_timer(tcp_connection *c, unsigned end)
{
    tcp_end *own = &c->ends[end];

    if (own->timing)
        return;
    own->timing = true;
    schedule_add(c->network->events, own->waits_since + timeout(own) - schedule_now(c->network->events), time_out, c,
                 GUINT_TO_POINTER(end));
}

/* --- Sending --- */

static uint32_t segment_length(tcp_connection *c, uint32_t left)
{
    uint32_t length = MIN(left, c->mss);

    return c->splits && length > 1 ? (uint32_t)dice_between(c->network->dice, 1, length) : length;
}

static void flush(tcp_connection *c, unsigned end)
{
    tcp_end *own = &c->ends[end];

    if (own->dead)
        return;
    if (own->acked == own->next)
        own->waits_since = schedule_now(c->network->events);
    while (own->next < own->sent->len) {
        uint32_t length = segment_length(c, own->sent->len - own->next);
        bool last = own->next + length == own->sent->len, fin = last && own->closing && dice_chance(c->network->dice, 30);

        transmit(c, end, (uint8_t)(TCP_ACK | (last ? TCP_PSH : 0) | (fin ? TCP_FIN : 0)), own->next, length);
        own->next += length;
        own->fin_sent |= fin;
        start_timer(c, end);
    }
    if (own->closing && !own->fin_sent) {
        own->fin_sent = true;
        transmit(c, end, TCP_ACK | TCP_FIN, own->next, 0);
        start_timer(c, end);
    }
}

static void flush_later(void *subject, void *detail)
{
    tcp_connection *c = subject;
    unsigned end = GPOINTER_TO_UINT(detail);

    c->ends[end].flushing = false;
    flush(c, end);
}

static void want_flush(tcp_connection *c, unsigned end)
{
    tcp_end *own = &c->ends[end];

    if (c->flush_delay == 0) {
        flush(c, end);
    } else if (!own->flushing) {
        own->flushing = true;
        schedule_add(c->network->events, dice_between(c->network->dice, 0, c->flush_delay), flush_later, c, GUINT_TO_POINTER(end));
    }
}

void tcp_write(tcp_connection *connection, unsigned end, const packet *sent, const GByteArray *wire)
{
    tcp_end *own = &connection->ends[end];
    tcp_mark mark = {own->sent->len, own->sent->len + wire->len, schedule_now(connection->network->events), sent};

    if (!tcp_is_open(connection, end))
        return;
    g_byte_array_append(own->sent, wire->data, wire->len);
    g_array_append_val(own->marks, mark);
    want_flush(connection, end);
}

void tcp_close(tcp_connection *connection, unsigned end)
{
    tcp_end *own = &connection->ends[end];

    if (own->dead || own->closing)
        return;
    own->closing = own->told_closed = true;
    want_flush(connection, end);
}

void tcp_reset(tcp_connection *connection, unsigned end)
{
    tcp_end *own = &connection->ends[end];

    if (own->dead)
        return;
    own->dead = own->told_closed = own->refuses = true;
    transmit(connection, end, TCP_RST | TCP_ACK, own->next + own->fin_sent, 0);
}

void tcp_vanish(tcp_connection *connection, unsigned end, bool refuses)
{
    tcp_end *own = &connection->ends[end];

    own->dead = own->told_closed = true;
    own->refuses = refuses;
}

bool tcp_is_open(const tcp_connection *connection, unsigned end)
{
    const tcp_end *own = &connection->ends[end];

    return !own->dead && !own->closing && !own->told_closed;
}

bool tcp_is_over(const tcp_connection *connection)
{
    for (unsigned i = 0; i < 2; i++)
        if (!connection->ends[i].dead && !(connection->ends[i].fin_acked && connection->ends[i].fin_received))
            return false;
    return true;
}

/* --- Receiving --- */

static void acknowledge(void *subject, void *detail)
{
    tcp_connection *c = subject;
    unsigned end = GPOINTER_TO_UINT(detail);
    tcp_end *own = &c->ends[end];

    own->acking = false;
    if (!own->dead && own->unacked > 0)
        transmit(c, end, TCP_ACK, own->next + own->fin_sent, 0);
}

static void want_ack(tcp_connection *c, unsigned end, bool at_once)
{
    tcp_end *own = &c->ends[end];

    own->unacked++;
    if (at_once || own->unacked >= 2) {
        transmit(c, end, TCP_ACK, own->next + own->fin_sent, 0);
    } else if (!own->acking) {
        own->acking = true;
        schedule_add(c->network->events, c->ack_delay, acknowledge, c, GUINT_TO_POINTER(end));
    }
}

static void learn_acked(tcp_connection *c, unsigned end, const segment *s)
{
    tcp_end *own = &c->ends[end];
    uint32_t data = MIN(s->acked, own->next);

    if (data > own->acked || s->acked > own->next) {
        own->tries = 0;
        own->waits_since = schedule_now(c->network->events);
    }
    own->acked = MAX(own->acked, data);
    own->fin_acked |= own->fin_sent && s->acked > own->next;
}

/* Takes what came early and now fits. */
static void join_early(tcp_end *own)
{
    for (guint i = 0; i < own->early->len;) {
        tcp_range range = g_array_index(own->early, tcp_range, i);

        if (range.from > own->received) {
            i++;
            continue;
        }
        own->received = MAX(own->received, range.to);
        g_array_remove_index(own->early, i);
        i = 0;
    }
}

static void deliver(tcp_connection *c, unsigned end)
{
    tcp_end *own = &c->ends[end];
    const GArray *marks = other(c, end)->marks;

    while (own->delivered < marks->len && g_array_index(marks, tcp_mark, own->delivered).end <= own->received && !own->dead) {
        const packet *next = g_array_index(marks, tcp_mark, own->delivered++).packet;

        if (!own->closing)
            own->calls->received(own->user, next);
    }
}

static void take_data(tcp_connection *c, unsigned end, const segment *s)
{
    tcp_end *own = &c->ends[end];
    tcp_range range = {s->offset, s->offset + s->length};
    bool in_order = range.from <= own->received && range.to > own->received;

    if (in_order) {
        own->received = range.to;
        join_early(own);
    } else if (range.from > own->received) {
        g_array_append_val(own->early, range);
    }
    want_ack(c, end, !in_order);
    deliver(c, end);
}

static void take_fin(tcp_connection *c, unsigned end, const segment *s)
{
    tcp_end *own = &c->ends[end];

    if (s->offset + s->length != own->received)
        return;
    own->fin_received = true;
    transmit(c, end, TCP_ACK, own->next + own->fin_sent, 0);
    tell_closed(c, end, false);
}

/* Nobody listens. */
static void refuse(tcp_connection *c, unsigned end)
{
    tcp_end *own = &c->ends[end];
    segment *s = arena_take(c->network->memory, sizeof *s);

    own->dead = own->told_closed = true;
    *s = (segment){TCP_RST | TCP_ACK, 0, 0, 0};
    carry(c, end, s);
}

static void take_handshake(tcp_connection *c, unsigned end, const segment *s)
{
    if (end == SERVER_END) {
        c->network->accept(c->server, c);
        if (c->ends[end].calls)
            transmit(c, end, TCP_SYN | TCP_ACK, 0, 0);
        else
            refuse(c, end);
        return;
    }
    (void)s;
    transmit(c, end, TCP_ACK, 0, 0);
    c->ends[end].calls->opened(c->ends[end].user);
}

static void arrive(void *subject, void *detail)
{
    const arrival *a = subject;
    tcp_connection *c = a->connection;
    const segment *s = a->segment;
    unsigned end = !a->end;
    tcp_end *own = &c->ends[end];

    (void)detail;
    if (own->dead || (own->closing && s->length > 0 && s->offset + s->length > own->received)) {
        if ((own->refuses || !own->dead) && !(s->flags & TCP_RST)) {
            own->dead = own->refuses = true;
            transmit(c, end, TCP_RST, own->next + own->fin_sent, 0);
        }
        return;
    }
    if (s->flags & TCP_RST) {
        own->dead = true;
        tell_closed(c, end, true);
        return;
    }
    if (s->flags & TCP_SYN) {
        take_handshake(c, end, s);
        return;
    }
    learn_acked(c, end, s);
    if (s->length == 0 && s->flags == TCP_ACK && s->offset < own->received)
        transmit(c, end, TCP_ACK, own->next + own->fin_sent, 0);
    if (s->length > 0)
        take_data(c, end, s);
    if (s->flags & TCP_FIN && !own->dead)
        take_fin(c, end, s);
}

/* --- TCP's own keep alive --- */

/* A segment whose byte the other end has already: it answers with an ACK (RFC 9293, 3.8.4). */
static void probe(void *subject, void *detail)
{
    tcp_connection *c = subject;
    unsigned end = GPOINTER_TO_UINT(detail);
    tcp_end *own = &c->ends[end];

    if (own->dead || own->closing || own->fin_received)
        return;
    if (own->acked == own->next && own->next > 0 && own->unacked == 0)
        transmit(c, end, TCP_ACK, own->next - 1, 0);
    schedule_add(c->network->events, c->probe_pause, probe, c, detail);
}

/* --- Opening --- */

static void make_end(tcp_network *n, tcp_end *own)
{
    own->sent = arena_bytes(n->memory);
    own->marks = arena_array(n->memory, sizeof(tcp_mark));
    own->early = arena_array(n->memory, sizeof(tcp_range));
    own->isn = dice_chance(n->dice, 5) ? UINT32_MAX - (uint32_t)dice_between(n->dice, 0, 500) : g_rand_int(n->dice);
}

/* How the hosts and the way between them are. */
static void make_way(tcp_connection *c)
{
    static const int64_t ways[] = {20 * MICROSECONDS, 200 * MICROSECONDS, 2 * MILLISECONDS, 30 * MILLISECONDS};
    static const int64_t flushes[] = {0, 0, 100 * MICROSECONDS, 5 * MILLISECONDS};
    static const int64_t acks[] = {10 * MICROSECONDS, 500 * MICROSECONDS, 40 * MILLISECONDS, 40 * MILLISECONDS};
    GRand *dice = c->network->dice;

    c->to_tap[CLIENT_END] = c->from_tap[SERVER_END] = DICE_PICK(dice, ways);
    c->to_tap[SERVER_END] = c->from_tap[CLIENT_END] = DICE_PICK(dice, ways);
    c->flush_delay = DICE_PICK(dice, flushes);
    c->ack_delay = DICE_PICK(dice, acks);
    c->mss = dice_chance(dice, 15) ? (uint32_t)dice_between(dice, 40, 300) : 1460;
    c->splits = dice_chance(dice, 10);
}

tcp_connection *tcp_open(tcp_network *network, const uint32_t addresses[2], const uint16_t ports[2], void *server, const tcp_calls *calls,
                         void *user)
{
    tcp_connection *c = arena_take(network->memory, sizeof *c);

    c->network = network;
    c->number = network->connections->len;
    c->server = server;
    for (unsigned i = 0; i < 2; i++) {
        c->addresses[i] = addresses[i];
        c->ports[i] = ports[i];
        make_end(network, &c->ends[i]);
    }
    make_way(c);
    c->ends[CLIENT_END].calls = calls;
    c->ends[CLIENT_END].user = user;
    g_ptr_array_add(network->connections, c);
    transmit(c, CLIENT_END, TCP_SYN, 0, 0);
    if (dice_chance(network->dice, 10)) {
        c->probe_pause = dice_between(network->dice, 5, 30) * SECONDS;
        schedule_add(network->events, c->probe_pause, probe, c, GUINT_TO_POINTER((unsigned)dice_between(network->dice, 0, 1)));
    }
    return c;
}
