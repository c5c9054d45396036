/* foreign.h
 * Bytes of another protocol on a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_FOREIGN_H
#define MQTT5_CAUSES_FOREIGN_H

#include "core/packet/foreign.h"
#include "core/session/session.h"

/* A side (`sender`, or MQTT5_SENDER_UNKNOWN) has sent the bytes of `input`, the first ones of its
 * direction, which are `kind`, not MQTT5_FOREIGN_NONE: reports not_mqtt, once on a connection, and
 * notes them for mqtt5_cause_of_foreign(). */
void mqtt5_foreign_see(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_foreign kind, mqtt5_sender sender,
                       mqtt5_findings *findings);

/* Explains the close of a connection on which another protocol was spoken; `head` is that of the
 * cause. False, and nothing happens, where that does not explain it. */
bool mqtt5_cause_of_foreign(mqtt5_closing *closing, const char *head);

#endif
