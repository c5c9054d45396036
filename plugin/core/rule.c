/* rule.c
 * The rows of rule_list.h as a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "rule.h"

static const mqtt5_rule rules[MQTT5_RULE_COUNT] = {
#define MQTT5_RULE(id, name, severity, group, clauses, packets, at_fault, summary, advice)                                                 \
    [MQTT5_RULE_##id] = {name, MQTT5_SEVERITY_##severity, MQTT5_GROUP_##group, clauses, packets, at_fault, summary, advice},
#include "rule_list.h"
#undef MQTT5_RULE
};

const mqtt5_rule *mqtt5_rule_get(mqtt5_rule_id id)
{
    return &rules[id];
}

bool mqtt5_rule_is_finding(mqtt5_rule_id id)
{
    mqtt5_group group = rules[id].group;

    return rules[id].severity > MQTT5_SEVERITY_CHAT && group != MQTT5_GROUP_RESPONSE_CODE && group != MQTT5_GROUP_ASSUMPTION;
}

const char *mqtt5_severity_name(mqtt5_severity severity)
{
    switch (severity) {
    case MQTT5_SEVERITY_ERROR: return "Error";
    case MQTT5_SEVERITY_WARN: return "Warning";
    case MQTT5_SEVERITY_NOTE: return "Note";
    default: return "Chat";
    }
}
