/* rule_list_cause.h
 * Rules on codes that the traffic contradicts: session_cause*.c. A part of rule_list.h, in its form.
 *
 * They only suspect: what the sender has seen, it has seen at its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE(RECEIVE_MAXIMUM_EXCEEDED_UNFOUNDED, "receive_maximum_exceeded_unfounded", NOTE, PROTOCOL,
    "3.14.2.1", "DISCONNECT", "both",
    "Receive Maximum exceeded although it was not, by what was seen (suspected)",
    "A message counts from its PUBLISH of QoS 1 or 2 to PUBACK, PUBCOMP, or PUBREC with a failure; QoS 0 and subscriptions do not count.")
MQTT5_RULE(PACKET_TOO_LARGE_UNFOUNDED, "packet_too_large_unfounded", NOTE, PROTOCOL,
    "3.14.2.1", "DISCONNECT", "both",
    "Packet too large although none was, by what was seen (suspected)",
    "Announce the limit that is enforced; it counts the whole packet, the fixed header included.")
MQTT5_RULE(FEATURE_REFUSED_UNFOUNDED, "feature_refused_unfounded", NOTE, PROTOCOL,
    "3.14.2.1", "DISCONNECT", "server",
    "Feature called not supported although the client has not used it (suspected)",
    "The codes 0x9a, 0x9b, 0x9e, 0xa1 and 0xa2 are for a client that has used what the server does not have.")
