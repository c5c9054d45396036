/* follow.c
 * Follow > MQTT5 Stream, and tshark -z follow,mqtt5: a session as a dialogue.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include "compat.h"

#include <epan/addr_resolv.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/follow.h>
#include <epan/to_str.h>

#include "statistics/dialogue.h"
#include "statistics/tap.h"

/* The connection of a packet that is selected. */
static char *filter_of_packet(epan_dissect_t *edt, packet_info *pinfo, unsigned *stream, unsigned *sub_stream)
{
    mqtt5_network *network = mqtt5_network_look_up(pinfo);
    uint32_t number;
    const char *field = network ? mqtt5_tap_stream(network, &number) : NULL;

    (void)edt;
    if (!field)
        return NULL;
    *stream = number;
    *sub_stream = 0;
    return ws_strdup_printf("%s eq %u", field, number);
}

static char *filter_of_stream(unsigned stream, unsigned sub_stream)
{
    (void)sub_stream;
    return ws_strdup_printf("tcp.stream eq %u", stream);
}

static char *filter_of_addresses(address *source, address *target, int source_port, int target_port)
{
    const char *ip = source->type == AT_IPv6 ? "ipv6" : "ip";
    char *from = address_to_str(NULL, source), *to = address_to_str(NULL, target);
    char *filter = ws_strdup_printf("(%s.src eq %s and tcp.srcport eq %d and %s.dst eq %s and tcp.dstport eq %d) or "
                                    "(%s.src eq %s and tcp.srcport eq %d and %s.dst eq %s and tcp.dstport eq %d)",
                                    ip, from, source_port, ip, to, target_port, ip, to, target_port, ip, from, source_port);

    wmem_free(NULL, from);
    wmem_free(NULL, to);
    return filter;
}

/* Wireshark calls one end the client: that of MQTT, or who speaks first where that is not known. */
static bool is_from_server(follow_info_t *info, const packet_info *pinfo, mqtt5_sender sender)
{
    if (info->client_port == 0) {
        bool swapped = sender == MQTT5_SERVER;

        info->client_port = swapped ? pinfo->destport : pinfo->srcport;
        info->server_port = swapped ? pinfo->srcport : pinfo->destport;
        copy_address(&info->client_ip, swapped ? &pinfo->dst : &pinfo->src);
        copy_address(&info->server_ip, swapped ? &pinfo->src : &pinfo->dst);
    }
    return !addresses_equal(&info->client_ip, &pinfo->src) || info->client_port != pinfo->srcport;
}

static void add_text(follow_info_t *info, const packet_info *pinfo, bool from_server, const GString *text)
{
    follow_record_t *record = g_new0(follow_record_t, 1);

    record->is_server = from_server;
    record->packet_num = pinfo->num;
    record->abs_ts = pinfo->abs_ts;
    record->data = g_byte_array_sized_new((guint)text->len);
    g_byte_array_append(record->data, (const guint8 *)text->str, (guint)text->len);
    info->bytes_written[from_server] += (guint)text->len;
    info->payload = g_list_prepend(info->payload, record);
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    follow_info_t *info = data;
    const mqtt5_tap_record *record = tapped;
    GString *text = g_string_new(NULL);

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        bool from_server = is_from_server(info, pinfo, (mqtt5_sender)record->packets[i].facts.sender);

        g_string_truncate(text, 0);
        mqtt5_dialogue_append(text, record, i, pinfo);
        if (text->len > 0)
            add_text(info, pinfo, from_server, text);
    }
    g_string_free(text, TRUE);
    return TAP_PACKET_DONT_REDRAW;
}

void mqtt5_follow_register(int proto)
{
    mqtt5_register_follow(proto, MQTT5_TAP, filter_of_packet, filter_of_stream, filter_of_addresses, tcp_port_to_display, see_record,
                          get_tcp_stream_count);
}
