/* learn.c
 * Evidence around the bytes of a call: where the stream begins, where bytes are missing, who
 * listens, and what is acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/learn.h"

#include <epan/proto_data.h>

#include "clock.h"
#include "compat.h"
#include "intake/cut.h"
#include "intake/framing/plausible.h"
#include "intake/keys.h"
#include "intake/websocket.h"
#include "judging/judge.h"
#include "network/transport.h"
#include "stock.h"

/* A call whose plan is not all zero. */
typedef struct frozen_plan {
    struct frozen_plan *next;
    const mqtt5_network *network;
    uint8_t direction;
    uint32_t position, reported;
    mqtt5_plan plan;
} frozen_plan;

static struct tcp_analysis *tcp_analysis_of(const mqtt5_call *call)
{
    return call->pinfo->ptype == PT_TCP ? get_tcp_conversation_data(call->network->conversation, call->pinfo) : NULL;
}

/* Registered with IANA. */
enum { MQTT_PORT = 1883, SECURE_MQTT_PORT = 8883 };

/* How sure it is which end listens. */
static uint8_t server_hint(const mqtt5_call *call, const struct tcp_analysis *tcp)
{
    const packet_info *pinfo = call->pinfo;
    uint32_t port = call->network->server_port_hint == call->batch.direction ? pinfo->srcport : pinfo->destport;

    if (tcp && tcp->server_port == port && pinfo->srcport != pinfo->destport)
        return MQTT5_HINT_HANDSHAKE;
    return port == MQTT_PORT || port == SECURE_MQTT_PORT ? MQTT5_HINT_REGISTERED_PORT : MQTT5_HINT_PORT;
}

/* Which end listens: the one to which the SYN was sent, or the one with the port that led here, or
 * the one that does not send CONNECT, or the one with the lower port. */
static uint8_t server_port_hint(const mqtt5_call *call, const struct tcp_analysis *tcp, uint8_t direction)
{
    const packet_info *pinfo = call->pinfo;
    uint32_t port = tcp && tcp->server_port ? tcp->server_port : pinfo->match_uint;

    if (pinfo->srcport == pinfo->destport)
        return 2;
    if (call->claimed && !(tcp && tcp->server_port))
        return 1 - direction;
    if (port != pinfo->srcport && port != pinfo->destport)
        port = MIN(pinfo->srcport, pinfo->destport);
    return port == pinfo->srcport ? direction : 1 - direction;
}

/* True if no byte of this direction can have been sent before: its sequence number follows that of
 * its SYN, or is the one that the other side waited for when it began with CONNECT. */
static bool at_start(const mqtt5_call *call, const struct tcp_analysis *tcp, uint32_t position)
{
    uint32_t start;

    return tcp && mqtt5_transport_start(call->network, tcp, call->batch.direction, true, &start) && start == position;
}

/* How far sequence numbers may jump within a connection: no capture lacks so much of it that the rest
 * is of any use. After the end of a connection, little is enough. */
enum { FAR = 64 * 1024 * 1024, FAR_AFTER_END = 64 * 1024 };

/* True if the call belongs to another connection on the same ports, the SYN of which was not
 * captured: its sequence numbers have nothing to do with those of the old one. */
static bool is_another(const mqtt5_call *call, const struct tcp_analysis *tcp)
{
    const mqtt5_network *network = call->network;
    const mqtt5_stream *stream = &network->streams[call->batch.direction];
    int64_t distance = (int32_t)(call->batch.position - stream->next);
    uint32_t length;
    bool over;

    if (!stream->started || !tcp || !tcp->fwd)
        return false;
    if (network->bases[call->batch.direction] != tcp->fwd->base_seq)
        return true;
    if (distance == 0)
        return false;
    over = network->ended[0] || network->ended[1] || mqtt5_connection_is_over(network->connection);
    if (ABS(distance) > (over ? FAR_AFTER_END : FAR))
        return true;
    return over && call->captured > 0 && call->bytes[0] == MQTT5_CONNECT << 4 &&
           mqtt5_plausible_packet(call->bytes, call->captured, &length) >= MQTT5_PLAUSIBLE_SURE;
}

static bool begins_with_connect(const mqtt5_call *call)
{
    return !call->network->streams[call->batch.direction].started && call->captured > 0 && call->bytes[0] == MQTT5_CONNECT << 4;
}

/* The first bytes of a direction are not those of a CONNECT. */
static bool begins_elsewhere(const mqtt5_call *call)
{
    return !call->network->streams[call->batch.direction].started && call->captured > 0 && call->bytes[0] != MQTT5_CONNECT << 4;
}

/* True if the carrier may have lost what it would have handed on before. Directly on TCP, numbers tell. */
static bool is_troubled(const mqtt5_call *call, const struct tcp_analysis *tcp)
{
    return call->carrier != MQTT5_CARRIER_TCP && (mqtt5_network_was_cut(call->pinfo) || mqtt5_tcp_was_troubled(tcp));
}

/* What the segment acknowledges, if our carrier is on TCP. On the first visit, TCP's own analysis
 * is up to date. */
static void learn_acknowledgments(mqtt5_call *call)
{
    const struct tcp_analysis *tcp = call->pinfo->ptype == PT_TCP ? mqtt5_tcp_of(call->network) : NULL;

    if (!tcp || !tcp->fwd)
        return;
    if (call->tcp && !call->network->streams[call->batch.direction].started) {
        call->network->direct = true;
        mqtt5_transport_count(call->network, tcp, call->tcp->lastackseq);
    }
    /* With its CONNECT a client acknowledges nothing that belongs to this connection. */
    call->batch.peer_gap =
        !(call->network->renewed && begins_with_connect(call)) && mqtt5_transport_ahead(call->network, tcp, call->batch.direction);
    /* A side that sends first, but not CONNECT, answers something that was not captured. */
    if (begins_elsewhere(call))
        call->batch.peer_gap |= mqtt5_tcp_other_unseen(tcp) || is_troubled(call, tcp);
    if (call->tcp || !tcp->fwd->tcp_analyze_seq_info)
        return;
    call->batch.acks_known = call->batch.position_is_end = true;
    call->batch.position = tcp->fwd->tcp_analyze_seq_info->nextseq;
    call->batch.acks = tcp->fwd->tcp_analyze_seq_info->lastack;
}

static bool is_plain(const mqtt5_plan *plan)
{
    return !plan->skip && !plan->old && !plan->no_more;
}

static void freeze_plan(const mqtt5_call *call)
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

static void thaw_plan(mqtt5_call *call)
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
            /* A misplaced SYN may change conversations between two passes, and with them relative
             * sequence numbers. Then only the length can be compared. */
            found = each;
        }
    }
    if (found)
        call->plan = found->plan;
}

/* The first bytes of a direction may be of another protocol. `begins`: no byte was sent before
 * them. Where that is not known, they might lie within a packet, so they are believed only as long
 * as nothing on the connection is MQTT. */
static void find_foreign(mqtt5_call *call, const struct tcp_analysis *tcp, bool begins)
{
    mqtt5_stream *stream = &call->network->streams[call->batch.direction], *other = &call->network->streams[!call->batch.direction];
    uint32_t length;
    mqtt5_foreign kind = mqtt5_foreign_read(call->bytes, call->captured, &length);

    if (kind == MQTT5_FOREIGN_NONE || (!begins && other->started && !other->foreign))
        return;
    call->plan = (mqtt5_plan){.skip = kind == MQTT5_FOREIGN_PROXY ? length : call->reported, .foreign = (uint8_t)kind};
    stream->foreign = kind == MQTT5_FOREIGN_PROXY ? MQTT5_FOREIGN_NONE : (uint8_t)kind;
    stream->broken = stream->foreign != MQTT5_FOREIGN_NONE;
    stream->synced = true;
    stream->gap = false;
    /* Who opens the connection like this answers nothing that was lost. */
    if (mqtt5_foreign_is_clients(kind) && tcp)
        call->batch.peer_gap = mqtt5_transport_ahead(call->network, tcp, call->batch.direction);
    mqtt5_judge_foreign(call->pinfo, &call->batch, kind, !begins && !mqtt5_foreign_is_clients(kind));
}

/* What the bytes of the call acknowledge. When they are sent again, TCP acknowledges anew, and what
 * they answer may be older: then it is at least as much as with the bytes before. */
static uint32_t acks_of(const mqtt5_call *call, mqtt5_stream *stream)
{
    const struct tcp_analysis *tcp = mqtt5_tcp_of(call->network);

    if (!stream->started || !tcp || !mqtt5_tcp_sent_again(tcp))
        stream->acks = call->tcp->lastackseq;
    return stream->acks;
}

/* The first bytes of a direction: what TCP knows of the connection. */
static void learn_connection(mqtt5_call *call)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(call);
    mqtt5_network *network = call->network;

    if (tcp && tcp->fwd)
        network->bases[call->batch.direction] = tcp->fwd->base_seq;
    network->server_port_hint = server_port_hint(call, tcp, call->batch.direction);
    network->server_hint = server_hint(call, tcp);
    network->server = mqtt5_network_server(call->pinfo, network->server_port_hint, call->batch.direction);
    if (network->server_port_hint <= 1) {
        bool by_server = network->server_port_hint == call->batch.direction;

        network->client_address = mqtt5_network_address(by_server ? &call->pinfo->dst : &call->pinfo->src);
        network->server_address = mqtt5_network_address(by_server ? &call->pinfo->src : &call->pinfo->dst);
    }
}

/* Some clients open further streams of QUIC without a CONNECT, which belong to the session of the
 * first one: what they rely on was said elsewhere. */
static bool goes_on_from_elsewhere(const mqtt5_call *call)
{
    const mqtt5_network *network = call->network;

    return call->carrier == MQTT5_CARRIER_QUIC && !network->streams[!call->batch.direction].started && begins_elsewhere(call);
}

/* True if bytes are missing before those that a carrier on TCP hands on. */
static bool has_hole(const mqtt5_call *call)
{
    const struct tcp_analysis *tcp = call->pinfo->ptype == PT_TCP ? mqtt5_tcp_of(call->network) : NULL;

    if (!tcp)
        return false;
    return begins_elsewhere(call) ? is_troubled(call, tcp)
                                  : (call->network->hole[call->batch.direction] || mqtt5_tcp_lost(tcp)) && !mqtt5_tcp_in_order();
}

/* On the first visit: makes a plan and cuts by it. */
void mqtt5_learn(mqtt5_call *call)
{
    mqtt5_stream *stream = &call->network->streams[call->batch.direction];
    bool first, is_new, goes_on;

    if (call->tcp && is_another(call, mqtt5_tcp_of(call->network)))
        mqtt5_network_renew(call->network);
    first = is_new = !stream->started;
    goes_on = stream->waiting && (!call->tcp || call->tcp->is_reassembled);

    if (first)
        learn_connection(call);
    learn_acknowledgments(call);
    if (first && call->tcp)
        call->network->begins[call->batch.direction] = is_new = at_start(call, mqtt5_tcp_of(call->network), call->batch.position);
    if (call->tcp) {
        call->batch.acks = goes_on ? stream->pending_acks : acks_of(call, stream);
        if (!stream->started)
            stream->start_acks = call->batch.acks;
        call->plan = mqtt5_stream_plan(stream, call->batch.position, call->bytes, call->captured, call->reported, is_new);
    } else {
        bool elsewhere = goes_on_from_elsewhere(call);

        call->plan.gap = elsewhere || has_hole(call) ||
                         (call->carrier == MQTT5_CARRIER_WEBSOCKET && mqtt5_websocket_of(call->network, call->batch.direction)->gap);
        stream->started = true;
        call->network->hole[call->batch.direction] = false;
        call->plan.skip = stream->broken ? call->reported : 0;
    }
    if (first && call->carrier != MQTT5_CARRIER_WEBSOCKET)
        find_foreign(call, call->pinfo->ptype == PT_TCP ? mqtt5_tcp_of(call->network) : NULL, is_new);
    if (!is_plain(&call->plan))
        freeze_plan(call);
    mqtt5_cut(call);
    if (goes_on)
        call->batch.begin = stream->pending_time;
    if (call->outcome.asked && (!goes_on || call->outcome.end > 0)) {
        stream->pending_time = mqtt5_frame_time(call->pinfo);
        stream->pending_frame = call->pinfo->num;
        stream->pending_length = 0;
        stream->pending_first = call->bytes[call->outcome.end];
        call->announced = true;
    }
    if (call->outcome.asked && stream->pending_length == 0 && call->outcome.rest_end != 0) {
        stream->pending_length = call->outcome.rest_end - call->outcome.end;
        call->announced = true;
    }
    if (call->tcp) {
        mqtt5_stream_done(stream, call->batch.position, &call->plan, &call->outcome);
    } else {
        stream->broken |= call->outcome.broken;
        stream->waiting = call->outcome.asked;
    }
}

void mqtt5_recall(mqtt5_call *call)
{
    thaw_plan(call);
    mqtt5_cut(call);
}
