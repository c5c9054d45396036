/* test_framing.c
 * Where control packets start and end in bytes that may begin anywhere: framing.c, plausible.c,
 * stream.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "intake/framing/framing.h"
#include "notation.h"
#include "intake/framing/plausible.h"
#include "intake/framing/stream.h"

static GByteArray *bytes_of(const char *text)
{
    return notation_bytes("%s", text);
}

/* --- framing.c --- */

static void test_frame(void)
{
    static const struct {
        const char *text;
        mqtt5_frame_status status;
        guint32 header, length;
    } cases[] = {
        {"30", MQTT5_FRAME_SHORT, 0, 0},
        {"3080", MQTT5_FRAME_SHORT, 0, 0},
        {"30ffffff", MQTT5_FRAME_SHORT, 0, 0},
        {"c000", MQTT5_FRAME_KNOWN, 2, 2},
        {"307f", MQTT5_FRAME_KNOWN, 2, 129},
        {"308001", MQTT5_FRAME_KNOWN, 3, 131},
        {"308000", MQTT5_FRAME_KNOWN, 3, 3},
        {"30ffffff7f", MQTT5_FRAME_KNOWN, 5, 268435460},
        {"30ffffffff", MQTT5_FRAME_OVERLONG, 0, 0},
        {"308080808000", MQTT5_FRAME_OVERLONG, 6, 6},
        {"3080808080808080808000", MQTT5_FRAME_OVERLONG, 11, 11},
        {"30ffffffffffffffffffffff", MQTT5_FRAME_OVERLONG, 0, 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GByteArray *bytes = bytes_of(cases[i].text);
        mqtt5_frame frame = mqtt5_frame_read(bytes->data, bytes->len);

        g_assert_cmpint(frame.status, ==, cases[i].status);
        g_assert_cmpuint(frame.header, ==, cases[i].header);
        g_assert_cmpuint(frame.length, ==, cases[i].length);
        g_byte_array_unref(bytes);
    }
    g_assert_cmpint(mqtt5_frame_read((const guint8 *)"", 0).status, ==, MQTT5_FRAME_SHORT);
}

/* --- plausible.c --- */

static unsigned rate(const char *text, guint32 *length)
{
    GByteArray *bytes = bytes_of(text);
    unsigned rating = mqtt5_plausible_packet(bytes->data, bytes->len, length);

    g_byte_array_unref(bytes);
    return rating;
}

static void test_packet(void)
{
    static const struct {
        const char *text;
        unsigned rating;
    } cases[] = {
        {"10 [ \"MQTT\" 05 02 003c [ ] \"a\" ]", MQTT5_PLAUSIBLE_SURE},
        {"10 [ \"MQIsdp\" 03 02 003c \"a\" ]", MQTT5_PLAUSIBLE_SURE},
        {"10 [ \"MQXX\" 05 02 003c [ ] \"a\" ]", MQTT5_PLAUSIBLE_NO},
        {"11 [ \"MQTT\" 05 02 003c [ ] \"a\" ]", MQTT5_PLAUSIBLE_NO},
        {"20 [ 00 00 ]", MQTT5_PLAUSIBLE_WEAK},
        {"20 [ 00 00 [ ] ]", MQTT5_PLAUSIBLE_STRONG},
        {"20 [ 02 00 [ ] ]", MQTT5_PLAUSIBLE_NO},
        {"30 [ \"a/b\" [ ] 'x' ]", MQTT5_PLAUSIBLE_STRONG},
        {"36 [ \"a/b\" 0001 [ ] 'x' ]", MQTT5_PLAUSIBLE_NO},
        {"38 [ \"a/b\" [ ] 'x' ]", MQTT5_PLAUSIBLE_NO},
        {"32 [ \"a/b\" 0000 [ ] 'x' ]", MQTT5_PLAUSIBLE_NO},
        {"30 [ \"a/#\" [ ] 'x' ]", MQTT5_PLAUSIBLE_NO},
        {"30 [ \"a\\x01\" [ ] 'x' ]", MQTT5_PLAUSIBLE_NO},
        {"30 [ \"\\xff\\xfe\" [ ] 'x' ]", MQTT5_PLAUSIBLE_NO},
        {"40 [ 0001 ]", MQTT5_PLAUSIBLE_WEAK},
        {"40 [ 0000 ]", MQTT5_PLAUSIBLE_NO},
        {"40 [ 0001 10 [ 1f \"why\" ] ]", MQTT5_PLAUSIBLE_STRONG},
        {"40 [ 0001 10 [ 11 00000001 ] ]", MQTT5_PLAUSIBLE_NO},
        {"62 [ 0001 ]", MQTT5_PLAUSIBLE_WEAK},
        {"60 [ 0001 ]", MQTT5_PLAUSIBLE_NO},
        {"82 [ 0001 [ ] \"a/#\" 01 ]", MQTT5_PLAUSIBLE_STRONG},
        {"82 [ 0001 \"a/#\" 01 ]", MQTT5_PLAUSIBLE_STRONG},
        {"82 [ 0001 [ ] \"a/#\" c1 ]", MQTT5_PLAUSIBLE_NO},
        {"90 [ 0001 [ ] 01 80 ]", MQTT5_PLAUSIBLE_WEAK},
        {"a2 [ 0001 [ ] \"a/#\" ]", MQTT5_PLAUSIBLE_STRONG},
        {"b0 [ 0001 [ ] 11 ]", MQTT5_PLAUSIBLE_WEAK},
        {"c0 00", MQTT5_PLAUSIBLE_WEAK},
        {"c0 01 00", MQTT5_PLAUSIBLE_NO},
        {"d0 00", MQTT5_PLAUSIBLE_WEAK},
        {"e0 00", MQTT5_PLAUSIBLE_WEAK},
        {"e0 [ 8e 7f ]", MQTT5_PLAUSIBLE_NO},
        {"00 00", MQTT5_PLAUSIBLE_NO},
        {"c0 8000", MQTT5_PLAUSIBLE_NO},
        {"30 ffffffff 7f", MQTT5_PLAUSIBLE_NO},
    };
    guint32 length;

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_assert_cmpuint(rate(cases[i].text, &length), ==, cases[i].rating);
    }
    g_assert_cmpuint(rate("30", &length), ==, MQTT5_PLAUSIBLE_WEAK);
    g_assert_cmpuint(length, ==, 0);
    /* The rest of a packet may be still to come. */
    g_assert_cmpuint(rate("30 7f 0003 'a/b' 00", &length), ==, MQTT5_PLAUSIBLE_STRONG);
    g_assert_cmpuint(length, ==, 129);
}

static void test_start_and_lengths(void)
{
    GByteArray *chain = bytes_of("c000 30 [ \"a\" [ ] 'x' ] 40020001"), *cut = bytes_of("c000 30 7f 0003 'a/b' 00"),
               *other = bytes_of("30 05 'hello' c0");

    g_assert_true(mqtt5_plausible_start(chain->data, chain->len));
    g_assert_true(mqtt5_plausible_lengths(chain->data, chain->len));
    g_assert_true(mqtt5_plausible_start(cut->data, cut->len));
    g_assert_false(mqtt5_plausible_lengths(cut->data, cut->len));
    g_assert_false(mqtt5_plausible_start(other->data, other->len));
    g_assert_false(mqtt5_plausible_start(other->data, 0));
    g_byte_array_unref(chain);
    g_byte_array_unref(cut);
    g_byte_array_unref(other);
}

/* After bytes that are the rest of a packet, the first packet of a chain that fits to the end. */
static void test_find(void)
{
    GByteArray *bytes = bytes_of("'the rest of a payload' 30 [ \"a/b\" [ ] 'x' ] c000"),
               *none = bytes_of("'nothing but a payload of a packet that began before'");
    guint8 scratch[200];

    g_assert_cmpuint(mqtt5_plausible_find(bytes->data, bytes->len, scratch), ==, strlen("the rest of a payload"));
    g_assert_cmpuint(mqtt5_plausible_find(none->data, none->len, scratch), ==, none->len);
    g_assert_cmpuint(mqtt5_plausible_find(none->data, 0, scratch), ==, 0);
    g_byte_array_unref(bytes);
    g_byte_array_unref(none);
}

/* A CONNECT after other bytes is in a payload, and what it would bring in sync is no start. */
static void test_find_connect(void)
{
    GByteArray *bytes = bytes_of("'vvv' 10 [ \"MQTT\" 04 02 003c \"\" ] c000 30 [ \"a/b\" [ ] 'x' ]");
    guint8 scratch[200];

    g_assert_cmpuint(mqtt5_plausible_find(bytes->data, bytes->len, scratch), ==, 3 + 14 + 2);
    g_byte_array_unref(bytes);
}

/* A few bytes after a fixed header say nothing of the packet; what contradicts it is in the header alone. */
static void test_header(void)
{
    static const struct {
        const char *bytes;
        bool fits;
    } cases[] = {{"3013", true},  {"301300", true}, {"4002", true},  {"8213000106", true}, {"30130003616263", false},
                 {"3613", false}, {"3813", false},  {"4102", false}, {"8013", false},      {"0013", false},
                 {"30", false},   {"c000", false}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GByteArray *bytes = bytes_of(cases[i].bytes);

        g_assert_cmpint(mqtt5_plausible_header(bytes->data, bytes->len), ==, cases[i].fits);
        g_byte_array_unref(bytes);
    }
}

/* Time is linear: a megabyte of the worst case, in which each byte may start a weak packet. */
static void test_find_long(void)
{
    const guint32 size = 1024 * 1024;
    guint8 *bytes = g_malloc(size), *scratch = g_malloc(size + 1);

    for (guint32 i = 0; i < size; i++)
        bytes[i] = i % 2 ? 0x00 : 0xC0;
    g_assert_cmpuint(mqtt5_plausible_find(bytes, size, scratch), ==, 0);
    memset(bytes, 0x30, size);
    g_assert_cmpuint(mqtt5_plausible_find(bytes, size, scratch), <=, size);
    g_free(bytes);
    g_free(scratch);
}

/* --- stream.c --- */

/* Packets that end with the call, as intake.c would cut them. */
static mqtt5_plan call(mqtt5_stream *stream, guint32 position, const char *text, gboolean at_start)
{
    GByteArray *bytes = bytes_of(text);
    mqtt5_plan plan = mqtt5_stream_plan(stream, position, bytes->data, bytes->len, bytes->len, at_start);
    mqtt5_outcome outcome = {.end = bytes->len, .reported = bytes->len, .judged = plan.skip < bytes->len};

    mqtt5_stream_done(stream, position, &plan, &outcome);
    g_byte_array_unref(bytes);
    return plan;
}

static void test_in_order(void)
{
    mqtt5_stream stream = {0};
    mqtt5_plan plan;

    plan = call(&stream, 1, "c000", TRUE);
    g_assert_true(plan.skip == 0 && plan.old == 0 && !plan.gap);
    plan = call(&stream, 3, "c000", FALSE);
    g_assert_true(plan.skip == 0 && plan.old == 0 && !plan.gap);
    /* Bytes that are sent again are not judged. */
    plan = call(&stream, 1, "c000", FALSE);
    g_assert_true(plan.old == 2 && plan.skip == 0 && plan.no_more);
    /* Sent again, with new bytes after it. */
    plan = call(&stream, 3, "c000 c000", FALSE);
    g_assert_true(plan.old == 2 && plan.skip == 0 && !plan.no_more);
    g_assert_cmpuint(stream.next, ==, 7);
}

static void test_wrap_around(void)
{
    mqtt5_stream stream = {0};
    mqtt5_plan plan = call(&stream, G_MAXUINT32 - 1, "c000", TRUE);

    g_assert_false(plan.gap);
    g_assert_cmpuint(stream.next, ==, 0);
    plan = call(&stream, 0, "c000", FALSE);
    g_assert_true(plan.skip == 0 && plan.old == 0 && !plan.gap);
}

static void test_hole(void)
{
    mqtt5_stream stream = {0};
    mqtt5_plan plan;

    call(&stream, 1, "c000", TRUE);
    /* Four bytes are missing; the packet after them has a gap before it. */
    plan = call(&stream, 7, "30 [ \"a/b\" [ ] 'x' ]", FALSE);
    g_assert_true(plan.gap && plan.skip == 0);
    /* They come after all, and are shown, but not judged. */
    plan = call(&stream, 3, "d000 d000", FALSE);
    g_assert_true(plan.old == 4 && plan.skip == 0);
    g_assert_false(stream.hole);
}

static void test_lost(void)
{
    mqtt5_stream stream = {0};
    mqtt5_plan plan;

    call(&stream, 1, "c000", TRUE);
    plan = call(&stream, 100, "'neither head nor tail of any packet'", FALSE);
    g_assert_true(plan.skip == 35 && plan.remark && plan.gap);
    /* Reported once. */
    plan = call(&stream, 135, "'and more of the same'", FALSE);
    g_assert_true(plan.skip == 20 && !plan.remark);
    plan = call(&stream, 155, "'rest' 30 [ \"a/b\" [ ] 'x' ] c000", FALSE);
    g_assert_true(plan.skip == 4 && plan.gap);
}

static void test_late_start(void)
{
    mqtt5_stream stream = {0}, other = {0};

    g_assert_true(call(&stream, 5000, "30 [ \"a/b\" [ ] 'x' ]", FALSE).gap);
    /* CONNECT is the first packet, wherever the capture begins. */
    g_assert_false(call(&other, 5000, "10 [ \"MQTT\" 05 02 003c [ ] \"a\" ]", FALSE).gap);
    g_assert_true(other.opened);
}

static void test_broken(void)
{
    mqtt5_stream stream = {0};
    guint8 bytes[] = {0xC0, 0xFF, 0xFF, 0xFF, 0xFF, 0x01};
    mqtt5_plan plan = mqtt5_stream_plan(&stream, 1, bytes, sizeof bytes, sizeof bytes, true);
    mqtt5_outcome outcome = {.end = sizeof bytes, .reported = sizeof bytes, .broken = true, .judged = true};

    mqtt5_stream_done(&stream, 1, &plan, &outcome);
    g_assert_cmpuint(call(&stream, 7, "c000", FALSE).skip, ==, 2);
}

/* Packets that were found by searching are doubtful, until some start where they have to. */
static void test_doubtful(void)
{
    mqtt5_stream stream = {0};

    g_assert_false(call(&stream, 1, "c000", TRUE).doubtful);
    g_assert_true(call(&stream, 100, "30 [ \"a/b\" [ ] 'x' ]", FALSE).doubtful);
    g_assert_false(call(&stream, 109, "30 [ \"a/b\" [ ] 'x' ]", FALSE).doubtful);
    /* they were none: the next is doubtful again */
    mqtt5_stream_disbelieve(&stream);
    g_assert_true(call(&stream, 118, "30 [ \"a/b\" [ ] 'x' ]", FALSE).doubtful);

    /* Where a capture starts, it often starts with a packet; not with the last one. */
    stream = (mqtt5_stream){0};
    g_assert_false(call(&stream, 100, "30 [ \"a/b\" [ ] 'x' ]", FALSE).doubtful);
    stream = (mqtt5_stream){0};
    g_assert_true(call(&stream, 100, "e000", FALSE).doubtful);

    /* A segment that ends right after a fixed header is no sign of a wrong start. */
    stream = (mqtt5_stream){0};
    call(&stream, 100, "30 [ \"a/b\" [ ] 'x' ]", FALSE);
    g_assert_cmpuint(call(&stream, 109, "301300", FALSE).skip, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/framing/frame", test_frame);
    g_test_add_func("/framing/plausible/packet", test_packet);
    g_test_add_func("/framing/plausible/start-and-lengths", test_start_and_lengths);
    g_test_add_func("/framing/plausible/find", test_find);
    g_test_add_func("/framing/plausible/find-connect", test_find_connect);
    g_test_add_func("/framing/plausible/header", test_header);
    g_test_add_func("/framing/plausible/find-long", test_find_long);
    g_test_add_func("/framing/stream/in-order", test_in_order);
    g_test_add_func("/framing/stream/wrap-around", test_wrap_around);
    g_test_add_func("/framing/stream/hole", test_hole);
    g_test_add_func("/framing/stream/lost", test_lost);
    g_test_add_func("/framing/stream/late-start", test_late_start);
    g_test_add_func("/framing/stream/broken", test_broken);
    g_test_add_func("/framing/stream/doubtful", test_doubtful);
    return g_test_run();
}
