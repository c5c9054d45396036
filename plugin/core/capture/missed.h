/* missed.h
 * Subscriptions that went with a session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_MISSED_H
#define MQTT5_CAPTURE_MISSED_H

#include "core/capture/parts.h"

/* At CONNACK: counts in `link` the subscriptions of `older`, the client's connection before (NULL: not
 * certain), if the client asked for its session and the server has none. */
void mqtt5_capture_note_missed(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_link *older);

/* At each later packet, while link->missed_subscriptions is not 0: reports that the client does something
 * else than subscribe, for so long that it will not; forgets them where it does, or bytes are missing. */
void mqtt5_capture_check_missed(const mqtt5_event *event, mqtt5_capture_link *link);

#endif
