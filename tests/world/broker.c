/* broker.c
 * A server that keeps to the standard: what comes on its connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "broker.h"

#include "dice.h"
#include "fault.h"

broker *broker_new(world *w)
{
    static const uint32_t receive_maxima[] = {65535, 65535, 1, 2, 5, 20};
    static const uint32_t alias_maxima[] = {0, 0, 1, 3, 10, 65535};
    GRand *dice = w->dice;
    broker *b = arena_take(w->memory, sizeof *b);

    b->world = w;
    b->address = 0x0a000000 | (w->plan.number << 8 & 0xffff00) | 1;
    b->port = dice_chance(dice, 90) ? 1883 : 51883;
    b->sessions = arena_list(w->memory);
    b->links = arena_list(w->memory);
    b->retained = arena_list(w->memory);
    b->up = true;
    b->receive_maximum = DICE_PICK(dice, receive_maxima);
    b->alias_maximum = DICE_PICK(dice, alias_maxima);
    b->maximum_packet_size = dice_chance(dice, 80) ? UINT32_MAX : (uint32_t)dice_between(dice, 250, 2000);
    b->maximum_qos = dice_chance(dice, 80) ? 2 : (uint8_t)dice_between(dice, 0, 1);
    b->server_keep_alive = dice_chance(dice, 80) ? 0 : (uint32_t)dice_between(dice, 5, 60);
    b->most_expiry = dice_chance(dice, 80) ? NEVER : (uint32_t)dice_between(dice, 5, 100);
    b->retain = dice_chance(dice, 90);
    b->wildcard = dice_chance(dice, 95);
    b->identifiers = dice_chance(dice, 90);
    b->shared = dice_chance(dice, 90);
    b->one_copy = dice_chance(dice, 60);
    b->releases = dice_chance(dice, 40);
    b->tells_nobody = dice_chance(dice, 30);
    b->tells_disconnect = dice_chance(dice, 70);
    b->refusals = dice_chance(dice, 80) ? 0 : 15;
    b->connack_delay = dice_chance(dice, 70) ? 0 : dice_between(dice, 1, 500) * MILLISECONDS;
    if (w->stage & STAGE_WATCHER) {
        b->wildcard = true;
        b->refusals = 0;
    }
    return b;
}

/* --- Connections --- */

static void receive(void *user, const packet *p)
{
    link *l = user;

    l->last_received = schedule_now(l->broker->world->events);
    if (l->over || p->reaction == IGNORED)
        return;
    if (p->reaction == REFUSED) {
        link_over(l, false);
        tcp_close(l->side.connection, SERVER_END);
    } else if (p->type == CONNECT)
        broker_connect(l, p);
    else if (p->type == AUTH)
        broker_auth(l, p);
    else if (!l->side.ready)
        g_ptr_array_add(l->held, (void *)p);
    else
        broker_take(l, p);
}

static void closed(void *user, bool reset)
{
    link *l = user;

    link_over(l, false);
    if (!reset)
        tcp_close(l->side.connection, SERVER_END);
}

static void opened(void *user)
{
    (void)user;
}

/* A fault: nobody has asked yet. */
static void send_connack_early(void *subject, void *detail)
{
    link *l = subject;
    packet *p = side_packet(&l->side, CONNACK);

    (void)detail;
    p->fault = "connack_unexpected|packet_malformed";
    p->reaction = REFUSED;
    l->broker->world->fault.shown = true;
    side_send_anyway(&l->side, p, NULL);
    l->over = true; /* there is no second one */
}

void broker_accept(void *server, tcp_connection *connection)
{
    static const tcp_calls calls = {opened, receive, closed};
    broker *b = server;
    link *l;

    if (!b->up)
        return;
    l = arena_take(b->world->memory, sizeof *l);
    l->broker = b;
    l->side.world = b->world;
    l->side.end = SERVER_END;
    l->held = arena_list(b->world->memory);
    side_begin(&l->side, connection, 4);
    connection->ends[SERVER_END].calls = &calls;
    connection->ends[SERVER_END].user = l;
    l->last_received = schedule_now(b->world->events);
    g_ptr_array_add(b->links, l);
    if (fault_now(b->world, "connack_unexpected|packet_malformed"))
        schedule_add(b->world->events, 0, send_connack_early, l, NULL);
}

/* --- Packets --- */

static void answer_publish(link *l, const packet *p, uint8_t code)
{
    packet *answer = side_packet(&l->side, p->qos == 1 ? PUBACK : PUBREC);

    answer->id = p->id;
    answer->code = l->side.version == 5 ? code : 0;
    side_chatter(&l->side, answer);
    side_answer(&l->side, answer);
}

/* A topic to which nobody may publish. */
static bool is_denied(const packet *p)
{
    return g_str_has_prefix(p->full_topic, "denied/");
}

static uint8_t pass_on(link *l, const packet *p)
{
    broker *b = l->broker;
    message *m = message_of_publish(b->world->memory, p, l->session, schedule_now(b->world->events));

    if (is_denied(p))
        return 0x87;
    return broker_route(b, m) == 0 && b->tells_nobody ? 0x10 : 0;
}

static void take_publish(link *l, const packet *p)
{
    void *id = GUINT_TO_POINTER(p->id);
    uint8_t code = 0;

    if (p->qos == 2 && g_hash_table_contains(l->session->flow->received, id)) {
        answer_publish(l, p, 0);
        return;
    }
    if (p->qos < 2 || !l->broker->releases)
        code = pass_on(l, p);
    else if (is_denied(p))
        code = 0x87;
    if (p->qos == 2 && !(code >= 0x80 && l->side.version == 5))
        g_hash_table_insert(l->session->flow->received, id, (void *)p);
    if (p->qos > 0)
        answer_publish(l, p, code);
}

static void take_pubrel(link *l, const packet *p)
{
    const packet *held = g_hash_table_lookup(l->session->flow->received, GUINT_TO_POINTER(p->id));

    if (held && l->broker->releases)
        pass_on(l, held);
    flow_take(&l->side, p);
}

static void take_disconnect(link *l, const packet *p)
{
    const property *expiry = packet_property(p, SESSION_EXPIRY_INTERVAL);

    if (expiry)
        l->session->expiry = expiry->number;
    link_over(l, p->code == 0);
    tcp_close(l->side.connection, SERVER_END);
}

void broker_take(link *l, const packet *p)
{
    if (l->over)
        return;
    switch (p->type) {
    case PUBLISH: take_publish(l, p); break;
    case PUBREL: take_pubrel(l, p); break;
    case SUBSCRIBE: broker_subscribe(l, p); break;
    case UNSUBSCRIBE: broker_unsubscribe(l, p); break;
    case PINGREQ: side_answer(&l->side, side_packet(&l->side, PINGRESP)); break;
    case DISCONNECT: take_disconnect(l, p); break;
    default: flow_take(&l->side, p); break;
    }
}

client *broker_client(const broker *b, const void *of)
{
    for (guint i = 0; i < b->links->len; i++) {
        const link *l = b->links->pdata[i];

        if (l->session && l->session == of)
            return l->side.connection->ends[CLIENT_END].user;
    }
    return NULL;
}

/* --- Closing --- */

void broker_close_one(broker *b)
{
    static const uint8_t codes[] = {0x00, 0x80, 0x83, 0x87, 0x89, 0x96, 0x97, 0x98, 0x9c, 0x9d, 0x9f, 0xa0};
    link *l;

    if (b->links->len == 0)
        return;
    l = b->links->pdata[dice_between(b->world->dice, 0, (int64_t)b->links->len - 1)];
    if (l->side.ready && !l->over)
        link_disconnect(l, DICE_PICK(b->world->dice, codes));
}

static void come_up(void *subject, void *detail)
{
    broker *b = subject;

    (void)detail;
    b->up = true;
}

void broker_restart(broker *b, int64_t after)
{
    bool says = dice_chance(b->world->dice, 50);

    b->up = false;
    for (guint i = 0; i < b->links->len; i++) {
        link *l = b->links->pdata[i];

        if (!tcp_is_open(l->side.connection, SERVER_END))
            continue;
        if (says) {
            link_disconnect(l, 0x8b);
        } else {
            tcp_reset(l->side.connection, SERVER_END);
            link_over(l, false);
        }
    }
    schedule_add(b->world->events, after, come_up, b, NULL);
}
