/* upgrade.c
 * Reads the requests and answers of HTTP that lead to MQTT over WebSocket. Wireshark's HTTP dissector
 * calls nobody for them, so they are read where its layer is the last one of the frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/upgrade.h"

#include "clock.h"
#include "compat.h"
#include "core/packet/upgrade.h"
#include "intake/segment.h"
#include "judging/judge.h"
#include "network/tcp.h"

/* Kept with the Network Connection. */
struct mqtt5_upgrading {
    mqtt5_upgrade known;
    int64_t answer_time;
    uint32_t next;  /* number of the client's byte after its request, which the answer acknowledges */
    uint8_t client; /* its direction */
    bool spoke;     /* it has sent something after the answer, but no MQTT */
    bool over;      /* one end has closed */
};

#define CLOSING (MQTT5_TCP_COMPLETENESS_FIN | MQTT5_TCP_COMPLETENESS_RST)

/* The protocol of the last layer of the frame. */
static int last_layer(const packet_info *pinfo)
{
    const wmem_list_frame_t *layer = wmem_list_tail(pinfo->layers);

    return layer ? GPOINTER_TO_INT(wmem_list_frame_data(layer)) : -1;
}

/* The HTTP message of the frame: what was decrypted or put together last, or else the segment. */
static const uint8_t *find_text(const packet_info *pinfo, tvbuff_t *tvb, uint32_t *length)
{
    const GSList *last = g_slist_last(pinfo->data_src);
    tvbuff_t *source = last ? get_data_source_tvb(last->data) : NULL;
    mqtt5_segment segment;

    if (source && source != tvb) {
        *length = (uint32_t)tvb_captured_length(source);
        return *length > 0 ? tvb_get_ptr(source, 0, (int)*length) : NULL;
    }
    if (!mqtt5_segment_find(pinfo, tvb, &segment) || segment.captured == 0)
        return NULL;
    *length = segment.captured;
    return segment.bytes;
}

static void see_answer(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network)
{
    struct mqtt5_upgrading *own = network->upgrading;
    mqtt5_segment segment;

    own->answer_time = mqtt5_frame_time(pinfo);
    own->next = mqtt5_segment_find(pinfo, tvb, &segment) ? segment.ack : 0;
    mqtt5_judge_upgrade(pinfo, network, &own->known);
}

static void see_text(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network)
{
    struct mqtt5_upgrading *own = network ? network->upgrading : NULL;
    mqtt5_upgrade request;
    uint32_t length;
    const uint8_t *text = find_text(pinfo, tvb, &length);

    if (!text)
        return;
    if (own && own->known.request_frame != 0 && mqtt5_network_direction(pinfo) != own->client) {
        if (mqtt5_upgrade_answer(&own->known, pinfo->num, text, length))
            see_answer(pinfo, tvb, network);
        return;
    }
    if (!mqtt5_upgrade_request(&request, pinfo->num, text, length)) {
        /* Whatever the answer was, the client goes on with something else. */
        if (own)
            own->known = (mqtt5_upgrade){0};
        return;
    }
    if (!own) {
        network = mqtt5_network_of(pinfo, true, NULL);
        own = network->upgrading = wmem_new0(wmem_file_scope(), struct mqtt5_upgrading);
        network->bare = true;
    }
    own->known = request;
    own->client = mqtt5_network_direction(pinfo);
}

/* True if the frame, which closes, shows that the client has sent no byte since the answer: none is
 * missing from the capture. */
static bool is_silent(packet_info *pinfo, tvbuff_t *tvb, const struct mqtt5_upgrading *own, bool by_server)
{
    mqtt5_segment segment;

    return mqtt5_segment_find(pinfo, tvb, &segment) && (by_server ? segment.ack : segment.seq) == own->next;
}

static void see_end(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network, bool reset)
{
    struct mqtt5_upgrading *own = network->upgrading;
    mqtt5_bare bare = {.upgrade = &own->known,
                       .by_server = mqtt5_network_direction(pinfo) != own->client,
                       .reset = reset,
                       .frame = pinfo->num,
                       .open = own->answer_time,
                       .time = mqtt5_frame_time(pinfo)};

    bare.client.said = is_silent(pinfo, tvb, own, bare.by_server) ? MQTT5_BARE_NOTHING : MQTT5_BARE_OTHER;
    network->ended[0] = network->ended[1] = own->over = true;
    if (own->known.status != 0 && !own->spoke)
        mqtt5_judge_bare(pinfo, network, &bare);
}

bool mqtt5_upgrade_see(packet_info *pinfo, tvbuff_t *tvb, mqtt5_network *network)
{
    static int proto_http = -1, proto_tcp = -1, proto_tls = -1;
    const struct tcp_analysis *tcp;
    int last = last_layer(pinfo);
    unsigned news;

    if (proto_http == -1) {
        proto_http = proto_get_id_by_filter_name("http");
        proto_tcp = proto_get_id_by_filter_name("tcp");
        proto_tls = proto_get_id_by_filter_name("tls");
    }
    if (last == proto_http)
        see_text(pinfo, tvb, network);
    if (!network || !network->upgrading)
        return last == proto_http;
    tcp = mqtt5_tcp_of(network);
    /* Both end a connection, too: a TLS alert, and what TCP does. */
    if (last != proto_http && last != proto_tcp && last != proto_tls)
        network->upgrading->spoke |= mqtt5_network_direction(pinfo) == network->upgrading->client;
    news = tcp ? tcp->conversation_completeness & ~network->completeness & CLOSING : 0;
    network->completeness |= news;
    if (news && !network->upgrading->over)
        see_end(pinfo, tvb, network, (news & MQTT5_TCP_COMPLETENESS_RST) != 0);
    return true;
}
