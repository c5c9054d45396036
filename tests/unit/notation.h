/* notation.h
 * Bytes as readable text, in the part of the notation of made captures that is about bytes
 * (tests/made.py).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef NOTATION_H
#define NOTATION_H

#include <glib.h>

/* The bytes of a text: hexadecimal digits, 'plain text', "UTF-8 Encoded String" with its two bytes
 * of length, and [ ... ] for a Variable Byte Integer with the length of what is between the
 * brackets, followed by that. In quotes, \xNN is any byte. An error in the notation ends the test
 * program. */
GByteArray *notation_bytes(const char *format, ...) G_GNUC_PRINTF(1, 2);
GByteArray *notation_bytes_va(const char *format, va_list arguments) G_GNUC_PRINTF(1, 0);

/* Appends `value` as a Variable Byte Integer (1.5.5). */
void notation_add_variable_byte_integer(GByteArray *bytes, guint32 value);

/* Appends `size` bytes of a number, the most significant first. */
void notation_add_number(GByteArray *bytes, guint64 value, unsigned size);

#endif
