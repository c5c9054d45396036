/* rule.c
 * The rows of rule_list.h as a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/rules/rule.h"

#include <stddef.h>

/* How rows spell sets of packet types; and a clause that a version does not have, to which a
 * constant of an enum would be no null pointer for clang. */
#define NONE 0
enum {
    RESERVED = MQTT5_IN(MQTT5_RESERVED),
    CONNECT = MQTT5_IN(MQTT5_CONNECT),
    CONNACK = MQTT5_IN(MQTT5_CONNACK),
    PUBLISH = MQTT5_IN(MQTT5_PUBLISH),
    PUBACK = MQTT5_IN(MQTT5_PUBACK),
    PUBREC = MQTT5_IN(MQTT5_PUBREC),
    PUBREL = MQTT5_IN(MQTT5_PUBREL),
    PUBCOMP = MQTT5_IN(MQTT5_PUBCOMP),
    SUBSCRIBE = MQTT5_IN(MQTT5_SUBSCRIBE),
    SUBACK = MQTT5_IN(MQTT5_SUBACK),
    UNSUBSCRIBE = MQTT5_IN(MQTT5_UNSUBSCRIBE),
    UNSUBACK = MQTT5_IN(MQTT5_UNSUBACK),
    PINGREQ = MQTT5_IN(MQTT5_PINGREQ),
    PINGRESP = MQTT5_IN(MQTT5_PINGRESP),
    DISCONNECT = MQTT5_IN(MQTT5_DISCONNECT),
    AUTH = MQTT5_IN(MQTT5_AUTH),
    ANY = MQTT5_IN(MQTT5_WILL) - 1, /* all that go over the wire */
    CLOSE = MQTT5_IN(MQTT5_CLOSE),
    BYTES = MQTT5_IN(MQTT5_BYTES)
};

/* ... and clauses, and what marks a suspicion. */
#define EVERY(clause)                                                                                                                      \
    {                                                                                                                                      \
        clause, MQTT5_SAME, MQTT5_SAME                                                                                                     \
    }
#define SINCE_5(clause)                                                                                                                    \
    {                                                                                                                                      \
        clause, NULL, NULL                                                                                                                 \
    }
#define CLAUSES(v5, v3_1_1, v3_1)                                                                                                          \
    {                                                                                                                                      \
        v5, v3_1_1, v3_1                                                                                                                   \
    }
#define SAME MQTT5_SAME
#define MARK_CERTAIN
#define MARK_SUSPECTED MQTT5_SUSPECTED
enum { CERTAIN = false, SUSPECTED = true };

static const mqtt5_rule rules[MQTT5_RULE_COUNT] = {
#define MQTT5_RULE(name, severity, group, certainty, at_fault, packets, clauses, summary, advice)                                          \
    [MQTT5_RULE_##name] = {#name,     MQTT5_SEVERITY_##severity, MQTT5_GROUP_##group,                                                      \
                           certainty, MQTT5_FAULT_##at_fault,    packets,                                                                  \
                           clauses,   summary MARK_##certainty,  advice},
#include "core/rules/rule_list.h"
};

const mqtt5_rule *mqtt5_rule_get(mqtt5_rule_id id)
{
    return &rules[id];
}

/* NULL where the statement is not in this version. */
static const char *clause_in(const mqtt5_clauses *clauses, unsigned version)
{
    const char *clause = version == MQTT5_VERSION_3_1 ? clauses->v3_1 : MQTT5_SAME;

    if (clause && !*clause)
        clause = version == MQTT5_VERSION_3_1 || version == MQTT5_VERSION_3_1_1 ? clauses->v3_1_1 : MQTT5_SAME;
    return clause && !*clause ? clauses->v5 : clause;
}

const char *mqtt5_rule_clause(mqtt5_rule_id id, const mqtt5_clauses *finer, unsigned version)
{
    const mqtt5_clauses *own = &rules[id].clauses;
    const char *clause = finer ? clause_in(finer, version) : NULL;

    if (!clause)
        clause = clause_in(own, version);
    if (!clause)
        clause = own->v5 ? own->v5 : own->v3_1_1 ? own->v3_1_1 : own->v3_1;
    return clause;
}

bool mqtt5_rule_fits(mqtt5_rule_id id, mqtt5_packet_type type, mqtt5_sender sender, unsigned version)
{
    const mqtt5_packet_type_info *info = mqtt5_packet_type_get(type);
    mqtt5_sender never = rules[id].at_fault == MQTT5_FAULT_CLIENT   ? MQTT5_SERVER
                         : rules[id].at_fault == MQTT5_FAULT_SERVER ? MQTT5_CLIENT
                                                                    : MQTT5_SENDER_UNKNOWN;

    if (!(rules[id].packets & MQTT5_IN(type)))
        return false;
    /* What only one side may send is judged by its content, even if it comes from the other
     * (packet_type_wrong_sender). */
    if (sender != MQTT5_SENDER_UNKNOWN && sender == never && info->from_client && info->from_server)
        return false;
    return version < MQTT5_VERSION_3_1 || clause_in(&rules[id].clauses, version);
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
