/* test_plain.c
 * The glance at strings against a look at each byte: all lengths up to three times eight bytes, each byte at each place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "plain.h"

#define LENGTHS 25

static bool is_plain_byte(unsigned byte)
{
    return byte >= 0x20 && byte <= 0x7E;
}

/* One odd byte, wherever it stands, among neighbours that carries and borrows could run into. */
static void check_neighbours(uint8_t neighbour)
{
    uint8_t data[LENGTHS];

    for (unsigned length = 1; length < LENGTHS; length++)
        for (unsigned at = 0; at < length; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                bool text = is_plain_byte(byte);

                memset(data, neighbour, sizeof data);
                data[at] = (uint8_t)byte;
                g_assert_cmpint(mqtt5_is_plain_text(data, length), ==, text);
                g_assert_cmpint(mqtt5_is_plain_topic(data, length), ==, text && byte != '+' && byte != '#');
            }
}

static void test_each_byte(void)
{
    check_neighbours(' ');
    check_neighbours('a');
    check_neighbours('~');
    check_neighbours('*');
}

static void test_empty(void)
{
    g_assert_true(mqtt5_is_plain_text((const uint8_t *)"", 0));
    g_assert_false(mqtt5_is_plain_topic((const uint8_t *)"", 0));
}

/* What stands behind the string does not count. */
static void test_end(void)
{
    uint8_t data[LENGTHS + 8];

    for (unsigned length = 1; length < LENGTHS; length++) {
        memset(data, 0xFF, sizeof data);
        memset(data, 'a', length);
        g_assert_true(mqtt5_is_plain_text(data, length));
        g_assert_true(mqtt5_is_plain_topic(data, length));
    }
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plain/each-byte", test_each_byte);
    g_test_add_func("/plain/empty", test_empty);
    g_test_add_func("/plain/end", test_end);
    return g_test_run();
}
