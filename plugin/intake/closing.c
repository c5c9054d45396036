/* closing.c
 * Looks at the frames of MQTT's connections after TCP: a FIN or RST closes a connection, and an
 * acknowledgment may show that bytes were not captured. It is a postdissector, because no dissector
 * is called for a segment without payload. It asks for no fields, so Wireshark builds no tree for
 * it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/closing.h"

#include "clock.h"
#include "compat.h"
#include "display/render.h"
#include "intake/bare.h"
#include "intake/segment.h"
#include "intake/upgrade.h"
#include "intake/websocket.h"
#include "judging/judge.h"
#include "network/transport.h"
#include "stock.h"

/* The packets that have not become whole, where no bytes are missing. How many bytes of them there are, TCP knows, if it carries
 * them directly. */
static void find_unfinished(const mqtt5_network *network, mqtt5_close *close)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        const mqtt5_stream *stream = &network->streams[direction];
        const mqtt5_sending *sending = &network->transport.sendings[direction];

        if (!stream->waiting || stream->broken || stream->gap)
            continue;
        close->unfinished[direction] =
            (mqtt5_unfinished){.frame = stream->pending_frame, .first = stream->pending_first, .length = stream->pending_length};
        if (network->direct && sending->known)
            /* FIN takes a number, too. */
            close->unfinished[direction].there = sending->sent - stream->next - (direction == close->direction && !close->reset);
    }
}

/* True if the end of a direction has come, but bytes before it could not be read: they are missing, or
 * were captured in part. If a segment was cut in its header, only TCP knows of it. */
static bool has_unread(const mqtt5_network *network, uint8_t direction, bool reset)
{
    const mqtt5_stream *stream = &network->streams[direction];
    const mqtt5_sending *sending = &network->transport.sendings[direction];

    if (!network->direct || !stream->started || stream->waiting || stream->broken)
        return false;
    return stream->gap || (!reset && sending->known && (int32_t)(sending->sent - 1 - stream->next) > 0);
}

/* True if a connection on ports that are used again has its first FIN here: TCP still has the FIN of the one before. */
static MQTT5_SELDOM bool is_first_fin(const mqtt5_network *network, const struct tcp_analysis *tcp, const packet_info *pinfo,
                                      uint8_t direction)
{
    const tcp_analyze_seq_flow_info_t *info = tcp->fwd ? tcp->fwd->tcp_analyze_seq_info : NULL;

    return info && info->nextseqframe == pinfo->num && !network->ended[0] && !network->ended[1] && network->streams[direction].started &&
           mqtt5_tcp_at_end(network, tcp, direction);
}

/* A RST that its receiver ignores. Those that are sent in its place are as many as somebody likes: one is told. */
static void see_stale(packet_info *pinfo, mqtt5_network *network, uint8_t direction)
{
    mqtt5_close close = {.direction = direction, .reset = true, .stale = true};

    if (network->stale)
        return;
    network->stale = MQTT5_TCP_COMPLETENESS_RST;
    close.frame = pinfo->num;
    close.time = mqtt5_frame_time(pinfo);
    close.transport = &network->transport;
    mqtt5_judge_close(pinfo, &(mqtt5_batch){.network = network, .ordinal = MQTT5_CLOSE_ORDINAL, .count = 1}, &close);
}

/* True if the frame is such a RST. An earlier one is taken out of *news, what TCP says is new. */
static MQTT5_SELDOM bool closes_nothing(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network, const struct tcp_analysis *tcp,
                                        uint8_t direction, unsigned *news)
{
    mqtt5_segment segment;

    if (!(*news & MQTT5_TCP_COMPLETENESS_RST) || network->ended[0] || network->ended[1] || !mqtt5_segment_find(pinfo, tvb, &segment))
        return false;
    if (!(segment.flags & MQTT5_SEGMENT_RST)) {
        if (network->stale)
            *news &= ~(unsigned)MQTT5_TCP_COMPLETENESS_RST;
        return false;
    }
    if (!mqtt5_transport_stale(network, tcp, direction, segment.seq))
        return false;
    see_stale(pinfo, network, direction);
    return true;
}

/* A segment that closes nothing: whether it has come as far as those before it. */
static void follow_hops(const packet_info *pinfo, tvbuff_t *tvb, mqtt5_hops *own)
{
    mqtt5_segment segment;
    uint8_t hops;

    if (own->at == 0)
        own->at = mqtt5_segment_find(pinfo, tvb, &segment) ? segment.hops_at : UINT32_MAX;
    if (own->varied || own->at >= pinfo->fd->cap_len)
        return;
    hops = tvb_get_uint8(tvb, (int)own->at);
    own->varied = own->seen > 0 && hops != own->hops;
    own->hops = hops;
    own->seen += own->seen < UINT8_MAX;
}

static MQTT5_SELDOM void compare_hops(const packet_info *pinfo, tvbuff_t *tvb, const mqtt5_hops *own, mqtt5_close *close)
{
    mqtt5_segment segment;

    if (own->varied || own->seen == 0 || !mqtt5_segment_find(pinfo, tvb, &segment) || segment.hops_at != own->at)
        return;
    close->hops = segment.hops;
    close->usual_hops = own->hops;
    close->usual_seen = own->seen;
}

/* True if the segment has what TCP has noted: `news` of its completeness. A RST of before the first packet is no close of
 * the connection that is judged here. */
static MQTT5_SELDOM bool is_closing(const packet_info *pinfo, tvbuff_t *tvb, unsigned news)
{
    unsigned flags =
        (news & MQTT5_TCP_COMPLETENESS_FIN ? MQTT5_SEGMENT_FIN : 0u) | (news & MQTT5_TCP_COMPLETENESS_RST ? MQTT5_SEGMENT_RST : 0u);
    mqtt5_segment segment;

    return !mqtt5_segment_find(pinfo, tvb, &segment) || (segment.flags & flags);
}

static MQTT5_SELDOM void see_close(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network, const struct tcp_analysis *tcp,
                                   uint8_t direction, bool reset, bool second)
{
    mqtt5_close close = {.direction = direction, .reset = reset, .second = second};

    network->ended[direction] = true;
    close.gap = mqtt5_tcp_lost(tcp) || has_unread(network, direction, reset);
    close.peer_gap = mqtt5_transport_ahead(network, tcp, direction);
    close.acks_known = mqtt5_transport_acks(network, tcp, &close.acks) && network->direct;
    close.complete = second || mqtt5_tcp_complete(network, tcp, direction, reset);
    close.frame = pinfo->num;
    close.time = mqtt5_frame_time(pinfo);
    close.transport = &network->transport;
    close.pauses = mqtt5_network_pauses();
    find_unfinished(network, &close);
    if (reset)
        compare_hops(pinfo, tvb, &network->hops[direction], &close);
    mqtt5_judge_close(pinfo, &(mqtt5_batch){.network = network, .ordinal = MQTT5_CLOSE_ORDINAL, .count = 1}, &close);
}

/* Whether another carrier than TCP itself may have lost bytes in this frame. `told`: it had packets. */
static void follow_carrier(mqtt5_network *network, const packet_info *pinfo, bool told)
{
    const struct tcp_analysis *tcp = mqtt5_tcp_of(network);
    uint8_t direction = mqtt5_network_direction(pinfo);

    if (!tcp)
        return;
    if ((!told && mqtt5_tcp_lost(tcp)) || pinfo->fd->cap_len < pinfo->fd->pkt_len)
        network->hole[direction] = true;
    if (network->websockets)
        mqtt5_websocket_end_frame(&network->websockets[direction], pinfo, tcp);
}

/* `network` is that of the packets in this frame, or NULL if it has none. */
static void see_first(packet_info *pinfo, mqtt5_network *network, tvbuff_t *tvb)
{
    bool told = network != NULL; /* if the frame has packets, they came with its acknowledgment */
    const struct tcp_analysis *tcp;
    uint8_t direction;
    unsigned news;
    uint32_t acks;

    if (!network)
        network = mqtt5_network_any() ? mqtt5_network_of(pinfo, false, NULL) : NULL;
    if (told && (network->bare || !network->spoke)) {
        network->spoke = true;
        network->bare = false;
        mqtt5_bare_forget(network->conversation);
    }
    if (network && !network->direct)
        follow_carrier(network, pinfo, told);
    if (!network || network->bare) {
        if (!mqtt5_upgrade_see(pinfo, tvb, network))
            mqtt5_bare_see(pinfo, tvb);
        return;
    }
    tcp = mqtt5_tcp_of(network);
    if (!tcp)
        return;
    direction = mqtt5_network_direction(pinfo);
    mqtt5_transport_follow(network, tcp, pinfo, direction);
    news = tcp->conversation_completeness & ~network->completeness & (MQTT5_TCP_COMPLETENESS_FIN | MQTT5_TCP_COMPLETENESS_RST);
    if (news && closes_nothing(pinfo, tvb, network, tcp, direction, &news))
        return;
    if (network->renewed && is_first_fin(network, tcp, pinfo, direction))
        news |= MQTT5_TCP_COMPLETENESS_FIN;
    if (news && !is_closing(pinfo, tvb, news))
        news = 0;
    /* The first FIN shows who closes; the second only answers it, and TCP does not mark it. */
    if (news ||
        ((network->completeness & MQTT5_TCP_COMPLETENESS_FIN) && !network->ended[direction] && mqtt5_tcp_at_end(network, tcp, direction))) {
        network->completeness = tcp->conversation_completeness;
        see_close(pinfo, tvb, network, tcp, direction, (news & MQTT5_TCP_COMPLETENESS_RST) != 0, !news);
        return;
    }
    follow_hops(pinfo, tvb, &network->hops[direction]);
    network->completeness = tcp->conversation_completeness & ~network->stale;
    if (!told && mqtt5_transport_ahead(network, tcp, direction) && mqtt5_transport_acks(network, tcp, &acks))
        mqtt5_connection_lost(network->connection, !direction, acks);
}

/* The window offers Follow > MQTT5 Stream for a selected packet only if we are one of its layers. The
 * field frame.protocols, which lists them, is made before. */
static void add_layer(const packet_info *pinfo)
{
    for (const wmem_list_frame_t *layer = wmem_list_tail(pinfo->layers); layer; layer = wmem_list_frame_prev(layer)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(layer)) == mqtt5_stock_proto()) {
            wmem_list_append(pinfo->layers, GINT_TO_POINTER(mqtt5_proto()));
            return;
        }
    }
}

static int see_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    mqtt5_network *network = mqtt5_judge_frame_done(pinfo);

    (void)data;
    if (mqtt5_network_any() && !PINFO_FD_VISITED(pinfo))
        mqtt5_pauses_frame(mqtt5_network_pauses(), pinfo->num, mqtt5_frame_time(pinfo));
    if (pinfo->ptype != PT_TCP || !mqtt5_enabled() || pinfo->flags.in_error_pkt)
        return 0;
    if (!PINFO_FD_VISITED(pinfo)) {
        mqtt5_network_see_frame(pinfo);
        see_first(pinfo, network, tvb);
    }
    if (!mqtt5_network_any())
        return 0;
    if (PINFO_FD_VISITED(pinfo) && tree)
        add_layer(pinfo);
    mqtt5_render_alone(pinfo, tree, tvb);
    return 0;
}

void mqtt5_closing_watch(void)
{
    static bool watching;

    if (!watching)
        register_postdissector(create_dissector_handle(see_frame, -1));
    watching = true;
}
