/* rule_list_world.h
 * Rules on several connections: session_world*.c. A part of rule_list.h, in its form.
 *
 * All of them only suspect: a capture need not hold everything that reaches a server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

/* The connections of one client: session_world.c */
MQTT5_RULE(CLIENT_ID_IN_USE, "client_id_in_use", NOTE, SEQUENCE,
    "MQTT-3.1.4-3 MQTT-3.1.4-2", "any from the server", "server",
    "Connection goes on although its Client Identifier was taken over (suspected)",
    "A server closes the older connection, in MQTT 5 with DISCONNECT 0x8e; it may be that two servers stand behind one address.")
MQTT5_RULE(SESSION_LOST, "session_lost", NOTE, PROTOCOL,
    "MQTT-3.2.2-3 MQTT-3.1.2-5 MQTT-3.1.2-23 MQTT-3.1.2-4 MQTT-3.2.2-2", "CONNACK", "server",
    "Session is gone before it expired (suspected)",
    "A server keeps the session for its Session Expiry Interval; check whether it was restarted without persistence, or whether it has a "
    "limit of its own.")
MQTT5_RULE(SESSION_KEPT_AFTER_EXPIRY, "session_kept_after_expiry", NOTE, PROTOCOL,
    "MQTT-4.1.0-2 MQTT-3.2.2-3", "CONNACK", "server",
    "Session is there although it has expired (suspected)",
    "A server discards the session when its Session Expiry Interval has passed; with 0, or CleanSession 1, when the connection closes.")

/* Wills, as a subscriber sees them: session_world_will.c */
MQTT5_RULE(WILL_NOT_PUBLISHED, "will_not_published", NOTE, SEQUENCE,
    "MQTT-3.1.2-8", "any from the server", "server",
    "Will did not come to a subscriber (suspected)",
    "A server publishes the Will when the connection ends without DISCONNECT 0x00, after the Will Delay Interval; check who may read and "
    "write its topic.")
MQTT5_RULE(WILL_PUBLISHED_AFTER_DISCONNECT, "will_published_after_disconnect", NOTE, SEQUENCE,
    "MQTT-3.14.4-3 MQTT-3.1.2-8 MQTT-3.1.2-10", "PUBLISH", "server",
    "Will is published although DISCONNECT discarded it (suspected)",
    "After DISCONNECT 0x00 there is no Will any more; somebody else may have published the same.")
MQTT5_RULE(WILL_PUBLISHED_AFTER_RETURN, "will_published_after_return", NOTE, SEQUENCE,
    "MQTT-3.1.3-9", "PUBLISH", "server",
    "Will is published although its client came back in time (suspected)",
    "A client that resumes its session within the Will Delay Interval cancels its Will.")
MQTT5_RULE(WILL_PUBLISHED_TWICE, "will_published_twice", NOTE, SEQUENCE,
    "MQTT-3.1.2-10", "PUBLISH", "server",
    "Will is published twice (suspected)",
    "A Will is gone once it is published; somebody else may have published the same.")
MQTT5_RULE(WILL_RETAIN_CHANGED, "will_retain_changed", NOTE, PROTOCOL,
    "MQTT-3.1.2-14 MQTT-3.1.2-15", "PUBLISH", "server",
    "Will is published with another RETAIN than its Will Retain (suspected)",
    "Will Retain says whether the Will is published as a retained message.")

/* Messages and their copies: session_world_message.c, session_world_property.c */
MQTT5_RULE(FORWARD_PROPERTY_CHANGED, "forward_property_changed", NOTE, PROTOCOL,
    "MQTT-3.3.2-17 MQTT-3.3.2-4 MQTT-3.3.2-15 MQTT-3.3.2-16 MQTT-3.3.2-18 MQTT-3.3.2-20 MQTT-3.1.3-10 MQTT-1.5.4-3", "PUBLISH", "server",
    "Property of a message is changed on its way (suspected)",
    "A server hands on Payload Format Indicator, Content Type, Response Topic, Correlation Data and User Properties as it got them.")
MQTT5_RULE(FORWARD_MESSAGE_EXPIRY, "forward_message_expiry", NOTE, PROTOCOL,
    "MQTT-3.3.2-6", "PUBLISH", "server",
    "Message Expiry Interval of a message is not what is left of it (suspected)",
    "A server sends the Message Expiry Interval that it received, less the time that the message has waited.")
MQTT5_RULE(FORWARD_EXPIRED, "forward_expired", NOTE, PROTOCOL,
    "MQTT-3.3.2-5", "PUBLISH", "server",
    "Message is delivered after it expired (suspected)",
    "A server drops what it has not begun to deliver when the Message Expiry Interval has passed.")
MQTT5_RULE(FORWARD_RETAIN_CHANGED, "forward_retain_changed", NOTE, PROTOCOL,
    "MQTT-3.3.1-12 MQTT-3.3.1-13 MQTT-3.3.1-9", "PUBLISH", "server",
    "RETAIN of a message is not what the subscription wants (suspected)",
    "For a subscription that exists RETAIN is 0, or as it was published where that has Retain As Published 1.")
MQTT5_RULE(FORWARD_QOS_LOWERED, "forward_qos_lowered", NOTE, PROTOCOL,
    "MQTT-3.3.4-2 MQTT-3.3.5-1", "PUBLISH", "server",
    "QoS of a message is lower than it was published and granted (suspected)",
    "A message is delivered with the lower of the QoS it was published with and the highest QoS of the subscriptions that match.")
MQTT5_RULE(FORWARD_ORDER, "forward_order", NOTE, SEQUENCE,
    "MQTT-4.6.0-5 MQTT-4.6.0-6", "PUBLISH", "server",
    "Messages of one client come in another order than it published them (suspected)",
    "Per client, topic and QoS a server keeps the order; shared subscriptions are free of that.")
MQTT5_RULE(RETAINED_EMPTY, "retained_empty", NOTE, PROTOCOL,
    "MQTT-3.3.1-7 MQTT-3.3.1-11", "PUBLISH", "server",
    "Empty message is sent as a retained one (suspected)",
    "A PUBLISH with RETAIN 1 and an empty payload clears the topic and is not stored.")
MQTT5_RULE(RETAINED_OUTDATED, "retained_outdated", NOTE, PROTOCOL,
    "MQTT-3.3.1-5 MQTT-3.3.1-6 MQTT-3.3.1-10", "PUBLISH", "server",
    "Retained message is one that was replaced or cleared (suspected)",
    "A topic retains its latest message only, and none after an empty one.")

/* Messages sent again when a session is resumed (4.4): session_world_redelivery.c */
MQTT5_RULE(REDELIVERY_WITHOUT_DUP, "redelivery_without_dup", NOTE, SEQUENCE,
    "MQTT-3.3.1-1", "PUBLISH", "both",
    "Message is sent again with DUP 0 (suspected)",
    "What was not acknowledged on the connection before is sent again with its Packet Identifier and DUP 1.")
MQTT5_RULE(REDELIVERY_ORDER, "redelivery_order", NOTE, SEQUENCE,
    "MQTT-4.6.0-1", "PUBLISH", "both",
    "Messages are sent again in another order (suspected)",
    "Send them again in the order in which they were first sent.")
