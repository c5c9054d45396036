/* shortcut.h
 * Shortcuts of the checks (check.h): what is usual breaks no rule, and is found at a glance, so
 * that the rules need not be tried one by one.
 *
 * Each shortcut claims that no rule of some kind has anything to say. A rule that is added there
 * without the shortcut being told would never run. Tests therefore build the checks a second time
 * without shortcuts (MQTT5_CHECK_IN_FULL) and compare what both find in every packet that they
 * judge.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_SHORTCUT_H
#define MQTT5_PACKET_SHORTCUT_H

#include "core/packet/packet.h"

/* How a check asks for a shortcut: true if it may pass over the rules. */
#ifdef MQTT5_CHECK_IN_FULL
#define MQTT5_SHORTCUT(condition) ((void)(condition), false)
#else
#define MQTT5_SHORTCUT(condition) (condition)
#endif

/* True if all bytes are 0x20 to 0x7E, which no rule on strings objects to. Also of no bytes at
 * all. */
bool mqtt5_is_printable(const uint8_t *data, uint32_t length);

/* True if, besides, there is at least one byte, and neither + nor #: no rule on Topic Names
 * objects. */
bool mqtt5_is_printable_topic(const uint8_t *data, uint32_t length);

/* Any sender, as in mqtt5_property_list.faultless. */
#define MQTT5_FAULTLESS_FROM_ALL (1 << MQTT5_SENDER_UNKNOWN | 1 << MQTT5_CLIENT | 1 << MQTT5_SERVER)

/* The senders from whom a property breaks no rule on properties or strings, as in
 * mqtt5_property_list.faultless. The decoder asks this of each property that it reads anyway, and
 * keeps the answer. `place` is the property list, as MQTT5_IN(); `repeated` says that the property
 * was there before. */
uint8_t mqtt5_shortcut_property(const mqtt5_packet *packet, const mqtt5_property *property, uint32_t place, bool repeated);

/* True for Subscription Options, or a requested QoS before MQTT 5, that break no rule, whatever the
 * filter. */
bool mqtt5_shortcut_options(uint8_t options, bool v5);

#endif
