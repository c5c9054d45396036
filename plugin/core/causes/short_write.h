/* short_write.h
 * A PUBLISH of which not all bytes were sent, so that it swallowed the start of the next packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_SHORT_WRITE_H
#define MQTT5_CAUSES_SHORT_WRITE_H

#include "core/session/session.h"

/* Keeps the end of a PUBLISH, and its topic. Other packets change nothing. */
void mqtt5_short_write_see(const mqtt5_event *event);

/* For bytes that cannot be a packet, or a fixed header, of the sender: if the PUBLISH right before
 * them ends in bytes with which they are the start of another PUBLISH, reports that in place of all
 * findings so far, which are about bytes that were read in the wrong place. Once for each side: later
 * findings only follow from that, and go. */
void mqtt5_short_write_check(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_sender sender,
                             mqtt5_findings *findings) MQTT5_SELDOM;

/* Explains the close of a connection on which the other side has sent a PUBLISH short; `head` is
 * that of the cause. False, and nothing happens, where there was none. */
bool mqtt5_cause_of_short_write(const mqtt5_closing *closing, const char *head);

#endif
