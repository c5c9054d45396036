/* test_decode_ends.c
 * Packets that end early, have bytes left over, or are cut by the capture: each prefix of a sample
 * of every packet. The bytes end just before memory that cannot be read, so a read beyond them
 * crashes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "judged.h"

/* Whole packets. `shorter` lists the lengths of the body at which a packet that is cut there, with
 * its Remaining Length corrected, can still be decoded; "N-" means N and all above. */
static const struct {
    guint version;
    mqtt5_sender sender;
    const char *text, *shorter;
} samples[] = {
    {5, MQTT5_CLIENT, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]", ""},
    {5, MQTT5_CLIENT, "10 [ \"MQTT\" 05 ce 003c [ 11 00000e10 26 \"a\" \"b\" ] \"c\" [ 18 00000001 09 \"x\" ] \"t\" \"p\" \"u\" \"p\" ]",
     ""},
    {4, MQTT5_CLIENT, "10 [ \"MQTT\" 04 ce 003c \"c\" \"t\" \"p\" \"u\" \"p\" ]", ""},
    {3, MQTT5_CLIENT, "10 [ \"MQIsdp\" 03 c2 003c \"c\" \"u\" \"p\" ]", "15 18"}, /* 3.1: fields may be missing at the end */
    {5, MQTT5_SERVER, "20 [ 00 00 [ 12 \"id\" 24 01 21 0005 27 00001000 ] ]", ""},
    {4, MQTT5_SERVER, "20 [ 00 00 ]", ""},
    {5, MQTT5_CLIENT, "32 [ \"topic\" 0001 [ 01 01 03 \"text\" ] 'payload' ]", "19-"},
    {4, MQTT5_CLIENT, "32 [ \"topic\" 0001 'payload' ]", "9-"},
    {3, MQTT5_SERVER, "30 [ \"topic\" 'payload' ]", "7-"},
    {5, MQTT5_SERVER, "40 [ 0001 80 [ 1f \"why\" ] ]", "2 3"},
    {5, MQTT5_SERVER, "50 [ 0001 80 [ 1f \"why\" ] ]", "2 3"},
    {5, MQTT5_CLIENT, "62 [ 0001 92 [ 1f \"why\" ] ]", "2 3"},
    {5, MQTT5_SERVER, "70 [ 0001 92 [ 1f \"why\" ] ]", "2 3"},
    {4, MQTT5_SERVER, "40 [ 0001 ]", ""},
    {5, MQTT5_CLIENT, "82 [ 0001 [ 0b 8001 26 \"a\" \"b\" ] \"a/#\" 01 \"b\" 02 ]", "13 19"}, /* a missing filter belongs to another rule */
    {4, MQTT5_CLIENT, "82 [ 0001 \"a/#\" 01 \"b\" 02 ]", "2 8"},
    {5, MQTT5_SERVER, "90 [ 0001 [ 1f \"why\" ] 00 01 80 ]", "9-"},
    {4, MQTT5_SERVER, "90 [ 0001 00 01 80 ]", "2-"},
    {5, MQTT5_CLIENT, "a2 [ 0001 [ 26 \"a\" \"b\" ] \"a/#\" \"b\" ]", "10 15"},
    {4, MQTT5_CLIENT, "a2 [ 0001 \"a/#\" \"b\" ]", "2 7"},
    {5, MQTT5_SERVER, "b0 [ 0001 [ 1f \"why\" ] 00 11 ]", "9-"},
    {4, MQTT5_SERVER, "b0 [ 0001 ]", ""},
    {5, MQTT5_CLIENT, "c0 [ ]", ""},
    {5, MQTT5_SERVER, "d0 [ ]", ""},
    {5, MQTT5_SERVER, "e0 [ 8b [ 1f \"why\" 1c \"to\" ] ]", "0 1"},
    {4, MQTT5_CLIENT, "e0 [ ]", ""},
    {5, MQTT5_CLIENT, "f0 [ 18 [ 15 \"PLAIN\" 16 \"data\" ] ]", "0"},
};

static gboolean is_listed(const char *list, guint length)
{
    char **words = g_strsplit(list, " ", -1);
    gboolean listed = FALSE;

    for (char **word = words; *word; word++) {
        char *end;
        guint64 n = g_ascii_strtoull(*word, &end, 10);
        listed |= end != *word && (n == length || (*end == '-' && length >= n));
    }
    g_strfreev(words);
    return listed;
}

/* The whole packets have no fault, whatever version they are decoded as. */
static void test_whole(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        judged result;

        judge(&result, samples[i].version, samples[i].sender, "%s", samples[i].text);
        g_assert_cmpint(result.packet.status, ==, MQTT5_DECODED);
        g_assert_cmpuint(result.packet.version, ==, samples[i].version);
        g_assert_cmpint(mqtt5_findings_worst(&result.findings), <, MQTT5_SEVERITY_WARN);
    }
}

/* The capture cuts the packet: there is no finding that the available bytes do not prove, whatever
 * the version and the sender are. */
static void test_captured_less(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].text);

        for (guint captured = 1; captured < bytes->len; captured++) {
            judged result;

            judge_bytes(&result, samples[i].version, samples[i].sender, bytes->data, captured, bytes->len);
            g_assert_cmpint(mqtt5_findings_worst(&result.findings), <, MQTT5_SEVERITY_WARN);
            if (result.packet.status != MQTT5_CUT)
                g_error("%s: %u of %u bytes captured, status %d", samples[i].text, captured, bytes->len, result.packet.status);
        }
        g_byte_array_unref(bytes);
    }
}

/* The packet ends early, and its Remaining Length fits. */
static void test_ends_early(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *whole = notation_bytes("%s", samples[i].text);
        guint body = whole->len - 2; /* all samples are shorter than 128 bytes */

        for (guint length = 0; length < body; length++) {
            GByteArray *bytes = g_byte_array_new();
            gboolean decodable = is_listed(samples[i].shorter, length);
            judged result;

            g_byte_array_append(bytes, whole->data, 1);
            notation_add_variable_byte_integer(bytes, length);
            g_byte_array_append(bytes, whole->data + 2, length);
            judge_bytes(&result, samples[i].version, samples[i].sender, bytes->data, bytes->len, bytes->len);
            if ((result.packet.status == MQTT5_DECODED) != decodable)
                g_error("%s with a body of %u bytes: status %d", samples[i].text, length, result.packet.status);
            if (!decodable) {
                g_assert_cmpint(result.packet.status, ==, MQTT5_MALFORMED);
                g_assert_cmpint(mqtt5_findings_worst(&result.findings), ==, MQTT5_SEVERITY_ERROR);
            }
            g_byte_array_unref(bytes);
        }
        g_byte_array_unref(whole);
    }
}

/* The packet has bytes after its last field. Only packets with a payload of any length can have
 * them. */
static void test_runs_over(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].text);
        mqtt5_packet_type type = (mqtt5_packet_type)(bytes->data[0] >> 4);
        guint8 zero = 0;
        judged result;

        bytes->data[1]++;
        g_byte_array_append(bytes, &zero, 1);
        judge_bytes(&result, samples[i].version, samples[i].sender, bytes->data, bytes->len, bytes->len);
        if (type == MQTT5_PUBLISH || type == MQTT5_SUBACK || (type == MQTT5_UNSUBACK && samples[i].version == 5)) {
            g_assert_cmpint(result.packet.status, ==, MQTT5_DECODED);
        } else {
            g_assert_cmpint(result.packet.status, ==, MQTT5_MALFORMED);
            g_assert_true(mqtt5_findings_has(&result.findings, MQTT5_RULE_packet_malformed));
        }
        g_byte_array_unref(bytes);
    }
}

/* A caller whose length is not that of the packet, and every version and sender with every prefix:
 * any result is fine, except a read beyond the bytes. */
static void test_any_prefix(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].text);

        for (guint length = 1; length <= bytes->len; length++)
            for (guint version = 0; version <= 6; version++)
                for (guint sender = MQTT5_SENDER_UNKNOWN; sender <= MQTT5_SERVER; sender++) {
                    judged result;

                    judge_bytes(&result, version, (mqtt5_sender)sender, bytes->data, length, length);
                }
        g_byte_array_unref(bytes);
    }
}

/* Every byte of every sample, changed to some other values. */
static void test_changed_bytes(void)
{
    static const guint8 values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};

    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].text);

        for (guint at = 0; at < bytes->len; at++)
            for (guint v = 0; v < G_N_ELEMENTS(values); v++) {
                guint8 before = bytes->data[at];
                judged result;

                bytes->data[at] = values[v];
                judge_bytes(&result, samples[i].version, samples[i].sender, bytes->data, bytes->len, bytes->len);
                judge_bytes(&result, samples[i].version, samples[i].sender, bytes->data, (bytes->len + 1) / 2, bytes->len);
                bytes->data[at] = before;
            }
        g_byte_array_unref(bytes);
    }
}

/* Random bytes, always the same ones. */
static void test_random(void)
{
    GRand *random = g_rand_new_with_seed(5);

    for (guint round = 0; round < 200000; round++) {
        guint8 data[48];
        guint32 length = (guint32)g_rand_int_range(random, 1, sizeof data + 1);
        judged result;

        for (guint i = 0; i < length; i++)
            data[i] = (guint8)(g_rand_int_range(random, 0, 3) ? g_rand_int_range(random, 0, 40) : g_rand_int_range(random, 0, 256));
        data[0] = (guint8)g_rand_int_range(random, 0, 256);
        if (length > 1)
            data[1] = (guint8)(length - 2);
        judge_bytes(&result, (guint)g_rand_int_range(random, 0, 6), (mqtt5_sender)g_rand_int_range(random, 0, 3), data, length, length);
    }
    g_rand_free(random);
}

/* A field that the standard demands cites the statement that demands it, by version. */
static const struct {
    unsigned version;
    const char *clause;
    const char *packet;
} owed[] = {
    {MQTT5_VERSION_5, "MQTT-3.1.3-3", "10 [ \"MQTT\" 05 02 003c [ ] ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.3-3", "10 [ \"MQTT\" 05 02 003c [ ] 0009 'c' ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-9", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-9", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ ] ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-9", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ ] \"t\" ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-17", "10 [ \"MQTT\" 05 82 003c [ ] \"c\" ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-19", "10 [ \"MQTT\" 05 c2 003c [ ] \"c\" \"u\" ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-16", "10 [ \"MQTT\" 05 02 003c [ ] \"c\" \"u\" ]"},
    {MQTT5_VERSION_5, "MQTT-3.1.2-18", "10 [ \"MQTT\" 05 82 003c [ ] \"c\" \"u\" \"p\" ]"},
    {MQTT5_VERSION_5, "2.1.4", "10 [ \"MQTT\" 05 c2 003c [ ] \"c\" \"u\" \"p\" 00 ]"},
    {MQTT5_VERSION_5, "MQTT-3.3.2-1", "30 [ ]"},
    {MQTT5_VERSION_5, "MQTT-3.3.2-1", "30 [ 0009 't' ]"},
    {MQTT5_VERSION_5, "MQTT-2.2.2-1", "30 [ \"t\" ]"},
    {MQTT5_VERSION_3_1_1, "MQTT-3.1.2-9", "10 [ \"MQTT\" 04 06 003c \"c\" \"t\" ]"},
    {MQTT5_VERSION_3_1_1, "MQTT-3.1.2-19", "10 [ \"MQTT\" 04 82 003c \"c\" ]"},
    {MQTT5_VERSION_3_1_1, "MQTT-3.1.2-21", "10 [ \"MQTT\" 04 c2 003c \"c\" \"u\" ]"},
    {MQTT5_VERSION_3_1_1, "MQTT-3.1.2-18", "10 [ \"MQTT\" 04 02 003c \"c\" \"u\" ]"},
    {MQTT5_VERSION_3_1_1, "MQTT-3.1.2-20", "10 [ \"MQTT\" 04 82 003c \"c\" \"u\" \"p\" ]"},
    {MQTT5_VERSION_3_1_1, "MQTT-3.3.2-1", "30 [ ]"},
};

static void test_owed_fields(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(owed); i++) {
        judged result;

        judge(&result, owed[i].version, MQTT5_CLIENT, "%s", owed[i].packet);
        g_test_message("%s", owed[i].packet);
        g_assert_cmpuint(result.findings.count, ==, 1);
        g_assert_cmpint(result.findings.items[0].rule, ==, MQTT5_RULE_packet_malformed);
        g_assert_cmpstr(result.findings.items[0].clause, ==, owed[i].clause);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/decode-ends/whole", test_whole);
    g_test_add_func("/decode-ends/captured-less", test_captured_less);
    g_test_add_func("/decode-ends/ends-early", test_ends_early);
    g_test_add_func("/decode-ends/runs-over", test_runs_over);
    g_test_add_func("/decode-ends/any-prefix", test_any_prefix);
    g_test_add_func("/decode-ends/changed-bytes", test_changed_bytes);
    g_test_add_func("/decode-ends/random", test_random);
    g_test_add_func("/decode-ends/owed-fields", test_owed_fields);
    return g_test_run();
}
