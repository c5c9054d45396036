/* test_rpc.c
 * Requests and responses in messages, where the capture does not hold all of them, and very many.
 * Single dialogues are tested by captures/made/rpc.txt and rpc-legal.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/rpc_table.h"
#include "scene.h"

enum { REQUESTER, RESPONDER, OTHER };

static guint32 say(unsigned number, guint8 side, const char *format, ...) G_GNUC_PRINTF(3, 4);
static guint32 say(unsigned number, guint8 side, const char *format, ...)
{
    va_list arguments;
    char *text;
    guint32 frame;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    frame = scene_say(number, side, text);
    g_free(text);
    return frame;
}

static void enter(unsigned number, guint64 server)
{
    scene_open(number, server);
    say(number, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"c%u\" ]", number);
    scene_say(number, SCENE_SERVER, "20 [ 00 00 [ ] ]");
}

static void subscribe(unsigned number, const char *filter)
{
    say(number, SCENE_CLIENT, "82 [ 0001 [ ] \"%s\" 01 ]", filter);
    scene_say(number, SCENE_SERVER, "90 [ 0001 [ ] 01 ]");
}

/* A requester, which has subscribed to a, and a responder. */
static void begin(void)
{
    scene_start();
    enter(REQUESTER, 1);
    enter(RESPONDER, 1);
    subscribe(REQUESTER, "a/#");
    scene_wait(2);
}

/* A request with, and a response to, Correlation Data `data`, by a side; "" is for none. */
static guint32 ask(unsigned number, guint8 side, const char *data)
{
    return *data ? say(number, side, "30 [ \"q\" [ 08 \"a/1\" 09 \"%s\" ] 'x' ]", data)
                 : say(number, side, "30 [ \"q\" [ 08 \"a/1\" ] 'x' ]");
}

static guint32 answer(unsigned number, guint8 side, const char *data)
{
    return *data ? say(number, side, "30 [ \"a/1\" [ 09 \"%s\" ] 'y' ]", data) : say(number, side, "30 [ \"a/1\" [ ] 'y' ]");
}

static const mqtt5_rpc *rpc_of(guint32 frame)
{
    const mqtt5_publication *publication = scene_facts_of(frame)->detail.publication;

    return publication ? publication->rpc : NULL;
}

static guint32 request_of(guint32 frame)
{
    return rpc_of(frame) ? rpc_of(frame)->request_frame : 0;
}

/* The whole way, and what each of its four frames tells. */
static void test_way(void)
{
    guint32 asked, got, sent, back;

    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_wait(0.1);
    got = ask(RESPONDER, SCENE_SERVER, "1");
    scene_wait(0.5);
    sent = answer(RESPONDER, SCENE_CLIENT, "1");
    g_assert_cmpuint(rpc_of(asked)->response_frame, ==, sent);
    scene_wait(0.1);
    back = answer(REQUESTER, SCENE_SERVER, "1");
    g_assert_cmpuint(rpc_of(asked)->response_frame, ==, back);
    g_assert_cmpuint(rpc_of(asked)->request_frame, ==, 0);
    g_assert_cmpuint(rpc_of(got)->response_frame, ==, sent);
    g_assert_cmpuint(rpc_of(sent)->request_frame, ==, got);
    g_assert_true(rpc_of(sent)->timed);
    g_assert_cmpint(rpc_of(sent)->time, ==, SCENE_SECOND / 2 + scene.tick);
    g_assert_cmpuint(rpc_of(back)->request_frame, ==, asked);
    g_assert_cmpint(rpc_of(back)->time, ==, SCENE_SECOND * 7 / 10 + 3 * scene.tick);
    g_assert_cmpuint(rpc_of(back)->responder_request_frame, ==, got);
    g_assert_cmpuint(rpc_of(back)->responder_response_frame, ==, sent);
    g_assert_cmpint(rpc_of(back)->responder_time, ==, SCENE_SECOND / 2 + scene.tick);
    g_assert_false(rpc_of(back)->by_topic);
}

/* One end alone is in the capture. */
static void test_one_end(void)
{
    guint32 asked, back;

    begin();
    asked = ask(RESPONDER, SCENE_SERVER, "1");
    back = answer(RESPONDER, SCENE_CLIENT, "1");
    g_assert_cmpuint(request_of(back), ==, asked);

    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    back = answer(REQUESTER, SCENE_SERVER, "1");
    g_assert_cmpuint(request_of(back), ==, asked);
    g_assert_cmpuint(rpc_of(back)->responder_request_frame, ==, 0);

    /* the responder got it unseen: from when on it had it is not known */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    back = answer(RESPONDER, SCENE_CLIENT, "1");
    g_assert_cmpuint(request_of(back), ==, asked);
    g_assert_false(rpc_of(back)->timed);

    /* at another server */
    begin();
    enter(OTHER, 2);
    ask(REQUESTER, SCENE_CLIENT, "1");
    g_assert_cmpuint(request_of(answer(OTHER, SCENE_CLIENT, "1")), ==, 0);
    g_assert_cmpuint(request_of(answer(OTHER, SCENE_SERVER, "1")), ==, 0);

    /* a response without a request */
    begin();
    g_assert_null(rpc_of(answer(REQUESTER, SCENE_SERVER, "1")));
}

/* Without Correlation Data, or with the same again, a request that was not captured may be the one. */
static void test_lost(void)
{
    guint32 asked;

    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "");
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "")), ==, asked);
    ask(REQUESTER, SCENE_CLIENT, "");
    scene_lose(REQUESTER, SCENE_CLIENT, "30 [ \"q\" [ 08 \"a/1\" ] 'z' ]");
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "")), ==, 0);

    /* Correlation Data that is used once is enough */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_lose(REQUESTER, SCENE_CLIENT, "30 [ \"q\" [ 08 \"a/1\" ] 'z' ]");
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "1")), ==, asked);

    begin();
    ask(RESPONDER, SCENE_SERVER, "");
    scene_lose(RESPONDER, SCENE_SERVER, "30 [ \"q\" [ 08 \"a/1\" ] 'z' ]");
    g_assert_cmpuint(request_of(answer(RESPONDER, SCENE_CLIENT, "")), ==, 0);

    /* a clock that goes back: no time */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_wait(-10);
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "1")), ==, asked);
    g_assert_false(rpc_of(scene.frame)->timed);
}

/* --- No response --- */

static void leave(void)
{
    scene_say(REQUESTER, SCENE_CLIENT, "e0 [ ]");
    scene_close(REQUESTER, SCENE_CLIENT, FALSE);
}

static guint32 unanswered(guint32 frame)
{
    return rpc_of(frame)->unanswered_frame;
}

static void test_unanswered(void)
{
    guint32 asked;

    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    g_assert_cmpuint(unanswered(asked), ==, 0);
    leave();
    g_assert_cmpuint(unanswered(asked), ==, scene.frame);
    g_assert_cmpuint(rpc_of(asked)->reason, ==, MQTT5_RPC_ENDED);
    g_assert_cmpuint(rpc_of(asked)->reached_frame, ==, 0);

    /* it got to the responder, and the response got as far as to the server */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    ask(RESPONDER, SCENE_SERVER, "1");
    answer(RESPONDER, SCENE_CLIENT, "1");
    leave();
    g_assert_cmpuint(unanswered(asked), ==, scene.frame);
    g_assert_cmpuint(rpc_of(asked)->reached_frame, ==, scene.frame - 3);
    g_assert_cmpuint(rpc_of(asked)->published_frame, ==, scene.frame - 2);

    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_close(REQUESTER, SCENE_CLIENT, TRUE);
    g_assert_cmpuint(unanswered(asked), ==, scene.frame);
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_close_whole(REQUESTER, SCENE_SERVER, FALSE);
    g_assert_cmpuint(unanswered(asked), ==, scene.frame);

    /* the server may still send */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_close(REQUESTER, SCENE_CLIENT, FALSE);
    g_assert_cmpuint(unanswered(asked), ==, 0);
    /* it has sent something that is not in the capture */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_lose(REQUESTER, SCENE_SERVER, "30 [ \"a/1\" [ 09 \"1\" ] 'y' ]");
    leave();
    g_assert_cmpuint(unanswered(asked), ==, 0);
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_close(REQUESTER, SCENE_SERVER, FALSE);
    g_assert_cmpuint(unanswered(asked), ==, 0);
    /* it may have sent the response without its Correlation Data, or with a Topic Alias that is not known */
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    answer(REQUESTER, SCENE_SERVER, "");
    leave();
    g_assert_cmpuint(unanswered(asked), ==, 0);
    begin();
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    scene_say(REQUESTER, SCENE_SERVER, "30 [ \"\" [ 23 0001 09 \"1\" ] 'y' ]");
    leave();
    g_assert_cmpuint(unanswered(asked), ==, 0);
    /* nobody knows what a client has subscribed to whose CONNECT is not in the capture */
    begin();
    scene_open_as(OTHER, &(scene_setup){.server = 1, .port = SCENE_SERVER, .default_version = MQTT5_VERSION_5});
    asked = ask(OTHER, SCENE_CLIENT, "1");
    scene_say(OTHER, SCENE_SERVER, "d0 [ ]");
    scene_close(OTHER, SCENE_CLIENT, TRUE);
    g_assert_cmpuint(unanswered(asked), ==, 0);
}

static void test_refused(void)
{
    guint32 asked, other;

    begin();
    asked = scene_say(REQUESTER, SCENE_CLIENT, "32 [ \"q\" 0001 [ 08 \"a/1\" 09 \"1\" ] 'x' ]");
    other = scene_say(REQUESTER, SCENE_CLIENT, "32 [ \"q\" 0002 [ 08 \"a/1\" 09 \"2\" ] 'x' ]");
    scene_say(REQUESTER, SCENE_SERVER, "40 [ 0002 00 ]");
    scene_say(REQUESTER, SCENE_SERVER, "40 [ 0001 10 ]");
    g_assert_cmpuint(unanswered(asked), ==, scene.frame);
    g_assert_cmpuint(rpc_of(asked)->reason, ==, MQTT5_RPC_NO_SUBSCRIBER);
    g_assert_cmpuint(unanswered(other), ==, 0);
    /* the same again can be told from the first, which waits no longer */
    asked = ask(REQUESTER, SCENE_CLIENT, "1");
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "1")), ==, asked);

    begin();
    asked = scene_say(REQUESTER, SCENE_CLIENT, "34 [ \"q\" 0001 [ 08 \"a/1\" 09 \"1\" ] 'x' ]");
    scene_say(REQUESTER, SCENE_SERVER, "50 [ 0001 87 ]");
    g_assert_cmpuint(unanswered(asked), ==, scene.frame);
    g_assert_cmpuint(rpc_of(asked)->reason, ==, MQTT5_RPC_REFUSED);
    leave();
    g_assert_cmpuint(rpc_of(asked)->reason, ==, MQTT5_RPC_REFUSED);

    /* it was delivered, whatever the server says */
    begin();
    asked = scene_say(REQUESTER, SCENE_CLIENT, "32 [ \"q\" 0001 [ 08 \"a/1\" 09 \"1\" ] 'x' ]");
    ask(RESPONDER, SCENE_SERVER, "1");
    scene_say(REQUESTER, SCENE_SERVER, "40 [ 0001 10 ]");
    g_assert_cmpuint(unanswered(asked), ==, 0);
}

/* --- Very many --- */

static void test_many(void)
{
    char data[16];
    guint32 first, last = 0, kept = 0;

    begin();
    first = ask(REQUESTER, SCENE_CLIENT, "0");
    for (guint i = 1; i <= MQTT5_RPCS_MAX; i++) {
        g_snprintf(data, sizeof data, "%u", i);
        last = ask(REQUESTER, SCENE_CLIENT, data);
        kept = i == 1 ? last : kept;
    }
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "0")), ==, 0);
    g_assert_cmpuint(rpc_of(first)->response_frame, ==, 0);
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "1")), ==, kept);
    /* what was pushed out may be answered now: short Correlation Data proves nothing any more */
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, data)), ==, 0);
    ask(REQUESTER, SCENE_CLIENT, "0");
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "0")), ==, 0);
    last = ask(REQUESTER, SCENE_CLIENT, "as long as a UUID");
    g_assert_cmpuint(request_of(answer(REQUESTER, SCENE_SERVER, "as long as a UUID")), ==, last);
    leave();
    g_assert_cmpuint(unanswered(first), ==, 0);
}

/* A connection is freed while its requests wait: nothing may be noted in them any more. */
static void test_freed(void)
{
    begin();
    ask(REQUESTER, SCENE_CLIENT, "1");
    ask(RESPONDER, SCENE_SERVER, "1");
    scene_open(REQUESTER, 1);
    g_assert_cmpuint(request_of(answer(RESPONDER, SCENE_CLIENT, "1")), !=, 0);
    scene_open(RESPONDER, 1);
    ask(RESPONDER, SCENE_SERVER, "1");
}

/* The table against a plain one: what was touched longest ago goes. */
static void test_table(void)
{
    struct mqtt5_rpcs *rpcs = mqtt5_rpcs_new();

    for (uint64_t i = 1; i <= MQTT5_RPCS_MAX; i++)
        g_assert_cmpuint(mqtt5_rpcs_add(rpcs, i * 7)->hash, ==, i * 7);
    for (uint64_t i = 1; i <= MQTT5_RPCS_MAX; i += 2)
        g_assert_nonnull(mqtt5_rpcs_find(rpcs, i * 7));
    g_assert_false(rpcs->forgotten);
    mqtt5_rpcs_find(rpcs, 14)->open = 1;
    g_assert_nonnull(mqtt5_rpcs_find(rpcs, 7));
    for (uint64_t i = 1; i < MQTT5_RPCS_MAX / 2; i++)
        mqtt5_rpcs_add(rpcs, i * 7 + 1);
    g_assert_false(rpcs->forgotten);
    for (uint64_t i = 3; i <= MQTT5_RPCS_MAX; i++)
        g_assert_true(!mqtt5_rpcs_find(rpcs, i * 7) == (i % 2 == 0));
    g_assert_nonnull(mqtt5_rpcs_find(rpcs, 7));
    for (uint64_t i = 0; i < MQTT5_RPCS_MAX; i++)
        mqtt5_rpcs_add(rpcs, i * 7 + 2);
    g_assert_true(rpcs->forgotten);
    g_assert_null(mqtt5_rpcs_find(rpcs, 14));
    g_assert_cmpuint(rpcs->count, ==, MQTT5_RPCS_MAX);
    mqtt5_rpcs_free(rpcs);
    mqtt5_rpcs_free(NULL);
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rpc/way", test_way);
    g_test_add_func("/rpc/one-end", test_one_end);
    g_test_add_func("/rpc/lost", test_lost);
    g_test_add_func("/rpc/unanswered", test_unanswered);
    g_test_add_func("/rpc/refused", test_refused);
    g_test_add_func("/rpc/many", test_many);
    g_test_add_func("/rpc/freed", test_freed);
    g_test_add_func("/rpc/table", test_table);
    result = g_test_run();
    scene_end();
    return result;
}
