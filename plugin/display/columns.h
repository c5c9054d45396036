/* columns.h
 * What the plugin adds to stock's text in the packet list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_COLUMNS_H
#define MQTT5_DISPLAY_COLUMNS_H

#include "judging/frozen.h"

/* Registers the preference mqtt5.info_column. */
void mqtt5_columns_register(int proto);

/* Appends to the Info column the reason codes other than 0x00 of a batch, and a mark for
 * findings. */
void mqtt5_columns_append(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets);

#endif
