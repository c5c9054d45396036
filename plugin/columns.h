/* columns.h
 * What the packet list says beside stock's words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_COLUMNS_H
#define MQTT5_COLUMNS_H

#include "verdicts.h"

/* Registers the preference that switches it off. */
void mqtt5_columns_register(int proto);

/* Appends to the Info column what the packets of a batch have to say: reason codes other than 0x00, and a mark for findings. */
void mqtt5_columns_append(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets);

#endif
