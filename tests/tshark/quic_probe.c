/* quic_probe.c
 * A plugin for tests alone: plays QUIC's part without its encryption, since no peer that speaks MQTT
 * over QUIC was at hand. A datagram to or from UDP port 14567 is the number of a stream, in eight
 * bytes, and bytes of that stream; they are passed on as QUIC's dissector does (test_quic.py).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define WS_BUILD_DLL

#include "compat.h"

#include <ws_symbol_export.h>

#include <epan/proto.h>

#define PORT 14567

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

static int proto_probe = -1, proto_quic = -1;

/* As QUIC's: the number of the stream comes first. */
typedef struct {
    uint64_t stream;
    uint8_t rest[64];
} stream_info;

static int probe(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    dissector_handle_t mqtt = dissector_get_string_handle(find_dissector_table("quic.proto"), "mqtt");
    stream_info info = {0};

    (void)data;
    if (!mqtt || tvb_captured_length(tvb) < 9)
        return 0;
    info.stream = tvb_get_ntoh64(tvb, 0);
    wmem_list_append(pinfo->layers, GINT_TO_POINTER(proto_quic));
    pinfo->can_desegment = 0;
    call_dissector_with_data(mqtt, tvb_new_subset_remaining(tvb, 8), pinfo, tree, &info);
    return (int)tvb_captured_length(tvb);
}

static void register_probe(void)
{
    proto_probe = proto_register_protocol("QUIC Probe", "QUICPROBE", "quic_probe");
}

static void hand_off_probe(void)
{
    proto_quic = proto_get_id_by_filter_name("quic");
    dissector_add_uint("udp.port", PORT, create_dissector_handle(probe, proto_probe));
}

void plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = register_probe;
    plugin.register_handoff = hand_off_probe;
    proto_register_plugin(&plugin);
}

uint32_t plugin_describe(void)
{
    return 1;
}
