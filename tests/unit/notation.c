/* notation.c
 * Bytes as readable text: a recursive descent parser.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "notation.h"

#include <string.h>

void notation_add_number(GByteArray *bytes, guint64 value, unsigned size)
{
    while (size-- > 0) {
        guint8 byte = (guint8)(value >> (8 * size));
        g_byte_array_append(bytes, &byte, 1);
    }
}

void notation_add_variable_byte_integer(GByteArray *bytes, guint32 value)
{
    do {
        guint8 byte = value & 0x7F;
        value >>= 7;
        if (value)
            byte |= 0x80;
        g_byte_array_append(bytes, &byte, 1);
    } while (value);
}

static guint8 read_byte(const char *text)
{
    if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1]))
        g_error("notation: no byte at: %s", text);
    return (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
}

/* Reads quoted text up to `quote`; returns the text after it. */
static const char *read_quoted(const char *text, char quote, GByteArray *bytes)
{
    for (; *text != quote; text++) {
        guint8 byte = (guint8)*text;

        if (!*text)
            g_error("notation: no closing %c", quote);
        if (*text == '\\' && text[1] == 'x') {
            byte = read_byte(text + 2);
            text += 3;
        } else if (*text == '\\') {
            byte = (guint8) * ++text;
        }
        g_byte_array_append(bytes, &byte, 1);
    }
    return text + 1;
}

/* Reads up to `end` (']', or '\0' for the whole text); returns the text after it. */
static const char *read_items(const char *text, char end, GByteArray *bytes)
{
    for (;;) {
        GByteArray *inner;
        char c = *text;

        if (c == end)
            return c ? text + 1 : text;
        if (c == ' ') {
            text++;
        } else if (c == '\'') {
            text = read_quoted(text + 1, c, bytes);
        } else if (c == '"' || c == '[') {
            inner = g_byte_array_new();
            text = c == '[' ? read_items(text + 1, ']', inner) : read_quoted(text + 1, c, inner);
            if (c == '[')
                notation_add_variable_byte_integer(bytes, inner->len);
            else
                notation_add_number(bytes, inner->len, 2);
            g_byte_array_append(bytes, inner->data, inner->len);
            g_byte_array_unref(inner);
        } else {
            guint8 byte = read_byte(text);
            g_byte_array_append(bytes, &byte, 1);
            text += 2;
        }
    }
}

GByteArray *notation_bytes_va(const char *format, va_list arguments)
{
    GByteArray *bytes = g_byte_array_new();
    char *text = g_strdup_vprintf(format, arguments);

    read_items(text, '\0', bytes);
    g_free(text);
    return bytes;
}

GByteArray *notation_bytes(const char *format, ...)
{
    GByteArray *bytes;
    va_list arguments;

    va_start(arguments, format);
    bytes = notation_bytes_va(format, arguments);
    va_end(arguments);
    return bytes;
}
