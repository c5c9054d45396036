/* ping.h
 * What session/ping.c knows that causes and requests ask for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_PING_H
#define MQTT5_SESSION_PING_H

#include "core/session/session.h"

/* A PINGREQ is answered within this time, if at all: "a reasonable amount of time" (3.1.2.10), for
 * which the standard has no number. */
#define MQTT5_PING_PATIENCE (10 * MQTT5_SECOND)

/* The oldest PINGREQ without an answer, and when it was (mqtt5_input.time). False if there is
 * none. */
bool mqtt5_ping_open(const mqtt5_connection *connection, uint32_t *frame, int64_t *time);

#endif
