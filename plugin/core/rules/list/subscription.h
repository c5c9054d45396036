/* subscription.h
 * Rules on subscriptions and Topic Aliases: subscription/requests.c, subscription/delivery.c,
 * subscription/alias.c. A part of rule_list.h, in its form. What a server delivers may come from a
 * subscription that it made itself, or have a topic that it has mapped (3.3.2.1, 4.5): both are
 * legal and not seen, so that most rules on delivery are suspicions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Topic Aliases (3.3.2.3.4)")
MQTT5_RULE(topic_alias_above_maximum, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH,
    SINCE_5("MQTT-3.1.2-26"),
    "Topic Alias above the receiver's Topic Alias Maximum",
    "Use aliases from 1 to the receiver's Topic Alias Maximum; none at all where it is 0 or left out.")
MQTT5_RULE(topic_alias_unknown, WARN, PROTOCOL, CERTAIN, SENDER, PUBLISH,
    SINCE_5("MQTT-3.3.2-7"),
    "Topic Alias that was not set on this connection",
    "Send the Topic Name with the alias once in each direction of each Network Connection before leaving it out.")
MQTT5_RULE(topic_alias_refused, NOTE, PROTOCOL, SUSPECTED, SENDER, DISCONNECT,
    SINCE_5("MQTT-3.3.2-10"),
    "Topic Alias refused as invalid although all were legal",
    "A receiver takes every alias from 1 to the Topic Alias Maximum that it has announced.")

MQTT5_RULE_SECTION("Topics of the server (4.7.2)")
MQTT5_RULE(topic_name_dollar, NOTE, PROTOCOL, CERTAIN, CLIENT, PUBLISH,
    EVERY("4.7.2"),
    "Client publishes to a topic that begins with $",
    "Use another topic, unless the server documents this one; reported once for each connection.")

MQTT5_RULE_SECTION("Messages that the server delivers (3.3.4, 3.8.4, 4.7)")
MQTT5_RULE(delivery_unsubscribed, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-3.3.2-3"),
    "Message that no subscription of the client matches",
    "Legal if the server subscribes the client by itself or maps topics; reported once for each connection.")
MQTT5_RULE(delivery_wildcard_dollar, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-4.7.2-1"),
    "Topic with $ for a filter that starts with a wildcard",
    "# and + at the start of a filter match no topic that starts with $; reported once for each connection.")
MQTT5_RULE(delivery_after_unsubscribe, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    EVERY("MQTT-3.10.4-2"),
    "Message for a filter that was unsubscribed long ago",
    "After UNSUBSCRIBE a server adds no new messages; only messages that it had already buffered may still arrive.")
MQTT5_RULE(delivery_qos_above_granted, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    CLAUSES("MQTT-3.8.4-8", "MQTT-3.8.4-6", SAME),
    "QoS above what SUBACK granted",
    "Deliver with the lower of the message's own QoS and the granted one.")
MQTT5_RULE(delivery_retain_unexpected, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.3.1-11"),
    "RETAIN 1 where no retained message was due",
    "Without Retain As Published, RETAIN 1 marks only retained messages, "
    "which Retain Handling 2 and shared subscriptions do not get.")
MQTT5_RULE(delivery_local, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.8.3-3"),
    "Message is delivered to the client that sent it despite No Local",
    "A message is not forwarded to the client that published it where No Local is 1.")

MQTT5_RULE_SECTION("Subscription Identifiers (3.3.2.3.8)")
MQTT5_RULE(subscription_identifier_unknown, WARN, PROTOCOL, CERTAIN, SERVER, PUBLISH,
    SINCE_5("3.3.4"),
    "Subscription Identifier that the client never gave",
    "Send only the identifiers of the SUBSCRIBE packets that the message is sent for.")
MQTT5_RULE(subscription_identifier_mismatch, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("3.3.4"),
    "Subscription Identifier of filters that do not match the topic",
    "Send only the identifiers of the SUBSCRIBE packets that the message is sent for.")
MQTT5_RULE(subscription_identifier_missing, NOTE, PROTOCOL, SUSPECTED, SERVER, PUBLISH,
    SINCE_5("MQTT-3.3.4-3"),
    "Subscription Identifier of a matching subscription is missing",
    "Send the identifiers of all matching subscriptions, in one copy or each in its own.")
MQTT5_RULE(subscription_identifier_replaced, WARN, PROTOCOL, CERTAIN, SERVER, PUBLISH,
    SINCE_5("3.8.4"),
    "Old Subscription Identifier after the new one was used",
    "Once the server has used the new identifier, only messages that are resent may have the old one.")

MQTT5_RULE_SECTION("Answers of the server")
MQTT5_RULE(suback_refuses_above_maximum_qos, NOTE, PROTOCOL, SUSPECTED, SERVER, SUBACK,
    SINCE_5("MQTT-3.2.2-10"),
    "Only filters above Maximum QoS are refused",
    "Maximum QoS does not limit SUBSCRIBE: grant the highest QoS that the server has.")
MQTT5_RULE(unsuback_contradicts_subscription, NOTE, PROTOCOL, SUSPECTED, SERVER, UNSUBACK,
    SINCE_5("MQTT-3.10.4-1"),
    "UNSUBACK denies a subscription that was granted",
    "Delete the subscription whose Topic Filter is the same, character by character, and send 0x00.")
MQTT5_RULE(unsuback_success_unsubscribed, CHAT, PROTOCOL, CERTAIN, SERVER, UNSUBACK,
    SINCE_5("3.11.3"),
    "UNSUBACK reports success for a subscription that did not exist",
    "0x11 (No subscription existed) would tell the client so; some servers always send 0x00.")
MQTT5_RULE(publish_qos_above_maximum_accepted, NOTE, PROTOCOL, CERTAIN, SERVER, PUBACK | PUBREC,
    SINCE_5("3.2.2.3.4"),
    "Server accepts a PUBLISH above its own Maximum QoS",
    "Answer it with DISCONNECT 0x9b (QoS not supported).")
