/* test_session_flow.c
 * Packet Identifiers and acknowledgments: many flows at once find nothing, what is wrong is found, and each answer knows its request. What
 * single dialogues show is in captures/made/flows-*.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "connection.h"
#include "flow_table.h"
#include "notation.h"

#define SECOND G_GINT64_CONSTANT(1000000000)

enum { CLIENT, SERVER };

static mqtt5_world *world;
static mqtt5_connection *connection;
static mqtt5_packet packet;
static mqtt5_verdict verdict;
static mqtt5_findings findings;
static guint32 frame, sent[2];
static gint64 now, tick = 1000000; /* time passes with each packet */
static gboolean gap, acks_nothing_new;

static void start(void)
{
    if (world) {
        mqtt5_connection_free(connection);
        mqtt5_world_free(world);
    }
    world = mqtt5_world_new();
    connection = mqtt5_connection_new(world, 0);
    frame = 0;
    sent[CLIENT] = 1000;
    sent[SERVER] = 5000;
    now = SECOND;
    gap = acks_nothing_new = FALSE;
}

static void say_bytes(guint8 direction, const guint8 *data, guint32 length)
{
    static guint32 acked[2];
    mqtt5_input input =
        {.data = data, .captured = length, .length = length, .frame = ++frame, .direction = direction, .server_port_hint = 1};

    input.time = now += tick;
    input.gap = gap;
    input.acks_known = true;
    if (!acks_nothing_new)
        acked[direction] = sent[!direction];
    input.acks = acked[direction];
    input.position = sent[direction] += length;
    gap = FALSE;
    mqtt5_connection_judge(connection, &input, &packet, &verdict, &findings);
}

static void say(guint8 direction, const char *text)
{
    GByteArray *bytes = notation_bytes("%s", text);

    say_bytes(direction, bytes->data, bytes->len);
    g_byte_array_unref(bytes);
}

/* One packet of a handshake, or a PUBLISH of the given QoS with one byte of topic. */
static void say_id(guint8 direction, mqtt5_packet_type type, guint qos, guint16 id)
{
    guint8 data[] = {(guint8)(type << 4), 2, (guint8)(id >> 8), (guint8)id, 0, 0, 0, 0};

    if (type == MQTT5_PUBREL)
        data[0] |= 2;
    if (type == MQTT5_PUBLISH) {
        guint8 publish[] = {(guint8)(0x30 | qos << 1), 6, 0, 1, 't', (guint8)(id >> 8), (guint8)id, 0};

        memcpy(data, publish, sizeof publish);
    }
    say_bytes(direction, data, 2u + data[1]);
}

static gboolean found(mqtt5_rule_id rule)
{
    return mqtt5_findings_has(&findings, rule);
}

static void assert_silent(void)
{
    for (guint i = 0; i < findings.count; i++)
        if (mqtt5_rule_is_finding(findings.items[i].rule))
            g_error("frame %u: %s", frame, findings.items[i].message);
}

static void assert_found(mqtt5_rule_id rule)
{
    if (!found(rule))
        g_error("frame %u: no %s", frame, mqtt5_rule_get(rule)->name);
    for (guint i = 0; i < findings.count; i++)
        if (findings.items[i].rule != rule && mqtt5_rule_get(findings.items[i].rule)->severity > MQTT5_SEVERITY_CHAT)
            g_error("frame %u: %s", frame, findings.items[i].message);
}

/* A connection of MQTT 5 whose client has subscribed to everything with QoS 2. */
static void connect_with(const char *client_properties, const char *server_properties)
{
    char *text = g_strdup_printf("10 [ \"MQTT\" 05 02 0000 [ %s ] \"c\" ]", client_properties);

    start();
    say(CLIENT, text);
    g_free(text);
    assert_silent();
    text = g_strdup_printf("20 [ 00 00 [ %s ] ]", server_properties);
    say(SERVER, text);
    g_free(text);
    assert_silent();
    say(CLIENT, "82 [ ffff [ ] \"#\" 02 ]");
    assert_silent();
    say(SERVER, "90 [ ffff [ ] 02 ]");
    assert_silent();
}

/* --- Many flows --- */

/* The identifiers that one side's flows are in a stage of, in the order in which they got there. */
typedef struct {
    GQueue published, received, released;
    guint16 last;
    guint open;
} stages;

static guint16 take(GQueue *queue, gboolean in_order)
{
    guint at = in_order ? 0 : (guint)g_test_rand_int_range(0, (gint)g_queue_get_length(queue));

    return (guint16)GPOINTER_TO_UINT(g_queue_pop_nth(queue, at));
}

/* One step of a flow of QoS 2 that `publisher` has begun, or the beginning of one. A client answers in order; a server in any. */
static void step(guint8 publisher, stages *of, guint most)
{
    guint8 receiver = !publisher;
    guint16 id;

    switch (g_test_rand_int_range(0, 4)) {
    case 0:
        if (of->open >= most)
            return;
        of->open++;
        of->last = of->last == 65535 ? 1 : (guint16)(of->last + 1);
        g_queue_push_tail(&of->published, GUINT_TO_POINTER((guint)of->last));
        say_id(publisher, MQTT5_PUBLISH, 2, of->last);
        break;
    case 1:
        if (g_queue_is_empty(&of->published))
            return;
        id = take(&of->published, receiver == CLIENT);
        g_queue_push_tail(&of->received, GUINT_TO_POINTER((guint)id));
        say_id(receiver, MQTT5_PUBREC, 0, id);
        break;
    case 2:
        if (g_queue_is_empty(&of->received))
            return;
        id = take(&of->received, publisher == CLIENT);
        g_queue_push_tail(&of->released, GUINT_TO_POINTER((guint)id));
        say_id(publisher, MQTT5_PUBREL, 0, id);
        break;
    default:
        if (g_queue_is_empty(&of->released))
            return;
        id = take(&of->released, FALSE);
        of->open--;
        say_id(receiver, MQTT5_PUBCOMP, 0, id);
        break;
    }
    assert_silent();
}

static void interleave(guint most, guint steps)
{
    stages of[2];

    memset(of, 0, sizeof of);
    tick = 1000;                               /* the slowest of a random choice is not slow */
    of[CLIENT].last = of[SERVER].last = 65000; /* wraps around soon */
    for (guint i = 0; i < steps; i++) {
        guint8 publisher = (guint8)g_test_rand_int_range(0, 2);

        step(publisher, &of[publisher], most);
    }
    tick = 1000000;
    for (guint i = 0; i < 2; i++) {
        g_queue_clear(&of[i].published);
        g_queue_clear(&of[i].received);
        g_queue_clear(&of[i].released);
    }
}

static void test_interleaved(void)
{
    connect_with("", "");
    interleave(1000, 400000);
    /* a thousand is just what each side takes */
    connect_with("21 03e8", "21 03e8");
    interleave(1000, 100000);
}

static void test_receive_maximum_1(void)
{
    connect_with("21 0001", "21 0001");
    interleave(1, 20000);
}

/* Every identifier of both sides in use at once; then each is used once more. */
static void test_every_identifier(void)
{
    connect_with("", "");
    for (guint id = 1; id <= 65535; id++) {
        say_id(CLIENT, MQTT5_PUBLISH, 1 + id % 2, (guint16)id);
        assert_silent();
        say_id(SERVER, MQTT5_PUBLISH, 1 + id % 2, (guint16)id);
        assert_silent();
    }
    for (guint id = 1; id <= 65535; id += 4369) {
        say_id(CLIENT, MQTT5_PUBLISH, 1, (guint16)id);
        assert_found(MQTT5_RULE_PACKET_IDENTIFIER_IN_USE);
        say_id(SERVER, MQTT5_PUBLISH, 1, (guint16)id);
        assert_found(MQTT5_RULE_PACKET_IDENTIFIER_IN_USE);
    }
}

/* --- What is missing from the capture --- */

static void test_gap(void)
{
    connect_with("21 0002", "21 0002");
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    gap = TRUE;
    say(SERVER, "d0 [ ]");
    /* the acknowledgments may have been in the gap */
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_silent();
    say_id(CLIENT, MQTT5_PUBLISH, 2, 2);
    assert_silent();
    say_id(CLIENT, MQTT5_PUBLISH, 2, 3);
    assert_found(MQTT5_RULE_RECEIVE_MAXIMUM_EXCEEDED);
    say_id(CLIENT, MQTT5_PUBLISH, 2, 2);
    g_assert_true(found(MQTT5_RULE_PACKET_IDENTIFIER_IN_USE));
    /* a gap of the client: the server may answer what was in it */
    gap = TRUE;
    say(CLIENT, "c0 [ ]");
    say_id(SERVER, MQTT5_PUBACK, 0, 77);
    assert_silent();
    say_id(SERVER, MQTT5_PUBREC, 0, 78);
    assert_silent();
    say(SERVER, "90 [ 0079 [ ] 00 ]");
    assert_silent();
}

/* The sender acknowledges bytes that the capture has not, or not yet: what they were may have freed the identifier. */
static void test_acknowledges_unseen(void)
{
    connect_with("", "");
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    sent[SERVER] += 4;
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_silent();
    sent[SERVER] -= 4;
    say_id(SERVER, MQTT5_PUBACK, 0, 1);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    assert_found(MQTT5_RULE_PACKET_IDENTIFIER_IN_USE);
}

/* A client that does not wait for CONNACK, so that the limit comes too late for it. */
static void test_before_connack(void)
{
    start();
    say(CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"c\" ]");
    acks_nothing_new = TRUE;
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_silent();
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    assert_silent();
    say(SERVER, "20 [ 00 00 [ 21 0001 ] ]");
    say_id(CLIENT, MQTT5_PUBLISH, 1, 3);
    assert_found(MQTT5_RULE_SENT_BEFORE_CONNACK);
    acks_nothing_new = FALSE;
    say_id(CLIENT, MQTT5_PUBLISH, 1, 4);
    assert_found(MQTT5_RULE_RECEIVE_MAXIMUM_EXCEEDED);
}

/* --- Requests and answers --- */

static void assert_answers(guint32 request)
{
    assert_silent();
    g_assert_cmpuint(verdict.request_frame, ==, request);
    g_assert_cmpint(verdict.request_time, ==, request ? SECOND + request * G_GINT64_CONSTANT(1000000) : 0);
}

static void test_links(void)
{
    connect_with("", "");
    g_assert_cmpuint(frame, ==, 4);
    assert_answers(3);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_answers(0);
    say_id(CLIENT, MQTT5_PUBLISH, 2, 2);
    say_id(SERVER, MQTT5_PUBLISH, 2, 2);
    say(CLIENT, "a2 [ 0003 [ ] \"a\" ]");
    say_id(SERVER, MQTT5_PUBACK, 0, 1);
    assert_answers(5);
    say_id(SERVER, MQTT5_PUBREC, 0, 2);
    assert_answers(6);
    say_id(CLIENT, MQTT5_PUBREC, 0, 2);
    assert_answers(7);
    say(SERVER, "b0 [ 0003 [ ] 11 ]");
    assert_answers(8);
    say_id(CLIENT, MQTT5_PUBREL, 0, 2);
    assert_answers(10);
    say_id(SERVER, MQTT5_PUBREL, 0, 2);
    assert_answers(11);
    say_id(SERVER, MQTT5_PUBCOMP, 0, 2);
    assert_answers(13);
    say_id(CLIENT, MQTT5_PUBCOMP, 0, 2);
    assert_answers(14);
    start();
    say(CLIENT, "10 [ \"MQTT\" 04 02 0000 \"c\" ]");
    say(SERVER, "20 [ 00 00 ]");
    assert_answers(1);
    g_assert_cmpuint(sizeof(mqtt5_verdict), <=, 40);
}

/* --- The end --- */

static void end(guint8 direction, gboolean reset, gboolean missing)
{
    mqtt5_close end_of =
        {.direction = direction, .reset = reset, .frame = ++frame, .time = now += 1000000, .gap = missing, .acks_known = true};

    end_of.acks = sent[!direction];
    mqtt5_connection_close(connection, &end_of, &verdict, &findings);
}

/* Until something of the flow is due for six seconds, and the server was heard since. */
static void wait_for_answer(void)
{
    connect_with("", "");
    say_id(CLIENT, MQTT5_PUBLISH, 2, 1);
    now += 6 * SECOND;
    say(CLIENT, "c0 [ ]");
    say(SERVER, "d0 [ ]");
    assert_silent();
}

static void test_end(void)
{
    wait_for_answer();
    end(CLIENT, FALSE, FALSE);
    assert_found(MQTT5_RULE_ACKNOWLEDGMENT_MISSING);
    wait_for_answer();
    end(CLIENT, TRUE, FALSE);
    assert_silent();
    wait_for_answer();
    end(CLIENT, FALSE, TRUE);
    assert_silent();
    wait_for_answer();
    end(SERVER, FALSE, FALSE);
    assert_silent();
    end(CLIENT, FALSE, FALSE);
    assert_silent();
    wait_for_answer();
    say_id(SERVER, MQTT5_PUBREC, 0, 1);
    end(CLIENT, FALSE, FALSE);
    assert_silent();
    /* said once: at DISCONNECT */
    wait_for_answer();
    say(CLIENT, "e0 [ ]");
    assert_found(MQTT5_RULE_ACKNOWLEDGMENT_MISSING);
    end(CLIENT, FALSE, FALSE);
    assert_silent();
}

/* --- The table --- */

static void test_table(void)
{
    mqtt5_flows *flows = mqtt5_flows_new();
    GQueue queue = G_QUEUE_INIT; /* as that for PUBACK ought to be */

    g_assert_null(mqtt5_flow_find(NULL, 1));
    g_assert_null(mqtt5_flow_find_closed(NULL, 1));
    for (guint i = 0; i < 200000; i++) {
        guint16 id = (guint16)g_test_rand_int_range(1, 65536);
        mqtt5_flow *flow = mqtt5_flow_find(flows, id);

        if (!flow) {
            flow = mqtt5_flow_open(flows, id, MQTT5_PUBACK);
            g_assert_true(flow == mqtt5_flow_find(flows, id) && flow->id == id && !flow->queued && flow->request_frame == 0);
            flow->request_frame = i;
            mqtt5_flow_enqueue(flows, flow);
            g_queue_push_tail(&queue, GUINT_TO_POINTER((guint)id));
        } else if (i % 2) {
            const mqtt5_closed_flow *closed;
            guint32 request = flow->request_frame;

            g_queue_remove(&queue, GUINT_TO_POINTER((guint)id));
            mqtt5_flow_close(flows, flow, i, i % 3 == 0);
            closed = mqtt5_flow_find_closed(flows, id);
            g_assert_true(closed->request_frame == request && closed->frame == i && closed->failed == (i % 3 == 0));
            g_assert_null(mqtt5_flow_find(flows, id));
        }
        if (i % 1000 == 0 || g_queue_get_length(&queue) > 100) {
            const mqtt5_flow *at = flows->queues[MQTT5_PUBACK].head;

            for (const GList *link = queue.head; link; link = link->next, at = at->next)
                g_assert_cmpuint(at->id, ==, GPOINTER_TO_UINT(link->data));
            g_assert_null(at);
            while (g_queue_get_length(&queue) > 50) {
                flow = mqtt5_flow_find(flows, (guint16)GPOINTER_TO_UINT(g_queue_pop_head(&queue)));
                mqtt5_flow_close(flows, flow, i, false);
            }
        }
    }
    g_queue_clear(&queue);
    mqtt5_flows_free(flows);
    mqtt5_flows_free(NULL);
}

/* Memory goes with the most flows that were open at a time, not with the identifiers that were used. */
static void test_table_empties(void)
{
    mqtt5_flows *flows = mqtt5_flows_new();
    guint pages = 0;
    guint32 pieces;

    for (guint id = 1; id <= 65535; id++)
        mqtt5_flow_close(flows, mqtt5_flow_open(flows, (guint16)id, MQTT5_PUBREC), id, false);
    g_assert_cmpuint(flows->pieces, ==, 1);
    for (guint id = 1; id <= 65535; id++)
        mqtt5_flow_open(flows, (guint16)id, MQTT5_PUBREC);
    pieces = flows->pieces;
    for (guint id = 65535; id >= 1; id--)
        mqtt5_flow_close(flows, mqtt5_flow_find(flows, (guint16)id), id, false);
    for (guint id = 1; id <= 65535; id++)
        mqtt5_flow_open(flows, (guint16)id, MQTT5_PUBREC);
    g_assert_cmpuint(flows->pieces, ==, pieces);
    for (guint id = 65535; id >= 1; id--)
        mqtt5_flow_close(flows, mqtt5_flow_find(flows, (guint16)id), id, false);
    g_assert_cmpuint(flows->open, ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(flows->pages); i++)
        pages += flows->pages[i] != NULL;
    g_assert_cmpuint(pages, ==, 1);
    mqtt5_flows_free(flows);
}

/* A topic is known as long as its flow waits, though many others come and go, up to some thousand bytes. */
static void test_topics(void)
{
    mqtt5_flows *flows = mqtt5_flows_new();
    mqtt5_flow *waits = mqtt5_flow_open(flows, 1, MQTT5_PUBACK);
    const guint8 *topic;
    guint32 length;
    bool whole;

    mqtt5_flow_keep_topic(flows, waits, (const guint8 *)"the/first", 9);
    mqtt5_flow_enqueue(flows, waits);
    for (guint id = 2; id < 1000; id++) {
        char name[200];
        gsize size = (gsize)g_snprintf(name, sizeof name, "topic/%u/%*d", id, (int)(id % 120), 0);
        mqtt5_flow *flow = mqtt5_flow_open(flows, (guint16)id, MQTT5_PUBACK);

        mqtt5_flow_keep_topic(flows, flow, (const guint8 *)name, (guint32)size);
        mqtt5_flow_enqueue(flows, flow);
        topic = mqtt5_flow_topic(flows, flow, &length, &whole);
        g_assert_cmpmem(topic, length, name, MIN(size, MQTT5_FLOW_TOPIC));
        g_assert_true(whole == (size <= MQTT5_FLOW_TOPIC));
        mqtt5_flow_close(flows, flow, id, false);
        if (id < 150) {
            topic = mqtt5_flow_topic(flows, waits, &length, &whole);
            g_assert_cmpmem(topic, length, "the/first", 9);
        }
    }
    g_assert_null(mqtt5_flow_topic(flows, waits, &length, &whole));
    mqtt5_flow_close(flows, waits, 1000, false);
    mqtt5_flows_free(flows);
    /* Who has one message in flight needs no more than the first ring. */
    flows = mqtt5_flows_new();
    for (guint id = 1; id < 1000; id++) {
        waits = mqtt5_flow_open(flows, (guint16)id, MQTT5_PUBACK);
        mqtt5_flow_keep_topic(flows, waits, (const guint8 *)"a/topic/of/twenty/six/bytes", 26);
        mqtt5_flow_enqueue(flows, waits);
        topic = mqtt5_flow_topic(flows, waits, &length, &whole);
        g_assert_cmpmem(topic, length, "a/topic/of/twenty/six/bytes", 26);
        mqtt5_flow_close(flows, waits, id, false);
    }
    g_assert_cmpuint(flows->topics_size, ==, 256);
    mqtt5_flows_free(flows);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-flow/interleaved", test_interleaved);
    g_test_add_func("/session-flow/receive-maximum-1", test_receive_maximum_1);
    g_test_add_func("/session-flow/every-identifier", test_every_identifier);
    g_test_add_func("/session-flow/gap", test_gap);
    g_test_add_func("/session-flow/acknowledges-unseen", test_acknowledges_unseen);
    g_test_add_func("/session-flow/before-connack", test_before_connack);
    g_test_add_func("/session-flow/links", test_links);
    g_test_add_func("/session-flow/end", test_end);
    g_test_add_func("/session-flow/table", test_table);
    g_test_add_func("/session-flow/table-empties", test_table_empties);
    g_test_add_func("/session-flow/topics", test_topics);
    return g_test_run();
}
