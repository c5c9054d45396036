/* tcp_probe.c
 * A plugin for tests alone: shows what the values in compat.h that are private to Wireshark's TCP
 * dissector find in each frame, so that test_tcp.py can hold them against TCP's own fields.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define WS_BUILD_DLL

#include "compat.h"

#include <ws_symbol_export.h>

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/proto.h>

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

static int proto_probe = -1, proto_tcp = -1;
static int hf_lost = -1, hf_ack_lost = -1, hf_again = -1, hf_keep_alive = -1, hf_zero_window = -1, hf_base = -1, hf_syn = -1,
           hf_syn_ack = -1, hf_fin = -1, hf_rst = -1;

static int probe(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    conversation_t *conversation = pinfo->ptype == PT_TCP ? find_conversation_pinfo(pinfo, 0) : NULL;
    const struct tcp_analysis *tcp = conversation ? conversation_get_proto_data(conversation, proto_tcp) : NULL;

    (void)data;
    if (!tcp)
        return 0;
    if (tcp->fwd && (tcp->fwd->lastsegmentflags & MQTT5_TCP_LOST_PACKET))
        proto_tree_add_uint(tree, hf_lost, tvb, 0, 0, 1);
    if (tcp->fwd && (tcp->fwd->lastsegmentflags & MQTT5_TCP_ACK_LOST_PACKET))
        proto_tree_add_uint(tree, hf_ack_lost, tvb, 0, 0, 1);
    if (tcp->fwd && (tcp->fwd->lastsegmentflags & MQTT5_TCP_SENT_AGAIN))
        proto_tree_add_uint(tree, hf_again, tvb, 0, 0, 1);
    if (tcp->fwd && (tcp->fwd->lastsegmentflags & MQTT5_TCP_KEEP_ALIVE))
        proto_tree_add_uint(tree, hf_keep_alive, tvb, 0, 0, 1);
    if (tcp->fwd && (tcp->fwd->lastsegmentflags & MQTT5_TCP_ZERO_WINDOW))
        proto_tree_add_uint(tree, hf_zero_window, tvb, 0, 0, 1);
    if (tcp->fwd && (tcp->fwd->static_flags & MQTT5_TCP_BASE_SEQ_SET))
        proto_tree_add_uint(tree, hf_base, tvb, 0, 0, tcp->fwd->base_seq);
    if (tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_SYN)
        proto_tree_add_uint(tree, hf_syn, tvb, 0, 0, 1);
    if (tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_SYN_ACK)
        proto_tree_add_uint(tree, hf_syn_ack, tvb, 0, 0, 1);
    if (tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_FIN)
        proto_tree_add_uint(tree, hf_fin, tvb, 0, 0, 1);
    if (tcp->conversation_completeness & MQTT5_TCP_COMPLETENESS_RST)
        proto_tree_add_uint(tree, hf_rst, tvb, 0, 0, 1);
    return 0;
}

static void register_probe(void)
{
    static hf_register_info hf[] = {
        {&hf_lost, {"Lost", "tcp_probe.lost", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ack_lost, {"ACK lost", "tcp_probe.ack_lost", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_again, {"Sent again", "tcp_probe.again", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_keep_alive, {"Keep-alive", "tcp_probe.keep_alive", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_zero_window, {"Zero window", "tcp_probe.zero_window", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_syn, {"SYN", "tcp_probe.syn", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_syn_ack, {"SYN/ACK", "tcp_probe.syn_ack", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_base, {"Base", "tcp_probe.base", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_fin, {"FIN", "tcp_probe.fin", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_rst, {"RST", "tcp_probe.rst", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    };

    proto_probe = proto_register_protocol("TCP Probe", "TCP Probe", "tcp_probe");
    proto_register_field_array(proto_probe, hf, G_N_ELEMENTS(hf));
}

static void register_postdissector_of_probe(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    register_postdissector(create_dissector_handle(probe, proto_probe));
}

void plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = register_probe;
    plugin.register_handoff = register_postdissector_of_probe;
    proto_register_plugin(&plugin);
}

uint32_t plugin_describe(void)
{
    return 1;
}
