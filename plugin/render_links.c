/* render_links.c
 * Shows what a packet answers and when, what answers it, and what is never answered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "clock.h"
#include "render.h"

static void render_answer(const mqtt5_rendering *r, const mqtt5_answer *answer)
{
    unsigned type = r->frozen->verdict.type;
    proto_item *item;

    if (answer->frame == 0)
        return;
    if (!answer->never) {
        /* The end of a connection has no answer, but may have released a Will. */
        mqtt5_add_uint(r, r->tree, type == MQTT5_DISCONNECT || type == MQTT5_CLOSE ? mqtt5_hf.will_in : mqtt5_hf.response_in, 0, 0,
                       answer->frame);
        return;
    }
    item = mqtt5_mark(proto_tree_add_item(r->tree, mqtt5_hf.unanswered, r->tvb, 0, 0, ENC_NA));
    proto_item_append_text(item, ": no answer on this connection (frame %u shows it)", answer->frame);
    mqtt5_add_uint(r, proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_UNANSWERED]), mqtt5_hf.unanswered_known_in, 0, 0, answer->frame);
}

void mqtt5_render_links(const mqtt5_rendering *r)
{
    const mqtt5_verdict *verdict = &r->frozen->verdict;
    int64_t elapsed;
    nstime_t time;

    if (verdict->request_frame != 0) {
        elapsed = mqtt5_frame_time(r->pinfo) - verdict->request_time;
        time.secs = (time_t)(elapsed / 1000000000);
        time.nsecs = (int)(elapsed % 1000000000);
        mqtt5_add_uint(r, r->tree, mqtt5_hf.request_in, 0, 0, verdict->request_frame);
        mqtt5_mark(proto_tree_add_time(r->tree, mqtt5_hf.response_time, r->tvb, 0, 0, &time));
    }
    if (verdict->type == MQTT5_CONNACK && verdict->detail.agreement && verdict->detail.agreement->authentication_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.request_in, 0, 0, verdict->detail.agreement->authentication_frame);
    if (verdict->type == MQTT5_CONNECT && verdict->detail.authentication)
        render_answer(r, verdict->detail.authentication);
    render_answer(r, &verdict->answer);
}

void mqtt5_render_open_requests(const mqtt5_rendering *r)
{
    const mqtt5_open_requests *open = r->frozen->verdict.detail.open;
    proto_tree *tree;

    if (!open)
        return;
    tree =
        proto_item_add_subtree(mqtt5_add_uint(r, r->tree, mqtt5_hf.unanswered_count, 0, 0, open->count), mqtt5_ett[MQTT5_ETT_UNANSWERED]);
    for (uint32_t i = 0; i < open->shown; i++)
        mqtt5_add_uint(r, tree, mqtt5_hf.unanswered_request, 0, 0, open->frames[i]);
    if (open->shown < open->count)
        proto_item_append_text(proto_tree_get_parent(tree), ", the first %u of them below", open->shown);
}
