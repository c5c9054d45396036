/* rule.h
 * The table of rules: everything the plugin can find, one row each. Expert infos, messages and RULES.md come from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_RULE_H
#define MQTT5_RULE_H

#include "packet_type.h"

/* Severities and groups, in the order of Wireshark's own; the shell maps them. */
typedef enum { MQTT5_SEVERITY_CHAT, MQTT5_SEVERITY_NOTE, MQTT5_SEVERITY_WARN, MQTT5_SEVERITY_ERROR } mqtt5_severity;
typedef enum {
    MQTT5_GROUP_PROTOCOL,
    MQTT5_GROUP_SEQUENCE,
    MQTT5_GROUP_MALFORMED,
    MQTT5_GROUP_RESPONSE_CODE,
    MQTT5_GROUP_ASSUMPTION
} mqtt5_group;

/* Rules, by name: MQTT5_RULE_REASON_CODE_UNKNOWN and so on. */
typedef enum {
#define MQTT5_RULE(id, name, severity, group, clauses, packets, at_fault, summary, advice) MQTT5_RULE_##id,
#include "rule_list.h"
#undef MQTT5_RULE
    MQTT5_RULE_COUNT
} mqtt5_rule_id;

typedef struct {
    const char *name; /* "<area>_<condition>"; the filter is mqtt5.analysis.<name> */
    mqtt5_severity severity;
    mqtt5_group group;
    const char *clauses;  /* the statements it checks, separated by spaces; the first is the default of a finding */
    const char *packets;  /* the packet types it looks at, for the generated list */
    const char *at_fault; /* "client", "server", "both" or "-" */
    const char *summary;  /* one line, the stable text of the expert info */
    const char *advice;   /* what to do about it, one line */
} mqtt5_rule;

/* The row of a rule; `id` must be below MQTT5_RULE_COUNT. Static data. */
const mqtt5_rule *mqtt5_rule_get(mqtt5_rule_id id);

/* False for rules that are no finding: what is legal but worth a line (a refusal, an assumption). */
bool mqtt5_rule_is_finding(mqtt5_rule_id id);

/* "Chat", "Note", "Warning" or "Error"; a static string. */
const char *mqtt5_severity_name(mqtt5_severity severity);

#endif
