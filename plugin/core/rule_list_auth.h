/* rule_list_auth.h
 * Rules on enhanced authentication: session_auth.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

/* Enhanced authentication (4.12): session_auth.c */
MQTT5_RULE(AUTHENTICATION_UNASKED, "authentication_unasked", WARN, PROTOCOL,
    "MQTT-4.12.0-6 MQTT-4.12.0-7 U-3.15-1", "AUTH CONNACK", "both",
    "Enhanced authentication that the CONNECT did not ask for",
    "Without an Authentication Method in CONNECT there is no AUTH, and none in CONNACK.")
MQTT5_RULE(AUTHENTICATION_METHOD_CHANGED, "authentication_method_changed", WARN, PROTOCOL,
    "MQTT-4.12.0-5 MQTT-4.12.1-1 U-3.15-1", "AUTH CONNACK", "both",
    "Authentication Method is not that of the CONNECT",
    "All AUTH packets and a successful CONNACK repeat the Authentication Method of the CONNECT, re-authentication included.")
MQTT5_RULE(CONNACK_AUTHENTICATION_METHOD_MISSING, "connack_authentication_method_missing", WARN, PROTOCOL,
    "MQTT-4.12.0-5", "CONNACK", "server",
    "CONNACK without the Authentication Method of the CONNECT",
    "A server that knows no enhanced authentication refuses with 0x8c (Bad authentication method); one that does repeats the method.")
MQTT5_RULE(AUTHENTICATION_REASON_CODE, "authentication_reason_code", WARN, SEQUENCE,
    "MQTT-4.12.0-2 MQTT-4.12.0-3 MQTT-4.12.1-1 U-4.12.1-2", "AUTH", "both",
    "Reason code of AUTH does not fit the state of the exchange",
    "0x18 goes on with an exchange; 0x19 from the client opens one after CONNACK, and 0x00 from the server ends that.")
MQTT5_RULE(AUTHENTICATION_OUT_OF_TURN, "authentication_out_of_turn", WARN, SEQUENCE,
    "4.12 U-4.12-1 U-4.12.1-1", "AUTH", "both",
    "AUTH out of turn",
    "The two sides take turns; the server begins after CONNECT, the client with AUTH 0x19 after CONNACK.")
MQTT5_RULE(AUTHENTICATION_OTHER_PACKET, "authentication_other_packet", WARN, SEQUENCE,
    "MQTT-3.1.2-30", "any from the client", "client",
    "Packet of the client before its authentication is complete",
    "After a CONNECT with an Authentication Method send only AUTH or DISCONNECT until CONNACK has come.")
