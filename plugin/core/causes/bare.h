/* bare.h
 * Connections to a port of MQTT that end before a control packet was seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_BARE_H
#define MQTT5_CAUSES_BARE_H

#include "core/causes/causes.h"

/* Sets *cause to why the connection ended: the TCP connection or the TLS handshake was refused, one
 * side expects TLS and the other does not, or the client has sent nothing for as long as the server
 * waits. `connection` as in mqtt5_connection_bare(). Leaves it as it is where the capture proves none of that. */
void mqtt5_cause_of_bare(const mqtt5_connection *connection, const mqtt5_bare *bare, mqtt5_cause *cause);

#endif
