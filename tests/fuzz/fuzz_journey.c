/* fuzz_journey.c
 * Four clients and a server that conforms, in one capture that may lack some packets: which message
 * each copy is of, which ones come no more, and how many deliveries there are, against what the
 * server knows.
 *
 * Input: one byte for the whole, then operations of two bytes each.
 *     bit 0     with QoS 2, the server sends a message on when its PUBREL comes; else when it comes
 *     bit 1     it sends one copy for each subscription that matches; else one copy
 *     bits 2-3  memory for messages: 0 and 1 as usual, 2 for 256 of them, 3 none
 *     operation, byte 0: bits 0-3 what (the enumeration below), bits 4-5 which client, bits 6-7 a topic
 *     byte 1: see there
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "core/capture/capture.h"
#include "core/connection.h"
#include "invariants.h"
#include "target.h"

#define CLIENTS 4
#define TOPICS 3
#define ANY_TOPIC TOPICS /* the filter "#" */
#define NOT_SUBSCRIBED 3
#define FAILED 0x97 /* Quota exceeded */
#define SECOND G_GINT64_CONSTANT(1000000000)

enum {
    CONNECT,     /* bit 0: the client leaves without a DISCONNECT */
    SUBSCRIBE,   /* bits 0-1: QoS; bit 2: topic "#" */
    UNSUBSCRIBE, /* bit 2: topic "#" */
    PUBLISH,     /* bits 0-1: QoS; bits 2-4: payload; bit 5: RETAIN; bit 6: refused; bit 7: many */
    RELEASE,     /* of the oldest message with QoS 2 that waits for it */
    DELIVER,     /* bits 0-3: so many more */
    DROP,        /* the next one, if it is not retained; with QoS 1 or 2 only where no other is the same */
    WAIT,        /* so many eighths of a second */
    LOSE,        /* the capture loses the next packet; bit 0: of the server */
    ACTIONS
};

/* As the server has it. */
typedef struct {
    uint32_t frame; /* of its PUBLISH; 0: the capture lost that */
    const mqtt5_facts *facts;
    unsigned number, topic, payload, qos;
    bool retain;
    uint16_t id;
    unsigned dropped_to; /* bits of clients, on their current connections */
} message;

/* On its way to a client. */
typedef struct {
    message *message;
    unsigned qos;
    bool retained;
} delivery;

typedef struct {
    mqtt5_connection *judged;
    uint32_t position[2];
    bool lose[2], gap[2];
    uint8_t granted[TOPICS + 1]; /* by topic; NOT_SUBSCRIBED */
    GQueue queue;                /* of delivery */
    GQueue unreleased;           /* of message */
    uint16_t last_id, last_server_id;
} client;

typedef struct {
    mqtt5_capture *capture;
    client clients[CLIENTS];
    GPtrArray *facts, *copies, *messages; /* of mqtt5_facts; those of copies; of message */
    GArray *connections;                  /* of mqtt5_connection * that are over */
    message *retained[TOPICS];
    uint8_t options;
    uint32_t frame;
    int64_t time;
} scene;

static const char *const topics[] = {"a/1", "a/2", "b", "#"};
/* Some tell themselves apart, others do not. */
static const char *const payloads[] = {"on", "off", "a long payload that is not rare", "22.5 degrees, as measured", "on", "1", ""};
#define ITS_OWN G_N_ELEMENTS(payloads) /* no other message has it */
#define TELLING 24                     /* bytes: a payload that is not taken for a chance */

static bool is_v5(unsigned number)
{
    return number < 3;
}

/* --- Packets --- */

static void put_text(GByteArray *to, const char *text)
{
    uint8_t length[] = {0, (uint8_t)strlen(text)};

    g_byte_array_append(to, length, 2);
    g_byte_array_append(to, (const uint8_t *)text, length[1]);
}

static void put(GByteArray *to, const void *bytes, guint length)
{
    g_byte_array_append(to, bytes, length);
}

static void put_id(GByteArray *to, uint16_t id)
{
    put(to, (uint8_t[]){(uint8_t)(id >> 8), (uint8_t)id}, 2);
}

static void put_no_properties(GByteArray *to, unsigned number)
{
    if (is_v5(number))
        put(to, "", 1);
}

/* Sends the packet with this body, which is freed; NULL if the capture lacks it. */
static const mqtt5_facts *send_packet(scene *s, unsigned number, uint8_t direction, uint8_t first, GByteArray *body)
{
    static mqtt5_findings findings;
    client *c = &s->clients[number];
    bool lost = c->lose[direction];
    mqtt5_packet packet;
    mqtt5_facts *facts = NULL;

    g_byte_array_prepend(body, (uint8_t[]){first, (uint8_t)body->len}, 2);
    DEMAND(body->len < 130);
    c->position[direction] += body->len;
    c->lose[direction] = false;
    if (lost) {
        c->gap[direction] = true;
        mqtt5_connection_lost(c->judged, direction, c->position[direction]);
    } else {
        mqtt5_input input = {
            .data = body->data,
            .captured = body->len,
            .length = body->len,
            .frame = ++s->frame,
            .time = s->time += SECOND / 1000,
            .server = 1,
            .direction = direction,
            .server_port_hint = 1,
            .server_hint = MQTT5_HINT_HANDSHAKE,
            .gap = c->gap[direction],
            .peer_gap = c->gap[!direction],
            .direct = true,
            .acks_known = true,
            .position = c->position[direction],
            .acks = c->position[!direction],
        };

        facts = g_new0(mqtt5_facts, 1);
        g_ptr_array_add(s->facts, facts);
        mqtt5_findings_init(&findings, MQTT5_RESERVED, MQTT5_SENDER_UNKNOWN, MQTT5_VERSION_UNKNOWN);
        mqtt5_connection_judge(c->judged, &input, &packet, facts, &findings);
        demand_findings(&findings, input.length);
        c->gap[direction] = false;
    }
    g_byte_array_free(body, TRUE);
    return facts;
}

static void send_id(scene *s, unsigned number, uint8_t direction, uint8_t first, uint16_t id, uint8_t code)
{
    GByteArray *body = g_byte_array_new();

    put_id(body, id);
    if (code != 0)
        put(body, &code, 1);
    send_packet(s, number, direction, first, body);
}

static void put_payload(GByteArray *to, const message *m)
{
    gchar *own = g_strdup_printf("this is message number %u", m->number);
    const char *payload = m->payload == ITS_OWN ? own : payloads[m->payload];

    put(to, payload, (guint)strlen(payload));
    g_free(own);
}

static const mqtt5_facts *send_message(scene *s, unsigned number, uint8_t direction, const message *m, unsigned qos, bool retain,
                                       uint16_t id)
{
    GByteArray *body = g_byte_array_new();

    put_text(body, topics[m->topic]);
    if (qos > 0)
        put_id(body, id);
    put_no_properties(body, number);
    put_payload(body, m);
    return send_packet(s, number, direction, (uint8_t)(0x30 | qos << 1 | retain), body);
}

/* --- What the core says --- */

/* How many messages the server says to be missing with this copy. All were dropped. */
static void demand_missing(const scene *s, unsigned number, uint32_t frame, uint32_t missing)
{
    uint32_t told = 0;

    for (guint i = 0; i < s->messages->len; i++) {
        const message *m = s->messages->pdata[i];
        const mqtt5_deliveries *deliveries = m->facts ? m->facts->deliveries : NULL;

        if (!deliveries || deliveries->missing == 0 || deliveries->last_missed->frame != frame)
            continue;
        told++;
        DEMAND(m->dropped_to & 1U << number);
    }
    DEMAND(told == missing);
}

/* A copy of `m` was sent. */
static void demand_copy(scene *s, unsigned number, const mqtt5_facts *facts, const message *m)
{
    const mqtt5_copy *copy = facts->copy;

    g_ptr_array_add(s->copies, (void *)facts);
    if (!copy)
        return;
    DEMAND(copy->frame == s->frame && copy->published < s->frame && !copy->again && !copy->will);
    DEMAND(copy->candidates > 0 || (m->frame != 0 && copy->published == m->frame));
    DEMAND(copy->waited == -1 || copy->candidates == 0);
    DEMAND(copy->missing == 0 || copy->candidates == 0);
    if (copy->missing > 0)
        demand_missing(s, number, s->frame, copy->missing);
}

/* As many deliveries as copies that are certain. */
static void demand_deliveries(const scene *s, const message *m)
{
    const mqtt5_deliveries *deliveries = m->facts ? m->facts->deliveries : NULL;
    uint32_t count = 0, listed = 0;

    for (guint i = 0; i < s->copies->len; i++) {
        const mqtt5_copy *copy = ((const mqtt5_facts *)s->copies->pdata[i])->copy;

        count += copy && copy->candidates == 0 && copy->published == m->frame;
    }
    for (const mqtt5_copy *copy = deliveries ? deliveries->first : NULL; copy; copy = copy->next)
        listed++;
    DEMAND(m->frame == 0 || count == (deliveries ? deliveries->count : 0));
    DEMAND(listed == (deliveries ? deliveries->count : 0));
}

/* --- What happens --- */

static void forget(scene *s, client *c, unsigned number)
{
    g_queue_clear_full(&c->queue, g_free);
    g_queue_clear(&c->unreleased);
    memset(c->granted, NOT_SUBSCRIBED, sizeof c->granted);
    for (guint i = 0; i < s->messages->len; i++)
        ((message *)s->messages->pdata[i])->dropped_to &= ~(1U << number);
}

static void do_connect(scene *s, unsigned number, uint8_t detail)
{
    client *c = &s->clients[number];
    GByteArray *body = g_byte_array_new(), *answer = g_byte_array_new();

    if (c->judged) {
        if (!(detail & 1))
            send_packet(s, number, 0, 0xE0, g_byte_array_new());
        g_array_append_val(s->connections, c->judged);
    }
    forget(s, c, number);
    *c = (client){.judged = mqtt5_connection_new(s->capture, MQTT5_VERSION_UNKNOWN),
                  .position = {1, 1},
                  .queue = c->queue,
                  .unreleased = c->unreleased};
    memset(c->granted, NOT_SUBSCRIBED, sizeof c->granted);
    put_text(body, "MQTT");
    put(body, (uint8_t[]){is_v5(number) ? 5 : 4, 2, 0, 0}, 4);
    put_no_properties(body, number);
    put_text(body, (char[]){(char)('a' + number), 0});
    send_packet(s, number, 0, 0x10, body);
    put(answer, (uint8_t[]){0, 0}, 2);
    put_no_properties(answer, number);
    send_packet(s, number, 1, 0x20, answer);
}

static void do_deliver(scene *s, unsigned number)
{
    client *c = &s->clients[number];
    delivery *d = g_queue_pop_head(&c->queue);
    const mqtt5_facts *facts;
    uint16_t id;

    if (!d)
        return;
    id = d->qos > 0 ? ++c->last_server_id : 0;
    facts = send_message(s, number, 1, d->message, d->qos, d->retained, id);
    if (facts)
        demand_copy(s, number, facts, d->message);
    if (d->qos > 0)
        send_id(s, number, 0, d->qos == 1 ? 0x40 : 0x50, id, 0);
    if (d->qos == 2) {
        send_id(s, number, 1, 0x62, id, 0);
        send_id(s, number, 0, 0x70, id, 0);
    }
    g_free(d);
}

static void enqueue(client *c, message *m, unsigned granted, bool retained)
{
    delivery *d = g_new(delivery, 1);

    *d = (delivery){m, MIN(granted, m->qos), retained};
    g_queue_push_tail(&c->queue, d);
}

/* What is on its way comes before the client subscribes or unsubscribes. That is not so of all servers, but
 * what is certain rests on it where they keep a message for longer than a second. */
static void settle(scene *s, unsigned number)
{
    while (!g_queue_is_empty(&s->clients[number].queue))
        do_deliver(s, number);
}

static void do_subscribe(scene *s, unsigned number, unsigned topic, uint8_t qos)
{
    client *c = &s->clients[number];
    GByteArray *body = g_byte_array_new(), *answer = g_byte_array_new();
    uint16_t id = ++c->last_id;

    settle(s, number);
    put_id(body, id);
    put_no_properties(body, number);
    put_text(body, topics[topic]);
    put(body, &qos, 1);
    send_packet(s, number, 0, 0x82, body);
    put_id(answer, id);
    put_no_properties(answer, number);
    put(answer, &qos, 1);
    send_packet(s, number, 1, 0x90, answer);
    c->granted[topic] = qos;
    for (unsigned i = 0; i < TOPICS; i++)
        if (s->retained[i] && (topic == i || topic == ANY_TOPIC))
            enqueue(c, s->retained[i], qos, true);
}

static void do_unsubscribe(scene *s, unsigned number, unsigned topic)
{
    client *c = &s->clients[number];
    GByteArray *body = g_byte_array_new(), *answer = g_byte_array_new();
    uint16_t id = ++c->last_id;

    settle(s, number);

    put_id(body, id);
    put_no_properties(body, number);
    put_text(body, topics[topic]);
    send_packet(s, number, 0, 0xA2, body);
    put_id(answer, id);
    put_no_properties(answer, number);
    if (is_v5(number))
        put(answer, c->granted[topic] == NOT_SUBSCRIBED ? "\x11" : "", 1);
    send_packet(s, number, 1, 0xB0, answer);
    c->granted[topic] = NOT_SUBSCRIBED;
}

/* The server takes it on. */
static void route(scene *s, message *m, bool retain)
{
    if (retain)
        s->retained[m->topic] = m->payload == ITS_OWN || payloads[m->payload][0] ? m : NULL;
    for (unsigned i = 0; i < CLIENTS; i++) {
        client *c = &s->clients[i];
        unsigned own = c->granted[m->topic], any = c->granted[ANY_TOPIC];

        if (own != NOT_SUBSCRIBED && any != NOT_SUBSCRIBED && !(s->options & 2)) {
            enqueue(c, m, MAX(own, any), false);
            continue;
        }
        if (own != NOT_SUBSCRIBED)
            enqueue(c, m, own, false);
        if (any != NOT_SUBSCRIBED)
            enqueue(c, m, any, false);
    }
}

static void do_publish(scene *s, unsigned number, unsigned topic, uint8_t detail)
{
    client *c = &s->clients[number];
    message *m = g_new0(message, 1);
    bool retain = (detail & 0x20) != 0, refused = (detail & 0x40) && is_v5(number);

    *m = (message){.number = s->messages->len, .topic = topic, .payload = detail >> 2 & 7, .qos = (detail & 3) % 3, .retain = retain};
    g_ptr_array_add(s->messages, m);
    m->id = m->qos > 0 ? ++c->last_id : 0;
    /* What is certain after a gap rests on this: nobody publishes the same long payload again that is
     * not in the capture. */
    if (c->lose[0] && m->payload != ITS_OWN && strlen(payloads[m->payload]) >= TELLING)
        m->payload = ITS_OWN;
    m->facts = send_message(s, number, 0, m, m->qos, retain, m->id);
    m->frame = m->facts ? s->frame : 0;
    if (m->qos > 0)
        send_id(s, number, 1, m->qos == 1 ? 0x40 : 0x50, m->id, refused ? FAILED : 0);
    if (m->qos > 0 && refused)
        return;
    if (m->qos == 2)
        g_queue_push_tail(&c->unreleased, m);
    if (m->qos < 2 || !(s->options & 1))
        route(s, m, retain);
}

static void do_release(scene *s, unsigned number)
{
    message *m = g_queue_pop_head(&s->clients[number].unreleased);

    if (!m)
        return;
    send_id(s, number, 0, 0x62, m->id, 0);
    send_id(s, number, 1, 0x70, m->id, 0);
    if (s->options & 1)
        route(s, m, m->retain);
}

static void do_drop(client *c, unsigned number)
{
    delivery *d = g_queue_peek_head(&c->queue);

    /* What is the same has the order that a server must keep, which leaves none out. */
    if (!d || d->retained || (d->qos > 0 && d->message->payload != ITS_OWN))
        return;
    d->message->dropped_to |= 1U << number;
    g_free(g_queue_pop_head(&c->queue));
}

static void step(scene *s, uint8_t what, uint8_t detail)
{
    unsigned number = what >> 4 & 3, topic = (what >> 6) % TOPICS, filter = detail & 4 ? ANY_TOPIC : topic;
    client *c = &s->clients[number];

    switch (what & 0xF) {
    case CONNECT: do_connect(s, number, detail); break;
    case SUBSCRIBE: do_subscribe(s, number, filter, (detail & 3) % 3); break;
    case UNSUBSCRIBE: do_unsubscribe(s, number, filter); break;
    case PUBLISH:
        for (unsigned i = 0; i < (detail & 0x80 ? 12U : 1U) && s->messages->len < 1000; i++)
            do_publish(s, number, topic, detail);
        break;
    case RELEASE: do_release(s, number); break;
    case DELIVER:
        for (unsigned i = 0; i <= (detail & 0xFU); i++)
            do_deliver(s, number);
        break;
    case DROP: do_drop(c, number); break;
    case WAIT: s->time += detail * SECOND / 8; break;
    case LOSE: c->lose[detail & 1] = true; break;
    default: break;
    }
}

static void start(scene *s, uint8_t options)
{
    static const size_t memory[] = {MQTT5_CAPTURE_MEMORY, MQTT5_CAPTURE_MEMORY, 256 * 64, 0};

    *s = (scene){.options = options, .time = 1767268800 * SECOND};
    s->capture = mqtt5_capture_new();
    mqtt5_capture_set_memory(s->capture, memory[options >> 2 & 3]);
    s->facts = g_ptr_array_new_with_free_func(g_free);
    s->copies = g_ptr_array_new();
    s->messages = g_ptr_array_new_with_free_func(g_free);
    s->connections = g_array_new(FALSE, FALSE, sizeof(mqtt5_connection *));
    for (unsigned i = 0; i < CLIENTS; i++) {
        g_queue_init(&s->clients[i].queue);
        g_queue_init(&s->clients[i].unreleased);
        do_connect(s, i, 0);
    }
}

static void end(scene *s)
{
    for (guint i = 0; i < s->messages->len; i++)
        demand_deliveries(s, s->messages->pdata[i]);
    for (unsigned i = 0; i < CLIENTS; i++) {
        forget(s, &s->clients[i], i);
        mqtt5_connection_free(s->clients[i].judged);
    }
    for (guint i = 0; i < s->connections->len; i++)
        mqtt5_connection_free(g_array_index(s->connections, mqtt5_connection *, i));
    mqtt5_capture_free(s->capture);
    g_ptr_array_free(s->facts, TRUE);
    g_ptr_array_free(s->copies, TRUE);
    g_ptr_array_free(s->messages, TRUE);
    g_array_free(s->connections, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    scene s;

    if (size < 1)
        return 0;
    start(&s, data[0]);
    for (size_t at = 1; at + 1 < size; at += 2)
        step(&s, data[at], data[at + 1]);
    end(&s);
    return 0;
}
