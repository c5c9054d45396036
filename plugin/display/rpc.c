/* rpc.c
 * Shows which request a response is for, how long it took and where, and what a request has got.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/parts.h"

#include "clock.h"

static void render_unanswered(const mqtt5_rendering *r, const mqtt5_rpc *rpc)
{
    proto_item *item = mqtt5_mark(proto_tree_add_item(r->tree, mqtt5_hf.rpc_unanswered, r->tvb, 0, 0, ENC_NA));

    switch (rpc->reason) {
    case MQTT5_RPC_NO_SUBSCRIBER:
        proto_item_append_text(item, ": the server has no subscriber for the request, as frame %u says", rpc->unanswered_frame);
        break;
    case MQTT5_RPC_REFUSED: proto_item_append_text(item, ": the server refuses the request in frame %u", rpc->unanswered_frame); break;
    default:
        proto_item_append_text(item, ": none came to this client before its session ended in frame %u", rpc->unanswered_frame);
        if (rpc->published_frame != 0)
            proto_item_append_text(item, ", though one was published in frame %u", rpc->published_frame);
        else if (rpc->reached_frame != 0)
            proto_item_append_text(item, "; the request was delivered in frame %u", rpc->reached_frame);
        break;
    }
    mqtt5_add_uint(r, proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_UNANSWERED]), mqtt5_hf.rpc_unanswered_known_in, 0, 0,
                   rpc->unanswered_frame);
}

static void render_request_in(const mqtt5_rendering *r, const mqtt5_rpc *rpc)
{
    proto_item *item = mqtt5_add_uint(r, r->tree, mqtt5_hf.rpc_request_in, 0, 0, rpc->request_frame);

    if (rpc->by_topic)
        proto_item_append_text(item, " (by the Response Topic alone; there is no Correlation Data)");
}

static void render_time(const mqtt5_rendering *r, const mqtt5_rpc *rpc)
{
    bool by_responder = r->frozen->facts.sender == MQTT5_CLIENT;
    nstime_t time = mqtt5_nstime(rpc->time);
    proto_item *item =
        mqtt5_mark(proto_tree_add_time(r->tree, by_responder ? mqtt5_hf.rpc_responder_time : mqtt5_hf.rpc_time, r->tvb, 0, 0, &time));

    if (rpc->responder_request_frame != 0)
        proto_item_append_text(item, ", of which %.9f seconds inside the responder, from frame %u to frame %u",
                               mqtt5_seconds(rpc->responder_time), rpc->responder_request_frame, rpc->responder_response_frame);
}

void mqtt5_render_rpc(const mqtt5_rendering *r, const mqtt5_rpc *rpc)
{
    if (rpc->request_frame != 0)
        render_request_in(r, rpc);
    if (rpc->timed)
        render_time(r, rpc);
    if (rpc->response_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.rpc_response_in, 0, 0, rpc->response_frame);
    if (rpc->unanswered_frame != 0)
        render_unanswered(r, rpc);
}
