/* continuation.h
 * Shows bytes that are no whole control packet: those behind a loss, and those whose packet goes on in a later message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CONTINUATION_H
#define MQTT5_CONTINUATION_H

#include <epan/packet.h>

/* Registers mqtt5.continuation, mqtt5.segment and mqtt5.analysis.framing_lost. */
void mqtt5_continuation_register(int proto);

/* Shows `length` bytes of `tvb` from `offset` on as a continuation: they begin within a control packet. `first`: they are the first behind
 * a loss, which is worth a note. `tree` may be NULL. */
void mqtt5_render_continuation(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length, bool first);

/* The same in the columns, for a frame with nothing else. */
void mqtt5_columns_continuation(packet_info *pinfo);

/* Shows the bytes from `offset` to the end of `tvb` as part of a control packet that is put together in a later message. `tree` may be
 * NULL. */
void mqtt5_render_segment(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length);

#endif
