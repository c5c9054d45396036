/* tap.h
 * The tap "mqtt5": what was judged, for Wireshark's statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_TAP_H
#define MQTT5_TAP_H

#include <epan/packet.h>
#include <epan/tap.h>

#include "network.h"
#include "verdicts.h"

#define MQTT5_TAP "mqtt5"

/* One call of the intake with its control packets, or the close of a connection. One record for all packets of a call, since Wireshark queues no more than some
 * thousand records a frame. Lives in pinfo->pool; a listener must not keep it. */
typedef struct {
    mqtt5_network *network; /* lives as long as the capture file */
    tvbuff_t *tvb;
    unsigned count;
    const mqtt5_pdu *pdus;              /* `count` of them, in tvb; of a close, its length is 0 */
    const mqtt5_frozen_packet *packets; /* `count` of them */
} mqtt5_tap_record;

/* Registers the tap. Called once, with the protocol. */
void mqtt5_tap_register(void);

/* Offers a batch, or a close (of which pdus may be NULL), as it was frozen, to whoever listens. To be called on every pass. Costs nothing where nobody listens. */
void mqtt5_tap_queue(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets);

/* Decodes packet `number` of a record, as the version that was known when it was judged. Fills *packet whatever the bytes. */
void mqtt5_tap_decode(const mqtt5_tap_record *record, unsigned number, mqtt5_packet *packet);

/* Which client packet `number` comes from or goes to: its Client Identifier, or the stream where that is not known. Printable, of moderate length, in `pool`. */
const char *mqtt5_tap_client(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool);

/* The topic of a PUBLISH, Topic Aliases resolved, printable, of moderate length, in `pool`; says so where it is not known. */
const char *mqtt5_tap_topic(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool);

/* The number of the connection's stream, and the filter field that has it: "tcp.stream" or "udp.stream"; NULL where it is neither. */
const char *mqtt5_tap_stream(mqtt5_network *network, uint32_t *stream);

#endif
