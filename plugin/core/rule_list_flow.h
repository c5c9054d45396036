/* rule_list_flow.h
 * Rules on Packet Identifiers and acknowledgments: session_flow*.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

/* Packet Identifiers (2.2.1) */
MQTT5_RULE(PACKET_IDENTIFIER_IN_USE, "packet_identifier_in_use", WARN, SEQUENCE,
    "MQTT-2.2.1-3 MQTT-2.2.1-4 MQTT-4.3.2-1 MQTT-4.3.2-3 MQTT-4.3.3-1 MQTT-4.3.3-3 MQTT-4.3.3-5 U-2.2.1-2 U-3.3.1.1-1 U-4.3-1 MQTT-2.3.1-2 MQTT-2.3.1-4",
    "PUBLISH SUBSCRIBE UNSUBSCRIBE", "both",
    "Packet Identifier is still in use",
    "One side has one set of identifiers for PUBLISH, SUBSCRIBE and UNSUBSCRIBE; use one again after PUBACK, PUBCOMP, a failed PUBREC, SUBACK or UNSUBACK. A message that is sent again has DUP 1.")
MQTT5_RULE(PACKET_IDENTIFIER_IN_USE_UNFOUNDED, "packet_identifier_in_use_unfounded", WARN, SEQUENCE,
    "MQTT-4.3.2-5 MQTT-4.3.3-9 MQTT-4.3.3-12", "PUBACK PUBREC", "both",
    "Receiver says that a free Packet Identifier is in use",
    "After PUBACK, PUBCOMP or a failed PUBREC a PUBLISH with the same identifier is a new message, whatever its DUP.")
MQTT5_RULE(PACKET_IDENTIFIER_NOT_FOUND_UNFOUNDED, "packet_identifier_not_found_unfounded", NOTE, SEQUENCE,
    "3.7.2.1 U-3.7.2-1", "PUBREL PUBCOMP", "both",
    "Peer does not find the Packet Identifier of an open message (suspected)",
    "Outside of recovery 0x92 shows that client and server disagree on the state of the session.")

/* Acknowledgments (2.2.1, 4.3, 4.5, 4.6) */
MQTT5_RULE(ACKNOWLEDGMENT_UNEXPECTED, "acknowledgment_unexpected", WARN, SEQUENCE,
    "MQTT-2.2.1-5 MQTT-2.2.1-6 MQTT-3.8.4-2 MQTT-3.8.4-5 MQTT-3.10.4-5 MQTT-3.10.4-6 U-4.3.1-1 3.7 U-3.7-1 MQTT-2.3.1-6 MQTT-2.3.1-7 MQTT-3.8.4-4 MQTT-3.10.4-4",
    "PUBACK PUBREC PUBCOMP SUBACK UNSUBACK", "both",
    "Answer to nothing that is open",
    "Each request has one answer, which carries its Packet Identifier; a message of QoS 0 has none.")
MQTT5_RULE(ACKNOWLEDGMENT_WRONG_TYPE, "acknowledgment_wrong_type", WARN, SEQUENCE,
    "MQTT-3.3.4-1 MQTT-2.2.1-5 MQTT-2.2.1-6 MQTT-4.3.2-4 MQTT-4.3.3-8 MQTT-2.3.1-6 MQTT-2.3.1-7", "PUBACK PUBREC PUBCOMP SUBACK UNSUBACK PUBREL", "both",
    "Answer of the wrong type",
    "PUBACK answers QoS 1, PUBREC answers QoS 2, SUBACK answers SUBSCRIBE and UNSUBACK answers UNSUBSCRIBE.")
MQTT5_RULE(ACKNOWLEDGMENT_ORDER, "acknowledgment_order", WARN, SEQUENCE,
    "MQTT-4.6.0-2 MQTT-4.6.0-3 MQTT-4.6.0-4", "PUBACK PUBREC PUBREL", "client",
    "Client answers out of order",
    "A client sends PUBACK and PUBREC in the order of the PUBLISH, and PUBREL in the order of the PUBREC.")
MQTT5_RULE(ACKNOWLEDGMENT_MISSING, "acknowledgment_missing", NOTE, SEQUENCE,
    "MQTT-3.3.4-1 MQTT-4.3.2-4 MQTT-4.3.3-4 MQTT-4.3.3-8 MQTT-4.3.3-11 MQTT-4.5.0-2 MQTT-3.8.4-1 MQTT-3.10.4-3 MQTT-3.10.4-4 MQTT-3.10.4-5 MQTT-4.3.2-2 MQTT-4.3.3-1 MQTT-4.3.3-2 MQTT-3.3.5-2",
    "PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT", "both",
    "Request without an answer (suspected)",
    "Either later ones have been answered for long, or the connection ends. A message that is never acknowledged takes one place of the Receive Maximum for good.")

/* Resends and DUP (3.3.1, 4.3, 4.4) */
MQTT5_RULE(PUBLISH_DUPLICATE_UNEXPECTED, "publish_duplicate_unexpected", WARN, SEQUENCE,
    "MQTT-3.3.1-3 MQTT-4.3.2-2 MQTT-4.3.3-2 MQTT-3.2.2-5 MQTT-3.1.2-4 MQTT-4.3.2-1 MQTT-4.3.3-1 MQTT-2.3.1-3", "PUBLISH", "both",
    "DUP is set on a message that cannot have been sent before",
    "DUP is 0 the first time. A server does not copy it from the publisher; a client whose session is gone starts anew.")
MQTT5_RULE(PUBLISH_RESENT, "publish_resent", WARN, SEQUENCE,
    "MQTT-4.4.0-1", "PUBLISH PUBREL", "both",
    "PUBLISH or PUBREL is sent again on the same connection",
    "MQTT 5 resends after a reconnect only; TCP takes care of what is lost on the way.")
MQTT5_RULE(PUBLISH_RESENT_AFTER_ERROR, "publish_resent_after_error", WARN, SEQUENCE,
    "MQTT-4.4.0-2", "PUBLISH", "both",
    "Message is sent again although its receiver refused it",
    "A PUBACK or PUBREC with a reason code from 0x80 ends the message; send a new one, with DUP 0.")
MQTT5_RULE(PUBLISH_AFTER_PUBREL, "publish_after_pubrel", WARN, SEQUENCE,
    "MQTT-4.3.3-6 MQTT-4.3.3-1", "PUBLISH", "both",
    "PUBLISH is sent again after its PUBREL",
    "Once PUBREL is sent, only PUBREL is repeated, until PUBCOMP.")
MQTT5_RULE(PUBREL_AFTER_ERROR, "pubrel_after_error", WARN, SEQUENCE,
    "MQTT-4.3.3-4", "PUBREL", "both",
    "PUBREL after a PUBREC that reported a failure",
    "A PUBREC with a reason code from 0x80 ends the message, and frees its Packet Identifier.")
MQTT5_RULE(PUBREL_UNEXPECTED, "pubrel_unexpected", WARN, SEQUENCE,
    "3.6 U-3.6-1 MQTT-2.2.1-5 MQTT-4.3.3-4 MQTT-3.2.2-5 MQTT-3.1.2-4 MQTT-2.3.1-6", "PUBREL", "both",
    "PUBREL without a PUBREC",
    "PUBREL answers a PUBREC of this session that reported no failure.")

/* Receive Maximum (4.9) */
MQTT5_RULE(RECEIVE_MAXIMUM_EXCEEDED, "receive_maximum_exceeded", WARN, SEQUENCE,
    "MQTT-3.3.4-7 MQTT-3.3.4-9 MQTT-4.9.0-1 MQTT-4.9.0-2 U-4.9-1", "PUBLISH", "both",
    "More messages in flight than the receiver takes",
    "Wait for PUBACK, PUBCOMP or a failed PUBREC before the next PUBLISH of QoS 1 or 2.")
MQTT5_RULE(RECEIVE_MAXIMUM_NOT_ENFORCED, "receive_maximum_not_enforced", NOTE, SEQUENCE,
    "3.3.4 U-3.3.4-4", "PUBACK PUBREC", "both",
    "Receiver goes on although its Receive Maximum was exceeded (suspected)",
    "Lenient receivers are common; a strict one closes with DISCONNECT 0x93 (Receive Maximum exceeded).")

/* SUBACK and UNSUBACK (3.8.4, 3.9.3, 3.11.3) */
MQTT5_RULE(SUBACK_COUNT, "suback_count", WARN, PROTOCOL,
    "MQTT-3.8.4-6 MQTT-3.8.4-5", "SUBACK", "server",
    "SUBACK has not one code for each Topic Filter",
    "Send one code for each Topic Filter of the SUBSCRIBE, in its order.")
MQTT5_RULE(UNSUBACK_COUNT, "unsuback_count", WARN, PROTOCOL,
    "MQTT-3.11.3-2", "UNSUBACK", "server",
    "UNSUBACK has not one reason code for each Topic Filter",
    "Send one reason code for each Topic Filter of the UNSUBSCRIBE, in its order.")
MQTT5_RULE(SUBACK_GRANTED_ABOVE_REQUESTED, "suback_granted_above_requested", NOTE, PROTOCOL,
    "3.8.4 U-3.8.4-1 MQTT-3.9.3-1", "SUBACK", "server",
    "Granted QoS is above the requested one (suspected)",
    "A server may grant less than was asked for. More than that hints at codes in the wrong order.")
