/* continuation.h
 * Shows bytes that are not a whole control packet: those after a loss, and those whose packet
 * continues in a later message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_CONTINUATION_H
#define MQTT5_DISPLAY_CONTINUATION_H

#include <epan/packet.h>

#include "core/packet/foreign.h"

/* Registers mqtt5.continuation, mqtt5.segment, mqtt5.not_mqtt and mqtt5.analysis.framing_lost. */
void mqtt5_continuation_register(int proto);

/* Shows `length` bytes of `tvb` from `offset` on as a continuation, because they begin within a
 * control packet. `first`: they are the first bytes after a loss, which gets a note. `tree` may be
 * NULL. */
void mqtt5_render_continuation(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length, bool first);

/* The same in the columns, for a frame that contains nothing else. */
void mqtt5_columns_continuation(packet_info *pinfo);

/* Shows the first `length` bytes of `tvb`, which are of another protocol, not MQTT5_FOREIGN_NONE.
 * `alone`: the frame contains nothing else, so that the columns name it, too. `tree` may be
 * NULL. */
void mqtt5_render_foreign(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, mqtt5_foreign kind, uint32_t length, bool alone);

/* Shows `length` bytes of `tvb` from `offset` on as part of a control packet that a later message
 * completes. `tree` may be NULL. */
void mqtt5_render_segment(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length);

#endif
