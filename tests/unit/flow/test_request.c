/* test_request.c
 * How answers are linked to requests: without Packet Identifiers, with identifiers that are used
 * again, and the requests that a close leaves open. Single dialogues are tested by
 * tests/tshark/test_requests.py.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow_table.h"
#include "core/memory/arena.h"
#include "scene.h"

static void start(void)
{
    scene_start();
    scene_open(0, 1);
    client("10 [ \"MQTT\" 05 02 003c [ 22 000a ] \"c\" ]");
    server("20 [ 00 00 [ ] ]");
    g_assert_cmpuint(scene.facts.request_frame, ==, 1);
    g_assert_cmpuint(scene_facts_of(1)->answer.frame, ==, 2);
}

/* What a close leaves open. */
static const mqtt5_open_requests *left_open(void)
{
    g_assert_cmpstr(scene.facts.identity->client_id, ==, "c");
    return scene.facts.detail.open;
}

static void assert_answer(guint32 request, guint32 where, gboolean never)
{
    g_assert_cmpuint(scene_facts_of(request)->answer.frame, ==, where);
    g_assert_true(scene_facts_of(request)->answer.never == never);
}

static void test_pings(void)
{
    guint32 first, second, third;

    start();
    first = client("c0 [ ]");
    second = client("c0 [ ]");
    assert_answer(first, 0, FALSE);
    server("d0 [ ]");
    g_assert_cmpuint(scene.facts.request_frame, ==, first);
    g_assert_cmpint(scene.facts.request_time, ==, SCENE_BEGIN + first * SCENE_TICK);
    assert_answer(first, scene.frame, FALSE);
    third = client("c0 [ ]");
    server("d0 [ ]");
    assert_answer(second, scene.frame, FALSE);
    /* Only an acknowledgment shows that bytes are missing: the PINGRESP may answer a PINGREQ that
     * was not captured. */
    scene_acknowledge_unseen(0, SCENE_CLIENT);
    server("d0 [ ]");
    g_assert_cmpuint(scene.facts.request_frame, ==, 0);
    assert_answer(third, 0, FALSE);
    scene_end();
}

static void test_left_open(void)
{
    const mqtt5_open_requests *open;
    guint32 close, request;

    start();
    request = client("32 [ \"t\" 0001 [ ] ]");
    scene_close_whole(0, SCENE_CLIENT, FALSE);
    g_assert_null(left_open());
    assert_answer(request, 0, FALSE);
    scene_close_whole(0, SCENE_SERVER, FALSE);
    open = left_open();
    close = scene.frame;
    g_assert_cmpuint(open->count, ==, 1);
    g_assert_cmpuint(open->frames[0], ==, request);
    assert_answer(request, close, TRUE);
    /* Only once. */
    scene_close_whole(0, SCENE_SERVER, TRUE);
    g_assert_null(left_open());
    scene_end();

    start();
    request = client("32 [ \"t\" 0001 [ ] ]");
    scene_close(0, SCENE_SERVER, FALSE);
    g_assert_null(left_open());
    scene_acknowledge_unseen(0, SCENE_SERVER);
    scene_close_whole(0, SCENE_SERVER, FALSE);
    g_assert_null(left_open());
    assert_answer(request, 0, FALSE);
    scene_end();
}

static void test_many_left_open(void)
{
    const mqtt5_open_requests *open;

    start();
    for (guint id = 300; id > 0; id--)
        client("32 [ \"t\" %04x [ ] ]", id);
    scene_close_whole(0, SCENE_SERVER, FALSE);
    open = left_open();
    g_assert_cmpuint(open->count, ==, 300);
    g_assert_cmpuint(open->shown, ==, MQTT5_OPEN_REQUESTS_MAX);
    for (guint i = 0; i < open->shown; i++)
        g_assert_cmpuint(open->frames[i], ==, 3 + i);
    scene_end();
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
    mqtt5_arena kept = {0};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(mqtt5_arena_text(&kept, (const guint8 *)cases[i].bytes, cases[i].length), ==, cases[i].text);
    g_assert_cmpuint((gsize)mqtt5_arena_alloc(&kept, 1) % sizeof(gint64), ==, 0);
    mqtt5_arena_clear(&kept);
    g_assert_null(kept.last);
}

/* What is the same for many messages is kept once, and not used if it may have changed in missing
 * bytes. */
static void test_publications(void)
{
    const mqtt5_publication *plain, *by_alias;

    start();
    client("82 [ 0001 [ ] \"a/#\" 01 ]");
    server("90 [ 0001 [ ] 01 ]");
    g_assert_cmpuint(scene.facts.detail.filters->count, ==, 1);
    server("30 [ \"a/b\" [ 23 0001 ] ]");
    plain = scene.facts.detail.publication;
    g_assert_cmpuint(plain->matched, ==, 1);
    g_assert_true(plain->granted[0]->granted && plain->granted[0]->qos == 1 && plain->granted[0]->frame == 3 && !plain->alias);
    server("30 [ \"a/c\" [ ] ]");
    g_assert_true(scene.facts.detail.publication == plain);
    server("30 [ \"\" [ 23 0001 ] ]");
    by_alias = scene.facts.detail.publication;
    g_assert_true(by_alias->alias && by_alias->alias->frame == 5 && by_alias->alias->length == 3 &&
                  by_alias->granted[0] == plain->granted[0]);
    server("30 [ \"\" [ 23 0001 ] ]");
    g_assert_true(scene.facts.detail.publication == by_alias);
    scene_acknowledge_unseen(0, SCENE_CLIENT);
    server("30 [ \"a/c\" [ ] ]");
    g_assert_null(scene.facts.detail.any);
    scene_end();
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
