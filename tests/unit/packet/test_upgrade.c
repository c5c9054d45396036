/* test_upgrade.c
 * upgrade.c: requests for MQTT over WebSocket and their answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "core/packet/upgrade.h"

#define GET "GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
#define SWITCHES "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"

static bool request(mqtt5_upgrade *upgrade, const char *text)
{
    return mqtt5_upgrade_request(upgrade, 4, (const uint8_t *)text, (uint32_t)strlen(text));
}

static bool answer(mqtt5_upgrade *upgrade, const char *text)
{
    return mqtt5_upgrade_answer(upgrade, 5, (const uint8_t *)text, (uint32_t)strlen(text));
}

static void test_requests(void)
{
    mqtt5_upgrade upgrade = {0};
    char *many = g_strnfill(MQTT5_UPGRADE_NAMES, 'x');
    char *long_header = g_strconcat(GET "Sec-WebSocket-Protocol: mqtt, ", many, "\r\n\r\n", NULL);

    g_assert_true(request(&upgrade, GET "Sec-WebSocket-Protocol: mqtt\r\n\r\n"));
    g_assert_cmpuint(upgrade.request_frame, ==, 4);
    g_assert_cmpstr(upgrade.offered, ==, "mqtt");
    g_assert_true(request(&upgrade, GET "sec-websocket-protocol:mqttv3.1 ,MQTT\r\n\r\n"));
    g_assert_cmpstr(upgrade.offered, ==, "mqttv3.1 ,MQTT");
    g_assert_false(request(&upgrade, GET "Sec-WebSocket-Protocol: mqttv3.1\r\n\r\n"));
    g_assert_false(request(&upgrade, GET "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: x\r\n\r\n"));
    g_assert_false(request(&upgrade, GET "Sec-WebSocket-Protocol: mqtt\r\n"));
    g_assert_false(request(&upgrade, GET "Sec-WebSocket-Protocol: mqtt\x01\r\n\r\n"));
    g_assert_false(request(&upgrade, GET "\r\n"));
    g_assert_false(request(&upgrade, "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"));
    g_assert_false(request(&upgrade, long_header));
    g_assert_false(request(&upgrade, ""));
    g_assert_cmpstr(upgrade.offered, ==, "mqttv3.1 ,MQTT");
    g_free(long_header);
    g_free(many);
}

/* What an answer to a client that offers `offered` says; false if it is none. */
static bool unnamed(const char *offered, const char *text, bool *is)
{
    mqtt5_upgrade upgrade = {.request_frame = 4};
    bool answers;

    g_strlcpy(upgrade.offered, offered, sizeof upgrade.offered);
    answers = answer(&upgrade, text);
    *is = mqtt5_upgrade_unnamed(&upgrade);
    return answers;
}

static void test_answers(void)
{
    bool is;

    g_assert_true(unnamed("mqtt", SWITCHES "\r\n", &is) && is);
    g_assert_true(unnamed("mqtt", SWITCHES "Sec-WebSocket-Protocol: \r\n\r\n", &is) && is);
    g_assert_true(unnamed("mqtt", SWITCHES "Sec-WebSocket-Protocol: mqttv3.1\r\n\r\n", &is) && is);
    g_assert_true(unnamed("mqtt", SWITCHES "Sec-WebSocket-Protocol: mqtt\r\n\r\n", &is) && !is);
    g_assert_true(unnamed("mqttv3.1, mqtt", SWITCHES "sec-websocket-protocol: mqttv3.1\r\n\r\n", &is) && !is);
    g_assert_true(unnamed("mqtt", "HTTP/1.1 404 Not Found\r\n\r\n", &is) && !is);
    g_assert_false(unnamed("mqtt", "HTTP/1.1 100 Continue\r\n\r\n", &is) || is);
    g_assert_false(unnamed("mqtt", "HTTP/1.1 101\r\n", &is) || is);
    g_assert_false(unnamed("mqtt", "HTTP/1.1 \r\n\r\n", &is) || is);
    g_assert_false(unnamed("mqtt", "", &is) || is);
}

static void test_selects(void)
{
    mqtt5_upgrade upgrade = {.request_frame = 4};

    g_assert_true(answer(&upgrade, SWITCHES "Sec-WebSocket-Protocol: MQTTv3.1\r\n\r\n") && mqtt5_upgrade_selects_mqtt(&upgrade));
    g_assert_true(answer(&upgrade, SWITCHES "Sec-WebSocket-Protocol: v12.stomp\r\n\r\n") && !mqtt5_upgrade_selects_mqtt(&upgrade));
    g_assert_true(answer(&upgrade, SWITCHES "\r\n") && !mqtt5_upgrade_selects_mqtt(&upgrade));
}

static void test_status(void)
{
    mqtt5_upgrade upgrade = {.request_frame = 4};

    g_assert_true(answer(&upgrade, "HTTP/1.1 403 Forbidden\r\nServer: x\r\n\r\n"));
    g_assert_cmpuint(upgrade.status, ==, 403);
    g_assert_cmpuint(upgrade.answer_frame, ==, 5);
    g_assert_cmpstr(upgrade.answer, ==, "403 Forbidden");
}

/* Wherever it is cut, nothing after the end is read. */
static void test_cut(void)
{
    const char text[] = GET "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

    for (uint32_t length = 0; length < sizeof text - 1; length++) {
        uint8_t *copy = g_malloc(length + 1);
        mqtt5_upgrade upgrade = {0};

        memcpy(copy, text, length);
        g_assert_false(mqtt5_upgrade_request(&upgrade, 4, copy, length));
        g_free(copy);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/upgrade/requests", test_requests);
    g_test_add_func("/upgrade/answers", test_answers);
    g_test_add_func("/upgrade/selects", test_selects);
    g_test_add_func("/upgrade/status", test_status);
    g_test_add_func("/upgrade/cut", test_cut);
    return g_test_run();
}
