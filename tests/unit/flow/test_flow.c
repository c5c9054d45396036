/* test_flow.c
 * Packet Identifiers and acknowledgments: many flows at once have no finding, faults have one, and
 * each answer is linked to its request. Single dialogues are tested by captures/made/flows-*.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "core/flow/flow_table.h"
#include "scene.h"

enum { CLIENT = SCENE_CLIENT, SERVER = SCENE_SERVER };

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
    scene_say_bytes(0, direction, data, 2u + data[1]);
}

static void assert_silent(void)
{
    for (guint i = 0; i < scene.findings.count; i++)
        if (mqtt5_rule_is_finding(scene.findings.items[i].rule))
            g_error("frame %u: %s", scene.frame, scene.findings.items[i].text);
}

static void assert_found(mqtt5_rule_id rule)
{
    if (!scene_found(rule))
        g_error("frame %u: no %s", scene.frame, mqtt5_rule_get(rule)->name);
    for (guint i = 0; i < scene.findings.count; i++)
        if (scene.findings.items[i].rule != rule && mqtt5_rule_get(scene.findings.items[i].rule)->severity > MQTT5_SEVERITY_CHAT)
            g_error("frame %u: %s", scene.frame, scene.findings.items[i].text);
}

/* A connection of MQTT 5 whose client has subscribed to everything with QoS 2. */
static void connect_with(const char *client_properties, const char *server_properties)
{
    scene_start();
    scene_open(0, 1);
    client("10 [ \"MQTT\" 05 02 0000 [ %s ] \"c\" ]", client_properties);
    assert_silent();
    server("20 [ 00 00 [ %s ] ]", server_properties);
    assert_silent();
    client("82 [ ffff [ ] \"#\" 02 ]");
    assert_silent();
    server("90 [ ffff [ ] 02 ]");
    assert_silent();
}

/* --- Many flows --- */

/* The identifiers of one side's flows, by stage, in the order in which they reached it. */
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

/* One step of a flow of QoS 2 of `publisher`, or the beginning of one. A client answers in order, a
 * server in any order. */
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
    scene.tick = 1000;                         /* so that a flow that is chosen late is not too
                                                * slow */
    of[CLIENT].last = of[SERVER].last = 65000; /* to wrap around soon */
    for (guint i = 0; i < steps; i++) {
        guint8 publisher = (guint8)g_test_rand_int_range(0, 2);

        step(publisher, &of[publisher], most);
    }
    scene.tick = SCENE_TICK;
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
    /* a thousand is the limit of each side */
    connect_with("21 03e8", "21 03e8");
    interleave(1000, 100000);
}

static void test_receive_maximum_1(void)
{
    connect_with("21 0001", "21 0001");
    interleave(1, 20000);
}

/* Every identifier of both sides is in use at once; then some are used again. */
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
        assert_found(MQTT5_RULE_packet_identifier_in_use);
        say_id(SERVER, MQTT5_PUBLISH, 1, (guint16)id);
        assert_found(MQTT5_RULE_packet_identifier_in_use);
    }
}

/* --- What is missing from the capture --- */

static void test_gap(void)
{
    connect_with("21 0002", "21 0002");
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    scene_gap(0, SERVER);
    server("d0 [ ]");
    /* the acknowledgments may have been in the gap */
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_silent();
    say_id(CLIENT, MQTT5_PUBLISH, 2, 2);
    assert_silent();
    say_id(CLIENT, MQTT5_PUBLISH, 2, 3);
    assert_found(MQTT5_RULE_receive_maximum_exceeded);
    say_id(CLIENT, MQTT5_PUBLISH, 2, 2);
    g_assert_true(scene_found(MQTT5_RULE_packet_identifier_in_use));
    /* a gap of the client: the server may answer what was in it */
    scene_gap(0, CLIENT);
    client("c0 [ ]");
    say_id(SERVER, MQTT5_PUBACK, 0, 77);
    assert_silent();
    say_id(SERVER, MQTT5_PUBREC, 0, 78);
    assert_silent();
    server("90 [ 0079 [ ] 00 ]");
    assert_silent();
}

/* The sender acknowledges bytes that are not, or not yet, in the capture: they may have freed the
 * identifier. */
static void test_acknowledges_unseen(void)
{
    connect_with("", "");
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    scene_send_unseen(0, SERVER, 4);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_silent();
    scene_send_unseen(0, SERVER, -4);
    say_id(SERVER, MQTT5_PUBACK, 0, 1);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    assert_found(MQTT5_RULE_packet_identifier_in_use);
}

/* A client that does not wait for CONNACK, so that it cannot know the limit. */
static void test_before_connack(void)
{
    scene_start();
    scene_open(0, 1);
    client("10 [ \"MQTT\" 05 02 0000 [ ] \"c\" ]");
    scene_hold_acks(0, CLIENT, TRUE);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_silent();
    say_id(CLIENT, MQTT5_PUBLISH, 1, 2);
    assert_silent();
    server("20 [ 00 00 [ 21 0001 ] ]");
    say_id(CLIENT, MQTT5_PUBLISH, 1, 3);
    assert_found(MQTT5_RULE_sent_before_connack);
    scene_hold_acks(0, CLIENT, FALSE);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 4);
    assert_found(MQTT5_RULE_receive_maximum_exceeded);
}

/* --- Requests and answers --- */

static void assert_answers(guint32 request)
{
    assert_silent();
    g_assert_cmpuint(scene.facts.request_frame, ==, request);
    g_assert_cmpint(scene.facts.request_time, ==, request ? SCENE_BEGIN + request * SCENE_TICK : 0);
}

static void test_links(void)
{
    connect_with("", "");
    g_assert_cmpuint(scene.frame, ==, 4);
    assert_answers(3);
    say_id(CLIENT, MQTT5_PUBLISH, 1, 1);
    assert_answers(0);
    say_id(CLIENT, MQTT5_PUBLISH, 2, 2);
    say_id(SERVER, MQTT5_PUBLISH, 2, 2);
    client("a2 [ 0003 [ ] \"a\" ]");
    say_id(SERVER, MQTT5_PUBACK, 0, 1);
    assert_answers(5);
    say_id(SERVER, MQTT5_PUBREC, 0, 2);
    assert_answers(6);
    say_id(CLIENT, MQTT5_PUBREC, 0, 2);
    assert_answers(7);
    server("b0 [ 0003 [ ] 11 ]");
    assert_answers(8);
    say_id(CLIENT, MQTT5_PUBREL, 0, 2);
    assert_answers(10);
    say_id(SERVER, MQTT5_PUBREL, 0, 2);
    assert_answers(11);
    say_id(SERVER, MQTT5_PUBCOMP, 0, 2);
    assert_answers(13);
    say_id(CLIENT, MQTT5_PUBCOMP, 0, 2);
    assert_answers(14);
    scene_start();
    scene_open(0, 1);
    client("10 [ \"MQTT\" 04 02 0000 \"c\" ]");
    server("20 [ 00 00 ]");
    assert_answers(1);
    g_assert_cmpuint(sizeof(mqtt5_facts), <=, 40);
}

/* --- The end --- */

/* Waits until an answer is due for six seconds, and the server has sent something since. */
static void wait_for_answer(void)
{
    connect_with("", "");
    say_id(CLIENT, MQTT5_PUBLISH, 2, 1);
    scene_wait(6);
    client("c0 [ ]");
    server("d0 [ ]");
    assert_silent();
}

static void test_end(void)
{
    wait_for_answer();
    scene_close(0, CLIENT, FALSE);
    assert_found(MQTT5_RULE_acknowledgment_missing);
    wait_for_answer();
    scene_close(0, CLIENT, TRUE);
    assert_silent();
    wait_for_answer();
    scene_gap(0, CLIENT);
    scene_close(0, CLIENT, FALSE);
    assert_silent();
    wait_for_answer();
    scene_close(0, SERVER, FALSE);
    assert_silent();
    scene_close(0, CLIENT, FALSE);
    assert_silent();
    wait_for_answer();
    say_id(SERVER, MQTT5_PUBREC, 0, 1);
    scene_close(0, CLIENT, FALSE);
    assert_silent();
    /* reported once, at DISCONNECT */
    wait_for_answer();
    client("e0 [ ]");
    assert_found(MQTT5_RULE_acknowledgment_missing);
    scene_close(0, CLIENT, FALSE);
    assert_silent();
}

/* --- Bounds --- */

static void publish_and_finish(guint16 id)
{
    say_id(CLIENT, MQTT5_PUBLISH, 1, id);
    say_id(SERVER, MQTT5_PUBACK, 0, id);
    assert_silent();
}

static void say_again(guint16 id)
{
    client("3a [ \"t\" %04x [ ] ]", id);
}

/* Of what was answered long ago nothing is claimed, and that is said once. */
static void test_forgotten(void)
{
    connect_with("", "");
    for (guint i = 1; i <= 3000; i++)
        publish_and_finish((guint16)i);
    say_again(2900);
    assert_found(MQTT5_RULE_publish_resent);
    say_id(SERVER, MQTT5_PUBACK, 0, 2900);
    say_again(1100);
    assert_found(MQTT5_RULE_publish_resent);
    say_id(SERVER, MQTT5_PUBACK, 0, 1100);
    say_again(1);
    assert_silent();
    g_assert_true(scene_found(MQTT5_RULE_evidence_missing));
    say_again(2);
    assert_silent();
    g_assert_cmpuint(scene_count(), ==, 0);
    scene_end();
}

/* Each of many messages above Maximum QoS is known when its answer comes. */
static void test_above_maximum(void)
{
    connect_with("", "24 01");
    for (guint i = 1; i <= 100; i++)
        client("34 [ \"t\" %04x [ ] ]", i);
    for (guint i = 1; i <= 100; i++) {
        server("50 [ %04x 00 ]", i);
        assert_found(MQTT5_RULE_publish_qos_above_maximum_accepted);
    }
    scene_end();
}

/* The requested QoS of each of many filters is known. */
static void test_many_filters(void)
{
    GString *subscribe = g_string_new("82 [ 0001 [ ]"), *suback = g_string_new("90 [ 0001 [ ]");

    connect_with("", "");
    for (guint i = 0; i < 100; i++) {
        g_string_append_printf(subscribe, " \"f/%u\" %02x", i, i % 3);
        g_string_append_printf(suback, " %02x", i == 99 ? 1 : i % 3);
    }
    client("%s ]", subscribe->str);
    assert_silent();
    /* more than are kept for other connections */
    g_assert_true(scene_found(MQTT5_RULE_evidence_missing));
    server("%s ]", suback->str);
    assert_found(MQTT5_RULE_suback_granted_above_requested);
    g_string_free(subscribe, TRUE);
    g_string_free(suback, TRUE);
    scene_end();
}

/* --- The table --- */

static void test_table(void)
{
    mqtt5_flows *flows = mqtt5_flows_new();
    GQueue queue = G_QUEUE_INIT; /* as the queue for PUBACK should be */

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

/* Memory depends on the most flows that were open at a time, not on the identifiers that were
 * used. */
static void test_table_empties(void)
{
    mqtt5_flows *flows = mqtt5_flows_new();
    guint pages = 0;
    guint32 pieces;

    for (guint id = 1; id <= 65535; id++)
        mqtt5_flow_close(flows, mqtt5_flow_open(flows, (guint16)id, MQTT5_PUBREC), id, false);
    g_assert_cmpuint(flows->pieces, ==, 1);
    g_assert_null(flows->pages);
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
    for (guint i = 0; i < MQTT5_FLOW_PAGES; i++)
        pages += flows->pages[i] != NULL;
    g_assert_cmpuint(pages, ==, 1);
    mqtt5_flows_free(flows);
}

/* A topic is known as long as its flow waits, even if many others come and go, up to some thousand
 * bytes. */
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
    /* With one message in flight at a time, the first ring is enough. */
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
    g_test_add_func("/session-flow/forgotten", test_forgotten);
    g_test_add_func("/session-flow/above-maximum", test_above_maximum);
    g_test_add_func("/session-flow/many-filters", test_many_filters);
    g_test_add_func("/session-flow/table", test_table);
    g_test_add_func("/session-flow/table-empties", test_table_empties);
    g_test_add_func("/session-flow/topics", test_topics);
    int result = g_test_run();
    scene_end();
    return result;
}
