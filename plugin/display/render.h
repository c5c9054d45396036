/* render.h
 * Shows the results on every pass: in the tree, as expert infos, in the Info column, and to the
 * listeners of the tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_RENDER_H
#define MQTT5_DISPLAY_RENDER_H

#include "judging/batch.h"

/* Shows a batch: subtree and expert infos below the item of each packet (or below `tree` if it has
 * none), Info column, tap. If `tree` is NULL, it does only what needs no tree (expert tap, Info
 * column, tap). Call it on every pass, after mqtt5_judge(), and after stock has dissected the same
 * bytes. */
void mqtt5_render(packet_info *pinfo, proto_tree *tree, const mqtt5_batch *batch);

/* Shows what was found in a frame beside its packets, if there is any: on bytes that are no whole
 * packet (MQTT5_BYTES_ORDINAL), and on a close. `tvb` has the frame. Call it once for a frame, on
 * every pass, after all of its packets. */
void mqtt5_render_alone(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb);

#endif
