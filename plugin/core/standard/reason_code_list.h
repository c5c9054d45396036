/* reason_code_list.h
 * The reason codes, one row each:
 *
 *     MQTT5_REASON_CODE(code, symbol, name, legal from the client in, legal from the server in,
 *                       disputed from the client in, disputed from the server in, meaning)
 *
 * To be included with MQTT5_REASON_CODE defined. The enumerator is MQTT5_CODE_<symbol>.
 *
 * 0x8C in DISCONNECT: Table 2-6 lists it, Table 3-10 does not. 0x9B in DISCONNECT from the client:
 * 3.3.4 asks for it, Table 3-10 gives it to the server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
MQTT5_REASON_CODE(0x00, SUCCESS, "Success", PUBACK | PUBREC | PUBREL | PUBCOMP | DISCONNECT, ALL, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x01, GRANTED_QOS_1, "Granted QoS 1", 0, SUBACK, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x02, GRANTED_QOS_2, "Granted QoS 2", 0, SUBACK, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x04, DISCONNECT_WITH_WILL_MESSAGE, "Disconnect with Will Message", DISCONNECT, 0, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x10, NO_MATCHING_SUBSCRIBERS, "No matching subscribers", 0, PUBACK | PUBREC, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x11, NO_SUBSCRIPTION_EXISTED, "No subscription existed", 0, UNSUBACK, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x18, CONTINUE_AUTHENTICATION, "Continue authentication", AUTH, AUTH, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x19, RE_AUTHENTICATE, "Re-authenticate", AUTH, 0, 0, 0,
    NULL)
MQTT5_REASON_CODE(0x80, UNSPECIFIED_ERROR, "Unspecified error", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | SUBACK | UNSUBACK | DISCONNECT, 0, 0,
    "The sender does not want to say what went wrong, or no other code fits.")
MQTT5_REASON_CODE(0x81, MALFORMED_PACKET, "Malformed Packet", DISCONNECT, CONNACK | DISCONNECT, 0, 0,
    "The other side sent bytes that could not be parsed as a control packet.")
MQTT5_REASON_CODE(0x82, PROTOCOL_ERROR, "Protocol Error", DISCONNECT, CONNACK | DISCONNECT, 0, 0,
    "The other side sent a packet that the protocol does not allow at this point or with this content.")
MQTT5_REASON_CODE(0x83, IMPLEMENTATION_SPECIFIC_ERROR, "Implementation specific error", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | SUBACK | UNSUBACK | DISCONNECT, 0, 0,
    "The packet is valid, but this implementation does not accept it.")
MQTT5_REASON_CODE(0x84, UNSUPPORTED_PROTOCOL_VERSION, "Unsupported Protocol Version", 0, CONNACK, 0, 0,
    "The server does not support the MQTT version that the client asked for.")
MQTT5_REASON_CODE(0x85, CLIENT_IDENTIFIER_NOT_VALID, "Client Identifier not valid", 0, CONNACK, 0, 0,
    "The Client Identifier is well-formed, but the server does not accept it.")
MQTT5_REASON_CODE(0x86, BAD_USER_NAME_OR_PASSWORD, "Bad User Name or Password", 0, CONNACK, 0, 0,
    "The server does not accept the User Name or the Password.")
MQTT5_REASON_CODE(0x87, NOT_AUTHORIZED, "Not authorized", PUBACK | PUBREC, CONNACK | PUBACK | PUBREC | SUBACK | UNSUBACK | DISCONNECT, 0, 0,
    "The sender of the request may not do this: its identity is not permitted the action or the topic.")
MQTT5_REASON_CODE(0x88, SERVER_UNAVAILABLE, "Server unavailable", 0, CONNACK, 0, 0,
    "The MQTT server is not available at the moment.")
MQTT5_REASON_CODE(0x89, SERVER_BUSY, "Server busy", 0, CONNACK | DISCONNECT, 0, 0,
    "The server is too busy to serve the client; try again later.")
MQTT5_REASON_CODE(0x8A, BANNED, "Banned", 0, CONNACK, 0, 0,
    "The server operator has banned this client.")
MQTT5_REASON_CODE(0x8B, SERVER_SHUTTING_DOWN, "Server shutting down", 0, DISCONNECT, 0, 0,
    "The server is shutting down.")
MQTT5_REASON_CODE(0x8C, BAD_AUTHENTICATION_METHOD, "Bad authentication method", 0, CONNACK, DISCONNECT, DISCONNECT,
    "The Authentication Method is not supported, or is not the one in use.")
MQTT5_REASON_CODE(0x8D, KEEP_ALIVE_TIMEOUT, "Keep Alive timeout", 0, DISCONNECT, 0, 0,
    "The server heard nothing from the client for one and a half times the Keep Alive.")
MQTT5_REASON_CODE(0x8E, SESSION_TAKEN_OVER, "Session taken over", 0, DISCONNECT, 0, 0,
    "Another connection took over the session by using the same Client Identifier.")
MQTT5_REASON_CODE(0x8F, TOPIC_FILTER_INVALID, "Topic Filter invalid", 0, SUBACK | UNSUBACK | DISCONNECT, 0, 0,
    "The Topic Filter is well-formed, but the server does not accept it.")
MQTT5_REASON_CODE(0x90, TOPIC_NAME_INVALID, "Topic Name invalid", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | DISCONNECT, 0, 0,
    "The Topic Name is well-formed, but the receiver does not accept it.")
MQTT5_REASON_CODE(0x91, PACKET_IDENTIFIER_IN_USE, "Packet Identifier in use", PUBACK | PUBREC, PUBACK | PUBREC | SUBACK | UNSUBACK, 0, 0,
    "The Packet Identifier is already in use: the session states of client and server may differ.")
MQTT5_REASON_CODE(0x92, PACKET_IDENTIFIER_NOT_FOUND, "Packet Identifier not found", PUBREL | PUBCOMP, PUBREL | PUBCOMP, 0, 0,
    "The Packet Identifier is not known: normal in recovery, otherwise the session states of client and server differ.")
MQTT5_REASON_CODE(0x93, RECEIVE_MAXIMUM_EXCEEDED, "Receive Maximum exceeded", DISCONNECT, DISCONNECT, 0, 0,
    "More QoS 1 and 2 messages were in flight than the receiver's Receive Maximum allows.")
MQTT5_REASON_CODE(0x94, TOPIC_ALIAS_INVALID, "Topic Alias invalid", DISCONNECT, DISCONNECT, 0, 0,
    "A Topic Alias was 0, or above the receiver's Topic Alias Maximum.")
MQTT5_REASON_CODE(0x95, PACKET_TOO_LARGE, "Packet too large", DISCONNECT, CONNACK | DISCONNECT, 0, 0,
    "A packet was larger than the receiver's Maximum Packet Size, or than the server can take.")
MQTT5_REASON_CODE(0x96, MESSAGE_RATE_TOO_HIGH, "Message rate too high", DISCONNECT, DISCONNECT, 0, 0,
    "Messages arrive faster than the receiver accepts.")
MQTT5_REASON_CODE(0x97, QUOTA_EXCEEDED, "Quota exceeded", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | SUBACK | DISCONNECT, 0, 0,
    "A limit that an implementation or an administrator has set was exceeded.")
MQTT5_REASON_CODE(0x98, ADMINISTRATIVE_ACTION, "Administrative action", DISCONNECT, DISCONNECT, 0, 0,
    "The connection was closed by an administrator's action.")
MQTT5_REASON_CODE(0x99, PAYLOAD_FORMAT_INVALID, "Payload format invalid", PUBACK | PUBREC | DISCONNECT, CONNACK | PUBACK | PUBREC | DISCONNECT, 0, 0,
    "The payload does not have the format that the Payload Format Indicator announces.")
MQTT5_REASON_CODE(0x9A, RETAIN_NOT_SUPPORTED, "Retain not supported", 0, CONNACK | DISCONNECT, 0, 0,
    "The server does not support retained messages, and Will Retain or RETAIN was set.")
MQTT5_REASON_CODE(0x9B, QOS_NOT_SUPPORTED, "QoS not supported", 0, CONNACK | DISCONNECT, DISCONNECT, 0,
    "A QoS was used that the server announced not to support in Maximum QoS.")
MQTT5_REASON_CODE(0x9C, USE_ANOTHER_SERVER, "Use another server", 0, CONNACK | DISCONNECT, 0, 0,
    "The client should use another server for the time being; Server Reference may name it.")
MQTT5_REASON_CODE(0x9D, SERVER_MOVED, "Server moved", 0, CONNACK | DISCONNECT, 0, 0,
    "The server has moved for good; Server Reference may name the new one.")
MQTT5_REASON_CODE(0x9E, SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, "Shared Subscriptions not supported", 0, SUBACK | DISCONNECT, 0, 0,
    "The server does not support shared subscriptions.")
MQTT5_REASON_CODE(0x9F, CONNECTION_RATE_EXCEEDED, "Connection rate exceeded", 0, CONNACK | DISCONNECT, 0, 0,
    "Connections are opened faster than the server accepts.")
MQTT5_REASON_CODE(0xA0, MAXIMUM_CONNECT_TIME, "Maximum connect time", 0, DISCONNECT, 0, 0,
    "The connection has lasted as long as it was authorised for.")
MQTT5_REASON_CODE(0xA1, SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED, "Subscription Identifiers not supported", 0, SUBACK | DISCONNECT, 0, 0,
    "The server does not support Subscription Identifiers.")
MQTT5_REASON_CODE(0xA2, WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED, "Wildcard Subscriptions not supported", 0, SUBACK | DISCONNECT, 0, 0,
    "The server does not support wildcards in subscriptions.")
#undef MQTT5_REASON_CODE
/* clang-format on */
