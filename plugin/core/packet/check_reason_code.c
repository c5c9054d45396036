/* check_reason_code.c
 * Rules on reason codes of MQTT 5 and return codes of 3.1.1 and 3.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"
#include "core/rules/text.h"
#include "core/standard/reason_code.h"

#include <stdio.h>

/* In SUBACK and UNSUBACK, " for filter 3"; elsewhere nothing. `index` counts from 0, and is -1
 * where there is one code only. */
static const char *which_filter(int64_t index, char *buffer, size_t size)
{
    if (index < 0)
        return "";
    snprintf(buffer, size, " for Topic Filter %u", (unsigned)index + 1);
    return buffer;
}

static void report_failure(const mqtt5_packet *packet, uint8_t code, uint32_t offset, const char *filter, mqtt5_findings *findings)
{
    const mqtt5_reason_code_info *info = mqtt5_reason_code_get(code);

    mqtt5_report_by(findings, MQTT5_RULE_reason_code_failure, MQTT5_CLAUSE(mqtt5_packet_type_get(packet->type)->reason_code_clause),
                    (mqtt5_range){offset, 1}, "%s (0x%02x)%s: %s", info->name, code, filter, info->meaning);
}

static void check_reason_code(const mqtt5_packet *packet, uint8_t code, uint32_t offset, int64_t index, mqtt5_sender sender,
                              mqtt5_findings *findings)
{
    const mqtt5_packet_type_info *packet_info = mqtt5_packet_type_get(packet->type);
    const mqtt5_reason_code_info *info = mqtt5_reason_code_get(code);
    mqtt5_reason_code_verdict facts = mqtt5_reason_code_judge(packet->type, code, sender);
    const char *clause = packet_info->reason_code_clause, *filter;
    char list[160], which[32];

    if ((facts == MQTT5_REASON_CODE_LEGAL && code < MQTT5_CODE_FAILURE) || mqtt5_findings_drop(findings))
        return;
    filter = which_filter(index, which, sizeof which);
    switch (facts) {
    case MQTT5_REASON_CODE_LEGAL: report_failure(packet, code, offset, filter, findings); break;
    case MQTT5_REASON_CODE_UNKNOWN:
        mqtt5_report_by(findings, MQTT5_RULE_reason_code_unknown, MQTT5_CLAUSE(clause), (mqtt5_range){offset, 1},
                        "reason code 0x%02x%s does not exist; %s may carry %s", code, filter, packet_info->name,
                        mqtt5_text_reason_codes(packet->type, sender, list, sizeof list));
        break;
    case MQTT5_REASON_CODE_NOT_ALLOWED:
        mqtt5_report_by(findings, MQTT5_RULE_reason_code_not_allowed, MQTT5_CLAUSE(clause), (mqtt5_range){offset, 1},
                        "reason code 0x%02x (%s)%s is not allowed in %s, only in %s", code, info->name, filter, packet_info->name,
                        mqtt5_text_packets(mqtt5_reason_code_packets(info), list, sizeof list));
        break;
    case MQTT5_REASON_CODE_WRONG_SENDER:
        mqtt5_report_by(findings, MQTT5_RULE_reason_code_wrong_sender, MQTT5_CLAUSE(clause), (mqtt5_range){offset, 1},
                        "reason code 0x%02x (%s) may only be sent by the %s; a %s may send %s", code,
                        mqtt5_reason_code_name(packet->type, code), sender == MQTT5_CLIENT ? "server" : "client", mqtt5_sender_name(sender),
                        mqtt5_text_reason_codes(packet->type, sender, list, sizeof list));
        break;
    case MQTT5_REASON_CODE_DISPUTED:
        mqtt5_report(findings, MQTT5_RULE_reason_code_disputed, (mqtt5_range){offset, 1}, "%s",
                     code == MQTT5_CODE_BAD_AUTHENTICATION_METHOD
                         ? "reason code 0x8c (Bad authentication method): Table 2-6 allows it in DISCONNECT, the table of DISCONNECT (3-10) does not list it"
                         : "reason code 0x9b (QoS not supported): 3.3.4 tells a client to send it, the table of DISCONNECT (3-10) gives it to the server");
        break;
    }
}

/* True for a CONNACK in the form of 3.1.1 that refuses a CONNECT of MQTT 5 (see decode.c). */
static bool refuses_in_old_form(const mqtt5_packet *packet)
{
    return packet->type == MQTT5_CONNACK && packet->version >= MQTT5_VERSION_5 && !packet->properties.present &&
           packet->reason_code == MQTT5_RETURN_CODE_VERSION && packet->status == MQTT5_DECODED;
}

static void check_connack_return_code(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    uint8_t code = packet->reason_code;
    const char *name = mqtt5_return_code_name(MQTT5_CONNACK, code);

    if (code == MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION) {
        /* The answer to a version that the server does not have may be in the form of MQTT 5
         * (3.1.2.2). */
        report_failure(packet, code, packet->reason_code_offset, "", findings);
    } else if (!name) {
        const mqtt5_reason_code_info *info = mqtt5_reason_code_get(code);

        mqtt5_report(findings, MQTT5_RULE_return_code_reserved, mqtt5_reason_code_range(packet),
                     "return code %u (0x%02x) is reserved in %s, which has 0 to 5%s", code, code, mqtt5_version_name(packet->version),
                     info ? "; it is a reason code of MQTT 5.0" : "");
    } else if (code > 0) {
        mqtt5_report_by(findings, MQTT5_RULE_reason_code_failure, MQTT5_CLAUSE("3.2.2.3"), mqtt5_reason_code_range(packet), "%s (%u)", name,
                        code);
    }
}

static void check_suback_return_code(const mqtt5_packet *packet, uint8_t code, uint32_t offset, int64_t index, mqtt5_findings *findings)
{
    bool failure_known = packet->version >= MQTT5_VERSION_3_1_1;
    char which[32];

    if (code <= 2 || mqtt5_findings_drop(findings))
        return;
    if (code == MQTT5_CODE_FAILURE && failure_known)
        mqtt5_report_by(findings, MQTT5_RULE_reason_code_failure, MQTT5_CLAUSES(NULL, "MQTT-3.9.3-2", MQTT5_SAME), (mqtt5_range){offset, 1},
                        "Failure (0x80)%s", which_filter(index, which, sizeof which));
    else
        mqtt5_report_by(findings, MQTT5_RULE_return_code_reserved, MQTT5_CLAUSES(NULL, "MQTT-3.9.3-2", "3.9"), (mqtt5_range){offset, 1},
                        "return code 0x%02x%s is reserved in %s, which has 0x00, 0x01%s", code, which_filter(index, which, sizeof which),
                        mqtt5_version_name(packet->version), failure_known ? ", 0x02 and 0x80" : " and 0x02");
}

/* A code that is about the request as a whole should be the same for all its filters (3.9.3,
 * 3.11.3). */
static void check_mixed(const mqtt5_packet *packet, const uint8_t *codes, uint32_t count, mqtt5_findings *findings)
{
    uint32_t in_use = 0, first = 0;

    if (packet->version < MQTT5_VERSION_5)
        return;
    for (uint32_t i = 0; i < count; i++)
        if (codes[i] == MQTT5_CODE_PACKET_IDENTIFIER_IN_USE && in_use++ == 0)
            first = i;
    if (in_use > 0 && in_use < packet->payload.length)
        mqtt5_report_by(findings, MQTT5_RULE_reason_codes_mixed, MQTT5_CLAUSE(packet->type == MQTT5_UNSUBACK ? "3.11.3" : NULL),
                        (mqtt5_range){packet->payload.offset + first, 1},
                        "0x91 (Packet Identifier in use) for %u of %u Topic Filters; "
                        "it is about the whole request and should be repeated for each of them",
                        in_use, packet->payload.length);
}

/* The codes of a SUBACK or UNSUBACK, one for each Topic Filter of the request. */
static void check_list(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    const uint8_t *codes = mqtt5_bytes(packet, packet->payload);
    uint32_t captured = packet->captured > packet->payload.offset ? packet->captured - packet->payload.offset : 0;
    uint32_t count = MIN(packet->payload.length, captured);

    if (packet->payload.length == 0)
        mqtt5_report_by(findings, MQTT5_RULE_reason_codes_empty, MQTT5_CLAUSE(packet->type == MQTT5_UNSUBACK ? "MQTT-3.11.3-2" : NULL),
                        (mqtt5_range){packet->payload.offset, 0}, "there is no %s code; there must be one for each Topic Filter of the %s",
                        packet->version >= MQTT5_VERSION_5 ? "reason" : "return",
                        packet->type == MQTT5_SUBACK ? "SUBSCRIBE" : "UNSUBSCRIBE");
    check_mixed(packet, codes, count, findings);
    for (uint32_t i = 0; i < count; i++) {
        if (codes[i] <= 2 && packet->type == MQTT5_SUBACK)
            continue;
        if (packet->version >= MQTT5_VERSION_5)
            check_reason_code(packet, codes[i], packet->payload.offset + i, count > 1 ? (int64_t)i : -1, sender, findings);
        else
            check_suback_return_code(packet, codes[i], packet->payload.offset + i, count > 1 ? (int64_t)i : -1, findings);
    }
}

void mqtt5_check_reason_codes(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    if (packet->version == MQTT5_VERSION_UNKNOWN)
        return;
    if ((packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK) && (packet->has & MQTT5_HAS_PAYLOAD)) {
        check_list(packet, sender, findings);
    } else if ((packet->has & MQTT5_HAS_REASON_CODE) && packet->type == MQTT5_CONNACK &&
               (packet->version < MQTT5_VERSION_5 || refuses_in_old_form(packet))) {
        check_connack_return_code(packet, findings);
    } else if ((packet->has & MQTT5_HAS_REASON_CODE) && packet->version >= MQTT5_VERSION_5) {
        /* 0x00 is right everywhere but in an AUTH from the client; there, a code that is left out
         * is judged as the missing Authentication Method. */
        if (packet->reason_code != 0 || (packet->type == MQTT5_AUTH && packet->reason_code_offset != 0))
            check_reason_code(packet, packet->reason_code, packet->reason_code_offset, -1, sender, findings);
    }
}
