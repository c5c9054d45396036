/* render_session.c
 * Shows which session a packet belongs to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "render.h"

void mqtt5_render_identity(const mqtt5_rendering *r)
{
    const mqtt5_identity *identity = r->frozen->verdict.identity;
    proto_item *item;

    if (!identity)
        return;
    if (identity->client_id) {
        item = mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.client_id, r->tvb, 0, 0, identity->client_id));
        if (identity->assigned)
            proto_item_append_text(item, " (assigned by the server)");
    }
    if (identity->user_name)
        mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.user_name, r->tvb, 0, 0, identity->user_name));
    if (r->frozen->verdict.type != MQTT5_CONNECT)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.connect_in, 0, 0, identity->connect_frame);
}
