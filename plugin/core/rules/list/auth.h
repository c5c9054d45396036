/* auth.h
 * Rules on enhanced authentication: session/auth.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Enhanced authentication (4.12)")
MQTT5_RULE(authentication_unasked, WARN, PROTOCOL, CERTAIN, SENDER, AUTH | CONNACK,
    SINCE_5("MQTT-4.12.0-6"),
    "Enhanced authentication that the CONNECT did not ask for",
    "Without an Authentication Method in CONNECT there is no AUTH, and none in CONNACK.")
MQTT5_RULE(authentication_method_changed, WARN, PROTOCOL, CERTAIN, SENDER, AUTH | CONNACK,
    SINCE_5("MQTT-4.12.0-5"),
    "Authentication Method is not that of the CONNECT",
    "All AUTH packets and a successful CONNACK repeat the Authentication Method of the CONNECT, re-authentication included.")
MQTT5_RULE(connack_authentication_method_missing, WARN, PROTOCOL, CERTAIN, SERVER, CONNACK,
    SINCE_5("MQTT-4.12.0-5"),
    "CONNACK without the Authentication Method of the CONNECT",
    "A server without enhanced authentication refuses with 0x8c (Bad authentication method); one that has it repeats the method.")
MQTT5_RULE(authentication_reason_code, WARN, SEQUENCE, CERTAIN, SENDER, AUTH,
    SINCE_5("MQTT-4.12.0-2"),
    "Reason code of AUTH does not fit the state of the exchange",
    "0x18 continues an exchange; after CONNACK, 0x19 from the client opens one and 0x00 from the server ends it.")
MQTT5_RULE(authentication_out_of_turn, WARN, SEQUENCE, CERTAIN, SENDER, AUTH,
    SINCE_5("4.12"),
    "AUTH out of turn",
    "The two sides take turns; the server begins after CONNECT, the client with AUTH 0x19 after CONNACK.")
MQTT5_RULE(authentication_other_packet, WARN, SEQUENCE, CERTAIN, CLIENT, ANY,
    SINCE_5("MQTT-3.1.2-30"),
    "Packet of the client before its authentication is complete",
    "After a CONNECT with an Authentication Method send only AUTH or DISCONNECT until CONNACK has come.")
