/* claim.c
 * Claims connections that begin with CONNECT.
 *
 * Wireshark asks heuristic dissectors last: after the dissector of the conversation, and those of
 * both ports. Only TLS asks them before it goes by the port, since port 443 says little.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/claim.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>

#include "compat.h"
#include "intake/framing/signature.h"
#include "stock.h"

/* Of packet-tls-utils.h, which needs the headers of other libraries. What TLS passes to a heuristic
 * dissector, by which the same can be done, is not the same in all releases. */
WS_DLL_PUBLIC void tls_set_appdata_dissector(dissector_handle_t tls_handle, packet_info *pinfo, dissector_handle_t app_handle);

#define TLS_TABLE "tls.port"

static int proto_tcp = -1;
static dissector_handle_t tls; /* NULL: this Wireshark has none */

void mqtt5_claim_handoff(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    tls = find_dissector("tls");
}

/* True if the bytes are a CONNECT that was sent now, and not one that an ICMP error quotes. */
static bool begins(tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t captured = (uint32_t)tvb_captured_length(tvb);

    return captured > 0 && tvb_get_uint8(tvb, 0) == MQTT5_SIGNATURE_FIRST && mqtt5_enabled() && !pinfo->flags.in_error_pkt &&
           mqtt5_signature(tvb_get_ptr(tvb, 0, (int)captured), captured);
}

/* True unless this end is known to have sent other bytes before. Numbers count from the SYN, or are
 * those on the wire, as the user prefers. */
static bool is_first(conversation_t *conversation, const struct tcpinfo *segment)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);

    if (!segment || !tcp || !tcp->fwd || !(tcp->fwd->static_flags & MQTT5_TCP_BASE_SEQ_SET))
        return true;
    return segment->seq == 1 || segment->seq - tcp->fwd->base_seq == 1;
}

/* True if the bytes are all of the segment, and not what another protocol left of it: the layer below
 * "mqtt" is TCP. */
static bool is_whole_segment(const packet_info *pinfo)
{
    const wmem_list_frame_t *mqtt = wmem_list_tail(pinfo->layers), *below = mqtt ? wmem_list_frame_prev(mqtt) : NULL;

    return below && GPOINTER_TO_INT(wmem_list_frame_data(below)) == proto_tcp;
}

bool mqtt5_claim_tcp(tvbuff_t *tvb, packet_info *pinfo, void *data, dissector_handle_t handle)
{
    conversation_t *conversation;
    uint32_t since;

    if (!begins(tvb, pinfo))
        return false;
    conversation = find_or_create_conversation(pinfo);
    /* What comes before the CONNECT in its segment is another protocol's on every pass. */
    since = pinfo->num + !is_whole_segment(pinfo);
    if (conversation_get_dissector(conversation, since) == handle)
        return true;
    if (conversation_get_dissector(conversation, pinfo->num) || !is_first(conversation, data))
        return false;
    conversation_set_dissector_from_frame_number(conversation, since, handle);
    return true;
}

/* True if the user has said that TLS on this port carries something else. What Wireshark has there by
 * default counts less than a CONNECT. */
static bool is_chosen(uint32_t port, dissector_handle_t handle)
{
    dissector_table_t table = find_dissector_table(TLS_TABLE);
    dissector_handle_t current = table ? dissector_get_uint_handle(table, port) : NULL;

    return current && current != handle && current != dissector_get_default_uint_handle(TLS_TABLE, port);
}

bool mqtt5_claim_tls(tvbuff_t *tvb, packet_info *pinfo, dissector_handle_t handle)
{
    if (!begins(tvb, pinfo) || is_chosen(pinfo->srcport, handle) || is_chosen(pinfo->destport, handle))
        return false;
    if (tls)
        tls_set_appdata_dissector(tls, pinfo, handle);
    return true;
}
