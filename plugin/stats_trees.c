/* stats_trees.c
 * Wireshark's stats trees: packet types by sender and reason codes by packet type; findings; topics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics.h"

#include <epan/stats_tree.h>

#include "compat.h"
#include "core/reason_code.h"
#include "tap.h"

/* A tree looks for the end of a list before it appends to it, so that very long lists take very long. */
#define TOPICS_MAX 10000

#define MENU "MQTT 5" MQTT5_STATS_MENU_SEPARATOR
#define ROOT 0

/* Wireshark's window calls it, whether there is one or not. */
static void begin_empty(stats_tree *tree)
{
    (void)tree;
}

/* Counts one at the node `name` below `parent`, which is made if need be; returns the node. */
static int count(stats_tree *tree, int parent, const char *name)
{
    return tick_stat_node(tree, name, parent, TRUE);
}

/* --- Packet types and reason codes --- */

static const char *sender_node(const mqtt5_verdict *verdict)
{
    switch (verdict->sender) {
    case MQTT5_CLIENT: return "From clients";
    case MQTT5_SERVER: return "From servers";
    default: return "From unknown senders";
    }
}

static void count_codes(stats_tree *tree, wmem_allocator_t *pool, const mqtt5_packet *packet)
{
    const mqtt5_packet_type_info *info = mqtt5_packet_type_get(packet->type);
    mqtt5_code code;

    for (uint32_t offset = 0; mqtt5_code_next(packet, &offset, &code);) {
        const char *name =
            code.return_code ? mqtt5_return_code_name(packet->type, code.code) : mqtt5_reason_code_name(packet->type, code.code);
        int node = count(tree, ROOT, "Reason codes");

        node = count(tree, node, info->name);
        count(tree, node, wmem_strdup_printf(pool, "0x%02x %s", code.code, name ? name : "(unknown)"));
    }
}

static tap_packet_status see_packets(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const mqtt5_tap_record *record = tapped;
    mqtt5_packet packet;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        const mqtt5_verdict *verdict = &record->packets[i].verdict;
        int node;

        if (verdict->type == MQTT5_CLOSE)
            continue;
        mqtt5_tap_decode(record, i, &packet);
        node = count(tree, ROOT, "Packet types");
        node = count(tree, node, sender_node(verdict));
        node = count(tree, node, mqtt5_packet_type_get(verdict->type)->name);
        if (verdict->type == MQTT5_PUBLISH)
            count(tree, node, wmem_strdup_printf(pinfo->pool, "QoS %u", mqtt5_publish_qos(&packet)));
        count_codes(tree, pinfo->pool, &packet);
    }
    return TAP_PACKET_REDRAW;
}

/* --- Findings --- */

static tap_packet_status see_findings(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const mqtt5_tap_record *record = tapped;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        const mqtt5_frozen_findings *findings = record->packets[i].findings;

        for (unsigned j = 0; findings && j < findings->count; j++) {
            mqtt5_rule_id id = (mqtt5_rule_id)findings->items[j].rule;
            const mqtt5_rule *rule = mqtt5_rule_get(id);
            int node;

            if (!mqtt5_rule_is_finding(id))
                continue;
            node = count(tree, ROOT, mqtt5_severity_name(rule->severity));
            node = count(tree, node, rule->name);
            count(tree, node, mqtt5_tap_client(record, i, pinfo->pool));
        }
    }
    return TAP_PACKET_REDRAW;
}

/* --- Topics --- */

/* How many topics a tree has so far: by tree, since a user may have several. */
static GHashTable *topics_seen;

static void begin_topics(stats_tree *tree)
{
    if (!topics_seen)
        topics_seen = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_destroy);
    g_hash_table_replace(topics_seen, tree, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
}

static void end_topics(stats_tree *tree)
{
    g_hash_table_remove(topics_seen, tree);
}

/* The topic's name in the tree, or that of all that there is no more room for. */
static const char *topic_node(const stats_tree *tree, const char *topic)
{
    GHashTable *seen = g_hash_table_lookup(topics_seen, tree);

    if (g_hash_table_contains(seen, topic))
        return topic;
    if (g_hash_table_size(seen) >= TOPICS_MAX)
        return "(all further topics)";
    g_hash_table_add(seen, g_strdup(topic));
    return topic;
}

static tap_packet_status see_topics(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    static const char *const messages[] = {"Messages from unknown senders", "Messages from clients", "Messages from servers"},
                             *const bytes[] = {"Bytes from unknown senders", "Bytes from clients", "Bytes from servers"};
    const mqtt5_tap_record *record = tapped;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        const mqtt5_verdict *verdict = &record->packets[i].verdict;
        int length = (int)MIN(record->pdus[i].length, (uint32_t)G_MAXINT), node;
        const char *topic;

        if (verdict->type != MQTT5_PUBLISH)
            continue;
        topic = topic_node(tree, mqtt5_tap_topic(record, i, pinfo->pool));
        node = avg_stat_node_add_value_int(tree, messages[verdict->sender], ROOT, TRUE, length);
        avg_stat_node_add_value_int(tree, topic, node, FALSE, length);
        node = increase_stat_node(tree, bytes[verdict->sender], ROOT, TRUE, length);
        increase_stat_node(tree, topic, node, FALSE, length);
    }
    return TAP_PACKET_REDRAW;
}

/* --- Registration --- */

void mqtt5_trees_register(void)
{
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5", MENU "Packets", 0, see_packets, begin_empty, NULL);
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5_findings", MENU "Findings", 0, see_findings, begin_empty, NULL);
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5_topics", MENU "Topics", 0, see_topics, begin_topics, end_topics);
}
