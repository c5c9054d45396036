/* test_property.c
 * 14 property lists x 256 identifiers x three senders against the oracle: in the table, and in
 * whole packets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "property_packet.h"

static void test_table(void)
{
    guint count = 0;

    for (guint l = 0; l < PROPERTY_LISTS; l++)
        for (guint id = 0; id < 256; id++)
            for (guint sender = MQTT5_SENDER_UNKNOWN; sender <= MQTT5_SERVER; sender++, count++) {
                mqtt5_packet_type list = property_lists[l];
                mqtt5_property_verdict expected = oracle_property_verdict(list, id, (mqtt5_sender)sender);
                mqtt5_property_verdict actual = mqtt5_property_judge(list, id, (mqtt5_sender)sender);

                if (expected != actual)
                    g_error("0x%02x in %s from %s: facts %d, the oracle says %d", id, mqtt5_packet_type_get(list)->name,
                            mqtt5_sender_name((mqtt5_sender)sender), actual, expected);
            }
    g_assert_cmpuint(count, ==, 14 * 256 * 3);
}

/* Identifiers of two bytes and more: none exists. */
static void test_large_identifiers(void)
{
    for (guint32 id = 0x80; id <= 0x3FFF; id++) {
        g_assert_null(mqtt5_property_get(id));
        g_assert_cmpint(mqtt5_property_judge(MQTT5_PUBLISH, id, MQTT5_CLIENT), ==, MQTT5_PROPERTY_UNKNOWN);
    }
    g_assert_null(mqtt5_property_get(268435455));
    g_assert_null(mqtt5_property_get(0x101)); /* not 0x01 */
    g_assert_null(mqtt5_property_get(0x10001));
}

/* Judges a packet with these properties; the broken rules about properties must be `expected`. The
 * first finding must point to the properties. */
static void check_list(mqtt5_packet_type list, mqtt5_sender sender, const GByteArray *properties, const char *expected, guint id)
{
    GByteArray *bytes = property_packet(list, properties);
    judged result;
    char *rules;

    judge_bytes(&result, MQTT5_VERSION_5, sender, bytes->data, bytes->len, bytes->len);
    rules = judged_rules(&result, "property_");
    if (strcmp(rules, expected) != 0)
        g_error("0x%02x in %s from %s: \"%s\", the oracle says \"%s\"", id, mqtt5_packet_type_get(list)->name, mqtt5_sender_name(sender),
                rules, expected);
    g_free(rules);
    g_byte_array_unref(bytes);
}

static const char *expected_rule(mqtt5_packet_type list, guint id, mqtt5_sender sender)
{
    switch (oracle_property_verdict(list, id, sender)) {
    case MQTT5_PROPERTY_LEGAL: return "";
    case MQTT5_PROPERTY_UNKNOWN: return "property_unknown";
    case MQTT5_PROPERTY_NOT_ALLOWED: return "property_not_allowed";
    case MQTT5_PROPERTY_WRONG_SENDER:
        /* Of Server Reference, the standard only describes who sends it (3.14.2.2.5). */
        return id == 0x1C ? "property_wrong_sender_unclassified" : "property_wrong_sender";
    }
    g_assert_not_reached();
}

/* Each identifier with a legal value, alone in the list, and a sample of unknown ones up to
 * 0x3FFF. */
static void test_packets(void)
{
    for (guint l = 0; l < PROPERTY_LISTS; l++)
        for (guint id = 0; id <= 0x3FFF; id += id < 256 ? 1 : 61)
            for (guint sender = MQTT5_SENDER_UNKNOWN; sender <= MQTT5_SERVER; sender++) {
                GByteArray *properties = g_byte_array_new();

                property_add(properties, id, property_legal_number(id));
                check_list(property_lists[l], (mqtt5_sender)sender, properties, expected_rule(property_lists[l], id, (mqtt5_sender)sender),
                           id);
                g_byte_array_unref(properties);
            }
}

/* Properties before an unknown identifier are decoded; those after it are not. */
static void test_after_unknown(void)
{
    assert_rules(MQTT5_VERSION_5, MQTT5_CLIENT, "property_not_allowed property_unknown",
                 "32 [ \"t\" 0001 [ 11 00000000 2b 18 00000000 ] 'p' ]");
}

/* Each legal property twice in its list. */
static void test_repeats(void)
{
    for (guint i = 0; i < oracle_properties()->len; i++) {
        const oracle_property *row = g_ptr_array_index(oracle_properties(), i);
        mqtt5_sender sender = !strcmp(row->sender, "server") ? MQTT5_SERVER : MQTT5_CLIENT;
        GByteArray *properties = g_byte_array_new();

        property_add(properties, row->id, property_legal_number(row->id));
        property_add(properties, row->id, property_legal_number(row->id));
        check_list(row->list, sender, properties,
                   !strcmp(row->repeatable, "yes")        ? ""
                   : !strcmp(row->repeatable, "unstated") ? "property_repeated_unclassified"
                                                          : "property_repeated",
                   row->id);
        g_byte_array_unref(properties);
    }
}

/* All properties of a list at once, in both orders. */
static void test_all_at_once(void)
{
    for (guint l = 0; l < PROPERTY_LISTS; l++)
        for (guint sender = MQTT5_CLIENT; sender <= MQTT5_SERVER; sender++)
            for (int order = 0; order < 2; order++) {
                GByteArray *properties = g_byte_array_new();

                for (guint n = 1; n < 0x2B; n++) {
                    guint id = order ? 0x2B - n : n;
                    if (oracle_property_verdict(property_lists[l], id, (mqtt5_sender)sender) == MQTT5_PROPERTY_LEGAL)
                        property_add(properties, id, property_legal_number(id));
                }
                check_list(property_lists[l], (mqtt5_sender)sender, properties, "", 0);
                g_byte_array_unref(properties);
            }
}

static void test_rows(void)
{
    static const char *const types[] = {"byte", "two_byte", "four_byte", "variable_byte", "string", "binary", "string_pair"};
    const mqtt5_property_info *rows = mqtt5_properties();

    for (guint i = 0; i < MQTT5_PROPERTY_COUNT; i++) {
        g_assert_true(i == 0 || rows[i - 1].id < rows[i].id);
        g_assert_true(mqtt5_property_get(rows[i].id) == &rows[i]);
        g_assert_cmpuint(mqtt5_property_row(&rows[i]), ==, i);
        for (guint l = 0; l < PROPERTY_LISTS; l++)
            g_assert_cmpint((mqtt5_property_packets(&rows[i]) & MQTT5_IN(property_lists[l])) != 0, ==,
                            oracle_property_find(property_lists[l], rows[i].id) != NULL);
    }
    for (guint i = 0; i < oracle_properties()->len; i++) {
        const oracle_property *row = g_ptr_array_index(oracle_properties(), i);
        const mqtt5_property_info *info = mqtt5_property_get(row->id);

        g_assert_nonnull(info);
        g_assert_cmpstr(info->name, ==, row->name);
        g_assert_cmpstr(info->abbrev, ==, row->abbrev);
        g_assert_cmpstr(types[info->type], ==, row->type);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/property/table", test_table);
    g_test_add_func("/property/large-identifiers", test_large_identifiers);
    g_test_add_func("/property/packets", test_packets);
    g_test_add_func("/property/after-unknown", test_after_unknown);
    g_test_add_func("/property/repeats", test_repeats);
    g_test_add_func("/property/all-at-once", test_all_at_once);
    g_test_add_func("/property/rows", test_rows);
    return g_test_run();
}
