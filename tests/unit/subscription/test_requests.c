/* test_requests.c
 * Topic Aliases and subscriptions on whole connections: findings, no false findings, and linear
 * time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "notation.h"
#include "scene.h"
#include "core/packet/decode.h"
#include "core/subscription/subscription.h"
#include "core/session/modules.h"
#include "core/standard/topic.h"

static void start(void)
{
    scene_start();
    scene_open(0, 1);
}

/* A new connection of MQTT 5 without an earlier session, on which both sides accept aliases up to
 * 100. */
static void start_fresh(void)
{
    start();
    client("10 [ \"MQTT\" 05 02 003c [ 22 0064 ] \"c\" ]");
    server("20 [ 00 00 [ 22 0064 ] ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
}

#define assert_found(rule) g_assert_true(mqtt5_findings_has(&scene.findings, MQTT5_RULE_##rule))
#define assert_silent() g_assert_cmpint(mqtt5_findings_worst(&scene.findings), ==, MQTT5_SEVERITY_CHAT)

/* --- Topic Aliases --- */

static void test_alias_directions(void)
{
    start_fresh();
    client("30 [ \"a\" [ 23 0001 ] ]");
    client("30 [ \"\" [ 23 0001 ] ]");
    assert_silent();
    client("82 [ 0001 [ ] \"b\" 00 ]");
    server("30 [ \"\" [ 23 0001 ] ]");
    assert_found(topic_alias_unknown);
    server("30 [ \"b\" [ 23 0001 ] ]");
    assert_silent();
    /* the server's alias 1 is b, which has a subscription; that of the client has none */
    server("30 [ \"\" [ 23 0001 ] ]");
    assert_silent();
    server("30 [ \"a\" [ 23 0001 ] ]");
    assert_found(delivery_unsubscribed);
}

static void test_alias_replaced(void)
{
    start_fresh();
    client("82 [ 0001 [ ] \"a\" 00 \"a/long/name\" 00 ]");
    for (int i = 0; i < 3; i++) {
        server("30 [ \"a\" [ 23 0064 ] ]");
        server("30 [ \"\" [ 23 0064 ] ]");
        assert_silent();
        server("30 [ \"a/long/name\" [ 23 0064 ] ]");
        server("30 [ \"\" [ 23 0064 ] ]");
        assert_silent();
    }
    server("30 [ \"a/long\" [ 23 0064 ] ]");
    assert_found(delivery_unsubscribed);
}

/* After a gap, aliases from before it are unknown; aliases that are set after it are known. */
static void test_alias_gap(void)
{
    start_fresh();
    client("30 [ \"a\" [ 23 0001 ] ]");
    scene_gap(0, SCENE_CLIENT);
    client("30 [ \"\" [ 23 0001 ] ]");
    assert_silent();
    client("30 [ \"\" [ 23 0002 ] ]");
    assert_silent();
    client("30 [ \"b\" [ 23 0002 ] ]");
    client("30 [ \"\" [ 23 0002 ] ]");
    assert_silent();
    /* limits still apply */
    client("30 [ \"c\" [ 23 0065 ] ]");
    assert_found(topic_alias_above_maximum);
    /* the server's side is complete */
    server("30 [ \"\" [ 23 0001 ] ]");
    assert_found(topic_alias_unknown);
}

/* What the modules know about a PUBLISH, as if it came next. */
static mqtt5_event ask(mqtt5_sender sender, const char *text, gboolean gap, gboolean peer_gap)
{
    static GByteArray *bytes;
    static mqtt5_input input;
    static mqtt5_facts facts;
    mqtt5_event event = {.connection = scene_connection(0),
                         .input = &input,
                         .packet = &scene.packet,
                         .sender = sender,
                         .findings = &scene.findings,
                         .facts = &facts};

    if (bytes)
        g_byte_array_unref(bytes);
    bytes = notation_bytes("%s", text);
    input = (mqtt5_input){.gap = gap, .peer_gap = peer_gap, .frame = scene.frame, .time = scene.now};
    mqtt5_findings_init(&scene.findings, MQTT5_PUBLISH, sender, MQTT5_VERSION_5);
    mqtt5_decode(&scene.packet, bytes->data, bytes->len, bytes->len, 5, &scene.findings);
    mqtt5_alias_see(&event);
    mqtt5_subscription_see(&event);
    return event;
}

static void test_event(void)
{
    static const char by_alias[] = "32 [ \"\" 0001 [ 23 0001 ] 'x' ]";
    mqtt5_event event;

    start_fresh();
    client("82 [ 0001 [ ] \"$share/g/a/+\" 02 \"a/b\" 00 ]");
    server("90 [ 0001 [ ] 01 00 ]");
    server("30 [ \"a/b\" [ 23 0001 ] ]");
    client("30 [ \"x\" [ 23 0001 ] ]");
    event = ask(MQTT5_SERVER, by_alias, FALSE, FALSE);
    g_assert_true(event.topic_known);
    g_assert_cmpmem(event.topic, event.topic_length, "a/b", 3);
    g_assert_cmpuint(event.matched, ==, 2);
    g_assert_cmpuint(event.granted_qos, ==, 1);
    g_assert_cmpmem(event.matched_filter, event.matched_filter_length, "a/b", 3);
    event = ask(MQTT5_SERVER, "30 [ \"a/c\" [ ] ]", FALSE, FALSE);
    g_assert_cmpuint(event.matched, ==, 1);
    g_assert_cmpmem(event.matched_filter, event.matched_filter_length, "$share/g/a/+", 12);
    event = ask(MQTT5_SERVER, "30 [ \"c\" [ ] ]", FALSE, FALSE);
    g_assert_cmpuint(event.matched, ==, 0);
    event = ask(MQTT5_CLIENT, by_alias, FALSE, FALSE);
    g_assert_cmpmem(event.topic, event.topic_length, "x", 1);
    /* a gap before the packet, or one that the other side's acknowledgment shows */
    g_assert_false(ask(MQTT5_SERVER, by_alias, TRUE, FALSE).topic_known);
    g_assert_true(ask(MQTT5_CLIENT, by_alias, FALSE, FALSE).topic_known);
    ask(MQTT5_SERVER, "30 [ \"a/b\" [ 23 0001 ] ]", FALSE, TRUE);
    g_assert_true(ask(MQTT5_SERVER, by_alias, FALSE, FALSE).topic_known);
    g_assert_false(ask(MQTT5_CLIENT, by_alias, FALSE, FALSE).topic_known);
}

static void test_alias_every(void)
{
    start();
    client("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    server("20 [ 00 00 [ 22 ffff ] ]");
    for (guint i = 1; i <= 65535; i++)
        client("30 [ \"t/%u\" [ 23 %04x ] ]", i, i);
    for (guint i = 65535; i >= 1; i--) {
        client("30 [ \"\" [ 23 %04x ] ]", i);
        assert_silent();
    }
}

/* --- Subscriptions --- */

static const mqtt5_match *match(const char *topic)
{
    static mqtt5_match result;

    mqtt5_subscriptions_match(scene_connection(0)->subscriptions, (const guint8 *)topic, (guint32)strlen(topic), &result);
    return &result;
}

static void test_matches(void)
{
    start_fresh();
    client("82 [ 0001 [ ] \"a/b\" 00 \"a/+\" 01 \"$share/g/#\" 02 \"x\" 02 ]");
    g_assert_cmpuint(match("a/b")->count, ==, 3);
    g_assert_cmpint(match("a/b")->highest_qos, ==, 2); /* asked for */
    server("90 [ 0001 [ ] 00 01 00 80 ]");
    g_assert_cmpint(match("a/b")->highest_qos, ==, 1);
    g_assert_cmpmem(match("a/b")->filters[0]->text, match("a/b")->filters[0]->length, "a/b", 3);
    g_assert_true(match("a/b")->unshared);
    g_assert_cmpuint(match("z")->count, ==, 1);
    g_assert_false(match("z")->unshared);
    g_assert_cmpuint(match("x")->count, ==, 1); /* refused, but # matches */
    g_assert_cmpuint(match("$SYS")->total, ==, 0);
    client("a2 [ 0002 [ ] \"a/b\" \"$share/g/#\" ]");
    g_assert_cmpuint(match("a/b")->count, ==, 3);
    server("b0 [ 0002 [ ] 00 00 ]");
    g_assert_cmpuint(match("a/b")->count, ==, 1);
    g_assert_cmpuint(match("a/b")->total, ==, 3);
    g_assert_cmpmem(match("a/b")->filters[0]->text, match("a/b")->filters[0]->length, "a/+", 3);
    g_assert_cmpuint(match("z")->count, ==, 0);
    /* a shared subscription is not matched as a filter */
    g_assert_cmpuint(match("$share/g/#")->count, ==, 0);
}

/* Filters one by one, against the straightforward way to match them. */
static void test_matches_plainly(void)
{
    static const char *const filters[] = {"#",           "+",    "/#",   "/+",           "+/+",        "+/#",        "+/",
                                          "a/#",         "a/+",  "a//#", "a/+/b",        "a/+/#",      "+/b",        "+/+/+",
                                          "a/b/+",       "ab/#", "$a/#", "$a/+",         "a/+/",       "+/+/b",      "a/b/#",
                                          "//+",         "+//+", "a/+b", "$share/g/a/b", "$share/g/#", "$share/g/a", "$share/g/+/b",
                                          "$share/g/a/#"};
    static const char *const topics[] = {"a",    "b",     "/",    "//",    "a/",      "/a", "a/b", "ab",   "abc",    "ab/", "a/bb",
                                         "a/b/", "a/b/b", "a//b", "a/x/b", "a/x/y/b", "$a", "$a/", "$a/b", "$a/b/c", "a/$", "///"};

    for (guint i = 0; i < G_N_ELEMENTS(filters); i++) {
        const guint8 *filter = (const guint8 *)filters[i];
        guint32 length = (guint32)strlen(filters[i]), body = mqtt5_topic_filter_body(filter, length);

        if (mqtt5_topic_filter_check(filter, length, TRUE) != MQTT5_TOPIC_FILTER_VALID)
            continue;
        start_fresh();
        client("82 [ 0001 [ ] \"%s\" 00 ]", filters[i]);
        for (guint j = 0; j < G_N_ELEMENTS(topics); j++) {
            guint expected = mqtt5_topic_matches(filter + body, length - body, (const guint8 *)topics[j], (guint32)strlen(topics[j]));

            if (match(topics[j])->count != expected)
                g_error("%s and %s", filters[i], topics[j]);
        }
    }
}

/* After something that is not understood, the rules stay silent. */
static void test_unknown(void)
{
    static const char *const spoilers[][2] = {
        {"82 [ 0001 [ ] \"a\" 00 \"b\" 00 ]", "90 [ 0001 [ ] 00 ]"}, /* not all codes */
        {"82 [ 0001 [ ] \"a\" 00 ]", "90 [ 0002 [ ] 00 ]"},          /* for another request */
        {"82 [ 0001 [ ] \"a\" 00 ]", "b0 [ 0001 [ ] 00 ]"},          /* of another kind */
        {"82 [ 0001 [ ] \"a/#/b\" 00 ]", "90 [ 0001 [ ] 00 ]"},      /* a filter that is not valid */
        {"82 [ 0001 [ ] \"a\" ]", "90 [ 0001 [ ] 00 ]"},             /* malformed */
        {"82 [ 0001 [ 7f ] \"a\" 00 ]", "90 [ 0001 [ ] 00 ]"},       /* a property that nobody knows */
    };

    for (guint i = 0; i < G_N_ELEMENTS(spoilers); i++) {
        start_fresh();
        client("%s", spoilers[i][0]);
        server("%s", spoilers[i][1]);
        server("30 [ \"news\" [ 0b 05 ] ]");
        assert_silent();
    }
    start_fresh();
    client("82 [ 0001 [ ] \"a\" 00 ]");
    client("82 [ 0001 [ ] \"b\" 00 ]"); /* the identifier is not free */
    server("30 [ \"news\" [ ] ]");
    assert_silent();
    start_fresh();
    client("82 [ 0001 [ ] \"a\" 00 ]");
    scene_gap(0, SCENE_SERVER);
    server("90 [ 0001 [ ] 00 ]");
    server("30 [ \"news\" [ ] ]");
    assert_silent();
    /* the same without such a fault */
    start_fresh();
    client("82 [ 0001 [ ] \"a\" 00 ]");
    server("90 [ 0001 [ ] 00 ]");
    server("30 [ \"news\" [ 0b 05 ] ]");
    assert_found(delivery_unsubscribed);
    assert_found(subscription_identifier_unknown);
    server("38 [ \"other\" [ ] ]");
    g_assert_false(scene_found(MQTT5_RULE_delivery_unsubscribed)); /* reported only once */
}

static void test_old_versions(void)
{
    start();
    client("10 [ \"MQTT\" 04 02 003c \"c\" ]");
    server("20 [ 00 00 ]");
    client("82 [ 0001 \"a\" 00 ]");
    server("90 [ 0001 00 ]");
    server("31 [ \"a\" 'x' ]");
    assert_silent();
    server("32 [ \"a\" 0001 'x' ]");
    assert_found(delivery_qos_above_granted);
    g_assert_cmpstr(scene.findings.items[0].clause, ==, "MQTT-3.8.4-6");
    /* MQTT 3.1 has no numbered statements, and no such rule */
    start();
    client("10 [ \"MQIsdp\" 03 02 003c \"c\" ]");
    server("20 [ 00 00 ]");
    server("30 [ \"a\" 'x' ]");
    assert_silent();
}

/* Many identifiers of one filter: those that are no longer kept are not reported as wrong. */
static void test_identifiers_many(void)
{
    start_fresh();
    for (guint i = 1; i <= 10; i++) {
        client("82 [ %04x [ 0b %02x ] \"a\" 00 ]", i, i);
        server("90 [ %04x [ ] 00 ]", i);
        server("30 [ \"a\" [ 0b %02x ] ]", i);
        assert_silent();
    }
    server("30 [ \"a\" [ 0b 01 ] ]");
    assert_silent();
    server("30 [ \"a\" [ 0b 0b ] ]");
    assert_found(subscription_identifier_unknown);
    /* a packet full of identifiers */
    {
        GByteArray *bytes = g_byte_array_new(), *body = g_byte_array_new();
        guint8 head = 0x30;

        g_byte_array_append(body, (const guint8 *)"\0\1a", 3);
        notation_add_variable_byte_integer(body, 2 * 100000);
        for (guint i = 0; i < 100000; i++)
            g_byte_array_append(body, (const guint8 *)"\x0b\x63", 2);
        g_byte_array_append(bytes, &head, 1);
        notation_add_variable_byte_integer(bytes, body->len);
        g_byte_array_append(bytes, body->data, body->len);
        scene_say_bytes(0, SCENE_SERVER, bytes->data, bytes->len);
        assert_silent();
        g_byte_array_unref(bytes);
        g_byte_array_unref(body);
    }
}

/* --- Bounds --- */

/* A SUBSCRIBE of `count` filters made of `form` and a number. */
static void subscribe_many(guint16 packet_id, guint count, const char *form)
{
    GByteArray *body = g_byte_array_new(), *bytes = g_byte_array_new();
    guint8 head = 0x82, none = 0;

    notation_add_number(body, packet_id, 2);
    g_byte_array_append(body, &none, 1);
    for (guint i = 0; i < count; i++) {
        char *filter = g_strdup_printf("%s%u", form, i);

        notation_add_number(body, strlen(filter), 2);
        g_byte_array_append(body, (const guint8 *)filter, (guint)strlen(filter));
        g_byte_array_append(body, &none, 1);
        g_free(filter);
    }
    g_byte_array_append(bytes, &head, 1);
    notation_add_variable_byte_integer(bytes, body->len);
    g_byte_array_append(bytes, body->data, body->len);
    scene_say_bytes(0, SCENE_CLIENT, bytes->data, bytes->len);
    g_byte_array_unref(body);
    g_byte_array_unref(bytes);
}

static void test_linear(void)
{
    guint64 before;

    start_fresh();
    subscribe_many(1, 100000, "t/");
    g_assert_false(scene_connection(0)->subscriptions->unknown);
    g_assert_cmpuint(scene_connection(0)->subscriptions->work, <, 4 * 100000);
    before = scene_connection(0)->subscriptions->work;
    for (guint i = 0; i < 1000; i++) {
        server("30 [ \"t/%u\" [ ] ]", i);
        assert_silent();
    }
    g_assert_cmpuint(scene_connection(0)->subscriptions->work - before, <=, 2 * 1000);
    server("30 [ \"t/100000\" [ ] ]");
    assert_found(delivery_unsubscribed);
    /* the same again is found, not added */
    before = scene_connection(0)->subscriptions->work;
    subscribe_many(2, 100000, "t/");
    g_assert_cmpuint(scene_connection(0)->subscriptions->work - before, <, 2 * 100000);
    /* the number of filters that are kept is limited */
    subscribe_many(3, 100000, "u/");
    g_assert_true(scene_connection(0)->subscriptions->unknown);
    g_assert_null(scene_connection(0)->subscriptions->filters);
    server("30 [ \"v\" [ ] ]");
    assert_silent();
}

/* An answer with `count` times 0x00. */
static void answer_many(guint8 type, guint16 packet_id, guint count)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_append(bytes, &type, 1);
    notation_add_variable_byte_integer(bytes, 3 + count);
    notation_add_number(bytes, packet_id, 2);
    for (guint i = 0; i < 1 + count; i++)
        notation_add_number(bytes, 0, 1);
    scene_say_bytes(0, SCENE_SERVER, bytes->data, bytes->len);
    g_byte_array_unref(bytes);
}

/* Filters that are tried one by one are few. */
static void test_listed(void)
{
    guint64 before;

    start_fresh();
    subscribe_many(1, MQTT5_LISTED_MAX, "+/");
    answer_many(0x90, 1, MQTT5_LISTED_MAX);
    g_assert_false(scene_connection(0)->subscriptions->unknown);
    before = scene_connection(0)->subscriptions->work;
    server("30 [ \"x/0\" [ ] ]");
    assert_silent();
    g_assert_cmpuint(scene_connection(0)->subscriptions->work - before, <=, MQTT5_LISTED_MAX + 1);
    client("82 [ 0002 [ ] \"$share/g/a\" 00 ]");
    g_assert_true(scene_connection(0)->subscriptions->unknown);
    server("30 [ \"news\" [ ] ]");
    assert_silent();
}

/* Filters that were removed make room for new ones after a while. */
static void test_sweep(void)
{
    start_fresh();
    for (guint i = 0; i <= MQTT5_LISTED_MAX; i++) {
        g_assert_false(scene_connection(0)->subscriptions && scene_connection(0)->subscriptions->unknown);
        client("82 [ 0001 [ ] \"%u/+\" 00 ]", i);
        server("90 [ 0001 [ ] 00 ]");
        client("a2 [ 0002 [ ] \"%u/+\" ]", i);
        server("b0 [ 0002 [ ] 00 ]");
    }
    g_assert_true(scene_connection(0)->subscriptions->unknown); /* too soon */

    start_fresh();
    for (guint i = 0; i < 20 * MQTT5_LISTED_MAX; i++) {
        scene_wait(1);
        client("82 [ 0001 [ ] \"%u/+\" 00 \"plain/%u\" 00 ]", i, i);
        server("90 [ 0001 [ ] 00 00 ]");
        client("a2 [ 0002 [ ] \"%u/+\" \"plain/%u\" ]", i, i);
        server("b0 [ 0002 [ ] 00 00 ]");
        assert_silent();
    }
    g_assert_false(scene_connection(0)->subscriptions->unknown);
    g_assert_cmpuint(g_hash_table_size(scene_connection(0)->subscriptions->filters), <, 4096);
    g_assert_cmpuint(scene_connection(0)->subscriptions->work, <, 20 * MQTT5_LISTED_MAX * 16);
    server("30 [ \"news\" [ ] ]");
    assert_found(delivery_unsubscribed);
}

static void test_hash(void)
{
    mqtt5_hash_key key, other;
    guint8 data[64] = {0};

    mqtt5_hash_key_init(&key);
    mqtt5_hash_key_init(&other);
    for (guint32 i = 0; i < sizeof data; i++)
        for (guint32 j = 0; j < i; j++)
            g_assert_cmpuint(mqtt5_hash(&key, data, i), !=, mqtt5_hash(&key, data, j));
    g_assert_cmpuint(mqtt5_hash(&key, data, 9), ==, mqtt5_hash(&key, data + 1, 9));
    g_assert_cmpuint(mqtt5_hash(&key, data, 9), !=, mqtt5_hash(&other, data, 9));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/alias/directions", test_alias_directions);
    g_test_add_func("/session/alias/replaced", test_alias_replaced);
    g_test_add_func("/session/alias/gap", test_alias_gap);
    g_test_add_func("/session/alias/every", test_alias_every);
    g_test_add_func("/session/event", test_event);
    g_test_add_func("/session/subscription/matches", test_matches);
    g_test_add_func("/session/subscription/matches-plainly", test_matches_plainly);
    g_test_add_func("/session/subscription/unknown", test_unknown);
    g_test_add_func("/session/subscription/old-versions", test_old_versions);
    g_test_add_func("/session/subscription/identifiers-many", test_identifiers_many);
    g_test_add_func("/session/subscription/linear", test_linear);
    g_test_add_func("/session/subscription/listed", test_listed);
    g_test_add_func("/session/subscription/sweep", test_sweep);
    g_test_add_func("/hash", test_hash);
    int result = g_test_run();
    scene_end();
    return result;
}
