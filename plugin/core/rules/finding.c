/* finding.c
 * The list of findings of one packet, and the form of their messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/rules/finding.h"

#include <stdio.h>
#include <string.h>

#include "core/rules/text.h"

void mqtt5_findings_init(mqtt5_findings *findings, mqtt5_packet_type type, mqtt5_sender sender, unsigned version)
{
    findings->type = type;
    findings->sender = sender;
    findings->version = version;
    mqtt5_findings_empty(findings);
    mqtt5_cause_init(&findings->cause);
    findings->will_end_frame = 0;
}

void mqtt5_findings_empty(mqtt5_findings *findings)
{
    findings->count = 0;
    findings->dropped = 0;
}

static void report(mqtt5_findings *findings, mqtt5_rule_id rule, const mqtt5_clauses *clauses, mqtt5_range range, const char *format,
                   va_list arguments) G_GNUC_PRINTF(5, 0);

static void report(mqtt5_findings *findings, mqtt5_rule_id rule, const mqtt5_clauses *clauses, mqtt5_range range, const char *format,
                   va_list arguments)
{
    char text[2 * MQTT5_MESSAGE_SIZE];
    mqtt5_finding *finding;

    if (mqtt5_findings_drop(findings))
        return;
    if (!mqtt5_rule_fits(rule, findings->type, findings->sender, findings->version)) {
        g_critical("the row of %s does not name %s from %s in %s", mqtt5_rule_get(rule)->name, mqtt5_packet_type_get(findings->type)->name,
                   mqtt5_sender_name(findings->sender), mqtt5_version_name(findings->version));
        return;
    }
    finding = &findings->items[findings->count++];
    finding->rule = rule;
    finding->range = range;
    finding->clause = mqtt5_rule_clause(rule, clauses, findings->version);
    vsnprintf(text, sizeof text, format, arguments);
    mqtt5_text_shorten(text, sizeof finding->text);
    g_strlcpy(finding->text, text, sizeof finding->text);
}

void mqtt5_report(mqtt5_findings *findings, mqtt5_rule_id rule, mqtt5_range range, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(findings, rule, NULL, range, format, arguments);
    va_end(arguments);
}

void mqtt5_report_by(mqtt5_findings *findings, mqtt5_rule_id rule, const mqtt5_clauses *clauses, mqtt5_range range, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(findings, rule, clauses, range, format, arguments);
    va_end(arguments);
}

const char *mqtt5_finding_message(mqtt5_packet_type type, mqtt5_sender sender, mqtt5_rule_id rule, const char *text, const char *clause,
                                  char buffer[MQTT5_MESSAGE_SIZE])
{
    const char *head = mqtt5_packet_type_get(type)->name, *mark = mqtt5_rule_get(rule)->suspected ? MQTT5_SUSPECTED : "";
    char tail[64], cut[MQTT5_MESSAGE_SIZE];
    size_t used, left;

    if (sender == MQTT5_SENDER_UNKNOWN)
        used = (size_t)snprintf(buffer, MQTT5_MESSAGE_SIZE, "%s: ", head);
    else
        used = (size_t)snprintf(buffer, MQTT5_MESSAGE_SIZE, "%s from %s: ", head, mqtt5_sender_name(sender));
    left = MQTT5_MESSAGE_SIZE - used - (size_t)snprintf(tail, sizeof tail, "%s [%s]", mark, clause);
    g_strlcpy(cut, text, sizeof cut);
    mqtt5_text_shorten(cut, left);
    snprintf(buffer + used, MQTT5_MESSAGE_SIZE - used, "%s%s", cut, tail);
    return buffer;
}

bool mqtt5_findings_drop(mqtt5_findings *findings)
{
    if (!findings)
        return true;
    if (findings->count < MQTT5_FINDINGS_MAX)
        return false;
    findings->dropped++;
    return true;
}

bool mqtt5_findings_has(const mqtt5_findings *findings, mqtt5_rule_id rule)
{
    for (unsigned i = 0; i < findings->count; i++)
        if (findings->items[i].rule == rule)
            return true;
    return false;
}

mqtt5_severity mqtt5_findings_worst(const mqtt5_findings *findings)
{
    mqtt5_severity worst = MQTT5_SEVERITY_CHAT;

    for (unsigned i = 0; i < findings->count; i++)
        worst = MAX(worst, mqtt5_rule_get(findings->items[i].rule)->severity);
    return worst;
}

const char *mqtt5_quote(const uint8_t *data, uint32_t length, char *buffer, size_t size)
{
    static const char end[] = "\xe2\x80\xa6\"";
    size_t used = 0;
    uint32_t at = 0;

    g_assert(size > 12);
    buffer[used++] = '"';
    while (at < length) {
        char piece[8];
        gunichar c = g_utf8_get_char_validated((const char *)data + at, (gssize)MIN(length - at, 6));
        int bytes, width = 1;

        if (c != (gunichar)-1 && c != (gunichar)-2 && c != '"' && c != '\\' && g_unichar_isprint(c)) {
            width = bytes = g_unichar_to_utf8(c, piece);
        } else {
            bytes = snprintf(piece, sizeof piece, "\\x%02x", data[at]);
        }
        if (used + (size_t)bytes + sizeof end > size) {
            memcpy(buffer + used, end, sizeof end);
            return buffer;
        }
        memcpy(buffer + used, piece, (size_t)bytes);
        used += (size_t)bytes;
        at += (uint32_t)width;
    }
    buffer[used++] = '"';
    buffer[used] = '\0';
    return buffer;
}
