/* test_capture.c
 * Several connections: closes, other servers, missing bytes, and very many of everything. Single
 * dialogues are tested by captures/made/: client-id-*.txt, session-*.txt, will-*.txt,
 * forward-*.txt, retained*.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/capture.h"
#include "core/capture/parts.h"
#include "scene.h"

#define MANY 100000

static void say(unsigned number, guint8 side, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void say(unsigned number, guint8 side, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    scene_say(number, side, text);
    g_free(text);
}

static void both_close(unsigned number)
{
    scene_close(number, SCENE_CLIENT, FALSE);
    scene_close(number, SCENE_SERVER, FALSE);
}

/* Connection 0 subscribes to t/#, connection 1 has a Will on t/1. */
static void watch_will(guint64 server)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"watcher\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_say(0, SCENE_CLIENT, "82 [ 0001 [ ] \"t/#\" 01 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0001 [ ] 01 ]");
    scene_wait(2);
    scene_open(1, server);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 0e 0000 [ ] \"c\" [ ] \"t/1\" \"gone\" ]");
    scene_say(1, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_wait(2);
}

static gboolean will_is_missed(void)
{
    scene_wait(15);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    return scene_found(MQTT5_RULE_will_not_published);
}

static void test_will_after_close(void)
{
    /* without DISCONNECT; reported once */
    watch_will(1);
    both_close(1);
    g_assert_true(will_is_missed());
    g_assert_false(will_is_missed());

    watch_will(1);
    scene_close(1, SCENE_CLIENT, TRUE);
    scene_close(1, SCENE_SERVER, FALSE);
    scene_say(0, SCENE_SERVER, "30 [ \"t/1\" [ ] 'gone' ]");
    g_assert_cmpuint(scene_count(), ==, 0);
    g_assert_false(will_is_missed());

    /* the server may not know yet that the client is gone */
    watch_will(1);
    scene_close(1, SCENE_CLIENT, TRUE);
    g_assert_false(will_is_missed());

    /* bytes are missing, which may be a DISCONNECT */
    watch_will(1);
    scene_lose(1, SCENE_CLIENT, "e0 [ ]");
    both_close(1);
    g_assert_false(will_is_missed());

    /* ... or the Will */
    watch_will(1);
    both_close(1);
    scene_lose(0, SCENE_SERVER, "30 [ \"t/1\" [ ] 'gone' ]");
    g_assert_false(will_is_missed());

    watch_will(1);
    scene_say(1, SCENE_CLIENT, "e0 [ ]");
    both_close(1);
    g_assert_false(will_is_missed());

    /* the watcher is at another server */
    watch_will(2);
    both_close(1);
    g_assert_false(will_is_missed());

    /* it subscribed afterwards */
    watch_will(1);
    both_close(1);
    scene_say(0, SCENE_CLIENT, "a2 [ 0002 [ ] \"t/#\" ]");
    scene_say(0, SCENE_SERVER, "b0 [ 0002 [ ] 00 ]");
    scene_say(0, SCENE_CLIENT, "82 [ 0003 [ ] \"t/#\" 01 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0003 [ ] 01 ]");
    g_assert_false(will_is_missed());

    /* it has unsubscribed */
    watch_will(1);
    scene_say(0, SCENE_CLIENT, "a2 [ 0002 [ ] \"t/#\" ]");
    both_close(1);
    g_assert_false(will_is_missed());
}

/* A message that looks like the Will, if the client's own copy was not captured. */
static void test_will_said_unseen(void)
{
    watch_will(1);
    scene_lose(1, SCENE_CLIENT, "30 [ \"t/1\" [ ] 'gone' ]");
    scene_say(1, SCENE_CLIENT, "e0 [ ]");
    both_close(1);
    scene_wait(2);
    scene_say(0, SCENE_SERVER, "30 [ \"t/1\" [ ] 'gone' ]");
    g_assert_cmpuint(scene_count(), ==, 0);

    watch_will(1);
    scene_say(1, SCENE_CLIENT, "e0 [ ]");
    both_close(1);
    scene_wait(2);
    scene_say(0, SCENE_SERVER, "30 [ \"t/1\" [ ] 'gone' ]");
    g_assert_true(scene_found(MQTT5_RULE_will_published_after_disconnect));
}

/* The second connection takes over the first: whether the Will is published depends on the
 * order. */
static void test_will_and_takeover(void)
{
    for (guint published = 0; published < 2; published++) {
        watch_will(1);
        scene_open(2, 1);
        scene_say(2, SCENE_CLIENT, "10 [ \"MQTT\" 05 0e 0000 [ ] \"c\" [ ] \"t/1\" \"gone\" ]");
        scene_say(2, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        scene_say(1, SCENE_SERVER, "e0 [ 8e ]");
        both_close(1);
        if (published) {
            scene_say(0, SCENE_SERVER, "30 [ \"t/1\" [ ] 'gone' ]");
            g_assert_cmpuint(scene_count(), ==, 0);
        }
        g_assert_false(will_is_missed());
    }
}

static void test_session_after_close(void)
{
    guint64 server;

    for (server = 1; server <= 2; server++) {
        scene_start();
        scene_open(0, 1);
        scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 11 0000012c ] \"c\" ]");
        scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        both_close(0);
        scene_wait(20);
        scene_open(1, server);
        scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
        scene_say(1, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        g_assert_cmpint(scene_found(MQTT5_RULE_session_lost), ==, server == 1);
    }
}

/* A refusal between the two connections changes nothing. */
static void test_session_after_refusal(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    both_close(0);
    scene_wait(20);
    scene_open(1, 1);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"c\" ]");
    scene_say(1, SCENE_SERVER, "20 [ 00 87 [ ] ]");
    scene_close(1, SCENE_SERVER, FALSE);
    scene_open(2, 1);
    scene_say(2, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(2, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    g_assert_true(scene_found(MQTT5_RULE_session_lost));
}

static void test_session_after_restart(void)
{
    /* A server that closes a connection by itself may have been restarted. */
    scene_start();
    scene_open(0, 1);
    scene_open(1, 1);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"other\" ]");
    scene_say(1, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    both_close(0);
    scene_close(1, SCENE_SERVER, FALSE);
    scene_wait(20);
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    g_assert_cmpuint(scene_count(), ==, 0);
}

static void test_session_end_unseen(void)
{
    static const char *const answers[] = {"20 [ 00 00 [ ] ]", "20 [ 01 00 [ ] ]"};

    for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
        /* no end */
        scene_start();
        scene_open(0, 1);
        say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ %s ] \"c\" ]", i ? "" : "11 0000012c");
        scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        scene_wait(20);
        scene_open(1, 1);
        scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
        scene_say(1, SCENE_SERVER, answers[i]);
        g_assert_cmpuint(scene_count(), ==, 0);
        /* bytes that are missing may have been a DISCONNECT with another Session Expiry Interval */
        scene_start();
        scene_open(0, 1);
        say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ %s ] \"c\" ]", i ? "" : "11 0000012c");
        scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        scene_lose(0, SCENE_CLIENT, "e0 [ 00 [ 11 00000000 ] ]");
        both_close(0);
        scene_wait(20);
        scene_open(1, 1);
        scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
        scene_say(1, SCENE_SERVER, answers[i]);
        g_assert_cmpuint(scene_count(), ==, 0);
    }
}

/* A second connection with the same Client Identifier, and what the first one does then. */
static void take_over(guint64 server)
{
    scene_start();
    for (guint i = 0; i < 2; i++) {
        scene_open(i, i ? server : 1);
        scene_say(i, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"twin\" ]");
        scene_say(i, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        scene_wait(5);
    }
}

static void test_takeover(void)
{
    take_over(1);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    g_assert_cmpuint(scene_count(), ==, 0);
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_client_id_in_use));

    /* late, but it closes */
    take_over(1);
    scene_wait(30);
    scene_say(0, SCENE_SERVER, "e0 [ 8e ]");
    g_assert_false(scene_found(MQTT5_RULE_client_id_in_use));
    both_close(0);
    g_assert_cmpuint(scene_count(), ==, 0);

    /* an answer that was on its way */
    take_over(1);
    scene_wait(-5);
    scene_say(0, SCENE_CLIENT, "32 [ \"t\" 0001 [ ] 'x' ]");
    scene_wait(8);
    scene_say(0, SCENE_SERVER, "40 [ 0001 ]");
    g_assert_cmpuint(scene_count(), ==, 0);

    /* the older connection had already ended */
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"twin\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_say(0, SCENE_CLIENT, "e0 [ ]");
    scene_open(1, 1);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"twin\" ]");
    scene_say(1, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_wait(20);
    scene_say(0, SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_client_id_in_use));

    take_over(2);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    scene_say(0, SCENE_SERVER, "d0 [ ]");
    g_assert_cmpuint(scene_count(), ==, 0);
}

/* The frame of the CONNECT that took over from connection `number`; 0: none. */
static guint32 successor_of(unsigned number)
{
    const mqtt5_capture_link *found = mqtt5_capture_successor(scene_connection(number)->link, scene.now);

    return found ? found->connect_frame : 0;
}

/* The cause of DISCONNECT 0x8E: the connection that was accepted last, or is about to be. */
static void test_successor(void)
{
    guint32 pending;

    g_assert_null(mqtt5_capture_successor(NULL, 0));
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ 12 \"given\" ] ]");
    g_assert_cmpuint(successor_of(0), ==, 0);
    scene_open(1, 1);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"given\" ]");
    pending = scene.frame;
    g_assert_cmpuint(successor_of(0), ==, pending);
    scene_open(2, 1);
    scene_say(2, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"given\" ]");
    g_assert_cmpuint(successor_of(0), ==, pending);
    g_assert_cmpuint(successor_of(2), ==, 0);
    scene_say(1, SCENE_SERVER, "20 [ 00 86 [ ] ]");
    g_assert_cmpuint(successor_of(0), ==, pending + 1);
    scene_say(2, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    g_assert_cmpuint(successor_of(0), ==, pending + 1);
    g_assert_false(mqtt5_capture_has_namesake(scene_connection(0)->link));
    scene_open(3, 1);
    scene_say(3, SCENE_CLIENT, "10 [ \"MQTT\" 05 82 0000 [ ] \"given\" \"other\" ]");
    scene_say(3, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    g_assert_cmpuint(successor_of(0), ==, pending + 1);
    g_assert_true(mqtt5_capture_has_namesake(scene_connection(0)->link));
}

/* Many connections of one client, with a Will that is always the same, then of as many clients. */
static void test_many_connections(void)
{
    gint64 begun = g_get_monotonic_time();

    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"watcher\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_say(0, SCENE_CLIENT, "82 [ 0001 [ ] \"t/#\" 01 ]");
    scene_say(0, SCENE_SERVER, "90 [ 0001 [ ] 01 ]");
    for (guint i = 0; i < MANY; i++) {
        scene_open(1, 1);
        if (i % 2)
            scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 0e 0000 [ ] \"c\" [ ] \"t/1\" \"gone\" ]");
        else
            say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 0e 0000 [ ] \"c%u\" [ ] \"t/%u\" \"gone\" ]", i, i);
        scene_say(1, SCENE_SERVER, "20 [ 00 00 [ ] ]");
        g_assert_cmpuint(scene_count(), ==, 0);
        if (i % 3)
            scene_say(1, SCENE_CLIENT, "e0 [ ]");
        both_close(1);
        g_assert_cmpuint(scene_count(), ==, 0);
    }
    g_assert_cmpint(g_get_monotonic_time() - begun, <, 60 * G_USEC_PER_SEC);
}

#define MESSAGES 150000

/* Connection 0 publishes what connection 1 has subscribed to. */
static void publisher_and_subscriber(void)
{
    scene_start();
    for (guint i = 0; i < 2; i++) {
        scene_open(i, 1);
        say(i, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"c%u\" ]", i);
        scene_say(i, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    }
    scene_say(1, SCENE_CLIENT, "82 [ 0001 [ ] \"t/#\" 00 ]");
    scene_say(1, SCENE_SERVER, "90 [ 0001 [ ] 00 ]");
}

/* Messages that were forgotten long ago match nothing; the last ones still do. */
static void test_many_messages(void)
{
    guint forgotten = 0;

    publisher_and_subscriber();
    for (guint i = 0; i < MESSAGES; i++) {
        say(0, SCENE_CLIENT, "30 [ \"t/%u\" [ 03 \"a\" ] 'message %u' ]", i % 7, i);
        if (scene_found(MQTT5_RULE_evidence_missing))
            forgotten = ++forgotten == 1 && i > 65536 ? 1 : 2;
    }
    g_assert_cmpuint(forgotten, ==, 1); /* it is said once */
    scene_say(1, SCENE_SERVER, "30 [ \"t/0\" [ 03 \"b\" ] 'message 7' ]");
    g_assert_cmpuint(scene_count(), ==, 0);
    say(1, SCENE_SERVER, "30 [ \"t/%u\" [ 03 \"b\" ] 'message %u' ]", (MESSAGES - 60000) % 7, MESSAGES - 60000);
    g_assert_true(scene_found(MQTT5_RULE_forward_property_changed));
    say(1, SCENE_SERVER, "30 [ \"t/%u\" [ 03 \"a\" ] 'message %u' ]", (MESSAGES - 1) % 7, MESSAGES - 1);
    /* What came before it is dropped. */
    g_assert_cmpuint(scene_count(), ==, scene_found(MQTT5_RULE_delivery_dropped));
}

/* The properties of old messages make room for those of new ones, though the messages are still known;
 * the last ones are compared. */
static void test_many_properties(void)
{
    gchar *text = g_strnfill(800, 'x');

    publisher_and_subscriber();
    for (guint i = 0; i < MESSAGES / 10; i++)
        say(0, SCENE_CLIENT, "30 [ \"t/%u\" [ 03 \"%s\" ] 'message %u' ]", i % 7, text, i);
    g_assert_false(scene_found(MQTT5_RULE_evidence_missing));
    scene_say(1, SCENE_SERVER, "30 [ \"t/0\" [ 03 \"b\" ] 'message 7' ]");
    g_assert_cmpuint(scene_count(), ==, 0);
    for (guint i = MESSAGES / 10 - 5000; i < MESSAGES / 10; i += 2) {
        say(1, SCENE_SERVER, "30 [ \"t/%u\" [ 03 \"%s\" ] 'message %u' ]", i % 7, text, i);
        g_assert_false(scene_found(MQTT5_RULE_forward_property_changed)); /* what came before it is dropped */
        say(1, SCENE_SERVER, "30 [ \"t/%u\" [ 03 \"%s!\" ] 'message %u' ]", (i + 1) % 7, text, i + 1);
        g_assert_true(scene_found(MQTT5_RULE_forward_property_changed));
    }
    g_free(text);
}

/* Messages that are sent again on the same connection belong to another rule, and an identifier
 * with another message is no redelivery. */
static void test_redelivery(void)
{
    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    scene_say(0, SCENE_CLIENT, "32 [ \"t\" 0001 [ ] 'x' ]");
    scene_say(0, SCENE_CLIENT, "32 [ \"t\" 0002 [ ] 'y' ]");
    scene_say(0, SCENE_CLIENT, "32 [ \"t\" 0001 [ ] 'x' ]");
    g_assert_false(scene_found(MQTT5_RULE_redelivery_without_dup));
    both_close(0);
    scene_open(1, 1);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(1, SCENE_SERVER, "20 [ 01 00 [ ] ]");
    scene_say(1, SCENE_CLIENT, "32 [ \"t\" 0001 [ ] 'z' ]");
    g_assert_false(scene_found(MQTT5_RULE_redelivery_without_dup));
    scene_say(1, SCENE_CLIENT, "32 [ \"t\" 0002 [ ] 'y' ]");
    g_assert_true(scene_found(MQTT5_RULE_redelivery_without_dup));
    scene_say(1, SCENE_CLIENT, "32 [ \"t\" 0002 [ ] 'y' ]");
    g_assert_false(scene_found(MQTT5_RULE_redelivery_without_dup));
}

/* Messages in flight, one of them answered, are all remembered. */
static void check_redelivery(unsigned first, unsigned step, unsigned many)
{
    unsigned answered = first + many / 2 * step;

    scene_start();
    scene_open(0, 1);
    scene_say(0, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(0, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    for (unsigned id = first; id < first + many * step; id += step)
        say(0, SCENE_CLIENT, "32 [ \"t\" %04x [ ] 'message %u' ]", id, id);
    say(0, SCENE_SERVER, "40 [ %04x ]", answered);
    scene_say(0, SCENE_CLIENT, "c0 [ ]");
    both_close(0);
    scene_open(1, 1);
    scene_say(1, SCENE_CLIENT, "10 [ \"MQTT\" 05 00 0000 [ 11 0000012c ] \"c\" ]");
    scene_say(1, SCENE_SERVER, "20 [ 01 00 [ ] ]");
    for (unsigned id = first; id < first + many * step; id += step) {
        say(1, SCENE_CLIENT, "32 [ \"t\" %04x [ ] 'message %u' ]", id, id);
        g_assert_true(scene_found(MQTT5_RULE_redelivery_without_dup) == (id != answered));
    }
}

static void test_redelivery_of_many(void)
{
    check_redelivery(17, 1, 100);
    check_redelivery(65400, 1, 100);
    check_redelivery(16, 8, 16);
}

/* A second SUBSCRIBE with the same filter replaces the first. */
static void test_subscribed_again(void)
{
    scene_start();
    for (guint i = 0; i < 2; i++) {
        scene_open(i, 1);
        say(i, SCENE_CLIENT, "10 [ \"MQTT\" 05 02 0000 [ ] \"c%u\" ]", i);
        scene_say(i, SCENE_SERVER, "20 [ 00 00 [ ] ]");
    }
    for (guint i = 0; i < 2; i++) {
        say(1, SCENE_CLIENT, "82 [ 000%u [ ] \"t/#\" %02x ]", i + 1, i);
        say(1, SCENE_SERVER, "90 [ 000%u [ ] %02x ]", i + 1, i);
    }
    scene_wait(2);
    scene_say(0, SCENE_CLIENT, "32 [ \"t/1\" 0001 [ ] 'x' ]");
    scene_say(1, SCENE_SERVER, "30 [ \"t/1\" [ ] 'x' ]");
    g_assert_true(scene_found(MQTT5_RULE_forward_qos_lowered));
}

/* With more subscriptions than are kept, nothing is known about any. */
static void test_many_subscriptions(void)
{
    watch_will(1);
    for (guint i = 0; i < 100; i++) {
        say(0, SCENE_CLIENT, "82 [ %04x [ ] \"u/%u\" 01 ]", i + 2, i);
        say(0, SCENE_SERVER, "90 [ %04x [ ] 01 ]", i + 2);
        g_assert_cmpuint(scene_count(), ==, 0);
    }
    both_close(1);
    g_assert_false(will_is_missed());
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture/will", test_will_after_close);
    g_test_add_func("/capture/will-said", test_will_said_unseen);
    g_test_add_func("/capture/will-takeover", test_will_and_takeover);
    g_test_add_func("/capture/session", test_session_after_close);
    g_test_add_func("/capture/session-refusal", test_session_after_refusal);
    g_test_add_func("/capture/session-restart", test_session_after_restart);
    g_test_add_func("/capture/session-unseen", test_session_end_unseen);
    g_test_add_func("/capture/takeover", test_takeover);
    g_test_add_func("/capture/successor", test_successor);
    g_test_add_func("/capture/many-connections", test_many_connections);
    g_test_add_func("/capture/many-messages", test_many_messages);
    g_test_add_func("/capture/many-properties", test_many_properties);
    g_test_add_func("/capture/redelivery", test_redelivery);
    g_test_add_func("/capture/redelivery-of-many", test_redelivery_of_many);
    g_test_add_func("/capture/subscribed-again", test_subscribed_again);
    g_test_add_func("/capture/many-subscriptions", test_many_subscriptions);
    result = g_test_run();
    scene_end();
    return result;
}
