/* capture.h
 * Rules on several connections: capture/. A part of rule_list.h, in its form.
 *
 * All of them only suspect: a capture need not hold everything that reaches a server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("The connections of one client")
MQTT5_RULE(client_id_in_use, NOTE, SEQUENCE, SUSPECTED, SERVER, ANY,
    CLAUSES("MQTT-3.1.4-3", "MQTT-3.1.4-2", SAME),
    "Connection continues although its Client Identifier was taken over",
    "A server closes the older connection, in MQTT 5 with DISCONNECT 0x8e; several servers may share one address.")
MQTT5_RULE(assigned_client_id_in_use, NOTE, PROTOCOL, SUSPECTED, SERVER, CONNACK,
    SINCE_5("MQTT-3.2.2-16"),
    "Assigned Client Identifier is in use",
    "A server assigns a Client Identifier that no session has, as two clients with the same one end each other's connection.")
MQTT5_RULE(session_lost, NOTE, PROTOCOL, SUSPECTED, SERVER, CONNACK,
    CLAUSES("MQTT-3.2.2-3", "MQTT-3.2.2-2", NONE),
    "Session is gone before it expired",
    "A server keeps the session for its Session Expiry Interval; "
    "check whether it was restarted without persistence, or whether it has a limit of its own.")
MQTT5_RULE(subscriptions_missed, CHAT, PROTOCOL, SUSPECTED, NOBODY, ANY & ~SUBSCRIBE,
    CLAUSES("MQTT-3.2.2-5", "3.2.2.2", NONE),
    "Client does not subscribe again although its subscriptions are gone",
    "With Session Present 0 the server has no subscriptions of the client: subscribe after each CONNACK that says so.")
MQTT5_RULE(session_kept_after_expiry, NOTE, PROTOCOL, SUSPECTED, SERVER, CONNACK,
    CLAUSES("MQTT-4.1.0-2", "MQTT-3.2.2-3", NONE),
    "Session is present although it has expired",
    "A server discards the session when its Session Expiry Interval has passed; "
    "with 0, or CleanSession 1, when the connection closes.")

MQTT5_RULE_SECTION("Wills, as a subscriber sees them")
MQTT5_RULE(will_not_published, NOTE, SEQUENCE, SUSPECTED, SERVER, ANY,
    EVERY("MQTT-3.1.2-8"),
    "Will was not delivered to a subscriber",
    "A server publishes the Will when the connection ends without DISCONNECT 0x00, after the Will Delay Interval; "
    "check who may read and write its topic.")
MQTT5_RULE(will_published_after_disconnect, NOTE, SEQUENCE, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-3.14.4-3"),
    "Will is published although DISCONNECT discarded it",
    "DISCONNECT 0x00 discards the Will; another client may have published the same message.")
MQTT5_RULE(will_published_after_return, NOTE, SEQUENCE, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.1.3-9"),
    "Will is published although its client came back in time",
    "A client that resumes its session within the Will Delay Interval cancels its Will.")
MQTT5_RULE(will_published_twice, NOTE, SEQUENCE, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-3.1.2-10"),
    "Will is published twice",
    "A Will is published once; another client may have published the same message.")
MQTT5_RULE(will_retain_changed, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.1.2-14"),
    "Will is published with a RETAIN other than its Will Retain",
    "Will Retain says whether the Will is published as a retained message.")

MQTT5_RULE_SECTION("Messages and their copies")
MQTT5_RULE(forward_property_changed, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.3.2-17"),
    "Property of a message is changed on its way",
    "A server forwards Payload Format Indicator, Content Type, Response Topic, Correlation Data and User Properties unaltered.")
MQTT5_RULE(forward_message_expiry, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.3.2-6"),
    "Message Expiry Interval is not what remains of the original",
    "A server sends the Message Expiry Interval that it received, less the time that the message has waited.")
MQTT5_RULE(forward_expired, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.3.2-5"),
    "Message is delivered after it expired",
    "A server drops a message that it has not begun to deliver when the Message Expiry Interval has passed.")
MQTT5_RULE(forward_retain_changed, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-3.3.1-12", "MQTT-3.3.1-9", SAME),
    "RETAIN of a message is not what the subscription wants",
    "For a subscription that exists, RETAIN is 0, or as published if the subscription has Retain As Published 1.")
MQTT5_RULE(forward_qos_lowered, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-3.3.4-2", "MQTT-3.3.5-1", SAME),
    "QoS of a message is lower than published and granted",
    "A message is delivered with the lower of the QoS it was published with and the highest QoS of the subscriptions that match.")
MQTT5_RULE(forward_qos_raised, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-3.8.4-8", "MQTT-3.8.4-6", SAME),
    "QoS of a message is higher than published",
    "A message is delivered with the QoS it was published with, or lower; another client may have published the same with more.")
MQTT5_RULE(forward_order, NOTE, SEQUENCE, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-4.6.0-5", "MQTT-4.6.0-6", SAME),
    "Messages of one client arrive in another order than published",
    "A server keeps the order per client, topic and QoS, except for shared subscriptions.")
MQTT5_RULE(delivery_missing, NOTE, SEQUENCE, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-4.5.0-1"),
    "Earlier message was not delivered to a subscriber",
    "A server delivers each message with QoS 1 or 2 to all subscribers; look for limits on its queues, and for what it has logged.")
MQTT5_RULE(delivery_dropped, CHAT, SEQUENCE, SUSPECTED, NOBODY, PUBLISH,
    CLAUSES("4.3.1", SAME, "4.1"),
    "Earlier message with QoS 0 was not delivered to a subscriber",
    "A server may drop messages with QoS 0, and does so where a subscriber takes them too slowly; what must arrive needs QoS 1 or 2.")
MQTT5_RULE(delivery_late, CHAT, SEQUENCE, CERTAIN, NOBODY, PUBLISH,
    CLAUSES("4.5", SAME, "4.1"),
    "Delivered long after its publication",
    "The message says what the subscriber did not take meanwhile; if it took all, look at the server.")
MQTT5_RULE(retained_empty, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-3.3.1-7", "MQTT-3.3.1-11", SAME),
    "Empty message is sent as a retained message",
    "A PUBLISH with RETAIN 1 and an empty payload clears the topic and is not stored.")
MQTT5_RULE(retained_outdated, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-3.3.1-5"),
    "Retained message had been replaced or cleared",
    "A topic retains only its latest message, and none after an empty one.")
MQTT5_RULE(retained_unasked, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-3.3.1-8", "MQTT-3.3.1-12", SAME),
    "Message that was published with RETAIN 0 is sent as retained",
    "A server stores a message for later subscriptions only if RETAIN is 1.")

MQTT5_RULE(message_loop, NOTE, PROTOCOL, SUSPECTED, NOBODY, PUBLISH,
    CLAUSES("3.8.3.1", "3.3.5", SAME),
    "Message goes round in a loop",
    "Let no bridge or program publish what it receives to a topic that it subscribes to: "
    "give the ways different topics, subscribe with No Local (MQTT 5), or forward in one direction only.")

MQTT5_RULE_SECTION("Messages that are resent when a session is resumed (4.4)")
MQTT5_RULE(redelivery_without_dup, NOTE, SEQUENCE, SUSPECTED, SENDER, PUBLISH,
    EVERY("MQTT-3.3.1-1"),
    "Message is resent with DUP 0",
    "A message that was not acknowledged on the previous connection is resent with its Packet Identifier and DUP 1.")
MQTT5_RULE(redelivery_changed, NOTE, SEQUENCE, SUSPECTED, SENDER, PUBLISH,
    EVERY("MQTT-4.4.0-1"),
    "Message takes the Packet Identifier of one without acknowledgment",
    "A message that was not acknowledged keeps its Packet Identifier in the session, and is resent as it was.")
MQTT5_RULE(redelivery_order, NOTE, SEQUENCE, SUSPECTED, SENDER, PUBLISH,
    EVERY("MQTT-4.6.0-1"),
    "Messages are resent in another order",
    "Resend them in the order in which they were first sent.")
