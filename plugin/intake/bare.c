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
#include "intake/segment.h"
#include "judging/judge.h"
#include "network/tcp.h"

/* Registered with IANA. */
enum { MQTT_PORT = 1883, SECURE_MQTT_PORT = 8883 };

enum { TLS_ALERT = 21, TLS_FATAL = 2, ALERT_RECORD = 7, HELLO_VERSION = 9, TLS_1_2 = 0x0303 };

/* So many SYN of a client, each so long after the one before. */
#define SYNS_MIN 3
#define SYN_AGAIN (MQTT5_SECOND / 2)

typedef struct {
    mqtt5_bare known;
    uint32_t base[2];    /* sequence number after the SYN of the client, and of the server */
    bool opened, broken; /* both SYN were seen; bytes were missed, or it is over */
    bool hidden;         /* the client has sent something that was not captured, and that was told */
    uint32_t syns;       /* that the client has sent, at different times */
    int64_t syn_time;    /* of the last of them */
} bare;

static wmem_map_t *connections; /* bare by the conversation; NULL: none yet */

static uint16_t get16(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

/* What the first bytes of an end are. */
static uint8_t said_by(const mqtt5_segment *seen, bool client)
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

static void see_bytes(bare *own, packet_info *pinfo, const mqtt5_segment *seen, bool client)
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

static void see_end(bare *own, packet_info *pinfo, const mqtt5_segment *seen, bool client)
{
    mqtt5_bare *known = &own->known;
    mqtt5_network *network;
    mqtt5_findings findings;
    mqtt5_facts facts;

    known->by_server = !client;
    known->reset = (seen->flags & MQTT5_SEGMENT_RST) != 0;
    known->time = mqtt5_frame_time(pinfo);
    known->frame = pinfo->num;
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

/* A SYN is sent again only if no answer has come, so this holds even where the capture has only one
 * direction. */
static void see_syn(bare *own, packet_info *pinfo)
{
    int64_t now = mqtt5_frame_time(pinfo);
    mqtt5_network *network;
    mqtt5_bare known = own->known;

    if (now - own->syn_time < SYN_AGAIN)
        return;
    own->syn_time = now;
    if (++own->syns != SYNS_MIN)
        return;
    known.syns = own->syns;
    known.time = now;
    known.frame = pinfo->num;
    known.server_id = mqtt5_network_server(pinfo, 1, 0);
    network = mqtt5_network_of(pinfo, true, NULL);
    network->open_time = known.open;
    network->bare = true;
    mqtt5_judge_bare(pinfo, network, &known);
}

/* Another connection of the same client may be missing from the capture, but for these frames. */
static void hide(bare *own, const packet_info *pinfo, bool client)
{
    if (!own->hidden)
        mqtt5_network_hidden(pinfo, mqtt5_network_server(pinfo, (uint8_t)client, 0), mqtt5_frame_time(pinfo));
    own->hidden = true;
}

/* True if the client has sent bytes before this segment, or in it, of which none was captured. Its FIN alone,
 * which the server acknowledges, is none. */
static bool shows_hidden(const bare *own, const mqtt5_segment *seen, bool client)
{
    if (own->known.client.frame != 0)
        return false;
    if (client)
        return (int32_t)(seen->seq - own->base[0]) > 0 || (seen->length > 0 && seen->captured == 0);
    return (seen->flags & MQTT5_SEGMENT_ACK) && (int32_t)(seen->ack - own->base[0]) > 1;
}

/* A connection whose SYN was not captured. What it was is not known, but somebody's; not so if only a RST
 * is left of it, with which an end answers what is late. */
static bare *new_unopened(const packet_info *pinfo, const mqtt5_segment *seen, bool client)
{
    bare *own = wmem_new0(wmem_file_scope(), bare);

    own->broken = true;
    if (!(seen->flags & MQTT5_SEGMENT_RST))
        hide(own, pinfo, client);
    return own;
}

static bare *connection_of(packet_info *pinfo, const mqtt5_segment *seen, bool client)
{
    const conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    bare *own;

    if (!conversation)
        return NULL;
    if (!connections)
        connections = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    own = wmem_map_lookup(connections, conversation);
    if (own)
        return own;
    if (!client || (seen->flags & (MQTT5_SEGMENT_SYN | MQTT5_SEGMENT_ACK)) != MQTT5_SEGMENT_SYN) {
        own = new_unopened(pinfo, seen, client);
        wmem_map_insert(connections, conversation, own);
        return own;
    }
    own = wmem_new0(wmem_file_scope(), bare);
    own->base[0] = seen->seq + 1;
    own->known.syn_frame = pinfo->num;
    own->known.open = own->syn_time = mqtt5_frame_time(pinfo);
    own->syns = 1;
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
    mqtt5_segment seen;
    bare *own;

    if (client == is_port(pinfo->srcport) || !mqtt5_segment_find(pinfo, tvb, &seen))
        return;
    own = connection_of(pinfo, &seen, client);
    if (!own || own->broken)
        return;
    if (seen.flags & MQTT5_SEGMENT_SYN) {
        if (!client && (seen.flags & MQTT5_SEGMENT_ACK) && seen.ack == own->base[0]) {
            own->opened = true;
            own->base[1] = seen.seq + 1;
        } else if (client && !own->opened && seen.seq + 1 == own->base[0]) {
            see_syn(own, pinfo);
        }
        return;
    }
    /* A RST that answers a SYN acknowledges it; nobody else would. */
    if (!own->opened && (client || !(seen.flags & MQTT5_SEGMENT_RST) || seen.ack != own->base[0]))
        return;
    if (shows_hidden(own, &seen, client))
        hide(own, pinfo, client);
    if (seen.length > 0 && own->opened)
        see_bytes(own, pinfo, &seen, client);
    if ((seen.flags & (MQTT5_SEGMENT_FIN | MQTT5_SEGMENT_RST)) && !own->broken)
        see_end(own, pinfo, &seen, client);
}
