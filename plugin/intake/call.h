/* call.h
 * One call of the dissector, for the parts of the intake. Internal to intake/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_CALL_H
#define MQTT5_INTAKE_CALL_H

#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>

#include "intake/framing/stream.h"
#include "judging/batch.h"

typedef enum {
    MQTT5_CARRIER_TCP,       /* directly on TCP: sequence numbers are known */
    MQTT5_CARRIER_WEBSOCKET, /* WebSocket has no desegmentation: we keep incomplete packets
                              * ourselves */
    MQTT5_CARRIER_QUIC,      /* each stream is a connection of its own */
    MQTT5_CARRIER_OTHER      /* TLS ...: desegmentation if the carrier offers it */
} mqtt5_carrier;

/* Most calls have no more packets than this, and need no allocation. */
#define MQTT5_FIRST_PDUS 8

/* One call of the dissector. */
typedef struct {
    tvbuff_t *tvb;
    packet_info *pinfo;
    proto_tree *tree;
    void *data;                /* the carrier's, for stock */
    const struct tcpinfo *tcp; /* NULL unless MQTT5_CARRIER_TCP */
    mqtt5_carrier carrier;
    uint16_t can_desegment;
    bool layered;   /* the layer "mqtt" has been added */
    bool announced; /* the first bytes of a packet that goes on, or its fixed header, are here for the first time */
    bool unnamed;   /* over WebSocket, with a sub-protocol other than "mqtt" */
    bool claimed;   /* no port led here, but a CONNECT in these bytes */
    mqtt5_network *network;

    const uint8_t *bytes;
    uint32_t captured, reported;
    mqtt5_plan plan;
    mqtt5_outcome outcome;
    uint32_t wanted;    /* bytes to ask for, or DESEGMENT_ONE_MORE_SEGMENT; 0: none */
    uint32_t stock_end; /* stock gets the bytes from plan.skip to here */
    mqtt5_batch batch;
    mqtt5_pdu *first_pdus; /* room for MQTT5_FIRST_PDUS */
    unsigned pdus_size;
} mqtt5_call;

#endif
