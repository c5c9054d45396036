/* test_foreign.c
 * foreign.c: other protocols by their first bytes, and what only looks like them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "core/packet/foreign.h"
#include "notation.h"

static const struct {
    const char *notation;
    mqtt5_foreign kind;
    const char *text;
} samples[] = {
    {"1603010040 0100003c 0303", MQTT5_FOREIGN_TLS_HELLO, "TLS ClientHello"},
    {"1603030040 0200003c 0303", MQTT5_FOREIGN_TLS, "TLS ServerHello"},
    {"15030300020228", MQTT5_FOREIGN_TLS_ALERT, "TLS alert 40 (handshake_failure)"},
    {"150303000202ff", MQTT5_FOREIGN_TLS_ALERT, "TLS alert 255 (unknown)"},
    {"'GET / HTTP/1.1' 0d0a 'Host: x' 0d0a", MQTT5_FOREIGN_HTTP_REQUEST, "HTTP request \"GET / HTTP/1.1\""},
    {"'GET / HTTP/1.1' 0d0a 'upgrade:  WebSocket' 0d0a", MQTT5_FOREIGN_WEBSOCKET, "WebSocket request \"GET / HTTP/1.1\""},
    {"'HTTP/1.1 400 Bad Request' 0d0a", MQTT5_FOREIGN_HTTP_RESPONSE, "HTTP response \"HTTP/1.1 400 Bad Request\""},
    {"'PROXY UNKNOWN' 0d0a 10", MQTT5_FOREIGN_PROXY, "PROXY protocol header (version 1) \"PROXY UNKNOWN\""},
    {"0d0a0d0a000d0a515549540a 20 00 0000 10", MQTT5_FOREIGN_PROXY, "PROXY protocol header (version 2)"},
    {"'SSH-2.0-x' 0d0a", MQTT5_FOREIGN_SSH, "SSH greeting \"SSH-2.0-x\""},
    {"'AMQP' 00000901", MQTT5_FOREIGN_AMQP, "AMQP protocol header"},
    /* Control packets, and what has only the beginning of something else. */
    {"10 0c 0004 'MQTT' 05 02 003c 00 0000", MQTT5_FOREIGN_NONE, NULL},
    {"50 52 0001", MQTT5_FOREIGN_NONE, NULL},
    {"1603010002 0100", MQTT5_FOREIGN_NONE, NULL},
    {"1603050040 0100003c 0303", MQTT5_FOREIGN_NONE, NULL},
    {"15030300030228", MQTT5_FOREIGN_NONE, NULL},
    {"'GET / and more' 0d0a", MQTT5_FOREIGN_NONE, NULL},
    {"'GET / HTTP/1.1'", MQTT5_FOREIGN_NONE, NULL},
    {"'PROXY TCP4 192.0.2.9'", MQTT5_FOREIGN_NONE, NULL},
    {"0d0a0d0a000d0a515549540a 20 00 0001", MQTT5_FOREIGN_NONE, NULL},
    {"0d0a0d0a000d0a515549540a 10 00 0000", MQTT5_FOREIGN_NONE, NULL},
    {"'AMQP'", MQTT5_FOREIGN_NONE, NULL},
    {"", MQTT5_FOREIGN_NONE, NULL},
};

static void test_samples(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].notation);
        uint32_t length, expected = samples[i].kind == MQTT5_FOREIGN_NONE ? 0 : bytes->len;
        char text[100];

        /* In the samples, one byte of MQTT follows the header of a proxy. */
        if (samples[i].kind == MQTT5_FOREIGN_PROXY)
            expected--;
        g_test_message("%s", samples[i].notation);
        g_assert_cmpint(mqtt5_foreign_read(bytes->data, bytes->len, &length), ==, samples[i].kind);
        g_assert_cmpuint(length, ==, expected);
        if (samples[i].text)
            g_assert_cmpstr(mqtt5_foreign_text(samples[i].kind, bytes->data, bytes->len, text, sizeof text), ==, samples[i].text);
        g_byte_array_unref(bytes);
    }
}

/* However few of the bytes are there, nothing beyond them is read, and nothing else is found. */
static void test_cut(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        GByteArray *bytes = notation_bytes("%s", samples[i].notation);

        for (uint32_t there = 0; there < bytes->len; there++) {
            uint8_t *copy = g_memdup2(bytes->data, there);
            uint32_t length;
            mqtt5_foreign kind = mqtt5_foreign_read(copy, there, &length);
            char text[24];

            g_assert_true(kind == MQTT5_FOREIGN_NONE || kind == samples[i].kind ||
                          (samples[i].kind == MQTT5_FOREIGN_WEBSOCKET && kind == MQTT5_FOREIGN_HTTP_REQUEST));
            g_assert_cmpuint(length, <=, there);
            g_assert_cmpuint(strlen(mqtt5_foreign_text(samples[i].kind, copy, there, text, sizeof text)), <, sizeof text);
            g_free(copy);
        }
        g_byte_array_unref(bytes);
    }
}

/* Bytes that come after the first ones are named by their protocol alone. */
static void test_later(void)
{
    char text[40];

    g_assert_cmpstr(mqtt5_foreign_text(MQTT5_FOREIGN_TLS_HELLO, (const uint8_t *)"\x17\x03\x03", 3, text, sizeof text), ==, "TLS");
    g_assert_true(mqtt5_foreign_is_clients(MQTT5_FOREIGN_TLS_HELLO));
    g_assert_false(mqtt5_foreign_is_clients(MQTT5_FOREIGN_TLS_ALERT));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/foreign/samples", test_samples);
    g_test_add_func("/foreign/cut", test_cut);
    g_test_add_func("/foreign/later", test_later);
    return g_test_run();
}
