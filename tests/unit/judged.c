/* judged.c
 * Decodes and checks one control packet, whose bytes end just before memory that cannot be read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judged.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Copies the bytes to the end of readable memory. */
static const guint8 *guarded(const guint8 *data, gsize length)
{
    static guint8 *end;
    const gsize room = 1 << 20;

    g_assert_cmpuint(length, <=, room);
    if (!end) {
        gsize page = (gsize)sysconf(_SC_PAGESIZE);
        guint8 *memory = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        g_assert_true(memory != MAP_FAILED);
        end = memory + room;
        g_assert_cmpint(mprotect(end, page, PROT_NONE), ==, 0);
    }
    if (length)
        memcpy(end - length, data, length);
    return end - length;
}

/* Every message is one line of valid UTF-8 that begins with the packet's name and ends with a
 * clause in brackets. */
static void check_messages(const judged *result)
{
    const mqtt5_findings *findings = &result->findings;

    for (unsigned i = 0; i < findings->count; i++) {
        const mqtt5_finding *finding = &findings->items[i];
        char buffer[MQTT5_MESSAGE_SIZE];
        const char *message =
            mqtt5_finding_message(findings->type, findings->sender, finding->rule, finding->text, finding->clause, buffer);

        g_assert_cmpuint(finding->rule, <, MQTT5_RULE_COUNT);
        g_assert_cmpuint(strlen(message), <, MQTT5_MESSAGE_SIZE);
        g_assert_true(g_utf8_validate(message, -1, NULL));
        g_assert_null(strchr(message, '\n'));
        g_assert_true(g_str_has_suffix(message, "]"));
        g_assert_true(g_str_has_prefix(message, mqtt5_packet_type_get(result->packet.type)->name));
        g_assert_cmpuint((guint64)finding->range.offset + finding->range.length, <=, result->packet.length);
    }
}

/* As mqtt5_check_packet(), but every rule is tried: see tests/meson.build. */
void mqtt5_check_packet_in_full(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings);

/* The shortcuts of the checks skip no rule that has a finding. */
static void check_shortcuts(const judged *result, mqtt5_sender sender, const mqtt5_findings *of_decoder)
{
    static mqtt5_findings in_full;

    in_full = *of_decoder;
    mqtt5_check_packet_in_full(&result->packet, sender, &in_full);
    g_assert_cmpuint(in_full.count, ==, result->findings.count);
    for (unsigned i = 0; i < in_full.count; i++)
        g_assert_cmpstr(in_full.items[i].text, ==, result->findings.items[i].text);
}

void judge_bytes(judged *result, unsigned version, mqtt5_sender sender, const guint8 *data, guint32 captured, guint32 length)
{
    static mqtt5_findings of_decoder;

    memset(&result->packet, 0xA5, sizeof result->packet); /* shows fields that the decoder forgets
                                                           * to set */
    mqtt5_findings_init(&result->findings, (mqtt5_packet_type)(data[0] >> 4), sender, version);
    mqtt5_decode(&result->packet, guarded(data, captured), captured, length, version, &result->findings);
    of_decoder = result->findings;
    mqtt5_check_packet(&result->packet, sender, &result->findings);
    check_messages(result);
    check_shortcuts(result, sender, &of_decoder);
}

void judge(judged *result, unsigned version, mqtt5_sender sender, const char *format, ...)
{
    GByteArray *bytes;
    va_list arguments;

    va_start(arguments, format);
    bytes = notation_bytes_va(format, arguments);
    va_end(arguments);
    judge_bytes(result, version, sender, bytes->data, bytes->len, bytes->len);
    g_byte_array_unref(bytes);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *judged_rules(const judged *result, const char *prefix)
{
    GPtrArray *names = g_ptr_array_new();
    char *joined;

    for (unsigned i = 0; i < result->findings.count; i++) {
        const mqtt5_rule *rule = mqtt5_rule_get(result->findings.items[i].rule);

        if (rule->severity > MQTT5_SEVERITY_CHAT && g_str_has_prefix(rule->name, prefix))
            g_ptr_array_add(names, (gpointer)rule->name);
    }
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    joined = g_strjoinv(" ", (char **)names->pdata);
    g_ptr_array_unref(names);
    return joined;
}
