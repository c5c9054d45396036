/* listener.h
 * What a listener that closes on a CONNECT may expect instead. Internal to causes/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_LISTENER_H
#define MQTT5_CAUSES_LISTENER_H

#include "core/session/session.h"

/* A CONNACK: if it accepts, the server takes connections like this one. */
void mqtt5_listener_see(const mqtt5_event *event);

/* Adds to the cause of a close without CONNACK, after a CONNECT without a fault: what the server may
 * expect, without what the connections exclude that it has accepted on this port. */
void mqtt5_listener_add(const mqtt5_connection *connection, mqtt5_cause *cause);

#endif
