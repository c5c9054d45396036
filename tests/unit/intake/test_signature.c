/* test_signature.c
 * Which first bytes are a CONNECT: signature.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "intake/framing/signature.h"
#include "notation.h"

static gboolean is_signature(const char *text)
{
    GByteArray *bytes = notation_bytes("%s", text);
    gboolean found = mqtt5_signature(bytes->data, bytes->len);

    g_byte_array_unref(bytes);
    return found;
}

static const char *const right[] = {
    "10 [ \"MQTT\" 05 02 003c 00 \"meter\" ]",
    "10 [ \"MQTT\" 04 02 003c \"meter\" ]",
    "10 [ \"MQIsdp\" 03 02 003c \"meter\" ]",
    "10 [ \"MQTT\" 05 02 003c 00 \"\" ]",
    "10 [ \"MQTT\" 05 02 0000 [ 11 0000003c 26 \"a\" \"b\" ] \"meter\" ]",
    /* Will, User Name and Password */
    "10 [ \"MQTT\" 05 f6 003c 00 \"meter\" [ 18 00000001 ] \"state\" \"gone\" \"user\" \"secret\" ]",
    "10 [ \"MQTT\" 04 ee 003c \"meter\" \"state\" \"gone\" \"user\" \"secret\" ]",
    "10 [ \"MQTT\" 05 42 003c 00 \"meter\" \"secret\" ]", /* from 5.0 on without a User Name */
    /* bridges */
    "10 [ \"MQTT\" 84 02 003c \"bridge\" ]",
    "10 [ \"MQIsdp\" 83 02 003c \"bridge\" ]",
    /* 3.1: what the flags announce may be missing */
    "10 [ \"MQIsdp\" 03 c2 003c \"meter\" ]",
    "10 [ \"MQIsdp\" 03 c2 003c \"meter\" \"user\" ]",
    /* another packet in the same segment */
    "10 [ \"MQTT\" 05 02 003c 00 \"meter\" ] c000",
    /* a long one */
    "10 9802 0004 'MQTT' 05 02 003c 8002 26 007d 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
};

static const char *const wrong[] = {
    "",
    "10",
    "1000",
    "20 [ \"MQTT\" 05 02 003c 00 \"meter\" ]",
    "11 [ \"MQTT\" 05 02 003c 00 \"meter\" ]", /* flags of the fixed header */
    "10 [ \"MQTX\" 05 02 003c 00 \"meter\" ]",
    "10 [ \"mqtt\" 05 02 003c 00 \"meter\" ]",
    "10 [ \"MQTT\" 06 02 003c 00 \"meter\" ]",
    "10 [ \"MQTT\" 85 02 003c 00 \"meter\" ]",
    "10 [ \"MQTT\" 03 02 003c \"meter\" ]", /* the name of another version */
    "10 [ \"MQIsdp\" 04 02 003c \"meter\" ]",
    "10 [ \"MQIsdp\" 05 02 003c 00 \"meter\" ]",
    "10 9200 0004 'MQTT' 05 02 003c 00 0005 'meter'", /* Remaining Length: not the shortest form */
    "10 ffffffff7f 0004 'MQTT' 05",
    /* Connect Flags */
    "10 [ \"MQTT\" 05 03 003c 00 \"meter\" ]",                /* reserved */
    "10 [ \"MQTT\" 05 1e 003c 00 \"meter\" 00 \"a\" \"b\" ]", /* Will QoS 3 */
    "10 [ \"MQTT\" 05 0a 003c 00 \"meter\" ]",                /* Will QoS without a Will */
    "10 [ \"MQTT\" 05 22 003c 00 \"meter\" ]",                /* Will Retain without a Will */
    "10 [ \"MQTT\" 04 42 003c \"meter\" \"secret\" ]",        /* Password without a User Name */
    /* lengths */
    "10 [ \"MQTT\" 05 02 003c 00 0006 'meter' ]",       /* Client Identifier too long */
    "10 [ \"MQTT\" 05 02 003c 00 \"meter\" 00 ]",       /* a byte too many */
    "10 [ \"MQTT\" 05 02 003c 08 \"meter\" ]",          /* properties too long */
    "10 [ \"MQTT\" 05 02 003c 8000 \"meter\" ]",        /* their length is not in the shortest form */
    "10 [ \"MQTT\" 05 02 003c ffffffff00 \"meter\" ]",  /* and has five bytes */
    "10 [ \"MQTT\" 05 06 003c 00 \"meter\" 00 \"a\" ]", /* a Will without payload */
    "10 [ \"MQTT\" 05 82 003c 00 \"meter\" ]",          /* no User Name */
    "10 [ \"MQTT\" 04 c2 003c \"meter\" \"user\" ]",    /* no Password */
    "10 [ \"MQTT\" 04 02 00 ]",                         /* too short for Keep Alive */
    "10 [ \"MQTT\" 04 02 003c ]",                       /* and for the Client Identifier */
    "10 0a 0004 'MQTT' 04 02 003c 00",
    "10 7f 0004 'MQT'", /* ends before the level */
    "10 7f 0004 'MQTT'",
    "10 7f 0006 'MQIsdp'",
};

static void test_right(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(right); i++)
        if (!is_signature(right[i]))
            g_error("not recognized: %s", right[i]);
}

static void test_wrong(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        if (is_signature(wrong[i]))
            g_error("recognized: %s", wrong[i]);
}

/* A segment may end anywhere after the level; before it, it is not enough. Each copy has just the bytes
 * that are there, so that AddressSanitizer sees a read beyond them. */
static void test_split(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(right); i++) {
        GByteArray *bytes = notation_bytes("%s", right[i]);
        guint header = bytes->data[1] & 0x80 ? 3 : 2, level = header + 2 + bytes->data[header + 1];

        for (guint length = 1; length <= bytes->len; length++) {
            guint8 *part = g_memdup2(bytes->data, length);

            g_assert_cmpint(mqtt5_signature(part, length), ==, length > level);
            g_free(part);
        }
        g_byte_array_unref(bytes);
    }
}

/* Any other value of a byte up to the level is another protocol, but the two of a bridge. */
static void test_each_byte(void)
{
    GByteArray *bytes = notation_bytes("10 [ \"MQTT\" 04 02 003c \"meter\" ]");

    for (guint at = 0; at < 9; at++) {
        guint8 was = bytes->data[at];

        for (guint value = 0; value < 256; value++) {
            gboolean same = value == was || (at == 8 && value == (was | 0x80U));

            bytes->data[at] = (guint8)value;
            if (at == 8 && value == 5) /* the Client Identifier would be properties */
                continue;
            g_assert_cmpint(mqtt5_signature(bytes->data, bytes->len), ==, same);
        }
        bytes->data[at] = was;
    }
    g_byte_array_unref(bytes);
}

/* --- A million segments of others --- */

#define SEGMENTS 1000000
#define LONGEST 1460
#define SEED 15

/* How connections of other protocols begin. */
static GPtrArray *read_others(void)
{
    const char *folder = g_getenv("MQTT5_ORACLE");
    char *path = g_build_filename(folder ? folder : ".", "other_protocols.tsv", NULL), *text, **lines;
    GPtrArray *others = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    GError *error = NULL;

    if (!g_file_get_contents(path, &text, NULL, &error))
        g_error("%s (set MQTT5_ORACLE to tests/oracle)", error->message);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *bytes = strchr(*line, '\t');

        if (bytes && **line != '#' && !g_str_has_prefix(*line, "protocol\t"))
            g_ptr_array_add(others, notation_bytes("%s", bytes + 1));
    }
    g_assert_cmpuint(others->len, >, 70);
    g_strfreev(lines);
    g_free(text);
    g_free(path);
    return others;
}

static void add_random(GRand *random, GByteArray *segment, guint count)
{
    guint at = segment->len;
    guint32 word = 0;

    g_byte_array_set_size(segment, at + count);
    for (guint i = 0; i < count; i++, word >>= 8) {
        if (i % 4 == 0)
            word = g_rand_int(random);
        segment->data[at + i] = (guint8)word;
    }
}

/* Fills `segment` with the next one: random bytes; random bytes with the first byte of a CONNECT and a
 * Remaining Length that fits; or another protocol, with some bytes changed, cut or followed by
 * random ones. */
static void next_segment(GRand *random, const GPtrArray *others, GByteArray *segment)
{
    guint kind = (guint)g_rand_int_range(random, 0, 4), changes;
    const GByteArray *other = g_ptr_array_index(others, (guint)g_rand_int_range(random, 0, (gint)others->len));

    g_byte_array_set_size(segment, 0);
    if (kind == 0) {
        add_random(random, segment, (guint)g_rand_int_range(random, 1, LONGEST + 1));
        return;
    }
    if (kind == 1) {
        guint length = (guint)g_rand_int_range(random, 10, 128);
        const guint8 header[] = {MQTT5_SIGNATURE_FIRST, (guint8)length};

        g_byte_array_append(segment, header, sizeof header);
        add_random(random, segment, length);
        return;
    }
    g_byte_array_append(segment, other->data, other->len);
    add_random(random, segment, (guint)g_rand_int_range(random, 0, 64));
    if (kind == 2)
        return;
    changes = (guint)g_rand_int_range(random, 1, 4);
    for (guint i = 0; i < changes; i++)
        segment->data[g_rand_int_range(random, 0, (gint)segment->len)] = (guint8)g_rand_int(random);
    g_byte_array_set_size(segment, (guint)g_rand_int_range(random, 1, (gint)segment->len + 1));
}

static void test_million(void)
{
    GPtrArray *others = read_others();
    GRand *random = g_rand_new_with_seed(SEED);
    GByteArray *segment = g_byte_array_new();
    guint found = 0;

    for (guint i = 0; i < SEGMENTS; i++) {
        next_segment(random, others, segment);
        found += mqtt5_signature(segment->data, segment->len);
    }
    g_test_message("%u segments, %u of them taken for MQTT", SEGMENTS, found);
    g_assert_cmpuint(found, ==, 0);
    g_byte_array_unref(segment);
    g_rand_free(random);
    g_ptr_array_unref(others);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/signature/right", test_right);
    g_test_add_func("/signature/wrong", test_wrong);
    g_test_add_func("/signature/split", test_split);
    g_test_add_func("/signature/each-byte", test_each_byte);
    g_test_add_func("/signature/million", test_million);
    return g_test_run();
}
