/* intake.c
 * Cuts what a carrier delivers into whole control packets, has stock dissect them in one call, and hands each to be judged and rendered.
 *
 * Stock loses its place where a Remaining Length is split over two segments, and then makes up packets; so we cut, and stock sees whole
 * packets only. What is left at the end we ask the carrier for, just as stock would have. All state changes on a frame's first visit;
 * what was unusual about a call is frozen then, and the rest follows from its bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/exceptions.h>
#include <epan/proto_data.h>

#include "clock.h"
#include "compat.h"
#include "continuation.h"
#include "framing.h"
#include "judge.h"
#include "keys.h"
#include "network.h"
#include "opcode.h"
#include "packet-mqtt5.h"
#include "plausible.h"
#include "stream.h"
#include "websocket.h"

#define FIRST_PDUS 8
#define TCP_FLAG_FIN 0x0001

typedef enum {
    CARRIER_TCP,       /* straight on TCP: sequence numbers are known */
    CARRIER_WEBSOCKET, /* no desegmentation there: we keep what is unfinished ourselves */
    CARRIER_OTHER      /* TLS, QUIC ...: whatever it offers */
} carrier;

/* A call for which the plan is not plain. */
typedef struct frozen_plan {
    struct frozen_plan *next;
    const mqtt5_network *network;
    uint8_t direction;
    uint32_t position, reported;
    mqtt5_plan plan;
} frozen_plan;

/* One call of this dissector. */
typedef struct {
    tvbuff_t *tvb;
    packet_info *pinfo;
    proto_tree *tree;
    void *data;                /* for stock, as the carrier gave it */
    const struct tcpinfo *tcp; /* NULL unless CARRIER_TCP */
    carrier carrier;
    uint16_t can_desegment;
    bool layered; /* the layer "mqtt" is there */
    bool unnamed; /* over WebSocket, with another sub-protocol than "mqtt" */
    mqtt5_network *network;

    const uint8_t *bytes;
    uint32_t captured, reported;
    mqtt5_plan plan;
    mqtt5_outcome outcome;
    uint32_t wanted;    /* bytes to ask for, or DESEGMENT_ONE_MORE_SEGMENT; 0: none */
    uint32_t stock_end; /* stock gets the bytes from plan.skip to here */
    mqtt5_batch batch;
    mqtt5_pdu *first_pdus; /* room for FIRST_PDUS */
    unsigned pdus_size;
} intake_call;

static int proto_tcp = -1;
static int proto_websocket = -1;

void mqtt5_intake_handoff(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_websocket = proto_get_id_by_filter_name("websocket");
}

/* --- Evidence --- */

static struct tcp_analysis *tcp_analysis_of(const intake_call *call)
{
    return call->pinfo->ptype == PT_TCP ? get_tcp_conversation_data(call->network->conversation, call->pinfo) : NULL;
}

/* Which end listens: the one that a SYN went to, or the one with the port that led here, or with the lower port. */
static uint8_t server_port_hint(const intake_call *call, const struct tcp_analysis *tcp, uint8_t direction)
{
    const packet_info *pinfo = call->pinfo;
    uint32_t port = tcp && tcp->server_port ? tcp->server_port : pinfo->match_uint;

    if (pinfo->srcport == pinfo->destport)
        return 2;
    if (port != pinfo->srcport && port != pinfo->destport)
        port = MIN(pinfo->srcport, pinfo->destport);
    return port == pinfo->srcport ? direction : 1 - direction;
}

/* True if no byte of this direction can have gone before: the handshake was seen and its sequence number fits, or the other side began with
 * CONNECT. */
static bool at_start(const intake_call *call, const struct tcp_analysis *tcp, uint32_t position)
{
    if (call->network->streams[1 - call->batch.direction].opened)
        return true;
    /* Sequence numbers are relative or not, as the user prefers; the port is only known from SYN or SYN/ACK. */
    return tcp && tcp->server_port != 0 && (position == 1 || position == tcp->fwd->base_seq + 1);
}

/* --- Cutting --- */

/* Most calls have a packet or two; for those, no memory is taken. */
static void make_room(intake_call *call)
{
    mqtt5_batch *batch = &call->batch;

    if (!batch->pdus) {
        batch->pdus = call->first_pdus;
        call->pdus_size = FIRST_PDUS;
        return;
    }
    call->pdus_size *= 2;
    if (batch->pdus == call->first_pdus) {
        batch->pdus = wmem_alloc(call->pinfo->pool, call->pdus_size * sizeof(mqtt5_pdu));
        memcpy(batch->pdus, call->first_pdus, FIRST_PDUS * sizeof(mqtt5_pdu));
    } else {
        batch->pdus = wmem_realloc(call->pinfo->pool, batch->pdus, call->pdus_size * sizeof(mqtt5_pdu));
    }
}

static void add_pdu(intake_call *call, uint32_t offset, uint32_t length)
{
    mqtt5_batch *batch = &call->batch;
    mqtt5_pdu *pdu;

    if (offset < call->plan.old)
        return;
    if (batch->count == call->pdus_size)
        make_room(call);
    pdu = &batch->pdus[batch->count++];
    pdu->offset = offset;
    pdu->length = length;
    pdu->gap = call->plan.gap && batch->count == 1;
    pdu->item = NULL;
}

static bool can_ask(const intake_call *call)
{
    return (call->can_desegment > 0 || call->carrier == CARRIER_WEBSOCKET) && call->captured == call->reported && !call->plan.no_more;
}

/* The rest from `offset` on is no whole packet: asks for what is missing, or leaves it to stock. `length` of the packet, 0 if that is not
 * known yet. */
static void cut_rest(intake_call *call, uint32_t offset, uint32_t length)
{
    uint32_t rest = call->reported - offset;
    /* Behind a FIN nothing comes that could complete a Remaining Length; stock says so. */
    bool last = length == 0 && rest > 1 && call->tcp && (call->tcp->flags & TCP_FLAG_FIN);

    call->outcome.rest_end = length ? offset + length : 0;
    if (call->plan.no_more) {
        call->outcome.cut = true;
        return;
    }
    if (can_ask(call) && !last) {
        call->outcome.asked = true;
        call->wanted = length ? length - rest : DESEGMENT_ONE_MORE_SEGMENT;
        return;
    }
    /* Nobody will put it together: stock shows what is there, and so do we. */
    call->outcome.cut = true;
    call->stock_end = call->reported;
    if (length)
        add_pdu(call, offset, length);
}

static void cut(intake_call *call)
{
    uint32_t offset = call->plan.skip;

    call->stock_end = offset;
    while (offset < call->reported) {
        uint32_t there = offset < call->captured ? call->captured - offset : 0, rest = call->reported - offset;
        mqtt5_frame frame = mqtt5_frame_read(call->bytes + offset, there);
        uint32_t length = frame.length;

        if (frame.status == MQTT5_FRAME_SHORT || (frame.status == MQTT5_FRAME_KNOWN && length > rest)) {
            cut_rest(call, offset, length);
            break;
        }
        if (frame.status == MQTT5_FRAME_OVERLONG && (length < frame.header || length > rest || length == 0)) {
            /* Stock would ask for gigabytes here, and TCP would then not show this segment again on later passes. It ends now. */
            call->outcome.broken = true;
            call->can_desegment = 0;
            length = rest;
        }
        add_pdu(call, offset, length);
        offset += length;
        call->stock_end = offset;
    }
    call->outcome.end = offset < call->reported ? offset : call->reported;
    call->outcome.reported = call->reported;
    call->outcome.judged = call->batch.count > 0;
    call->outcome.acks = call->tcp ? call->tcp->lastackseq : 0;
}

/* --- What was unusual, kept for later passes --- */

static bool is_plain(const mqtt5_plan *plan)
{
    return !plan->skip && !plan->old && !plan->no_more;
}

static void freeze_plan(const intake_call *call)
{
    frozen_plan *made = wmem_new(wmem_file_scope(), frozen_plan);

    made->next = p_get_proto_data(wmem_file_scope(), call->pinfo, mqtt5_proto(), MQTT5_KEY_PLANS);
    made->network = call->network;
    made->direction = call->batch.direction;
    made->position = call->batch.position;
    made->reported = call->reported;
    made->plan = call->plan;
    p_set_proto_data(wmem_file_scope(), call->pinfo, mqtt5_proto(), MQTT5_KEY_PLANS, made);
}

static void thaw_plan(intake_call *call)
{
    const frozen_plan *each = p_get_proto_data(wmem_file_scope(), call->pinfo, mqtt5_proto(), MQTT5_KEY_PLANS), *found = NULL;

    for (; each; each = each->next) {
        if (each->direction != call->batch.direction)
            continue;
        if (each->network == call->network) {
            if (each->position == call->batch.position) {
                found = each;
                break;
            }
        } else if (!found && each->reported == call->reported) {
            /* A SYN out of place may change conversations, and with them relative sequence numbers, between two passes: then the length must do. */
            found = each;
        }
    }
    if (found)
        call->plan = found->plan;
}

/* What the segment acknowledges, where TCP carries our carrier: on the first visit TCP's own analysis is up to date. */
static void learn_acknowledgments(intake_call *call)
{
    const struct tcp_analysis *tcp = call->pinfo->ptype == PT_TCP ? mqtt5_network_tcp(call->network) : NULL;

    if (!tcp || !tcp->fwd)
        return;
    call->batch.peer_gap = mqtt5_network_ack_lost(tcp);
    /* Who speaks first, and not with CONNECT, answers something that was not captured. */
    if (!call->network->streams[call->batch.direction].started && call->captured > 0 && call->bytes[0] != MQTT5_CONNECT << 4)
        call->batch.peer_gap |= mqtt5_network_other_unseen(tcp);
    if (call->tcp || !tcp->fwd->tcp_analyze_seq_info)
        return;
    call->batch.acks_known = call->batch.position_is_end = true;
    call->batch.position = tcp->fwd->tcp_analyze_seq_info->nextseq;
    call->batch.acks = tcp->fwd->tcp_analyze_seq_info->lastack;
}

/* Makes a plan and cuts by it, on the first visit. */
static void learn(intake_call *call)
{
    mqtt5_stream *stream = &call->network->streams[call->batch.direction];
    bool is_new = !stream->started, goes_on = stream->waiting && (!call->tcp || call->tcp->is_reassembled);

    learn_acknowledgments(call);
    if (is_new) {
        const struct tcp_analysis *tcp = tcp_analysis_of(call);

        call->network->server_port_hint = server_port_hint(call, tcp, call->batch.direction);
        call->network->server = mqtt5_network_server(call->pinfo, call->network->server_port_hint, call->batch.direction);
        if (call->tcp)
            is_new = at_start(call, tcp, call->batch.position);
    }
    if (call->tcp) {
        call->batch.acks = goes_on ? stream->pending_acks : call->tcp->lastackseq;
        call->plan = mqtt5_stream_plan(stream, call->batch.position, call->bytes, call->captured, call->reported, is_new);
    } else {
        stream->started = true;
        call->plan.gap = call->carrier == CARRIER_WEBSOCKET && call->network->websockets[call->batch.direction].gap;
        call->plan.skip = stream->broken ? call->reported : 0;
    }
    if (!is_plain(&call->plan))
        freeze_plan(call);
    cut(call);
    if (goes_on)
        call->batch.begin = stream->pending_time;
    if (call->outcome.asked && (!goes_on || call->outcome.end > 0))
        stream->pending_time = mqtt5_frame_time(call->pinfo);
    if (call->tcp) {
        mqtt5_stream_done(stream, call->batch.position, &call->plan, &call->outcome);
    } else {
        stream->broken |= call->outcome.broken;
        stream->waiting = call->outcome.asked;
    }
}

/* --- Stock, its items, and ours --- */

/* Finds stock's item for each packet: the items of its protocol that it has just added to the tree, in order. `last` is what was last there
 * before. */
static void find_items(intake_call *call, proto_node *last)
{
    unsigned i = 0;
    proto_node *node;
    int raw;

    if (!call->tree)
        return;
    raw = tvb_raw_offset(call->tvb);
    for (node = last ? last->next : call->tree->first_child; node && i < call->batch.count; node = node->next) {
        const field_info *info = PNODE_FINFO(node);

        if (!info || info->hfinfo->id != mqtt5_stock_proto())
            continue;
        /* Stock also shows packets that are not judged. */
        while (i < call->batch.count && (int)call->batch.pdus[i].offset + raw < info->start)
            i++;
        if (i < call->batch.count && (int)call->batch.pdus[i].offset + raw == info->start)
            call->batch.pdus[i++].item = (proto_item *)node;
    }
}

/* Calls with packets are numbered within a frame; mqtt5_intake_frame_done() begins anew. */
static struct {
    uint32_t frame;
    unsigned calls;
    mqtt5_network *network; /* of the last call */
} numbering;

static void number_call(intake_call *call)
{
    if (numbering.frame != call->pinfo->num)
        numbering.calls = 0;
    numbering.frame = call->pinfo->num;
    numbering.network = call->network;
    call->batch.ordinal = numbering.calls++;
}

mqtt5_network *mqtt5_intake_network(const packet_info *pinfo)
{
    return numbering.frame == pinfo->num ? numbering.network : NULL;
}

void mqtt5_intake_frame_done(void)
{
    numbering.frame = 0;
}

/* Stock's part, then ours. Fatal errors (a cut capture, too many items) leave stock by an exception, which goes on when ours is there too.
 * */
static void stock_and_ours(intake_call *call, tvbuff_t *packets, proto_node *last)
{
    TRY
    {
        mqtt5_call_stock(packets, call->pinfo, call->tree, call->data, call->can_desegment, call->layered);
    }
    FINALLY
    {
        call->pinfo->can_desegment = call->can_desegment;
        find_items(call, last);
        mqtt5_render(call->pinfo, call->tree, &call->batch);
    }
    ENDTRY;
}

static void dissect(intake_call *call)
{
    proto_node *last = call->tree ? call->tree->last_child : NULL;
    uint32_t skip = call->plan.skip;
    tvbuff_t *packets = call->tvb;

    if (skip > 0 || call->stock_end < call->reported)
        packets = tvb_new_subset_length(call->tvb, (int)skip, (int)(call->stock_end - skip));
    if (call->batch.count > 0)
        stock_and_ours(call, packets, last);
    else if (call->carrier != CARRIER_WEBSOCKET || call->stock_end > skip)
        mqtt5_call_stock(packets, call->pinfo, call->tree, call->data, call->can_desegment,
                         call->layered); /* without packets, too: it clears the Info column */
    if (skip > 0 && call->pinfo->desegment_len != 0)
        call->pinfo->desegment_offset += (int)skip;
}

static void ask_for_more(intake_call *call)
{
    uint32_t rest = call->reported - call->outcome.end;

    if (call->carrier == CARRIER_WEBSOCKET) {
        col_set_str(call->pinfo->cinfo, COL_PROTOCOL, "MQTT");
        if (!PINFO_FD_VISITED(call->pinfo))
            mqtt5_websocket_keep(&call->network->websockets[call->batch.direction], call->tvb, call->outcome.end,
                                 call->outcome.rest_end ? call->outcome.rest_end - call->outcome.end : 0);
        mqtt5_render_segment(call->pinfo, call->tree, call->tvb, (int)call->outcome.end, (int)rest);
        return;
    }
    call->pinfo->desegment_offset = (int)call->outcome.end;
    call->pinfo->desegment_len = call->wanted;
}

static void process(intake_call *call)
{
    call->captured = (uint32_t)tvb_captured_length(call->tvb);
    call->reported = (uint32_t)tvb_reported_length(call->tvb);
    call->bytes = call->captured ? tvb_get_ptr(call->tvb, 0, (int)call->captured) : (const uint8_t *)"";
    if (call->tcp) {
        call->batch.acks_known = true;
        /* The seq of a segment that TCP itself began to skip is still that of its first byte. */
        call->batch.position = call->tcp->is_reassembled ? call->tcp->seq : call->tcp->nxtseq - call->reported;
    }
    if (!PINFO_FD_VISITED(call->pinfo)) {
        learn(call);
    } else {
        thaw_plan(call);
        cut(call);
    }
    if (call->plan.skip > 0)
        mqtt5_render_continuation(call->pinfo, call->tree, call->tvb, 0, (int)call->plan.skip, call->plan.remark);
    if (call->plan.skip == call->reported && call->reported > 0) {
        mqtt5_columns_continuation(call->pinfo);
        return;
    }
    call->batch.tvb = call->tvb;
    call->batch.bytes = call->bytes;
    call->batch.captured = call->captured;
    call->batch.connection = call->network->judged;
    call->batch.server_port_hint = call->network->server_port_hint;
    call->batch.server = call->network->server;
    if (call->batch.count > 0) {
        number_call(call);
        mqtt5_judge(call->pinfo, &call->batch);
    }
    dissect(call);
    if (call->wanted)
        ask_for_more(call);
}

static void take_message(intake_call *call)
{
    mqtt5_websocket *websocket = &call->network->websockets[call->batch.direction];
    tvbuff_t *message = call->tvb;

    if (!PINFO_FD_VISITED(call->pinfo)) {
        websocket->text |= mqtt5_opcode_is_text(call->pinfo, message);
        call->batch.carrier = (websocket->text ? MQTT5_CARRIER_TEXT : 0) | (call->unnamed ? MQTT5_CARRIER_UNNAMED : 0);
    }
    switch (mqtt5_websocket_take(websocket, call->pinfo, message, &call->tvb)) {
    case MQTT5_MESSAGE_PACKETS:
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

/* What called us: the last layer, but for our own: one that was added for us, or by an earlier call in the same frame. */
static carrier carrier_of(const packet_info *pinfo, const void *data)
{
    wmem_list_frame_t *layer = wmem_list_tail(pinfo->layers);
    int proto;

    while (layer && GPOINTER_TO_INT(wmem_list_frame_data(layer)) == mqtt5_stock_proto())
        layer = wmem_list_frame_prev(layer);
    proto = layer ? GPOINTER_TO_INT(wmem_list_frame_data(layer)) : -1;
    if (proto == proto_tcp && data)
        return CARRIER_TCP;
    return proto == proto_websocket ? CARRIER_WEBSOCKET : CARRIER_OTHER;
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
    mqtt5_pdu pdus[FIRST_PDUS];
    intake_call call = {.first_pdus = pdus};
    bool layered = (how & MQTT5_INTAKE_LAYERED) != 0;

    /* A packet that an ICMP error quotes was not sent just now. */
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
    call.carrier = carrier_of(pinfo, data);
    call.tcp = call.carrier == CARRIER_TCP ? data : NULL;
    call.network = mqtt5_network_of(pinfo, true, &call.batch.direction);
    if (call.carrier == CARRIER_WEBSOCKET)
        take_message(&call);
    else
        process(&call);
    return tvb_captured_length(tvb);
}
