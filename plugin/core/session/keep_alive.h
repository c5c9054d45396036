/* keep_alive.h
 * What session/keep_alive.c knows that causes ask for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_KEEP_ALIVE_H
#define MQTT5_SESSION_KEEP_ALIVE_H

#include "core/session/session.h"

/* The Keep Alive that applies, in seconds, the frame that sets it, and whether that is a CONNACK
 * with a Server Keep Alive. False where the capture does not show it; nothing is set then. */
bool mqtt5_keep_alive_agreed(const mqtt5_connection *connection, uint32_t *seconds, uint32_t *frame, bool *by_server);

/* How much time has surely passed from `since`, the time of `frame` or later, until `now`, in
 * nanoseconds. 0 if the capture holds no frame at all for longer than the Keep Alive, or 10 s where
 * that is not known: then nobody knows how long that was. */
int64_t mqtt5_keep_alive_passed(const mqtt5_connection *connection, const mqtt5_pauses *pauses, uint32_t frame, int64_t since, int64_t now);

#endif
