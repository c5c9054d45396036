/* tap.c
 * Queues frozen results for the listeners of the tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/tap.h"

#include <epan/dissectors/packet-udp.h>
#include <epan/strutil.h>

#include "compat.h"
#include "core/packet/decode.h"
#include "network/tcp.h"

/* Wireshark pads all names of a tree to the length of the longest. */
#define NAME_MAX_BYTES 128

static int tap;
static int other_tap = -1;

void mqtt5_tap_register(void)
{
    tap = register_tap(MQTT5_TAP);
}

void mqtt5_tap_also(int id)
{
    other_tap = id;
}

void mqtt5_tap_queue(packet_info *pinfo, const mqtt5_batch *batch, const mqtt5_frozen_packet *packets)
{
    bool listened = have_tap_listener(tap), other = have_tap_listener(other_tap);
    mqtt5_tap_record *record;

    if (!listened && !other)
        return;
    record = wmem_new(pinfo->pool, mqtt5_tap_record);
    /* On later passes, a close comes without its network, which is needed only here. */
    record->network = batch->network ? batch->network : mqtt5_network_of(pinfo, false, NULL);
    record->tvb = batch->tvb;
    record->count = batch->count;
    record->pdus =
        batch->pdus ? wmem_memdup(pinfo->pool, batch->pdus, batch->count * sizeof batch->pdus[0]) : wmem_new0(pinfo->pool, mqtt5_pdu);
    record->packets = packets;
    if (listened)
        tap_queue_packet(tap, pinfo, record);
    if (other)
        tap_queue_packet(other_tap, pinfo, record);
}

void mqtt5_tap_decode(const mqtt5_tap_record *record, unsigned number, mqtt5_packet *packet)
{
    const mqtt5_pdu *pdu = &record->pdus[number];
    uint32_t there = (uint32_t)tvb_captured_length_remaining(record->tvb, (int)pdu->offset), captured = MIN(there, pdu->length);

    mqtt5_decode(packet, captured > 0 ? tvb_get_ptr(record->tvb, (int)pdu->offset, (int)captured) : NULL, captured, pdu->length,
                 record->packets[number].facts.version, NULL);
}

const char *mqtt5_tap_printable(const uint8_t *data, size_t length, wmem_allocator_t *pool)
{
    char *text = format_text(pool, (const void *)data, length), *end = text + NAME_MAX_BYTES;

    if (strlen(text) <= NAME_MAX_BYTES)
        return text;
    while (end > text && (*end & 0xC0) == 0x80)
        end--;
    *end = '\0';
    return wmem_strconcat(pool, text, "…", NULL);
}

const char *mqtt5_tap_client(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool)
{
    const mqtt5_identity *identity = record->packets[number].facts.identity;
    uint32_t stream;
    const char *field = mqtt5_tap_stream(record->network, &stream);

    if (identity && identity->client_id)
        return mqtt5_tap_printable((const uint8_t *)identity->client_id, strlen(identity->client_id), pool);

    return wmem_strdup_printf(pool, field ? "(%s, %s %u)" : "(%s)", identity ? "no Client ID" : "unknown Client ID", field, stream);
}

const uint8_t *mqtt5_tap_topic_bytes(const mqtt5_tap_record *record, unsigned number, const mqtt5_packet *packet, uint32_t *length)
{
    const mqtt5_publication *publication = record->packets[number].facts.detail.publication;

    *length = 0;
    if ((packet->has & MQTT5_HAS_TOPIC) && packet->topic.length > 0) {
        *length = packet->topic.length;
        return mqtt5_bytes(packet, packet->topic);
    }
    if (!publication || !publication->alias)
        return NULL;
    *length = publication->alias->length;
    return publication->alias->topic;
}

const char *mqtt5_tap_topic(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool)
{
    mqtt5_packet packet;
    uint32_t length;
    const uint8_t *topic;

    mqtt5_tap_decode(record, number, &packet);
    topic = mqtt5_tap_topic_bytes(record, number, &packet, &length);
    return topic ? mqtt5_tap_printable(topic, length, pool) : "(topic not known)";
}

const char *mqtt5_tap_stream(mqtt5_network *network, uint32_t *stream)
{
    static int proto_udp = -1;
    const struct tcp_analysis *tcp = mqtt5_tcp_of(network);
    const struct udp_analysis *udp;

    *stream = 0;

    if (tcp) {
        *stream = tcp->stream;
        return "tcp.stream";
    }
    if (proto_udp == -1)
        proto_udp = proto_get_id_by_filter_name("udp");
    udp = conversation_get_proto_data(network->conversation, proto_udp);
    if (udp)
        *stream = udp->stream;
    return udp ? "udp.stream" : NULL;
}
