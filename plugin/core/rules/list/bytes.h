/* bytes.h
 * Rules on bytes that are no whole control packet. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Bytes that are no control packet")
MQTT5_RULE(not_mqtt, NOTE, PROTOCOL, CERTAIN, NOBODY, BYTES,
    EVERY("4.2"),
    "Another protocol than MQTT",
    "The client and this port of the server expect different protocols: plain MQTT, TLS, WebSocket, or a PROXY header first.")
MQTT5_RULE(packet_unfinished, NOTE, SEQUENCE, CERTAIN, SENDER, CLOSE,
    CLAUSES("2.1.4", "2.2.3", "2.1"),
    "Side closes within a packet of its own",
    "Send all bytes that the Remaining Length announces before closing; look for a short write or a timeout of the sender.")

/* clang-format on */
