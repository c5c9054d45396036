/* test_rule.c
 * The table of rules: the names that users filter on, and what each row must have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "core/rules/rule.h"

#include <glib.h>

/* A released name never changes its meaning or its severity. */
static const struct {
    const char *name;
    mqtt5_severity severity;
    mqtt5_group group;
} released[] = {
    {"reason_code_unknown", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"reason_code_not_allowed", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"reason_code_wrong_sender", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"reason_code_disputed", MQTT5_SEVERITY_NOTE, MQTT5_GROUP_PROTOCOL},
    {"reason_code_failure", MQTT5_SEVERITY_NOTE, MQTT5_GROUP_RESPONSE_CODE},
    {"return_code_reserved", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"reason_codes_empty", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"property_unknown", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"property_not_allowed", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"property_wrong_sender", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"property_repeated", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"property_repeated_unclassified", MQTT5_SEVERITY_NOTE, MQTT5_GROUP_PROTOCOL},
    {"property_value", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"property_value_unclassified", MQTT5_SEVERITY_NOTE, MQTT5_GROUP_PROTOCOL},
    {"property_malformed", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"packet_malformed", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"remaining_length_malformed", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"packet_type_reserved", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"packet_type_wrong_sender", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"fixed_header_flags", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"packet_identifier_zero", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"publish_qos_invalid", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"publish_dup_qos_0", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"string_not_utf8", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"string_null_character", MQTT5_SEVERITY_ERROR, MQTT5_GROUP_MALFORMED},
    {"string_control_character", MQTT5_SEVERITY_CHAT, MQTT5_GROUP_PROTOCOL},
    {"topic_name_wildcard", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"topic_name_empty", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"topic_filter_invalid", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"shared_subscription_invalid", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"subscription_no_local_shared", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"subscription_options_reserved", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"subscription_qos_invalid", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"subscription_retain_handling_invalid", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"subscription_empty", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"payload_not_utf8", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connect_protocol_name", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connect_protocol_level", MQTT5_SEVERITY_NOTE, MQTT5_GROUP_PROTOCOL},
    {"connect_flags_reserved", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connect_will_flags", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connect_will_qos_invalid", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connect_client_id_empty", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connect_password_without_user_name", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connack_flags_reserved", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"connack_session_present_error", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"authentication_method_missing", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
    {"authentication_data_without_method", MQTT5_SEVERITY_WARN, MQTT5_GROUP_PROTOCOL},
};

static const mqtt5_rule *find(const char *name)
{
    for (guint id = 0; id < MQTT5_RULE_COUNT; id++)
        if (!strcmp(mqtt5_rule_get((mqtt5_rule_id)id)->name, name))
            return mqtt5_rule_get((mqtt5_rule_id)id);
    return NULL;
}

static void test_released(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(released); i++) {
        const mqtt5_rule *rule = find(released[i].name);

        if (!rule)
            g_error("rule %s is gone", released[i].name);
        g_assert_cmpint(rule->severity, ==, released[i].severity);
        g_assert_cmpint(rule->group, ==, released[i].group);
    }
}

static void test_rows(void)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal), *summaries = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint id = 0; id < MQTT5_RULE_COUNT; id++) {
        const mqtt5_rule *rule = mqtt5_rule_get((mqtt5_rule_id)id);

        g_assert_nonnull(rule->name);
        for (const char *c = rule->name; *c; c++)
            g_assert_true(g_ascii_islower(*c) || g_ascii_isdigit(*c) || *c == '_');
        if (!g_hash_table_add(names, (gpointer)rule->name))
            g_error("two rules %s", rule->name);
        if (!g_hash_table_add(summaries, (gpointer)rule->summary))
            g_error("two rules say: %s", rule->summary);
        g_assert_true(*rule->summary && *rule->advice);
        g_assert_true(rule->clauses.v5 || rule->clauses.v3_1_1 || rule->clauses.v3_1);
        g_assert_true(!rule->clauses.v5 || *rule->clauses.v5);
        g_assert_cmpint(rule->suspected, ==, g_str_has_suffix(rule->summary, MQTT5_SUSPECTED));
        g_assert_null(strchr(rule->summary, '\n'));
        g_assert_true(g_ascii_isupper(rule->summary[0]));
        g_assert_false(g_str_has_suffix(rule->summary, "."));
    }
    g_hash_table_unref(names);
    g_hash_table_unref(summaries);
}

/* Faults are findings; a refusal, an assumption and normal events are not. */
static void test_is_finding(void)
{
    for (guint id = 0; id < MQTT5_RULE_COUNT; id++) {
        const mqtt5_rule *rule = mqtt5_rule_get((mqtt5_rule_id)id);
        gboolean remark =
            rule->severity == MQTT5_SEVERITY_CHAT || rule->group == MQTT5_GROUP_RESPONSE_CODE || rule->group == MQTT5_GROUP_ASSUMPTION;

        g_assert_cmpint(mqtt5_rule_is_finding((mqtt5_rule_id)id), ==, !remark);
        if (rule->severity >= MQTT5_SEVERITY_WARN)
            g_assert_true(mqtt5_rule_is_finding((mqtt5_rule_id)id));
        if (rule->severity == MQTT5_SEVERITY_ERROR)
            g_assert_cmpint(rule->group, ==, MQTT5_GROUP_MALFORMED);
    }
}

static void test_severity_names(void)
{
    g_assert_cmpstr(mqtt5_severity_name(MQTT5_SEVERITY_CHAT), ==, "Chat");
    g_assert_cmpstr(mqtt5_severity_name(MQTT5_SEVERITY_NOTE), ==, "Note");
    g_assert_cmpstr(mqtt5_severity_name(MQTT5_SEVERITY_WARN), ==, "Warning");
    g_assert_cmpstr(mqtt5_severity_name(MQTT5_SEVERITY_ERROR), ==, "Error");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rule/released", test_released);
    g_test_add_func("/rule/rows", test_rows);
    g_test_add_func("/rule/is-finding", test_is_finding);
    g_test_add_func("/rule/severity-names", test_severity_names);
    return g_test_run();
}
