/* version.h
 * The version of a connection whose CONNECT was not captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_VERSION_H
#define MQTT5_VERSION_H

#include "check.h"

/* Decides from one control packet whether it can only be MQTT 5.0 or only MQTT 3.1.1 (3.1 looks the same): it is sound under one of them and not under the
 * other. `sender` must be MQTT5_SENDER_UNKNOWN unless it was seen, not guessed. Returns 5, 4, or 0 where both or neither fit, or bytes are missing. */
unsigned mqtt5_version_infer(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender);

/* True if these bytes are a sound packet of `sender` in every version: they say nothing of the version, but can hardly be anything else than MQTT. */
bool mqtt5_version_any(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender);

#endif
