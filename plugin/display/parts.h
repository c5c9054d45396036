/* parts.h
 * What the parts of the tree share. They show frozen results only, never the current state of a
 * connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_PARTS_H
#define MQTT5_DISPLAY_PARTS_H

#include "display/fields.h"
#include "judging/frozen.h"

/* Longer lists than anybody reads are shown up to here. */
#define MQTT5_LIST_MAX 1000

/* One packet that is being added to the tree. */
typedef struct {
    packet_info *pinfo;
    tvbuff_t *tvb;
    uint32_t start; /* of the packet in tvb */
    proto_tree *tree;
    const mqtt5_packet *packet;
    const mqtt5_frozen_packet *frozen;
} mqtt5_rendering;

/* Marks an item as "generated" in Wireshark's terms: it is our analysis of bytes that stock shows.
 * Returns `item`. */
static inline proto_item *mqtt5_mark(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

/* Adds text from the wire, which need not be valid UTF-8, for `length` bytes from `offset` on. */
proto_item *mqtt5_add_text(const mqtt5_rendering *r, proto_tree *tree, int hf, uint32_t offset, uint32_t length, const uint8_t *text,
                           uint32_t text_length);

/* Adds a number, or a frame, to `tree`; `offset` and `length` are its bytes in the packet. */
static inline proto_item *mqtt5_add_uint(const mqtt5_rendering *r, proto_tree *tree, int hf, uint32_t offset, uint32_t length,
                                         uint32_t value)
{
    return mqtt5_mark(proto_tree_add_uint(tree, hf, r->tvb, (int)(r->start + offset), (int)length, value));
}

/* The session of the packet: Client ID, User Name, CONNECT. */
void mqtt5_render_identity(const mqtt5_rendering *r);

/* The request that the packet answers, and its own answer. */
void mqtt5_render_links(const mqtt5_rendering *r);

/* The topic of a PUBLISH, even if it was sent as an alias, and the subscriptions that it
 * matches. */
void mqtt5_render_publication(const mqtt5_rendering *r);

/* The message that the PUBLISH is a copy of, or its copies. */
void mqtt5_render_journey(const mqtt5_rendering *r);
/* The request that a response is for, and the response to a request. */
void mqtt5_render_rpc(const mqtt5_rendering *r, const mqtt5_rpc *rpc);

/* The Topic Filter that a code of SUBACK or UNSUBACK is about: the one at *next, which is 0 for the
 * first; it is then set to the following one. `item` is the item of the code, which is at
 * `offset`. */
void mqtt5_render_filter(const mqtt5_rendering *r, proto_item *item, uint8_t code, uint32_t offset, uint32_t *next);

/* All Topic Filters of the request that an UNSUBACK without codes answers. */
void mqtt5_render_filters(const mqtt5_rendering *r);

/* The values that apply to the connection after a CONNACK. */
void mqtt5_render_agreement(const mqtt5_rendering *r);

/* The requests that a close leaves unanswered. */
void mqtt5_render_open_requests(const mqtt5_rendering *r);

/* The cause of a failure, or of the end of a connection. Adds nothing if it is not known. */
void mqtt5_render_cause(const mqtt5_rendering *r);

#endif
