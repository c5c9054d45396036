/* rule_list_subscription.h
 * Rules on subscriptions and Topic Aliases: session_subscription.c, session_delivery.c, session_alias.c. A part of rule_list.h, in its form.
 * What a server delivers may stem from a subscription that it made itself, or bear a topic that it has mapped (3.3.2.1, 4.5): both are legal
 * and not seen, so that most rules on delivery are suspicions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

/* Topic Aliases (3.3.2.3.4): session_alias.c */
MQTT5_RULE(TOPIC_ALIAS_ABOVE_MAXIMUM, "topic_alias_above_maximum", WARN, PROTOCOL,
    "MQTT-3.1.2-26 MQTT-3.1.2-27 MQTT-3.2.2-17 MQTT-3.2.2-18 MQTT-3.3.2-9 MQTT-3.3.2-11 U-3.3.4-2", "PUBLISH", "both",
    "Topic Alias above the receiver's Topic Alias Maximum",
    "Use aliases from 1 to the receiver's Topic Alias Maximum; none at all where it is 0 or left out.")
MQTT5_RULE(TOPIC_ALIAS_UNKNOWN, "topic_alias_unknown", WARN, PROTOCOL,
    "MQTT-3.3.2-7 U-3.3.4-3", "PUBLISH", "both",
    "Topic Alias without a topic on this connection",
    "Send the Topic Name with the alias once in each direction of each Network Connection before leaving it out.")
MQTT5_RULE(TOPIC_ALIAS_REFUSED, "topic_alias_refused", NOTE, PROTOCOL,
    "MQTT-3.3.2-10 MQTT-3.3.2-12", "DISCONNECT", "both",
    "Topic Alias called invalid although all were legal (suspected)",
    "A receiver takes every alias from 1 to the Topic Alias Maximum that it has announced.")

/* Messages that the server delivers (3.3.4, 3.8.4, 4.7): session_delivery.c */
MQTT5_RULE(DELIVERY_UNSUBSCRIBED, "delivery_unsubscribed", NOTE, PROTOCOL,
    "MQTT-3.3.2-3 U-3.8.4-2", "PUBLISH", "server",
    "Message that no subscription of the client matches (suspected)",
    "Legal if the server has subscribed the client by itself or maps topics; said once for each connection.")
MQTT5_RULE(DELIVERY_WILDCARD_DOLLAR, "delivery_wildcard_dollar", NOTE, PROTOCOL,
    "MQTT-4.7.2-1", "PUBLISH", "server",
    "Topic with $ for a filter that starts with a wildcard (suspected)",
    "# and + at the start of a filter match no topic that starts with $; said once for each connection.")
MQTT5_RULE(DELIVERY_AFTER_UNSUBSCRIBE, "delivery_after_unsubscribe", NOTE, PROTOCOL,
    "MQTT-3.10.4-2", "PUBLISH", "server",
    "Message for a filter that was unsubscribed long ago (suspected)",
    "After UNSUBSCRIBE a server adds no new messages; only what it had already buffered may still come.")
MQTT5_RULE(DELIVERY_QOS_ABOVE_GRANTED, "delivery_qos_above_granted", NOTE, PROTOCOL,
    "MQTT-3.8.4-8 MQTT-4.8.2-3 MQTT-3.8.4-6", "PUBLISH", "server",
    "QoS above what SUBACK granted (suspected)",
    "Deliver with the lower of the message's own QoS and the granted one.")
MQTT5_RULE(DELIVERY_RETAIN_UNEXPECTED, "delivery_retain_unexpected", NOTE, PROTOCOL,
    "MQTT-3.3.1-11 MQTT-3.3.1-12 MQTT-3.3.1-10 U-3.8.4-3", "PUBLISH", "server",
    "RETAIN 1 where no retained message was to be sent (suspected)",
    "Without Retain As Published, RETAIN 1 marks only retained messages, which Retain Handling 2 and shared subscriptions do not get.")
MQTT5_RULE(DELIVERY_LOCAL, "delivery_local", NOTE, PROTOCOL,
    "MQTT-3.8.3-3", "PUBLISH", "server",
    "Message of the client comes back in spite of No Local (suspected)",
    "A message is not forwarded to the client that published it where No Local is 1.")

/* Subscription Identifiers (3.3.2.3.8): session_delivery.c */
MQTT5_RULE(SUBSCRIPTION_IDENTIFIER_UNKNOWN, "subscription_identifier_unknown", WARN, PROTOCOL,
    "3.3.4 U-3.3.2.3.8-1", "PUBLISH", "server",
    "Subscription Identifier that the client never gave",
    "Send only the identifiers of the SUBSCRIBE packets that the message is sent for.")
MQTT5_RULE(SUBSCRIPTION_IDENTIFIER_MISMATCH, "subscription_identifier_mismatch", NOTE, PROTOCOL,
    "3.3.4 U-3.3.2.3.8-1", "PUBLISH", "server",
    "Subscription Identifier of filters that do not match the topic (suspected)",
    "Send only the identifiers of the SUBSCRIBE packets that the message is sent for.")
MQTT5_RULE(SUBSCRIPTION_IDENTIFIER_MISSING, "subscription_identifier_missing", NOTE, PROTOCOL,
    "MQTT-3.3.4-3 MQTT-3.3.4-4 MQTT-3.3.4-5", "PUBLISH", "server",
    "Subscription Identifier of a matching subscription is missing (suspected)",
    "Send the identifiers of all matching subscriptions, in one copy or each in its own.")
MQTT5_RULE(SUBSCRIPTION_IDENTIFIER_REPLACED, "subscription_identifier_replaced", WARN, PROTOCOL,
    "3.8.4 U-3.8.4-4", "PUBLISH", "server",
    "Old Subscription Identifier after the new one was used",
    "Once a message has gone out with the new identifier, only messages that are sent again may have the old one.")

/* Answers of the server: session_subscription.c, session_maximum_qos.c */
MQTT5_RULE(SUBACK_REFUSES_ABOVE_MAXIMUM_QOS, "suback_refuses_above_maximum_qos", NOTE, PROTOCOL,
    "MQTT-3.2.2-10", "SUBACK", "server",
    "Only filters above Maximum QoS are refused (suspected)",
    "Maximum QoS does not limit SUBSCRIBE: grant the highest QoS that the server has.")
MQTT5_RULE(UNSUBACK_CONTRADICTS_SUBSCRIPTION, "unsuback_contradicts_subscription", NOTE, PROTOCOL,
    "MQTT-3.10.4-1", "UNSUBACK", "server",
    "UNSUBACK denies a subscription that was granted (suspected)",
    "Delete the subscription whose Topic Filter is the same, character by character, and send 0x00.")
MQTT5_RULE(UNSUBACK_SUCCESS_UNSUBSCRIBED, "unsuback_success_unsubscribed", CHAT, PROTOCOL,
    "3.11.3 MQTT-3.10.4-1", "UNSUBACK", "server",
    "UNSUBACK reports success for a subscription that did not exist",
    "0x11 (No subscription existed) would tell the client; some servers always send 0x00.")
MQTT5_RULE(PUBLISH_QOS_ABOVE_MAXIMUM_ACCEPTED, "publish_qos_above_maximum_accepted", NOTE, PROTOCOL,
    "3.2.2.3.4 U-3.2.2.3.4-1", "PUBACK PUBREC", "server",
    "Server accepts a PUBLISH above its own Maximum QoS",
    "Answer it with DISCONNECT 0x9b (QoS not supported).")
