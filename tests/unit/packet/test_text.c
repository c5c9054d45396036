/* test_text.c
 * UTF-8 strings, Topic Names, Topic Filters, Subscription Options, and payloads that claim to be
 * text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judged.h"

static const char *const not_utf8[] = {
    "\\xff",                /* never a byte of UTF-8 */
    "a\\x80",               /* a continuation byte by itself */
    "\\xc3",                /* ends in the middle of a character */
    "\\xe2\\x82",           /* the same of three bytes */
    "\\xf0\\x9f\\x98",      /* the same of four bytes */
    "\\xc0\\xaf",           /* overlong */
    "\\xe0\\x80\\xaf",      /* overlong */
    "\\xed\\xa0\\x80",      /* U+D800, a surrogate */
    "\\xed\\xbf\\xbf",      /* U+DFFF */
    "\\xf4\\x90\\x80\\x80", /* beyond U+10FFFF */
    "caf\\xe9",             /* Latin-1 */
};

static const char *const utf8[] = {
    "caf\\xc3\\xa9", "\\xed\\x9f\\xbf", "\\xee\\x80\\x80", "\\xf4\\x8f\\xbf\\xbd", "\\xf0\\x9f\\x98\\x80", "\\xef\\xbb\\xbfa", "",
};

/* Every field that is a UTF-8 Encoded String. %s is its text. */
static const struct {
    mqtt5_sender sender;
    const char *format;
    gboolean may_be_empty;
} fields[] = {
    {MQTT5_CLIENT, "10 [ \"MQTT\" 05 02 003c [ ] \"%s\" ]", TRUE},
    {MQTT5_CLIENT, "10 [ \"MQTT\" 05 82 003c [ ] \"c\" \"%s\" ]", TRUE},
    {MQTT5_CLIENT, "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ ] \"%s\" \"p\" ]", FALSE},
    {MQTT5_CLIENT, "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ 03 \"%s\" ] \"t\" \"p\" ]", TRUE},
    {MQTT5_CLIENT, "10 [ \"MQTT\" 05 02 003c [ 26 \"%s\" \"v\" ] \"c\" ]", TRUE},
    {MQTT5_CLIENT, "10 [ \"MQTT\" 05 02 003c [ 15 \"%s\" ] \"c\" ]", TRUE},
    {MQTT5_CLIENT, "30 [ \"%s\" [ ] 'p' ]", FALSE},
    {MQTT5_CLIENT, "30 [ \"t\" [ 26 \"n\" \"%s\" ] 'p' ]", TRUE},
    {MQTT5_CLIENT, "30 [ \"t\" [ 08 \"%s\" ] 'p' ]", FALSE},
    {MQTT5_SERVER, "20 [ 00 00 [ 1f \"%s\" ] ]", TRUE},
    {MQTT5_SERVER, "20 [ 00 00 [ 1a \"%s\" ] ]", TRUE},
    {MQTT5_SERVER, "40 [ 0001 00 [ 1f \"%s\" ] ]", TRUE},
    {MQTT5_CLIENT, "82 [ 0001 [ ] \"%s\" 00 ]", FALSE},
    {MQTT5_CLIENT, "a2 [ 0001 [ ] \"%s\" ]", FALSE},
    {MQTT5_CLIENT, "e0 [ 00 [ 1f \"%s\" ] ]", TRUE},
    {MQTT5_CLIENT, "f0 [ 18 [ 15 \"m\" 1f \"%s\" ] ]", TRUE},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static char *in_field(guint field, const char *text)
{
    return g_strdup_printf(fields[field].format, text);
}

#pragma GCC diagnostic pop

static void expect_in_field(guint field, const char *text, const char *rules)
{
    char *packet = in_field(field, text);

    assert_rules(5, fields[field].sender, rules, "%s", packet);
    g_free(packet);
}

static void test_strings(void)
{
    for (guint field = 0; field < G_N_ELEMENTS(fields); field++) {
        for (guint i = 0; i < G_N_ELEMENTS(not_utf8); i++)
            expect_in_field(field, not_utf8[i], "string_not_utf8");
        for (guint i = 0; i < G_N_ELEMENTS(utf8); i++)
            if (*utf8[i] || fields[field].may_be_empty)
                expect_in_field(field, utf8[i], "");
        expect_in_field(field, "a\\x00", "string_null_character");
        expect_in_field(field, "\\x00", "string_null_character");
    }
}

/* Control characters and non-characters get only a Chat. */
static void test_odd_characters(void)
{
    static const char *const odd[] = {"a\\x01",     "a\\x0a",          "\\x7f",           "\\xc2\\x80",
                                      "\\xc2\\x9f", "\\xef\\xb7\\x90", "\\xef\\xbf\\xbe", "\\xf0\\x9f\\xbf\\xbf"};
    static const char *const plain[] = {" ", "~", "\\xc2\\xa0", "\\xef\\xbf\\xbd"};

    for (guint i = 0; i < G_N_ELEMENTS(odd) + G_N_ELEMENTS(plain); i++) {
        gboolean is_odd = i < G_N_ELEMENTS(odd);
        judged result;

        judge(&result, 5, MQTT5_CLIENT, "30 [ \"%s\" [ ] 'p' ]", is_odd ? odd[i] : plain[i - G_N_ELEMENTS(odd)]);
        g_assert_cmpuint(result.findings.count, ==, is_odd ? 1 : 0);
        if (is_odd)
            g_assert_cmpint(result.findings.items[0].rule, ==, MQTT5_RULE_string_control_character);
        g_assert_cmpint(mqtt5_findings_worst(&result.findings), ==, MQTT5_SEVERITY_CHAT);
    }
}

/* Binary Data and payloads may be anything. */
static void test_binary(void)
{
    assert_rules(5, MQTT5_CLIENT, "",
                 "10 [ \"MQTT\" 05 c6 003c [ 15 \"m\" 16 \"\\xff\\x00\" ] \"c\" [ 09 \"\\xff\" ] \"t\" \"\\xff\" \"u\" \"\\xff\" ]");
    assert_rules(4, MQTT5_CLIENT, "", "10 [ \"MQTT\" 04 c6 003c \"c\" \"t\" \"\\xff\" \"u\" \"\\xff\" ]");
    assert_rules(5, MQTT5_CLIENT, "", "30 [ \"t\" [ 09 \"\\xff\\x00\" ] ff 00 ]");
}

static void test_strings_3_1_1(void)
{
    assert_rules(4, MQTT5_CLIENT, "string_not_utf8", "30 [ \"caf\\xe9\" 'p' ]");
    assert_rules(4, MQTT5_CLIENT, "string_null_character", "82 [ 0001 \"a\\x00\" 00 ]");
    assert_rules(4, MQTT5_CLIENT, "string_not_utf8", "10 [ \"MQTT\" 04 82 003c \"c\" \"u\\xff\" ]");
}

static void test_topic_names(void)
{
    static const char *const wildcards[] = {"+", "#", "a/+", "a/#", "a+b", "#a", "a/+/b"};
    static const char *const fine[] = {"a", "/", "//", "$SYS/x", "a b", " ", "$share/g/a", "*", "a/?"};

    for (guint i = 0; i < G_N_ELEMENTS(wildcards); i++) {
        assert_rules(5, MQTT5_CLIENT, "topic_name_wildcard", "30 [ \"%s\" [ ] 'p' ]", wildcards[i]);
        assert_rules(5, MQTT5_SERVER, "topic_name_wildcard", "30 [ \"t\" [ 08 \"%s\" ] 'p' ]", wildcards[i]);
        assert_rules(5, MQTT5_CLIENT, "topic_name_wildcard", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ ] \"%s\" \"p\" ]", wildcards[i]);
        assert_rules(5, MQTT5_CLIENT, "topic_name_wildcard", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ 08 \"%s\" ] \"t\" \"p\" ]",
                     wildcards[i]);
        assert_rules(4, MQTT5_CLIENT, "topic_name_wildcard", "30 [ \"%s\" 'p' ]", wildcards[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(fine); i++)
        assert_rules(5, MQTT5_CLIENT, "", "30 [ \"%s\" [ 08 \"%s\" ] 'p' ]", fine[i], fine[i]);

    assert_rules(5, MQTT5_CLIENT, "topic_name_empty", "30 [ \"\" [ ] 'p' ]");
    assert_rules(5, MQTT5_CLIENT, "", "30 [ \"\" [ 23 0001 ] 'p' ]");
    assert_rules(5, MQTT5_CLIENT, "topic_name_empty", "30 [ \"t\" [ 08 \"\" ] 'p' ]");
    assert_rules(5, MQTT5_CLIENT, "topic_name_empty", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ ] \"\" \"p\" ]");
    assert_rules(4, MQTT5_CLIENT, "topic_name_empty", "30 [ \"\" 'p' ]");
    assert_rules(0, MQTT5_CLIENT, "", "30 [ \"\" [ 23 0001 ] 'p' ]");
}

static void test_topic_filters(void)
{
    static const char *const invalid[] = {"",     "#/",   "a#", "#a", "a/#/b", "##",   "a/##", "+a",      "a+",        "a/+b",
                                          "a/b+", "a+/b", "++", "+#", "#+",    "a/+#", "/a+",  "$SYS/a#", "$sharex/a#"};
    static const char *const valid[] = {"#",  "+",       "/",         "a",       "a/#",   "/#",     "+/+",    "+/#",
                                        "/+", "//",      "a/+",       "a/+/b",   "+/a/#", "$SYS/#", "$SYS/+", " ",
                                        "$",  "$share2", "$shared/#", "a b/+/c", "+//#",  "share/a"};

    for (guint i = 0; i < G_N_ELEMENTS(invalid); i++) {
        assert_rules(5, MQTT5_CLIENT, "topic_filter_invalid", "82 [ 0001 [ ] \"%s\" 00 ]", invalid[i]);
        assert_rules(5, MQTT5_CLIENT, "topic_filter_invalid", "a2 [ 0001 [ ] \"%s\" ]", invalid[i]);
        assert_rules(4, MQTT5_CLIENT, "topic_filter_invalid", "82 [ 0001 \"%s\" 01 ]", invalid[i]);
        assert_rules(3, MQTT5_CLIENT, "topic_filter_invalid", "a2 [ 0001 \"%s\" ]", invalid[i]);
        if (*invalid[i])
            assert_rules(5, MQTT5_CLIENT, "topic_filter_invalid", "82 [ 0001 [ ] \"$share/g/%s\" 00 ]", invalid[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(valid); i++) {
        assert_rules(5, MQTT5_CLIENT, "", "82 [ 0001 [ ] \"%s\" 2e ]", valid[i]);
        assert_rules(5, MQTT5_CLIENT, "", "82 [ 0001 [ ] \"$share/g/%s\" 2a ]", valid[i]);
        assert_rules(5, MQTT5_CLIENT, "", "a2 [ 0001 [ ] \"%s\" ]", valid[i]);
        assert_rules(4, MQTT5_CLIENT, "", "82 [ 0001 \"%s\" 02 ]", valid[i]);
    }
}

static void test_shared(void)
{
    static const char *const invalid[] = {"$share",     "$share/",    "$share//",    "$share//a", "$share/g", "$share/g/",
                                          "$share/+/a", "$share/#/a", "$share/g+/a", "$share/g#", "$share/+"};

    for (guint i = 0; i < G_N_ELEMENTS(invalid); i++) {
        assert_rules(5, MQTT5_CLIENT, "shared_subscription_invalid", "82 [ 0001 [ ] \"%s\" 00 ]", invalid[i]);
        assert_rules(5, MQTT5_CLIENT, "shared_subscription_invalid", "a2 [ 0001 [ ] \"%s\" ]", invalid[i]);
    }
    /* ordinary filters in 3.1.1, with ordinary rules */
    assert_rules(4, MQTT5_CLIENT, "", "82 [ 0001 \"$share\" 00 \"$share/\" 00 \"$share/g\" 00 \"$share/+/a\" 00 ]");
    assert_rules(4, MQTT5_CLIENT, "topic_filter_invalid", "82 [ 0001 \"$share/g+/a\" 00 ]");
    /* case counts */
    assert_rules(5, MQTT5_CLIENT, "", "82 [ 0001 [ ] \"$Share/g\" 04 ]");
}

static void test_options(void)
{
    for (guint options = 0; options < 256; options++) {
        GString *expected = g_string_new(NULL);
        gboolean no_local = (options & 4) != 0;

        if (options & 0xC0)
            g_string_append(expected, " subscription_options_reserved");
        if ((options & 3) == 3)
            g_string_append(expected, " subscription_qos_invalid");
        if ((options & 0x30) == 0x30)
            g_string_append(expected, " subscription_retain_handling_invalid");
        assert_rules(5, MQTT5_CLIENT, expected->len ? expected->str + 1 : "", "82 [ 0001 [ ] \"a\" %02x ]", options);
        if (no_local)
            g_string_prepend(expected, " subscription_no_local_shared");
        assert_rules(5, MQTT5_CLIENT, expected->len ? expected->str + 1 : "", "82 [ 0001 [ ] \"$share/g/a\" %02x ]", options);
        g_string_free(expected, TRUE);

        assert_rules(4, MQTT5_CLIENT,
                     options & 0xFC ? "subscription_options_reserved"
                     : options == 3 ? "subscription_qos_invalid"
                                    : "",
                     "82 [ 0001 \"$share/g/a\" %02x ]", options);
    }
}

static void test_payload(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(not_utf8); i++) {
        assert_rules(5, MQTT5_CLIENT, "payload_not_utf8", "30 [ \"t\" [ 01 01 ] '%s' ]", not_utf8[i]);
        assert_rules(5, MQTT5_CLIENT, "payload_not_utf8", "10 [ \"MQTT\" 05 06 003c [ ] \"c\" [ 01 01 ] \"t\" \"%s\" ]", not_utf8[i]);
        assert_rules(5, MQTT5_CLIENT, "", "30 [ \"t\" [ 01 00 ] '%s' ]", not_utf8[i]);
        assert_rules(5, MQTT5_CLIENT, "", "30 [ \"t\" [ ] '%s' ]", not_utf8[i]);
        assert_rules(4, MQTT5_CLIENT, "", "30 [ \"t\" '%s' ]", not_utf8[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(utf8); i++)
        assert_rules(5, MQTT5_CLIENT, "", "30 [ \"t\" [ 01 01 ] '%s' ]", utf8[i]);
    /* strings must not contain U+0000, but a payload is not a string */
    assert_rules(5, MQTT5_CLIENT, "", "30 [ \"t\" [ 01 01 ] '\\x00a\\x00' ]");
}

/* A payload that the capture cuts within a character is not judged. */
static void test_payload_cut(void)
{
    GByteArray *bytes = notation_bytes("30 [ \"t\" [ 01 01 ] '\\xc3\\xa9\\xc3\\xa9' ]");

    for (guint captured = bytes->len - 4; captured < bytes->len; captured++) {
        judged result;

        judge_bytes(&result, 5, MQTT5_CLIENT, bytes->data, captured, bytes->len);
        g_assert_cmpuint(result.findings.count, ==, 0);
    }
    g_byte_array_unref(bytes);
}

/* A Response Topic where there must be none is one fault, whatever it holds. */
static void test_response_topic_elsewhere(void)
{
    assert_rules(5, MQTT5_CLIENT, "topic_name_wildcard", "30 [ \"t\" [ 08 \"a/#\" ] 'p' ]");
    assert_rules(5, MQTT5_CLIENT, "topic_name_empty", "30 [ \"t\" [ 08 \"\" ] 'p' ]");
    assert_rules(5, MQTT5_SERVER, "property_not_allowed", "e0 [ 00 [ 08 \"a/#\" ] ]");
    assert_rules(5, MQTT5_SERVER, "property_not_allowed", "40 [ 0001 00 [ 08 \"\" ] ]");
    assert_rules(5, MQTT5_CLIENT, "property_not_allowed", "10 [ \"MQTT\" 05 02 003c [ 08 \"a/#\" ] \"c\" ]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/strings", test_strings);
    g_test_add_func("/text/odd-characters", test_odd_characters);
    g_test_add_func("/text/binary", test_binary);
    g_test_add_func("/text/strings-3.1.1", test_strings_3_1_1);
    g_test_add_func("/text/topic-names", test_topic_names);
    g_test_add_func("/text/topic-filters", test_topic_filters);
    g_test_add_func("/text/shared", test_shared);
    g_test_add_func("/text/options", test_options);
    g_test_add_func("/text/payload", test_payload);
    g_test_add_func("/text/payload-cut", test_payload_cut);
    g_test_add_func("/text/response-topic-elsewhere", test_response_topic_elsewhere);
    return g_test_run();
}
