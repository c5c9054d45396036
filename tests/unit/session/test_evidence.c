/* test_evidence.c
 * What the capture holds of a connection: each question of session/evidence.h, before and after
 * something is missing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scene.h"

#include "core/session/evidence.h"

static const mqtt5_connection *begin(const char *connect, const char *connack)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, connect);
    if (connack)
        scene_say(0, SCENE_SERVER, connack);
    return scene_connection(0);
}

static const mqtt5_connection *begin_usual(void)
{
    return begin("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", "20 [ 00 00 [ ] ]");
}

static void assert_complete(const mqtt5_connection *connection, bool client, bool server)
{
    g_assert_cmpint(mqtt5_evidence_complete(connection, MQTT5_CLIENT), ==, client);
    g_assert_cmpint(mqtt5_evidence_complete(connection, MQTT5_SERVER), ==, server);
    g_assert_cmpint(mqtt5_evidence_both_complete(connection), ==, client && server);
}

static void test_complete(void)
{
    const mqtt5_connection *connection = begin_usual();

    assert_complete(connection, true, true);
    /* what a side sends may be missed, and the other side's acknowledgment shows it */
    scene_lose(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    assert_complete(connection, true, false);
    g_assert_true(mqtt5_evidence_lost(connection, MQTT5_SERVER));
    g_assert_false(mqtt5_evidence_lost(connection, MQTT5_CLIENT));
    scene_gap(0, SCENE_CLIENT);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    assert_complete(connection, false, false);
    scene_end();
}

/* Bytes are acknowledged before they are captured: what was open may have been answered, and what
 * they open, too. */
static void test_ahead(void)
{
    const mqtt5_connection *connection = begin_usual();
    uint32_t epoch = mqtt5_evidence_epoch(connection);

    /* a packet of the server that acknowledges the next of the client, which comes after it */
    scene_send_unseen(0, SCENE_CLIENT, 2);
    scene_set_unseen(0, SCENE_CLIENT);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), ==, epoch + 1);
    assert_complete(connection, false, true);
    scene_set_unseen(0, SCENE_CLIENT);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]"); /* no news */
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), ==, epoch + 1);
    scene_send_unseen(0, SCENE_CLIENT, -2);
    scene_say(0, SCENE_CLIENT, "c0 [ ]"); /* before and after it */
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), ==, epoch + 3);
    assert_complete(connection, false, true);
    scene_say(0, SCENE_CLIENT, "c0 [ ]"); /* caught up */
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), ==, epoch + 3);
    scene_end();
}

/* The start is missing: neither side is complete, although only one has a gap. */
static void test_late(void)
{
    const mqtt5_connection *connection;

    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    connection = scene_connection(0);
    assert_complete(connection, false, false);
    g_assert_false(mqtt5_evidence_lost(connection, MQTT5_SERVER));
    scene_end();
}

static void test_since(void)
{
    const mqtt5_connection *connection = begin_usual();
    uint32_t epoch = mqtt5_evidence_epoch(connection), number = mqtt5_evidence_number(connection);

    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), ==, epoch);
    g_assert_cmpuint(mqtt5_evidence_number(connection), ==, number);
    /* an acknowledgment alone: the number changes, the epoch does not */
    scene_acknowledge_unseen(0, SCENE_SERVER);
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), ==, epoch);
    g_assert_cmpuint(mqtt5_evidence_number(connection), !=, number);
    assert_complete(connection, true, false);
    number = mqtt5_evidence_number(connection);
    scene_gap(0, SCENE_CLIENT);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), !=, epoch);
    g_assert_cmpuint(mqtt5_evidence_number(connection), !=, number);
    scene_end();
}

static void test_heard(void)
{
    const mqtt5_connection *connection = begin("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", NULL);

    g_assert_true(mqtt5_evidence_heard(connection, MQTT5_CLIENT));
    g_assert_false(mqtt5_evidence_heard(connection, MQTT5_SERVER));
    g_assert_false(mqtt5_evidence_handshake(connection));
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    g_assert_true(mqtt5_evidence_heard(connection, MQTT5_SERVER));
    g_assert_true(mqtt5_evidence_handshake(connection));
    scene_end();
}

/* Sequence numbers run over: what comes after 2^32 - 1 is later. */
static void test_arrived(void)
{
    mqtt5_input input = {.acks_known = true, .acks = 5};
    mqtt5_event event = {.input = &input};

    g_assert_true(mqtt5_evidence_arrived(&event, 5));
    g_assert_false(mqtt5_evidence_arrived(&event, 6));
    g_assert_true(mqtt5_evidence_arrived(&event, UINT32_MAX));
    input.acks_known = false;
    g_assert_false(mqtt5_evidence_arrived(&event, 5));
}

static void test_captured_up_to(void)
{
    const mqtt5_connection *connection = begin_usual();
    uint32_t end = connection->evidence.position[SCENE_SERVER];

    g_assert_true(mqtt5_evidence_captured_up_to(connection, SCENE_CLIENT, true, end));
    g_assert_false(mqtt5_evidence_captured_up_to(connection, SCENE_CLIENT, true, end + 1));
    g_assert_true(mqtt5_evidence_captured_up_to(connection, SCENE_CLIENT, false, 0));
    scene_end();
}

static void test_fresh(void)
{
    static const struct {
        const char *connect, *connack;
        bool fresh;
    } cases[] = {
        {"10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", "20 [ 00 00 [ ] ]", true},
        {"10 [ \"MQTT\" 05 00 003c [ ] \"c\" ]", "20 [ 00 00 [ ] ]", true},
        {"10 [ \"MQTT\" 05 00 003c [ ] \"c\" ]", "20 [ 01 00 [ ] ]", false},
        {"10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", "20 [ 00 87 [ ] ]", false},
        {"10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", NULL, false},
        {"10 [ \"MQTT\" 04 00 003c \"c\" ]", "20 [ 01 00 ]", false},
        {"10 [ \"MQIsdp\" 03 02 003c \"c\" ]", "20 [ 00 00 ]", true},
        {"10 [ \"MQIsdp\" 03 00 003c \"c\" ]", "20 [ 00 00 ]", false}, /* 3.1 has no Session Present */
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(mqtt5_evidence_fresh(begin(cases[i].connect, cases[i].connack)), ==, cases[i].fresh);
        scene_end();
    }
}

/* What is more than 2 GB, or 4 GB, ago is still before. */
static void test_far(void)
{
    mqtt5_connection *connection;
    mqtt5_input input = {.acks_known = true};
    mqtt5_event event = {.input = &input, .sender = MQTT5_CLIENT};

    begin_usual();
    event.connection = connection = scene_connection(0);
    for (guint gigabytes = 0; gigabytes < 10; gigabytes++) {
        input.acks = (guint32)connection->evidence.position[SCENE_SERVER];
        g_assert_true(mqtt5_evidence_bound_by_connack(&event));
        g_assert_true(mqtt5_evidence_captured_up_to(connection, SCENE_CLIENT, true, input.acks));
        g_assert_false(mqtt5_evidence_captured_up_to(connection, SCENE_CLIENT, true, input.acks + 1));
        input = (mqtt5_input){.acks_known = true, .direction = SCENE_SERVER, .position = input.acks + (1u << 30)};
        mqtt5_evidence_judged(connection, &input);
    }
    scene_end();
}

/* A client that asked for its old session knows that it is gone when it has the CONNACK. */
static void test_fresh_for_sender(void)
{
    mqtt5_connection *connection;
    mqtt5_input input = {.acks_known = true};
    mqtt5_event event = {.input = &input, .sender = MQTT5_CLIENT};

    begin("10 [ \"MQTT\" 05 00 003c [ ] \"c\" ]", "20 [ 00 00 [ ] ]");
    event.connection = connection = scene_connection(0);
    input.acks = connection->connack.position - 1;
    g_assert_false(mqtt5_evidence_bound_by_connack(&event));
    g_assert_false(mqtt5_evidence_fresh_for_sender(&event));
    input.acks++;
    g_assert_true(mqtt5_evidence_bound_by_connack(&event));
    g_assert_true(mqtt5_evidence_fresh_for_sender(&event));
    event.sender = MQTT5_SERVER;
    input.acks = 0;
    g_assert_true(mqtt5_evidence_fresh_for_sender(&event));
    scene_end();
}

/* Bytes are missing while it is not known which side is the client: the state may be wrong
 * anyway. */
static void test_unknown_sender(void)
{
    const mqtt5_connection *connection;
    uint32_t epoch;

    scene_start();
    scene_open_as(0, &(scene_setup){.server = 1, .port = SCENE_NO_PORT});
    scene_say(0, SCENE_CLIENT, "30 [ \"t\" [ ] 'x' ]");
    connection = scene_connection(0);
    epoch = mqtt5_evidence_epoch(connection);
    scene_gap(0, SCENE_CLIENT);
    scene_say(0, SCENE_CLIENT, "30 [ \"t\" [ ] 'x' ]");
    g_assert_cmpuint(mqtt5_evidence_epoch(connection), !=, epoch);
    scene_end();
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence/complete", test_complete);
    g_test_add_func("/evidence/ahead", test_ahead);
    g_test_add_func("/evidence/late", test_late);
    g_test_add_func("/evidence/since", test_since);
    g_test_add_func("/evidence/heard", test_heard);
    g_test_add_func("/evidence/arrived", test_arrived);
    g_test_add_func("/evidence/captured-up-to", test_captured_up_to);
    g_test_add_func("/evidence/fresh", test_fresh);
    g_test_add_func("/evidence/far", test_far);
    g_test_add_func("/evidence/fresh-for-sender", test_fresh_for_sender);
    g_test_add_func("/evidence/unknown-sender", test_unknown_sender);
    return g_test_run();
}
