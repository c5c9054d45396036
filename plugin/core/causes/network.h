/* network.h
 * What TCP shows of a connection that ended: bytes that never arrived, a receiver that does not
 * read, a peer that is gone. Internal to causes/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_NETWORK_H
#define MQTT5_CAUSES_NETWORK_H

#include "core/session/session.h"

/* Sets the cause of the close, headed by `head`, to what TCP shows, if that explains it; else changes
 * nothing and returns false. */
bool mqtt5_cause_of_network(const mqtt5_closing *closing, const char *head);

/* Sets the cause of a RST that closes nothing (mqtt5_close.stale) to that; nothing without a transport. */
void mqtt5_cause_of_stale_reset(const mqtt5_closing *closing);

#endif
