/* tap.h
 * The tap "mqtt5": control packets and their results, for Wireshark's statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_TAP_H
#define MQTT5_STATISTICS_TAP_H

#include <epan/packet.h>
#include <epan/tap.h>

#include "judging/frozen.h"
#include "network/network.h"

#define MQTT5_TAP "mqtt5"

/* One call of the intake with its control packets, or the close of a connection. There is one
 * record for all packets of a call, because Wireshark queues only some thousand records per frame.
 * It lives in pinfo->pool; a listener must not keep it. */
typedef struct {
    mqtt5_network *network; /* lives as long as the capture file */
    tvbuff_t *tvb;
    unsigned count;
    const mqtt5_pdu *pdus;              /* `count` of them, in tvb; for a close, the length is 0 */
    const mqtt5_frozen_packet *packets; /* `count` of them */
} mqtt5_tap_record;

/* Registers the tap. Called once, when the protocol is registered. */
void mqtt5_tap_register(void);

/* Has the records queued for another tap of Wireshark's, too: its id. There may be one. */
void mqtt5_tap_also(int id);

/* Queues a frozen batch, or a close (whose pdus may be NULL), for the listeners. Call it on every
 * pass. It costs nothing if there is no listener. */
void mqtt5_tap_queue(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets);

/* Decodes packet `number` of a record, as the version that was known when it was judged. Always
 * fills *packet, whatever the bytes are. */
void mqtt5_tap_decode(const mqtt5_tap_record *record, unsigned number, mqtt5_packet *packet);

/* `length` bytes from the wire as a text that is printable, of moderate length, and in `pool`. */
const char *mqtt5_tap_printable(const uint8_t *data, size_t length, wmem_allocator_t *pool);

/* The client that sends or receives packet `number`: its Client Identifier, or the stream if that
 * is not known. The text is printable, of moderate length, and in `pool`. */
const char *mqtt5_tap_client(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool);

/* The topic of a PUBLISH, with Topic Aliases resolved, or a text that says that it is not known.
 * The text is printable, of moderate length, and in `pool`. */
const char *mqtt5_tap_topic(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool);

/* The same as it was sent: *length bytes, or NULL if it is not known. `packet` is packet `number`
 * of the record, decoded, and has to live as long as the result. */
const uint8_t *mqtt5_tap_topic_bytes(const mqtt5_tap_record *record, unsigned number, const mqtt5_packet *packet, uint32_t *length);

/* The number of the connection's stream, and its filter field, "tcp.stream" or "udp.stream"; *field
 * is NULL if it is neither. */
const char *mqtt5_tap_stream(mqtt5_network *network, uint32_t *stream);

#endif
