/* keep_alive.h
 * Rules on silence: session/keep_alive.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Silence, by the clock of the capture (3.1.2.10, 3.12, 3.13)")
MQTT5_RULE(keep_alive_exceeded, WARN, SEQUENCE, CERTAIN, CLIENT, ANY,
    CLAUSES("MQTT-3.1.2-20", "MQTT-3.1.2-23", SAME),
    "Client was silent for more than one and a half times its Keep Alive",
    "With nothing else to say the client sends PINGREQ within the Keep Alive, or the Server Keep Alive of CONNACK.")
MQTT5_RULE(keep_alive_late, NOTE, SEQUENCE, CERTAIN, CLIENT, ANY,
    CLAUSES("MQTT-3.1.2-20", "MQTT-3.1.2-23", SAME),
    "Client was silent for longer than its Keep Alive",
    "Send PINGREQ some time before the Keep Alive has passed; the server closes at one and a half times.")
MQTT5_RULE(keep_alive_not_enforced, NOTE, SEQUENCE, SUSPECTED, SERVER, ANY | CLOSE,
    CLAUSES("MQTT-3.1.2-22", "MQTT-3.1.2-24", SAME),
    "Server keeps a client that is silent beyond its Keep Alive",
    "The server closes the connection after one and a half times the Keep Alive without a packet of the client.")
MQTT5_RULE(keep_alive_timeout_early, NOTE, PROTOCOL, CERTAIN, SERVER, DISCONNECT,
    SINCE_5("MQTT-3.2.2-22"),
    "Keep Alive timeout too early",
    "Without Server Keep Alive, the value in the CONNECT applies; 0 means no timeout.")
MQTT5_RULE(pingresp_missing, WARN, SEQUENCE, CERTAIN, SERVER, ANY,
    EVERY("MQTT-3.12.4-1"),
    "PINGREQ was not answered",
    "The server sends one PINGRESP for each PINGREQ.")
MQTT5_RULE(pingreq_repeated, NOTE, SEQUENCE, CERTAIN, CLIENT, PINGREQ,
    EVERY("3.1.2.10"),
    "Client continues although its PINGREQ has no answer",
    "Without a PINGRESP within a reasonable time the client should close the connection.")
MQTT5_RULE(pingreq_frequent, CHAT, PROTOCOL, CERTAIN, NOBODY, PINGREQ,
    EVERY("3.1.2.10"),
    "Client sends PINGREQ far more often than its Keep Alive needs",
    "Send PINGREQ only when nothing else was sent for almost the Keep Alive; look for a timer in the wrong unit.")
MQTT5_RULE(pingresp_unexpected, NOTE, SEQUENCE, CERTAIN, SERVER, PINGRESP,
    EVERY("3.13"),
    "PINGRESP without a PINGREQ",
    "A server sends PINGRESP only in answer to PINGREQ.")
MQTT5_RULE(tcp_holds_back, CHAT, PROTOCOL, SUSPECTED, SENDER, ANY,
    EVERY("4.2"),
    "TCP has held the packet back until an acknowledgment came",
    "Set the socket option TCP_NODELAY, or write packets that belong together in one call.")
MQTT5_RULE(connect_unanswered, NOTE, SEQUENCE, SUSPECTED, SENDER, ANY | CLOSE,
    EVERY("3.1.4"),
    "CONNECT had no answer for a long time",
    "The server answers in a reasonable time; a client that waits in vain should close.")
