/* test_connection.c
 * Which side is the client, and which version the connection has: as the packets show it, and
 * unknown if they do not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "notation.h"
#include "scene.h"

/* A new connection whose server has its port at `port`; `default_version` is the preference. */
static void start(guint8 port, unsigned default_version)
{
    scene_start();
    scene_open_as(0, &(scene_setup){.port = port, .default_version = default_version});
}

static void test_connect_tells(void)
{
    /* the port says otherwise, but only a client sends CONNECT */
    start(SCENE_CLIENT, 0);
    client("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_CLIENT);
    g_assert_cmpint(scene.facts.version, ==, 5);
    g_assert_cmpint(scene.facts.version_source, ==, MQTT5_VERSION_SOURCE_CONNECT);
    server("20 [ 00 00 [ ] ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_SERVER);
    g_assert_cmpint(scene.facts.version, ==, 5);
    g_assert_cmpuint(scene.findings.count, ==, 0);
    client("e0 [ 8e ]");
    g_assert_true(scene_found(MQTT5_RULE_reason_code_wrong_sender));
}

static void test_server_packets_tell(void)
{
    static const char *const of_server[] = {"20 [ 00 00 [ ] ]", "90 [ 0001 [ ] 00 ]", "b0 [ 0001 [ ] 00 ]", "d0 [ ]"};
    static const char *const of_client[] = {"82 [ 0001 [ ] \"f\" 00 ]", "a2 [ 0001 [ ] \"f\" ]", "c0 [ ]"};

    for (guint i = 0; i < G_N_ELEMENTS(of_server); i++) {
        start(SCENE_NO_PORT, 5);
        client("%s", of_server[i]);
        g_assert_cmpint(scene.facts.sender, ==, MQTT5_SERVER);
        server("e0 [ ]");
        g_assert_cmpint(scene.facts.sender, ==, MQTT5_CLIENT);
    }
    for (guint i = 0; i < G_N_ELEMENTS(of_client); i++) {
        start(SCENE_NO_PORT, 5);
        client("%s", of_client[i]);
        g_assert_cmpint(scene.facts.sender, ==, MQTT5_CLIENT);
        server("e0 [ ]");
        g_assert_cmpint(scene.facts.sender, ==, MQTT5_SERVER);
    }
}

static void test_port_is_last_resort(void)
{
    start(SCENE_SERVER, 5);
    client("40 [ 0001 ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_CLIENT);
    server("40 [ 0001 ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_SERVER);
    start(SCENE_CLIENT, 5);
    client("40 [ 0001 ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_SERVER);
    /* until a packet shows the side */
    client("c0 [ ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_CLIENT);
    client("40 [ 0001 ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_CLIENT);
}

/* If the sender is unknown, what one side may send is no fault. */
static void test_nobody_known(void)
{
    start(SCENE_NO_PORT, 5);
    client("e0 [ 8e ]");
    g_assert_cmpint(scene.facts.sender, ==, MQTT5_SENDER_UNKNOWN);
    g_assert_false(scene_found(MQTT5_RULE_reason_code_wrong_sender));
    client("e0 [ ff ]");
    g_assert_true(scene_found(MQTT5_RULE_reason_code_unknown));
}

static void test_versions(void)
{
    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 04 02 003c \"c\" ]");
    g_assert_cmpint(scene.facts.version, ==, 4);
    server("20 [ 00 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 4);
    g_assert_cmpuint(scene.findings.count, ==, 0);

    start(SCENE_SERVER, 0);
    client("10 [ \"MQIsdp\" 03 02 003c \"c\" ]");
    g_assert_cmpint(scene.facts.version, ==, 3);
    server("90 [ 0001 80 ]");
    g_assert_true(scene_found(MQTT5_RULE_return_code_reserved));

    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 84 02 003c \"c\" ]");
    g_assert_cmpint(scene.facts.version, ==, 4);

    /* a level that does not exist: nothing after it is judged */
    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 07 02 003c [ ] \"c\" ]");
    g_assert_cmpint(scene.facts.version, ==, 0);
    server("20 [ 00 84 [ ] ]");
    g_assert_cmpint(mqtt5_findings_worst(&scene.findings), <, MQTT5_SEVERITY_WARN);
    client("e0 [ ff ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
}

static void test_default_version(void)
{
    start(SCENE_SERVER, 5);
    client("40 [ 0001 93 ]");
    g_assert_cmpint(scene.facts.version, ==, 5);
    g_assert_cmpint(scene.facts.version_source, ==, MQTT5_VERSION_SOURCE_PREFERENCE);
    g_assert_true(scene_found(MQTT5_RULE_reason_code_not_allowed));
    /* CONNECT overrules it */
    start(SCENE_SERVER, 5);
    client("10 [ \"MQTT\" 04 02 003c \"c\" ]");
    g_assert_cmpint(scene.facts.version, ==, 4);
    server("20 [ 00 00 ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
}

/* The capture starts late: packets that fit several versions leave it open. */
static void test_mid_stream_open(void)
{
    static const char *const either[] = {"30 [ \"t\" 00 'x' ]",  "c0 [ ]",           "40 [ 0001 ]", "e0 [ ]",
                                         "32 [ \"t\" 0001 00 ]", "90 [ 0001 00 00 ]"};

    for (guint i = 0; i < G_N_ELEMENTS(either); i++) {
        start(SCENE_SERVER, 0);
        client("%s", either[i]);
        g_assert_cmpint(scene.facts.version, ==, 0);
        g_assert_cmpint(scene.facts.version_source, ==, MQTT5_VERSION_SOURCE_NONE);
        g_assert_cmpint(mqtt5_findings_worst(&scene.findings), <, MQTT5_SEVERITY_NOTE);
    }
}

/* ... and a packet that fits only one version settles it, with a remark the first time. */
static void test_mid_stream_inferred(void)
{
    start(SCENE_NO_PORT, 0);
    client("40 [ 0001 10 ]");
    g_assert_cmpint(scene.facts.version, ==, 5);
    g_assert_cmpint(scene.facts.version_source, ==, MQTT5_VERSION_SOURCE_INFERRED);
    g_assert_true(scene_found(MQTT5_RULE_version_assumed));
    client("40 [ 0002 10 ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);

    start(SCENE_NO_PORT, 0);
    client("82 [ 0001 \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 4);
    server("90 [ 0001 00 ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
    client("30 [ \"a/b\" 'hello' ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
}

/* Without CONNECT, what most packets say counts, and PUBLISH least. */
static void test_mid_stream_majority(void)
{
    start(SCENE_SERVER, 0);
    client("82 [ 0001 [ 0b 01 ] \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 5);
    for (guint i = 0; i < 10; i++) {
        client("30 [ \"a/b\" [ 12 \"c\" ] 'x' ]"); /* sound in 3.1.1 only */
        g_assert_cmpint(scene.facts.version, ==, 5);
        g_assert_true(scene_found(MQTT5_RULE_property_not_allowed));
    }
    client("82 [ 0002 \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 5);
    client("82 [ 0003 \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 4);

    /* a PUBLISH makes it 3.1.1, until something surer makes it 5.0 */
    start(SCENE_SERVER, 0);
    client("30 [ \"a/b\" [ 12 \"c\" ] 'x' ]");
    g_assert_cmpint(scene.facts.version, ==, 4);
    client("82 [ 0001 [ 0b 01 ] \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 5);

    /* DUP of PUBREL: 3.1 */
    start(SCENE_SERVER, 0);
    client("82 [ 0001 \"a/b\" 00 ]");
    client("6a [ 0001 ]");
    g_assert_cmpint(scene.facts.version, ==, 3);
    g_assert_false(scene_found(MQTT5_RULE_fixed_header_flags));
    client("82 [ 0001 \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 3);
}

static gboolean believed(guint8 direction, const char *text)
{
    GByteArray *bytes = notation_bytes("%s", text);
    mqtt5_input input = {.data = bytes->data, .captured = bytes->len, .length = bytes->len, .direction = direction};
    gboolean result = mqtt5_connection_believes(scene_connection(0), &input);

    g_byte_array_unref(bytes);
    return result;
}

/* Bytes that were found by searching are a packet if nothing contradicts it. */
static void test_believes(void)
{
    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    server("20 [ 00 00 [ ] ]");
    g_assert_true(believed(SCENE_SERVER, "30 [ \"t\" [ ] 'x' ]"));
    g_assert_true(believed(SCENE_CLIENT, "c0 [ ]"));
    g_assert_false(believed(SCENE_SERVER, "c0 [ ]"));
    g_assert_false(believed(SCENE_CLIENT, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]"));
    g_assert_false(believed(SCENE_CLIENT, "e0 [ ]"));
    g_assert_false(believed(SCENE_SERVER, "30 [ \"t\" [ 12 \"c\" ] 'x' ]"));
    g_assert_false(believed(SCENE_SERVER, "40 [ 0001 77 ]"));
}

/* After CONNECT was seen, a packet that breaks a rule of MQTT 5 does not turn the connection into
 * 3.1.1, nor the reverse. */
static void test_faults_do_not_change_version(void)
{
    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    client("82 [ 0001 \"a/b\" 00 ]");
    g_assert_cmpint(scene.facts.version, ==, 5);
    g_assert_cmpint(mqtt5_findings_worst(&scene.findings), ==, MQTT5_SEVERITY_ERROR);
    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 04 02 003c \"c\" ]");
    server("40 [ 0001 10 [ ] ]");
    g_assert_cmpint(scene.facts.version, ==, 4);
    g_assert_true(scene_found(MQTT5_RULE_packet_malformed));
}

/* The first packet that is affected says what is missing from the capture: once for each side, and
 * for a packet that was cut. */
static void test_evidence(void)
{
    start(SCENE_SERVER, 5);
    client("32 [ \"t\" 0001 [ ] 'x' ]");
    g_assert_true(scene_found(MQTT5_RULE_evidence_missing) && strstr(scene.findings.items[0].text, "begins within"));
    server("40 [ 0001 ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);

    start(SCENE_SERVER, 0);
    client("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    server("20 [ 00 00 [ ] ]");
    scene_gap(0, SCENE_CLIENT);
    client("c0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_evidence_missing) && strstr(scene.findings.items[0].text, "the client"));
    scene_gap(0, SCENE_CLIENT);
    client("c0 [ ]");
    g_assert_false(scene_found(MQTT5_RULE_evidence_missing));
    scene_gap(0, SCENE_SERVER);
    server("d0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_evidence_missing) && strstr(scene.findings.items[0].text, "the server"));
}

/* MQTT over WebSocket: each packet in a text frame, and a CONNECT without the sub-protocol. The
 * rules do not bind 3.1. */
static void test_websocket(void)
{
    start(SCENE_SERVER, 0);
    scene.websocket_faults = MQTT5_WEBSOCKET_TEXT | MQTT5_WEBSOCKET_UNNAMED;
    client("10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    g_assert_true(scene_found(MQTT5_RULE_websocket_text_frame));
    g_assert_true(scene_found(MQTT5_RULE_websocket_subprotocol));
    scene.websocket_faults = MQTT5_WEBSOCKET_UNNAMED;
    server("20 [ 00 00 [ ] ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
    scene.websocket_faults = MQTT5_WEBSOCKET_TEXT;
    client("c0 [ ]");
    g_assert_true(scene_found(MQTT5_RULE_websocket_text_frame));
    start(SCENE_SERVER, 0);
    scene.websocket_faults = MQTT5_WEBSOCKET_TEXT | MQTT5_WEBSOCKET_UNNAMED;
    client("10 [ \"MQIsdp\" 03 02 003c \"c\" ]");
    g_assert_cmpuint(scene.findings.count, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/connection/evidence", test_evidence);
    g_test_add_func("/connection/websocket", test_websocket);
    g_test_add_func("/connection/connect-tells", test_connect_tells);
    g_test_add_func("/connection/packets-tell", test_server_packets_tell);
    g_test_add_func("/connection/port", test_port_is_last_resort);
    g_test_add_func("/connection/nobody-known", test_nobody_known);
    g_test_add_func("/connection/versions", test_versions);
    g_test_add_func("/connection/default-version", test_default_version);
    g_test_add_func("/connection/mid-stream-open", test_mid_stream_open);
    g_test_add_func("/connection/mid-stream-inferred", test_mid_stream_inferred);
    g_test_add_func("/connection/mid-stream-majority", test_mid_stream_majority);
    g_test_add_func("/connection/believes", test_believes);
    g_test_add_func("/connection/faults", test_faults_do_not_change_version);
    int result = g_test_run();
    scene_end();
    return result;
}
