/* reason_code.c
 * The table of reason codes: Table 2-6, with the Sent-by columns and remarks of each packet's own table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "reason_code.h"

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

/* X(code, name, legal from the client in, legal from the server in, disputed from the client in, disputed from the server in, meaning)
 *
 * 0x8C in DISCONNECT: Table 2-6 lists it, Table 3-10 does not. 0x9B in DISCONNECT from the client: 3.3.4 asks for it, Table 3-10 gives it to the server. */
/* clang-format off */
#define REASON_CODES(X) \
    X(0x00, "Success", PUBACK | PUBREC | PUBREL | PUBCOMP | DISCONNECT, ALL, 0, 0, NULL) \
    X(0x01, "Granted QoS 1", 0, SUBACK, 0, 0, NULL) \
    X(0x02, "Granted QoS 2", 0, SUBACK, 0, 0, NULL) \
    X(0x04, "Disconnect with Will Message", DISCONNECT, 0, 0, 0, NULL) \
    X(0x10, "No matching subscribers", 0, PUBACK | PUBREC, 0, 0, NULL) \
    X(0x11, "No subscription existed", 0, UNSUBACK, 0, 0, NULL) \
    X(0x18, "Continue authentication", AUTH, AUTH, 0, 0, NULL) \
    X(0x19, "Re-authenticate", AUTH, 0, 0, 0, NULL) \
    X(0x80, "Unspecified error", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | SUBACK | UNSUBACK | DISCONNECT, 0, 0, "The sender does not want to say what went wrong, or no other code fits.") \
    X(0x81, "Malformed Packet", DISCONNECT, CONNACK | DISCONNECT, 0, 0, "The other side sent bytes that could not be parsed as a control packet.") \
    X(0x82, "Protocol Error", DISCONNECT, CONNACK | DISCONNECT, 0, 0, "The other side sent a packet that the protocol does not allow at this point or with this content.") \
    X(0x83, "Implementation specific error", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | SUBACK | UNSUBACK | DISCONNECT, 0, 0, "The packet is valid, but this implementation does not accept it.") \
    X(0x84, "Unsupported Protocol Version", 0, CONNACK, 0, 0, "The server does not support the MQTT version that the client asked for.") \
    X(0x85, "Client Identifier not valid", 0, CONNACK, 0, 0, "The Client Identifier is well-formed, but the server does not accept it.") \
    X(0x86, "Bad User Name or Password", 0, CONNACK, 0, 0, "The server does not accept the User Name or the Password.") \
    X(0x87, "Not authorized", PUBACK | PUBREC, CONNACK | PUBACK | PUBREC | SUBACK | UNSUBACK | DISCONNECT, 0, 0, "The sender of the request may not do this: its identity is not permitted the action or the topic.") \
    X(0x88, "Server unavailable", 0, CONNACK, 0, 0, "The MQTT server is not available at the moment.") \
    X(0x89, "Server busy", 0, CONNACK | DISCONNECT, 0, 0, "The server is too busy to serve the client; try again later.") \
    X(0x8A, "Banned", 0, CONNACK, 0, 0, "The server operator has banned this client.") \
    X(0x8B, "Server shutting down", 0, DISCONNECT, 0, 0, "The server is shutting down.") \
    X(0x8C, "Bad authentication method", 0, CONNACK, DISCONNECT, DISCONNECT, "The Authentication Method is not supported, or is not the one in use.") \
    X(0x8D, "Keep Alive timeout", 0, DISCONNECT, 0, 0, "The server heard nothing from the client for one and a half times the Keep Alive.") \
    X(0x8E, "Session taken over", 0, DISCONNECT, 0, 0, "Another connection took over the session by using the same Client Identifier.") \
    X(0x8F, "Topic Filter invalid", 0, SUBACK | UNSUBACK | DISCONNECT, 0, 0, "The Topic Filter is well-formed, but the server does not accept it.") \
    X(0x90, "Topic Name invalid", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | DISCONNECT, 0, 0, "The Topic Name is well-formed, but the receiver does not accept it.") \
    X(0x91, "Packet Identifier in use", PUBACK | PUBREC, PUBACK | PUBREC | SUBACK | UNSUBACK, 0, 0, "The Packet Identifier is already in use: the session states of client and server may differ.") \
    X(0x92, "Packet Identifier not found", PUBREL | PUBCOMP, PUBREL | PUBCOMP, 0, 0, "The Packet Identifier is not known: normal in recovery, otherwise the session states of client and server differ.") \
    X(0x93, "Receive Maximum exceeded", DISCONNECT, DISCONNECT, 0, 0, "More QoS 1 and 2 messages were in flight than the receiver's Receive Maximum allows.") \
    X(0x94, "Topic Alias invalid", DISCONNECT, DISCONNECT, 0, 0, "A Topic Alias was 0, or above the receiver's Topic Alias Maximum.") \
    X(0x95, "Packet too large", DISCONNECT, CONNACK | DISCONNECT, 0, 0, "A packet was larger than the receiver's Maximum Packet Size, or than the server can take.") \
    X(0x96, "Message rate too high", DISCONNECT, DISCONNECT, 0, 0, "Messages arrive faster than the receiver accepts.") \
    X(0x97, "Quota exceeded", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | SUBACK | DISCONNECT, 0, 0, "A limit that an implementation or an administrator has set was exceeded.") \
    X(0x98, "Administrative action", DISCONNECT, DISCONNECT, 0, 0, "The connection was closed by an administrator's action.") \
    X(0x99, "Payload format invalid", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | DISCONNECT, 0, 0, "The payload does not have the format that the Payload Format Indicator announces.") \
    X(0x9A, "Retain not supported", 0, CONNACK | DISCONNECT, 0, 0, "The server does not support retained messages, and Will Retain or RETAIN was set.") \
    X(0x9B, "QoS not supported", 0, CONNACK | DISCONNECT, DISCONNECT, 0, "A QoS was used that the server announced not to support in Maximum QoS.") \
    X(0x9C, "Use another server", 0, CONNACK | DISCONNECT, 0, 0, "The client should use another server for the time being; Server Reference may name it.") \
    X(0x9D, "Server moved", 0, CONNACK | DISCONNECT, 0, 0, "The server has moved for good; Server Reference may name the new one.") \
    X(0x9E, "Shared Subscriptions not supported", 0, SUBACK | DISCONNECT, 0, 0, "The server does not support shared subscriptions.") \
    X(0x9F, "Connection rate exceeded", 0, CONNACK | DISCONNECT, 0, 0, "Connections are opened faster than the server accepts.") \
    X(0xA0, "Maximum connect time", 0, DISCONNECT, 0, 0, "The connection has lasted as long as it was authorised for.") \
    X(0xA1, "Subscription Identifiers not supported", 0, SUBACK | DISCONNECT, 0, 0, "The server does not support Subscription Identifiers.") \
    X(0xA2, "Wildcard Subscriptions not supported", 0, SUBACK | DISCONNECT, 0, 0, "The server does not support wildcards in subscriptions.")
/* clang-format on */

static const mqtt5_reason_code_info reason_codes[] = {
#define ROW(code, name, client, server, disputed_client, disputed_server, meaning)                                                         \
    {code, name, client, server, disputed_client, disputed_server, meaning},
    REASON_CODES(ROW)
#undef ROW
};

#define COUNT (sizeof reason_codes / sizeof reason_codes[0])

/* Where each code's row is: places are counted by the enumeration that the same list makes. */
enum {
#define PLACE(code, name, client, server, disputed_client, disputed_server, meaning) PLACE_##code,
    REASON_CODES(PLACE)
#undef PLACE
};

static const uint8_t row_plus_one[256] = {
#define INDEX(code, name, client, server, disputed_client, disputed_server, meaning) [code] = PLACE_##code + 1,
    REASON_CODES(INDEX)
#undef INDEX
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

    if (code == 0x00 && type == MQTT5_DISCONNECT)
        return "Normal disconnection";
    if (code == 0x00 && type == MQTT5_SUBACK)
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

        return code < 3 ? granted[code] : code == 0x80 ? "Failure" : NULL;
    }
    return NULL;
}
