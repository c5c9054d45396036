/* trees.c
 * Wireshark's stats trees: packet types by sender and reason codes by packet type; findings;
 * causes; topics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include <epan/stats_tree.h>

#include "compat.h"
#include "core/standard/reason_code.h"
#include "statistics/tap.h"

/* A tree searches for the end of a list before it appends to it, so very long lists take very
 * long. */
#define TOPICS_MAX 10000

#define MENU "MQTT 5" MQTT5_STATS_MENU_SEPARATOR
#define ROOT 0

/* Wireshark's window calls it without checking that there is one. */
static void begin_empty(stats_tree *tree)
{
    (void)tree;
}

/* Adds one to the node `name` below `parent`, and makes it if there is none; returns the node. */
static int count(stats_tree *tree, int parent, const char *name)
{
    return tick_stat_node(tree, name, parent, TRUE);
}

/* --- Packet types and reason codes --- */

static const char *sender_node(const mqtt5_facts *facts)
{
    switch (facts->sender) {
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
        int node = count(tree, ROOT, "Reason codes");

        node = count(tree, node, info->name);
        count(tree, node, wmem_strdup_printf(pool, "0x%02x %s", code.code, mqtt5_code_name(packet->type, code.code, code.return_code)));
    }
}

static tap_packet_status see_packets(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const mqtt5_tap_record *record = tapped;
    mqtt5_packet packet;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        const mqtt5_facts *facts = &record->packets[i].facts;
        int node;

        if (facts->type == MQTT5_CLOSE || facts->type == MQTT5_BYTES || facts->is_header)
            continue;
        mqtt5_tap_decode(record, i, &packet);
        node = count(tree, ROOT, "Packet types");
        node = count(tree, node, sender_node(facts));
        node = count(tree, node, mqtt5_packet_type_get(facts->type)->name);
        if (facts->type == MQTT5_PUBLISH)
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
            mqtt5_rule_id id = findings->items[j].rule;
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

/* --- Causes --- */

static tap_packet_status see_causes(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const mqtt5_tap_record *record = tapped;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        const mqtt5_frozen_findings *findings = record->packets[i].findings;

        if (!findings || !findings->cause_text)
            continue;
        /* Wireshark looks up a kind among all nodes that can have others below them: a client may be
         * called like one. */
        tick_stat_node(tree, mqtt5_tap_client(record, i, pinfo->pool), count(tree, ROOT, mqtt5_cause_kind_name(findings->cause_kind)),
                       FALSE);
    }
    return TAP_PACKET_REDRAW;
}

/* --- Topics --- */

/* The number of topics so far, by tree, because a user may open several. */
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

#define MESSAGES "Messages from "
#define BYTES "Bytes from "

/* The topic's name in the tree, or the name of the node for all topics beyond the limit. Wireshark
 * looks up the uppermost nodes among all that can have others below them: a topic that is called
 * like one gets quotes. */
static const char *topic_node(const stats_tree *tree, const char *topic, wmem_allocator_t *pool)
{
    GHashTable *seen = g_hash_table_lookup(topics_seen, tree);

    if (g_str_has_prefix(topic, MESSAGES) || g_str_has_prefix(topic, BYTES))
        topic = wmem_strdup_printf(pool, "\"%s\"", topic);

    if (g_hash_table_contains(seen, topic))
        return topic;
    if (g_hash_table_size(seen) >= TOPICS_MAX)
        return "(all further topics)";
    g_hash_table_add(seen, g_strdup(topic));
    return topic;
}

static tap_packet_status see_topics(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    static const char *const messages[] = {MESSAGES "unknown senders", MESSAGES "clients", MESSAGES "servers"},
                             *const bytes[] = {BYTES "unknown senders", BYTES "clients", BYTES "servers"};
    const mqtt5_tap_record *record = tapped;
    mqtt5_packet packet;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        const mqtt5_facts *facts = &record->packets[i].facts;
        int length = (int)MIN(record->pdus[i].length, (uint32_t)G_MAXINT), node;
        const char *topic;

        if (facts->type != MQTT5_PUBLISH || facts->is_header)
            continue;
        mqtt5_tap_decode(record, i, &packet);
        topic = topic_node(tree, mqtt5_tap_topic(record, i, pinfo->pool), pinfo->pool);
        node = avg_stat_node_add_value_int(tree, messages[facts->sender], ROOT, TRUE, length);
        node = avg_stat_node_add_value_int(tree, topic, node, TRUE, length);
        avg_stat_node_add_value_int(tree, wmem_strdup_printf(pinfo->pool, "QoS %u", mqtt5_publish_qos(&packet)), node, FALSE, length);
        if (mqtt5_publish_retain(&packet))
            avg_stat_node_add_value_int(tree, "Retained", node, FALSE, length);
        node = increase_stat_node(tree, bytes[facts->sender], ROOT, TRUE, length);
        increase_stat_node(tree, topic, node, FALSE, length);
    }
    return TAP_PACKET_REDRAW;
}

/* --- Registration --- */

void mqtt5_trees_register(void)
{
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5", MENU "Packets", 0, see_packets, begin_empty, NULL);
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5_findings", MENU "Findings", 0, see_findings, begin_empty, NULL);
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5_causes", MENU "Causes", 0, see_causes, begin_empty, NULL);
    stats_tree_register_plugin(MQTT5_TAP, "mqtt5_topics", MENU "Topics", 0, see_topics, begin_topics, end_topics);
}
