/* packet.h
 * Rules that one packet can break by itself. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Reason codes (2.4)")
MQTT5_RULE(reason_code_unknown, WARN, PROTOCOL, CERTAIN, SENDER,
    CONNACK | PUBACK | PUBREC | PUBREL | PUBCOMP | SUBACK | UNSUBACK | DISCONNECT | AUTH,
    SINCE_5("2.4"),
    "Reason code does not exist in the standard",
    "Send a code from the packet's own table; 0x80 (Unspecified error) where nothing fits better and the table has it.")
MQTT5_RULE(reason_code_not_allowed, WARN, PROTOCOL, CERTAIN, SENDER,
    CONNACK | PUBACK | PUBREC | PUBREL | PUBCOMP | SUBACK | UNSUBACK | DISCONNECT | AUTH,
    SINCE_5("2.4"),
    "Reason code is not allowed in this packet type",
    "Each packet type has a table of its own; the message names the packets that may carry this code.")
MQTT5_RULE(reason_code_wrong_sender, WARN, PROTOCOL, CERTAIN, SENDER,
    PUBACK | PUBREC | DISCONNECT | AUTH,
    SINCE_5("2.4"),
    "Reason code is reserved for the other side",
    "The packet's table says who may send each code; the message says which side that is.")
MQTT5_RULE(reason_code_disputed, NOTE, PROTOCOL, CERTAIN, SENDER, DISCONNECT,
    SINCE_5("MQTT-3.14.2-1"),
    "Reason code on which the standard contradicts itself",
    "Expect strict peers to reject it; a code that both tables list is safer.")
MQTT5_RULE(reason_code_failure, NOTE, RESPONSE_CODE, CERTAIN, NOBODY,
    CONNACK | PUBACK | PUBREC | PUBREL | PUBCOMP | SUBACK | UNSUBACK | DISCONNECT | AUTH,
    CLAUSES("2.4", "3.2.2.3", SAME),
    "The peer reported a failure",
    "Legal: the field mqtt5.reason_code.meaning explains the code.")
MQTT5_RULE(return_code_reserved, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK | SUBACK,
    CLAUSES(NONE, "MQTT-3.2.2-6", "3.2"),
    "Return code is reserved in MQTT 3.1.1 and 3.1",
    "CONNACK has 0 to 5; SUBACK has 0, 1, 2 and, from 3.1.1 on, 0x80. Reason codes of MQTT 5 do not belong here.")
MQTT5_RULE(reason_codes_empty, WARN, PROTOCOL, CERTAIN, SERVER, SUBACK | UNSUBACK,
    EVERY("3.9.3"),
    "SUBACK or UNSUBACK without any reason code",
    "Send one reason code for each Topic Filter of the request, in its order.")
MQTT5_RULE(reason_codes_mixed, NOTE, PROTOCOL, CERTAIN, SERVER, SUBACK | UNSUBACK,
    SINCE_5("3.9.3"),
    "Reason code about the whole request for some filters only",
    "Repeat a code such as 0x91 for every Topic Filter of the request.")

MQTT5_RULE_SECTION("Properties (2.2.2)")
MQTT5_RULE(property_unknown, WARN, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("2.2.2.2"),
    "Property identifier does not exist in the standard",
    "A receiver does not know its length and cannot skip it, so everything after it is lost. Use a User Property instead.")
MQTT5_RULE(property_not_allowed, WARN, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("2.2.2.2"),
    "Property is not allowed in this packet type",
    "The message names the packets that may carry it. Will Properties are a list of their own.")
MQTT5_RULE(property_wrong_sender, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH | DISCONNECT,
    SINCE_5("2.2.2.2"),
    "Property is reserved for the other side",
    "Leave the property out in this direction.")
MQTT5_RULE(property_wrong_sender_unclassified, NOTE, PROTOCOL, CERTAIN, CLIENT, DISCONNECT,
    SINCE_5("3.14.2.2.5"),
    "Property that the standard describes for the other side only",
    "Leave the property out in this direction. The standard has no MUST on it, so receivers differ.")
MQTT5_RULE(property_repeated, WARN, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("2.2.2.2"),
    "Property appears more than once",
    "Only User Property, and Subscription Identifier in PUBLISH from the server, may be repeated.")
MQTT5_RULE(property_repeated_unclassified, NOTE, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("3.3.2.3.2"),
    "Property appears more than once, which the standard does not rule on",
    "Send it once: receivers differ in which value they take.")
MQTT5_RULE(property_value, WARN, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("2.2.2.2"),
    "Property value is out of range",
    "Send a value in the range that the message names; where the default is meant, leave the property out.")
MQTT5_RULE(property_value_unclassified, NOTE, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("3.3.2.3.2"),
    "Property value that the standard does not define",
    "Payload Format Indicator is 0 (unspecified bytes) or 1 (UTF-8).")
MQTT5_RULE(property_malformed, ERROR, MALFORMED, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    SINCE_5("2.2.2"),
    "Property list cannot be read",
    "Check the Property Length and the length of the value that the message points to.")

MQTT5_RULE_SECTION("Encoding (1.5, 2.1)")
MQTT5_RULE(packet_malformed, ERROR, MALFORMED, CERTAIN, SENDER, ANY,
    CLAUSES("2.1.4", "2.2.3", "2.1"),
    "Packet does not end where its Remaining Length says",
    "The message names the field and the offset at which the bytes stop making sense.")
MQTT5_RULE(remaining_length_malformed, ERROR, MALFORMED, CERTAIN, SENDER, ANY,
    CLAUSES("2.1.4", "2.2.3", "2.1"),
    "Remaining Length has more than four bytes",
    "The continuation bit of the fourth byte must be 0; nothing after it can be decoded.")
MQTT5_RULE(packet_out_of_step, ERROR, MALFORMED, CERTAIN, SENDER, ANY,
    CLAUSES("2.1.4", "2.2.3", "2.1"),
    "PUBLISH before was sent short, and has swallowed the start of a packet",
    "Look for a write that sends only a part of its bytes, and is not continued.")
MQTT5_RULE(remaining_length_one_byte, ERROR, MALFORMED, CERTAIN, CLIENT, CONNECT,
    CLAUSES("2.1.4", "2.2.3", "2.1"),
    "Remaining Length above 127 is written in one byte",
    "Write the length seven bits at a time, with the highest bit set in all bytes but the last.")
MQTT5_RULE(property_length_missing, ERROR, MALFORMED, CERTAIN, SENDER, SUBSCRIBE | UNSUBSCRIBE,
    SINCE_5("MQTT-2.2.2-1"),
    "Property Length is left out",
    "In MQTT 5.0, write a Property Length of 0 where there are no properties; packets of MQTT 3.1.1 have none.")
MQTT5_RULE(variable_byte_integer_not_minimal, WARN, PROTOCOL, CERTAIN, SENDER, ANY,
    SINCE_5("MQTT-1.5.5-1"),
    "Variable Byte Integer is longer than needed",
    "Encode the value with the fewest bytes.")
MQTT5_RULE(packet_type_reserved, ERROR, MALFORMED, CERTAIN, SENDER, RESERVED | AUTH,
    CLAUSES("2.1.2", "2.2.1", "2.1"),
    "Control packet type is reserved",
    "Usually the sender lost its place after a wrong Remaining Length.")
MQTT5_RULE(packet_type_wrong_sender, WARN, PROTOCOL, CERTAIN, SENDER,
    CONNECT | CONNACK | SUBSCRIBE | SUBACK | UNSUBSCRIBE | UNSUBACK | PINGREQ | PINGRESP |
    DISCONNECT,
    CLAUSES("2.1.2", "2.2.1", "2.1"),
    "Control packet that only the other side sends",
    "This packet type only travels in the other direction.")
MQTT5_RULE(fixed_header_flags, WARN, PROTOCOL, CERTAIN, SENDER, ANY & ~PUBLISH,
    CLAUSES("MQTT-2.1.3-1", "MQTT-2.2.2-1", NONE),
    "Reserved flags of the fixed header are wrong",
    "The low four bits of the first byte are 0010 in PUBREL, SUBSCRIBE and UNSUBSCRIBE, and 0000 in all other packets but PUBLISH.")
MQTT5_RULE(packet_identifier_zero, WARN, PROTOCOL, CERTAIN, SENDER,
    PUBLISH | PUBACK | PUBREC | PUBREL | PUBCOMP | SUBSCRIBE | SUBACK | UNSUBSCRIBE | UNSUBACK,
    CLAUSES("MQTT-2.2.1-3", "MQTT-2.3.1-1", "2.4"),
    "Packet Identifier is 0",
    "Use 1 to 65535.")
MQTT5_RULE(packet_identifier_qos_0, NOTE, PROTOCOL, SUSPECTED, SENDER, PUBLISH,
    SINCE_5("MQTT-2.2.1-2"),
    "Packet Identifier in a message of QoS 0",
    "Write a Packet Identifier for QoS 1 and 2 only.")
MQTT5_RULE(string_not_utf8, ERROR, MALFORMED, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    CLAUSES("MQTT-1.5.4-1", "MQTT-1.5.3-1", SAME),
    "String is not well-formed UTF-8",
    "Encode text as UTF-8, without surrogates; send bytes that are not text in a Binary Data field or in the payload.")
MQTT5_RULE(string_null_character, ERROR, MALFORMED, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    CLAUSES("MQTT-1.5.4-2", "MQTT-1.5.3-2", SAME),
    "String holds the null character U+0000",
    "Often a C string sent with its final zero byte, or a wrong string length.")
MQTT5_RULE(string_control_character, CHAT, PROTOCOL, CERTAIN, SENDER, ANY & ~PINGREQ & ~PINGRESP,
    CLAUSES("1.5.4", "1.5.3", SAME),
    "String holds a control character or a non-character",
    "Legal, but a receiver may refuse it.")

MQTT5_RULE_SECTION("Topics and subscriptions (3.8, 4.7, 4.8)")
MQTT5_RULE(topic_name_wildcard, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH | CONNECT,
    CLAUSES("MQTT-3.3.2-2", "MQTT-4.7.1-1", SAME),
    "Topic Name holds a wildcard",
    "+ and # belong to Topic Filters; publish to one topic.")
MQTT5_RULE(topic_name_empty, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH | CONNECT,
    EVERY("MQTT-4.7.3-1"),
    "Topic Name is empty",
    "Only a PUBLISH with a Topic Alias may leave its Topic Name empty.")
MQTT5_RULE(topic_name_length, NOTE, PROTOCOL, CERTAIN, SENDER, PUBLISH,
    CLAUSES(NONE, NONE, "3.3"),
    "Topic Name is longer than MQTT 3.1 allows",
    "3.1 allows 32767 characters, later versions 65535 bytes.")
MQTT5_RULE(topic_filter_invalid, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE | UNSUBSCRIBE,
    CLAUSES("MQTT-4.7.1-1", "MQTT-4.7.1-2", SAME),
    "Topic Filter is not valid",
    "# must be the whole last level and + a whole level; the filter must not be empty.")
MQTT5_RULE(shared_subscription_invalid, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE | UNSUBSCRIBE,
    SINCE_5("MQTT-4.8.2-1"),
    "Shared subscription is not valid",
    "Write $share/ShareName/filter; the ShareName is not empty and has no /, + or #.")
MQTT5_RULE(subscription_no_local_shared, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    SINCE_5("MQTT-3.8.3-4"),
    "No Local on a shared subscription",
    "Clear No Local (bit 2 of the Subscription Options) for filters that start with $share/.")
MQTT5_RULE(subscription_options_reserved, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    CLAUSES("MQTT-3.8.3-5", "MQTT-3-8.3-4", SAME),
    "Reserved bits of the Subscription Options are set",
    "Clear bits 6 and 7; before MQTT 5, all but the two bits of the requested QoS.")
MQTT5_RULE(subscription_qos_invalid, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    CLAUSES("3.8.3.1", "MQTT-3-8.3-4", SAME),
    "Requested QoS is 3",
    "Ask for QoS 0, 1 or 2.")
MQTT5_RULE(subscription_retain_handling_invalid, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    SINCE_5("3.8.3.1"),
    "Retain Handling is 3",
    "Retain Handling is 0, 1 or 2.")
MQTT5_RULE(subscription_empty, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE | UNSUBSCRIBE,
    CLAUSES("MQTT-3.8.3-2", "MQTT-3.8.3-3", SAME),
    "SUBSCRIBE or UNSUBSCRIBE without any Topic Filter",
    "Send at least one Topic Filter.")

MQTT5_RULE_SECTION("PUBLISH (3.3)")
MQTT5_RULE(publish_qos_invalid, ERROR, MALFORMED, CERTAIN, SENDER, PUBLISH,
    EVERY("MQTT-3.3.1-4"),
    "QoS is 3",
    "Bits 1 and 2 of the first byte are 00, 01 or 10.")
MQTT5_RULE(publish_dup_qos_0, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH,
    EVERY("MQTT-3.3.1-2"),
    "DUP is set on a QoS 0 message",
    "A QoS 0 message is never resent.")
MQTT5_RULE(payload_not_utf8, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH | CONNECT,
    SINCE_5("3.3.2.3.2"),
    "Payload is not UTF-8 although Payload Format Indicator says so",
    "Leave Payload Format Indicator out, or set it to 0, for a payload of plain bytes.")

MQTT5_RULE_SECTION("CONNECT, CONNACK, AUTH (3.1, 3.2, 3.15)")
MQTT5_RULE(connect_protocol_name, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES("MQTT-3.1.2-1", "3.1.2.2", "3.1"),
    "Protocol Name does not fit the version",
    "\"MQTT\" with level 4 or 5, \"MQIsdp\" with level 3.")
MQTT5_RULE(connect_protocol_level, NOTE, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    EVERY("3.1.2.2"),
    "Protocol version is none of 3, 4 and 5",
    "Not an error by itself: the server should answer 0x84, or 0x01 as in 3.1.1. What this client sends is not judged.")
MQTT5_RULE(connect_flags_reserved, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES("MQTT-3.1.2-3", SAME, NONE),
    "Reserved bit of the Connect Flags is set",
    "Bit 0 of the Connect Flags is 0.")
MQTT5_RULE(connect_will_flags, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES("MQTT-3.1.2-11", SAME, NONE),
    "Will QoS or Will Retain without Will Flag",
    "Clear Will QoS and Will Retain, or set the Will Flag and send a Will.")
MQTT5_RULE(connect_will_qos_invalid, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES("MQTT-3.1.2-12", "MQTT-3.1.2-14", SAME),
    "Will QoS is 3",
    "Will QoS is 0, 1 or 2.")
MQTT5_RULE(connect_client_id_empty, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES(NONE, "MQTT-3.1.3-7", "3.1"),
    "Client Identifier is empty where it must not be",
    "3.1.1 allows it only with CleanSession 1; 3.1 not at all.")
MQTT5_RULE(connect_client_id_length, NOTE, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES(NONE, NONE, "3.1"),
    "Client Identifier is longer than MQTT 3.1 allows",
    "3.1 allows 1 to 23 characters; many servers take more.")
MQTT5_RULE(connect_password_without_user_name, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES(NONE, "MQTT-3.1.2-22", "3.1"),
    "Password without a User Name",
    "Before MQTT 5 a Password needs a User Name.")
MQTT5_RULE(will_message_not_ascii, NOTE, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    CLAUSES(NONE, NONE, "3.1"),
    "Will Message is not ASCII, as MQTT 3.1 requires",
    "Send ASCII, or connect with MQTT 3.1.1 or 5.0, where a Will may be any bytes.")
MQTT5_RULE(connack_flags_reserved, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    CLAUSES("MQTT-3.2.2-1", "3.2.2.1", NONE),
    "Reserved bits of the Connect Acknowledge Flags are set",
    "Only bit 0 (Session Present) may be set.")
MQTT5_RULE(connack_session_present_error, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    CLAUSES("MQTT-3.2.2-6", "MQTT-3.2.2-4", NONE),
    "Session Present is set although the connection is refused",
    "Session Present is 0 in every CONNACK that reports a failure.")
MQTT5_RULE(authentication_method_missing, WARN, PROTOCOL, CERTAIN, SENDER, AUTH,
    SINCE_5("MQTT-4.12.0-5"),
    "AUTH without an Authentication Method",
    "Every AUTH repeats the Authentication Method of the CONNECT.")
MQTT5_RULE(authentication_data_without_method, WARN, PROTOCOL, CERTAIN, CLIENT, CONNECT,
    SINCE_5("3.1.2.11.10"),
    "Authentication Data without an Authentication Method",
    "Send both or neither.")
MQTT5_RULE(server_reference_unexpected, NOTE, PROTOCOL, CERTAIN, SERVER, CONNACK | DISCONNECT,
    SINCE_5("4.11"),
    "Server Reference that the client cannot use",
    "It belongs to 0x9C (Use another server) or 0x9D (Server moved), and must not be empty.")

MQTT5_RULE_SECTION("WebSocket (6)")
MQTT5_RULE(websocket_text_frame, WARN, PROTOCOL, CERTAIN, SENDER, ANY,
    EVERY("MQTT-6.0.0-1"),
    "Control packet in a WebSocket text frame",
    "Send control packets in binary frames; in a browser, send an ArrayBuffer rather than a string.")
MQTT5_RULE(websocket_subprotocol, WARN, PROTOCOL, CERTAIN, SENDER, CONNECT,
    EVERY("MQTT-6.0.0-3"),
    "WebSocket without the sub-protocol \"mqtt\"",
    "The client offers \"mqtt\" in Sec-WebSocket-Protocol, and the server selects it in its answer.")
MQTT5_RULE(websocket_not_selected, WARN, PROTOCOL, CERTAIN, SERVER, BYTES,
    EVERY("MQTT-6.0.0-4"),
    "Server does not select the WebSocket sub-protocol \"mqtt\" that the client offers",
    "Let the server answer with Sec-WebSocket-Protocol: mqtt; a reverse proxy must pass the header on.")

MQTT5_RULE_SECTION("Assumptions: remarks, no findings")
MQTT5_RULE(version_assumed, NOTE, ASSUMPTION, CERTAIN, NOBODY, ANY,
    EVERY("3.1.2.2"),
    "No CONNECT in the capture: the version is assumed",
    "Capture from the start of the connection, or set the preference mqtt.default_version.")
MQTT5_RULE(evidence_missing, CHAT, ASSUMPTION, CERTAIN, NOBODY, ANY,
    EVERY("4.1"),
    "Bytes are missing from the capture: rules that need them are silent",
    "Reported once for each side of a connection. Capture from its start, in both directions, whole packets, without loss.")
MQTT5_RULE(framing_lost, NOTE, SEQUENCE, CERTAIN, NOBODY, NONE,
    EVERY("2.1.4"),
    "Not at the start of a control packet: bytes are missing before it",
    "Shown as a continuation, and not judged, until whole packets are found again. "
    "Capture from the start of the connection, without loss.")

/* clang-format on */
