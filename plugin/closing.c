/* closing.c
 * Looks at the frames of MQTT's connections after TCP has: a FIN or RST closes, and an acknowledgment may show that bytes were not captured.
 *
 * A postdissector, since nobody calls a dissector for a segment without payload. It asks for no fields, so no tree is built for its sake, and it is registered when
 * the first MQTT comes by, so that others need not pay for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "closing.h"

#include <epan/dissectors/packet-tcp.h>

#include "clock.h"
#include "columns.h"
#include "compat.h"
#include "intake.h"
#include "judge.h"
#include "network.h"
#include "packet-mqtt5.h"

/* TCP's own marks for a conversation in which a FIN and a RST was seen; packet-tcp.c keeps their names to itself. */
#define COMPLETENESS_FIN 0x10
#define COMPLETENESS_RST 0x20

/* A close is frozen like a batch of one packet, under this ordinal. */
#define CLOSE_ORDINAL UINT32_MAX

static void show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, mqtt5_network *network, const mqtt5_close *close)
{
    mqtt5_batch batch = {.tvb = tvb, .ordinal = CLOSE_ORDINAL, .count = 1};

    if (close) {
        batch.connection = network->judged;
        mqtt5_judge_close(pinfo, &batch, close);
    }
    mqtt5_render_close(pinfo, tree, &batch);
}

/* `network` is that of the packets in this frame, NULL where there are none. */
static void see_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, mqtt5_network *network)
{
    bool told = network != NULL; /* with its packets, what the frame acknowledges */
    const struct tcp_analysis *tcp;
    mqtt5_close close = {0};
    unsigned news;

    if (!network)
        network = mqtt5_network_of(pinfo, false, NULL);
    tcp = network ? mqtt5_network_tcp(network) : NULL;
    if (!tcp)
        return;
    news = tcp->conversation_completeness & ~network->completeness & (COMPLETENESS_FIN | COMPLETENESS_RST);
    /* The first FIN tells who closes; the second only answers it, and TCP says nothing of that. */
    if (news || (network->completeness & COMPLETENESS_FIN)) {
        close.direction = mqtt5_network_direction(pinfo);
        close.second = !news && !network->ended[close.direction] && mqtt5_network_at_end(network, tcp, close.direction);
    }
    network->completeness = tcp->conversation_completeness;
    if (!news && !close.second) {
        if (!told && mqtt5_network_ack_lost(tcp))
            mqtt5_connection_lost(network->judged, !mqtt5_network_direction(pinfo));
        return;
    }
    network->ended[close.direction] = true;
    close.gap = mqtt5_network_lost(tcp);
    close.peer_gap = mqtt5_network_ack_lost(tcp);
    close.reset = (news & COMPLETENESS_RST) != 0;
    close.complete = close.second || mqtt5_network_complete(network, tcp, close.direction, close.reset);
    close.frame = pinfo->num;
    close.time = mqtt5_frame_time(pinfo);
    show(tvb, pinfo, tree, network, &close);
}

static int see_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    mqtt5_network *network = mqtt5_intake_network(pinfo);

    (void)data;
    mqtt5_intake_frame_done();
    if (!mqtt5_network_any() || pinfo->ptype != PT_TCP || !mqtt5_enabled() || pinfo->flags.in_error_pkt)
        return 0;
    if (PINFO_FD_VISITED(pinfo))
        show(tvb, pinfo, tree, NULL, NULL);
    else
        see_first(tvb, pinfo, tree, network);
    return 0;
}

void mqtt5_closing_watch(void)
{
    static bool watching;

    if (!watching)
        register_postdissector(create_dissector_handle(see_frame, -1));
    watching = true;
}
