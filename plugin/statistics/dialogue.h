/* dialogue.h
 * Control packets in plain words, for Follow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_DIALOGUE_H
#define MQTT5_STATISTICS_DIALOGUE_H

#include "statistics/tap.h"

/* Appends what packet `number` of a record says: a line in plain words, a line for each finding and
 * for the cause, and the payload of a PUBLISH as it was sent. A close is one, too. Passwords and
 * authentication data are not shown. Appends nothing for what is no packet and has no findings. */
void mqtt5_dialogue_append(GString *text, const mqtt5_tap_record *record, unsigned number, packet_info *pinfo);

#endif
