/* session.h
 * Rules on the start, the end and the limits of a connection. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("The start and the end of a connection")
MQTT5_RULE(connect_not_first, WARN, SEQUENCE, CERTAIN, CLIENT, ANY,
    EVERY("MQTT-3.1.0-1"),
    "First packet of the client is not CONNECT",
    "Send CONNECT first on every new Network Connection.")
MQTT5_RULE(connect_repeated, WARN, SEQUENCE, CERTAIN, CLIENT, CONNECT,
    EVERY("MQTT-3.1.0-2"),
    "Second CONNECT on one connection",
    "Open a new Network Connection for a new CONNECT.")
MQTT5_RULE(connack_unexpected, WARN, SEQUENCE, CERTAIN, SERVER, CONNACK,
    EVERY("3.2"),
    "CONNACK without a CONNECT",
    "A server speaks only after the client's CONNECT.")
MQTT5_RULE(connack_repeated, WARN, SEQUENCE, CERTAIN, SERVER, CONNACK,
    CLAUSES("MQTT-3.2.0-2", "3.2", SAME),
    "Second CONNACK on one connection",
    "One CONNACK answers the CONNECT; there is no other.")
MQTT5_RULE(server_packet_before_connack, WARN, SEQUENCE, CERTAIN, SERVER, ANY,
    EVERY("MQTT-3.2.0-1"),
    "Packet of the server before CONNACK",
    "The first packet of the server is CONNACK, or AUTH where the client asked for enhanced authentication.")
MQTT5_RULE(packet_after_refusal, WARN, SEQUENCE, CERTAIN, SENDER, ANY,
    CLAUSES("MQTT-3.2.2-7", "MQTT-3.2.2-5", SAME),
    "Traffic continues after CONNACK refused the connection",
    "The server closes the connection after a CONNACK with a failure.")
MQTT5_RULE(packet_after_disconnect, WARN, SEQUENCE, CERTAIN, SENDER, ANY,
    CLAUSES("MQTT-3.14.4-1", "MQTT-3.14.4-2", SAME),
    "Packet after the sender's own DISCONNECT",
    "DISCONNECT is the last packet of its sender, who then closes the connection.")
MQTT5_RULE(connack_session_present_clean_start, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    CLAUSES("MQTT-3.2.2-2", "MQTT-3.2.2-1", NONE),
    "Session Present after a clean start",
    "A clean start discards the old session: Session Present is 0.")
MQTT5_RULE(connack_accepts_faulty_connect, NOTE, PROTOCOL, CERTAIN, SERVER, CONNACK,
    EVERY("MQTT-3.1.4-1"),
    "Server accepts a CONNECT that breaks the standard",
    "Lenient servers are common; a strict one refuses this client.")
MQTT5_RULE(connack_refuses_plain_client_id, NOTE, PROTOCOL, SUSPECTED, SERVER, CONNACK,
    EVERY("MQTT-3.1.3-5"),
    "Server refuses a plain Client Identifier",
    "A server must take Client Identifiers of 1 to 23 letters and digits, unless its policy forbids this name.")
MQTT5_RULE(connack_assigned_client_id_missing, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    SINCE_5("MQTT-3.2.2-16"),
    "No Assigned Client Identifier for a client without one",
    "Send the Client Identifier that the server has chosen in Assigned Client Identifier (0x12).")
MQTT5_RULE(connack_assigned_client_id_unasked, NOTE, PROTOCOL, CERTAIN, SERVER, CONNACK,
    SINCE_5("3.2.2.3.7"),
    "Assigned Client Identifier for a client that has its own",
    "Not forbidden; some servers rewrite names.")
MQTT5_RULE(connack_response_information_unasked, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    SINCE_5("MQTT-3.1.2-28"),
    "Response Information that the client did not ask for",
    "Send it only where CONNECT has Request Response Information 1.")
MQTT5_RULE(connack_accepts_will, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    SINCE_5("MQTT-3.2.2-12"),
    "Server accepts a Will that it says it does not support",
    "Refuse the connection with 0x9b or 0x9a.")
MQTT5_RULE(disconnect_session_expiry, WARN, PROTOCOL, CERTAIN, CLIENT, DISCONNECT,
    SINCE_5("3.14.2.2.2"),
    "Session Expiry Interval at DISCONNECT although it was 0 at CONNECT",
    "Set it in CONNECT to be able to change it in DISCONNECT.")
MQTT5_RULE(problem_information_unwanted, WARN, PROTOCOL, CERTAIN, SERVER,
    PUBACK | PUBREC | PUBREL | PUBCOMP | SUBACK | UNSUBACK | AUTH,
    SINCE_5("MQTT-3.1.2-29"),
    "Reason String or User Property that the client did not want",
    "Request Problem Information 0 allows them on PUBLISH, CONNACK and DISCONNECT only.")
MQTT5_RULE(disconnect_qos_not_announced, NOTE, PROTOCOL, SUSPECTED, SERVER, DISCONNECT,
    SINCE_5("MQTT-3.2.2-9"),
    "QoS not supported, but CONNACK did not say so",
    "A server without QoS 1 or 2 sends Maximum QoS in its CONNACK.")
MQTT5_RULE(connection_kept_after_error, CHAT, PROTOCOL, CERTAIN, SERVER, ANY,
    CLAUSES("MQTT-4.13.1-1", "MQTT-4.8.0-1", SAME),
    "Server continues after a packet that breaks the standard",
    "A server that notices closes the connection, in MQTT 5 with a DISCONNECT that says why; it need not check everything.")
MQTT5_RULE(fault_continues, CHAT, PROTOCOL, CERTAIN, SENDER, ANY,
    CLAUSES("4.13", "4.8", SAME),
    "A fault that was reported before goes on",
    "The message names the frame in which it began; that one says what would be right.")
MQTT5_RULE(connection_closed_with_will, CHAT, PROTOCOL, CERTAIN, NOBODY, CLOSE,
    CLAUSES("3.1.2.5", "MQTT-3.1.2-8", SAME),
    "Client leaves without DISCONNECT 0x00, so the server publishes its Will",
    "A client that is done sends DISCONNECT 0x00, which discards the Will.")

MQTT5_RULE_SECTION("Limits")
MQTT5_RULE(packet_too_large, WARN, PROTOCOL, CERTAIN, SENDER, ANY,
    SINCE_5("MQTT-3.1.2-24"),
    "Packet is larger than the receiver's Maximum Packet Size",
    "The limit counts the whole packet, fixed header included.")
MQTT5_RULE(publish_qos_above_maximum, WARN, PROTOCOL, CERTAIN, CLIENT, PUBLISH,
    SINCE_5("MQTT-3.2.2-11"),
    "QoS above the server's Maximum QoS",
    "Publish with the Maximum QoS of CONNACK or below.")
MQTT5_RULE(publish_retain_unavailable, WARN, PROTOCOL, CERTAIN, CLIENT, PUBLISH,
    SINCE_5("MQTT-3.2.2-14"),
    "RETAIN although the server has no retained messages",
    "CONNACK said Retain Available 0: publish with RETAIN 0.")
MQTT5_RULE(subscription_wildcard_unavailable, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    SINCE_5("3.2.2.3.11"),
    "Wildcard although the server has no wildcard subscriptions",
    "CONNACK said Wildcard Subscription Available 0: subscribe to single topics.")
MQTT5_RULE(subscription_identifier_unavailable, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    SINCE_5("3.2.2.3.12"),
    "Subscription Identifier although the server has none",
    "CONNACK said Subscription Identifier Available 0: leave the property out.")
MQTT5_RULE(subscription_shared_unavailable, WARN, PROTOCOL, CERTAIN, CLIENT, SUBSCRIBE,
    SINCE_5("3.2.2.3.13"),
    "Shared subscription although the server has none",
    "CONNACK said Shared Subscription Available 0.")
MQTT5_RULE(sent_before_connack, NOTE, PROTOCOL, CERTAIN, CLIENT, ANY,
    SINCE_5("3.1.4"),
    "More than CONNACK grants, but sent before the client had the CONNACK",
    "A client may send before CONNACK, at the risk that the server does not support what it uses.")

/* clang-format on */
