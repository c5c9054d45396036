/* test_decode.c
 * Every field of all 15 control packets of MQTT 5, 3.1.1 and 3.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "judged.h"

static judged result;
#define packet (&result.packet)

static void test_connect_v5(void)
{
    mqtt5_property property;

    judge(&result, 0, MQTT5_CLIENT,
          "10 [ \"MQTT\" 05 ee 012c [ 11 00000e10 21 0014 ] \"meter\" [ 18 0000001e ] \"state\" \"offline\" \"anna\" \"pass\" ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpint(packet->type, ==, MQTT5_CONNECT);
    g_assert_cmpuint(packet->version, ==, 5);
    g_assert_cmpuint(packet->flags, ==, 0);
    g_assert_cmpuint(packet->header_length, ==, 2);
    g_assert_cmpuint(packet->protocol_level, ==, 5);
    g_assert_cmphex(packet->connect_flags, ==, 0xEE);
    g_assert_cmpuint(packet->data[packet->connect_flags_offset], ==, 0xEE);
    g_assert_cmpuint(packet->keep_alive, ==, 300);
    g_assert_cmpuint(packet->has, ==,
                     MQTT5_HAS_CONNECT_HEADER | MQTT5_HAS_CLIENT_ID | MQTT5_HAS_WILL | MQTT5_HAS_USER_NAME | MQTT5_HAS_PASSWORD);
    assert_range(packet, packet->protocol_name, "MQTT");
    assert_range(packet, packet->client_id, "meter");
    assert_range(packet, packet->will_topic, "state");
    assert_range(packet, packet->will_payload, "offline");
    assert_range(packet, packet->user_name, "anna");
    assert_range(packet, packet->password, "pass");
    g_assert_true(packet->properties.present && packet->properties.sound);
    g_assert_cmpuint(packet->properties.count, ==, 2);
    g_assert_true(packet->will_properties.present && packet->will_properties.sound);
    g_assert_cmpuint(packet->will_properties.count, ==, 1);
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_SESSION_EXPIRY_INTERVAL, 1), ==, 3600);
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_RECEIVE_MAXIMUM, 65535), ==, 20);
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_TOPIC_ALIAS_MAXIMUM, 7), ==, 7);
    g_assert_true(mqtt5_property_find(packet, &packet->will_properties, MQTT5_WILL_DELAY_INTERVAL, &property));
    g_assert_cmpuint(property.number, ==, 30);
    g_assert_false(mqtt5_property_has(&packet->properties, MQTT5_WILL_DELAY_INTERVAL));
    g_assert_cmpuint(result.findings.count, ==, 0);
}

static void test_connect_others(void)
{
    judge(&result, 0, MQTT5_CLIENT, "10 [ \"MQTT\" 04 c6 003c \"meter\" \"state\" \"offline\" \"anna\" \"pass\" ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->version, ==, 4);
    g_assert_false(packet->properties.present);
    g_assert_false(packet->will_properties.present);
    assert_range(packet, packet->will_payload, "offline");
    assert_range(packet, packet->password, "pass");

    judge(&result, 0, MQTT5_CLIENT, "10 [ \"MQIsdp\" 03 02 003c \"meter\" ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->version, ==, 3);
    assert_range(packet, packet->protocol_name, "MQIsdp");
    g_assert_cmpuint(packet->has, ==, MQTT5_HAS_CONNECT_HEADER | MQTT5_HAS_CLIENT_ID);

    /* a bridge of mosquitto */
    judge(&result, 0, MQTT5_CLIENT, "10 [ \"MQTT\" 84 02 003c \"bridge\" ]");
    g_assert_cmpuint(packet->version, ==, 4);
    g_assert_cmphex(packet->protocol_level, ==, 0x84);
    assert_range(packet, packet->client_id, "bridge");

    /* a version that does not exist: nothing after Keep Alive is decoded */
    judge(&result, 0, MQTT5_CLIENT, "10 [ \"MQTT\" ff 02 003c \"badlevel\" ]");
    g_assert_cmpint(packet->status, ==, MQTT5_UNDECODED);
    g_assert_cmpuint(packet->version, ==, 0);
    g_assert_cmpuint(packet->has, ==, MQTT5_HAS_CONNECT_HEADER);
}

/* A CONNECT has its own version, whatever version the caller passes. */
static void test_connect_own_version(void)
{
    judge(&result, 5, MQTT5_CLIENT, "10 [ \"MQTT\" 04 02 003c \"meter\" ]");
    g_assert_cmpuint(packet->version, ==, 4);
    g_assert_cmpuint(result.findings.count, ==, 0);
    judge(&result, 4, MQTT5_CLIENT, "10 [ \"MQTT\" 05 02 003c [ ] \"meter\" ]");
    g_assert_cmpuint(packet->version, ==, 5);
    g_assert_cmpuint(result.findings.count, ==, 0);
}

static void test_connack(void)
{
    judge(&result, 5, MQTT5_SERVER, "20 [ 01 00 [ 24 01 13 0078 ] ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->has, ==, MQTT5_HAS_CONNACK_FLAGS | MQTT5_HAS_REASON_CODE);
    g_assert_cmpuint(packet->connack_flags, ==, 1);
    g_assert_cmpuint(packet->reason_code, ==, 0);
    g_assert_cmpuint(packet->reason_code_offset, ==, 3);
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_SERVER_KEEP_ALIVE, 0), ==, 120);

    for (guint version = 3; version <= 4; version++) {
        judge(&result, version, MQTT5_SERVER, "20 [ 00 05 ]");
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(packet->reason_code, ==, 5);
        g_assert_false(packet->properties.present);
    }
}

static void test_publish(void)
{
    for (guint qos = 0; qos < 3; qos++) {
        GByteArray *bytes = qos ? notation_bytes("%02x [ \"a/b\" 0007 [ 23 0005 ] 'hello' ]", 0x31 | qos << 1)
                                : notation_bytes("31 [ \"a/b\" [ 23 0005 ] 'hello' ]");

        judge_bytes(&result, 5, MQTT5_CLIENT, bytes->data, bytes->len, bytes->len);
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(mqtt5_publish_qos(packet), ==, qos);
        g_assert_true(mqtt5_publish_retain(packet));
        g_assert_false(mqtt5_publish_dup(packet));
        assert_range(packet, packet->topic, "a/b");
        assert_range(packet, packet->payload, "hello");
        g_assert_cmpint(packet->has, ==, MQTT5_HAS_TOPIC | MQTT5_HAS_PAYLOAD | (qos ? MQTT5_HAS_PACKET_ID : 0));
        if (qos)
            g_assert_cmpuint(packet->packet_id, ==, 7);
        g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_TOPIC_ALIAS, 0), ==, 5);
        g_assert_cmpuint(result.findings.count, ==, 0);
        g_byte_array_unref(bytes);
    }
    judge(&result, 4, MQTT5_CLIENT, "3a [ \"a/b\" 0007 'hello' ]");
    g_assert_true(mqtt5_publish_dup(packet));
    g_assert_cmpuint(packet->packet_id_offset, ==, 7);
    assert_range(packet, packet->payload, "hello");
    g_assert_false(packet->properties.present);

    judge(&result, 5, MQTT5_CLIENT, "30 [ \"a\" [ ] ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->payload.length, ==, 0);
}

static void test_acks(void)
{
    static const guint8 firsts[] = {0x40, 0x50, 0x62, 0x70};

    for (guint i = 0; i < G_N_ELEMENTS(firsts); i++) {
        guint first = firsts[i];

        /* short forms: identifier only, and with a code */
        judge(&result, 5, MQTT5_SERVER, "%02x [ 1234 ]", first);
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmphex(packet->packet_id, ==, 0x1234);
        g_assert_cmpuint(packet->packet_id_offset, ==, 2);
        g_assert_true(packet->has & MQTT5_HAS_REASON_CODE);
        g_assert_cmpuint(packet->reason_code, ==, 0);
        g_assert_cmpuint(packet->reason_code_offset, ==, 0);
        g_assert_false(packet->properties.present);
        g_assert_cmpuint(result.findings.count, ==, 0);

        judge(&result, 5, MQTT5_SERVER, "%02x [ 1234 00 ]", first);
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(packet->reason_code_offset, ==, 4);
        g_assert_false(packet->properties.present);
        g_assert_cmpuint(result.findings.count, ==, 0);

        judge(&result, 5, MQTT5_SERVER, "%02x [ 1234 00 [ 1f \"fine\" 26 \"a\" \"b\" ] ]", first);
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(packet->properties.count, ==, 2);
        g_assert_cmpuint(result.findings.count, ==, 0);

        for (guint version = 3; version <= 4; version++) {
            judge(&result, version, MQTT5_SERVER, "%02x [ 1234 ]", first);
            g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
            g_assert_cmpuint(packet->has, ==, MQTT5_HAS_PACKET_ID);
            g_assert_cmpuint(result.findings.count, ==, 0);
            assert_rules(version, MQTT5_SERVER, "packet_malformed", "%02x [ 1234 00 ]", first);
        }
        /* without a version: an acknowledgment of two bytes is the same in all of them */
        judge(&result, 0, MQTT5_SERVER, "%02x [ 1234 ]", first);
        g_assert_cmphex(packet->packet_id, ==, 0x1234);
        g_assert_cmpuint(result.findings.count, ==, 0);
        judge(&result, 0, MQTT5_SERVER, "%02x [ 1234 93 ]", first);
        g_assert_cmpint(packet->status, ==, MQTT5_UNDECODED);
        g_assert_cmpuint(result.findings.count, ==, 0);
    }
}

static void test_subscribe(void)
{
    judge(&result, 5, MQTT5_CLIENT, "82 [ 0005 [ 0b c801 ] \"a/#\" 01 \"b\" 02 ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->packet_id, ==, 5);
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER, 0), ==, 200);
    g_assert_true(packet->has & MQTT5_HAS_PAYLOAD);
    g_assert_cmpuint(packet->payload.length, ==, 10);

    judge(&result, 4, MQTT5_CLIENT, "82 [ 0005 \"a/#\" 01 ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->payload.length, ==, 6);

    judge(&result, 5, MQTT5_SERVER, "90 [ 0005 [ ] 01 80 ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->payload.offset, ==, 5);
    g_assert_cmpuint(packet->payload.length, ==, 2);

    judge(&result, 4, MQTT5_SERVER, "90 [ 0005 01 80 ]");
    g_assert_cmpuint(packet->payload.offset, ==, 4);
    g_assert_cmpuint(packet->payload.length, ==, 2);
}

static void test_unsubscribe(void)
{
    judge(&result, 5, MQTT5_CLIENT, "a2 [ 0006 [ 26 \"a\" \"b\" ] \"a/#\" ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->packet_id, ==, 6);
    g_assert_cmpuint(packet->payload.length, ==, 5);

    judge(&result, 5, MQTT5_SERVER, "b0 [ 0006 [ ] 11 ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->payload.length, ==, 1);

    judge(&result, 4, MQTT5_SERVER, "b0 [ 0006 ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(result.findings.count, ==, 0);
    g_assert_false(packet->has & MQTT5_HAS_REASON_CODE);
}

static void test_ping(void)
{
    for (guint version = 0; version <= 5; version += version ? 1 : 3) {
        judge(&result, version, MQTT5_CLIENT, "c0 [ ]");
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(result.findings.count, ==, 0);
        judge(&result, version, MQTT5_SERVER, "d0 [ ]");
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(result.findings.count, ==, 0);
    }
    assert_rules(5, MQTT5_CLIENT, "packet_malformed", "c0 [ 00 ]");
    assert_rules(4, MQTT5_SERVER, "packet_malformed", "d0 [ 00 ]");
}

static void test_disconnect(void)
{
    judge(&result, 5, MQTT5_CLIENT, "e0 [ ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_true(packet->has & MQTT5_HAS_REASON_CODE);
    g_assert_cmpuint(packet->reason_code, ==, 0);
    g_assert_cmpuint(packet->reason_code_offset, ==, 0);
    judge(&result, 5, MQTT5_CLIENT, "e0 [ 04 ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->reason_code, ==, 4);
    g_assert_false(packet->properties.present);
    judge(&result, 5, MQTT5_SERVER, "e0 [ 9c [ 1c \"b.example.org\" ] ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_true(mqtt5_property_has(&packet->properties, MQTT5_SERVER_REFERENCE));

    judge(&result, 4, MQTT5_CLIENT, "e0 [ ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(result.findings.count, ==, 0);
    assert_rules(4, MQTT5_CLIENT, "packet_malformed", "e0 [ 00 ]");
    judge(&result, 0, MQTT5_CLIENT, "e0 [ ff ]");
    g_assert_cmpint(packet->status, ==, MQTT5_UNDECODED);
    g_assert_cmpuint(result.findings.count, ==, 0);
}

static void test_auth(void)
{
    judge(&result, 5, MQTT5_CLIENT, "f0 [ 18 [ 15 \"PLAIN\" 16 \"data\" ] ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmphex(packet->reason_code, ==, 0x18);
    g_assert_cmpuint(packet->properties.count, ==, 2);
    /* no content: 3.15.2.1 allows it, but the method is missing */
    judge(&result, 5, MQTT5_SERVER, "f0 [ ]");
    g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
    g_assert_cmpuint(packet->reason_code, ==, 0);
    assert_rules(5, MQTT5_SERVER, "authentication_method_missing", "f0 [ ]");
    assert_rules(4, MQTT5_SERVER, "packet_type_reserved", "f0 [ ]");
}

static void test_reserved(void)
{
    assert_rules(5, MQTT5_CLIENT, "packet_type_reserved", "00 [ ]");
    assert_rules(4, MQTT5_CLIENT, "packet_type_reserved", "00 [ 01 02 ]");
    assert_rules(0, MQTT5_SENDER_UNKNOWN, "packet_type_reserved", "0f [ ]");
}

static void test_remaining_length(void)
{
    static const guint8 five[] = {0xC0, 0x80, 0x80, 0x80, 0x80, 0x00};
    char *rules;

    judge_bytes(&result, 5, MQTT5_CLIENT, five, sizeof five, sizeof five);
    rules = judged_rules(&result, "");
    g_assert_cmpstr(rules, ==, "remaining_length_malformed");
    g_assert_cmpint(packet->status, ==, MQTT5_MALFORMED);
    g_free(rules);

    /* lengths of two and three bytes */
    for (guint length = 100; length < 40000; length += 991) {
        GByteArray *body = notation_bytes("\"a\" [ ]"), *bytes = notation_bytes("30");

        g_byte_array_set_size(body, length);
        memset(body->data + 4, 'x', length - 4);
        notation_add_variable_byte_integer(bytes, length);
        g_byte_array_append(bytes, body->data, body->len);
        judge_bytes(&result, 5, MQTT5_CLIENT, bytes->data, bytes->len, bytes->len);
        g_assert_cmpint(packet->status, ==, MQTT5_DECODED);
        g_assert_cmpuint(packet->payload.length, ==, length - 4);
        g_assert_cmpuint(packet->header_length, ==, length < 128 ? 2 : length < 16384 ? 3 : 4);
        g_assert_cmpuint(result.findings.count, ==, 0);
        g_byte_array_unref(body);
        g_byte_array_unref(bytes);
    }
}

/* A second call starts anew, and `findings` may be NULL. */
static void test_no_findings(void)
{
    GByteArray *bytes = notation_bytes("20 [ 00 00 [ 24 02 2b 00 ] ]");
    mqtt5_packet other;

    g_assert_cmpint(mqtt5_decode(&other, bytes->data, bytes->len, bytes->len, 5, NULL), ==, other.status);
    mqtt5_check_packet(&other, MQTT5_SERVER, NULL);
    g_byte_array_unref(bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/decode/connect-v5", test_connect_v5);
    g_test_add_func("/decode/connect-others", test_connect_others);
    g_test_add_func("/decode/connect-own-version", test_connect_own_version);
    g_test_add_func("/decode/connack", test_connack);
    g_test_add_func("/decode/publish", test_publish);
    g_test_add_func("/decode/acks", test_acks);
    g_test_add_func("/decode/subscribe", test_subscribe);
    g_test_add_func("/decode/unsubscribe", test_unsubscribe);
    g_test_add_func("/decode/ping", test_ping);
    g_test_add_func("/decode/disconnect", test_disconnect);
    g_test_add_func("/decode/auth", test_auth);
    g_test_add_func("/decode/reserved", test_reserved);
    g_test_add_func("/decode/remaining-length", test_remaining_length);
    g_test_add_func("/decode/no-findings", test_no_findings);
    return g_test_run();
}
