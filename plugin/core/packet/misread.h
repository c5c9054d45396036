/* misread.h
 * Packets that cannot be read, and in which one known slip of the sender explains why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_MISREAD_H
#define MQTT5_PACKET_MISREAD_H

#include "core/packet/packet.h"
#include "core/rules/finding.h"

/* True if the bytes begin with a CONNECT whose Remaining Length, above 127, is written in one byte:
 * its Protocol Name follows at once (MQTT 5.0, 1.5.5 and 2.1.4). Where it really ends, nobody can
 * tell from its bytes. */
bool mqtt5_misread_length(const uint8_t *data, uint32_t available);

/* Looks for such a slip in a packet that is MQTT5_MALFORMED: a Remaining Length as above, or a
 * Property Length that is left out [MQTT-2.2.2-1]. If there is one, it takes the place of all
 * findings so far, which are about bytes that were read in the wrong place. */
void mqtt5_misread_check(const mqtt5_packet *packet, mqtt5_findings *findings) MQTT5_SELDOM;

#endif
