/* intake.c
 * Cuts what a carrier delivers into whole control packets, lets stock dissect them in one call, and
 * passes them on to be judged and shown.
 *
 * Stock loses sync where a Remaining Length is split over two segments, and then invents packets;
 * so we cut, and stock gets whole packets only. For the rest of an incomplete packet we ask the
 * carrier, as stock would. State changes only on a frame's first visit. What is unusual about a
 * call is frozen then; everything else follows from its bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/intake.h"

#include "compat.h"
#include "display/continuation.h"
#include "intake/dissect.h"
#include "intake/framing/plausible.h"
#include "intake/learn.h"
#include "intake/opcode.h"
#include "intake/websocket.h"
#include "judging/judge.h"
#include "network/tcp.h"
#include "stock.h"

static int proto_tcp = -1;
static int proto_tls = -1;
static int proto_websocket = -1;
static int proto_quic = -1;

void mqtt5_intake_handoff(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    proto_websocket = proto_get_id_by_filter_name("websocket");
    proto_quic = proto_get_id_by_filter_name("quic");
}

/* The bytes before the first control packet. */
static void show_skipped(mqtt5_call *call)
{
    const mqtt5_plan *plan = &call->plan;
    bool alone = plan->skip == call->reported;

    if (plan->foreign)
        mqtt5_render_foreign(call->pinfo, call->tree, call->tvb, (mqtt5_foreign)plan->foreign, plan->skip, alone);
    else
        mqtt5_render_continuation(call->pinfo, call->tree, call->tvb, 0, (int)plan->skip, plan->remark);
    if (alone && !plan->foreign)
        mqtt5_columns_continuation(call->pinfo);
}

/* Where the capture has only the first bytes of a segment, whole packets may be missing after the last
 * one that was judged: what follows on other connections may be of them, before a packet of this one
 * shows the gap. */
static void tell_cut_off(const mqtt5_call *call)
{
    if (call->tcp && call->outcome.unread && !PINFO_FD_VISITED(call->pinfo))
        mqtt5_connection_lost(call->network->connection, call->batch.direction, call->batch.position + call->reported);
}

static void process(mqtt5_call *call)
{
    call->captured = (uint32_t)tvb_captured_length(call->tvb);
    call->reported = (uint32_t)tvb_reported_length(call->tvb);
    call->bytes = call->captured ? tvb_get_ptr(call->tvb, 0, (int)call->captured) : (const uint8_t *)"";
    call->batch.tvb = call->tvb;
    call->batch.bytes = call->bytes;
    call->batch.captured = call->captured;
    call->batch.network = call->network;
    if (call->tcp) {
        call->batch.acks_known = true;
        /* If TCP itself skips the beginning of a segment, seq is still that of its first byte. */
        call->batch.position = call->tcp->is_reassembled ? call->tcp->seq : call->tcp->nxtseq - call->reported;
    }
    if (!PINFO_FD_VISITED(call->pinfo))
        mqtt5_learn(call);
    else
        mqtt5_recall(call);
    if (call->plan.skip > 0)
        show_skipped(call);
    if (call->plan.skip == call->reported && call->reported > 0)
        return;
    call->batch.doubtful = call->plan.doubtful;
    if (call->batch.count > 0)
        mqtt5_judge(call->pinfo, &call->batch);
    tell_cut_off(call);
    if (call->batch.disbelieved)
        mqtt5_stream_disbelieve(&call->network->streams[call->batch.direction]);
    if (call->announced && !call->plan.doubtful)
        mqtt5_judge_header(call->pinfo, &call->batch, call->outcome.end, call->network->streams[call->batch.direction].pending_length,
                           call->plan.gap && call->batch.count == 0);
    mqtt5_dissect(call);
    if (call->wanted)
        mqtt5_ask_for_more(call);
}

static uint8_t websocket_faults(const mqtt5_call *call, const mqtt5_websocket *websocket)
{
    /* What names the sub-protocol may be in a part of HTTP's headers that was not captured. */
    bool unnamed = call->unnamed && !mqtt5_network_was_cut(call->pinfo);

    return (uint8_t)((websocket->text ? MQTT5_WEBSOCKET_TEXT : 0) | (unnamed ? MQTT5_WEBSOCKET_UNNAMED : 0));
}

static void take_message(mqtt5_call *call)
{
    mqtt5_websocket *websocket = mqtt5_websocket_of(call->network, call->batch.direction);
    tvbuff_t *message = call->tvb;

    if (!PINFO_FD_VISITED(call->pinfo)) {
        mqtt5_websocket_begin_frame(websocket, call->pinfo, call->pinfo->ptype == PT_TCP ? mqtt5_tcp_of(call->network) : NULL);
        websocket->text |= mqtt5_opcode_is_text(call->pinfo, message);
        call->batch.websocket_faults = websocket_faults(call, websocket);
    }
    switch (mqtt5_websocket_take(websocket, call->pinfo, message, &call->tvb)) {
    case MQTT5_MESSAGE_PACKETS:
        if (call->tvb != message)
            call->batch.split_frame = websocket->frame;
        process(call);
        if (call->outcome.cut && !PINFO_FD_VISITED(call->pinfo))
            mqtt5_websocket_lose(websocket);
        if (call->batch.count > 0)
            websocket->text = websocket->gap = false;
        break;
    case MQTT5_MESSAGE_MIDDLE:
        col_set_str(call->pinfo->cinfo, COL_PROTOCOL, "MQTT");
        mqtt5_render_segment(call->pinfo, call->tree, message, 0, (int)tvb_reported_length(message));
        break;
    case MQTT5_MESSAGE_LOST:
        mqtt5_columns_continuation(call->pinfo);
        mqtt5_render_continuation(call->pinfo, call->tree, message, 0, (int)tvb_reported_length(message), false);
        break;
    }
}

/* The carrier that called us: the last layer that is one. Layers above it are of an earlier call in
 * this frame: "mqtt", and what a payload was dissected as. */
static mqtt5_carrier carrier_of(const packet_info *pinfo, const void *data)
{
    const wmem_list_frame_t *layer;

    for (layer = wmem_list_tail(pinfo->layers); layer; layer = wmem_list_frame_prev(layer)) {
        int proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));

        if (proto == proto_websocket)
            return MQTT5_CARRIER_WEBSOCKET;
        if (proto == proto_quic)
            return data ? MQTT5_CARRIER_QUIC : MQTT5_CARRIER_OTHER;
        if (proto == proto_tls)
            return MQTT5_CARRIER_OTHER;
        if (proto == proto_tcp)
            return data ? MQTT5_CARRIER_TCP : MQTT5_CARRIER_OTHER;
    }
    return MQTT5_CARRIER_OTHER;
}

/* True if the user asks about security, and no layer encrypts. */
static bool is_clear(const packet_info *pinfo)
{
    const wmem_list_frame_t *layer = mqtt5_network_security() ? wmem_list_tail(pinfo->layers) : NULL;
    bool clear = layer != NULL;

    for (; layer; layer = wmem_list_frame_prev(layer)) {
        int proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));

        clear &= proto != proto_tls && proto != proto_quic;
    }
    return clear;
}

bool mqtt5_intake_find(tvbuff_t *tvb, packet_info *pinfo)
{
    uint32_t captured = (uint32_t)tvb_captured_length(tvb), length;
    mqtt5_network *network;

    if (!mqtt5_enabled() || captured == 0)
        return false;
    network = mqtt5_network_any() ? mqtt5_network_of(pinfo, false, NULL) : NULL;
    if (network && network->found_frame != 0 &&
        (pinfo->num > network->found_frame || (pinfo->num == network->found_frame && !mqtt5_websocket_is_first(pinfo))))
        return true;
    if (mqtt5_plausible_packet(tvb_get_ptr(tvb, 0, (int)captured), captured, &length) < MQTT5_PLAUSIBLE_SURE)
        return false;
    if (!PINFO_FD_VISITED(pinfo))
        mqtt5_network_of(pinfo, true, NULL)->found_frame = pinfo->num;
    return true;
}

int mqtt5_intake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned how)
{
    mqtt5_pdu pdus[MQTT5_FIRST_PDUS];
    mqtt5_call call = {.first_pdus = pdus};
    bool layered = (how & MQTT5_INTAKE_LAYERED) != 0;

    /* A packet that is quoted in an ICMP error was not sent now. */
    if (!mqtt5_enabled() || pinfo->flags.in_error_pkt) {
        mqtt5_call_stock(tvb, pinfo, tree, data, pinfo->can_desegment, layered);
        return tvb_captured_length(tvb);
    }
    call.tvb = tvb;
    call.pinfo = pinfo;
    call.tree = tree;
    call.data = data;
    call.can_desegment = pinfo->can_desegment;
    call.layered = layered;
    call.unnamed = (how & MQTT5_INTAKE_UNNAMED) != 0;
    call.claimed = (how & MQTT5_INTAKE_CLAIMED) != 0;
    call.carrier = carrier_of(pinfo, data);
    call.tcp = call.carrier == MQTT5_CARRIER_TCP ? data : NULL;
    call.batch.clear = is_clear(pinfo);
    call.network = call.carrier == MQTT5_CARRIER_QUIC ? mqtt5_network_of_stream(pinfo, MQTT5_QUIC_STREAM(data), &call.batch.direction)
                                                      : mqtt5_network_of(pinfo, true, &call.batch.direction);
    if (call.carrier == MQTT5_CARRIER_WEBSOCKET)
        take_message(&call);
    else
        process(&call);
    return (int)tvb_captured_length(tvb);
}
