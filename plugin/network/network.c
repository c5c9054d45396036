/* network.c
 * Keeps a Network Connection for each conversation, until the file is closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "network/network.h"

#include <string.h>

#include <epan/dissectors/packet-tcp.h>
#include <epan/prefs-int.h>

#include "compat.h"
#include "stock.h"

/* Of the capture file; NULL before its first connection. */
static mqtt5_pauses *pauses;
static mqtt5_capture *capture;  /* of all connections */
static GPtrArray *connections;  /* mqtt5_connection */
static GPtrArray *own_captures; /* mqtt5_capture, of one connection each */

static mqtt5_bool free_capture(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    while (connections->len > 0)
        mqtt5_connection_free(g_ptr_array_remove_index_fast(connections, connections->len - 1));
    while (own_captures->len > 0)
        mqtt5_capture_free(g_ptr_array_remove_index_fast(own_captures, own_captures->len - 1));
    mqtt5_capture_free(capture);
    mqtt5_pauses_free(pauses);
    g_ptr_array_free(connections, TRUE);
    g_ptr_array_free(own_captures, TRUE);
    capture = NULL;
    pauses = NULL;
    connections = own_captures = NULL;
    return false;
}

static mqtt5_bool several_connections = true, security;
static unsigned patience = 30, journey_memory, late_delivery = MQTT5_CAPTURE_LATENESS;

bool mqtt5_network_links_copies(void)
{
    return journey_memory > 0;
}

static mqtt5_capture *new_capture(void)
{
    mqtt5_capture *made = mqtt5_capture_new();

    mqtt5_capture_set_memory(made, (size_t)MIN(journey_memory, 2048u) * 1024 * 1024);
    mqtt5_capture_set_lateness(made, late_delivery);
    return made;
}

/* One callback for all: one for each connection would take memory, too. */
static mqtt5_capture *capture_of_file(void)
{
    if (!capture) {
        capture = new_capture();
        pauses = mqtt5_pauses_new();
        connections = g_ptr_array_new();
        own_captures = g_ptr_array_new();
        wmem_register_callback(wmem_file_scope(), free_capture, NULL);
    }
    return capture;
}

void mqtt5_network_register(void)
{
    prefs_register_bool_preference(prefs_find_module("mqtt5"), "several_connections", "Check rules that need several connections",
                                   "Check what one connection means for others: resumed sessions, Wills, messages from publisher to "
                                   "subscriber. Switch this off for captures that hold only some of a server's connections",
                                   &several_connections);
    prefs_register_uint_preference(prefs_find_module("mqtt5"), "patience", "Report requests without an answer after (seconds)",
                                   "How long a request may go without an answer, while its receiver has it and is alive, before it "
                                   "counts as hanging. 0: for ever",
                                   10, &patience);
    prefs_register_bool_preference(prefs_find_module("mqtt5"), "security", "Report what weakens security",
                                   "Report credentials in clear, connections without a User Name, Client Identifiers and Passwords that come "
                                   "from many addresses, and subscriptions to everything. None of this breaks the standard",
                                   &security);
    prefs_register_uint_preference(prefs_find_module("mqtt5"), "journey_memory", "Memory for messages on their way (MB)",
                                   "How much memory published messages may take so that copies of them are recognised. A message takes "
                                   "64 bytes, whatever its length; with more of them, the oldest are forgotten. 0: none is recognised. "
                                   "In captures that start late or lack frames, a few may be taken for copies of the wrong message",
                                   10, &journey_memory);
    prefs_register_uint_preference(prefs_find_module("mqtt5"), "late_delivery", "Report deliveries that take longer than (seconds)",
                                   "After how long a message counts as late, if it was published while the subscriber was connected. "
                                   "Works only with memory for messages on their way. 0: never",
                                   10, &late_delivery);
}

/* The capture that a new connection belongs to: that of the file, or one of its own. */
static mqtt5_capture *capture_for_connection(void)
{
    mqtt5_capture *all = capture_of_file();
    mqtt5_capture *own;

    if (several_connections)
        return all;
    own = new_capture();
    g_ptr_array_add(own_captures, own);
    return own;
}

/* The version to assume if the CONNECT is not in the capture: a preference of stock. */
static unsigned default_version(void)
{
    module_t *module = prefs_find_module("mqtt");
    pref_t *preference = module ? prefs_find_preference(module, "default_version") : NULL;

    return preference ? (unsigned)prefs_get_enum_value(preference, pref_current) : MQTT5_VERSION_UNKNOWN;
}

static void open_connection(mqtt5_network *network)
{
    network->connection = mqtt5_connection_new(capture_for_connection(), default_version());
    mqtt5_connection_set_patience(network->connection, patience);
    mqtt5_connection_set_security(network->connection, security);
    network->server_port_hint = 2;
    g_ptr_array_add(connections, network->connection);
}

void mqtt5_network_renew(mqtt5_network *network)
{
    memset(network->streams, 0, sizeof network->streams);
    if (network->websockets)
        memset(network->websockets, 0, 2 * sizeof *network->websockets);
    memset(network->ended, 0, sizeof network->ended);
    memset(&network->transport, 0, sizeof network->transport);
    memset(network->hops, 0, sizeof network->hops);
    network->renewed = true;
    open_connection(network);
}

static mqtt5_network *make_network(conversation_t *conversation, uint64_t stream)
{
    mqtt5_network *network = wmem_new0(wmem_file_scope(), mqtt5_network);

    open_connection(network);
    network->conversation = conversation;
    network->stream = stream;
    return network;
}

/* The last conversation found for TCP ports with this sum (modulo CACHE_SIZE), and its
 * addresses. */
#define CACHE_SIZE 4096
typedef struct {
    int type, length;
    uint8_t data[16];
    uint32_t port;
} cached_end;

typedef struct {
    conversation_t *conversation;
    mqtt5_network *network; /* NULL: not made yet */
    cached_end ends[2];     /* by direction */
    uint32_t vlan, interface;
} cache_entry;

static cache_entry *cache; /* of CACHE_SIZE; NULL before the first frame of a file */

/* TCP ports, by their sum, between which frames were captured in part: a bit each. NULL: none. Others with
 * the same sum are taken for them, which makes us silent about them, and no more. */
static uint8_t *cut_ports;
enum { CUT_PORTS = 65536 };

static mqtt5_bool forget_tables(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    cache = NULL;
    cut_ports = NULL;
    return false;
}

void mqtt5_network_see_frame(const packet_info *pinfo)
{
    unsigned sum = (pinfo->srcport + pinfo->destport) % CUT_PORTS;

    if (pinfo->fd->cap_len >= pinfo->fd->pkt_len)
        return;
    if (!cut_ports) {
        cut_ports = wmem_alloc0_array(wmem_file_scope(), uint8_t, CUT_PORTS / 8);
        wmem_register_callback(wmem_file_scope(), forget_tables, NULL);
    }
    cut_ports[sum / 8] |= (uint8_t)(1u << sum % 8);
}

bool mqtt5_network_was_cut(const packet_info *pinfo)
{
    unsigned sum = (pinfo->srcport + pinfo->destport) % CUT_PORTS;

    return cut_ports && (cut_ports[sum / 8] & 1u << sum % 8);
}

static uint32_t interface_of(const packet_info *pinfo)
{
    return pinfo->rec->rec_type == REC_TYPE_PACKET ? pinfo->rec->rec_header.packet_header.interface_id : 0;
}

static bool is_end(const cached_end *end, const address *now, uint32_t port)
{
    if (end->port != port || end->type != now->type || end->length != now->len)
        return false;
    /* Fast for IPv4: memcmp() with a length that the compiler does not know is a call. */
    return now->len == 4 ? memcmp(end->data, now->data, 4) == 0 : memcmp(end->data, now->data, (size_t)now->len) == 0;
}

static void set_end(cached_end *end, const address *now, uint32_t port)
{
    end->port = port;
    end->type = now->type;
    end->length = now->len;
    memcpy(end->data, now->data, (size_t)now->len);
}

/* True if the entry is that of the frame; then *direction is the frame's direction. A conversation
 * with a successor (a port that was used again) is over. */
static bool is_cached(const cache_entry *entry, const packet_info *pinfo, uint8_t *direction)
{
    if (!entry->conversation || entry->conversation->next || entry->vlan != pinfo->vlan_id || entry->interface != interface_of(pinfo))
        return false;
    *direction = !is_end(&entry->ends[0], &pinfo->src, pinfo->srcport);
    return (*direction == 0 || is_end(&entry->ends[1], &pinfo->src, pinfo->srcport)) &&
           is_end(&entry->ends[!*direction], &pinfo->dst, pinfo->destport);
}

/* True if TCP has just been at this frame as one of the connection. Not so if a port is used again:
 * that is a conversation of its own, which need not be a successor of the old one. */
static bool is_at(const mqtt5_network *network, const packet_info *pinfo)
{
    const tcp_flow_t *flow = network->tcp ? network->tcp->fwd : NULL;
    const nstime_t *last = flow && flow->tcp_analyze_seq_info ? &flow->tcp_analyze_seq_info->lastacktime : NULL;

    return last && last->secs == pinfo->abs_ts.secs && last->nsecs == pinfo->abs_ts.nsecs;
}

/* Without `make`, a frame for which TCP has made no conversation (its header is damaged) gets none
 * from us: a conversation would change what TCP shows for later frames. */
static conversation_t *find(packet_info *pinfo, bool make)
{
    return make ? find_or_create_conversation(pinfo) : find_conversation_pinfo(pinfo, 0);
}

/* The cache entry of a frame; NULL if there can be none, or no conversation. Only on the first
 * pass: later passes see every successor. */
static cache_entry *look_up(packet_info *pinfo, bool make, uint8_t *direction)
{
    conversation_t *conversation;
    cache_entry *entry;

    if (PINFO_FD_VISITED(pinfo) || pinfo->ptype != PT_TCP || pinfo->src.len > 16 || pinfo->dst.len > 16 || pinfo->src.len <= 0 ||
        pinfo->dst.len <= 0)
        return NULL;
    if (!cache) {
        cache = wmem_alloc0_array(wmem_file_scope(), cache_entry, CACHE_SIZE);
        wmem_register_callback(wmem_file_scope(), forget_tables, NULL);
    }
    entry = &cache[(pinfo->srcport + pinfo->destport) % CACHE_SIZE];
    if (is_cached(entry, pinfo, direction) && (entry->network ? is_at(entry->network, pinfo) : !make))
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
    if (!network && make) {
        network = make_network(conversation, MQTT5_NO_STREAM);
        conversation_add_proto_data(conversation, mqtt5_proto(), network);
    }
    if (entry)
        entry->network = network;
    return network;
}

mqtt5_network *mqtt5_network_of_stream(packet_info *pinfo, uint64_t stream, uint8_t *direction)
{
    mqtt5_network *first = mqtt5_network_of(pinfo, true, direction), *other;

    if (first->stream == MQTT5_NO_STREAM)
        first->stream = stream;
    if (first->stream == stream)
        return first;
    if (!first->others)
        first->others = wmem_map_new(wmem_file_scope(), g_int64_hash, g_int64_equal);
    other = wmem_map_lookup(first->others, &stream);
    if (!other) {
        other = make_network(first->conversation, stream);
        wmem_map_insert(first->others, &other->stream, other);
    }
    return other;
}

mqtt5_network *mqtt5_network_look_up(packet_info *pinfo)
{
    conversation_t *conversation = mqtt5_network_any() ? find_conversation_pinfo(pinfo, 0) : NULL;

    return conversation ? conversation_get_proto_data(conversation, mqtt5_proto()) : NULL;
}

bool mqtt5_network_security(void)
{
    return security;
}

uint64_t mqtt5_network_address(const address *who)
{
    const uint8_t *data = who->data;
    uint64_t number = (uint64_t)who->type + 1;

    for (int i = 0; i < who->len; i++)
        number = number * UINT64_C(1099511628211) + data[i] + 1;
    return number;
}

bool mqtt5_network_any(void)
{
    return capture != NULL;
}

mqtt5_pauses *mqtt5_network_pauses(void)
{
    return pauses;
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

void mqtt5_network_hidden(const packet_info *pinfo, uint64_t server, int64_t now)
{
    if (capture)
        mqtt5_capture_learn_hidden(capture, server, pinfo->num, now);
}
