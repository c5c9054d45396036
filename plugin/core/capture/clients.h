/* clients.h
 * What capture/clients.c offers besides its part in the list of modules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_CLIENTS_H
#define MQTT5_CAPTURE_CLIENTS_H

#include "core/session/session.h"

/* A packet of a connection whose version is not known, other than CONNECT and CONNACK: the connection
 * may be that of any client, and publish anything. */
void mqtt5_capture_see_unknown(const mqtt5_event *event);

#endif
