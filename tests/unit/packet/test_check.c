/* test_check.c
 * Rules about the fixed header, Packet Identifiers, CONNECT, CONNACK and AUTH: packets that break
 * each one, and packets that come close.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judged.h"

static void test_flags(void)
{
    static const struct {
        guint8 type, flags;
        const char *body;
    } packets[] = {
        {MQTT5_CONNECT, 0, "[ \"MQTT\" 05 02 003c [ ] \"c\" ]"},
        {MQTT5_CONNACK, 0, "[ 00 00 [ ] ]"},
        {MQTT5_PUBACK, 0, "[ 0001 ]"},
        {MQTT5_PUBREC, 0, "[ 0001 ]"},
        {MQTT5_PUBREL, 2, "[ 0001 ]"},
        {MQTT5_PUBCOMP, 0, "[ 0001 ]"},
        {MQTT5_SUBSCRIBE, 2, "[ 0001 [ ] \"f\" 00 ]"},
        {MQTT5_SUBACK, 0, "[ 0001 [ ] 00 ]"},
        {MQTT5_UNSUBSCRIBE, 2, "[ 0001 [ ] \"f\" ]"},
        {MQTT5_UNSUBACK, 0, "[ 0001 [ ] 00 ]"},
        {MQTT5_PINGREQ, 0, "[ ]"},
        {MQTT5_PINGRESP, 0, "[ ]"},
        {MQTT5_DISCONNECT, 0, "[ ]"},
        {MQTT5_AUTH, 0, "[ 18 [ 15 \"m\" ] ]"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(packets); i++)
        for (guint flags = 0; flags < 16; flags++)
            assert_rules(5, MQTT5_SENDER_UNKNOWN, flags == packets[i].flags ? "" : "fixed_header_flags", "%02x %s",
                         (guint)packets[i].type << 4 | flags, packets[i].body);
}

/* MQTT 3.1 repeats packets with DUP, and does not fix the unused flags; if the version is unknown,
 * it may be 3.1. */
static void test_flags_other_versions(void)
{
    assert_rules(3, MQTT5_CLIENT, "", "8a [ 0001 \"f\" 00 ]");
    assert_rules(3, MQTT5_CLIENT, "", "6a [ 0001 ]");
    assert_rules(3, MQTT5_CLIENT, "", "c8 [ ]");
    assert_rules(4, MQTT5_CLIENT, "fixed_header_flags", "8a [ 0001 \"f\" 00 ]");
    assert_rules(4, MQTT5_CLIENT, "fixed_header_flags", "c8 [ ]");
    assert_rules(0, MQTT5_CLIENT, "", "6a [ 0001 ]");
    assert_rules(0, MQTT5_CLIENT, "", "c8 [ ]");
}

static void test_publish_flags(void)
{
    for (guint flags = 0; flags < 16; flags++) {
        guint qos = flags >> 1 & 3;

        assert_rules(5, MQTT5_CLIENT,
                     qos == 3                ? "publish_qos_invalid"
                     : qos == 0 && flags & 8 ? "publish_dup_qos_0"
                                             : "",
                     "%02x [ \"t\" %s [ ] ]", 0x30 | flags, qos ? "0001" : "");
        assert_rules(4, MQTT5_SERVER,
                     qos == 3                ? "publish_qos_invalid"
                     : qos == 0 && flags & 8 ? "publish_dup_qos_0"
                                             : "",
                     "%02x [ \"t\" %s ]", 0x30 | flags, qos ? "0001" : "");
    }
}

static void test_sides(void)
{
    static const struct {
        const char *text;
        gboolean client, server;
    } packets[] = {
        {"10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", TRUE, FALSE},
        {"20 [ 00 00 [ ] ]", FALSE, TRUE},
        {"30 [ \"t\" [ ] ]", TRUE, TRUE},
        {"40 [ 0001 ]", TRUE, TRUE},
        {"50 [ 0001 ]", TRUE, TRUE},
        {"62 [ 0001 ]", TRUE, TRUE},
        {"70 [ 0001 ]", TRUE, TRUE},
        {"82 [ 0001 [ ] \"f\" 00 ]", TRUE, FALSE},
        {"90 [ 0001 [ ] 00 ]", FALSE, TRUE},
        {"a2 [ 0001 [ ] \"f\" ]", TRUE, FALSE},
        {"b0 [ 0001 [ ] 00 ]", FALSE, TRUE},
        {"c0 [ ]", TRUE, FALSE},
        {"d0 [ ]", FALSE, TRUE},
        {"e0 [ ]", TRUE, TRUE},
        {"f0 [ 18 [ 15 \"m\" ] ]", TRUE, TRUE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(packets); i++) {
        assert_rules(5, MQTT5_CLIENT, packets[i].client ? "" : "packet_type_wrong_sender", "%s", packets[i].text);
        assert_rules(5, MQTT5_SERVER, packets[i].server ? "" : "packet_type_wrong_sender", "%s", packets[i].text);
        assert_rules(5, MQTT5_SENDER_UNKNOWN, "", "%s", packets[i].text);
    }
    /* DISCONNECT from the server is new in MQTT 5 */
    assert_rules(4, MQTT5_SERVER, "packet_type_wrong_sender", "e0 [ ]");
    assert_rules(3, MQTT5_SERVER, "packet_type_wrong_sender", "e0 [ ]");
    assert_rules(4, MQTT5_CLIENT, "", "e0 [ ]");
    assert_rules(0, MQTT5_SERVER, "", "e0 [ ]");
}

static void test_packet_identifier(void)
{
    assert_rules(5, MQTT5_CLIENT, "packet_identifier_zero", "32 [ \"t\" 0000 [ ] ]");
    assert_rules(5, MQTT5_CLIENT, "packet_identifier_zero", "82 [ 0000 [ ] \"f\" 00 ]");
    assert_rules(5, MQTT5_CLIENT, "packet_identifier_zero", "a2 [ 0000 [ ] \"f\" ]");
    assert_rules(4, MQTT5_SERVER, "packet_identifier_zero", "34 [ \"t\" 0000 ]");
    assert_rules(3, MQTT5_CLIENT, "packet_identifier_zero", "82 [ 0000 \"f\" 00 ]");
    /* a message of QoS 0 has none, whatever its bytes look like */
    assert_rules(5, MQTT5_CLIENT, "", "30 [ \"t\" 00 00 ]");
    assert_rules(5, MQTT5_CLIENT, "", "32 [ \"t\" ffff [ ] ]");
}

static void test_connect(void)
{
    /* name and level */
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_name", "10 [ \"mqtt\" 05 02 003c [ ] \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_name", "10 [ \"MQIsdp\" 05 02 003c [ ] \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_name", "10 [ \"MQIsdp\" 04 02 003c \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_name", "10 [ \"MQTT\" 03 02 003c \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_name", "10 [ \"\" 05 02 003c [ ] \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_level", "10 [ \"MQTT\" 06 02 003c [ ] \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_protocol_level", "10 [ \"MQTT\" 85 02 003c [ ] \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQTT\" 84 02 003c \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQIsdp\" 83 02 003c \"c\" ]");
    /* flags */
    assert_rules(0, MQTT5_CLIENT, "connect_flags_reserved", "10 [ \"MQTT\" 05 03 003c [ ] \"c\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_flags_reserved", "10 [ \"MQTT\" 04 03 003c \"c\" ]");
    for (guint flags = 0; flags < 0x40; flags += 2) {
        gboolean will = (flags & 4) != 0;

        assert_rules(0, MQTT5_CLIENT,
                     !will && flags & 0x38            ? "connect_will_flags"
                     : will && (flags & 0x18) == 0x18 ? "connect_will_qos_invalid"
                                                      : "",
                     "10 [ \"MQTT\" 05 %02x 003c [ ] \"c\" %s ]", flags, will ? "[ ] \"t\" \"p\"" : "");
        assert_rules(0, MQTT5_CLIENT,
                     !will && flags & 0x38            ? "connect_will_flags"
                     : will && (flags & 0x18) == 0x18 ? "connect_will_qos_invalid"
                                                      : "",
                     "10 [ \"MQTT\" 04 %02x 003c \"c\" %s ]", flags, will ? "\"t\" \"p\"" : "");
    }
    /* password without user name: new in MQTT 5 */
    assert_rules(0, MQTT5_CLIENT, "connect_password_without_user_name", "10 [ \"MQTT\" 04 42 003c \"c\" \"p\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_password_without_user_name", "10 [ \"MQIsdp\" 03 42 003c \"c\" \"p\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQTT\" 05 42 003c [ ] \"c\" \"p\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQTT\" 04 82 003c \"c\" \"u\" ]");
}

static void test_client_identifier(void)
{
    assert_rules(0, MQTT5_CLIENT, "connect_client_id_empty", "10 [ \"MQTT\" 04 00 003c \"\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQTT\" 04 02 003c \"\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQTT\" 05 00 003c [ ] \"\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_client_id_empty", "10 [ \"MQIsdp\" 03 02 003c \"\" ]");
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQIsdp\" 03 02 003c \"12345678901234567890123\" ]");
    assert_rules(0, MQTT5_CLIENT, "connect_client_id_length", "10 [ \"MQIsdp\" 03 02 003c \"123456789012345678901234\" ]");
    /* characters, not bytes */
    assert_rules(0, MQTT5_CLIENT, "", "10 [ \"MQIsdp\" 03 02 003c \"1234567890123456789012\xc3\xa9\" ]");
}

static void test_connack(void)
{
    for (guint flags = 0; flags < 256; flags++) {
        assert_rules(5, MQTT5_SERVER, flags & 0xFE ? "connack_flags_reserved" : "", "20 [ %02x 00 [ ] ]", flags);
        assert_rules(4, MQTT5_SERVER, flags & 0xFE ? "connack_flags_reserved" : "", "20 [ %02x 00 ]", flags);
        assert_rules(3, MQTT5_SERVER, "", "20 [ %02x 00 ]", flags);
    }
    assert_rules(5, MQTT5_SERVER, "connack_session_present_error reason_code_failure", "20 [ 01 87 [ ] ]");
    assert_rules(4, MQTT5_SERVER, "connack_session_present_error reason_code_failure", "20 [ 01 05 ]");
    assert_rules(3, MQTT5_SERVER, "reason_code_failure", "20 [ 01 05 ]");
}

/* A server that refuses a version may answer in the form of its own version (3.1.2.2). */
static void test_connack_version_refused(void)
{
    assert_rules(5, MQTT5_SERVER, "reason_code_failure", "20 [ 00 01 ]");
    assert_rules(5, MQTT5_SERVER, "reason_code_failure", "20 [ 00 84 ]");
    assert_rules(5, MQTT5_SERVER, "reason_code_failure", "20 [ 00 84 [ ] ]");
    assert_rules(4, MQTT5_SERVER, "reason_code_failure", "20 [ 00 84 [ ] ]");
    assert_rules(4, MQTT5_SERVER, "reason_code_failure", "20 [ 00 84 ]");
    assert_rules(5, MQTT5_SERVER, "packet_malformed", "20 [ 00 00 ]");
    assert_rules(4, MQTT5_SERVER, "packet_malformed", "20 [ 00 00 00 ]");
}

static void test_auth(void)
{
    assert_rules(5, MQTT5_CLIENT, "", "f0 [ 18 [ 15 \"m\" ] ]");
    assert_rules(5, MQTT5_CLIENT, "authentication_method_missing", "f0 [ 18 [ ] ]");
    assert_rules(5, MQTT5_CLIENT, "authentication_method_missing", "f0 [ 18 [ 16 \"data\" ] ]");
    assert_rules(5, MQTT5_SERVER, "authentication_method_missing", "f0 [ ]");
    assert_rules(5, MQTT5_SENDER_UNKNOWN, "authentication_method_missing", "f0 [ ]");
    assert_rules(5, MQTT5_CLIENT, "authentication_data_without_method", "10 [ \"MQTT\" 05 02 003c [ 16 \"d\" ] \"c\" ]");
    assert_rules(5, MQTT5_CLIENT, "", "10 [ \"MQTT\" 05 02 003c [ 16 \"d\" 15 \"m\" ] \"c\" ]");
    /* the statement is about CONNECT only */
    assert_rules(5, MQTT5_SERVER, "", "20 [ 00 00 [ 16 \"d\" ] ]");
}

static void test_server_reference(void)
{
    assert_rules(5, MQTT5_SERVER, "reason_code_failure", "20 [ 00 9c [ 1c \"b\" ] ]");
    assert_rules(5, MQTT5_SERVER, "reason_code_failure", "e0 [ 9d [ 1c \"b\" ] ]");
    assert_rules(5, MQTT5_SERVER, "server_reference_unexpected", "20 [ 00 00 [ 1c \"b\" ] ]");
    assert_rules(5, MQTT5_SERVER, "reason_code_failure server_reference_unexpected", "e0 [ 8b [ 1c \"b\" ] ]");
    assert_rules(5, MQTT5_CLIENT, "property_wrong_sender_unclassified", "e0 [ 00 [ 1c \"b\" ] ]");
}

static void test_lists(void)
{
    assert_rules(5, MQTT5_SERVER, "reason_codes_empty", "90 [ 0001 [ ] ]");
    assert_rules(5, MQTT5_SERVER, "reason_codes_empty", "b0 [ 0001 [ ] ]");
    assert_rules(4, MQTT5_SERVER, "reason_codes_empty", "90 [ 0001 ]");
    assert_rules(4, MQTT5_SERVER, "", "b0 [ 0001 ]");
    assert_rules(5, MQTT5_CLIENT, "subscription_empty", "82 [ 0001 [ ] ]");
    assert_rules(5, MQTT5_CLIENT, "subscription_empty", "a2 [ 0001 [ ] ]");
    assert_rules(4, MQTT5_CLIENT, "subscription_empty", "82 [ 0001 ]");
    assert_rules(4, MQTT5_CLIENT, "subscription_empty", "a2 [ 0001 ]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check/flags", test_flags);
    g_test_add_func("/check/flags-other-versions", test_flags_other_versions);
    g_test_add_func("/check/publish-flags", test_publish_flags);
    g_test_add_func("/check/sides", test_sides);
    g_test_add_func("/check/packet-identifier", test_packet_identifier);
    g_test_add_func("/check/connect", test_connect);
    g_test_add_func("/check/client-identifier", test_client_identifier);
    g_test_add_func("/check/connack", test_connack);
    g_test_add_func("/check/connack-version-refused", test_connack_version_refused);
    g_test_add_func("/check/auth", test_auth);
    g_test_add_func("/check/server-reference", test_server_reference);
    g_test_add_func("/check/lists", test_lists);
    return g_test_run();
}
