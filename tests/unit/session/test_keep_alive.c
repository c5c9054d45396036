/* test_keep_alive.c
 * Silence and PINGREQ with closes, missing bytes, clocks that go back, and carriers without
 * sequence numbers. Single dialogues are tested by captures/made/keep-alive-*.txt and ping-*.txt.
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
    scene_wait(17);
    scene_close(0, SCENE_SERVER, FALSE);
    g_assert_cmpuint(scene_count(), ==, 0);
    scene_wait(100);
    scene_close(0, SCENE_CLIENT, TRUE);
    g_assert_cmpuint(scene_count(), ==, 0);
    connect_10();
    scene_wait(100);
    scene_close(0, SCENE_CLIENT, FALSE); /* whether the server was still there, nobody knows */
    g_assert_cmpuint(scene_count(), ==, 0);
    connect_10();
    scene_wait(100);
    scene_close(0, SCENE_SERVER, FALSE);
    g_assert_true(scene_found(MQTT5_RULE_keep_alive_not_enforced));
}

/* The bounds, with their margin of 1 s and a tenth of the Keep Alive. */
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
        g_assert_cmpint(scene_found(MQTT5_RULE_keep_alive_late), ==, silences[i].late);
        g_assert_cmpint(scene_found(MQTT5_RULE_keep_alive_exceeded), ==, silences[i].exceeded);
        scene_say(0, SCENE_SERVER, "d0 [ ]");
        g_assert_false(scene_found(MQTT5_RULE_pingresp_unexpected));
    }
}

static void test_missing_bytes(void)
{
    /* the client has sent something that was not captured: the server acknowledges it */
    connect_10();
    scene_wait(9);
    scene_lose(0, SCENE_CLIENT, "c0 [ ]");
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_keep_alive_not_enforced));
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_pingresp_unexpected));
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_keep_alive_exceeded));
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_cmpuint(scene_count(), ==, 0);
    /* what comes after it is judged again */
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_true(scene_found(MQTT5_RULE_keep_alive_not_enforced));
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_keep_alive_exceeded));

    /* the PINGRESP was not captured: the client acknowledges it */
    connect_10();
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_lose(0, SCENE_SERVER, "d0 [ ]");
    scene_wait(11.5);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_pingreq_repeated));
    scene_say(0, SCENE_CLIENT, "82 [ 0002 [ ] \"t\" 00 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0002 [ ] 00 ]");
    scene_wait(10);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_pingresp_missing));
}

/* Bytes of a packet that is not complete are no silence, nor are bytes that TCP sends again in vain;
 * an acknowledgment shows that the server has heard something until then. */
static void test_transport(void)
{
    /* times: seconds after the last packet */
    static const struct {
        mqtt5_sending client;
        gboolean exceeded;
    } cases[] = {
        {{.known = true, .sent = 100, .acked_known = true, .acked = 100}, TRUE},
        {{.known = true, .sent = 110, .sent_time = 20, .acked_known = true, .acked = 100}, FALSE},
        {{.known = true, .sent = 100, .resent = 1, .resent_time = 5, .acked_known = true, .acked = 90}, FALSE},
        {{.known = true, .sent = 100, .resent = 1, .resent_time = 5, .acked_known = true, .acked = 100, .acked_time = 6}, TRUE},
        {{.known = true, .sent = 100, .resent = 1, .resent_time = 20, .acked_known = true, .acked = 100, .acked_time = 21}, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        mqtt5_transport transport = {.sendings = {[SCENE_CLIENT] = cases[i].client}};
        mqtt5_sending *sending = &transport.sendings[SCENE_CLIENT];

        connect_10();
        sending->sent_time = scene.now + sending->sent_time * SCENE_SECOND;
        sending->resent_time = sending->resent > 0 ? scene.now + sending->resent_time * SCENE_SECOND : 0;
        sending->acked_time = scene.now + sending->acked_time * SCENE_SECOND;
        scene.transport = &transport;
        scene_wait(30);
        scene_say(0, SCENE_CLIENT, "c0 [ ]");
        g_assert_cmpint(scene_found(MQTT5_RULE_keep_alive_exceeded), ==, cases[i].exceeded);
    }
}

/* While the capture holds no frame at all, nobody knows how much time passes. */
static void test_pauses(void)
{
    for (guint every = 1; every <= 30; every += 29) {
        mqtt5_pauses *pauses = mqtt5_pauses_new();

        connect_10();
        for (guint second = 0; second < 30; second += every)
            mqtt5_pauses_frame(pauses, scene.frame + 1, scene.now + second * SCENE_SECOND);
        scene.pauses = pauses;
        scene_wait(30);
        scene_say(0, SCENE_CLIENT, "c0 [ ]");
        g_assert_cmpint(scene_found(MQTT5_RULE_keep_alive_exceeded), ==, every == 1);
        mqtt5_pauses_free(pauses);
        scene.pauses = NULL;
    }
}

/* After missing bytes PINGRESP is judged again when a whole exchange was seen. */
static void test_ping_after_loss(void)
{
    connect_10();
    scene_lose(0, SCENE_CLIENT, "32 [ \"t\" 0009 [ ] 'x' ]");
    scene_say(0, SCENE_SERVER, "40 [ 0009 ]");
    scene_say(0, SCENE_SERVER, "d0 [ ]"); /* of a PINGREQ that was missed, too */
    g_assert_false(scene_found(MQTT5_RULE_pingresp_unexpected));
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_pingresp_unexpected));
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_pingresp_unexpected));
}

/* Files that are merged from several captures: a negative silence is no silence. */
static void test_clock_goes_back(void)
{
    connect_10();
    scene_wait(-1000);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_wait(-1000);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    scene_say(0, SCENE_SERVER, "e0 [ 8d [ ] ]");
    g_assert_false(scene_found(MQTT5_RULE_keep_alive_timeout_early));
    scene_wait(3);
    g_assert_cmpuint(scene_count(), ==, 1); /* reason_code_failure */
}

static void test_without_numbers(void)
{
    connect_10();
    scene.without_numbers = TRUE;
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]"); /* a large packet may be on its way */
    g_assert_cmpuint(scene_count(), ==, 0);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_keep_alive_exceeded));
    scene_say(0, SCENE_CLIENT, "82 [ 0002 [ ] \"t\" 00 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0002 [ ] 00 ]");
    scene_wait(8);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    /* the server may not have received the PINGREQ */
    g_assert_false(scene_found(MQTT5_RULE_pingresp_missing));
}

/* A PINGREQ that is answered after a long queue of other packets. */
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
    g_assert_true(scene_found(MQTT5_RULE_connect_unanswered));
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

/* Enhanced authentication: after an AUTH with an unknown code, it may be either side's turn. */
static void test_auth_unreadable(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 15 \"m\" ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_CLIENT, "f0 [ 19 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_SERVER, "f0 [ 1a [ 15 \"m\" ] ]");
    g_assert_true(scene_found(MQTT5_RULE_reason_code_unknown));
    scene_say(0, SCENE_CLIENT, "f0 [ 18 [ 15 \"m\" ] ]");
    g_assert_false(scene_found(MQTT5_RULE_authentication_reason_code));
    g_assert_false(scene_found(MQTT5_RULE_authentication_out_of_turn));
}

/* Enhanced authentication: an AUTH that was not captured explains the next one. */
static void test_auth_unseen(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 15 \"m\" ] \"c\" ]");
    scene_lose(0, SCENE_SERVER, "f0 [ 18 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_CLIENT, "f0 [ 18 [ 15 \"m\" ] ]");
    g_assert_true(scene_count() == 1 && scene_found(MQTT5_RULE_evidence_missing));
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ 15 \"m\" ] ]");
    scene_lose(0, SCENE_CLIENT, "f0 [ 19 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_SERVER, "f0 [ 18 [ 15 \"m\" ] ]");
    g_assert_true(scene_count() == 1 && scene_found(MQTT5_RULE_evidence_missing));
    /* a method that changes is wrong anyway */
    scene_say(0, SCENE_CLIENT, "f0 [ 18 [ 15 \"n\" ] ]");
    g_assert_true(scene_found(MQTT5_RULE_authentication_method_changed));

    /* CONNACK, too, may be what is missing */
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 15 \"m\" ] \"c\" ]");
    scene_lose(0, SCENE_SERVER, "20 [ 00 00 [ 15 \"m\" ] ]");
    scene_say(0, SCENE_CLIENT, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_authentication_other_packet));
    scene_say(0, SCENE_CLIENT, "f0 [ 19 [ 15 \"m\" ] ]");
    g_assert_false(scene_found(MQTT5_RULE_authentication_reason_code));
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keep-alive/close", test_close_ends_silence);
    g_test_add_func("/keep-alive/bounds", test_bounds);
    g_test_add_func("/keep-alive/missing-bytes", test_missing_bytes);
    g_test_add_func("/keep-alive/transport", test_transport);
    g_test_add_func("/keep-alive/pauses", test_pauses);
    g_test_add_func("/keep-alive/ping-after-loss", test_ping_after_loss);
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
