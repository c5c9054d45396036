/* limits.h
 * What session/limits.c offers besides its part in the list of modules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_LIMITS_H
#define MQTT5_SESSION_LIMITS_H

#include "core/session/session.h"

/* Reports a packet of the client that goes beyond what the CONNACK granted, which must have been
 * seen. `what` says so, and gets the frame of the CONNACK added. A client that had the CONNACK when
 * it sent the packet breaks `rule`, with `clause` (NULL: that of the rule); else the remark is
 * sent_before_connack (3.1.4). Returns true for the former. */
bool mqtt5_limits_report(const mqtt5_event *event, mqtt5_rule_id rule, const char *clause, mqtt5_range range, const char *what);

/* Checks the size that a fixed header announces, before the rest of the packet has come. The packet
 * itself is not checked again. */
void mqtt5_limits_announce(const mqtt5_event *event);

#endif
