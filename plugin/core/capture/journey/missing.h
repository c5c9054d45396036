/* missing.h
 * Messages that a subscriber should have got before the one that it gets now.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_JOURNEY_MISSING_H
#define MQTT5_CAPTURE_JOURNEY_MISSING_H

#include "core/capture/journey/search.h"

/* The oldest of the messages that come no more, since the copy is certainly of the later `message`;
 * `count` gets how many they are: those before `message` in its stream (mqtt5_originals_before()).
 * NULL if there are none, or if the capture does not show it. To be called before the copy is noted
 * as got. */
const mqtt5_original_message *mqtt5_missing_before(mqtt5_search *search, const mqtt5_original_message *message, unsigned *count);

#endif
