/* version.h
 * The version of a connection: said by CONNECT, chosen by the user, or inferred from bytes that only
 * one version can have.
 *
 * What was inferred may be wrong, for a packet may break the standard: what most packets say counts.
 * A PUBLISH counts least. In MQTT 5 one with a fault in its properties looks like one of 3.1.1, the
 * payload of which may be anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_VERSION_H
#define MQTT5_SESSION_VERSION_H

#include "core/session/session.h"

/* Learns from a packet that is not CONNECT. */
void mqtt5_session_infer_version(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_sender sender);

/* Learns from a CONNECT. */
void mqtt5_session_learn_version(mqtt5_connection *connection, const mqtt5_packet *packet);

#endif
