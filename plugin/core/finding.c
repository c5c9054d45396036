/* finding.c
 * The list of findings of one packet, and the form of their messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "finding.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

void mqtt5_findings_init(mqtt5_findings *findings, mqtt5_packet_type type, mqtt5_sender sender)
{
    findings->type = type;
    findings->sender = sender;
    findings->count = 0;
    findings->dropped = 0;
    mqtt5_cause_init(&findings->cause);
}

/* The first of the clauses in a list that is separated by spaces, as a static string of its own. */
static const char *first_clause(const char *clauses)
{
    char clause[40];

    g_strlcpy(clause, clauses, MIN(sizeof clause, strcspn(clauses, " ") + 1));
    return g_intern_string(clause);
}

static size_t put(mqtt5_finding *finding, size_t used, const char *text)
{
    return mqtt5_text_put(finding->message, sizeof finding->message, used, text);
}

void mqtt5_report(mqtt5_findings *findings, mqtt5_rule_id rule, uint32_t offset, uint32_t length, const char *clause, const char *format,
                  ...)
{
    mqtt5_finding *finding;
    char text[2 * MQTT5_MESSAGE_SIZE];
    va_list arguments;
    size_t used;

    if (mqtt5_findings_drop(findings))
        return;
    finding = &findings->items[findings->count++];
    finding->rule = rule;
    finding->offset = offset;
    finding->length = length;
    finding->clause = clause ? clause : first_clause(mqtt5_rule_get(rule)->clauses);

    used = put(finding, 0, mqtt5_packet_type_get(findings->type)->name);
    if (findings->sender != MQTT5_SENDER_UNKNOWN)
        used = put(finding, put(finding, used, " from "), mqtt5_sender_name(findings->sender));
    used = put(finding, used, ": ");
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    mqtt5_text_shorten(text, sizeof finding->message - used - strlen(" []") - strlen(finding->clause));
    used = put(finding, put(finding, used, text), " [");
    put(finding, put(finding, used, finding->clause), "]");
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
