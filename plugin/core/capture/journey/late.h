/* late.h
 * Messages that come to a subscriber long after they were published.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_JOURNEY_LATE_H
#define MQTT5_CAPTURE_JOURNEY_LATE_H

#include "core/capture/journey/search.h"

/* Of a copy to `link` that is certainly of `message`, and for a subscription rather than retained: reports that it
 * comes late, and what the capture shows of the reason. `waited` is the time from the last byte of the
 * message to the first of the copy, not negative. Of several late ones in a row the first is
 * reported, the tenth, and so on. */
void mqtt5_late_check(mqtt5_search *search, mqtt5_capture_link *link, const mqtt5_original_message *message, int64_t waited);

#endif
