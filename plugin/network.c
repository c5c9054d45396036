/* network.c
 * What is kept for each conversation, and freed with the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "network.h"

#include <string.h>

#include <epan/prefs-int.h>

#include "closing.h"
#include "compat.h"
#include "packet-mqtt5.h"

static mqtt5_world *world; /* of the capture file; NULL before its first connection */

static mqtt5_bool free_judged(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    mqtt5_connection_free(user_data);
    return false;
}

static mqtt5_bool free_world(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    mqtt5_world_free(world);
    world = NULL;
    return false;
}

/* Callbacks run in the reverse order of their registration: the world goes after its connections. */
static mqtt5_world *world_of_file(void)
{
    if (!world) {
        world = mqtt5_world_new();
        mqtt5_closing_watch();
        wmem_register_callback(wmem_file_scope(), free_world, NULL);
    }
    return world;
}

static mqtt5_bool several_connections = true;

void mqtt5_network_register(void)
{
    prefs_register_bool_preference(prefs_find_module("mqtt5"), "several_connections", "Judge several connections together",
                                   "Whether rules join the connections of a capture: sessions that go on, Wills, messages from publisher to "
                                   "subscriber. Switch it off for captures that hold only some of a server's connections",
                                   &several_connections);
}

static mqtt5_bool free_own_world(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    mqtt5_world_free(user_data);
    return false;
}

/* What a new connection knows of others. */
static mqtt5_world *world_for_connection(void)
{
    mqtt5_world *all = world_of_file();
    mqtt5_world *own;

    if (several_connections)
        return all;
    own = mqtt5_world_new();
    wmem_register_callback(wmem_file_scope(), free_own_world, own);
    return own;
}

/* The version that the user wants to be assumed where no CONNECT was captured: stock's preference. */
static unsigned default_version(void)
{
    module_t *module = prefs_find_module("mqtt");
    pref_t *preference = module ? prefs_find_preference(module, "default_version") : NULL;

    return preference ? (unsigned)prefs_get_enum_value(preference, pref_current) : MQTT5_VERSION_UNKNOWN;
}

static mqtt5_network *make_network(conversation_t *conversation)
{
    mqtt5_network *network = wmem_new0(wmem_file_scope(), mqtt5_network);

    network->judged = mqtt5_connection_new(world_for_connection(), default_version());
    network->server_port_hint = 2;
    network->conversation = conversation;
    wmem_register_callback(wmem_file_scope(), free_judged, network->judged);
    conversation_add_proto_data(conversation, mqtt5_proto(), network);
    return network;
}

/* The conversation that was found last for TCP connections with the same bits of their ports; with the addresses that led there. */
#define CACHE_SIZE 4096
typedef struct {
    int type, length;
    uint8_t data[16];
    uint32_t port;
} cached_end;

typedef struct {
    conversation_t *conversation;
    mqtt5_network *network; /* NULL: none was made yet */
    cached_end ends[2];     /* by direction */
    uint32_t vlan, interface;
} cache_entry;

static cache_entry *cache; /* of CACHE_SIZE; NULL before the first frame of a file */

static mqtt5_bool forget_cache(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    cache = NULL;
    return false;
}

static uint32_t interface_of(const packet_info *pinfo)
{
    return pinfo->rec->rec_type == REC_TYPE_PACKET ? pinfo->rec->rec_header.packet_header.interface_id : 0;
}

static bool is_end(const cached_end *end, const address *now, uint32_t port)
{
    if (end->port != port || end->type != now->type || end->length != now->len)
        return false;
    /* IPv4, without the call that memcmp() takes for a length that the compiler does not know. */
    return now->len == 4 ? memcmp(end->data, now->data, 4) == 0 : memcmp(end->data, now->data, (size_t)now->len) == 0;
}

static void set_end(cached_end *end, const address *now, uint32_t port)
{
    end->port = port;
    end->type = now->type;
    end->length = now->len;
    memcpy(end->data, now->data, (size_t)now->len);
}

/* True if the entry is that of the frame; *direction is the one in which it was sent. A conversation with a successor (a port used again) is over. */
static bool is_cached(const cache_entry *entry, const packet_info *pinfo, uint8_t *direction)
{
    if (!entry->conversation || entry->conversation->next || entry->vlan != pinfo->vlan_id || entry->interface != interface_of(pinfo))
        return false;
    *direction = !is_end(&entry->ends[0], &pinfo->src, pinfo->srcport);
    return (*direction == 0 || is_end(&entry->ends[1], &pinfo->src, pinfo->srcport)) &&
           is_end(&entry->ends[!*direction], &pinfo->dst, pinfo->destport);
}

/* Without `make`, a frame in which TCP itself has made no conversation (its header is harmed) gets none from us: it would change what TCP says of later ones. */
static conversation_t *find(packet_info *pinfo, bool make)
{
    return make ? find_or_create_conversation(pinfo) : find_conversation_pinfo(pinfo, 0);
}

/* The entry of a frame that may be found there, with its conversation; NULL for other frames. Only on the first pass: later ones see every successor. */
static cache_entry *look_up(packet_info *pinfo, bool make, uint8_t *direction)
{
    conversation_t *conversation;
    cache_entry *entry;

    if (PINFO_FD_VISITED(pinfo) || pinfo->ptype != PT_TCP || pinfo->src.len > 16 || pinfo->dst.len > 16 || pinfo->src.len <= 0 ||
        pinfo->dst.len <= 0)
        return NULL;
    if (!cache) {
        cache = wmem_alloc0_array(wmem_file_scope(), cache_entry, CACHE_SIZE);
        wmem_register_callback(wmem_file_scope(), forget_cache, NULL);
    }
    entry = &cache[(pinfo->srcport + pinfo->destport) % CACHE_SIZE];
    if (is_cached(entry, pinfo, direction))
        return entry;
    conversation = find(pinfo, make);
    if (!conversation)
        return NULL;
    *direction = mqtt5_network_direction(pinfo);
    entry->conversation = conversation;
    entry->network = NULL;
    set_end(&entry->ends[*direction], &pinfo->src, pinfo->srcport);
    set_end(&entry->ends[!*direction], &pinfo->dst, pinfo->destport);
    entry->vlan = pinfo->vlan_id;
    entry->interface = interface_of(pinfo);
    return entry;
}

mqtt5_network *mqtt5_network_of(packet_info *pinfo, bool make, uint8_t *direction)
{
    uint8_t ignored;
    cache_entry *entry = look_up(pinfo, make, direction ? direction : &ignored);
    conversation_t *conversation;
    mqtt5_network *network;

    if (entry && entry->network)
        return entry->network;
    if (!entry && direction)
        *direction = mqtt5_network_direction(pinfo);
    conversation = entry ? entry->conversation : find(pinfo, make);
    if (!conversation)
        return NULL;
    network = conversation_get_proto_data(conversation, mqtt5_proto());
    if (!network && make)
        network = make_network(conversation);
    if (entry)
        entry->network = network;
    return network;
}

mqtt5_network *mqtt5_network_look_up(packet_info *pinfo)
{
    conversation_t *conversation = mqtt5_network_any() ? find_conversation_pinfo(pinfo, 0) : NULL;

    return conversation ? conversation_get_proto_data(conversation, mqtt5_proto()) : NULL;
}

bool mqtt5_network_any(void)
{
    return world != NULL;
}

uint8_t mqtt5_network_direction(const packet_info *pinfo)
{
    int order = cmp_address(&pinfo->src, &pinfo->dst);

    return (order ? order > 0 : pinfo->srcport > pinfo->destport) ? 1 : 0;
}

uint64_t mqtt5_network_server(const packet_info *pinfo, uint8_t hint, uint8_t direction)
{
    const address *where = hint == direction ? &pinfo->src : &pinfo->dst;
    uint32_t port = hint == direction ? pinfo->srcport : pinfo->destport;

    return hint > 1 ? 0 : (uint64_t)add_address_to_hash(0, where) << 16 ^ port;
}

const struct tcp_analysis *mqtt5_network_tcp(mqtt5_network *network)
{
    static int proto_tcp = -1;

    if (proto_tcp == -1)
        proto_tcp = proto_get_id_by_filter_name("tcp");
    if (!network->tcp)
        network->tcp = conversation_get_proto_data(network->conversation, proto_tcp);
    return network->tcp;
}

/* TCP's own mark for it (tcp.analysis.ack_lost_segment), to which packet-tcp.c keeps the name. It is gone once somebody has asked TCP for its data in this frame; 4.0
 * leaves the numbers as they were, 4.4 goes on from what was acknowledged: so both are looked at. */
#define TCP_ACK_LOST_PACKET 0x0004

bool mqtt5_network_ack_lost(const struct tcp_analysis *tcp)
{
    const tcp_analyze_seq_flow_info_t *own = tcp->fwd ? tcp->fwd->tcp_analyze_seq_info : NULL,
                                      *other = tcp->rev ? tcp->rev->tcp_analyze_seq_info : NULL;

    if (tcp->ta && (tcp->ta->flags & TCP_ACK_LOST_PACKET))
        return true;
    return own && other && other->maxseqtobeacked != 0 && (int32_t)(own->lastack - other->maxseqtobeacked) > 0;
}

/* Likewise for tcp.analysis.lost_segment. */
#define TCP_LOST_PACKET 0x0002

/* TCP_FLOW_BASE_SEQ_SET likewise. */
#define TCP_BASE_SEQ_SET 0x01

bool mqtt5_network_at_end(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction)
{
    const mqtt5_stream *stream = &network->streams[direction];
    uint32_t end, base;

    if (!tcp->fwd || !tcp->fwd->tcp_analyze_seq_info || !(tcp->fwd->static_flags & TCP_BASE_SEQ_SET) ||
        network->streams[!direction].next == 0)
        return false;
    /* A FIN takes a number of its own, and a SYN too. */
    end = tcp->fwd->tcp_analyze_seq_info->nextseq - 1;
    base = tcp->fwd->base_seq;
    if (!stream->started)
        return tcp->server_port != 0 && end == base + 1;
    /* The stream counts as the user prefers: from 0, or as TCP does. */
    return stream->synced && !stream->waiting && (end == stream->next || end - base == stream->next);
}

bool mqtt5_network_complete(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, bool reset)
{
    bool on_tcp = network->streams[0].next != 0 || network->streams[1].next != 0;

    if (on_tcp && !reset)
        return mqtt5_network_at_end(network, tcp, direction);
    return !mqtt5_network_lost(tcp);
}

bool mqtt5_network_lost(const struct tcp_analysis *tcp)
{
    return tcp->ta && (tcp->ta->flags & TCP_LOST_PACKET);
}

bool mqtt5_network_other_unseen(const struct tcp_analysis *tcp)
{
    return tcp->rev && (!tcp->rev->tcp_analyze_seq_info || tcp->rev->tcp_analyze_seq_info->maxseqtobeacked == 0);
}
