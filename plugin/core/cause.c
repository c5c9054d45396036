/* cause.c
 * The text of a cause.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "cause.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

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
    cause->will = false;
    snprintf(cause->text, sizeof cause->text, "%s: ", head);
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
