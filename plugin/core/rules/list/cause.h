/* cause.h
 * Rules on codes that the traffic contradicts: causes/. A part of rule_list.h, in its form.
 *
 * They only suspect: what the sender has seen, it has seen at its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Codes that the traffic contradicts")
MQTT5_RULE(receive_maximum_exceeded_unfounded, NOTE, PROTOCOL, SUSPECTED, SENDER, DISCONNECT,
    SINCE_5("3.14.2.1"),
    "Receive Maximum exceeded, but the capture shows that it was not",
    "A message counts from its PUBLISH of QoS 1 or 2 to PUBACK, PUBCOMP, or PUBREC with a failure; "
    "QoS 0 and subscriptions do not count.")
MQTT5_RULE(packet_too_large_unfounded, NOTE, PROTOCOL, SUSPECTED, SENDER, DISCONNECT,
    SINCE_5("3.14.2.1"),
    "Packet too large, but the capture shows none that was",
    "Announce the limit that is enforced; it counts the whole packet, the fixed header included.")
MQTT5_RULE(publish_repeat_refused, NOTE, SEQUENCE, SUSPECTED, SENDER, PUBREC,
    SINCE_5("MQTT-4.3.3-10"),
    "Receiver refuses the repeat of a message that it has taken",
    "From PUBREC to PUBREL the identifier belongs to the message; a PUBLISH with it is acknowledged again, and not delivered.")
MQTT5_RULE(feature_refused_unfounded, NOTE, PROTOCOL, SUSPECTED, SERVER, DISCONNECT,
    SINCE_5("3.14.2.1"),
    "Server rejects a feature that the client has not used",
    "The codes 0x9a, 0x9b, 0x9e, 0xa1 and 0xa2 are for a client that has used what the server does not support.")
