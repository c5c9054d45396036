/* client_act.c
 * What the application in a client does: CONNECT with this and that, messages, subscriptions, and
 * leaving.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "client.h"
#include "dice.h"
#include "topic.h"

static const char *const topics[] = {"a",           "a/b", "a/b/c",    "home/1/t", "home/2/t",
                                     "home/1/lamp", "job", "ask/time", "x//y",     "\xc3\xa4/\xe2\x82\xac"};
static const char *const filters[] =
    {"#",        "a/#",   "+/b",      "a/b",         "home/+/t",          "home/#",       "job",
     "ask/time", "a/b/c", "/+/x",     "$SYS/#",      "$share/g/job",      "$share/g/a/#", "$share/other/a/+",
     "denied/x", "+/+/+", "home/1/t", "home/1/lamp", "$share/g/home/1/t", "\xc3\xa4/+"};

/* --- CONNECT --- */

static void add_limits(client *c, packet *p)
{
    bool all = dice_chance(c->world->dice, 20);

    if (c->expiry > 0 || all)
        packet_add_number(p, SESSION_EXPIRY_INTERVAL, c->expiry);
    if (c->receive_maximum != 65535 || all)
        packet_add_number(p, RECEIVE_MAXIMUM, c->receive_maximum);
    if (c->maximum_packet_size != UINT32_MAX)
        packet_add_number(p, MAXIMUM_PACKET_SIZE, c->maximum_packet_size);
    if (c->alias_maximum > 0 || all)
        packet_add_number(p, TOPIC_ALIAS_MAXIMUM, c->alias_maximum);
    if (!c->problem_information || all)
        packet_add_number(p, REQUEST_PROBLEM_INFORMATION, c->problem_information);
    if (c->wants_information || all)
        packet_add_number(p, REQUEST_RESPONSE_INFORMATION, c->wants_information);
    if (dice_chance(c->world->dice, 10))
        packet_add_pair(p, "library", "simulated");
    if (c->method) {
        packet_add_text(p, AUTHENTICATION_METHOD, c->method);
        packet_add_text(p, AUTHENTICATION_DATA, "first");
    }
}

static void add_will_properties(client *c, packet *p)
{
    GArray *keep = p->properties;

    p->properties = p->will_properties;
    if (dice_chance(c->world->dice, 50))
        packet_add_number(p, WILL_DELAY_INTERVAL, (uint32_t)dice_between(c->world->dice, 0, 10));
    if (dice_chance(c->world->dice, 20))
        packet_add_number(p, MESSAGE_EXPIRY_INTERVAL, (uint32_t)dice_between(c->world->dice, 1, 60));
    if (dice_chance(c->world->dice, 20))
        packet_add_number(p, PAYLOAD_FORMAT_INDICATOR, 1);
    if (dice_chance(c->world->dice, 20))
        packet_add_pair(p, "why", "gone");
    if (dice_chance(c->world->dice, 10))
        packet_add_pair(p, "", "");
    if (dice_chance(c->world->dice, 10))
        packet_add_text(p, CONTENT_TYPE, "text/plain");
    if (dice_chance(c->world->dice, 10)) {
        packet_add_text(p, RESPONSE_TOPIC, "reply/0");
        packet_add_data(p, CORRELATION_DATA, (bytes){"\0\xff\0", 3});
    }
    p->properties = keep;
}

static void add_will(client *c, packet *p)
{
    static const char *const wills[] = {"a/b", "home/1/t", "job", "gone/x"};
    GRand *dice = c->world->dice;
    bool all = c->world->stage & STAGE_WILLS;

    if (c->watches || dice_chance(dice, all ? 10 : 60))
        return;
    p->has_will = true;
    p->will_topic = DICE_PICK(dice, wills);
    p->will_qos = (uint8_t)dice_between(dice, 0, c->maximum_qos);
    p->will_retain = c->retain && dice_chance(dice, 30);
    p->will_payload =
        bytes_of(all || dice_chance(dice, 60)
                     ? arena_text(c->world->memory, "will of %s %u", g_str_is_ascii(c->id) ? c->id : "x", c->number * 100 + c->connections)
                 : dice_chance(dice, 70) ? "offline"
                                         : "");
    if (c->version == 5)
        add_will_properties(c, p);
}

static void pipeline(client *c);

void client_send_connect(client *c)
{
    packet *p = side_packet(&c->side, CONNECT);
    GRand *dice = c->world->dice;

    if (c->version < 5)
        c->clean_start = !c->keeps || c->clean_once;
    else if (c->has_session)
        c->clean_start = dice_chance(dice, 10);
    else
        c->clean_start = c->clean_once || !c->id[0] || c->pipelines || dice_chance(dice, 85);
    p->clean_start = c->clean_start;
    p->client_id = c->id;
    p->keep_alive = c->keep_alive;
    if (dice_chance(dice, 30)) {
        p->user_name = "user";
        p->password = dice_chance(dice, 70) ? "secret" : NULL;
    }
    c->session_expiry = c->version == 5 ? c->expiry : c->clean_start ? 0 : NEVER;
    c->authenticating = c->method != NULL;
    if (c->clean_start)
        flow_lose(c->side.flow);
    g_hash_table_remove_all(c->side.flow->requests);
    add_will(c, p);
    if (c->version == 5)
        add_limits(c, p);
    side_send(&c->side, p);
    if (c->pipelines && c->clean_start && !c->method)
        pipeline(c);
}

/* --- Messages --- */

static bytes payload(client *c)
{
    world *w = c->world;
    unsigned number = ++w->messages;
    uint32_t size;
    char *text;

    if (w->stage & STAGE_TELLING && dice_chance(w->dice, 80))
        return bytes_of(arena_text(w->memory, "m-%u, which nobody else says", number));
    switch (dice_between(w->dice, 0, 9)) {
    case 0: return bytes_of("on");
    case 1: return bytes_of("off");
    case 2: return bytes_of(dice_chance(w->dice, 30) ? "" : "21.5");
    case 3: /* a large one */
        size = (uint32_t)dice_between(w->dice, 100, dice_chance(w->dice, 3) ? 70000 : 3900);
        text = arena_take(w->memory, size + 1);
        memset(text, 'a' + (int)(number % 26), size);
        return (bytes){text, size};
    case 4: /* one that looks like control packets, or one for a dissector of its own */
        if (dice_chance(w->dice, 50))
            return bytes_of("{\"t\": 21.5}");
        return (bytes){"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\xc0\x00", 16};
    default: return bytes_of(arena_text(w->memory, "m-%u", number));
    }
}

static void add_property(message *m, uint8_t identifier, uint32_t number, const char *text, const char *value)
{
    property one = {identifier, number, text ? bytes_of(text) : (bytes){0}, value ? bytes_of(value) : (bytes){0}};

    g_array_append_val(m->properties, one);
}

static void add_properties(client *c, message *m)
{
    GRand *dice = c->world->dice;

    if (dice_chance(dice, 10) && g_utf8_validate(m->payload.data, m->payload.length, NULL))
        add_property(m, PAYLOAD_FORMAT_INDICATOR, dice_chance(dice, 80), NULL, NULL);
    if (dice_chance(dice, 10))
        add_property(m, CONTENT_TYPE, 0, ((const char *)m->payload.data)[0] == '{' ? "application/json" : "text/plain", NULL);
    if (dice_chance(dice, 20))
        add_property(m, USER_PROPERTY, 0, "traceparent", arena_text(c->world->memory, "00-%08x", c->world->messages));
    if (dice_chance(dice, 5))
        add_property(m, USER_PROPERTY, 0, "traceparent", "again");
    if (dice_chance(dice, 15)) {
        m->expires = true;
        m->expiry = (uint32_t)dice_between(dice, 1, 60);
    }
    if (strcmp(m->topic, "ask/time") == 0) {
        add_property(m, RESPONSE_TOPIC, 0, arena_text(c->world->memory, "reply/%u", c->number), NULL);
        add_property(m, CORRELATION_DATA, 0, arena_text(c->world->memory, "c%u", c->world->messages), NULL);
    }
}

static message *new_message(client *c, const char *topic)
{
    message *m = arena_take(c->world->memory, sizeof *m);
    GRand *dice = c->world->dice;

    m->topic = topic;
    m->payload = payload(c);
    m->qos = (uint8_t)dice_between(dice, 0, c->maximum_qos);
    m->retain = c->retain && dice_chance(dice, c->world->stage & STAGE_RETAIN ? 80 : 15);
    if (c->world->stage & STAGE_RETAIN)
        m->qos = MAX(m->qos, MIN(c->maximum_qos, 1));
    m->properties = arena_array(c->world->memory, sizeof(property));
    m->received = schedule_now(c->world->events);
    return m;
}

static void submit(client *c, message *m)
{
    delivery *d = arena_take(c->world->memory, sizeof *d);

    d->message = m;
    d->qos = m->qos;
    d->retain = m->retain;
    flow_submit(&c->side, d);
}

void client_publish(client *c)
{
    const char *topic = dice_chance(c->world->dice, 2) ? "denied/x" : DICE_PICK(c->world->dice, topics);
    message *m;

    if (c->world->stage & STAGE_OWN)
        topic = topics[c->number % G_N_ELEMENTS(topics)];
    m = new_message(c, topic);
    if (c->version == 5)
        add_properties(c, m);
    submit(c, m);
}

void client_respond(client *c, const packet *to)
{
    const property *topic = packet_property(to, RESPONSE_TOPIC), *correlation = packet_property(to, CORRELATION_DATA);
    message *m = new_message(c, arena_text(c->world->memory, "%.*s", (int)topic->text.length, (const char *)topic->text.data));

    if (correlation)
        g_array_append_val(m->properties, *correlation);
    submit(c, m);
}

/* --- Subscriptions --- */

/* A filter that the server takes; NULL: chance gave none. */
static const char *choose_filter(client *c)
{
    const char *filter = DICE_PICK(c->world->dice, filters);

    if (dice_chance(c->world->dice, 15))
        filter = arena_text(c->world->memory, "reply/%u", c->number);
    if (topic_is_shared(filter) && (c->version < 5 || !c->shared))
        return NULL;
    if (topic_has_wildcard(filter) && !c->wildcard)
        return NULL;
    return filter;
}

static uint8_t choose_options(client *c, const char *filter)
{
    GRand *dice = c->world->dice;
    unsigned options = (unsigned)dice_between(dice, 0, 2);

    if (c->version < 5)
        return (uint8_t)options;
    if (!topic_is_shared(filter) && dice_chance(dice, 20))
        options |= OPTION_NO_LOCAL;
    if (dice_chance(dice, 30))
        options |= OPTION_RETAIN_AS_PUBLISHED;
    return (uint8_t)(options | (unsigned)dice_between(dice, 0, 2) << 4);
}

static void send_request(client *c, packet *p)
{
    if (p->requests->len == 0)
        return;
    p->id = flow_identifier(c->side.flow);
    if (side_send(&c->side, p))
        g_hash_table_add(c->side.flow->requests, GUINT_TO_POINTER(p->id));
}

void client_subscribe(client *c)
{
    packet *p = side_packet(&c->side, SUBSCRIBE);
    int64_t count = dice_between(c->world->dice, 1, 3);

    while (count-- > 0) {
        request one = {choose_filter(c), 0};

        if (!one.filter)
            continue;
        one.options = choose_options(c, one.filter);
        g_array_append_val(p->requests, one);
        g_ptr_array_add(c->filters, (void *)one.filter);
    }
    if (c->version == 5 && c->identifiers && dice_chance(c->world->dice, 50))
        packet_add_number(p, SUBSCRIPTION_IDENTIFIER,
                          (uint32_t)dice_between(c->world->dice, 1, dice_chance(c->world->dice, 10) ? 268435455 : 10));
    send_request(c, p);
}

static void subscribe_to_all(client *c)
{
    packet *p = side_packet(&c->side, SUBSCRIBE);
    request one = {"#", (uint8_t)(c->version == 5 ? 2 | OPTION_RETAIN_AS_PUBLISHED : 2)};

    if (c->filters->len > 0)
        return;
    g_array_append_val(p->requests, one);
    g_ptr_array_add(c->filters, (void *)one.filter);
    send_request(c, p);
}

static void unsubscribe(client *c)
{
    packet *p = side_packet(&c->side, UNSUBSCRIBE);
    int64_t count = dice_between(c->world->dice, 1, 2);

    while (count-- > 0) {
        request one = {choose_filter(c), 0};

        if (c->filters->len > 0 && dice_chance(c->world->dice, 80))
            one.filter = g_ptr_array_remove_index_fast(c->filters, (guint)dice_between(c->world->dice, 0, c->filters->len - 1));
        if (one.filter)
            g_array_append_val(p->requests, one);
    }
    send_request(c, p);
}

/* 3.1.4: a client need not wait for CONNACK. It keeps to what any server takes. */
static void pipeline(client *c)
{
    packet *p = side_packet(&c->side, SUBSCRIBE);
    request one = {"job", 1};

    g_array_append_val(p->requests, one);
    send_request(c, p);
    g_ptr_array_add(c->filters, (void *)one.filter);
    p = side_packet(&c->side, PUBLISH);
    p->topic = p->full_topic = "job";
    p->payload = bytes_of(arena_text(c->world->memory, "early %u", ++c->world->messages));
    side_send(&c->side, p);
}

void client_shoot(client *c)
{
    packet *p = side_packet(&c->side, PUBLISH);

    p->topic = p->full_topic = "shot";
    p->payload = bytes_of(arena_text(c->world->memory, "shot %u", ++c->world->messages));
    side_send(&c->side, p);
    if (dice_chance(c->world->dice, 70))
        side_send(&c->side, side_packet(&c->side, DISCONNECT));
    tcp_close(c->side.connection, CLIENT_END);
}

/* --- What comes next --- */

static void authenticate_again(client *c)
{
    packet *p = side_packet(&c->side, AUTH);

    if (!c->method || c->authenticating)
        return;
    c->authenticating = true;
    p->code = 0x19;
    packet_add_text(p, AUTHENTICATION_METHOD, c->method);
    side_send(&c->side, p);
}

static void leave(client *c)
{
    static const uint8_t codes[] = {0x00, 0x00, 0x04, 0x80, 0x98};

    if (c->tidy || dice_chance(c->world->dice, 50))
        client_disconnect(c, DICE_PICK(c->world->dice, codes));
    else
        client_drop(c);
}

static void do_something(client *c)
{
    int64_t choice = dice_between(c->world->dice, 0, 99), burst = dice_chance(c->world->dice, 10) ? dice_between(c->world->dice, 2, 12) : 1;

    if (choice < c->publishes)
        while (burst-- > 0)
            client_publish(c);
    else if (choice < c->publishes + 20)
        client_subscribe(c);
    else if (choice < c->publishes + 26)
        unsubscribe(c);
    else if (choice < c->publishes + 30)
        authenticate_again(c);
    else if (choice < c->publishes + 34)
        leave(c);
}

static void resend(void *subject, void *detail)
{
    client *c = subject;

    if (c->side.connection == detail && c->state == CLIENT_CONNECTED)
        flow_resend(&c->side);
}

void client_act(void *subject, void *detail)
{
    client *c = subject;

    if (c->side.connection != detail || c->state != CLIENT_CONNECTED)
        return;
    if (c->watches)
        subscribe_to_all(c);
    else if (!c->idle)
        do_something(c);
    if (c->resends)
        schedule_add(c->world->events, 250 * MILLISECONDS, resend, c, detail);
    schedule_add(c->world->events, dice_between(c->world->dice, 0, 2 * c->pause), client_act, c, detail);
}
