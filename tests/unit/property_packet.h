/* property_packet.h
 * Whole packets around a property list that a test wrote.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PROPERTY_PACKET_H
#define PROPERTY_PACKET_H

#include "judged.h"
#include "oracle.h"

/* The 14 property lists: 13 packet types and Will Properties. */
#define PROPERTY_LISTS 14
extern const mqtt5_packet_type property_lists[PROPERTY_LISTS];

/* A packet with this property list, in which everything else is legal. To be freed. */
GByteArray *property_packet(mqtt5_packet_type list, const GByteArray *properties);

/* Appends property `id` with a legal value: its number, or a short text. */
void property_add(GByteArray *properties, guint id, guint32 number);

/* The smallest legal number of a property, which is the same in all lists; 0 for other types. */
guint32 property_legal_number(guint id);

#endif
