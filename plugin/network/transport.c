/* transport.c
 * Follows the numbers of TCP, frame by frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "network/transport.h"

#include "clock.h"
#include "compat.h"

/* No sender waits for the acknowledgment of so many bytes. */
enum { FAR = 64 * 1024 * 1024 };

/* With the largest scale (RFC 7323, 2.3). Even where frames are missing, no byte is further ahead. */
#define WINDOW_MAX (UINT32_C(1) << 30)

void mqtt5_transport_count(mqtt5_network *network, const struct tcp_analysis *tcp, uint32_t acks)
{
    network->relative = tcp->fwd && tcp->fwd->tcp_analyze_seq_info && tcp->fwd->tcp_analyze_seq_info->lastack != acks;
}

/* TCP's own data never count from 0. */
static uint32_t number_of(const mqtt5_network *network, uint32_t raw, const tcp_flow_t *flow)
{
    return network->relative ? raw - flow->base_seq : raw;
}

/* True if the SYN of this direction was captured, and is that of this connection. TCP notes that of the server only
 * after that of the client, but without that, it has learned from it which end is the server. */
static bool has_syn(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction)
{
    bool client = (tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_SYN) != 0;

    if (network->server_hint != MQTT5_HINT_HANDSHAKE || network->renewed)
        return false;
    return network->server_port_hint == direction ? !client || (tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_SYN_ACK) : client;
}

bool mqtt5_transport_start(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, bool own, uint32_t *start)
{
    const mqtt5_stream *other = &network->streams[!direction];
    const tcp_flow_t *flow = own ? tcp->fwd : tcp->rev;

    if (other->opened) {
        *start = other->start_acks;
        return true;
    }
    if (!flow || !has_syn(network, tcp, direction))
        return false;
    *start = number_of(network, flow->base_seq + 1, flow);
    return true;
}

/* The number up to which a direction was handed on. False if that is not known, or bytes before it are
 * missing. */
static bool handed_on(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, uint32_t *end)
{
    const mqtt5_stream *stream = &network->streams[direction];
    const tcp_analyze_seq_flow_info_t *info = tcp->rev->tcp_analyze_seq_info;

    if (!network->direct) {
        *end = info->nextseq;
        return info->nextseq != 0 && !network->hole[direction] && !(network->websockets && network->websockets[direction].gap);
    }
    if (!stream->started)
        return mqtt5_transport_start(network, tcp, direction, false, end);
    *end = stream->next;
    if (stream->waiting && stream->pending)
        *end = stream->pending_end - 1;
    else if (stream->waiting && (int32_t)(stream->seen - stream->next) > 0)
        *end = stream->seen;
    return !stream->gap && !stream->broken;
}

bool mqtt5_transport_acks(const mqtt5_network *network, const struct tcp_analysis *tcp, uint32_t *acks)
{
    if (!tcp->fwd || !tcp->rev || !tcp->fwd->tcp_analyze_seq_info || tcp->fwd->tcp_analyze_seq_info->lastack == 0)
        return false;
    *acks = number_of(network, tcp->fwd->tcp_analyze_seq_info->lastack, tcp->rev);
    return true;
}

bool mqtt5_transport_ahead(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction)
{
    uint32_t end, acks;
    int32_t distance;

    if (!mqtt5_transport_acks(network, tcp, &acks) || !tcp->rev->tcp_analyze_seq_info)
        return false;
    if (!handed_on(network, tcp, !direction, &end))
        return true;
    /* A FIN takes a number, too. */
    if ((tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_FIN) && acks == end + 1 &&
        tcp->rev->tcp_analyze_seq_info->nextseq == tcp->fwd->tcp_analyze_seq_info->lastack)
        return false;
    /* Far before, it belongs to another connection. */
    distance = (int32_t)(acks - end);
    return distance > 0 || distance < -FAR;
}

/* To note trouble in. */
static MQTT5_SELDOM mqtt5_trouble *trouble_of(mqtt5_sending *sending)
{
    if (!sending->trouble)
        sending->trouble = wmem_new0(wmem_file_scope(), mqtt5_trouble);
    return sending->trouble;
}

/* The same bytes again within this time are one frame that was captured twice: no TCP sends again so
 * soon. */
#define CAPTURED_TWICE (50 * MQTT5_SECOND / 1000)
/* So many of the last segments are searched for bytes that were sent before. */
#define SEGMENTS_SEARCHED 256

/* True if the segment of the frame begins with bytes that an earlier frame had. A segment that was
 * captured out of order does not, though TCP may mark it alike. */
static bool is_resent(const tcp_flow_t *flow, const packet_info *pinfo)
{
    const tcp_unacked_t *now = flow->tcp_analyze_seq_info->segments, *before = now ? now->next : NULL;

    if (!now || now->frame != pinfo->num)
        return false;
    for (unsigned i = 0; before && i < SEGMENTS_SEARCHED; i++, before = before->next)
        if ((int32_t)(now->seq - before->seq) >= 0 && (int32_t)(before->nextseq - now->seq) > 0)
            return mqtt5_frame_time(pinfo) - mqtt5_time(&before->ts) >= CAPTURED_TWICE;
    return false;
}

static MQTT5_SELDOM void follow_resent(mqtt5_sending *own, const tcp_flow_t *flow, const packet_info *pinfo)
{
    own->resent_time = mqtt5_frame_time(pinfo);
    own->resent++;
    if (is_resent(flow, pinfo) && trouble_of(own)->again++ == 0)
        own->trouble->again_time = own->resent_time;
}

static void follow_bytes(mqtt5_sending *own, const tcp_flow_t *flow, uint32_t sent, const packet_info *pinfo, int64_t time)
{
    if (!own->known || (int32_t)(sent - own->sent) > 0) {
        bool now = flow->tcp_analyze_seq_info->nextseqframe == pinfo->num;

        own->sent_time = now ? time : mqtt5_time(&flow->tcp_analyze_seq_info->nextseqtime);
        if (own->acked_known && (int32_t)(own->sent - own->acked) <= 0) {
            own->unacked_frame = pinfo->num;
            own->unacked_time = own->sent_time;
        }
        own->sent = sent;
        own->known = true;
        own->resent = 0;
    }
    if (flow->lastsegmentflags & MQTT5_TCP_SENT_AGAIN)
        follow_resent(own, flow, pinfo);
}

/* Shorter ones are usual: acknowledgments are delayed, and sent again after a first loss. */
#define UNACKED_MIN (MQTT5_SECOND / 2)

/* Something is acknowledged again at last. */
static MQTT5_SELDOM void follow_late_acks(mqtt5_sending *other, uint32_t frame, int64_t time)
{
    int64_t since = other->unacked_frame != 0 ? other->unacked_time : other->acked_time;

    if (mqtt5_sending_open(other) && time - since >= UNACKED_MIN)
        mqtt5_standstill_note(&trouble_of(other)->unacked, other->unacked_frame, since, frame, time);
}

static void follow_acks(mqtt5_sending *other, uint32_t acks, uint32_t frame, int64_t time)
{
    if (other->acked_known && (int32_t)(acks - other->acked) <= 0)
        return;
    if (other->acked_known && time - other->acked_time >= UNACKED_MIN)
        follow_late_acks(other, frame, time);
    other->acked_known = true;
    other->acked = acks;
    other->acked_time = time;
    other->unacked_frame = 0;
    if (other->trouble)
        other->trouble->again = 0;
}

static MQTT5_SELDOM void follow_probe(mqtt5_sending *own, const packet_info *pinfo)
{
    if (trouble_of(own)->probes++ == 0)
        own->trouble->probe_time = mqtt5_frame_time(pinfo);
}

static MQTT5_SELDOM void follow_full(mqtt5_sending *own, const packet_info *pinfo)
{
    mqtt5_trouble *trouble = trouble_of(own);

    if (trouble->full_frame != 0)
        return;
    trouble->full_frame = pinfo->num;
    trouble->full_time = mqtt5_frame_time(pinfo);
}

/* It takes bytes again. */
static MQTT5_SELDOM void follow_open(mqtt5_trouble *trouble, const packet_info *pinfo)
{
    mqtt5_standstill_note(&trouble->full, trouble->full_frame, trouble->full_time, pinfo->num, mqtt5_frame_time(pinfo));
    trouble->full_frame = 0;
}

/* Any frame of an end, which shows that it lives. The window of one that closes says nothing. */
static void follow_life(mqtt5_sending *own, mqtt5_sending *other, const tcp_flow_t *flow, const packet_info *pinfo, int64_t time,
                        bool closing)
{
    own->heard_time = time;
    own->last_frame = pinfo->num;
    if (other->trouble)
        other->trouble->probes = 0;
    if (flow->lastsegmentflags & MQTT5_TCP_KEEP_ALIVE)
        follow_probe(own, pinfo);
    if (flow->lastsegmentflags & MQTT5_TCP_ZERO_WINDOW)
        follow_full(own, pinfo);
    else if (!closing && own->trouble && own->trouble->full_frame != 0)
        follow_open(own->trouble, pinfo);
}

#define CLOSING (MQTT5_TCP_COMPLETENESS_FIN | MQTT5_TCP_COMPLETENESS_RST)

void mqtt5_transport_follow(mqtt5_network *network, const struct tcp_analysis *tcp, const packet_info *pinfo, uint8_t direction)
{
    const tcp_analyze_seq_flow_info_t *info = tcp->fwd ? tcp->fwd->tcp_analyze_seq_info : NULL;
    mqtt5_sending *own = &network->transport.sendings[direction], *other = &network->transport.sendings[!direction];
    int64_t time = mqtt5_frame_time(pinfo);
    uint32_t acks;

    if (info)
        follow_life(own, other, tcp->fwd, pinfo, time, (tcp->conversation_completeness & CLOSING) != 0);
    if (info && info->nextseq != 0)
        follow_bytes(own, tcp->fwd, number_of(network, info->nextseq, tcp->fwd), pinfo, time);
    if (mqtt5_transport_acks(network, tcp, &acks))
        follow_acks(other, acks, pinfo->num, time);
}

bool mqtt5_transport_stale(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, uint32_t raw)
{
    const mqtt5_sending *own = &network->transport.sendings[direction];

    return tcp->fwd && own->acked_known && number_of(network, raw, tcp->fwd) - own->acked > WINDOW_MAX;
}
