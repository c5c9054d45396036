/* flow.h
 * Rules on Packet Identifiers and acknowledgments: flow/. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Packet Identifiers (2.2.1)")
MQTT5_RULE(packet_identifier_in_use, WARN, SEQUENCE, CERTAIN, SENDER,
    PUBLISH | SUBSCRIBE | UNSUBSCRIBE,
    CLAUSES("MQTT-2.2.1-3", "MQTT-2.3.1-2", SAME),
    "Packet Identifier is still in use",
    "Each side has one set of identifiers for PUBLISH, SUBSCRIBE and UNSUBSCRIBE; "
    "reuse one after PUBACK, PUBCOMP, a failed PUBREC, SUBACK or UNSUBACK. A message that is resent has DUP 1.")
MQTT5_RULE(packet_identifier_in_use_unfounded, WARN, SEQUENCE, CERTAIN, SENDER, PUBACK | PUBREC,
    SINCE_5("MQTT-4.3.2-5"),
    "Receiver says that a free Packet Identifier is in use",
    "After PUBACK, PUBCOMP or a failed PUBREC a PUBLISH with the same identifier is a new message, whatever its DUP.")
MQTT5_RULE(packet_identifier_not_found_unfounded, NOTE, SEQUENCE, SUSPECTED, SENDER,
    PUBREL | PUBCOMP,
    SINCE_5("3.7.2.1"),
    "Peer does not know the Packet Identifier of an open message",
    "Outside of recovery, 0x92 shows that client and server disagree on the state of the session.")

MQTT5_RULE_SECTION("Acknowledgments (2.2.1, 4.3, 4.5, 4.6)")
MQTT5_RULE(acknowledgment_unexpected, WARN, SEQUENCE, CERTAIN, SENDER,
    PUBACK | PUBREC | PUBCOMP | SUBACK | UNSUBACK,
    CLAUSES("MQTT-2.2.1-5", "MQTT-2.3.1-6", SAME),
    "Acknowledgment matches no open request",
    "Each request has one answer, which has the same Packet Identifier; a message of QoS 0 has none.")
MQTT5_RULE(acknowledgment_unexpected_unclassified, NOTE, SEQUENCE, CERTAIN, SENDER, PUBCOMP,
    CLAUSES(NONE, "3.7", SAME),
    "PUBCOMP matches no open request, which 3.1.1 does not rule on",
    "PUBCOMP answers a PUBREL. MQTT-2.3.1-6 names PUBACK, PUBREC and PUBREL, but not PUBCOMP.")
MQTT5_RULE(acknowledgment_wrong_type, WARN, SEQUENCE, CERTAIN, SENDER,
    PUBACK | PUBREC | PUBCOMP | SUBACK | UNSUBACK | PUBREL,
    EVERY("MQTT-3.3.4-1"),
    "Acknowledgment of the wrong type",
    "PUBACK answers QoS 1, PUBREC answers QoS 2, SUBACK answers SUBSCRIBE and UNSUBACK answers UNSUBSCRIBE.")
MQTT5_RULE(acknowledgment_order, WARN, SEQUENCE, CERTAIN, CLIENT, PUBACK | PUBREC | PUBREL,
    CLAUSES("MQTT-4.6.0-2", SAME, NONE),
    "Client acknowledges out of order",
    "A client sends PUBACK and PUBREC in the order of the PUBLISH, and PUBREL in the order of the PUBREC.")
MQTT5_RULE(acknowledgment_missing, NOTE, SEQUENCE, SUSPECTED, SENDER,
    ANY | CLOSE,
    EVERY("MQTT-3.3.4-1"),
    "Request without an answer",
    "Its receiver has it and is alive, later requests were answered long ago, or the connection ends. "
    "A message that is never acknowledged takes one place of the Receive Maximum for good.")

MQTT5_RULE_SECTION("Resends and DUP (3.3.1, 4.3, 4.4)")
MQTT5_RULE(publish_duplicate_unexpected, WARN, SEQUENCE, CERTAIN, SENDER, PUBLISH,
    EVERY("MQTT-3.3.1-3"),
    "DUP is set on a message that cannot have been sent before",
    "DUP is 0 the first time. A server does not copy it from the publisher; a client whose session is gone starts anew.")
MQTT5_RULE(publish_resent, WARN, SEQUENCE, CERTAIN, SENDER, PUBLISH | PUBREL,
    SINCE_5("MQTT-4.4.0-1"),
    "PUBLISH or PUBREL is resent on the same connection",
    "MQTT 5 resends only after reconnecting; TCP repairs what is lost on the way.")
MQTT5_RULE(publish_resent_by_timer, CHAT, SEQUENCE, CERTAIN, NOBODY, PUBLISH,
    CLAUSES(NONE, "4.4", "4.2"),
    "PUBLISH without an answer is sent again on the same connection",
    "Legal before MQTT 5, but TCP loses nothing: set a longer retry interval, or find out why the receiver answers so late.")
MQTT5_RULE(publish_resent_after_error, WARN, SEQUENCE, CERTAIN, SENDER, PUBLISH,
    SINCE_5("MQTT-4.4.0-2"),
    "Message is resent although its receiver refused it",
    "A PUBACK or PUBREC with a reason code from 0x80 ends the message; send a new one, with DUP 0.")
MQTT5_RULE(publish_after_pubrel, WARN, SEQUENCE, CERTAIN, SENDER, PUBLISH,
    CLAUSES("MQTT-4.3.3-6", "MQTT-4.3.3-1", NONE),
    "PUBLISH is resent after its PUBREL",
    "Once PUBREL is sent, only PUBREL is repeated, until PUBCOMP.")
MQTT5_RULE(pubrel_after_error, WARN, SEQUENCE, CERTAIN, SENDER, PUBREL,
    SINCE_5("MQTT-4.3.3-4"),
    "PUBREL after a PUBREC that reported a failure",
    "A PUBREC with a reason code from 0x80 ends the message, and frees its Packet Identifier.")
MQTT5_RULE(pubrel_unexpected, WARN, SEQUENCE, CERTAIN, SENDER, PUBREL,
    CLAUSES("MQTT-2.2.1-5", "MQTT-2.3.1-6", SAME),
    "PUBREL without a PUBREC",
    "PUBREL answers a PUBREC of this session that reported no failure.")

MQTT5_RULE_SECTION("Receive Maximum (4.9)")
MQTT5_RULE(receive_maximum_exceeded, WARN, SEQUENCE, CERTAIN, SENDER, PUBLISH,
    SINCE_5("MQTT-3.3.4-7"),
    "More messages in flight than the receiver accepts",
    "Wait for PUBACK, PUBCOMP or a failed PUBREC before the next PUBLISH of QoS 1 or 2.")
MQTT5_RULE(receive_maximum_not_enforced, NOTE, SEQUENCE, SUSPECTED, SENDER, PUBACK | PUBREC,
    SINCE_5("3.3.4"),
    "Receiver continues although its Receive Maximum was exceeded",
    "Lenient receivers are common; a strict one closes with DISCONNECT 0x93 (Receive Maximum exceeded).")

MQTT5_RULE_SECTION("SUBACK and UNSUBACK (3.8.4, 3.9.3, 3.11.3)")
MQTT5_RULE(suback_count, WARN, PROTOCOL, CERTAIN, SERVER, SUBACK,
    CLAUSES("MQTT-3.8.4-6", "MQTT-3.8.4-5", SAME),
    "SUBACK does not have one code for each Topic Filter",
    "Send one code for each Topic Filter of the SUBSCRIBE, in its order.")
MQTT5_RULE(unsuback_count, WARN, PROTOCOL, CERTAIN, SERVER, UNSUBACK,
    SINCE_5("MQTT-3.11.3-2"),
    "UNSUBACK does not have one reason code for each Topic Filter",
    "Send one reason code for each Topic Filter of the UNSUBSCRIBE, in its order.")
MQTT5_RULE(suback_granted_above_requested, NOTE, PROTOCOL, SUSPECTED, SERVER, SUBACK,
    EVERY("3.8.4"),
    "Granted QoS is above the requested one",
    "A server may grant less than was asked for. More than that hints at codes in the wrong order.")
