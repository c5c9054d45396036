/* agreement.c
 * Shows below a CONNACK the values that apply to the connection, and where each comes from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/parts.h"

/* Where a value comes from. */
static const char *source_of(bool is_default, const char *otherwise)
{
    return is_default ? "default" : otherwise;
}

static void add_number(const mqtt5_rendering *r, proto_tree *tree, int hf, uint32_t value, const char *source)
{
    proto_item_append_text(mqtt5_add_uint(r, tree, hf, 0, 0, value), " (%s)", source);
}

static void add_truth(const mqtt5_rendering *r, proto_tree *tree, int hf, bool value, const char *source)
{
    proto_item_append_text(mqtt5_mark(proto_tree_add_boolean(tree, hf, r->tvb, 0, 0, value)), " (%s)", source);
}

static void add_limits(const mqtt5_rendering *r, proto_tree *tree, mqtt5_sender side, const mqtt5_agreed_limits *limits)
{
    const char *source = side == MQTT5_CLIENT ? "CONNECT" : "CONNACK";
    bool unlimited = limits->maximum_packet_size_is_default;

    add_number(r, tree, mqtt5_hf.agreed_receive_maximum[side - 1], limits->receive_maximum,
               source_of(limits->receive_maximum_is_default, source));
    add_number(r, tree, mqtt5_hf.agreed_maximum_packet_size[side - 1], limits->maximum_packet_size,
               unlimited ? "default: the protocol's own limit" : source);
    add_number(r, tree, mqtt5_hf.agreed_topic_alias_maximum[side - 1], limits->topic_alias_maximum,
               source_of(limits->topic_alias_maximum_is_default, source));
}

static void add_v5(const mqtt5_rendering *r, proto_tree *tree, const mqtt5_agreement *agreed)
{
    proto_item *item = mqtt5_add_uint(r, tree, mqtt5_hf.agreed_session_expiry, 0, 0, agreed->session_expiry_interval);

    proto_item_append_text(item, "%s (%s)",
                           agreed->session_expiry_interval == UINT32_MAX ? ": never"
                           : agreed->session_expiry_interval == 0        ? ": the session ends with the connection"
                                                                         : "",
                           source_of(agreed->session_expiry_is_default, agreed->session_expiry_is_servers ? "CONNACK" : "CONNECT"));
    add_limits(r, tree, MQTT5_CLIENT, &agreed->limits[MQTT5_CLIENT - 1]);
    add_limits(r, tree, MQTT5_SERVER, &agreed->limits[MQTT5_SERVER - 1]);
    add_number(r, tree, mqtt5_hf.agreed_maximum_qos, agreed->maximum_qos, source_of(agreed->maximum_qos_is_default, "CONNACK"));
    add_truth(r, tree, mqtt5_hf.agreed_retain, agreed->retain, source_of(agreed->retain_is_default, "CONNACK"));
    add_truth(r, tree, mqtt5_hf.agreed_wildcard, agreed->wildcard, source_of(agreed->wildcard_is_default, "CONNACK"));
    add_truth(r, tree, mqtt5_hf.agreed_shared, agreed->shared, source_of(agreed->shared_is_default, "CONNACK"));
    add_truth(r, tree, mqtt5_hf.agreed_subscription_identifier, agreed->subscription_identifier,
              source_of(agreed->subscription_identifier_is_default, "CONNACK"));
}

void mqtt5_render_agreement(const mqtt5_rendering *r)
{
    const mqtt5_agreement *agreed = r->frozen->facts.detail.agreement;
    const mqtt5_identity *identity = r->frozen->facts.identity;
    proto_item *item;
    proto_tree *tree;

    if (!agreed || !agreed->accepted)
        return;
    item = mqtt5_mark(proto_tree_add_item(r->tree, mqtt5_hf.agreed, r->tvb, 0, 0, ENC_NA));
    tree = proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_SESSION]);
    if (identity && identity->client_id) {
        item = mqtt5_mark(proto_tree_add_string(tree, mqtt5_hf.agreed_client_id, r->tvb, 0, 0, identity->client_id));
        proto_item_append_text(item, " (%s)", identity->assigned ? "assigned in CONNACK" : "CONNECT");
    }
    add_truth(r, tree, mqtt5_hf.agreed_clean_start, agreed->clean_start, "CONNECT");
    if (r->frozen->facts.version != MQTT5_VERSION_3_1)
        add_truth(r, tree, mqtt5_hf.agreed_session_present, agreed->session_present, "CONNACK");
    item = mqtt5_add_uint(r, tree, mqtt5_hf.agreed_keep_alive, 0, 0, agreed->keep_alive);
    proto_item_append_text(item, "%s (%s)", agreed->keep_alive == 0 ? ": off" : "",
                           agreed->keep_alive_is_servers ? "Server Keep Alive in CONNACK" : "CONNECT");
    if (agreed->v5)
        add_v5(r, tree, agreed);
}
