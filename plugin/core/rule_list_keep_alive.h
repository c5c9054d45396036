/* rule_list_keep_alive.h
 * Rules on silence: session_keep_alive.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

/* Silence, by the clock of the capture (3.1.2.10, 3.12, 3.13): session_keep_alive.c */
MQTT5_RULE(KEEP_ALIVE_EXCEEDED, "keep_alive_exceeded", WARN, SEQUENCE,
    "MQTT-3.1.2-20 MQTT-3.1.2-21 MQTT-3.2.2-21 MQTT-3.1.2-23", "any from the client", "client",
    "Client was silent for more than one and a half times its Keep Alive",
    "With nothing else to say the client sends PINGREQ within the Keep Alive, or the Server Keep Alive of CONNACK.")
MQTT5_RULE(KEEP_ALIVE_LATE, "keep_alive_late", NOTE, SEQUENCE,
    "MQTT-3.1.2-20 MQTT-3.1.2-21 MQTT-3.2.2-21 MQTT-3.1.2-23", "any from the client", "client",
    "Client was silent for longer than its Keep Alive",
    "Send PINGREQ some time before the Keep Alive has passed; the server closes at one and a half times.")
MQTT5_RULE(KEEP_ALIVE_NOT_ENFORCED, "keep_alive_not_enforced", NOTE, SEQUENCE,
    "MQTT-3.1.2-22 MQTT-3.1.2-24", "any from the server", "server",
    "Server goes on although the client is silent beyond its Keep Alive (suspected)",
    "The server closes the connection after one and a half times the Keep Alive without a packet of the client.")
MQTT5_RULE(KEEP_ALIVE_TIMEOUT_EARLY, "keep_alive_timeout_early", NOTE, PROTOCOL,
    "MQTT-3.2.2-22 MQTT-3.1.2-22", "DISCONNECT", "server",
    "Keep Alive timeout before its time",
    "Without Server Keep Alive the value of the CONNECT holds; 0 means no timeout.")
MQTT5_RULE(PINGRESP_MISSING, "pingresp_missing", WARN, SEQUENCE,
    "MQTT-3.12.4-1", "any from the server", "server",
    "PINGREQ was not answered",
    "The server sends one PINGRESP for each PINGREQ.")
MQTT5_RULE(PINGREQ_REPEATED, "pingreq_repeated", NOTE, SEQUENCE,
    "3.1.2.10 U-3.1.2-2", "PINGREQ", "client",
    "Client goes on although its PINGREQ has no answer",
    "Without a PINGRESP within a reasonable time the client should close the connection.")
MQTT5_RULE(PINGRESP_UNEXPECTED, "pingresp_unexpected", WARN, SEQUENCE,
    "3.13 U-3.13-1", "PINGRESP", "server",
    "PINGRESP without a PINGREQ",
    "A server sends PINGRESP only in answer to PINGREQ.")
MQTT5_RULE(CONNECT_UNANSWERED, "connect_unanswered", NOTE, SEQUENCE,
    "3.1.4 U-3.1-1 U-3.2-2", "any", "both",
    "CONNECT had no answer for a long time (suspected)",
    "The server answers in a reasonable time; a client that waits in vain should close.")
