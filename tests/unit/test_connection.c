/* test_connection.c
 * Who is who on a connection, and which version it speaks: from what was seen, and unknown where nothing was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "connection.h"
#include "notation.h"

#define NO_PORT 2

static mqtt5_world *world;
static mqtt5_connection *connection;
static mqtt5_packet packet;
static mqtt5_verdict verdict;
static mqtt5_findings findings;
static guint8 port_hint, carrier;
static gboolean started, starts_late, heard[2], gap;

static void start(guint8 hint, guint default_version)
{
    if (world) {
        mqtt5_connection_free(connection);
        mqtt5_world_free(world);
    }
    world = mqtt5_world_new();
    connection = mqtt5_connection_new(world, default_version);
    port_hint = hint;
    started = heard[0] = heard[1] = FALSE;
}

/* The next packet of the connection. One that does not begin with CONNECT was there before the capture. */
static void say(guint8 direction, const char *text)
{
    static guint32 frame, sent[2] = {1000, 5000};
    static GByteArray *bytes;
    mqtt5_input input = {0};

    if (bytes)
        g_byte_array_unref(bytes);
    bytes = notation_bytes("%s", text);
    input.data = bytes->data;
    input.captured = input.length = bytes->len;
    input.frame = ++frame;
    input.time = frame * G_GINT64_CONSTANT(1000000);
    input.direction = direction;
    input.server_port_hint = port_hint;
    if (!started)
        starts_late = bytes->data[0] != 0x10;
    input.gap = gap || (starts_late && !heard[direction]);
    started = heard[direction] = TRUE;
    input.carrier = carrier;
    input.acks_known = true;
    input.acks = sent[!direction];
    input.position = sent[direction] += bytes->len;
    mqtt5_connection_judge(connection, &input, &packet, &verdict, &findings);
    g_assert_cmpuint(verdict.type, ==, bytes->data[0] >> 4);
}

static gboolean found(mqtt5_rule_id rule)
{
    return mqtt5_findings_has(&findings, rule);
}

static void test_connect_tells(void)
{
    /* the port says otherwise, but CONNECT is the client's */
    start(0, 0);
    say(0, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_CLIENT);
    g_assert_cmpint(verdict.version, ==, 5);
    g_assert_cmpint(verdict.version_source, ==, MQTT5_VERSION_SOURCE_CONNECT);
    say(1, "20 [ 00 00 [ ] ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_SERVER);
    g_assert_cmpint(verdict.version, ==, 5);
    g_assert_cmpuint(findings.count, ==, 0);
    say(0, "e0 [ 8e ]");
    g_assert_true(found(MQTT5_RULE_REASON_CODE_WRONG_SENDER));
}

static void test_server_packets_tell(void)
{
    static const char *const of_server[] = {"20 [ 00 00 [ ] ]", "90 [ 0001 [ ] 00 ]", "b0 [ 0001 [ ] 00 ]", "d0 [ ]"};
    static const char *const of_client[] = {"82 [ 0001 [ ] \"f\" 00 ]", "a2 [ 0001 [ ] \"f\" ]", "c0 [ ]"};

    for (guint i = 0; i < G_N_ELEMENTS(of_server); i++) {
        start(NO_PORT, 5);
        say(0, of_server[i]);
        g_assert_cmpint(verdict.sender, ==, MQTT5_SERVER);
        say(1, "e0 [ ]");
        g_assert_cmpint(verdict.sender, ==, MQTT5_CLIENT);
    }
    for (guint i = 0; i < G_N_ELEMENTS(of_client); i++) {
        start(NO_PORT, 5);
        say(0, of_client[i]);
        g_assert_cmpint(verdict.sender, ==, MQTT5_CLIENT);
        say(1, "e0 [ ]");
        g_assert_cmpint(verdict.sender, ==, MQTT5_SERVER);
    }
}

static void test_port_is_last_resort(void)
{
    start(1, 5);
    say(0, "40 [ 0001 ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_CLIENT);
    say(1, "40 [ 0001 ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_SERVER);
    start(0, 5);
    say(0, "40 [ 0001 ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_SERVER);
    /* until a packet of one side is seen */
    say(0, "c0 [ ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_CLIENT);
    say(0, "40 [ 0001 ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_CLIENT);
}

/* Nobody known: what either side may send is not held against anyone. */
static void test_nobody_known(void)
{
    start(NO_PORT, 5);
    say(0, "e0 [ 8e ]");
    g_assert_cmpint(verdict.sender, ==, MQTT5_SENDER_UNKNOWN);
    g_assert_false(found(MQTT5_RULE_REASON_CODE_WRONG_SENDER));
    say(0, "e0 [ ff ]");
    g_assert_true(found(MQTT5_RULE_REASON_CODE_UNKNOWN));
}

static void test_versions(void)
{
    start(1, 0);
    say(0, "10 [ \"MQTT\" 04 02 003c \"c\" ]");
    g_assert_cmpint(verdict.version, ==, 4);
    say(1, "20 [ 00 00 ]");
    g_assert_cmpint(verdict.version, ==, 4);
    g_assert_cmpuint(findings.count, ==, 0);

    start(1, 0);
    say(0, "10 [ \"MQIsdp\" 03 02 003c \"c\" ]");
    g_assert_cmpint(verdict.version, ==, 3);
    say(1, "90 [ 0001 80 ]");
    g_assert_true(found(MQTT5_RULE_RETURN_CODE_RESERVED));

    start(1, 0);
    say(0, "10 [ \"MQTT\" 84 02 003c \"c\" ]");
    g_assert_cmpint(verdict.version, ==, 4);

    /* a level that nobody knows: nothing after it is judged */
    start(1, 0);
    say(0, "10 [ \"MQTT\" 07 02 003c [ ] \"c\" ]");
    g_assert_cmpint(verdict.version, ==, 0);
    say(1, "20 [ 00 84 [ ] ]");
    g_assert_cmpint(mqtt5_findings_worst(&findings), <, MQTT5_SEVERITY_WARN);
    say(0, "e0 [ ff ]");
    g_assert_cmpuint(findings.count, ==, 0);
}

static void test_default_version(void)
{
    start(1, 5);
    say(0, "40 [ 0001 93 ]");
    g_assert_cmpint(verdict.version, ==, 5);
    g_assert_cmpint(verdict.version_source, ==, MQTT5_VERSION_SOURCE_PREFERENCE);
    g_assert_true(found(MQTT5_RULE_REASON_CODE_NOT_ALLOWED));
    /* CONNECT overrules it */
    start(1, 5);
    say(0, "10 [ \"MQTT\" 04 02 003c \"c\" ]");
    g_assert_cmpint(verdict.version, ==, 4);
    say(1, "20 [ 00 00 ]");
    g_assert_cmpuint(findings.count, ==, 0);
}

/* The capture starts late: packets that fit several versions leave it open. */
static void test_mid_stream_open(void)
{
    static const char *const either[] = {"30 [ \"t\" 00 'x' ]",  "c0 [ ]",           "40 [ 0001 ]", "e0 [ ]",
                                         "32 [ \"t\" 0001 00 ]", "90 [ 0001 00 00 ]"};

    for (guint i = 0; i < G_N_ELEMENTS(either); i++) {
        start(1, 0);
        say(0, either[i]);
        g_assert_cmpint(verdict.version, ==, 0);
        g_assert_cmpint(verdict.version_source, ==, MQTT5_VERSION_SOURCE_NONE);
        g_assert_cmpint(mqtt5_findings_worst(&findings), <, MQTT5_SEVERITY_NOTE);
    }
}

/* ... and a packet that fits one only settles it, with a word about it the first time. */
static void test_mid_stream_inferred(void)
{
    start(NO_PORT, 0);
    say(0, "40 [ 0001 10 ]");
    g_assert_cmpint(verdict.version, ==, 5);
    g_assert_cmpint(verdict.version_source, ==, MQTT5_VERSION_SOURCE_INFERRED);
    g_assert_true(found(MQTT5_RULE_VERSION_ASSUMED));
    say(0, "40 [ 0002 10 ]");
    g_assert_cmpuint(findings.count, ==, 0);

    start(NO_PORT, 0);
    say(0, "82 [ 0001 \"a/b\" 00 ]");
    g_assert_cmpint(verdict.version, ==, 4);
    say(1, "90 [ 0001 00 ]");
    g_assert_cmpuint(findings.count, ==, 0);
    say(0, "30 [ \"a/b\" 'hello' ]");
    g_assert_cmpuint(findings.count, ==, 0);
}

/* A packet that breaks a rule of MQTT 5 does not turn the connection into 3.1.1, nor the reverse, once CONNECT was seen. */
static void test_faults_do_not_change_version(void)
{
    start(1, 0);
    say(0, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    say(0, "82 [ 0001 \"a/b\" 00 ]");
    g_assert_cmpint(verdict.version, ==, 5);
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_ERROR);
    start(1, 0);
    say(0, "10 [ \"MQTT\" 04 02 003c \"c\" ]");
    say(1, "40 [ 0001 10 [ ] ]");
    g_assert_cmpint(verdict.version, ==, 4);
    g_assert_true(found(MQTT5_RULE_PACKET_MALFORMED));
}

/* What is missing from the capture is said on the first packet for which it is: once for each side, and for a packet that was cut. */
static void test_evidence(void)
{
    start(1, 5);
    say(0, "32 [ \"t\" 0001 [ ] 'x' ]");
    g_assert_true(found(MQTT5_RULE_EVIDENCE_MISSING) && strstr(findings.items[0].message, "begins within"));
    say(1, "40 [ 0001 ]");
    g_assert_cmpuint(findings.count, ==, 0);

    start(1, 0);
    say(0, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    say(1, "20 [ 00 00 [ ] ]");
    gap = TRUE;
    say(0, "c0 [ ]");
    g_assert_true(found(MQTT5_RULE_EVIDENCE_MISSING) && strstr(findings.items[0].message, "the client"));
    say(0, "c0 [ ]");
    g_assert_false(found(MQTT5_RULE_EVIDENCE_MISSING));
    say(1, "d0 [ ]");
    g_assert_true(found(MQTT5_RULE_EVIDENCE_MISSING) && strstr(findings.items[0].message, "the server"));
    gap = FALSE;
}

/* MQTT over WebSocket: each packet in a text frame, and a CONNECT without the sub-protocol; 3.1 is not bound. */
static void test_websocket(void)
{
    start(1, 0);
    carrier = MQTT5_CARRIER_TEXT | MQTT5_CARRIER_UNNAMED;
    say(0, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]");
    g_assert_true(found(MQTT5_RULE_WEBSOCKET_TEXT_FRAME));
    g_assert_true(found(MQTT5_RULE_WEBSOCKET_SUBPROTOCOL));
    carrier = MQTT5_CARRIER_UNNAMED;
    say(1, "20 [ 00 00 [ ] ]");
    g_assert_cmpuint(findings.count, ==, 0);
    carrier = MQTT5_CARRIER_TEXT;
    say(0, "c0 [ ]");
    g_assert_true(found(MQTT5_RULE_WEBSOCKET_TEXT_FRAME));
    start(1, 0);
    carrier = MQTT5_CARRIER_TEXT | MQTT5_CARRIER_UNNAMED;
    say(0, "10 [ \"MQIsdp\" 03 02 003c \"c\" ]");
    g_assert_cmpuint(findings.count, ==, 0);
    carrier = 0;
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
    g_test_add_func("/connection/faults", test_faults_do_not_change_version);
    return g_test_run();
}
