/* client.c
 * A client that keeps to the standard: its connections, and what it does with packets of the
 * server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "client.h"

#include "dice.h"
#include "fault.h"

#define PATIENCE (40 * SECONDS) /* with a server that does not answer CONNECT */

static const char *client_id(world *w, unsigned number)
{
    GRand *dice = w->dice;

    if (dice_chance(dice, 5))
        return "";
    return arena_text(w->memory, dice_chance(dice, 80) ? "client%u" : "sensor/%u-\xc3\xa4", number);
}

static void choose_habits(client *c, GRand *dice)
{
    static const uint32_t receive_maxima[] = {65535, 65535, 1, 2, 3, 10}, alias_maxima[] = {0, 0, 1, 4, 65535},
                          expiries[] = {3, 10, 60, NEVER};
    static const uint16_t keep_alives[] = {0, 2, 5, 10, 30, 60};

    c->version = dice_chance(dice, 60) ? 5 : dice_chance(dice, 80) ? 4 : 3;
    if (c->world->plan.only_version)
        c->version = (uint8_t)c->world->plan.only_version;
    c->keeps = dice_chance(dice, 50) && c->id[0];
    c->pipelines = dice_chance(dice, 15);
    c->responds = dice_chance(dice, 30);
    c->tidy = dice_chance(dice, 60);
    c->expiry = c->keeps ? DICE_PICK(dice, expiries) : 0;
    c->receive_maximum = DICE_PICK(dice, receive_maxima);
    c->alias_maximum = DICE_PICK(dice, alias_maxima);
    c->maximum_packet_size = dice_chance(dice, 85) ? UINT32_MAX : (uint32_t)dice_between(dice, 120, 1000);
    c->keep_alive = DICE_PICK(dice, keep_alives);
    c->ping_share = 0.4 + 0.5 * g_rand_double(dice);
    c->method = c->version == 5 && dice_chance(dice, 15) ? "SCRAM-SHA-1" : NULL;
    c->pause = (c->world->end - c->world->start) / dice_between(dice, 4, 30);
    c->publishes = (unsigned)dice_between(dice, 20, 90);
    c->problem_information = dice_chance(dice, 70);
    c->wants_information = dice_chance(dice, 20);
    c->one_shot = dice_chance(dice, 4);
    c->resends = c->version < 5 && dice_chance(dice, 20);
}

/* It subscribes to all that there is, takes all, and stays. */
static void watch_all(client *c)
{
    c->watches = true;
    c->version = c->world->plan.only_version ? c->version : 5;
    c->id = "watcher";
    c->keeps = c->pipelines = c->responds = c->one_shot = c->resends = false;
    c->expiry = 0;
    c->receive_maximum = 65535;
    c->maximum_packet_size = UINT32_MAX;
    c->method = NULL;
}

client *client_new(world *w, unsigned number)
{
    client *c = arena_take(w->memory, sizeof *c);

    c->world = w;
    c->number = number;
    c->id = client_id(w, number);
    c->address = 0x0b000000 | (w->plan.number << 8 & 0xffff00) | (number + 10);
    c->port = (uint16_t)dice_between(w->dice, 32768, 60000);
    choose_habits(c, w->dice);
    /* 3.1 has no empty Client Identifier, and 3.1.1 only with a clean session (3.1.3-7). */
    if (c->version == 3 && !c->id[0])
        c->id = "x";
    if (w->twins && number < 2) {
        c->id = "twin";
        c->keeps = false;
        c->expiry = 0;
    }
    if (c->version == 3 && !g_str_is_ascii(c->id))
        c->id = arena_text(w->memory, "old%u", number);
    if (w->stage & STAGE_WATCHER && number == 0)
        watch_all(c);
    c->side.world = w;
    c->side.end = CLIENT_END;
    c->side.flow = flow_new(w);
    c->filters = arena_list(w->memory);
    c->maximum_qos = 2;
    c->retain = c->wildcard = c->identifiers = c->shared = true;
    schedule_add(w->events, dice_between(w->dice, 0, 3000) * MILLISECONDS + (w->stage & STAGE_WATCHER && !c->watches ? 5 * SECONDS : 0),
                 client_connect, c, NULL);
    return c;
}

/* --- Connections --- */

/* 3.1.4: it does not wait for ever. */
static void give_up(void *subject, void *detail)
{
    client *c = subject;

    if (c->side.connection != detail || c->state != CLIENT_CONNECTING)
        return;
    tcp_close(c->side.connection, CLIENT_END);
    client_gone(c);
}

static void opened(void *user)
{
    client *c = user;

    client_send_connect(c);
    schedule_add(c->world->events, PATIENCE, give_up, c, c->side.connection);
    if (c->one_shot && c->clean_start && !c->method) {
        client_shoot(c);
        client_gone(c);
    }
}

static void receive(void *user, const packet *p)
{
    client *c = user;

    if (p->reaction == TAKEN) {
        client_take(c, p);
    } else if (p->reaction == REFUSED) {
        tcp_close(c->side.connection, CLIENT_END);
        client_gone(c);
    }
}

static void closed(void *user, bool reset)
{
    client *c = user;

    if (!reset)
        tcp_close(c->side.connection, CLIENT_END);
    client_gone(c);
}

void client_connect(void *subject, void *detail)
{
    static const tcp_calls calls = {opened, receive, closed};
    client *c = subject;
    const broker *b = c->world->broker;
    uint32_t addresses[2] = {c->address, b->address};
    uint16_t ports[2];

    (void)detail;
    if (schedule_now(c->world->events) > c->world->end)
        return;
    if (schedule_now(c->world->events) < c->away) {
        schedule_add(c->world->events, c->away - schedule_now(c->world->events), client_connect, c, NULL);
        return;
    }
    /* A port may be used again once its last connection is over. */
    if (!c->side.connection || !tcp_is_over(c->side.connection) || dice_chance(c->world->dice, 80))
        c->port = c->port >= 60999 ? 32768 : c->port + 1;
    ports[CLIENT_END] = c->port;
    ports[SERVER_END] = b->port;
    c->state = CLIENT_CONNECTING;
    c->connections++;
    side_begin(&c->side, tcp_open(&c->world->network, addresses, ports, c->world->broker, &calls, c), c->version);
}

static void come_back(client *c)
{
    int64_t pause = dice_chance(c->world->dice, 50) ? dice_between(c->world->dice, 0, 2000) : dice_between(c->world->dice, 0, 30000);

    schedule_add(c->world->events, pause * MILLISECONDS, client_connect, c, NULL);
}

/* What a client does not keep is forgotten (4.1). */
static void end_session(client *c)
{
    c->has_session = false;
    flow_lose(c->side.flow);
    g_ptr_array_set_size(c->filters, 0);
}

void client_gone(client *c)
{
    bool was_connected = c->state == CLIENT_CONNECTED;

    if (c->state == CLIENT_AWAY)
        return;
    c->state = CLIENT_AWAY;
    c->side.ready = false;
    if (was_connected && c->session_expiry == 0)
        end_session(c);
    come_back(c);
}

void client_disconnect(client *c, uint8_t code)
{
    packet *p = side_packet(&c->side, DISCONNECT);

    p->code = c->version == 5 ? code : 0;
    /* 3.14.2.2.2: not where it was 0 in CONNECT. */
    if (c->version == 5 && c->expiry > 0 && dice_chance(c->world->dice, 20)) {
        c->session_expiry = (uint32_t)dice_between(c->world->dice, 0, 20);
        packet_add_number(p, SESSION_EXPIRY_INTERVAL, c->session_expiry);
    }
    if (c->version == 5 && dice_chance(c->world->dice, 10))
        packet_add_text(p, REASON_STRING, "bye");
    side_send(&c->side, p);
    tcp_close(c->side.connection, CLIENT_END);
    client_gone(c);
}

/* It was started anew. The server may still have the session. */
static void lose_state(client *c)
{
    flow_clear(c->side.flow);
    end_session(c);
    c->clean_once = c->version < 5 || dice_chance(c->world->dice, 60);
}

void client_drop(client *c)
{
    switch (dice_between(c->world->dice, 0, 3)) {
    case 0: tcp_close(c->side.connection, CLIENT_END); break;
    case 1: tcp_reset(c->side.connection, CLIENT_END); break;
    case 2:
        tcp_vanish(c->side.connection, CLIENT_END, true);
        if (dice_chance(c->world->dice, 50))
            lose_state(c);
        break;
    default: tcp_vanish(c->side.connection, CLIENT_END, false); break;
    }
    client_gone(c);
}

/* --- Packets --- */

static void learn_limits(client *c, const packet *p)
{
    const property *expiry = packet_property(p, SESSION_EXPIRY_INTERVAL);

    c->side.receive_maximum = packet_number(p, RECEIVE_MAXIMUM, 65535);
    c->side.maximum_packet_size = packet_number(p, MAXIMUM_PACKET_SIZE, UINT32_MAX);
    c->side.alias_maximum = packet_number(p, TOPIC_ALIAS_MAXIMUM, 0);
    c->maximum_qos = (uint8_t)packet_number(p, MAXIMUM_QOS, 2);
    c->retain = packet_number(p, RETAIN_AVAILABLE, 1) != 0;
    c->wildcard = packet_number(p, WILDCARD_SUBSCRIPTION_AVAILABLE, 1) != 0;
    c->identifiers = packet_number(p, SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) != 0;
    c->shared = packet_number(p, SHARED_SUBSCRIPTION_AVAILABLE, 1) != 0;
    c->effective_keep_alive = packet_number(p, SERVER_KEEP_ALIVE, c->keep_alive);
    if (expiry)
        c->session_expiry = expiry->number;
}

static void take_connack(client *c, const packet *p)
{
    if (p->code) {
        if (p->code == 0x9b)
            c->maximum_qos = 0;
        if (p->code == 0x9a)
            c->retain = false;
        tcp_close(c->side.connection, CLIENT_END);
        client_gone(c);
        return;
    }
    /* 3.2.2-4: it has no session, and must not go on with that of the server. */
    if (p->session_present && !c->has_session && c->version == 5) {
        c->clean_once = true;
        client_drop(c);
        return;
    }
    learn_limits(c, p);
    c->clean_once = false;
    c->authenticating = false;
    c->state = CLIENT_CONNECTED;
    c->side.ready = true;
    /* In MQTT 3.1 nobody says whether there is a session: it is there if it was kept. */
    if (!p->session_present && !(c->version == 3 && !c->clean_start && c->has_session)) {
        flow_lose(c->side.flow);
        if (!c->pipelines)
            g_ptr_array_set_size(c->filters, 0);
    }
    c->has_session = true;
    /* Before MQTT 5 a client may go on with what it has, though the server has nothing
     * (3.1.2.4). */
    c->side.fresh = !p->session_present && (c->version == 5 || c->clean_start);
    flow_resume(&c->side);
    client_watch(c);
    schedule_add(c->world->events, c->watches ? 0 : dice_between(c->world->dice, 0, c->pause), client_act, c, c->side.connection);
}

static void answer_publish(client *c, const packet *p, uint8_t code)
{
    packet *answer = side_packet(&c->side, p->qos == 1 ? PUBACK : PUBREC);

    answer->id = p->id;
    answer->code = code;
    side_chatter(&c->side, answer);
    side_answer(&c->side, answer);
}

static void take_publish(client *c, const packet *p)
{
    void *id = GUINT_TO_POINTER(p->id);
    bool again = p->qos == 2 && g_hash_table_contains(c->side.flow->received, id);
    uint8_t code = !again && c->version == 5 && dice_chance(c->world->dice, 1) ? 0x83 : 0;

    if (p->qos == 2 && !code)
        g_hash_table_insert(c->side.flow->received, id, (void *)p);
    if (p->qos > 0)
        answer_publish(c, p, code);
    if (!again && !code && c->responds && packet_property(p, RESPONSE_TOPIC))
        client_respond(c, p);
}

static void take_auth(client *c, const packet *p)
{
    packet *answer = side_packet(&c->side, AUTH);

    c->authenticating = p->code != 0;
    if (!c->authenticating)
        return;
    answer->code = 0x18;
    packet_add_text(answer, AUTHENTICATION_METHOD, c->method);
    packet_add_text(answer, AUTHENTICATION_DATA, "response");
    side_chatter(&c->side, answer);
    side_send(&c->side, answer);
}

void client_take(client *c, const packet *p)
{
    if (c->state == CLIENT_AWAY)
        return;
    switch (p->type) {
    case CONNACK: take_connack(c, p); break;
    case PUBLISH: take_publish(c, p); break;
    case SUBACK:
    case UNSUBACK: g_hash_table_remove(c->side.flow->requests, GUINT_TO_POINTER(p->id)); break;
    case PINGRESP: c->ping_sent = 0; break;
    case AUTH: take_auth(c, p); break;
    case DISCONNECT:
        tcp_close(c->side.connection, CLIENT_END);
        client_gone(c);
        break;
    default: flow_take(&c->side, p); break;
    }
}

/* --- Keep Alive --- */

typedef struct {
    client *client;
    tcp_connection *connection;
} watch;

static void look_at_clock(void *subject, void *detail)
{
    watch *w = subject;
    client *c = w->client;
    int64_t now = schedule_now(c->world->events), due;

    (void)detail;
    if (c->side.connection != w->connection || c->state != CLIENT_CONNECTED)
        return;
    if (fault_now(c->world, "keep_alive_late")) {
        c->idle = true;
        c->ping_share = 1.3;
    }
    if (fault_now(c->world, "keep_alive_exceeded")) {
        c->idle = true;
        c->ping_share = 2;
        c->world->broker->patient = true;
    }
    due = c->side.last_sent + (int64_t)((double)c->effective_keep_alive * c->ping_share * (double)SECONDS);
    if (now >= due && c->ping_sent && !c->world->fault.done && now - c->ping_sent > 5 * SECONDS) {
        client_drop(c);
        return;
    }
    if (now >= due) {
        side_send(&c->side, side_packet(&c->side, PINGREQ));
        c->ping_sent = now;
        due = now + (int64_t)((double)c->effective_keep_alive * c->ping_share * (double)SECONDS);
    }
    schedule_add(c->world->events, due - now, look_at_clock, w, NULL);
}

void client_watch(client *c)
{
    watch *w;

    c->ping_sent = 0;
    if (c->effective_keep_alive == 0)
        return;
    w = arena_take(c->world->memory, sizeof *w);
    *w = (watch){c, c->side.connection};
    schedule_add(c->world->events, 0, look_at_clock, w, NULL);
}
