/* test_session_request.c
 * Where a request's answer is noted: links without Packet Identifiers, identifiers that are used again, and what closes leave open. What single
 * dialogues show is in tests/tshark/test_requests.py.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "connection.h"
#include "flow_table.h"
#include "kept.h"
#include "notation.h"

enum { CLIENT, SERVER };

#define ANSWERS 400

static mqtt5_world *world;
static mqtt5_connection *connection;
static mqtt5_verdict verdict;
static mqtt5_answer answers[ANSWERS]; /* by frame */
static guint32 frame, sent[2];

static void stop(void)
{
    mqtt5_connection_free(connection);
    mqtt5_world_free(world);
    connection = NULL;
    world = NULL;
}

static guint32 say(guint8 direction, const char *text)
{
    GByteArray *bytes = notation_bytes("%s", text);
    mqtt5_input input = {.data = bytes->data, .captured = bytes->len, .length = bytes->len, .direction = direction, .server_port_hint = 1};
    mqtt5_findings findings;
    mqtt5_packet packet;

    g_assert_cmpuint(++frame, <, ANSWERS);
    input.frame = frame;
    input.time = frame * G_GINT64_CONSTANT(1000000);
    input.acks_known = true;
    input.acks = sent[!direction];
    input.position = sent[direction] += bytes->len;
    input.answer = &answers[frame];
    mqtt5_connection_judge(connection, &input, &packet, &verdict, &findings);
    g_byte_array_unref(bytes);
    return frame;
}

static void start(void)
{
    world = mqtt5_world_new();
    connection = mqtt5_connection_new(world, 0);
    memset(answers, 0, sizeof answers);
    frame = 0;
    sent[CLIENT] = sent[SERVER] = 1;
    say(CLIENT, "10 [ \"MQTT\" 05 02 003c [ 22 000a ] \"c\" ]");
    say(SERVER, "20 [ 00 00 [ ] ]");
    g_assert_cmpuint(verdict.request_frame, ==, 1);
    g_assert_cmpuint(answers[1].frame, ==, 2);
}

static const mqtt5_open_requests *end(guint8 direction, gboolean reset, gboolean complete)
{
    mqtt5_close close = {.direction = direction, .reset = reset, .complete = complete};
    mqtt5_findings findings;

    close.frame = ++frame;
    close.time = frame * G_GINT64_CONSTANT(1000000);
    mqtt5_connection_close(connection, &close, &verdict, &findings);
    g_assert_cmpuint(verdict.type, ==, MQTT5_CLOSE);
    g_assert_cmpstr(verdict.identity->client_id, ==, "c");
    return verdict.detail.open;
}

static void assert_answer(guint32 request, guint32 where, gboolean never)
{
    g_assert_cmpuint(answers[request].frame, ==, where);
    g_assert_true(answers[request].never == never);
}

static void test_pings(void)
{
    guint32 first, second, third;

    start();
    first = say(CLIENT, "c0 [ ]");
    second = say(CLIENT, "c0 [ ]");
    assert_answer(first, 0, FALSE);
    say(SERVER, "d0 [ ]");
    g_assert_cmpuint(verdict.request_frame, ==, first);
    g_assert_cmpint(verdict.request_time, ==, first * G_GINT64_CONSTANT(1000000));
    assert_answer(first, frame, FALSE);
    third = say(CLIENT, "c0 [ ]");
    say(SERVER, "d0 [ ]");
    assert_answer(second, frame, FALSE);
    /* An acknowledgment alone shows that bytes are missing: it may be for a PINGREQ that nobody saw. */
    mqtt5_connection_lost(connection, 0);
    say(SERVER, "d0 [ ]");
    g_assert_cmpuint(verdict.request_frame, ==, 0);
    assert_answer(third, 0, FALSE);
    stop();
}

static void test_left_open(void)
{
    const mqtt5_open_requests *open;
    guint32 close, request;

    start();
    request = say(CLIENT, "32 [ \"t\" 0001 [ ] ]");
    g_assert_null(end(CLIENT, FALSE, TRUE));
    assert_answer(request, 0, FALSE);
    open = end(SERVER, FALSE, TRUE);
    close = frame;
    g_assert_cmpuint(open->count, ==, 1);
    g_assert_cmpuint(open->frames[0], ==, request);
    assert_answer(request, close, TRUE);
    /* Told once. */
    g_assert_null(end(SERVER, TRUE, TRUE));
    stop();

    start();
    request = say(CLIENT, "32 [ \"t\" 0001 [ ] ]");
    g_assert_null(end(SERVER, FALSE, FALSE));
    mqtt5_connection_lost(connection, 1);
    g_assert_null(end(SERVER, FALSE, TRUE));
    assert_answer(request, 0, FALSE);
    stop();
}

static void test_many_left_open(void)
{
    const mqtt5_open_requests *open;
    char text[64];

    start();
    for (guint id = 300; id > 0; id--) {
        g_snprintf(text, sizeof text, "32 [ \"t\" %04x [ ] ]", id);
        say(CLIENT, text);
    }
    open = end(SERVER, FALSE, TRUE);
    g_assert_cmpuint(open->count, ==, 300);
    g_assert_cmpuint(open->shown, ==, MQTT5_OPEN_REQUESTS_MAX);
    for (guint i = 0; i < open->shown; i++)
        g_assert_cmpuint(open->frames[i], ==, 3 + i);
    stop();
}

static void test_owed(void)
{
    mqtt5_flows *flows = mqtt5_flows_new();
    mqtt5_answer abandoned = {7, true};

    mqtt5_flow_repay(NULL, 1);
    mqtt5_flow_repay(flows, 1);
    g_assert_false(mqtt5_flow_is_owed(flows, 1));
    mqtt5_flow_owe(flows, 1, NULL);
    mqtt5_flow_owe(flows, 1, &abandoned);
    g_assert_true(mqtt5_flow_is_owed(flows, 1) && !mqtt5_flow_is_owed(flows, 2));
    mqtt5_flow_repay(flows, 1);
    g_assert_true(mqtt5_flow_is_owed(flows, 1));
    g_assert_true(abandoned.frame == 0 && !abandoned.never);
    mqtt5_flow_repay(flows, 1);
    g_assert_false(mqtt5_flow_is_owed(flows, 1));
    mqtt5_flows_free(flows);
}

static void test_kept(void)
{
    static const struct {
        const char *bytes;
        guint32 length;
        const char *text;
    } cases[] = {{"abc", 3, "abc"}, {"", 0, ""}, {"a\0b", 3, "a\357\277\275b"}, {"\377", 1, "\357\277\275"}, {"\303\274", 2, "\303\274"}};
    mqtt5_kept kept = {0};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(mqtt5_kept_text(&kept, (const guint8 *)cases[i].bytes, cases[i].length), ==, cases[i].text);
    g_assert_cmpuint((gsize)mqtt5_kept_alloc(&kept, 1) % sizeof(gint64), ==, 0);
    mqtt5_kept_clear(&kept);
    g_assert_null(kept.last);
}

/* What is told of many messages is kept once; and not told where it may have changed unseen. */
static void test_publications(void)
{
    const mqtt5_publication *plain, *by_alias;

    start();
    say(CLIENT, "82 [ 0001 [ ] \"a/#\" 01 ]");
    say(SERVER, "90 [ 0001 [ ] 01 ]");
    g_assert_cmpuint(verdict.detail.filters->count, ==, 1);
    say(SERVER, "30 [ \"a/b\" [ 23 0001 ] ]");
    plain = verdict.detail.publication;
    g_assert_cmpuint(plain->matched, ==, 1);
    g_assert_true(plain->granted[0]->granted && plain->granted[0]->qos == 1 && plain->granted[0]->frame == 3 && !plain->alias);
    say(SERVER, "30 [ \"a/c\" [ ] ]");
    g_assert_true(verdict.detail.publication == plain);
    say(SERVER, "30 [ \"\" [ 23 0001 ] ]");
    by_alias = verdict.detail.publication;
    g_assert_true(by_alias->alias && by_alias->alias->frame == 5 && by_alias->alias->length == 3 &&
                  by_alias->granted[0] == plain->granted[0]);
    say(SERVER, "30 [ \"\" [ 23 0001 ] ]");
    g_assert_true(verdict.detail.publication == by_alias);
    mqtt5_connection_lost(connection, CLIENT);
    say(SERVER, "30 [ \"a/c\" [ ] ]");
    g_assert_null(verdict.detail.any);
    stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-request/pings", test_pings);
    g_test_add_func("/session-request/left-open", test_left_open);
    g_test_add_func("/session-request/many-left-open", test_many_left_open);
    g_test_add_func("/session-request/owed", test_owed);
    g_test_add_func("/session-request/kept", test_kept);
    g_test_add_func("/session-request/publications", test_publications);
    return g_test_run();
}
