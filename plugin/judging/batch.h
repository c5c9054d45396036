/* batch.h
 * The control packets of one call: the intake passes them on to judging and display.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_JUDGING_BATCH_H
#define MQTT5_JUDGING_BATCH_H

#include <epan/packet.h>

#include "network/network.h"

/* A close is treated like a batch of one packet, with this ordinal. */
#define MQTT5_CLOSE_ORDINAL UINT32_MAX

/* So is what is no whole packet: the first of a frame has this ordinal, the next one less, and so
 * on. */
#define MQTT5_BYTES_ORDINAL (MQTT5_CLOSE_ORDINAL - 1)

/* True for both: no frame has so many batches of packets. */
static inline bool mqtt5_ordinal_is_alone(unsigned ordinal)
{
    return ordinal > UINT32_MAX / 2;
}

/* One whole control packet in the bytes of a batch. */
typedef struct {
    uint32_t offset;  /* in batch->tvb */
    uint32_t length;  /* of the whole packet, with its fixed header; more than the tvb has captured
                       * if the snaplen cuts it */
    bool gap;         /* bytes of this direction are missing before it */
    proto_item *item; /* stock's item for it in this pass; NULL if there is none */
    bool decoded;     /* in this pass, stock has passed its payload to another dissector */
} mqtt5_pdu;

/* What the intake found in one call: the control packets of a segment, a TLS record or a WebSocket
 * message. Lives in pinfo->pool. */
typedef struct {
    tvbuff_t *tvb;
    const uint8_t *bytes;     /* of tvb; needed only to judge */
    uint32_t captured;        /* bytes in it */
    mqtt5_network *network;   /* lives as long as the capture file */
    uint8_t direction;        /* 0 or 1, the same for all frames of the connection in this
                               * direction */
    bool peer_gap;            /* as in mqtt5_input */
    bool clear;               /* as in mqtt5_input */
    uint8_t websocket_faults; /* as in mqtt5_input, for the first packet */
    uint32_t split_frame;     /* as in mqtt5_input, for the first packet */
    int64_t begin;            /* as in mqtt5_input, for the first packet */
    bool doubtful;            /* as in mqtt5_plan */
    bool disbelieved;         /* set by mqtt5_judge() on the first visit: these are no packets after all */
    bool acks_known;          /* position, acks: carried by TCP */
    bool position_is_end;     /* not directly on TCP: for all packets, position is after the last
                               * byte of the segment */
    uint32_t position;        /* TCP sequence number of offset 0 of tvb */
    uint32_t acks;
    unsigned ordinal; /* set by mqtt5_judge(): 0, 1, 2 ... within the frame, the same on every
                       * pass */
    unsigned count;
    mqtt5_pdu *pdus;
    /* Set by mqtt5_judge() on the first visit: what mqtt5_frozen_packets() would return; otherwise
     * NULL. */
    const struct mqtt5_frozen_packet *judged;
} mqtt5_batch;

#endif
