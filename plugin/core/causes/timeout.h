/* timeout.h
 * Ends that have a reason in common with ends of other connections: something that closes idle
 * connections, or a server that is gone. Internal to causes/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_TIMEOUT_H
#define MQTT5_CAUSES_TIMEOUT_H

#include "core/session/session.h"

/* For a close by the server that nothing else explains. Sets its cause, headed by `head`, if it is
 * the third of its kind at least; else returns false. Remembers it for those that follow. */
bool mqtt5_cause_of_timeout(const mqtt5_closing *closing, const char *head);

#endif
