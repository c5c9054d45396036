/* version.h
 * The version of a connection whose CONNECT was not captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_VERSION_H
#define MQTT5_PACKET_VERSION_H

#include "core/packet/packet.h"

/* Decides from one control packet whether it can only be MQTT 5.0, only 3.1.1 (3.1 looks the same),
 * or, with a DUP that no later version has, only 3.1: it is sound under one of them and not under
 * the others. `sender` must be MQTT5_SENDER_UNKNOWN unless it was seen, not guessed. Returns 5, 4, 3,
 * or 0 where several or none fit, or bytes are missing. */
unsigned mqtt5_version_infer(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender);

/* True if these bytes are a sound packet of `sender` in every version: they do not show the
 * version, but are almost certainly MQTT. */
bool mqtt5_version_any(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender);

#endif
