/* plain.h
 * Strings that no rule has anything to say of, as most are: told at a glance.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PLAIN_H
#define MQTT5_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

/* True if all bytes are 0x20 to 0x7E: no rule on strings has anything to say of those. Also of no bytes at all. */
bool mqtt5_is_plain_text(const uint8_t *data, uint32_t length);

/* True if, besides, there is at least one, and neither + nor #: no rule on Topic Names has anything to say of those either. */
bool mqtt5_is_plain_topic(const uint8_t *data, uint32_t length);

#endif
