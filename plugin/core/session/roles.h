/* roles.h
 * Which direction of a connection comes from the Client, and which from the Server.
 *
 * The Client opens the Network Connection (MQTT 5.0, 1.2), so the TCP handshake decides. Without it
 * the packets do, by majority: a single one may be wrong, or bytes of a payload that look like a
 * packet. A port is only a first guess; the registered ports of MQTT count as much as two packets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_ROLES_H
#define MQTT5_SESSION_ROLES_H

#include "core/session/session.h"

/* Learns from the type of a packet, and from what is known of its connection. Returns its sender,
 * unknown while nothing tells, or as much speaks for one as for the other. When packets show that
 * the roles are the other way round, what the sides have said changes sides with them. */
mqtt5_sender mqtt5_roles_learn(mqtt5_connection *connection, const mqtt5_input *input);

/* Takes the end that sends in `direction` for the Client, unless the TCP handshake says otherwise:
 * what it sends is of another protocol, and only a client begins with it. */
void mqtt5_roles_assume(mqtt5_connection *connection, uint8_t direction);

/* The sender of what comes in a direction, as known now. */
mqtt5_sender mqtt5_roles_sender(const mqtt5_connection *connection, uint8_t direction);

/* True if the roles are more than a guess by a port that is not registered for MQTT. */
bool mqtt5_roles_sure(const mqtt5_connection *connection);

#endif
