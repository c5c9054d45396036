/* test_misread.c
 * misread.c: slips that make the rest of a packet unreadable, and packets that come close.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>

#include "core/packet/decode.h"
#include "core/packet/misread.h"
#include "notation.h"

static void test_length(void)
{
    static const struct {
        const char *notation;
        bool found;
    } samples[] = {
        {"10 bf 0004 'MQTT' 04 c2", true},  {"10 80 0006 'MQIsdp' 03", true},   {"10 bf 01 0004 'MQTT' 04 c2", false},
        {"10 3f 0004 'MQTT' 04 c2", false}, {"10 bf 00 0004 'MQTT' 04", false}, {"30 bf 0004 'MQTT' 04 c2", false},
        {"10 bf 0004 'MQTX' 04 c2", false}, {"10 bf 0004 'MQTT'", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].notation);

        g_test_message("%s", samples[i].notation);
        g_assert_cmpint(mqtt5_misread_length(bytes->data, bytes->len), ==, samples[i].found);
        g_byte_array_unref(bytes);
    }
}

static bool finds_missing(const char *notation, unsigned version)
{
    GByteArray *bytes = notation_bytes("%s", notation);
    mqtt5_findings findings;
    mqtt5_packet packet;
    bool found;

    mqtt5_findings_init(&findings, (mqtt5_packet_type)(bytes->data[0] >> 4), MQTT5_CLIENT, version);
    mqtt5_decode(&packet, bytes->data, bytes->len, bytes->len, version, &findings);
    if (packet.status == MQTT5_MALFORMED)
        mqtt5_misread_check(&packet, &findings);
    found = mqtt5_findings_has(&findings, MQTT5_RULE_property_length_missing);
    /* It takes the place of all others. */
    g_assert_true(!found || findings.count == 1);
    g_byte_array_unref(bytes);
    return found;
}

static void test_properties(void)
{
    g_assert_true(finds_missing("a2 08 0001 0004 'a/bc'", MQTT5_VERSION_5));
    g_assert_true(finds_missing("82 09 0001 0004 'a/bc' 00", MQTT5_VERSION_5));
    g_assert_false(finds_missing("a2 09 0001 00 0004 'a/bc'", MQTT5_VERSION_5));
    g_assert_false(finds_missing("a2 08 0001 0004 'a/bc'", MQTT5_VERSION_3_1_1));
    g_assert_false(finds_missing("a2 08 0001 0005 'a/bc'", MQTT5_VERSION_5));
    g_assert_false(finds_missing("82 02 0001", MQTT5_VERSION_5));
    g_assert_false(finds_missing("62 05 0001 0004 'a'", MQTT5_VERSION_5));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/misread/length", test_length);
    g_test_add_func("/misread/properties", test_properties);
    return g_test_run();
}
