/* broker_connect.c
 * The server's answer to CONNECT (MQTT 5.0, 3.1.4, 3.2), with enhanced authentication (4.12).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "client.h"
#include "dice.h"
#include "fault.h"

static bool keeps_session(const link *l)
{
    return !l->connect->clean_start;
}

/* 3.1.2.11.2, and what CleanSession means before MQTT 5; the server may have less. */
static uint32_t session_expiry(const link *l)
{
    uint32_t wanted;

    if (l->connect->version < 5)
        return l->connect->clean_start ? 0 : NEVER;
    wanted = packet_number(l->connect, SESSION_EXPIRY_INTERVAL, 0);
    return MIN(wanted, l->broker->most_expiry);
}

static void learn_limits(link *l)
{
    const packet *c = l->connect;
    side *s = &l->side;

    s->receive_maximum = packet_number(c, RECEIVE_MAXIMUM, 65535);
    s->maximum_packet_size = packet_number(c, MAXIMUM_PACKET_SIZE, UINT32_MAX);
    s->alias_maximum = packet_number(c, TOPIC_ALIAS_MAXIMUM, 0);
    s->problem_information = packet_number(c, REQUEST_PROBLEM_INFORMATION, 1) != 0;
}

/* What the server takes: what is not the default, and the default here and there. */
static void add_limits(link *l, packet *p)
{
    broker *b = l->broker;
    bool all = dice_chance(b->world->dice, 20);

    if (b->receive_maximum != 65535 || all)
        packet_add_number(p, RECEIVE_MAXIMUM, b->receive_maximum);
    if (b->maximum_qos < 2)
        packet_add_number(p, MAXIMUM_QOS, b->maximum_qos);
    if (!b->retain || all)
        packet_add_number(p, RETAIN_AVAILABLE, b->retain);
    if (b->maximum_packet_size != UINT32_MAX)
        packet_add_number(p, MAXIMUM_PACKET_SIZE, b->maximum_packet_size);
    if (b->alias_maximum || all)
        packet_add_number(p, TOPIC_ALIAS_MAXIMUM, b->alias_maximum);
    if (!b->wildcard || all)
        packet_add_number(p, WILDCARD_SUBSCRIPTION_AVAILABLE, b->wildcard);
    if (!b->identifiers || all)
        packet_add_number(p, SUBSCRIPTION_IDENTIFIER_AVAILABLE, b->identifiers);
    if (!b->shared || all)
        packet_add_number(p, SHARED_SUBSCRIPTION_AVAILABLE, b->shared);
}

static void add_properties(link *l, packet *p)
{
    broker *b = l->broker;

    add_limits(l, p);
    if (l->session->expiry != packet_number(l->connect, SESSION_EXPIRY_INTERVAL, 0))
        packet_add_number(p, SESSION_EXPIRY_INTERVAL, l->session->expiry);
    if (l->connect->client_id[0] == '\0')
        packet_add_text(p, ASSIGNED_CLIENT_IDENTIFIER, l->session->client_id);
    if (b->server_keep_alive)
        packet_add_number(p, SERVER_KEEP_ALIVE, b->server_keep_alive);
    if (l->method)
        packet_add_text(p, AUTHENTICATION_METHOD, l->method);
    if (packet_number(l->connect, REQUEST_RESPONSE_INFORMATION, 0) && dice_chance(b->world->dice, 70))
        packet_add_text(p, RESPONSE_INFORMATION, arena_text(b->world->memory, "reply/%s", l->session->client_id));
    if (dice_chance(b->world->dice, 10))
        packet_add_pair(p, "node", "b1");
}

/* 3.1.4-3: whoever has the Client Identifier must go. */
static void take_over(session *s)
{
    if (s->link)
        link_disconnect(s->link, 0x8e);
}

/* The session that goes on, or a new one (3.1.2.4). Returns Session Present. */
static bool take_session(link *l, session *s)
{
    bool present;

    take_over(s);
    present = s->exists && keeps_session(l) && !fault_now(l->broker->world, "session_lost");
    if (!present)
        session_end(l->broker, s);
    if (present && s->will && s->will_due - schedule_now(l->broker->world->events) > 2 * SECONDS && broker_is_heard(l->broker, s->will) &&
        fault_now(l->broker->world, "will_published_after_return"))
        broker_publish_later(l->broker, s->will);
    s->will = NULL;
    s->exists = true;
    s->serial++;
    s->link = l;
    l->session = s;
    l->side.flow = s->flow;
    s->expiry = session_expiry(l);
    /* MQTT 3.1 does not say whether there is a session. */
    l->side.fresh = !present && (l->connect->version > 3 || l->connect->clean_start);
    return present;
}

static void learn_will(link *l)
{
    const packet *c = l->connect;
    guint i;

    if (!c->has_will)
        return;
    l->will = message_of_will(l->broker->world->memory, c, l->session, 0);
    for (i = 0; i < c->will_properties->len; i++) {
        const property *one = &g_array_index(c->will_properties, property, i);

        if (one->identifier == WILL_DELAY_INTERVAL)
            l->will_delay = one->number;
    }
}

static const char *client_id_of(link *l)
{
    if (l->connect->client_id[0])
        return l->connect->client_id;
    return arena_text(l->broker->world->memory, "auto-%u", ++l->broker->assigned);
}

/* A fault: the client sends what the CONNACK that it has not got yet rules out. */
static void send_early(void *subject, void *detail)
{
    link *l = subject;
    side *s = &((client *)l->side.connection->ends[CLIENT_END].user)->side;
    packet *p = side_packet(s, PUBLISH);

    if (s->connection != detail || s->ready)
        return;
    p->topic = p->full_topic = "a/b";
    p->payload = bytes_of("too early");
    p->retain = true;
    fault_mark(s->world, p, IGNORED);
    side_send_anyway(s, p, NULL);
}

/* Just before the CONNACK arrives. */
static void have_sent_early(const link *l)
{
    tcp_connection *c = l->side.connection;

    if (l->side.version == 5 && !l->broker->retain && !l->method && c->flush_delay == 0 &&
        fault_now(l->broker->world, "sent_before_connack"))
        schedule_add(l->broker->world->events, (c->to_tap[SERVER_END] + c->from_tap[SERVER_END]) * 9 / 10, send_early, (void *)l, c);
}

static void accept(link *l)
{
    packet *p = side_packet(&l->side, CONNACK);

    p->session_present = take_session(l, broker_session(l->broker, client_id_of(l)));
    /* MQTT 3.1 has a reserved byte there. */
    p->session_present &= l->side.version > 3;
    learn_will(l);
    l->keep_alive = l->side.version == 5 && l->broker->server_keep_alive ? l->broker->server_keep_alive : l->connect->keep_alive;
    if (l->side.version == 5)
        add_properties(l, p);
    l->connack = p;
    if (p->session_present && l->session == l->broker->world->fault.session) {
        fault_mark(l->broker->world, p, TAKEN);
        l->broker->world->fault.session = NULL;
    }
    side_send(&l->side, p);
    have_sent_early(l);
    l->side.ready = true;
    link_watch(l);
    flow_resume(&l->side);
    for (guint i = 0; i < l->held->len; i++)
        broker_take(l, l->held->pdata[i]);
}

static void refuse(link *l, uint8_t code)
{
    packet *p = side_packet(&l->side, CONNACK);

    p->code = code;
    if (l->side.version == 5 && code == 0x9d)
        packet_add_text(p, SERVER_REFERENCE, "other.example");
    if (l->side.version == 5 && dice_chance(l->broker->world->dice, 30))
        packet_add_text(p, REASON_STRING, "not today");
    side_send(&l->side, p);
    link_over(l, true);
    tcp_close(l->side.connection, SERVER_END);
}

static uint8_t refusal(link *l)
{
    static const uint8_t codes[] = {0x80, 0x83, 0x86, 0x87, 0x88, 0x89, 0x97, 0x9c, 0x9d, 0x9f}, old_codes[] = {3, 4, 5};
    broker *b = l->broker;

    if (l->side.version == 5 && l->connect->has_will && l->connect->will_qos > b->maximum_qos)
        return 0x9b;
    if (l->side.version == 5 && l->connect->will_retain && !b->retain)
        return 0x9a;
    if (!dice_chance(b->world->dice, b->refusals))
        return 0;
    return l->side.version == 5 ? DICE_PICK(b->world->dice, codes) : DICE_PICK(b->world->dice, old_codes);
}

static void decide(void *subject, void *detail)
{
    link *l = subject;
    uint8_t code;

    (void)detail;
    if (l->over)
        return;
    code = refusal(l);
    if (code)
        refuse(l, code);
    else
        accept(l);
}

/* --- Enhanced authentication --- */

static void ask(link *l, uint8_t code)
{
    packet *p = side_packet(&l->side, AUTH);

    p->code = code;
    packet_add_text(p, AUTHENTICATION_METHOD, l->method);
    if (code)
        packet_add_text(p, AUTHENTICATION_DATA, "challenge");
    side_chatter(&l->side, p);
    side_send(&l->side, p);
}

void broker_connect(link *l, const packet *connect)
{
    const property *method = packet_property(connect, AUTHENTICATION_METHOD);
    GRand *dice = l->broker->world->dice;

    if (fault_now(l->broker->world, "connect_unanswered"))
        return;
    if (!l->broker->up) {
        tcp_reset(l->side.connection, SERVER_END);
        return;
    }
    l->connect = connect;
    l->side.version = connect->version;
    learn_limits(l);
    if (method) {
        l->method = method->text.data;
        l->rounds = (unsigned)dice_between(dice, 0, 2);
    }
    if (l->rounds > 0)
        ask(l, 0x18);
    else if (l->broker->connack_delay)
        schedule_add(l->broker->world->events, dice_between(dice, 0, l->broker->connack_delay), decide, l, NULL);
    else
        decide(l, NULL);
}

/* 4.12-1, 4.12.1-2. */
static void fail(link *l)
{
    if (l->side.ready)
        link_disconnect(l, 0x87);
    else
        refuse(l, 0x87);
}

void broker_auth(link *l, const packet *p)
{
    /* The client begins anew (4.12.1). */
    if (p->code == 0x19)
        l->rounds = (unsigned)dice_between(l->broker->world->dice, 1, 3);
    if (dice_chance(l->broker->world->dice, 5))
        fail(l);
    else if (--l->rounds > 0)
        ask(l, 0x18);
    else if (l->side.ready)
        ask(l, 0x00);
    else
        decide(l, NULL);
}
