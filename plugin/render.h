/* render.h
 * What the parts of the tree (render*.c) share. Each shows from what was frozen, never from what a connection has come to since.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_RENDER_H
#define MQTT5_RENDER_H

#include "fields.h"
#include "verdicts.h"

/* A list that goes on for longer than a person reads is shown up to here. */
#define MQTT5_LIST_MAX 1000

/* One packet on its way into the tree. */
typedef struct {
    packet_info *pinfo;
    tvbuff_t *tvb;
    uint32_t start; /* of the packet in tvb */
    proto_tree *tree;
    const mqtt5_packet *packet;
    const mqtt5_frozen_packet *frozen;
} mqtt5_rendering;

/* Marks an item as ours: all of it is our opinion on bytes that stock shows, "generated" in Wireshark's terms. Returns `item`. */
static inline proto_item *mqtt5_mark(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

/* Adds text from the wire, which may be no UTF-8, at `length` bytes from `offset` on. */
proto_item *mqtt5_add_text(const mqtt5_rendering *r, proto_tree *tree, int hf, uint32_t offset, uint32_t length, const uint8_t *text,
                           uint32_t text_length);

/* Adds a number, or a frame, to `tree`; `offset` and `length` are the bytes of the packet that it stands for. */
static inline proto_item *mqtt5_add_uint(const mqtt5_rendering *r, proto_tree *tree, int hf, uint32_t offset, uint32_t length,
                                         uint32_t value)
{
    return mqtt5_mark(proto_tree_add_uint(tree, hf, r->tvb, (int)(r->start + offset), (int)length, value));
}

/* The session that the packet belongs to: Client ID, User Name, CONNECT. */
void mqtt5_render_identity(const mqtt5_rendering *r);

/* What the packet answers, and what answers it. */
void mqtt5_render_links(const mqtt5_rendering *r);

/* The topic of a PUBLISH, whether it stands there or an alias for it, and the subscriptions that it is delivered for. */
void mqtt5_render_publication(const mqtt5_rendering *r);

/* The Topic Filter that a code of SUBACK or UNSUBACK is about: the next one from *next on, which is 0 to begin with. `item` is that of the code, which
 * stands at `offset`. */
void mqtt5_render_filter(const mqtt5_rendering *r, proto_item *item, uint8_t code, uint32_t offset, uint32_t *next);

/* All Topic Filters that an UNSUBACK without codes answers. */
void mqtt5_render_filters(const mqtt5_rendering *r);

/* What holds from a CONNACK on. */
void mqtt5_render_agreement(const mqtt5_rendering *r);

/* What a close leaves unanswered. */
void mqtt5_render_open_requests(const mqtt5_rendering *r);

/* Why the packet is a failure, or the connection ended. Nothing where that is not known. */
void mqtt5_render_cause(const mqtt5_rendering *r);

#endif
