/* test_session_keep_alive.c
 * Silence and PINGREQ where a capture of packets alone does not show it: closes, missing bytes, clocks that go back, carriers without
 * sequence numbers. What single dialogues show is in captures/made/keep-alive-*.txt and ping-*.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scene.h"

/* A connection with Keep Alive 10 and a subscription. */
static void connect_10(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 000a [ ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_say(0, SCENE_CLIENT, "82 [ 0001 [ ] \"t\" 00 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0001 [ ] 00 ]");
    g_assert_cmpuint(scene_count(), ==, 0);
}

static void test_close_ends_silence(void)
{
    connect_10();
    scene_wait(100);
    scene_close(0, SCENE_SERVER, FALSE);
    g_assert_cmpuint(scene_count(), ==, 0);
    scene_wait(100);
    scene_close(0, SCENE_CLIENT, TRUE);
    g_assert_cmpuint(scene_count(), ==, 0);
}

/* Bounds with their margin of 1 s and a tenth of the Keep Alive. */
static void test_bounds(void)
{
    static const struct {
        double seconds;
        gboolean late, exceeded;
    } silences[] = {{9, FALSE, FALSE},   {11.5, FALSE, FALSE}, {12.5, TRUE, FALSE},
                    {16.5, TRUE, FALSE}, {17.5, FALSE, TRUE},  {1000, FALSE, TRUE}};

    for (guint i = 0; i < G_N_ELEMENTS(silences); i++) {
        connect_10();
        scene_wait(silences[i].seconds);
        scene_say(0, SCENE_CLIENT, "c0 [ ]");
        g_assert_cmpint(scene_found(MQTT5_RULE_KEEP_ALIVE_LATE), ==, silences[i].late);
        g_assert_cmpint(scene_found(MQTT5_RULE_KEEP_ALIVE_EXCEEDED), ==, silences[i].exceeded);
        scene_say(0, SCENE_SERVER, "d0 [ ]");
        g_assert_false(scene_found(MQTT5_RULE_PINGRESP_UNEXPECTED));
    }
}

static void test_missing_bytes(void)
{
    /* the client has spoken, but unseen: the server acknowledges it */
    connect_10();
    scene_wait(9);
    scene_lose(0, SCENE_CLIENT, "c0 [ ]");
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_KEEP_ALIVE_NOT_ENFORCED));
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_PINGRESP_UNEXPECTED));
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_KEEP_ALIVE_EXCEEDED));
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_cmpuint(scene_count(), ==, 0);
    /* what comes behind it is judged again */
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_true(scene_found(MQTT5_RULE_KEEP_ALIVE_NOT_ENFORCED));
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_KEEP_ALIVE_EXCEEDED));

    /* the PINGRESP was not captured: the client acknowledges it */
    connect_10();
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_lose(0, SCENE_SERVER, "d0 [ ]");
    scene_wait(11.5);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_PINGREQ_REPEATED));
    scene_say(0, SCENE_CLIENT, "82 [ 0002 [ ] \"t\" 00 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0002 [ ] 00 ]");
    scene_wait(10);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_PINGRESP_MISSING));
}

/* Files merged from several captures: negative silence is none. */
static void test_clock_goes_back(void)
{
    connect_10();
    scene_wait(-1000);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_wait(-1000);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    scene_say(0, SCENE_SERVER, "e0 [ 8d [ ] ]");
    g_assert_false(scene_found(MQTT5_RULE_KEEP_ALIVE_TIMEOUT_EARLY));
    scene_wait(3);
    g_assert_cmpuint(scene_count(), ==, 1); /* reason_code_failure */
}

static void test_without_numbers(void)
{
    connect_10();
    scene_without_numbers(TRUE);
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]"); /* a large packet may be on its way */
    g_assert_cmpuint(scene_count(), ==, 0);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_KEEP_ALIVE_EXCEEDED));
    scene_say(0, SCENE_CLIENT, "82 [ 0002 [ ] \"t\" 00 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0002 [ ] 00 ]");
    scene_wait(8);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_PINGRESP_MISSING)); /* nobody knows that the server had the PINGREQ */
}

/* A PINGREQ that is only answered behind a long queue of other packets. */
static void test_queue_before_pingresp(void)
{
    connect_10();
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    for (guint i = 0; i < 20; i++) {
        scene_wait(0.8);
        scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
        g_assert_cmpuint(scene_count(), ==, 0);
    }
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_cmpuint(scene_count(), ==, 0);
}

static void test_many_pingreq(void)
{
    connect_10();
    for (guint i = 0; i < 1000; i++)
        scene_say(0, SCENE_CLIENT, "c0 [ ]");
    for (guint i = 0; i < 1000; i++) {
        scene_say(0, SCENE_SERVER, "d0 [ ]");
        g_assert_cmpuint(scene_count(), ==, 0);
    }
}

static void test_connect_unanswered(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 000a [ ] \"c\" ]");
    scene_wait(40);
    scene_close(0, SCENE_CLIENT, FALSE);
    g_assert_true(scene_found(MQTT5_RULE_CONNECT_UNANSWERED));
    scene_close(0, SCENE_SERVER, FALSE);
    g_assert_cmpuint(scene_count(), ==, 0);

    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 000a [ ] \"c\" ]");
    scene_lose(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_wait(40);
    scene_close(0, SCENE_CLIENT, FALSE);
    g_assert_cmpuint(scene_count(), ==, 0);

    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 000a [ ] \"c\" ]");
    scene_wait(20);
    scene_close(0, SCENE_SERVER, FALSE);
    g_assert_cmpuint(scene_count(), ==, 0);
}

/* Enhanced authentication: an AUTH whose code says nothing leaves it open whose turn it is. */
static void test_auth_unreadable(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 15 \"m\" ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_CLIENT, "f0 [ 19 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_SERVER, "f0 [ 1a [ 15 \"m\" ] ]");
    g_assert_true(scene_found(MQTT5_RULE_REASON_CODE_UNKNOWN));
    scene_say(0, SCENE_CLIENT, "f0 [ 18 [ 15 \"m\" ] ]");
    g_assert_false(scene_found(MQTT5_RULE_AUTHENTICATION_REASON_CODE));
    g_assert_false(scene_found(MQTT5_RULE_AUTHENTICATION_OUT_OF_TURN));
}

/* Enhanced authentication: an AUTH that was not captured explains the next one. */
static void test_auth_unseen(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 15 \"m\" ] \"c\" ]");
    scene_lose(0, SCENE_SERVER, "f0 [ 18 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_CLIENT, "f0 [ 18 [ 15 \"m\" ] ]");
    g_assert_true(scene_count() == 1 && scene_found(MQTT5_RULE_EVIDENCE_MISSING));
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ 15 \"m\" ] ]");
    scene_lose(0, SCENE_CLIENT, "f0 [ 19 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_SERVER, "f0 [ 18 [ 15 \"m\" ] ]");
    g_assert_true(scene_count() == 1 && scene_found(MQTT5_RULE_EVIDENCE_MISSING));
    /* a method that changes is wrong all the same */
    scene_say(0, SCENE_CLIENT, "f0 [ 18 [ 15 \"n\" ] ]");
    g_assert_true(scene_found(MQTT5_RULE_AUTHENTICATION_METHOD_CHANGED));

    /* CONNACK, too, may be what is missing */
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 15 \"m\" ] \"c\" ]");
    scene_lose(0, SCENE_SERVER, "20 [ 00 00 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_CLIENT, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_AUTHENTICATION_OTHER_PACKET));
    scene_say(0, SCENE_CLIENT, "f0 [ 19 [ 15 \"m\" ] ]");
    g_assert_false(scene_found(MQTT5_RULE_AUTHENTICATION_REASON_CODE));
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keep-alive/close", test_close_ends_silence);
    g_test_add_func("/keep-alive/bounds", test_bounds);
    g_test_add_func("/keep-alive/missing-bytes", test_missing_bytes);
    g_test_add_func("/keep-alive/clock", test_clock_goes_back);
    g_test_add_func("/keep-alive/no-numbers", test_without_numbers);
    g_test_add_func("/keep-alive/queue", test_queue_before_pingresp);
    g_test_add_func("/keep-alive/many-pingreq", test_many_pingreq);
    g_test_add_func("/keep-alive/connect", test_connect_unanswered);
    g_test_add_func("/keep-alive/auth", test_auth_unseen);
    g_test_add_func("/keep-alive/auth-unreadable", test_auth_unreadable);
    result = g_test_run();
    scene_end();
    return result;
}
