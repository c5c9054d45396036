/* test_finding.c
 * The list of findings, the form of messages, and how bytes from the wire are quoted in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "judged.h"

static mqtt5_findings findings;

static const char *message_of(guint i)
{
    static char buffer[MQTT5_MESSAGE_SIZE];
    const mqtt5_finding *finding = &findings.items[i];

    return mqtt5_finding_message(findings.type, findings.sender, finding->rule, finding->text, finding->clause, buffer);
}

static void test_message(void)
{
    mqtt5_findings_init(&findings, MQTT5_PUBREC, MQTT5_SERVER, 5);
    mqtt5_report_by(&findings, MQTT5_RULE_reason_code_not_allowed, MQTT5_CLAUSE("MQTT-3.5.2-1"), (mqtt5_range){4, 1},
                    "reason code 0x%02x is wrong", 0x93);
    g_assert_cmpuint(findings.count, ==, 1);
    g_assert_cmpint(findings.items[0].rule, ==, MQTT5_RULE_reason_code_not_allowed);
    g_assert_cmpuint(findings.items[0].range.offset, ==, 4);
    g_assert_cmpuint(findings.items[0].range.length, ==, 1);
    g_assert_cmpstr(findings.items[0].clause, ==, "MQTT-3.5.2-1");
    g_assert_cmpstr(message_of(0), ==, "PUBREC from server: reason code 0x93 is wrong [MQTT-3.5.2-1]");
}

static void test_sender_unknown(void)
{
    mqtt5_findings_init(&findings, MQTT5_PINGREQ, MQTT5_SENDER_UNKNOWN, 5);
    mqtt5_report_by(&findings, MQTT5_RULE_fixed_header_flags, MQTT5_CLAUSE("X"), MQTT5_FIRST_BYTE, "flags");
    g_assert_cmpstr(message_of(0), ==, "PINGREQ: flags [X]");
}

/* The clause of a report about a PUBLISH of the server. */
static const char *clause_of(mqtt5_rule_id rule, const mqtt5_clauses *clauses, unsigned version)
{
    mqtt5_findings_init(&findings, MQTT5_PUBLISH, MQTT5_SERVER, version);
    mqtt5_report_by(&findings, rule, clauses, MQTT5_NO_BYTES, "text");
    g_assert_cmpuint(findings.count, ==, 1);
    return findings.items[0].clause;
}

/* The clause of the row for the version of the packet, unless the report has a more precise one. */
static void test_clauses(void)
{
    static const mqtt5_clauses since_5 = {"A", NULL, NULL}, every = {"A", MQTT5_SAME, MQTT5_SAME}, old = {NULL, "B", "C"};

    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, NULL, 5), ==, "MQTT-2.2.1-3");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, NULL, 0), ==, "MQTT-2.2.1-3");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, NULL, 4), ==, "MQTT-2.3.1-1");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, NULL, 3), ==, "2.4");
    g_assert_cmpstr(clause_of(MQTT5_RULE_publish_qos_invalid, NULL, 3), ==, "MQTT-3.3.1-4");
    g_assert_cmpstr(clause_of(MQTT5_RULE_topic_name_length, NULL, 0), ==, "3.3");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, &since_5, 5), ==, "A");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, &since_5, 4), ==, "MQTT-2.3.1-1");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, &every, 3), ==, "A");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, &old, 5), ==, "MQTT-2.2.1-3");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, &old, 4), ==, "B");
    g_assert_cmpstr(clause_of(MQTT5_RULE_packet_identifier_zero, &old, 3), ==, "C");
}

/* A suspicion says that it is one, even if its text is cut. */
static void test_suspected(void)
{
    char *text = g_strnfill(2 * MQTT5_MESSAGE_SIZE, 'x');

    mqtt5_findings_init(&findings, MQTT5_PUBLISH, MQTT5_SERVER, 5);
    mqtt5_report(&findings, MQTT5_RULE_forward_expired, MQTT5_FIRST_BYTE, "late");
    g_assert_cmpstr(message_of(0), ==, "PUBLISH from server: late (suspected) [MQTT-3.3.2-5]");
    mqtt5_report(&findings, MQTT5_RULE_forward_expired, MQTT5_FIRST_BYTE, "%s", text);
    g_assert_true(g_str_has_suffix(message_of(1), "\xe2\x80\xa6 (suspected) [MQTT-3.3.2-5]"));
    g_assert_cmpuint(strlen(message_of(1)), <, MQTT5_MESSAGE_SIZE);
    g_free(text);
}

/* A report about a packet that the rule's row does not name is a bug: it warns, and adds
 * nothing. */
static void test_row_is_kept_to(void)
{
    static const struct {
        mqtt5_rule_id rule;
        mqtt5_packet_type type;
        mqtt5_sender sender;
        unsigned version;
        gboolean fits;
    } cases[] = {
        {MQTT5_RULE_publish_dup_qos_0, MQTT5_PUBLISH, MQTT5_SERVER, 3, TRUE},
        {MQTT5_RULE_publish_dup_qos_0, MQTT5_PUBACK, MQTT5_SERVER, 5, FALSE},
        {MQTT5_RULE_forward_expired, MQTT5_PUBLISH, MQTT5_SERVER, 5, TRUE},
        {MQTT5_RULE_forward_expired, MQTT5_PUBLISH, MQTT5_CLIENT, 5, FALSE},
        {MQTT5_RULE_forward_expired, MQTT5_PUBLISH, MQTT5_SENDER_UNKNOWN, 5, TRUE},
        {MQTT5_RULE_forward_expired, MQTT5_PUBLISH, MQTT5_SERVER, 4, FALSE},
        {MQTT5_RULE_connect_not_first, MQTT5_PINGREQ, MQTT5_CLIENT, 4, TRUE},
        {MQTT5_RULE_connect_not_first, MQTT5_PINGREQ, MQTT5_SERVER, 4, TRUE}, /* from the wrong side, which is another rule */
        {MQTT5_RULE_connect_not_first, MQTT5_PUBLISH, MQTT5_SERVER, 4, FALSE},
        {MQTT5_RULE_connect_not_first, MQTT5_CLOSE, MQTT5_CLIENT, 4, FALSE},
        {MQTT5_RULE_connection_closed_with_will, MQTT5_CLOSE, MQTT5_CLIENT, 4, TRUE},
        {MQTT5_RULE_topic_name_length, MQTT5_PUBLISH, MQTT5_CLIENT, 3, TRUE},
        {MQTT5_RULE_topic_name_length, MQTT5_PUBLISH, MQTT5_CLIENT, 5, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        mqtt5_findings_init(&findings, cases[i].type, cases[i].sender, cases[i].version);
        if (!cases[i].fits)
            g_test_expect_message(NULL, G_LOG_LEVEL_CRITICAL, "*does not name*");
        mqtt5_report(&findings, cases[i].rule, MQTT5_NO_BYTES, "text");
        g_test_assert_expected_messages();
        g_assert_cmpuint(findings.count, ==, cases[i].fits);
    }
}

/* A text that is too long is cut between characters, before the clause, whatever its length and
 * alignment are. */
static void test_long_message(void)
{
    for (guint length = 150; length < 600; length++)
        for (guint odd = 0; odd < 4; odd++) {
            GString *text = g_string_new(NULL);
            const char *message;

            for (guint i = 0; i < odd; i++)
                g_string_append_c(text, 'x');
            while (text->len < length)
                g_string_append(text, "\xf0\x9f\x98\x80");
            mqtt5_findings_init(&findings, MQTT5_UNSUBSCRIBE, MQTT5_CLIENT, 5);
            mqtt5_report(&findings, MQTT5_RULE_topic_filter_invalid, MQTT5_FIRST_BYTE, "%s", text->str);
            message = message_of(0);
            g_assert_cmpuint(strlen(message), <, MQTT5_MESSAGE_SIZE);
            g_assert_true(g_utf8_validate(message, -1, NULL));
            g_assert_true(g_str_has_prefix(message, "UNSUBSCRIBE from client: "));
            g_assert_true(g_str_has_suffix(message, " [MQTT-4.7.1-1]"));
            if (length > MQTT5_MESSAGE_SIZE)
                g_assert_true(g_str_has_suffix(message, "\xe2\x80\xa6 [MQTT-4.7.1-1]"));
            g_string_free(text, TRUE);
        }
}

static void test_too_many(void)
{
    mqtt5_findings_init(&findings, MQTT5_SUBACK, MQTT5_SERVER, 5);
    for (guint i = 0; i < MQTT5_FINDINGS_MAX + 5; i++)
        mqtt5_report(&findings, MQTT5_RULE_reason_code_unknown, (mqtt5_range){i, 1}, "code %u", i);
    g_assert_cmpuint(findings.count, ==, MQTT5_FINDINGS_MAX);
    g_assert_cmpuint(findings.dropped, ==, 5);
    g_assert_cmpuint(findings.items[MQTT5_FINDINGS_MAX - 1].range.offset, ==, MQTT5_FINDINGS_MAX - 1);
    mqtt5_findings_init(&findings, MQTT5_SUBACK, MQTT5_SERVER, 5);
    g_assert_cmpuint(findings.count, ==, 0);
    g_assert_cmpuint(findings.dropped, ==, 0);
}

static void test_none(void)
{
    mqtt5_report(NULL, MQTT5_RULE_reason_code_unknown, MQTT5_FIRST_BYTE, "nobody %s", "listens");
}

static void test_has_and_worst(void)
{
    mqtt5_findings_init(&findings, MQTT5_CONNACK, MQTT5_SERVER, 5);
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_CHAT);
    g_assert_false(mqtt5_findings_has(&findings, MQTT5_RULE_reason_code_failure));
    mqtt5_report(&findings, MQTT5_RULE_reason_code_failure, MQTT5_FIRST_BYTE, "a");
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_NOTE);
    mqtt5_report(&findings, MQTT5_RULE_packet_malformed, MQTT5_FIRST_BYTE, "b");
    mqtt5_report(&findings, MQTT5_RULE_property_value, MQTT5_FIRST_BYTE, "c");
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_ERROR);
    g_assert_true(mqtt5_findings_has(&findings, MQTT5_RULE_reason_code_failure));
    g_assert_true(mqtt5_findings_has(&findings, MQTT5_RULE_property_value));
    g_assert_false(mqtt5_findings_has(&findings, MQTT5_RULE_property_unknown));
}

static void expect_quote(const char *text, guint32 length, const char *expected)
{
    char buffer[64];

    g_assert_cmpstr(mqtt5_quote((const guint8 *)text, length, buffer, sizeof buffer), ==, expected);
}

static void test_quote(void)
{
    expect_quote("", 0, "\"\"");
    expect_quote("a/b", 3, "\"a/b\"");
    expect_quote("a\0b", 3, "\"a\\x00b\"");
    expect_quote("a\"b\\c", 5, "\"a\\x22b\\x5cc\"");
    expect_quote("\n\t\x7f", 3, "\"\\x0a\\x09\\x7f\"");
    expect_quote("\xc3\xa9", 2, "\"\xc3\xa9\"");
    expect_quote("\xc3\xa9", 1, "\"\\xc3\"");
    expect_quote("\xff\xfe", 2, "\"\\xff\\xfe\"");
    expect_quote("\xed\xa0\x80", 3, "\"\\xed\\xa0\\x80\"");
    expect_quote("\xf0\x9f\x98\x80!", 5, "\"\xf0\x9f\x98\x80!\"");
}

/* Whatever the bytes, their number and the size of the buffer are: valid UTF-8 in quotes, within
 * the buffer, and no read beyond the end. */
static void test_quote_any(void)
{
    GRand *random = g_rand_new_with_seed(7);

    for (guint round = 0; round < 20000; round++) {
        guint8 data[80], *copy;
        char buffer[100];
        guint32 length = (guint32)g_rand_int_range(random, 0, sizeof data + 1);
        gsize size = (gsize)g_rand_int_range(random, 16, sizeof buffer + 1);

        for (guint i = 0; i < sizeof data; i++)
            data[i] = round % 3 ? (guint8)g_rand_int_range(random, 0, 256) : (guint8)(round % 2 ? "plain" : "\xe2\x82\xac\xc2\xb5")[i % 5];
        copy = g_memdup2(data, length); /* of just that size, for the sanitizer */
        memset(buffer, 'Z', sizeof buffer);
        mqtt5_quote(copy, length, buffer, size);
        g_assert_cmpuint(strlen(buffer), <, size);
        g_assert_true(g_utf8_validate(buffer, -1, NULL));
        g_assert_true(buffer[0] == '"' && g_str_has_suffix(buffer, "\"") && strlen(buffer) >= 2);
        for (gsize i = size; i < sizeof buffer; i++)
            g_assert_cmpint(buffer[i], ==, 'Z');
        g_free(copy);
    }
    g_rand_free(random);
}

static void test_quote_long(void)
{
    char buffer[24];

    mqtt5_quote((const guint8 *)"abcdefghijklmnopqrstuvwxyz", 26, buffer, sizeof buffer);
    g_assert_true(g_str_has_prefix(buffer, "\"abcdefgh"));
    g_assert_true(g_str_has_suffix(buffer, "\xe2\x80\xa6\""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding/message", test_message);
    g_test_add_func("/finding/sender-unknown", test_sender_unknown);
    g_test_add_func("/finding/clauses", test_clauses);
    g_test_add_func("/finding/suspected", test_suspected);
    g_test_add_func("/finding/row-is-kept-to", test_row_is_kept_to);
    g_test_add_func("/finding/long-message", test_long_message);
    g_test_add_func("/finding/too-many", test_too_many);
    g_test_add_func("/finding/none", test_none);
    g_test_add_func("/finding/has-and-worst", test_has_and_worst);
    g_test_add_func("/finding/quote", test_quote);
    g_test_add_func("/finding/quote-any", test_quote_any);
    g_test_add_func("/finding/quote-long", test_quote_long);
    return g_test_run();
}
