/* rule.h
 * The table of rules: everything the plugin can find, one row each (rule_list.h). Expert infos,
 * messages and RULES.md come from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_RULES_RULE_H
#define MQTT5_RULES_RULE_H

#include "core/standard/packet_type.h"

/* Severities and groups, in the order of Wireshark's own; the shell maps them. */
typedef enum { MQTT5_SEVERITY_CHAT, MQTT5_SEVERITY_NOTE, MQTT5_SEVERITY_WARN, MQTT5_SEVERITY_ERROR } mqtt5_severity;
typedef enum {
    MQTT5_GROUP_PROTOCOL,
    MQTT5_GROUP_SEQUENCE,
    MQTT5_GROUP_MALFORMED,
    MQTT5_GROUP_RESPONSE_CODE,
    MQTT5_GROUP_ASSUMPTION,
    MQTT5_GROUP_SECURITY
} mqtt5_group;

/* Whose fault it is; of one by MQTT5_FAULT_SENDER, that of whoever sent the packet. */
typedef enum { MQTT5_FAULT_NOBODY, MQTT5_FAULT_CLIENT, MQTT5_FAULT_SERVER, MQTT5_FAULT_SENDER } mqtt5_at_fault;

/* Rules, by name: MQTT5_RULE_reason_code_unknown and so on. */
typedef enum {
#define MQTT5_RULE(name, ...) MQTT5_RULE_##name,
#include "core/rules/rule_list.h"
    MQTT5_RULE_COUNT
} mqtt5_rule_id;

/* A statement of the standard, as each version numbers it: "MQTT-3.14.2-1", or a section such as
 * "3.2.2.3.4". MQTT5_SAME: as the version above. NULL: not in this version. Static strings. */
typedef struct {
    const char *v5, *v3_1_1, *v3_1;
} mqtt5_clauses;

#define MQTT5_SAME ""

typedef struct {
    const char *name; /* "<area>_<condition>"; the filter is mqtt5.analysis.<name> */
    mqtt5_severity severity;
    mqtt5_group group;
    bool suspected; /* what was seen makes it likely, and does not prove it */
    mqtt5_at_fault at_fault;
    uint32_t packets; /* set of packet types (MQTT5_IN) that a finding can be about */
    mqtt5_clauses clauses;
    /* one line, the stable text of the expert info, with "(suspected)" where it is that */
    const char *summary;
    const char *advice; /* what to do about it, one line */
} mqtt5_rule;

/* How summaries and messages of rules that are `suspected` end. */
#define MQTT5_SUSPECTED " (suspected)"

/* The row of a rule; `id` must be below MQTT5_RULE_COUNT. Static data. */
const mqtt5_rule *mqtt5_rule_get(mqtt5_rule_id id);

/* True if a packet of this type, sender and version (0: not known) can be what a finding of the
 * rule is about, by the rule's row. */
bool mqtt5_rule_fits(mqtt5_rule_id id, mqtt5_packet_type type, mqtt5_sender sender, unsigned version);

/* The clause of a rule in `version` (0, not known, counts as 5.0). `finer`, if it is not NULL, goes
 * before the rule's own where it has one for this version. Never NULL; a static string. */
const char *mqtt5_rule_clause(mqtt5_rule_id id, const mqtt5_clauses *finer, unsigned version);

/* False for rules that are no finding: what is legal but worth a line (a refusal, an
 * assumption). */
bool mqtt5_rule_is_finding(mqtt5_rule_id id);

/* "Chat", "Note", "Warning" or "Error"; a static string. */
const char *mqtt5_severity_name(mqtt5_severity severity);

#endif
