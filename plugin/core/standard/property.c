/* property.c
 * The table of properties: Table 2-4, with the value ranges and senders that the sections of each
 * packet give.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/standard/property.h"

#define CONNECT MQTT5_IN(MQTT5_CONNECT)
#define CONNACK MQTT5_IN(MQTT5_CONNACK)
#define PUBLISH MQTT5_IN(MQTT5_PUBLISH)
#define PUBACK MQTT5_IN(MQTT5_PUBACK)
#define ACKS (PUBACK | MQTT5_IN(MQTT5_PUBREC) | MQTT5_IN(MQTT5_PUBREL) | MQTT5_IN(MQTT5_PUBCOMP))
#define SUBSCRIBE MQTT5_IN(MQTT5_SUBSCRIBE)
#define SUBACK MQTT5_IN(MQTT5_SUBACK)
#define UNSUBSCRIBE MQTT5_IN(MQTT5_UNSUBSCRIBE)
#define UNSUBACK MQTT5_IN(MQTT5_UNSUBACK)
#define DISCONNECT MQTT5_IN(MQTT5_DISCONNECT)
#define AUTH MQTT5_IN(MQTT5_AUTH)
#define WILL MQTT5_IN(MQTT5_WILL)
#define ANY (CONNECT | CONNACK | PUBLISH | ACKS | SUBSCRIBE | SUBACK | UNSUBSCRIBE | UNSUBACK | DISCONNECT | AUTH | WILL)

/* X(identifier, name, abbrev, data type, unit, legal from the client in, legal from the server in,
 *   repeatable in, repeat not ruled on in, minimum, maximum, other values not ruled on)
 *
 * 0x01 and 0x02 in PUBLISH: 3.3.2.3.2 and 3.3.2.3.3 lack the sentence on repeats that Will
 * Properties have. */
/* clang-format off */
#define PROPERTIES(X) \
    X(MQTT5_PAYLOAD_FORMAT_INDICATOR, "Payload Format Indicator", "payload_format_indicator", BYTE, NULL, PUBLISH | WILL, PUBLISH, 0, PUBLISH, 0, 1, true) \
    X(MQTT5_MESSAGE_EXPIRY_INTERVAL, "Message Expiry Interval", "message_expiry_interval", FOUR_BYTE, "seconds", PUBLISH | WILL, PUBLISH, 0, PUBLISH, 0, UINT32_MAX, false) \
    X(MQTT5_CONTENT_TYPE, "Content Type", "content_type", STRING, NULL, PUBLISH | WILL, PUBLISH, 0, 0, 0, 0, false) \
    X(MQTT5_RESPONSE_TOPIC, "Response Topic", "response_topic", STRING, NULL, PUBLISH | WILL, PUBLISH, 0, 0, 0, 0, false) \
    X(MQTT5_CORRELATION_DATA, "Correlation Data", "correlation_data", BINARY, NULL, PUBLISH | WILL, PUBLISH, 0, 0, 0, 0, false) \
    X(MQTT5_SUBSCRIPTION_IDENTIFIER, "Subscription Identifier", "subscription_identifier", VARIABLE_BYTE, NULL, SUBSCRIBE, PUBLISH, PUBLISH, 0, 1, 268435455, false) \
    X(MQTT5_SESSION_EXPIRY_INTERVAL, "Session Expiry Interval", "session_expiry_interval", FOUR_BYTE, "seconds", CONNECT | DISCONNECT, CONNACK, 0, 0, 0, UINT32_MAX, false) \
    X(MQTT5_ASSIGNED_CLIENT_IDENTIFIER, "Assigned Client Identifier", "assigned_client_identifier", STRING, NULL, 0, CONNACK, 0, 0, 0, 0, false) \
    X(MQTT5_SERVER_KEEP_ALIVE, "Server Keep Alive", "server_keep_alive", TWO_BYTE, "seconds", 0, CONNACK, 0, 0, 0, UINT16_MAX, false) \
    X(MQTT5_AUTHENTICATION_METHOD, "Authentication Method", "authentication_method", STRING, NULL, CONNECT | AUTH, CONNACK | AUTH, 0, 0, 0, 0, false) \
    X(MQTT5_AUTHENTICATION_DATA, "Authentication Data", "authentication_data", BINARY, NULL, CONNECT | AUTH, CONNACK | AUTH, 0, 0, 0, 0, false) \
    X(MQTT5_REQUEST_PROBLEM_INFORMATION, "Request Problem Information", "request_problem_information", BYTE, NULL, CONNECT, 0, 0, 0, 0, 1, false) \
    X(MQTT5_WILL_DELAY_INTERVAL, "Will Delay Interval", "will_delay_interval", FOUR_BYTE, "seconds", WILL, 0, 0, 0, 0, UINT32_MAX, false) \
    X(MQTT5_REQUEST_RESPONSE_INFORMATION, "Request Response Information", "request_response_information", BYTE, NULL, CONNECT, 0, 0, 0, 0, 1, false) \
    X(MQTT5_RESPONSE_INFORMATION, "Response Information", "response_information", STRING, NULL, 0, CONNACK, 0, 0, 0, 0, false) \
    X(MQTT5_SERVER_REFERENCE, "Server Reference", "server_reference", STRING, NULL, 0, CONNACK | DISCONNECT, 0, 0, 0, 0, false) \
    X(MQTT5_REASON_STRING, "Reason String", "reason_string", STRING, NULL, ACKS | DISCONNECT | AUTH, CONNACK | ACKS | SUBACK | UNSUBACK | DISCONNECT | AUTH, 0, 0, 0, 0, false) \
    X(MQTT5_RECEIVE_MAXIMUM, "Receive Maximum", "receive_maximum", TWO_BYTE, NULL, CONNECT, CONNACK, 0, 0, 1, UINT16_MAX, false) \
    X(MQTT5_TOPIC_ALIAS_MAXIMUM, "Topic Alias Maximum", "topic_alias_maximum", TWO_BYTE, NULL, CONNECT, CONNACK, 0, 0, 0, UINT16_MAX, false) \
    X(MQTT5_TOPIC_ALIAS, "Topic Alias", "topic_alias", TWO_BYTE, NULL, PUBLISH, PUBLISH, 0, 0, 1, UINT16_MAX, false) \
    X(MQTT5_MAXIMUM_QOS, "Maximum QoS", "maximum_qos", BYTE, NULL, 0, CONNACK, 0, 0, 0, 1, false) \
    X(MQTT5_RETAIN_AVAILABLE, "Retain Available", "retain_available", BYTE, NULL, 0, CONNACK, 0, 0, 0, 1, false) \
    X(MQTT5_USER_PROPERTY, "User Property", "user_property", STRING_PAIR, NULL, CONNECT | PUBLISH | ACKS | SUBSCRIBE | UNSUBSCRIBE | DISCONNECT | AUTH | WILL, CONNACK | PUBLISH | ACKS | SUBACK | UNSUBACK | DISCONNECT | AUTH, ANY, 0, 0, 0, false) \
    X(MQTT5_MAXIMUM_PACKET_SIZE, "Maximum Packet Size", "maximum_packet_size", FOUR_BYTE, "bytes", CONNECT, CONNACK, 0, 0, 1, UINT32_MAX, false) \
    X(MQTT5_WILDCARD_SUBSCRIPTION_AVAILABLE, "Wildcard Subscription Available", "wildcard_subscription_available", BYTE, NULL, 0, CONNACK, 0, 0, 0, 1, false) \
    X(MQTT5_SUBSCRIPTION_IDENTIFIER_AVAILABLE, "Subscription Identifier Available", "subscription_identifier_available", BYTE, NULL, 0, CONNACK, 0, 0, 0, 1, false) \
    X(MQTT5_SHARED_SUBSCRIPTION_AVAILABLE, "Shared Subscription Available", "shared_subscription_available", BYTE, NULL, 0, CONNACK, 0, 0, 0, 1, false)
/* clang-format on */

static const mqtt5_property_info properties[MQTT5_PROPERTY_COUNT] = {
#define ROW(id, name, abbrev, type, unit, client, server, repeatable, unstated, minimum, maximum, range_unstated)                          \
    {id, name, abbrev, MQTT5_TYPE_##type, unit, client, server, repeatable, unstated, minimum, maximum, range_unstated},
    PROPERTIES(ROW)
#undef ROW
};

/* Where each identifier's row is: the enumeration that the same list makes counts the rows. */
enum {
#define PLACE(id, name, abbrev, type, unit, client, server, repeatable, unstated, minimum, maximum, range_unstated) PLACE_##id,
    PROPERTIES(PLACE)
#undef PLACE
};

static const uint8_t row_plus_one[128] = {
#define INDEX(id, name, abbrev, type, unit, client, server, repeatable, unstated, minimum, maximum, range_unstated) [id] = PLACE_##id + 1,
    PROPERTIES(INDEX)
#undef INDEX
};

const mqtt5_property_info *mqtt5_properties(void)
{
    return properties;
}

const mqtt5_property_info *mqtt5_property_get(uint32_t id)
{
    return id < sizeof row_plus_one && row_plus_one[id] ? &properties[row_plus_one[id] - 1] : NULL;
}

unsigned mqtt5_property_row(const mqtt5_property_info *info)
{
    return (unsigned)(info - properties);
}

uint32_t mqtt5_property_packets(const mqtt5_property_info *info)
{
    return info->client | info->server;
}

mqtt5_property_verdict mqtt5_property_judge(mqtt5_packet_type list, uint32_t id, mqtt5_sender sender)
{
    const mqtt5_property_info *info = mqtt5_property_get(id);
    const mqtt5_packet_type_info *packet = mqtt5_packet_type_get(list);
    uint32_t bit = MQTT5_IN(list);

    if (!info)
        return MQTT5_PROPERTY_UNKNOWN;
    if (!(mqtt5_property_packets(info) & bit))
        return MQTT5_PROPERTY_NOT_ALLOWED;
    if (sender == MQTT5_SENDER_UNKNOWN || !packet->from_client || !packet->from_server)
        return MQTT5_PROPERTY_LEGAL;
    return (sender == MQTT5_CLIENT ? info->client : info->server) & bit ? MQTT5_PROPERTY_LEGAL : MQTT5_PROPERTY_WRONG_SENDER;
}
