/* columns.c
 * The Info column: reason codes, and a mark for findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/columns.h"

#include <epan/prefs.h>

#include "compat.h"
#include "core/standard/reason_code.h"

/* A line of the packet list has little room; the tree shows all reason codes. */
#define REASON_CODES_MAX 4

static mqtt5_bool info_column = true;

void mqtt5_columns_register(int proto)
{
    module_t *module = prefs_register_protocol(proto, NULL);

    prefs_register_bool_preference(module, "info_column", "Show reason codes and findings in the Info column",
                                   "Show in the packet list the reason codes other than 0x00, and a mark if a packet breaks a rule",
                                   &info_column);
}

/* 0x00 is the normal case, and not shown. */
static void append_reason_code(packet_info *pinfo, const mqtt5_facts *facts, bool alone)
{
    const char *name = mqtt5_code_name((mqtt5_packet_type)facts->type, facts->reason_code, facts->is_return_code);
    const char *type = mqtt5_packet_type_get(facts->type)->name;

    if (alone) {
        static const char digits[] = "0123456789abcdef";
        char code[] = {' ', '(', '0', 'x', digits[facts->reason_code >> 4], digits[facts->reason_code & 15], ')', '\0'};

        /* A frequent case, for each PUBACK with No matching subscribers: a format would take five
         * times as long. */
        col_append_lstr(pinfo->cinfo, COL_INFO, ", ", name, code, COL_ADD_LSTR_TERMINATOR);
    } else if (facts->packet_id > 0)
        col_append_fstr(pinfo->cinfo, COL_INFO, ", %s (id=%u) %s (0x%02x)", type, facts->packet_id, name, facts->reason_code);
    else
        col_append_fstr(pinfo->cinfo, COL_INFO, ", %s %s (0x%02x)", type, name, facts->reason_code);
}

static void append_mark(packet_info *pinfo, const mqtt5_frozen_finding *worst, unsigned count)
{
    const mqtt5_rule *rule = mqtt5_rule_get(worst->rule);

    if (count > 1)
        col_append_fstr(pinfo->cinfo, COL_INFO, " [%s: %s, +%u]", mqtt5_severity_name(rule->severity), rule->name, count - 1);
    else
        col_append_fstr(pinfo->cinfo, COL_INFO, " [%s: %s]", mqtt5_severity_name(rule->severity), rule->name);
}

/* True if the columns tell something of the packet. */
static bool is_told(const mqtt5_frozen_packet *packet)
{
    return packet->findings || (packet->facts.has_reason_code && packet->facts.reason_code != 0);
}

static void append_all(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets)
{
    const mqtt5_frozen_finding *worst = NULL;
    unsigned reason_codes = 0, findings = 0;

    for (unsigned i = 0; i < batch->count; i++) {
        const mqtt5_frozen_packet *packet = &packets[i];

        if (packet->facts.has_reason_code && packet->facts.reason_code != 0) {
            if (reason_codes++ < REASON_CODES_MAX)
                append_reason_code(pinfo, &packet->facts, batch->count == 1);
        }
        for (unsigned j = 0; packet->findings && j < packet->findings->count; j++) {
            const mqtt5_frozen_finding *finding = &packet->findings->items[j];

            if (!mqtt5_rule_is_finding(finding->rule))
                continue;
            findings++;
            if (!worst || mqtt5_rule_get(finding->rule)->severity > mqtt5_rule_get(worst->rule)->severity)
                worst = finding;
        }
        findings += packet->findings ? packet->findings->dropped : 0;
    }
    if (reason_codes > REASON_CODES_MAX)
        col_append_fstr(pinfo->cinfo, COL_INFO, ", and %u more reason codes", reason_codes - REASON_CODES_MAX);
    if (worst)
        append_mark(pinfo, worst, findings);
}

void mqtt5_columns_append(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets)
{
    if (!info_column)
        return;
    for (unsigned i = 0; i < batch->count; i++) {
        if (is_told(&packets[i])) {
            append_all(pinfo, batch, packets);
            return;
        }
    }
}
