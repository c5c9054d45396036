/* test_property_value.c
 * Values of properties: every number around its limits against the oracle, and lists that cannot be
 * decoded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "property_packet.h"

static guint32 largest(const char *type)
{
    return !strcmp(type, "byte") ? 255 : !strcmp(type, "two_byte") ? 65535 : !strcmp(type, "variable_byte") ? 268435455 : G_MAXUINT32;
}

static void check_value(const oracle_property *row, guint32 value)
{
    const char *expected = value >= row->minimum && value <= row->maximum ? ""
                           : row->soft                                    ? "property_value_unclassified"
                                                                          : "property_value";
    GByteArray *properties = g_byte_array_new(), *bytes;
    judged result;
    char *rules;

    property_add(properties, row->id, value);
    bytes = property_packet(row->list, properties);
    judge_bytes(&result, MQTT5_VERSION_5, !strcmp(row->sender, "server") ? MQTT5_SERVER : MQTT5_CLIENT, bytes->data, bytes->len,
                bytes->len);
    rules = judged_rules(&result, "property_");
    if (strcmp(rules, expected) != 0)
        g_error("%s %u in %s: \"%s\", the oracle says \"%s\"", row->name, value, mqtt5_packet_type_get(row->list)->name, rules, expected);
    g_free(rules);
    g_byte_array_unref(bytes);
    g_byte_array_unref(properties);
}

static void test_numbers(void)
{
    guint numbers = 0;

    for (guint i = 0; i < oracle_properties()->len; i++) {
        const oracle_property *row = g_ptr_array_index(oracle_properties(), i);
        guint32 last;

        if (row->minimum < 0)
            continue;
        numbers++;
        last = largest(row->type);
        for (guint32 value = 0; value < 256; value++)
            check_value(row, value);
        for (guint bit = 8; bit < 32 && (1u << bit) <= last; bit++) {
            check_value(row, (1u << bit) - 1);
            check_value(row, 1u << bit);
        }
        check_value(row, last);
    }
    g_assert_cmpuint(numbers, >, 20);
}

/* Every property of every list, shortened byte by byte with its list: property_malformed, and no
 * read beyond it. */
static void test_cut_values(void)
{
    for (guint i = 0; i < oracle_properties()->len; i++) {
        const oracle_property *row = g_ptr_array_index(oracle_properties(), i);
        GByteArray *properties = g_byte_array_new();

        property_add(properties, row->id, row->maximum > 0 ? (guint32)row->maximum : 0);
        while (properties->len > 1) {
            GByteArray *bytes;
            judged result;
            char *rules;

            g_byte_array_set_size(properties, properties->len - 1);
            bytes = property_packet(row->list, properties);
            judge_bytes(&result, MQTT5_VERSION_5, MQTT5_SENDER_UNKNOWN, bytes->data, bytes->len, bytes->len);
            rules = judged_rules(&result, "property_");
            g_assert_cmpstr(rules, ==, "property_malformed");
            g_assert_cmpint(mqtt5_findings_worst(&result.findings), ==, MQTT5_SEVERITY_ERROR);
            g_free(rules);
            g_byte_array_unref(bytes);
        }
        g_byte_array_unref(properties);
    }
}

static void test_property_length(void)
{
    /* beyond the packet */
    assert_rules(MQTT5_VERSION_5, MQTT5_SERVER, "property_malformed", "20 [ 00 00 01 ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "property_malformed", "30 [ \"t\" 05 26 ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "property_malformed", "e0 [ 00 ffffff7f ]");
    /* five bytes, or without an end */
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "property_malformed", "30 [ \"t\" 8080808001 'p' ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "property_malformed", "30 [ \"t\" 80 ]");
    /* missing: only acknowledgments and DISCONNECT need not have it */
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "packet_malformed", "30 [ \"t\" ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_SERVER, "packet_malformed", "20 [ 00 00 ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "packet_malformed", "82 [ 0001 ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_SERVER, "packet_malformed", "90 [ 0001 ]");
}

static void test_subscription_identifier_of_five_bytes(void)
{
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "property_malformed", "82 [ 0001 [ 0b 8080808001 ] \"f\" 00 ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_SERVER, "property_malformed", "30 [ \"t\" [ 0b ffffffff7f ] 'p' ]");
}

static void test_not_minimal(void)
{
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "variable_byte_integer_not_minimal", "82 [ 0001 [ 0b 8100 ] \"f\" 00 ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "variable_byte_integer_not_minimal", "30 [ \"t\" [ 8100 00 ] 'p' ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "variable_byte_integer_not_minimal", "30 [ \"t\" 8000 'p' ]");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "variable_byte_integer_not_minimal", "c0 8000");
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "variable_byte_integer_not_minimal",
                 "10 [ \"MQTT\" 05 06 003c [ ] \"c\" 80808000 \"t\" \"p\" ]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/property-value/numbers", test_numbers);
    g_test_add_func("/property-value/cut", test_cut_values);
    g_test_add_func("/property-value/property-length", test_property_length);
    g_test_add_func("/property-value/five-bytes", test_subscription_identifier_of_five_bytes);
    g_test_add_func("/property-value/not-minimal", test_not_minimal);
    return g_test_run();
}
