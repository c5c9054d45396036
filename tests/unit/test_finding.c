/* test_finding.c
 * The list of findings, the form of messages, and how bytes from the wire are quoted in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "judged.h"

static mqtt5_findings findings;

static void test_message(void)
{
    mqtt5_findings_init(&findings, MQTT5_PUBREC, MQTT5_SERVER);
    mqtt5_report(&findings, MQTT5_RULE_REASON_CODE_NOT_ALLOWED, 4, 1, "MQTT-3.5.2-1", "reason code 0x%02x is wrong", 0x93);
    g_assert_cmpuint(findings.count, ==, 1);
    g_assert_cmpint(findings.items[0].rule, ==, MQTT5_RULE_REASON_CODE_NOT_ALLOWED);
    g_assert_cmpuint(findings.items[0].offset, ==, 4);
    g_assert_cmpuint(findings.items[0].length, ==, 1);
    g_assert_cmpstr(findings.items[0].clause, ==, "MQTT-3.5.2-1");
    g_assert_cmpstr(findings.items[0].message, ==, "PUBREC from server: reason code 0x93 is wrong [MQTT-3.5.2-1]");
}

static void test_sender_unknown(void)
{
    mqtt5_findings_init(&findings, MQTT5_PINGREQ, MQTT5_SENDER_UNKNOWN);
    mqtt5_report(&findings, MQTT5_RULE_FIXED_HEADER_FLAGS, 0, 1, "X", "flags");
    g_assert_cmpstr(findings.items[0].message, ==, "PINGREQ: flags [X]");
}

/* Without a clause, the first of the rule. */
static void test_default_clause(void)
{
    for (guint id = 0; id < MQTT5_RULE_COUNT; id++) {
        char **clauses = g_strsplit(mqtt5_rule_get((mqtt5_rule_id)id)->clauses, " ", -1), *tail = g_strdup_printf(" [%s]", clauses[0]);

        mqtt5_findings_init(&findings, MQTT5_CONNECT, MQTT5_CLIENT);
        mqtt5_report(&findings, (mqtt5_rule_id)id, 0, 0, NULL, "text");
        g_assert_cmpstr(findings.items[0].clause, ==, clauses[0]);
        g_assert_true(g_str_has_suffix(findings.items[0].message, tail));
        g_strfreev(clauses);
        g_free(tail);
    }
}

/* A long text is cut in the text, at a character, so that the clause stays; of whatever length and alignment. */
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
            mqtt5_findings_init(&findings, MQTT5_UNSUBSCRIBE, MQTT5_CLIENT);
            mqtt5_report(&findings, MQTT5_RULE_TOPIC_FILTER_INVALID, 0, 1, "MQTT-4.7.1-1", "%s", text->str);
            message = findings.items[0].message;
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
    mqtt5_findings_init(&findings, MQTT5_SUBACK, MQTT5_SERVER);
    for (guint i = 0; i < MQTT5_FINDINGS_MAX + 5; i++)
        mqtt5_report(&findings, MQTT5_RULE_REASON_CODE_UNKNOWN, i, 1, NULL, "code %u", i);
    g_assert_cmpuint(findings.count, ==, MQTT5_FINDINGS_MAX);
    g_assert_cmpuint(findings.dropped, ==, 5);
    g_assert_cmpuint(findings.items[MQTT5_FINDINGS_MAX - 1].offset, ==, MQTT5_FINDINGS_MAX - 1);
    mqtt5_findings_init(&findings, MQTT5_SUBACK, MQTT5_SERVER);
    g_assert_cmpuint(findings.count, ==, 0);
    g_assert_cmpuint(findings.dropped, ==, 0);
}

static void test_none(void)
{
    mqtt5_report(NULL, MQTT5_RULE_REASON_CODE_UNKNOWN, 0, 1, NULL, "nobody %s", "listens");
}

static void test_has_and_worst(void)
{
    mqtt5_findings_init(&findings, MQTT5_CONNACK, MQTT5_SERVER);
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_CHAT);
    g_assert_false(mqtt5_findings_has(&findings, MQTT5_RULE_REASON_CODE_FAILURE));
    mqtt5_report(&findings, MQTT5_RULE_REASON_CODE_FAILURE, 0, 1, NULL, "a");
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_NOTE);
    mqtt5_report(&findings, MQTT5_RULE_PACKET_MALFORMED, 0, 1, NULL, "b");
    mqtt5_report(&findings, MQTT5_RULE_PROPERTY_VALUE, 0, 1, NULL, "c");
    g_assert_cmpint(mqtt5_findings_worst(&findings), ==, MQTT5_SEVERITY_ERROR);
    g_assert_true(mqtt5_findings_has(&findings, MQTT5_RULE_REASON_CODE_FAILURE));
    g_assert_true(mqtt5_findings_has(&findings, MQTT5_RULE_PROPERTY_VALUE));
    g_assert_false(mqtt5_findings_has(&findings, MQTT5_RULE_PROPERTY_UNKNOWN));
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

/* Whatever the bytes, their number and the room: valid UTF-8 in quotes, within the room, never a byte beyond the end. */
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
    g_test_add_func("/finding/default-clause", test_default_clause);
    g_test_add_func("/finding/long-message", test_long_message);
    g_test_add_func("/finding/too-many", test_too_many);
    g_test_add_func("/finding/none", test_none);
    g_test_add_func("/finding/has-and-worst", test_has_and_worst);
    g_test_add_func("/finding/quote", test_quote);
    g_test_add_func("/finding/quote-any", test_quote_any);
    g_test_add_func("/finding/quote-long", test_quote_long);
    return g_test_run();
}
