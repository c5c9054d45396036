/* cause.c
 * The text of a cause.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/rules/cause.h"

#include <stdio.h>
#include <string.h>

#include "core/rules/text.h"

const char *mqtt5_cause_kind_name(mqtt5_cause_kind kind)
{
    static const char *const names[MQTT5_CAUSE_KINDS] = {
        [MQTT5_CAUSE_OTHER] = "other",         [MQTT5_CAUSE_VIOLATION] = "violation",
        [MQTT5_CAUSE_LIMIT] = "limit",         [MQTT5_CAUSE_REFUSAL] = "refusal",
        [MQTT5_CAUSE_TAKEOVER] = "takeover",   [MQTT5_CAUSE_KEEP_ALIVE] = "keep-alive",
        [MQTT5_CAUSE_NO_ANSWER] = "no-answer", [MQTT5_CAUSE_SHUTDOWN] = "server-gone",
        [MQTT5_CAUSE_NETWORK] = "network",     [MQTT5_CAUSE_INCOMPLETE] = "incomplete",
        [MQTT5_CAUSE_NOT_MQTT] = "not-mqtt",   [MQTT5_CAUSE_TLS] = "tls",
        [MQTT5_CAUSE_WILL] = "will",           [MQTT5_CAUSE_UNSAID] = "unsaid",
    };

    return names[kind];
}

static void append(mqtt5_cause *cause, const char *format, va_list arguments) G_GNUC_PRINTF(2, 0);

static void append(mqtt5_cause *cause, const char *format, va_list arguments)
{
    char text[2 * MQTT5_CAUSE_SIZE];
    size_t used = strlen(cause->text);

    vsnprintf(text, sizeof text, format, arguments);
    if (sizeof cause->text - used < 4)
        return;
    mqtt5_text_shorten(text, sizeof cause->text - used);
    memcpy(cause->text + used, text, strlen(text) + 1);
}

void mqtt5_cause_set(mqtt5_cause *cause, const char *head, uint32_t frame, const char *format, ...)
{
    va_list arguments;

    cause->frame = frame;
    cause->kind = MQTT5_CAUSE_OTHER;
    g_strlcpy(cause->head, head, sizeof cause->head);
    cause->text[0] = '\0';
    va_start(arguments, format);
    append(cause, format, arguments);
    va_end(arguments);
}

void mqtt5_cause_add(mqtt5_cause *cause, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    append(cause, format, arguments);
    va_end(arguments);
}
