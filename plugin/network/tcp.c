/* tcp.c
 * Reads the results of Wireshark's TCP dissector, and changes nothing there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "network/tcp.h"

#include <epan/prefs-int.h>

#include "compat.h"

const struct tcp_analysis *mqtt5_tcp_of(mqtt5_network *network)
{
    static int proto_tcp = -1;

    if (proto_tcp == -1)
        proto_tcp = proto_get_id_by_filter_name("tcp");
    if (!network->tcp)
        network->tcp = conversation_get_proto_data(network->conversation, proto_tcp);
    return network->tcp;
}

/* What TCP found on the segment that it is at. tcp->ta has that, too, but only until somebody asks
 * TCP for its data in this frame. */
static bool has_mark(const struct tcp_analysis *tcp, uint32_t mark)
{
    return tcp->fwd && (tcp->fwd->lastsegmentflags & mark) != 0;
}

bool mqtt5_tcp_at_end(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction)
{
    const mqtt5_stream *stream = &network->streams[direction];
    uint32_t end, base;

    if (!tcp->fwd || !tcp->fwd->tcp_analyze_seq_info || !(tcp->fwd->static_flags & MQTT5_TCP_BASE_SEQ_SET) ||
        network->streams[!direction].next == 0)
        return false;
    /* FIN and SYN each take one sequence number. */
    end = tcp->fwd->tcp_analyze_seq_info->nextseq - 1;
    base = tcp->fwd->base_seq;
    if (!stream->started)
        return tcp->server_port != 0 && end == base + 1;
    /* Sequence numbers are relative or absolute, as the user prefers. */
    return stream->synced && !stream->waiting && (end == stream->next || end - base == stream->next);
}

bool mqtt5_tcp_complete(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, bool reset)
{
    if (network->direct && !reset)
        return mqtt5_tcp_at_end(network, tcp, direction);
    return !mqtt5_tcp_lost(tcp);
}

bool mqtt5_tcp_sent_again(const struct tcp_analysis *tcp)
{
    return has_mark(tcp, MQTT5_TCP_SENT_AGAIN);
}

bool mqtt5_tcp_lost(const struct tcp_analysis *tcp)
{
    return has_mark(tcp, MQTT5_TCP_LOST_PACKET);
}

bool mqtt5_tcp_other_unseen(const struct tcp_analysis *tcp)
{
    return tcp->rev && (!tcp->rev->tcp_analyze_seq_info || tcp->rev->tcp_analyze_seq_info->maxseqtobeacked == 0);
}

bool mqtt5_tcp_in_order(void)
{
    module_t *module = prefs_find_module("tcp");
    pref_t *preference = module ? prefs_find_preference(module, "reassemble_out_of_order") : NULL;

    return preference && prefs_get_bool_value(preference, pref_current);
}

bool mqtt5_tcp_advances(const struct tcp_analysis *tcp, uint32_t frame)
{
    const tcp_analyze_seq_flow_info_t *info = tcp->fwd ? tcp->fwd->tcp_analyze_seq_info : NULL;

    return info && info->nextseqframe == frame;
}

static mqtt5_bool is_trouble(const void *key, void *value, void *userdata)
{
    const struct tcp_acked *about = value;

    (void)key;
    (void)userdata;
    return (about->flags & (MQTT5_TCP_LOST_PACKET | MQTT5_TCP_ACK_LOST_PACKET | MQTT5_TCP_SENT_AGAIN)) != 0;
}

bool mqtt5_tcp_was_troubled(const struct tcp_analysis *tcp)
{
    return tcp->acked_table && wmem_tree_foreach(tcp->acked_table, is_trouble, NULL);
}
