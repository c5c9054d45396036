/* judge.h
 * Where every carrier ends: whole control packets, cut by the intake, are judged once and rendered on every pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_JUDGE_H
#define MQTT5_JUDGE_H

#include <epan/packet.h>

#include "core/connection.h"

/* One whole control packet in the bytes of a batch. */
typedef struct {
    uint32_t offset;  /* in batch->tvb */
    uint32_t length;  /* whole packet, fixed header included; more than the tvb has captured if the snaplen cut it */
    bool gap;         /* bytes of this direction are missing just before it */
    proto_item *item; /* stock's item for it in this pass; NULL where there is none */
} mqtt5_pdu;

/* What the intake found in one call: the control packets of a segment, a TLS record or a WebSocket message. Lives in pinfo->pool. */
typedef struct {
    tvbuff_t *tvb;
    const uint8_t *bytes;         /* of tvb; only needed to judge */
    uint32_t captured;            /* bytes there */
    mqtt5_connection *connection; /* lives as long as the capture file */
    uint8_t direction;            /* 0 or 1, fixed within the connection */
    uint8_t server_port_hint;     /* as in mqtt5_input */
    uint64_t server;              /* as in mqtt5_input */
    bool peer_gap;                /* as in mqtt5_input */
    uint8_t carrier;              /* as in mqtt5_input, for the first packet */
    int64_t begin;                /* as in mqtt5_input, for the first packet */
    bool acks_known;              /* position, acks: carried by TCP */
    bool position_is_end;         /* not straight on TCP: position is behind the last byte of the segment, for all its packets */
    uint32_t position;            /* TCP sequence number of offset 0 of tvb */
    uint32_t acks;
    unsigned ordinal; /* 0, 1, 2 ... of the calls with packets within this frame, the same on every pass */
    unsigned count;
    mqtt5_pdu *pdus;
    const struct mqtt5_frozen_packet *judged; /* set by mqtt5_judge() on the first visit: what mqtt5_verdicts() would find; else NULL */
} mqtt5_batch;

/* Judges the packets of a batch on the frame's first visit and freezes what is found; on later visits fetches what was frozen. Calls no dissector. */
void mqtt5_judge(packet_info *pinfo, mqtt5_batch *batch);

/* Shows a batch: subtree and expert infos below each packet's item (below `tree` where it has none), Info column, taps. `tree` may be NULL: then only what
 * needs no tree is done (expert tap, Info column, taps). To be called on every pass, after stock has dissected the same bytes. */
void mqtt5_render(packet_info *pinfo, proto_tree *tree, mqtt5_batch *batch);

/* Judges the close of a connection, on the frame's first visit; frozen only if something is found. `batch` has the connection, an ordinal of its own, and
 * room for one packet. */
void mqtt5_judge_close(packet_info *pinfo, mqtt5_batch *batch, const mqtt5_close *close);

/* Shows what was found at a close, if anything; on every pass. */
void mqtt5_render_close(packet_info *pinfo, proto_tree *tree, mqtt5_batch *batch);

/* Registers fields, expert infos, preferences and taps; called once, from the protocol's registration. */
void mqtt5_register_fields(int proto);

#endif
