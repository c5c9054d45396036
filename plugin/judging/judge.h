/* judge.h
 * Judges the control packets of all carriers, once. judging/frozen.h has the results for every
 * pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_JUDGING_JUDGE_H
#define MQTT5_JUDGING_JUDGE_H

#include "judging/batch.h"

/* Judges the packets of a batch on the frame's first visit, and freezes the results. Call it on
 * every pass; later passes only set the batch's ordinal. Calls no dissector. */
void mqtt5_judge(packet_info *pinfo, mqtt5_batch *batch);

/* Judges the close of a connection on the frame's first visit. Freezes the result only if there are
 * findings, a cause or open requests. `batch` has the ordinal MQTT5_CLOSE_ORDINAL, the network, and
 * room for one packet. */
void mqtt5_judge_close(packet_info *pinfo, mqtt5_batch *batch, const mqtt5_close *close);

/* The same for a connection without control packets. `network` is its Network Connection. */
void mqtt5_judge_bare(packet_info *pinfo, mqtt5_network *network, const mqtt5_bare *bare);

/* The frame has a ServerHello that agrees on this version (mqtt5_connection_hello()), on its first
 * visit. Freezes the findings, which mqtt5_render_alone() shows. */
void mqtt5_judge_hello(packet_info *pinfo, mqtt5_network *network, unsigned version);

/* The frame has the answer to a client that wants MQTT over WebSocket (mqtt5_connection_upgrade()), on
 * its first visit. Freezes the findings, which mqtt5_render_alone() shows. */
void mqtt5_judge_upgrade(packet_info *pinfo, mqtt5_network *network, const mqtt5_upgrade *upgrade);

/* Takes the bytes of a batch without packets, which are of another protocol, on the frame's first
 * visit; `gap` as in mqtt5_input. Freezes the findings, which mqtt5_render_alone() shows. */
void mqtt5_judge_foreign(packet_info *pinfo, const mqtt5_batch *batch, mqtt5_foreign kind, bool gap);

/* Judges the fixed header of the packet that begins at `offset` in the bytes of a batch, and that
 * later bytes complete: `length` is what it announces, 0 if that is not known yet; `gap` as in
 * mqtt5_input. On the frame's first visit, after mqtt5_judge(); mqtt5_render_alone() shows the findings. */
void mqtt5_judge_header(packet_info *pinfo, const mqtt5_batch *batch, uint32_t offset, uint32_t length, bool gap);

/* To be called when the dissection of a frame is over, so that the frame can be dissected again.
 * Returns the network of its last batch; NULL if it had none. */
mqtt5_network *mqtt5_judge_frame_done(const packet_info *pinfo);

#endif
