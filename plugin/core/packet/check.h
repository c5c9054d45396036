/* check.h
 * The rules that one control packet alone can break.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_CHECK_H
#define MQTT5_PACKET_CHECK_H

#include "core/packet/packet.h"

/* Checks a decoded packet from `sender` against every rule that needs no other packet, and adds to
 * `findings`. What needs the version or the sender is silent where packet->version is 0 or `sender`
 * is unknown; fields that the capture cut off are not judged. Calls the checks below. */
void mqtt5_check_packet(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings);

/* Fixed header flags (2.1.3), packet types of the wrong side (2.1.2), Packet Identifier 0
 * (2.2.1). */
void mqtt5_check_header(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings);

/* Reason codes (MQTT 5, 2.4) and return codes (3.1.1, 3.1), lists of them included. */
void mqtt5_check_reason_codes(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings);

/* Property lists, Will Properties included (2.2.2). */
void mqtt5_check_properties(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings);

/* Connect Flags, protocol name and level, CONNACK flags (3.1.2, 3.2.2). */
void mqtt5_check_connect(const mqtt5_packet *packet, mqtt5_findings *findings);

/* UTF-8 strings (1.5.4), Topic Names and Topic Filters (4.7, 4.8.2), Subscription Options
 * (3.8.3.1). */
void mqtt5_check_text(const mqtt5_packet *packet, mqtt5_findings *findings);

#endif
