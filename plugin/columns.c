/* columns.c
 * The Info column: the reason code of acks, CONNACK, DISCONNECT and AUTH, and a mark where a finding stands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "columns.h"

#include <epan/prefs.h>

#include "compat.h"
#include "core/reason_code.h"

/* A line of the packet list is short: what more there is, the tree shows. */
#define REASON_CODES_MAX 4

static mqtt5_bool info_column = true;

void mqtt5_columns_register(int proto)
{
    module_t *module = prefs_register_protocol(proto, NULL);

    prefs_register_bool_preference(module, "info_column", "Reason codes and findings in the Info column",
                                   "Whether the packet list shows the reason code of a refusal and a mark where a packet breaks a rule",
                                   &info_column);
}

/* 0x00 is what everybody expects: it stays quiet. */
static void append_reason_code(packet_info *pinfo, const mqtt5_verdict *verdict, bool alone)
{
    const char *name = mqtt5_reason_code_name((mqtt5_packet_type)verdict->type, verdict->reason_code);
    const char *type = mqtt5_packet_type_get(verdict->type)->name;

    name = name ? name : "Unknown reason code";
    if (alone) {
        static const char digits[] = "0123456789abcdef";
        char code[] = {' ', '(', '0', 'x', digits[verdict->reason_code >> 4], digits[verdict->reason_code & 15], ')', '\0'};

        /* The usual case, for every PUBACK that nobody has subscribed to: a format would take five times as long. */
        col_append_lstr(pinfo->cinfo, COL_INFO, ", ", name, code, COL_ADD_LSTR_TERMINATOR);
    } else if (verdict->packet_id > 0)
        col_append_fstr(pinfo->cinfo, COL_INFO, ", %s (id=%u) %s (0x%02x)", type, verdict->packet_id, name, verdict->reason_code);
    else
        col_append_fstr(pinfo->cinfo, COL_INFO, ", %s %s (0x%02x)", type, name, verdict->reason_code);
}

static void append_mark(packet_info *pinfo, const mqtt5_frozen_finding *worst, unsigned count)
{
    const mqtt5_rule *rule = mqtt5_rule_get((mqtt5_rule_id)worst->rule);

    if (count > 1)
        col_append_fstr(pinfo->cinfo, COL_INFO, " [%s: %s, +%u]", mqtt5_severity_name(rule->severity), rule->name, count - 1);
    else
        col_append_fstr(pinfo->cinfo, COL_INFO, " [%s: %s]", mqtt5_severity_name(rule->severity), rule->name);
}

void mqtt5_columns_append(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets)
{
    const mqtt5_frozen_finding *worst = NULL;
    unsigned reason_codes = 0, findings = 0;

    if (!info_column)
        return;
    for (unsigned i = 0; i < batch->count; i++) {
        const mqtt5_frozen_packet *packet = &packets[i];

        if (packet->verdict.has_reason_code && packet->verdict.reason_code != 0) {
            if (reason_codes++ < REASON_CODES_MAX)
                append_reason_code(pinfo, &packet->verdict, batch->count == 1);
        }
        for (unsigned j = 0; packet->findings && j < packet->findings->count; j++) {
            const mqtt5_frozen_finding *finding = &packet->findings->items[j];

            if (!mqtt5_rule_is_finding((mqtt5_rule_id)finding->rule))
                continue;
            findings++;
            if (!worst || mqtt5_rule_get((mqtt5_rule_id)finding->rule)->severity > mqtt5_rule_get((mqtt5_rule_id)worst->rule)->severity)
                worst = finding;
        }
        findings += packet->findings ? packet->findings->dropped : 0;
    }
    if (reason_codes > REASON_CODES_MAX)
        col_append_fstr(pinfo->cinfo, COL_INFO, ", and %u more reason codes", reason_codes - REASON_CODES_MAX);
    if (worst)
        append_mark(pinfo, worst, findings);
}
