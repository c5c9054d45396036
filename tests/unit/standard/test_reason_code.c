/* test_reason_code.c
 * Nine packet types x 256 reason codes x three senders against the oracle: in the table, and in
 * whole packets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "judged.h"
#include "oracle.h"

static const mqtt5_packet_type types[] = {MQTT5_CONNACK, MQTT5_PUBACK,   MQTT5_PUBREC,     MQTT5_PUBREL, MQTT5_PUBCOMP,
                                          MQTT5_SUBACK,  MQTT5_UNSUBACK, MQTT5_DISCONNECT, MQTT5_AUTH};

static const char *clause_of(mqtt5_packet_type type)
{
    switch (type) {
    case MQTT5_CONNACK: return "MQTT-3.2.2-8";
    case MQTT5_PUBACK: return "MQTT-3.4.2-1";
    case MQTT5_PUBREC: return "MQTT-3.5.2-1";
    case MQTT5_PUBREL: return "MQTT-3.6.2-1";
    case MQTT5_PUBCOMP: return "MQTT-3.7.2-1";
    case MQTT5_SUBACK: return "MQTT-3.9.3-2";
    case MQTT5_UNSUBACK: return "MQTT-3.11.3-2";
    case MQTT5_DISCONNECT: return "MQTT-3.14.2-1";
    case MQTT5_AUTH: return "MQTT-3.15.2-1";
    default: g_assert_not_reached();
    }
}

/* Calls `each` for all packet types, codes and senders. */
static void for_all(void (*each)(mqtt5_packet_type type, guint8 code, mqtt5_sender sender))
{
    guint count = 0;

    for (guint t = 0; t < G_N_ELEMENTS(types); t++)
        for (guint code = 0; code < 256; code++)
            for (guint sender = MQTT5_SENDER_UNKNOWN; sender <= MQTT5_SERVER; sender++, count++)
                each(types[t], (guint8)code, (mqtt5_sender)sender);
    g_assert_cmpuint(count, ==, 9 * 256 * 3);
}

static void check_verdict(mqtt5_packet_type type, guint8 code, mqtt5_sender sender)
{
    mqtt5_reason_code_verdict expected = oracle_code_verdict(type, code, sender), actual = mqtt5_reason_code_judge(type, code, sender);

    if (expected != actual)
        g_error("%s 0x%02x from %s: facts %d, the oracle says %d", mqtt5_packet_type_get(type)->name, code, mqtt5_sender_name(sender),
                actual, expected);
}

static void test_table(void)
{
    for_all(check_verdict);
}

/* The rule that a packet with this code breaks, or NULL. */
static const char *expected_rule(mqtt5_packet_type type, guint8 code, mqtt5_sender sender)
{
    switch (oracle_code_verdict(type, code, sender)) {
    case MQTT5_REASON_CODE_LEGAL: return code >= 0x80 ? "reason_code_failure" : NULL;
    case MQTT5_REASON_CODE_UNKNOWN: return "reason_code_unknown";
    case MQTT5_REASON_CODE_NOT_ALLOWED: return "reason_code_not_allowed";
    case MQTT5_REASON_CODE_WRONG_SENDER: return "reason_code_wrong_sender";
    case MQTT5_REASON_CODE_DISPUTED: return "reason_code_disputed";
    }
    g_assert_not_reached();
}

/* Judges a whole packet with a code at `offset`, and asserts that its only finding is what the
 * oracle says about the code, at that byte. */
static void check_packet(mqtt5_packet_type type, guint8 code, mqtt5_sender sender, guint32 offset, const GByteArray *bytes)
{
    const char *expected = expected_rule(type, code, sender);
    gboolean wrong_side = (sender == MQTT5_CLIENT && (type == MQTT5_CONNACK || type == MQTT5_SUBACK || type == MQTT5_UNSUBACK));
    judged result;
    guint found = 0;

    judge_bytes(&result, MQTT5_VERSION_5, sender, bytes->data, bytes->len, bytes->len);
    g_assert_cmpint(result.packet.status, ==, MQTT5_DECODED);
    for (guint i = 0; i < result.findings.count; i++) {
        const mqtt5_finding *finding = &result.findings.items[i];
        const mqtt5_rule *rule = mqtt5_rule_get(finding->rule);

        if (wrong_side && finding->rule == MQTT5_RULE_packet_type_wrong_sender)
            continue;
        if (g_strcmp0(rule->name, expected) != 0)
            g_error("%s 0x%02x from %s: %s, the oracle says %s", mqtt5_packet_type_get(type)->name, code, mqtt5_sender_name(sender),
                    finding->text, expected ? expected : "nothing");
        g_assert_cmpuint(finding->range.offset, ==, offset);
        g_assert_cmpuint(finding->range.length, ==, 1);
        g_assert_cmpstr(finding->clause, ==, clause_of(type));
        g_assert_nonnull(
            g_strstr_len(finding->text, -1, (char[]){'0', 'x', "0123456789abcdef"[code >> 4], "0123456789abcdef"[code & 15], 0}));
        found++;
    }
    g_assert_cmpuint(found, ==, expected ? 1 : 0);
}

/* A packet of each type in its full form. */
static void check_full(mqtt5_packet_type type, guint8 code, mqtt5_sender sender)
{
    const guint first = (guint)type << 4 | (type == MQTT5_PUBREL ? 2 : 0);
    GByteArray *bytes;
    guint32 offset;

    switch (type) {
    case MQTT5_CONNACK:
        bytes = notation_bytes("%02x [ 00 %02x [ ] ]", first, code);
        offset = 3;
        break;
    case MQTT5_SUBACK:
    case MQTT5_UNSUBACK:
        bytes = notation_bytes("%02x [ 0001 [ ] %02x ]", first, code);
        offset = 5;
        break;
    case MQTT5_DISCONNECT:
        bytes = notation_bytes("%02x [ %02x [ ] ]", first, code);
        offset = 2;
        break;
    case MQTT5_AUTH:
        bytes = notation_bytes("%02x [ %02x [ 15 \"PLAIN\" ] ]", first, code);
        offset = 2;
        break;
    default: bytes = notation_bytes("%02x [ 0001 %02x [ ] ]", first, code); offset = 4;
    }
    check_packet(type, code, sender, offset, bytes);
    g_byte_array_unref(bytes);
}

static void test_packets(void)
{
    for_all(check_full);
}

/* The four acks and DISCONNECT without a Property Length. */
static void check_short(mqtt5_packet_type type, guint8 code, mqtt5_sender sender)
{
    GByteArray *bytes;

    if (type == MQTT5_CONNACK || type == MQTT5_SUBACK || type == MQTT5_UNSUBACK || type == MQTT5_AUTH)
        return;
    bytes = type == MQTT5_DISCONNECT ? notation_bytes("e0 01 %02x", code)
                                     : notation_bytes("%02x 03 0001 %02x", (guint)type << 4 | (type == MQTT5_PUBREL ? 2 : 0), code);
    check_packet(type, code, sender, bytes->len - 1, bytes);
    g_byte_array_unref(bytes);
}

static void test_short_packets(void)
{
    for_all(check_short);
}

/* SUBACK and UNSUBACK with the code in the middle of a list. 0x91 is about the whole request, and
 * has a rule for that. */
static void check_in_list(mqtt5_packet_type type, guint8 code, mqtt5_sender sender)
{
    GByteArray *bytes;

    if ((type != MQTT5_SUBACK && type != MQTT5_UNSUBACK) || code == 0x91)
        return;
    bytes = notation_bytes("%02x [ 0001 [ 1f \"why\" ] 00 %02x 00 ]", (guint)type << 4, code);
    check_packet(type, code, sender, bytes->len - 2, bytes);
    g_byte_array_unref(bytes);
}

static void test_lists(void)
{
    for_all(check_in_list);
}

/* Without a version, or in 3.1.1, the rules of MQTT 5 do not apply. */
static void test_other_versions(void)
{
    for (guint code = 0; code < 256; code++) {
        assert_rules(MQTT5_VERSION_UNKNOWN, MQTT5_CLIENT, "", "40 03 0001 %02x", code);
        assert_rules(MQTT5_VERSION_UNKNOWN, MQTT5_CLIENT, "", "e0 01 %02x", code);
        assert_rules(MQTT5_VERSION_UNKNOWN, MQTT5_SERVER, "", "90 [ 0001 %02x ]", code);
        assert_rules(MQTT5_VERSION_3_1_1, MQTT5_SERVER,
                     code == 0x84 || (code >= 1 && code <= 5) ? "reason_code_failure"
                     : code > 5                               ? "return_code_reserved"
                                                              : "",
                     "20 [ 00 %02x ]", code);
        assert_rules(MQTT5_VERSION_3_1_1, MQTT5_SERVER,
                     code == 0x80 ? "reason_code_failure"
                     : code > 2   ? "return_code_reserved"
                                  : "",
                     "90 [ 0001 %02x ]", code);
        assert_rules(MQTT5_VERSION_3_1, MQTT5_SERVER,
                     code == 0x84 || (code >= 1 && code <= 5) ? "reason_code_failure"
                     : code > 5                               ? "return_code_reserved"
                                                              : "",
                     "20 [ 00 %02x ]", code);
        assert_rules(MQTT5_VERSION_3_1, MQTT5_SERVER, code > 2 ? "return_code_reserved" : "", "90 [ 0001 %02x ]", code);
    }
}

static void test_names(void)
{
    size_t count;
    const mqtt5_reason_code_info *rows = mqtt5_reason_codes(&count);

    g_assert_cmpuint(count, ==, 43);
    for (size_t i = 0; i < count; i++) {
        g_assert_true(i == 0 || rows[i - 1].code < rows[i].code);
        g_assert_true(mqtt5_reason_code_get(rows[i].code) == &rows[i]);
    }
    for (guint i = 0; i < oracle_codes()->len; i++) {
        const oracle_code *row = g_ptr_array_index(oracle_codes(), i);

        g_assert_cmpstr(mqtt5_reason_code_name(row->packet, (guint8)row->code), ==, row->name);
        g_assert_true(mqtt5_reason_code_packets(mqtt5_reason_code_get((guint8)row->code)) & MQTT5_IN(row->packet));
    }
    g_assert_null(mqtt5_reason_code_get(0x03));
    g_assert_null(mqtt5_reason_code_name(MQTT5_DISCONNECT, 0xFF));
}

/* Each code from 0x80 has a meaning of one sentence; none below has one. */
static void test_meanings(void)
{
    for (guint code = 0; code < 256; code++) {
        const mqtt5_reason_code_info *info = mqtt5_reason_code_get((guint8)code);

        if (!info)
            continue;
        if (code < 0x80) {
            g_assert_null(info->meaning);
            continue;
        }
        g_assert_nonnull(info->meaning);
        g_assert_cmpuint(strlen(info->meaning), >, 20);
        g_assert_cmpuint(strlen(info->meaning), <, 200);
        g_assert_true(g_ascii_isupper(info->meaning[0]));
        g_assert_true(g_str_has_suffix(info->meaning, "."));
    }
}

/* The set of packets that may have each code, and no others. */
static void test_packet_sets(void)
{
    for (guint code = 0; code < 256; code++) {
        const mqtt5_reason_code_info *info = mqtt5_reason_code_get((guint8)code);
        guint32 expected = 0;

        for (guint t = 0; t < G_N_ELEMENTS(types); t++)
            if (oracle_code_find(types[t], code))
                expected |= MQTT5_IN(types[t]);
        if (info)
            g_assert_cmphex(mqtt5_reason_code_packets(info), ==, expected);
        else
            g_assert_cmphex(expected, ==, 0);
    }
}

/* The messages, as users read them. */
static void test_messages(void)
{
    char message[MQTT5_MESSAGE_SIZE];
    const mqtt5_finding *finding;
    judged result;

    judge(&result, MQTT5_VERSION_5, MQTT5_SERVER, "50 [ 0001 93 [ ] ]");
    finding = &result.findings.items[0];
    g_assert_cmpstr(mqtt5_finding_message(MQTT5_PUBREC, MQTT5_SERVER, finding->rule, finding->text, finding->clause, message), ==,
                    "PUBREC from server: reason code 0x93 (Receive Maximum exceeded) is not allowed in PUBREC, only in DISCONNECT [MQTT-3.5.2-1]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reason-code/table", test_table);
    g_test_add_func("/reason-code/packets", test_packets);
    g_test_add_func("/reason-code/short-packets", test_short_packets);
    g_test_add_func("/reason-code/lists", test_lists);
    g_test_add_func("/reason-code/other-versions", test_other_versions);
    g_test_add_func("/reason-code/names", test_names);
    g_test_add_func("/reason-code/meanings", test_meanings);
    g_test_add_func("/reason-code/packet-sets", test_packet_sets);
    g_test_add_func("/reason-code/messages", test_messages);
    return g_test_run();
}
