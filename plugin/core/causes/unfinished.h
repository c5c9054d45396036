/* unfinished.h
 * A packet that never became whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_UNFINISHED_H
#define MQTT5_CAUSES_UNFINISHED_H

#include "core/session/session.h"

/* Reports packet_unfinished where the side that closes has sent only a part of a packet. Silent
 * where bytes are missing from the capture. */
void mqtt5_unfinished_closed(mqtt5_closing *closing);

/* Explains the close of a connection on which one side had sent only a part of a packet; `head` is
 * that of the cause. False, and nothing happens, where there is none, or bytes are missing from the
 * capture. */
bool mqtt5_cause_of_unfinished(mqtt5_closing *closing, const char *head);

#endif
