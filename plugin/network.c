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

/* TCP's own mark for that, which its header leaves out. */
#define TCP_ACK_LOST_PACKET 0x0004

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

mqtt5_network *mqtt5_network_of(conversation_t *conversation)
{
    mqtt5_network *network = conversation_get_proto_data(conversation, mqtt5_proto());

    if (network)
        return network;
    network = wmem_new0(wmem_file_scope(), mqtt5_network);
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
} cached_address;

typedef struct {
    conversation_t *conversation;
    cached_address ends[2]; /* by direction */
    uint32_t ports[2], vlan, interface;
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

static bool is_cached(const cached_address *cached, const address *now)
{
    return cached->type == now->type && cached->length == now->len && memcmp(cached->data, now->data, (size_t)now->len) == 0;
}

static void cache_address(cached_address *cached, const address *now)
{
    cached->type = now->type;
    cached->length = now->len;
    memcpy(cached->data, now->data, (size_t)now->len);
}

/* Only on the first pass, in which a conversation with a successor (a port used again) is over. */
conversation_t *mqtt5_network_conversation(packet_info *pinfo)
{
    uint32_t sum = pinfo->srcport + pinfo->destport;
    unsigned from = mqtt5_network_direction(pinfo);
    cache_entry *entry;

    if (PINFO_FD_VISITED(pinfo) || pinfo->ptype != PT_TCP || pinfo->src.len > 16 || pinfo->dst.len > 16 || pinfo->src.len <= 0 ||
        pinfo->dst.len <= 0)
        return find_or_create_conversation(pinfo);
    if (!cache) {
        cache = wmem_alloc0_array(wmem_file_scope(), cache_entry, CACHE_SIZE);
        wmem_register_callback(wmem_file_scope(), forget_cache, NULL);
    }
    entry = &cache[sum % CACHE_SIZE];
    if (entry->conversation && !entry->conversation->next && entry->ports[from] == pinfo->srcport &&
        entry->ports[!from] == pinfo->destport && is_cached(&entry->ends[from], &pinfo->src) &&
        is_cached(&entry->ends[!from], &pinfo->dst) && entry->vlan == pinfo->vlan_id && entry->interface == interface_of(pinfo))
        return entry->conversation;
    entry->conversation = find_or_create_conversation(pinfo);
    cache_address(&entry->ends[from], &pinfo->src);
    cache_address(&entry->ends[!from], &pinfo->dst);
    entry->ports[from] = pinfo->srcport;
    entry->ports[!from] = pinfo->destport;
    entry->vlan = pinfo->vlan_id;
    entry->interface = interface_of(pinfo);
    return entry->conversation;
}

mqtt5_network *mqtt5_network_find(packet_info *pinfo)
{
    return conversation_get_proto_data(mqtt5_network_conversation(pinfo), mqtt5_proto());
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

const struct tcp_analysis *mqtt5_network_tcp(const conversation_t *conversation)
{
    static int proto_tcp = -1;

    if (proto_tcp == -1)
        proto_tcp = proto_get_id_by_filter_name("tcp");
    return conversation_get_proto_data(conversation, proto_tcp);
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

bool mqtt5_network_other_unseen(const struct tcp_analysis *tcp)
{
    return tcp->rev && (!tcp->rev->tcp_analyze_seq_info || tcp->rev->tcp_analyze_seq_info->maxseqtobeacked == 0);
}
