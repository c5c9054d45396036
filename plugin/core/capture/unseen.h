/* unseen.h
 * What the capture lacks of the connections to a server: bytes, a direction, whose connection it is.
 * What a client may have said there, rules that compare connections do not judge.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_UNSEEN_H
#define MQTT5_CAPTURE_UNSEEN_H

#include "core/capture/parts.h"

/* Before a packet or a close in `frame` is judged: bytes of the connection, which has a link,
 * may be missing. */
void mqtt5_capture_learn_loss(mqtt5_connection *connection, uint32_t frame);

/* A packet of `sender`, or the close (MQTT5_SENDER_UNKNOWN): while the capture has only the server's
 * packets, the client may say anything, unseen. */
void mqtt5_capture_learn_unheard(mqtt5_capture_link *link, mqtt5_sender sender);

/* A packet, in `frame` at `now`, of a connection whose client is not known. */
void mqtt5_capture_learn_unnamed(mqtt5_capture_link *link, uint32_t frame, int64_t now);

/* True if the client of `link` may have had a connection after `older` that is not in the capture, or
 * not known to be the client's. */
bool mqtt5_capture_may_be_between(const mqtt5_capture_link *link, const mqtt5_capture_link *older);

#endif
