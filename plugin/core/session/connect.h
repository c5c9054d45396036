/* connect.h
 * What session/connect.c offers besides its part in the list of modules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_CONNECT_H
#define MQTT5_SESSION_CONNECT_H

#include "core/session/session.h"

/* Reports connect_not_first, which applies to every version. */
void mqtt5_connect_report_not_first(mqtt5_findings *findings);

/* The event is a CONNACK, and the version is not known, so that it cannot be judged. Where it answers
 * a CONNECT of a version that nobody knows, its code is kept for the cause of the close. */
void mqtt5_connect_unreadable_connack(const mqtt5_event *event);

#endif
