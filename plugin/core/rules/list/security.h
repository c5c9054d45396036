/* security.h
 * What weakens security, for those who ask for it: capture/security.c. A part of rule_list.h, in its
 * form.
 *
 * None of this breaks the standard; its chapter 5, which is not normative, advises against it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */

MQTT5_RULE_SECTION("Security, on request (preference mqtt5.security)")
MQTT5_RULE(security_credentials_in_clear, NOTE, SECURITY, CERTAIN, NOBODY, CONNECT,
    CLAUSES("5.4.5", SAME, "3.1"),
    "User Name or Password in clear",
    "Use TLS: whoever sees these packets can use what is in them.")
MQTT5_RULE(security_no_user_name, NOTE, SECURITY, CERTAIN, NOBODY, CONNACK,
    CLAUSES("5.4.1", SAME, "3.1"),
    "Connection accepted without a User Name",
    "Let no client in without a User Name and a Password, or a certificate (in mosquitto: allow_anonymous false).")
MQTT5_RULE(security_client_id_shared, NOTE, SECURITY, CERTAIN, NOBODY, CONNECT,
    CLAUSES("5.4.8", SAME, "3.1"),
    "Client Identifier comes from many addresses",
    "A client that moves is harmless; copies of a device, or of its credentials, are not: give each its own.")
MQTT5_RULE(security_password_shared, NOTE, SECURITY, CERTAIN, NOBODY, CONNECT,
    CLAUSES("5.4.8", SAME, "3.1"),
    "Password comes from many addresses",
    "Give each device a password of its own: one that many have cannot be taken back from one.")
MQTT5_RULE(security_tls_version, NOTE, SECURITY, CERTAIN, NOBODY, BYTES,
    CLAUSES("5.4.5", SAME, "3.1"),
    "Server agrees on a version of TLS before 1.2",
    "Turn TLS 1.0, TLS 1.1 and SSL off in server and client: RFC 8996 forbids them (in mosquitto: tls_version tlsv1.2).")
MQTT5_RULE(security_wide_subscription, NOTE, SECURITY, CERTAIN, NOBODY, SUBACK,
    CLAUSES("5.4.2", SAME, "3.8"),
    "Subscription to everything, or to $SYS, is granted",
    "Restrict by access control what a client may read.")
