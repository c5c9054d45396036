/* network.c
 * What is kept for each conversation, and freed with the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "network.h"

#include <string.h>

#include <epan/prefs-int.h>

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
        wmem_register_callback(wmem_file_scope(), free_world, NULL);
    }
    return world;
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
    network->judged = mqtt5_connection_new(world_of_file(), default_version());
    network->server_port_hint = 2;
    network->conversation = conversation;
    wmem_register_callback(wmem_file_scope(), free_judged, network->judged);
    conversation_add_proto_data(conversation, mqtt5_proto(), network);
    return network;
}

/* What tells TCP connections apart, as far as their conversations are. */
typedef struct {
    uint8_t addresses[2][16];
    uint32_t ports[2], vlan, interface;
} tuple;

/* The conversation that a tuple led to last. */
#define CACHE_SIZE 1024
static struct {
    tuple key;
    conversation_t *conversation;
} cache[CACHE_SIZE];
static bool cache_used;

static mqtt5_bool forget_cache(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    memset(cache, 0, sizeof cache);
    cache_used = false;
    return false;
}

/* Fills *key, the same for both directions; false for addresses that do not fit. */
static bool tuple_of(const packet_info *pinfo, tuple *key)
{
    bool first = mqtt5_network_direction(pinfo) == 0;
    const address *low = first ? &pinfo->src : &pinfo->dst, *high = first ? &pinfo->dst : &pinfo->src;

    if (low->len > 16 || high->len > 16 || low->len <= 0 || high->len <= 0)
        return false;
    memset(key, 0, sizeof *key);
    memcpy(key->addresses[0], low->data, (size_t)low->len);
    memcpy(key->addresses[1], high->data, (size_t)high->len);
    key->ports[0] = first ? pinfo->srcport : pinfo->destport;
    key->ports[1] = first ? pinfo->destport : pinfo->srcport;
    key->vlan = pinfo->vlan_id;
    key->interface = pinfo->rec->rec_type == REC_TYPE_PACKET ? pinfo->rec->rec_header.packet_header.interface_id : 0;
    return true;
}

static unsigned slot_of(const tuple *key)
{
    uint32_t hash = key->ports[0] * UINT32_C(0x9E3779B1) ^ key->ports[1] * UINT32_C(0x85EBCA6B);

    for (unsigned i = 8; i < 16; i++)
        hash ^= (uint32_t)(key->addresses[0][i - 8] * 31 + key->addresses[1][i - 8]) << (2 * (i - 8));
    return (hash ^ hash >> 15) % CACHE_SIZE;
}

/* Only on the first pass, in which a conversation with a successor (a port used again) is over. */
conversation_t *mqtt5_network_conversation(packet_info *pinfo)
{
    conversation_t *conversation;
    unsigned slot;
    tuple key;

    if (PINFO_FD_VISITED(pinfo) || pinfo->ptype != PT_TCP || !tuple_of(pinfo, &key))
        return find_or_create_conversation(pinfo);
    slot = slot_of(&key);
    conversation = cache[slot].conversation;
    if (conversation && !conversation->next && memcmp(&cache[slot].key, &key, sizeof key) == 0)
        return conversation;
    conversation = find_or_create_conversation(pinfo);
    if (!cache_used)
        wmem_register_callback(wmem_file_scope(), forget_cache, NULL);
    cache_used = true;
    cache[slot].key = key;
    cache[slot].conversation = conversation;
    return conversation;
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
    const tcp_analyze_seq_flow_info_t *own = tcp->fwd ? tcp->fwd->tcp_analyze_seq_info : NULL, *other = tcp->rev ? tcp->rev->tcp_analyze_seq_info : NULL;

    if (tcp->ta && (tcp->ta->flags & TCP_ACK_LOST_PACKET))
        return true;
    return own && other && other->maxseqtobeacked != 0 && (int32_t)(own->lastack - other->maxseqtobeacked) > 0;
}

bool mqtt5_network_other_unseen(const struct tcp_analysis *tcp)
{
    return tcp->rev && (!tcp->rev->tcp_analyze_seq_info || tcp->rev->tcp_analyze_seq_info->maxseqtobeacked == 0);
}
