/* bare.c
 * Follows connections to MQTT's ports on which no MQTT is seen: nothing is sent, or TLS that is not
 * decrypted, of which no dissector tells us. So it reads the segments itself, but looks only at the
 * start of each end's bytes, and at alerts in clear.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/bare.h"

#include "clock.h"
#include "compat.h"
#include "core/packet/foreign.h"
#include "intake/framing/framing.h"
#include "intake/framing/signature.h"
#include "judging/judge.h"
#include "network/tcp.h"

/* Registered with IANA. */
enum { MQTT_PORT = 1883, SECURE_MQTT_PORT = 8883 };

/* No header before that of TCP is longer. */
#define SEARCHED 200
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, IP_TCP = 6, TCP_HEADER = 20 };
enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_ACK = 16 };
enum { TLS_ALERT = 21, TLS_FATAL = 2, ALERT_RECORD = 7, HELLO_VERSION = 9, TLS_1_2 = 0x0303 };

/* A segment, as it is in the frame. */
typedef struct {
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *bytes;
    uint32_t length, captured; /* of its bytes */
} segment;

typedef struct {
    mqtt5_bare known;
    uint32_t base[2];    /* sequence number after the SYN of the client, and of the server */
    bool opened, broken; /* both SYN were seen; bytes were missed, or it is over */
} bare;

static wmem_map_t *connections; /* bare by the conversation; NULL: none yet */

static uint16_t get16(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t get32(const uint8_t *data)
{
    return (uint32_t)get16(data) << 16 | get16(data + 2);
}

/* The length of what follows the IP header that ends at `at`; 0 if there is none, or it is not plain. */
static uint32_t ip_payload(const uint8_t *data, uint32_t at)
{
    const uint8_t *header = data + at;

    if (at >= IPV4_HEADER && header[-IPV4_HEADER] == 0x45 && header[-IPV4_HEADER + 9] == IP_TCP &&
        get16(header - IPV4_HEADER + 2) > IPV4_HEADER)
        return get16(header - IPV4_HEADER + 2) - IPV4_HEADER;
    if (at >= IPV6_HEADER && header[-IPV6_HEADER] >> 4 == 6 && header[-IPV6_HEADER + 6] == IP_TCP)
        return get16(header - IPV6_HEADER + 4);
    return 0;
}

/* Finds the TCP header by its ports. */
static bool find_segment(const packet_info *pinfo, tvbuff_t *tvb, segment *found)
{
    uint32_t captured = (uint32_t)tvb_captured_length(tvb), length, header;
    const uint8_t *data = captured > 0 ? tvb_get_ptr(tvb, 0, (int)captured) : NULL;

    for (uint32_t at = IPV4_HEADER; at + TCP_HEADER <= captured && at < SEARCHED; at++) {
        if (get16(data + at) != pinfo->srcport || get16(data + at + 2) != pinfo->destport)
            continue;
        length = ip_payload(data, at);
        header = (uint32_t)(data[at + 12] >> 4) * 4;
        if (header < TCP_HEADER || length < header || captured < at + header)
            continue;
        *found = (segment){.seq = get32(data + at + 4), .ack = get32(data + at + 8), .flags = data[at + 13], .bytes = data + at + header};
        found->length = length - header;
        found->captured = MIN(found->length, captured - at - header);
        return true;
    }
    return false;
}

/* What the first bytes of an end are. */
static uint8_t said_by(const segment *seen, bool client)
{
    mqtt5_frame frame = mqtt5_frame_read(seen->bytes, seen->captured);
    uint32_t length;

    switch (mqtt5_foreign_read(seen->bytes, seen->captured, &length)) {
    case MQTT5_FOREIGN_TLS_HELLO: return client ? MQTT5_BARE_CLIENT_HELLO : MQTT5_BARE_OTHER;
    case MQTT5_FOREIGN_TLS: return client ? MQTT5_BARE_OTHER : MQTT5_BARE_SERVER_HELLO;
    case MQTT5_FOREIGN_TLS_ALERT: return MQTT5_BARE_ALERT;
    default: break;
    }
    if (client)
        return mqtt5_signature(seen->bytes, seen->captured) ? MQTT5_BARE_CONNECT : MQTT5_BARE_OTHER;
    if ((seen->bytes[0] == MQTT5_CONNACK << 4 || seen->bytes[0] == MQTT5_DISCONNECT << 4) && frame.status == MQTT5_FRAME_KNOWN &&
        frame.length == seen->length)
        return MQTT5_BARE_MQTT;
    return MQTT5_BARE_OTHER;
}

/* A Network Connection begins with it only where there is something to say. */
static void see_hello(packet_info *pinfo, unsigned version)
{
    mqtt5_network *network;

    if (version >= TLS_1_2)
        return;
    network = mqtt5_network_of(pinfo, true, NULL);
    network->bare = true;
    mqtt5_judge_hello(pinfo, network, version);
}

static void see_bytes(bare *own, packet_info *pinfo, const segment *seen, bool client)
{
    mqtt5_bare_side *side = client ? &own->known.client : &own->known.server;
    const uint8_t *bytes = seen->bytes;

    if (side->frame == 0) {
        own->broken |= seen->seq != own->base[!client] || seen->captured == 0;
        if (own->broken)
            return;
        side->frame = pinfo->num;
        side->time = mqtt5_frame_time(pinfo);
        side->said = said_by(seen, client);
        if (side->said == MQTT5_BARE_SERVER_HELLO && own->known.tls_port && mqtt5_network_security() && seen->captured >= HELLO_VERSION + 2)
            see_hello(pinfo, get16(bytes + HELLO_VERSION));
    }
    if (side->alert_frame == 0 && seen->captured >= ALERT_RECORD && bytes[0] == TLS_ALERT && bytes[1] == 3 && bytes[2] <= 4 &&
        get16(bytes + 3) == 2 && bytes[5] == TLS_FATAL) {
        side->alert_frame = pinfo->num;
        side->alert = bytes[6];
    }
}

static void see_end(bare *own, packet_info *pinfo, const segment *seen, bool client)
{
    mqtt5_bare *known = &own->known;
    mqtt5_network *network;
    mqtt5_findings findings;
    mqtt5_facts facts;

    known->by_server = !client;
    known->reset = (seen->flags & FLAG_RST) != 0;
    known->time = mqtt5_frame_time(pinfo);
    known->server_id = mqtt5_network_server(pinfo, (uint8_t)client, 0);
    known->refused = !own->opened;
    known->unanswered = known->server.frame == 0 && (client ? seen->ack : seen->seq) == own->base[1];
    own->broken = true;
    /* The client has sent something, but it was not captured. */
    if (known->client.frame == 0 && own->opened && (client ? seen->seq : seen->ack) != own->base[0])
        return;
    mqtt5_connection_bare(NULL, known, &facts, &findings);
    /* A connection of which there is nothing to say stays one that is not known. */
    if (!mqtt5_cause_known(&findings.cause))
        return;
    network = mqtt5_network_of(pinfo, true, NULL);
    network->open_time = known->open;
    if (!known->refused)
        network->ended[0] = network->ended[1] = true;
    if (mqtt5_tcp_of(network))
        network->completeness = mqtt5_tcp_of(network)->conversation_completeness;
    mqtt5_judge_bare(pinfo, network, known);
}

static bare *connection_of(packet_info *pinfo, const segment *seen, bool client)
{
    const conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    bare *own;

    if (!conversation)
        return NULL;
    if (!connections)
        connections = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    own = wmem_map_lookup(connections, conversation);
    if (own || !client || (seen->flags & (FLAG_SYN | FLAG_ACK)) != FLAG_SYN)
        return own;
    own = wmem_new0(wmem_file_scope(), bare);
    own->base[0] = seen->seq + 1;
    own->known.syn_frame = pinfo->num;
    own->known.open = mqtt5_frame_time(pinfo);
    own->known.tls_port = pinfo->destport == SECURE_MQTT_PORT;
    wmem_map_insert(connections, conversation, own);
    return own;
}

void mqtt5_bare_forget(const conversation_t *conversation)
{
    if (connections)
        wmem_free(wmem_file_scope(), wmem_map_remove(connections, conversation));
}

static bool is_port(uint32_t port)
{
    return port == MQTT_PORT || port == SECURE_MQTT_PORT;
}

void mqtt5_bare_see(packet_info *pinfo, tvbuff_t *tvb)
{
    bool client = is_port(pinfo->destport);
    segment seen;
    bare *own;

    if (client == is_port(pinfo->srcport) || !find_segment(pinfo, tvb, &seen))
        return;
    own = connection_of(pinfo, &seen, client);
    if (!own || own->broken)
        return;
    if (seen.flags & FLAG_SYN) {
        if (!client && (seen.flags & FLAG_ACK) && seen.ack == own->base[0]) {
            own->opened = true;
            own->base[1] = seen.seq + 1;
        }
        return;
    }
    /* A RST that answers a SYN acknowledges it; nobody else would. */
    if (!own->opened && (client || !(seen.flags & FLAG_RST) || seen.ack != own->base[0]))
        return;
    if (seen.length > 0 && own->opened)
        see_bytes(own, pinfo, &seen, client);
    if ((seen.flags & (FLAG_FIN | FLAG_RST)) && !own->broken)
        see_end(own, pinfo, &seen, client);
}
