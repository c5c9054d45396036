/* reason_code.c
 * The table of reason codes: Table 2-6, with the Sent-by columns and remarks of each packet's own
 * table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/standard/reason_code.h"

#define CONNACK MQTT5_IN(MQTT5_CONNACK)
#define PUBACK MQTT5_IN(MQTT5_PUBACK)
#define PUBREC MQTT5_IN(MQTT5_PUBREC)
#define PUBREL MQTT5_IN(MQTT5_PUBREL)
#define PUBCOMP MQTT5_IN(MQTT5_PUBCOMP)
#define SUBACK MQTT5_IN(MQTT5_SUBACK)
#define UNSUBACK MQTT5_IN(MQTT5_UNSUBACK)
#define DISCONNECT MQTT5_IN(MQTT5_DISCONNECT)
#define AUTH MQTT5_IN(MQTT5_AUTH)
#define ALL (CONNACK | PUBACK | PUBREC | PUBREL | PUBCOMP | SUBACK | UNSUBACK | DISCONNECT | AUTH)

static const mqtt5_reason_code_info reason_codes[] = {
#define MQTT5_REASON_CODE(code, symbol, name, client, server, disputed_client, disputed_server, meaning)                                   \
    {code, name, client, server, disputed_client, disputed_server, meaning},
#include "core/standard/reason_code_list.h"
};

#define COUNT (sizeof reason_codes / sizeof reason_codes[0])

/* Where each code's row is: places are counted by the enumeration that the same list makes. */
enum {
#define MQTT5_REASON_CODE(code, symbol, ...) PLACE_##symbol,
#include "core/standard/reason_code_list.h"
};

static const uint8_t row_plus_one[256] = {
#define MQTT5_REASON_CODE(code, symbol, ...) [code] = PLACE_##symbol + 1,
#include "core/standard/reason_code_list.h"
};

const mqtt5_reason_code_info *mqtt5_reason_codes(size_t *count)
{
    *count = COUNT;
    return reason_codes;
}

const mqtt5_reason_code_info *mqtt5_reason_code_get(uint8_t code)
{
    return row_plus_one[code] ? &reason_codes[row_plus_one[code] - 1] : NULL;
}

const char *mqtt5_reason_code_name(mqtt5_packet_type type, uint8_t code)
{
    const mqtt5_reason_code_info *info = mqtt5_reason_code_get(code);

    if (code == MQTT5_CODE_SUCCESS && type == MQTT5_DISCONNECT)
        return "Normal disconnection";
    if (code == MQTT5_CODE_SUCCESS && type == MQTT5_SUBACK)
        return "Granted QoS 0";
    return info ? info->name : NULL;
}

uint32_t mqtt5_reason_code_packets(const mqtt5_reason_code_info *info)
{
    return info->client | info->server | info->disputed_client | info->disputed_server;
}

mqtt5_reason_code_verdict mqtt5_reason_code_judge(mqtt5_packet_type type, uint8_t code, mqtt5_sender sender)
{
    const mqtt5_reason_code_info *info = mqtt5_reason_code_get(code);
    const mqtt5_packet_type_info *packet = mqtt5_packet_type_get(type);
    uint32_t bit = MQTT5_IN(type), legal, disputed;

    if (!info)
        return MQTT5_REASON_CODE_UNKNOWN;
    if (!(mqtt5_reason_code_packets(info) & bit))
        return MQTT5_REASON_CODE_NOT_ALLOWED;
    if (sender == MQTT5_SENDER_UNKNOWN || !packet->from_client || !packet->from_server) {
        legal = info->client | info->server;
        disputed = info->disputed_client | info->disputed_server;
    } else if (sender == MQTT5_CLIENT) {
        legal = info->client;
        disputed = info->disputed_client;
    } else {
        legal = info->server;
        disputed = info->disputed_server;
    }
    if (legal & bit)
        return MQTT5_REASON_CODE_LEGAL;
    return disputed & bit ? MQTT5_REASON_CODE_DISPUTED : MQTT5_REASON_CODE_WRONG_SENDER;
}

static const char *const connack_return_codes[] = {
    "Connection accepted",
    "Connection refused, unacceptable protocol version",
    "Connection refused, identifier rejected",
    "Connection refused, server unavailable",
    "Connection refused, bad user name or password",
    "Connection refused, not authorized",
};

const char *mqtt5_return_code_name(mqtt5_packet_type type, uint8_t code)
{
    if (type == MQTT5_CONNACK)
        return code < sizeof connack_return_codes / sizeof connack_return_codes[0] ? connack_return_codes[code] : NULL;
    if (type == MQTT5_SUBACK) {
        static const char *const granted[] = {"Success, maximum QoS 0", "Success, maximum QoS 1", "Success, maximum QoS 2"};

        return code < 3 ? granted[code] : code == MQTT5_CODE_FAILURE ? "Failure" : NULL;
    }
    return NULL;
}

const char *mqtt5_code_name(mqtt5_packet_type type, uint8_t code, bool return_code)
{
    const char *name = return_code ? mqtt5_return_code_name(type, code) : mqtt5_reason_code_name(type, code);

    return name ? name : return_code ? "Unknown return code" : "Unknown reason code";
}
