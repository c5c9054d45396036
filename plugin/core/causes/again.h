/* again.h
 * Ends that repeat: the same side of each connection of a client closes right after the same packet.
 * Internal to causes/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_AGAIN_H
#define MQTT5_CAUSES_AGAIN_H

#include "core/session/session.h"

/* Notes the topic of a PUBLISH, or the first Topic Filter of a SUBSCRIBE or UNSUBSCRIBE, in case it is
 * the last packet of its sender. Other packets change nothing. */
void mqtt5_again_see(const mqtt5_event *event);

/* For a close that nothing else explains. Sets its cause, headed by `head`, if the last connection
 * of the client has ended after the same packet; else returns false. Remembers it for the next
 * one. Silent where bytes are missing from the capture. */
bool mqtt5_cause_of_repetition(const mqtt5_closing *closing, const char *head);

#endif
