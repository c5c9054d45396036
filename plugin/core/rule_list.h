/* rule_list.h
 * The rules, one row each: MQTT5_RULE(id, name, severity, group, clauses, packets, at fault, summary, advice).
 * Included wherever rows are needed; define MQTT5_RULE first. A name, once released, never changes its meaning.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

/* Reason codes (2.4) */
MQTT5_RULE(REASON_CODE_UNKNOWN, "reason_code_unknown", WARN, PROTOCOL,
    "MQTT-3.2.2-8 MQTT-3.4.2-1 MQTT-3.5.2-1 MQTT-3.6.2-1 MQTT-3.7.2-1 MQTT-3.9.3-2 MQTT-3.8.4-7 MQTT-3.11.3-2 MQTT-3.14.2-1 MQTT-3.15.2-1",
    "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH", "both",
    "Reason code does not exist in the standard",
    "Send a code from the packet's own table; 0x80 (Unspecified error) where nothing fits better and the table has it.")
MQTT5_RULE(REASON_CODE_NOT_ALLOWED, "reason_code_not_allowed", WARN, PROTOCOL,
    "MQTT-3.2.2-8 MQTT-3.4.2-1 MQTT-3.5.2-1 MQTT-3.6.2-1 MQTT-3.7.2-1 MQTT-3.9.3-2 MQTT-3.8.4-7 MQTT-3.11.3-2 MQTT-3.14.2-1 MQTT-3.15.2-1",
    "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH", "both",
    "Reason code is not allowed in this packet type",
    "Each packet type has a table of its own; the message names the packets that may carry this code.")
MQTT5_RULE(REASON_CODE_WRONG_SENDER, "reason_code_wrong_sender", WARN, PROTOCOL,
    "MQTT-3.14.2-1 MQTT-3.15.2-1 MQTT-3.4.2-1 MQTT-3.5.2-1 U-3.14.2-1 U-3.14.2-2",
    "PUBACK PUBREC DISCONNECT AUTH", "both",
    "Reason code is reserved for the other side",
    "The packet's table says who may send each code; the message says which side that is.")
MQTT5_RULE(REASON_CODE_DISPUTED, "reason_code_disputed", NOTE, PROTOCOL,
    "MQTT-3.14.2-1 U-3.3.4-5", "DISCONNECT", "both",
    "Reason code on which the standard contradicts itself",
    "Expect strict peers to reject it; a code that both tables list is safer.")
MQTT5_RULE(REASON_CODE_FAILURE, "reason_code_failure", NOTE, RESPONSE_CODE,
    "2.4", "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH", "-",
    "The peer reported a failure",
    "Legal: the field mqtt5.reason_code.meaning says what the peer is telling.")
MQTT5_RULE(RETURN_CODE_RESERVED, "return_code_reserved", WARN, PROTOCOL,
    "MQTT-3.2.2-6 MQTT-3.9.3-2 U311-7 V31-6 V31-7", "CONNACK SUBACK", "server",
    "Return code is reserved in MQTT 3.1.1 and 3.1",
    "CONNACK has 0 to 5; SUBACK has 0, 1, 2 and, from 3.1.1 on, 0x80. Reason codes of MQTT 5 do not belong here.")
MQTT5_RULE(REASON_CODES_EMPTY, "reason_codes_empty", WARN, PROTOCOL,
    "3.9.3 MQTT-3.11.3-2 U-2.4-1 U311-10", "SUBACK UNSUBACK", "server",
    "SUBACK or UNSUBACK without any reason code",
    "Send one reason code for each Topic Filter of the request, in its order.")
MQTT5_RULE(REASON_CODES_MIXED, "reason_codes_mixed", NOTE, PROTOCOL,
    "3.9.3 U-3.9.3-1", "SUBACK UNSUBACK", "server",
    "Reason code about the whole request for some filters only",
    "Repeat a code such as 0x91 for every Topic Filter of the request.")

/* Properties (2.2.2) */
MQTT5_RULE(PROPERTY_UNKNOWN, "property_unknown", WARN, PROTOCOL,
    "2.2.2.2 U-2.2.2-3", "any with properties", "both",
    "Property identifier does not exist in the standard",
    "A receiver cannot skip it, since its length is not known: everything behind it is lost. Use a User Property instead.")
MQTT5_RULE(PROPERTY_NOT_ALLOWED, "property_not_allowed", WARN, PROTOCOL,
    "2.2.2.2 U-2.2.2-2", "any with properties", "both",
    "Property is not allowed in this packet type",
    "The message names the packets that may carry it. Will Properties are a list of their own.")
MQTT5_RULE(PROPERTY_WRONG_SENDER, "property_wrong_sender", WARN, PROTOCOL,
    "MQTT-3.14.2-2 MQTT-3.3.4-6 U-3.14.2-5", "PUBLISH DISCONNECT", "both",
    "Property is reserved for the other side",
    "Leave the property out in this direction.")
MQTT5_RULE(PROPERTY_REPEATED, "property_repeated", WARN, PROTOCOL,
    "2.2.2.2", "any with properties", "both",
    "Property stands more than once",
    "Only User Property, and Subscription Identifier in PUBLISH from the server, may be repeated.")
MQTT5_RULE(PROPERTY_REPEATED_UNCLASSIFIED, "property_repeated_unclassified", NOTE, PROTOCOL,
    "3.3.2.3.2 3.3.2.3.3 U-3.3.2.3.2-2 U-3.3.2.3.3-1", "PUBLISH", "both",
    "Property stands more than once, which the standard does not rule on",
    "Send it once: receivers differ in which value they take.")
MQTT5_RULE(PROPERTY_VALUE, "property_value", WARN, PROTOCOL,
    "2.2.2.2 MQTT-3.3.2-8 U-3.3.4-1 U-3.2.2.3.4-0 U-3.1.2.11.3-0 U-3.1.2.11.4-0 U-3.1.2.11.6-0 U-3.1.2.11.7-0 U-3.2.2.3.3-0 U-3.2.2.3.5-0 U-3.2.2.3.6-0 U-3.2.2.3.11-0 U-3.2.2.3.12-0 U-3.2.2.3.13-0 U-3.3.2.3.8-0 U-3.8.2-0",
    "any with properties", "both",
    "Property value is out of range",
    "Send a value in the range that the message names; where the default is meant, leave the property out.")
MQTT5_RULE(PROPERTY_VALUE_UNCLASSIFIED, "property_value_unclassified", NOTE, PROTOCOL,
    "3.3.2.3.2 3.1.3.2.3 U-3.3.2.3.2-0 U-3.1.3.2.3-0", "PUBLISH CONNECT", "both",
    "Property value that the standard does not define",
    "Payload Format Indicator is 0 (unspecified bytes) or 1 (UTF-8).")
MQTT5_RULE(PROPERTY_MALFORMED, "property_malformed", ERROR, MALFORMED,
    "2.2.2 U-2.2.2-1 U-2.2.2-4 U-1.5.5-1", "any with properties", "both",
    "Property list cannot be read",
    "Check the Property Length and the length of the value that the message points to.")

/* Encoding (1.5, 2.1) */
MQTT5_RULE(PACKET_MALFORMED, "packet_malformed", ERROR, MALFORMED,
    "2.1.4 U-2.1.4-2 U-2.3-1 MQTT-2.2.2-1 MQTT-3.1.2-9 MQTT-3.1.2-16 MQTT-3.1.2-17 MQTT-3.1.2-18 MQTT-3.1.2-19 MQTT-3.1.2-11 MQTT-3.1.2-20 MQTT-3.1.2-21 MQTT-3.1.3-1 MQTT-3.1.3-3 MQTT-3.3.2-1 U-3.4.2-1 U-3.8.3-3 U-3.10.3-1 U311-6 U311-8 U311-9",
    "any", "both",
    "Packet does not end where its Remaining Length says",
    "The message names the field and the offset at which the bytes stop making sense.")
MQTT5_RULE(REMAINING_LENGTH_MALFORMED, "remaining_length_malformed", ERROR, MALFORMED,
    "2.1.4 U-2.1.4-1 U311-5", "any", "both",
    "Remaining Length has more than four bytes",
    "The fourth byte must have its continuation bit clear; nothing behind it can be decoded.")
MQTT5_RULE(VARIABLE_BYTE_INTEGER_NOT_MINIMAL, "variable_byte_integer_not_minimal", WARN, PROTOCOL,
    "MQTT-1.5.5-1", "any", "both",
    "Variable Byte Integer is longer than needed",
    "Encode the value with the fewest bytes.")
MQTT5_RULE(PACKET_TYPE_RESERVED, "packet_type_reserved", ERROR, MALFORMED,
    "2.1.2 U-2.1.2-0 U311-1", "-", "both",
    "Control packet type is reserved",
    "Usually the sender lost its place after a wrong Remaining Length.")
MQTT5_RULE(PACKET_TYPE_WRONG_SENDER, "packet_type_wrong_sender", WARN, PROTOCOL,
    "2.1.2 U-2.1.2-1 U-2.1.2-2 U311-2 U311-3 U311-4", "CONNECT CONNACK SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT", "both",
    "Control packet of the other side",
    "This packet type only travels in the other direction.")
MQTT5_RULE(FIXED_HEADER_FLAGS, "fixed_header_flags", WARN, PROTOCOL,
    "MQTT-2.1.3-1 MQTT-3.6.1-1 MQTT-3.8.1-1 MQTT-3.10.1-1 MQTT-3.14.1-1 MQTT-3.15.1-1 MQTT-2.2.2-1", "any but PUBLISH", "both",
    "Reserved flags of the fixed header are wrong",
    "The low four bits of the first byte are 0010 in PUBREL, SUBSCRIBE and UNSUBSCRIBE, and 0000 in all other packets but PUBLISH.")
MQTT5_RULE(PACKET_IDENTIFIER_ZERO, "packet_identifier_zero", WARN, PROTOCOL,
    "MQTT-2.2.1-3 MQTT-2.2.1-4 U-2.2.1-1 MQTT-2.3.1-1 V31-13", "PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK", "both",
    "Packet Identifier is 0",
    "Use 1 to 65535.")
MQTT5_RULE(PACKET_IDENTIFIER_QOS_0, "packet_identifier_qos_0", NOTE, PROTOCOL,
    "MQTT-2.2.1-2", "PUBLISH", "both",
    "Packet Identifier in a message of QoS 0 (suspected)",
    "Write a Packet Identifier for QoS 1 and 2 only.")
MQTT5_RULE(STRING_NOT_UTF8, "string_not_utf8", ERROR, MALFORMED,
    "MQTT-1.5.4-1 MQTT-1.5.7-1 MQTT-3.1.3-4 MQTT-3.1.3-10 MQTT-3.1.3-11 MQTT-3.1.3-12 MQTT-3.3.2-1 MQTT-3.3.2-13 MQTT-3.3.2-19 MQTT-3.8.3-1 MQTT-3.10.3-1 MQTT-1.5.3-1",
    "any with UTF-8 strings", "both",
    "String is not well-formed UTF-8",
    "Encode text as UTF-8, without surrogates; send bytes that are no text in a Binary Data field or the payload.")
MQTT5_RULE(STRING_NULL_CHARACTER, "string_null_character", ERROR, MALFORMED,
    "MQTT-1.5.4-2 MQTT-4.7.3-2 MQTT-1.5.7-1 MQTT-1.5.3-2", "any with UTF-8 strings", "both",
    "String holds the null character U+0000",
    "Often a C string sent with its final zero byte, or a wrong string length.")
MQTT5_RULE(STRING_CONTROL_CHARACTER, "string_control_character", CHAT, PROTOCOL,
    "1.5.4 U-1.5.4-1", "any with UTF-8 strings", "both",
    "String holds a control character or a non-character",
    "Legal, but a receiver may refuse it.")

/* Topics and subscriptions (3.8, 4.7, 4.8) */
MQTT5_RULE(TOPIC_NAME_WILDCARD, "topic_name_wildcard", WARN, PROTOCOL,
    "MQTT-3.3.2-2 MQTT-3.3.2-14 MQTT-4.7.0-1 MQTT-4.7.1-1", "PUBLISH CONNECT", "both",
    "Topic Name holds a wildcard",
    "+ and # belong to Topic Filters; publish to one topic.")
MQTT5_RULE(TOPIC_NAME_EMPTY, "topic_name_empty", WARN, PROTOCOL,
    "MQTT-4.7.3-1 U-3.3.2.1-1", "PUBLISH CONNECT", "both",
    "Topic Name is empty",
    "Only a PUBLISH with a Topic Alias may leave its Topic Name empty.")
MQTT5_RULE(TOPIC_NAME_LENGTH, "topic_name_length", NOTE, PROTOCOL,
    "V31-11", "PUBLISH", "both",
    "Topic Name is longer than MQTT 3.1 allows",
    "3.1 allows 32767 characters, later versions 65535 bytes.")
MQTT5_RULE(TOPIC_FILTER_INVALID, "topic_filter_invalid", WARN, PROTOCOL,
    "MQTT-4.7.1-1 MQTT-4.7.1-2 MQTT-4.7.3-1 MQTT-4.7.1-3", "SUBSCRIBE UNSUBSCRIBE", "client",
    "Topic Filter is not valid",
    "# must be the whole last level, + a whole level, and the filter not empty.")
MQTT5_RULE(SHARED_SUBSCRIPTION_INVALID, "shared_subscription_invalid", WARN, PROTOCOL,
    "MQTT-4.8.2-1 MQTT-4.8.2-2", "SUBSCRIBE UNSUBSCRIBE", "client",
    "Shared subscription is not valid",
    "Write $share/ShareName/filter; the ShareName is not empty and has no /, + or #.")
MQTT5_RULE(SUBSCRIPTION_NO_LOCAL_SHARED, "subscription_no_local_shared", WARN, PROTOCOL,
    "MQTT-3.8.3-4", "SUBSCRIBE", "client",
    "No Local on a shared subscription",
    "Clear No Local (bit 2 of the Subscription Options) for filters that start with $share/.")
MQTT5_RULE(SUBSCRIPTION_OPTIONS_RESERVED, "subscription_options_reserved", WARN, PROTOCOL,
    "MQTT-3.8.3-5 MQTT-3-8.3-4", "SUBSCRIBE", "client",
    "Reserved bits of the Subscription Options are set",
    "Clear bits 6 and 7; before MQTT 5, all but the two bits of the requested QoS.")
MQTT5_RULE(SUBSCRIPTION_QOS_INVALID, "subscription_qos_invalid", WARN, PROTOCOL,
    "3.8.3.1 U-3.8.3-1 MQTT-3-8.3-4", "SUBSCRIBE", "client",
    "Requested QoS is 3",
    "Ask for QoS 0, 1 or 2.")
MQTT5_RULE(SUBSCRIPTION_RETAIN_HANDLING_INVALID, "subscription_retain_handling_invalid", WARN, PROTOCOL,
    "3.8.3.1 U-3.8.3-2", "SUBSCRIBE", "client",
    "Retain Handling is 3",
    "Retain Handling is 0, 1 or 2.")
MQTT5_RULE(SUBSCRIPTION_EMPTY, "subscription_empty", WARN, PROTOCOL,
    "MQTT-3.8.3-2 MQTT-3.10.3-2 MQTT-3.8.3-3", "SUBSCRIBE UNSUBSCRIBE", "client",
    "SUBSCRIBE or UNSUBSCRIBE without any Topic Filter",
    "Send at least one Topic Filter.")

/* PUBLISH (3.3) */
MQTT5_RULE(PUBLISH_QOS_INVALID, "publish_qos_invalid", ERROR, MALFORMED,
    "MQTT-3.3.1-4", "PUBLISH", "both",
    "QoS is 3",
    "Bits 1 and 2 of the first byte are 00, 01 or 10.")
MQTT5_RULE(PUBLISH_DUP_QOS_0, "publish_dup_qos_0", WARN, PROTOCOL,
    "MQTT-3.3.1-2 MQTT-4.3.1-1", "PUBLISH", "both",
    "DUP is set on a QoS 0 message",
    "A QoS 0 message is never sent again.")
MQTT5_RULE(PAYLOAD_NOT_UTF8, "payload_not_utf8", WARN, PROTOCOL,
    "3.3.2.3.2 U-3.3.2.3.2-1 U-3.1.3.2.3-1", "PUBLISH CONNECT", "both",
    "Payload is not UTF-8 although Payload Format Indicator says so",
    "Leave Payload Format Indicator out, or set it to 0, for a payload of plain bytes.")

/* CONNECT, CONNACK, AUTH (3.1, 3.2, 3.15) */
MQTT5_RULE(CONNECT_PROTOCOL_NAME, "connect_protocol_name", WARN, PROTOCOL,
    "MQTT-3.1.2-1 U311-11 V31-1", "CONNECT", "client",
    "Protocol Name does not fit the version",
    "\"MQTT\" with level 4 or 5, \"MQIsdp\" with level 3.")
MQTT5_RULE(CONNECT_PROTOCOL_LEVEL, "connect_protocol_level", NOTE, PROTOCOL,
    "3.1.2.2 U-3.1.2-1", "CONNECT", "client",
    "Protocol version is none of 3, 4 and 5",
    "Not an error by itself: the server should answer 0x84, or 0x01 as in 3.1.1. What this client sends is not judged.")
MQTT5_RULE(CONNECT_FLAGS_RESERVED, "connect_flags_reserved", WARN, PROTOCOL,
    "MQTT-3.1.2-3", "CONNECT", "client",
    "Reserved bit of the Connect Flags is set",
    "Bit 0 of the Connect Flags is 0.")
MQTT5_RULE(CONNECT_WILL_FLAGS, "connect_will_flags", WARN, PROTOCOL,
    "MQTT-3.1.2-11 MQTT-3.1.2-13 MQTT-3.1.2-15", "CONNECT", "client",
    "Will QoS or Will Retain without Will Flag",
    "Clear Will QoS and Will Retain, or set the Will Flag and send a Will.")
MQTT5_RULE(CONNECT_WILL_QOS_INVALID, "connect_will_qos_invalid", WARN, PROTOCOL,
    "MQTT-3.1.2-12 MQTT-3.1.2-14", "CONNECT", "client",
    "Will QoS is 3",
    "Will QoS is 0, 1 or 2.")
MQTT5_RULE(CONNECT_CLIENT_ID_EMPTY, "connect_client_id_empty", WARN, PROTOCOL,
    "MQTT-3.1.3-7 V31-2", "CONNECT", "client",
    "Client Identifier is empty where it must not be",
    "3.1.1 allows it only with CleanSession 1; 3.1 not at all.")
MQTT5_RULE(CONNECT_CLIENT_ID_LENGTH, "connect_client_id_length", NOTE, PROTOCOL,
    "V31-2", "CONNECT", "client",
    "Client Identifier is longer than MQTT 3.1 allows",
    "3.1 allows 1 to 23 characters; many servers take more.")
MQTT5_RULE(CONNECT_PASSWORD_WITHOUT_USER_NAME, "connect_password_without_user_name", WARN, PROTOCOL,
    "MQTT-3.1.2-22 V31-9", "CONNECT", "client",
    "Password without a User Name",
    "Before MQTT 5 a Password needs a User Name.")
MQTT5_RULE(WILL_MESSAGE_NOT_ASCII, "will_message_not_ascii", NOTE, PROTOCOL,
    "V31-12", "CONNECT", "client",
    "Will Message is not ASCII, as MQTT 3.1 wants it",
    "Send ASCII, or connect with MQTT 3.1.1 or 5.0, where a Will may be any bytes.")
MQTT5_RULE(CONNACK_FLAGS_RESERVED, "connack_flags_reserved", WARN, PROTOCOL,
    "MQTT-3.2.2-1 U311-6", "CONNACK", "server",
    "Reserved bits of the Connect Acknowledge Flags are set",
    "Only bit 0 (Session Present) may be set.")
MQTT5_RULE(CONNACK_SESSION_PRESENT_ERROR, "connack_session_present_error", WARN, PROTOCOL,
    "MQTT-3.2.2-6 MQTT-3.2.2-4", "CONNACK", "server",
    "Session Present is set although the connection is refused",
    "Session Present is 0 in every CONNACK that reports a failure.")
MQTT5_RULE(AUTHENTICATION_METHOD_MISSING, "authentication_method_missing", WARN, PROTOCOL,
    "MQTT-4.12.0-5 U-3.15.2-1", "AUTH", "both",
    "AUTH without an Authentication Method",
    "Every AUTH repeats the Authentication Method of the CONNECT.")
MQTT5_RULE(AUTHENTICATION_DATA_WITHOUT_METHOD, "authentication_data_without_method", WARN, PROTOCOL,
    "3.1.2.11.10 U-3.1.2.11.10-1", "CONNECT", "client",
    "Authentication Data without an Authentication Method",
    "Send both or neither.")
MQTT5_RULE(SERVER_REFERENCE_UNEXPECTED, "server_reference_unexpected", NOTE, PROTOCOL,
    "4.11 U-3.2.2.3.16-1 U-3.14.2-5 U-4.11-1", "CONNACK DISCONNECT", "server",
    "Server Reference that a client has no use for",
    "It goes with 0x9C (Use another server) or 0x9D (Server moved), and is not empty.")

/* WebSocket (6): connection.c */
MQTT5_RULE(WEBSOCKET_TEXT_FRAME, "websocket_text_frame", WARN, PROTOCOL,
    "MQTT-6.0.0-1", "any", "both",
    "Control packet in a WebSocket text frame",
    "Send control packets in binary frames; in a browser, send an ArrayBuffer rather than a string.")
MQTT5_RULE(WEBSOCKET_SUBPROTOCOL, "websocket_subprotocol", WARN, PROTOCOL,
    "MQTT-6.0.0-3 MQTT-6.0.0-4", "CONNECT", "both",
    "WebSocket without the sub-protocol \"mqtt\"",
    "The client offers \"mqtt\" in Sec-WebSocket-Protocol, and the server selects it in its answer.")

/* Assumptions: remarks, no findings */
MQTT5_RULE(VERSION_ASSUMED, "version_assumed", NOTE, ASSUMPTION,
    "3.1.2.2", "any", "-",
    "No CONNECT in the capture: the version is assumed",
    "Capture from the start of the connection, or set the preference mqtt.default_version.")
MQTT5_RULE(EVIDENCE_MISSING, "evidence_missing", CHAT, ASSUMPTION,
    "4.1", "any", "-",
    "Bytes are missing from the capture: rules that need them are silent",
    "Said once for each side of a connection. Capture from its start, both directions, whole packets, without loss.")
MQTT5_RULE(FRAMING_LOST, "framing_lost", NOTE, SEQUENCE,
    "2.1.4", "-", "-",
    "Not at a control packet's start: bytes are missing before it",
    "Shown as continuation, and not judged, until packets are sound again. Capture from the start of the connection, without loss.")

/* The start and the end of a connection: session_connect.c */
MQTT5_RULE(CONNECT_NOT_FIRST, "connect_not_first", WARN, SEQUENCE,
    "MQTT-3.1.0-1", "any from the client", "client",
    "First packet of the client is not CONNECT",
    "Send CONNECT first on every new Network Connection.")
MQTT5_RULE(CONNECT_REPEATED, "connect_repeated", WARN, SEQUENCE,
    "MQTT-3.1.0-2", "CONNECT", "client",
    "Second CONNECT on one connection",
    "Open a new Network Connection for a new CONNECT.")
MQTT5_RULE(CONNACK_UNEXPECTED, "connack_unexpected", WARN, SEQUENCE,
    "3.2 U-3.2-1", "CONNACK", "server",
    "CONNACK without a CONNECT",
    "A server speaks only after the client's CONNECT.")
MQTT5_RULE(CONNACK_REPEATED, "connack_repeated", WARN, SEQUENCE,
    "MQTT-3.2.0-2", "CONNACK", "server",
    "Second CONNACK on one connection",
    "One CONNACK answers the CONNECT; there is no other.")
MQTT5_RULE(SERVER_PACKET_BEFORE_CONNACK, "server_packet_before_connack", WARN, SEQUENCE,
    "MQTT-3.2.0-1 MQTT-3.1.4-5 MQTT-3.1.4-4 MQTT-3.14.0-1 U-4.13.1-1", "any from the server", "server",
    "Packet of the server before CONNACK",
    "The first packet of the server is CONNACK, or AUTH where the client asked for enhanced authentication.")
MQTT5_RULE(PACKET_AFTER_REFUSAL, "packet_after_refusal", WARN, SEQUENCE,
    "MQTT-3.2.2-7 MQTT-3.1.4-6 MQTT-4.13.2-1 MQTT-3.1.3-8 MQTT-4.12.0-1 MQTT-4.12.0-4 MQTT-3.1.2-2 MQTT-3.2.2-5 MQTT-3.1.4-5 MQTT-3.1.3-9",
    "any", "both",
    "Traffic goes on after CONNACK refused the connection",
    "The server closes the connection after a CONNACK with a failure.")
MQTT5_RULE(PACKET_AFTER_DISCONNECT, "packet_after_disconnect", WARN, SEQUENCE,
    "MQTT-3.14.4-1 MQTT-3.14.4-2 MQTT-4.13.2-1 MQTT-4.12.1-2 U-3.14-1", "any", "both",
    "Packet after the sender's own DISCONNECT",
    "DISCONNECT is the last packet of its sender, who then closes the connection.")
MQTT5_RULE(CONNACK_SESSION_PRESENT_CLEAN_START, "connack_session_present_clean_start", WARN, PROTOCOL,
    "MQTT-3.2.2-2 MQTT-3.2.2-1 MQTT-3.1.2-4 MQTT-3.1.2-6", "CONNACK", "server",
    "Session Present after a clean start",
    "A clean start discards the old session: Session Present is 0.")
MQTT5_RULE(CONNACK_ACCEPTS_FAULTY_CONNECT, "connack_accepts_faulty_connect", NOTE, PROTOCOL,
    "MQTT-3.1.4-1 MQTT-3.1.3-8", "CONNACK", "server",
    "Server accepts a CONNECT that breaks the standard",
    "Lenient servers are common; a strict one refuses this client.")
MQTT5_RULE(CONNACK_REFUSES_PLAIN_CLIENT_ID, "connack_refuses_plain_client_id", NOTE, PROTOCOL,
    "MQTT-3.1.3-5", "CONNACK", "server",
    "Server refuses a plain Client Identifier (suspected)",
    "A server must take Client Identifiers of 1 to 23 letters and digits, unless its policy forbids this name.")
MQTT5_RULE(CONNACK_ASSIGNED_CLIENT_ID_MISSING, "connack_assigned_client_id_missing", WARN, PROTOCOL,
    "MQTT-3.2.2-16 MQTT-3.1.3-6 MQTT-3.1.3-7", "CONNACK", "server",
    "No Assigned Client Identifier for a client without one",
    "Send the Client Identifier that the server has made up in Assigned Client Identifier (0x12).")
MQTT5_RULE(CONNACK_ASSIGNED_CLIENT_ID_UNASKED, "connack_assigned_client_id_unasked", NOTE, PROTOCOL,
    "3.2.2.3.7 U-3.2.2.3.7-1", "CONNACK", "server",
    "Assigned Client Identifier for a client that has its own",
    "Not forbidden; some servers rewrite names.")
MQTT5_RULE(CONNACK_RESPONSE_INFORMATION_UNASKED, "connack_response_information_unasked", WARN, PROTOCOL,
    "MQTT-3.1.2-28", "CONNACK", "server",
    "Response Information that the client did not ask for",
    "Send it only where CONNECT has Request Response Information 1.")
MQTT5_RULE(CONNACK_ACCEPTS_WILL, "connack_accepts_will", WARN, PROTOCOL,
    "MQTT-3.2.2-12 MQTT-3.2.2-13", "CONNACK", "server",
    "Server accepts a Will that it says it does not support",
    "Refuse the connection with 0x9b or 0x9a.")
MQTT5_RULE(DISCONNECT_SESSION_EXPIRY, "disconnect_session_expiry", WARN, PROTOCOL,
    "3.14.2.2.2 U-3.14.2-4", "DISCONNECT", "client",
    "Session Expiry Interval at DISCONNECT although it was 0 at CONNECT",
    "Set it in CONNECT to be able to change it in DISCONNECT.")
MQTT5_RULE(PROBLEM_INFORMATION_UNWANTED, "problem_information_unwanted", WARN, PROTOCOL,
    "MQTT-3.1.2-29", "PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK AUTH", "server",
    "Reason String or User Property that the client did not want",
    "Request Problem Information 0 allows them on PUBLISH, CONNACK and DISCONNECT only.")
MQTT5_RULE(DISCONNECT_QOS_NOT_ANNOUNCED, "disconnect_qos_not_announced", NOTE, PROTOCOL,
    "MQTT-3.2.2-9", "DISCONNECT", "server",
    "QoS not supported, which CONNACK did not say (suspected)",
    "A server without QoS 1 or 2 sends Maximum QoS in its CONNACK.")
MQTT5_RULE(CONNECTION_KEPT_AFTER_ERROR, "connection_kept_after_error", CHAT, PROTOCOL,
    "MQTT-4.13.1-1 MQTT-2.2.2-2 MQTT-4.8.0-1 U-3.3.4-4", "any from the server", "server",
    "Server goes on after a packet that breaks the standard",
    "A server that notices closes the connection, in MQTT 5 with a DISCONNECT that says why; it need not check everything.")
MQTT5_RULE(CONNECTION_CLOSED_WITH_WILL, "connection_closed_with_will", CHAT, PROTOCOL,
    "3.1.2.5 U-3.14-2", "close of the connection", "-",
    "Client leaves without DISCONNECT 0x00: its Will is to be published",
    "A client that is done sends DISCONNECT 0x00, which discards the Will.")

/* Limits: session_limits.c */
MQTT5_RULE(PACKET_TOO_LARGE, "packet_too_large", WARN, PROTOCOL,
    "MQTT-3.1.2-24 MQTT-3.2.2-15 MQTT-3.2.2-19 MQTT-3.2.2-20 MQTT-3.4.2-2 MQTT-3.4.2-3 MQTT-3.5.2-2 MQTT-3.5.2-3 MQTT-3.6.2-2 MQTT-3.6.2-3 MQTT-3.7.2-2 MQTT-3.7.2-3 MQTT-3.9.2-1 MQTT-3.9.2-2 MQTT-3.11.2-1 MQTT-3.11.2-2 MQTT-3.14.2-3 MQTT-3.14.2-4 MQTT-3.15.2-2 MQTT-3.15.2-3",
    "any", "both",
    "Packet is larger than the receiver's Maximum Packet Size",
    "The limit counts the whole packet, fixed header included.")
MQTT5_RULE(PUBLISH_QOS_ABOVE_MAXIMUM, "publish_qos_above_maximum", WARN, PROTOCOL,
    "MQTT-3.2.2-11", "PUBLISH", "client",
    "QoS above the server's Maximum QoS",
    "Publish with the Maximum QoS of CONNACK or below.")
MQTT5_RULE(PUBLISH_RETAIN_UNAVAILABLE, "publish_retain_unavailable", WARN, PROTOCOL,
    "MQTT-3.2.2-14", "PUBLISH", "client",
    "RETAIN although the server has no retained messages",
    "CONNACK said Retain Available 0: publish with RETAIN 0.")
MQTT5_RULE(SUBSCRIPTION_WILDCARD_UNAVAILABLE, "subscription_wildcard_unavailable", WARN, PROTOCOL,
    "3.2.2.3.11 U-3.2.2.3.11-1", "SUBSCRIBE", "client",
    "Wildcard although the server has no wildcard subscriptions",
    "CONNACK said Wildcard Subscription Available 0: subscribe to single topics.")
MQTT5_RULE(SUBSCRIPTION_IDENTIFIER_UNAVAILABLE, "subscription_identifier_unavailable", WARN, PROTOCOL,
    "3.2.2.3.12 U-3.2.2.3.12-1", "SUBSCRIBE", "client",
    "Subscription Identifier although the server has none",
    "CONNACK said Subscription Identifier Available 0: leave the property out.")
MQTT5_RULE(SUBSCRIPTION_SHARED_UNAVAILABLE, "subscription_shared_unavailable", WARN, PROTOCOL,
    "3.2.2.3.13 U-3.2.2.3.13-1", "SUBSCRIBE", "client",
    "Shared subscription although the server has none",
    "CONNACK said Shared Subscription Available 0.")
MQTT5_RULE(SENT_BEFORE_CONNACK, "sent_before_connack", NOTE, PROTOCOL,
    "3.1.4 U-3.1.4-1", "any from the client", "client",
    "Beyond what CONNACK grants, but sent before the client had it",
    "A client may send before CONNACK, at the risk that the server does not support what it uses.")

/* clang-format on */
#include "rule_list_auth.h"
#include "rule_list_flow.h"
#include "rule_list_keep_alive.h"
#include "rule_list_subscription.h"
#include "rule_list_world.h"
#include "rule_list_cause.h"
