/* session.c
 * Shows the session of a packet, and what the session says about it: topics, subscriptions,
 * filters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/parts.h"

void mqtt5_render_identity(const mqtt5_rendering *r)
{
    const mqtt5_identity *identity = r->frozen->facts.identity;
    proto_item *item;

    if (!identity)
        return;
    if (identity->client_id) {
        item = mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.client_id, r->tvb, 0, 0, identity->client_id));
        if (identity->assigned)
            proto_item_append_text(item, " (assigned by the server)");
    }
    if (identity->user_name)
        mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.user_name, r->tvb, 0, 0, identity->user_name));
    if (r->frozen->facts.type != MQTT5_CONNECT)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.connect_in, 0, 0, identity->connect_frame);
}

proto_item *mqtt5_add_text(const mqtt5_rendering *r, proto_tree *tree, int hf, uint32_t offset, uint32_t length, const uint8_t *text,
                           uint32_t text_length)
{
    char *valid = g_utf8_make_valid(text_length > 0 ? (const char *)text : "", text_length);
    proto_item *item = mqtt5_mark(proto_tree_add_string(tree, hf, r->tvb, (int)(r->start + offset), (int)length, valid));

    g_free(valid);
    return item;
}

/* --- PUBLISH --- */

static void render_granted(const mqtt5_rendering *r, const mqtt5_granted *granted)
{
    proto_item *item = mqtt5_add_text(r, r->tree, mqtt5_hf.subscription_filter, 0, 0, granted->filter, granted->length);
    proto_tree *tree = proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_SESSION]);

    if (granted->granted)
        proto_item_append_text(item, ", QoS %u granted (SUBSCRIBE in frame %u)", granted->qos, granted->frame);
    else
        proto_item_append_text(item, ", not granted yet (SUBSCRIBE in frame %u)", granted->frame);
    if (granted->granted)
        mqtt5_add_uint(r, tree, mqtt5_hf.granted_qos, 0, 0, granted->qos);
    mqtt5_add_uint(r, tree, mqtt5_hf.subscription_in, 0, 0, granted->frame);
}

static void render_topic(const mqtt5_rendering *r, const mqtt5_alias_topic *alias)
{
    const mqtt5_range *topic = &r->packet->topic;
    proto_item *item;

    if ((r->packet->has & MQTT5_HAS_TOPIC) && topic->length > 0) {
        mqtt5_mark(proto_tree_add_item(r->tree, mqtt5_hf.topic, r->tvb, (int)(r->start + topic->offset), (int)topic->length, ENC_UTF_8));
    } else if (alias) {
        item = mqtt5_add_text(r, r->tree, mqtt5_hf.topic, 0, 0, alias->topic, alias->length);
        proto_item_append_text(item, " (Topic Alias %u, set in frame %u)", alias->alias, alias->frame);
        mqtt5_add_uint(r, proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_SESSION]), mqtt5_hf.topic_set_in, 0, 0, alias->frame);
    }
}

void mqtt5_render_publication(const mqtt5_rendering *r)
{
    const mqtt5_publication *publication = r->frozen->facts.detail.publication;

    render_topic(r, publication ? publication->alias : NULL);
    for (uint32_t i = 0; publication && i < publication->shown; i++)
        render_granted(r, publication->granted[i]);
    if (publication && publication->matched > publication->shown)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.subscriptions_not_shown, 0, 0, publication->matched - publication->shown);
    if (publication && publication->rpc)
        mqtt5_render_rpc(r, publication->rpc);
}

/* --- SUBACK, UNSUBACK --- */

void mqtt5_render_filter(const mqtt5_rendering *r, proto_item *item, uint8_t code, uint32_t offset, uint32_t *next)
{
    const mqtt5_filters *filters = r->frozen->facts.detail.filters;
    bool suback = r->packet->type == MQTT5_SUBACK;
    uint32_t at = *next, size;
    proto_tree *tree;
    char quoted[120];

    if (!filters || at + 2 > filters->length)
        return;
    size = mqtt5_read_two_bytes(filters->bytes + at);
    at += 2;
    tree = item ? proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_PROPERTY]) : r->tree;
    if (item)
        proto_item_append_text(item, " for %s", mqtt5_quote(filters->bytes + at, size, quoted, sizeof quoted));
    mqtt5_add_text(r, tree, suback ? mqtt5_hf.suback_filter : mqtt5_hf.unsuback_filter, offset, item ? 1 : 0, filters->bytes + at, size);
    if (suback && code <= 2)
        mqtt5_add_uint(r, tree, mqtt5_hf.granted_qos, offset, 1, code);
    *next = at + size + (suback ? 1 : 0);
}

void mqtt5_render_filters(const mqtt5_rendering *r)
{
    const mqtt5_filters *filters = r->frozen->facts.detail.filters;
    uint32_t next = 0;

    while (filters && next < filters->length)
        mqtt5_render_filter(r, NULL, 0, 0, &next);
}
