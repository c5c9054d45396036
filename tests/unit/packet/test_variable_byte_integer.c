/* test_variable_byte_integer.c
 * Reading Variable Byte Integers (1.5.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judged.h"

static int read_hex(const char *text, guint32 *value)
{
    GByteArray *bytes = notation_bytes("%s", text);
    int size = mqtt5_read_variable_byte_integer(bytes->data, bytes->len, value);

    g_byte_array_unref(bytes);
    return size;
}

static void test_limits(void)
{
    static const struct {
        const char *text;
        int size;
        guint32 value;
    } cases[] = {
        {"00", 1, 0},         {"7f", 1, 127},         {"8001", 2, 128},         {"ff7f", 2, 16383},
        {"808001", 3, 16384}, {"ffff7f", 3, 2097151}, {"80808001", 4, 2097152}, {"ffffff7f", 4, 268435455},
        {"8100", 2, 1},       {"80808000", 4, 0},     {"7fff", 1, 127},         {"e58e26", 3, 624485},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint32 value = 0;

        g_assert_cmpint(read_hex(cases[i].text, &value), ==, cases[i].size);
        g_assert_cmpuint(value, ==, cases[i].value);
    }
}

static void test_incomplete(void)
{
    static const char *const cases[] = {"80", "ff", "8080", "ffff", "808080", "ffffff"};
    guint8 nothing = 0;
    guint32 value;

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(read_hex(cases[i], &value), ==, 0);
    g_assert_cmpint(mqtt5_read_variable_byte_integer(&nothing, 0, &value), ==, 0);
}

static void test_fifth_byte(void)
{
    static const char *const cases[] = {"80808080", "8080808000", "ffffffff", "ffffffff7f"};
    guint32 value;

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(read_hex(cases[i], &value), ==, -1);
}

/* Reads back each value around the limits, and a sample of all others, as written by
 * notation_add_variable_byte_integer(). */
static void test_round_trip(void)
{
    for (guint32 value = 0; value <= 268435455; value += value < 40000 || value > 268400000 ? 1 : 9973) {
        GByteArray *bytes = g_byte_array_new();
        guint32 read = 0;

        notation_add_variable_byte_integer(bytes, value);
        g_assert_cmpint(mqtt5_read_variable_byte_integer(bytes->data, bytes->len, &read), ==, (int)bytes->len);
        g_assert_cmpuint(read, ==, value);
        g_byte_array_unref(bytes);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/variable-byte-integer/limits", test_limits);
    g_test_add_func("/variable-byte-integer/incomplete", test_incomplete);
    g_test_add_func("/variable-byte-integer/fifth-byte", test_fifth_byte);
    g_test_add_func("/variable-byte-integer/round-trip", test_round_trip);
    return g_test_run();
}
