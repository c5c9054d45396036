/* test_shortcut.c
 * Shortcuts of the checks. judge() also tries every rule on each packet, and requires the same
 * findings. This test does so with usual packets, for which the shortcuts are made, so they cannot
 * skip a new rule about something usual. It also compares the quick check of strings with a check
 * of each byte: all lengths up to three times eight bytes, with each byte at each place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "core/packet/shortcut.h"
#include "judged.h"

#define LENGTHS 25

static bool is_printable_byte(unsigned byte)
{
    return byte >= 0x20 && byte <= 0x7E;
}

/* One unusual byte at each place, with neighbours that carries and borrows could affect. */
static void check_neighbours(uint8_t neighbour)
{
    uint8_t data[LENGTHS];

    for (unsigned length = 1; length < LENGTHS; length++)
        for (unsigned at = 0; at < length; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                bool text = is_printable_byte(byte);

                memset(data, neighbour, sizeof data);
                data[at] = (uint8_t)byte;
                g_assert_cmpint(mqtt5_is_printable(data, length), ==, text);
                g_assert_cmpint(mqtt5_is_printable_topic(data, length), ==, text && byte != '+' && byte != '#');
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
    g_assert_true(mqtt5_is_printable((const uint8_t *)"", 0));
    g_assert_false(mqtt5_is_printable_topic((const uint8_t *)"", 0));
}

/* What comes after the string does not matter. */
static void test_end(void)
{
    uint8_t data[LENGTHS + 8];

    for (unsigned length = 1; length < LENGTHS; length++) {
        memset(data, 0xFF, sizeof data);
        memset(data, 'a', length);
        g_assert_true(mqtt5_is_printable(data, length));
        g_assert_true(mqtt5_is_printable_topic(data, length));
    }
}

static const char *const texts[] = {
    "",
    "a",
    "$SYS/broker/load",
    "$share/g/a",
    "$",
    "/",
    "//",
    " ",
    "~",
    "a b",
    "a/b/c",
    "0123456789abcdef",
    "+",
    "a/+b",
    "#",
    "a/#",
    "\\x00",
    "\\x1f",
    "\\x7f",
    "\\xff",
    "\\xc2\\x80",
    "\\xef\\xbf\\xbf",
    "\\xed\\xa0\\x80",
    "\\xe2\\x82\\xac",
};

/* Each text in each place that a text can have. */
static void judge_text(unsigned version, mqtt5_sender sender, const char *text)
{
    const char *properties = version == 5 ? "[ ]" : "";
    judged result;

    judge(&result, version, sender, "32 [ \"%s\" 0001 %s 'p' ]", text, properties);
    judge(&result, version, sender, "30 [ \"%s\" %s ]", text, properties);
    judge(&result, version, sender, "10 [ \"MQTT\" %02x c6 003c %s \"%s\" %s \"%s\" \"p\" \"%s\" \"p\" ]", version, properties, text,
          properties, text, text);
    judge(&result, version, sender, "a2 [ 0001 %s \"%s\" ]", properties, text);
    for (unsigned options = 0; options < 256; options++)
        judge(&result, version, sender, "82 [ 0001 %s \"%s\" %02x ]", properties, text, options);
    if (version < 5)
        return;
    judge(&result, version, sender, "30 [ \"t\" [ 03 \"%s\" ] ]", text);
    judge(&result, version, sender, "30 [ \"t\" [ 08 \"%s\" ] ]", text);
    judge(&result, version, sender, "30 [ \"t\" [ 01 01 26 \"%s\" \"%s\" ] 'p' ]", text, text);
    judge(&result, version, sender, "20 [ 00 00 [ 12 \"%s\" 1a \"%s\" 1f \"%s\" ] ]", text, text, text);
    judge(&result, version, sender, "20 [ 00 9c [ 1c \"%s\" ] ]", text);
    judge(&result, version, sender, "f0 [ 18 [ 15 \"%s\" 16 0000 1f \"%s\" ] ]", text, text);
    judge(&result, version, sender, "e0 [ 00 [ 11 00000001 ] ]");
}

static void test_usual(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        for (unsigned version = 3; version <= 5; version++)
            for (mqtt5_sender sender = MQTT5_SENDER_UNKNOWN; sender <= MQTT5_SERVER; sender++)
                judge_text(version, sender, texts[i]);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shortcut/usual", test_usual);
    g_test_add_func("/shortcut/each-byte", test_each_byte);
    g_test_add_func("/shortcut/empty", test_empty);
    g_test_add_func("/shortcut/end", test_end);
    return g_test_run();
}
