/* render.c
 * Shows the frozen results on every pass: a subtree below stock's item of each control packet,
 * expert infos, and the Info column.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/render.h"

#include <string.h>

#include <epan/expert.h>

#include "compat.h"
#include "core/packet/decode.h"
#include "core/standard/reason_code.h"
#include "display/columns.h"
#include "display/parts.h"
#include "display/payload.h"
#include "display/payload_table.h"
#include "statistics/tap.h"
#include "stock.h"

static void add_expert(const mqtt5_rendering *r, proto_item *item, const mqtt5_frozen_finding *finding)
{
    const mqtt5_facts *facts = &r->frozen->facts;
    char message[MQTT5_MESSAGE_SIZE];

    mqtt5_finding_message((mqtt5_packet_type)facts->type, (mqtt5_sender)facts->sender, finding->rule, finding->text, finding->clause,
                          message);
    expert_add_info_format(r->pinfo, item, &mqtt5_ei[finding->rule], "%s", message);
}

/* Adds remarks of one rule, which are not findings, to the item that they are about. */
static void add_remarks(const mqtt5_rendering *r, proto_item *item, mqtt5_rule_id rule, uint32_t offset)
{
    const mqtt5_frozen_findings *findings = r->frozen->findings;

    for (unsigned i = 0; findings && i < findings->count; i++)
        if (findings->items[i].rule == rule && findings->items[i].range.offset == offset)
            add_expert(r, item, &findings->items[i]);
}

static proto_item *render_reason_code(const mqtt5_rendering *r, uint8_t code, uint32_t offset)
{
    mqtt5_packet_type type = r->packet->type;
    const mqtt5_reason_code_info *info = mqtt5_reason_code_get(code);
    uint32_t length = offset ? 1 : 0;
    proto_item *item =
        mqtt5_mark(proto_tree_add_uint_format_value(r->tree, mqtt5_hf.reason_code, r->tvb, (int)(r->start + offset), (int)length, code,
                                                    "%s (0x%02x)", mqtt5_code_name(type, code, false), code));
    proto_tree *tree = proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_PROPERTY]);

    if (offset == 0)
        proto_item_append_text(item, ", implied");
    mqtt5_add_uint(r, tree, mqtt5_hf.reason_code_of[type], offset, length, code);
    if (info && info->meaning)
        mqtt5_mark(proto_tree_add_string(tree, mqtt5_hf.meaning, r->tvb, (int)(r->start + offset), (int)length, info->meaning));
    add_remarks(r, item, MQTT5_RULE_reason_code_failure, offset);
    return item;
}

static proto_item *render_return_code(const mqtt5_rendering *r, uint8_t code, uint32_t offset)
{
    proto_item *item = mqtt5_add_uint(r, r->tree, mqtt5_hf.return_code_of[r->packet->type], offset, 1, code);

    add_remarks(r, item, MQTT5_RULE_reason_code_failure, offset);
    return item;
}

static void render_codes(const mqtt5_rendering *r)
{
    const mqtt5_packet *packet = r->packet;
    bool v5 = packet->version >= MQTT5_VERSION_5;

    if (packet->version == MQTT5_VERSION_UNKNOWN)
        return;
    if (packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK) {
        uint32_t end = MIN(packet->payload.offset + packet->payload.length, packet->captured), next = 0;

        if (!v5 && packet->type == MQTT5_UNSUBACK)
            mqtt5_render_filters(r);
        if (!(packet->has & MQTT5_HAS_PAYLOAD) || (!v5 && packet->type == MQTT5_UNSUBACK))
            return;
        for (uint32_t at = packet->payload.offset; at < end && at - packet->payload.offset < MQTT5_LIST_MAX; at++) {
            proto_item *item = v5 ? render_reason_code(r, packet->data[at], at) : render_return_code(r, packet->data[at], at);

            mqtt5_render_filter(r, item, packet->data[at], at, &next);
        }
    } else if (packet->has & MQTT5_HAS_REASON_CODE) {
        if (mqtt5_has_return_code(packet))
            render_return_code(r, packet->reason_code, packet->reason_code_offset);
        else
            render_reason_code(r, packet->reason_code, packet->reason_code_offset);
    }
}

static void render_user_property(const mqtt5_rendering *r, proto_tree *tree, const mqtt5_property *property)
{
    mqtt5_mark(proto_tree_add_item(tree, mqtt5_hf.user_property_name, r->tvb, (int)(r->start + property->text.offset),
                                   (int)property->text.length, ENC_UTF_8));
    mqtt5_mark(proto_tree_add_item(tree, mqtt5_hf.user_property_value, r->tvb, (int)(r->start + property->second.offset),
                                   (int)property->second.length, ENC_UTF_8));
}

static bool has_null(const mqtt5_rendering *r, mqtt5_range text)
{
    return memchr(mqtt5_bytes(r->packet, text), 0, text.length) != NULL;
}

/* "name: value". Wireshark's own label ends at a null character, so properties that contain one get
 * a formatted label; the others do not, because formatting is slow. */
static proto_item *render_pair(const mqtt5_rendering *r, int hf, const mqtt5_property *property)
{
    wmem_allocator_t *pool = r->pinfo->pool;
    int start = (int)(r->start + property->offset), length = (int)property->length;
    int name = (int)(r->start + property->text.offset), name_length = (int)property->text.length;
    int value = (int)(r->start + property->second.offset), value_length = (int)property->second.length;
    const char *text = wmem_strdup_printf(pool, "%s: %s", tvb_get_string_enc(pool, r->tvb, name, name_length, ENC_UTF_8),
                                          tvb_get_string_enc(pool, r->tvb, value, value_length, ENC_UTF_8));

    if (!has_null(r, property->text) && !has_null(r, property->second))
        return mqtt5_mark(proto_tree_add_string(r->tree, hf, r->tvb, start, length, text));
    return mqtt5_mark(proto_tree_add_string_format_value(r->tree, hf, r->tvb, start, length, text, "%s: %s",
                                                         tvb_format_text(pool, r->tvb, name, name_length),
                                                         tvb_format_text(pool, r->tvb, value, value_length)));
}

static proto_item *render_property_value(const mqtt5_rendering *r, const mqtt5_property *property)
{
    int hf = mqtt5_hf.property[mqtt5_property_row(property->info)];
    int offset = (int)(r->start + property->text.offset), length = (int)property->text.length;

    switch (property->info->type) {
    case MQTT5_TYPE_STRING: return mqtt5_mark(proto_tree_add_item(r->tree, hf, r->tvb, offset, length, ENC_UTF_8));
    case MQTT5_TYPE_BINARY: return mqtt5_mark(proto_tree_add_item(r->tree, hf, r->tvb, offset, length, ENC_NA));
    case MQTT5_TYPE_STRING_PAIR: return render_pair(r, hf, property);
    default: return mqtt5_add_uint(r, r->tree, hf, property->offset, property->length, property->number);
    }
}

static void render_properties(const mqtt5_rendering *r, const mqtt5_property_list *list, mqtt5_packet_type type)
{
    uint32_t offset = list->block.offset, shown = 0;
    mqtt5_property property;

    while (shown++ < MQTT5_LIST_MAX && mqtt5_property_next(r->packet, list, &offset, &property)) {
        proto_item *item = render_property_value(r, &property);
        proto_tree *tree = proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_PROPERTY]);

        if (type == MQTT5_WILL)
            proto_item_append_text(item, " (Will)");
        if (property.info->type == MQTT5_TYPE_STRING_PAIR)
            render_user_property(r, tree, &property);
        mqtt5_add_uint(r, tree, mqtt5_hf.property_id, property.offset, property.id_length, property.id);
        mqtt5_add_uint(r, tree, mqtt5_hf.property_id_of[type], property.offset, property.id_length, property.id);
    }
    /* The value of an unknown property cannot be decoded, but its identifier can be filtered
     * for. */
    if (list->present && !list->sound && offset < list->block.offset + list->block.length &&
        !mqtt5_property_read(r->packet, offset, MIN(list->block.offset + list->block.length, r->packet->captured), &property) &&
        !property.info && property.id_length < property.length) {
        mqtt5_add_uint(r, r->tree, mqtt5_hf.property_id, property.offset, property.id_length, property.id);
        mqtt5_add_uint(r, r->tree, mqtt5_hf.property_id_of[type], property.offset, property.id_length, property.id);
    }
}

static void render_finding(const mqtt5_rendering *r, const mqtt5_frozen_finding *finding)
{
    const mqtt5_rule *rule = mqtt5_rule_get(finding->rule);
    uint32_t there = r->packet->captured;
    uint32_t start = MIN(finding->range.offset, there);
    int offset = (int)(r->start + start), length = (int)MIN(finding->range.length, there - start);
    proto_item *item = mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.finding, r->tvb, offset, length, rule->name));
    proto_tree *tree = proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_FINDING]);

    add_expert(r, item, finding);
    mqtt5_mark(proto_tree_add_string(tree, mqtt5_hf.clause, r->tvb, offset, length, finding->clause));
    mqtt5_mark(proto_tree_add_uint(tree, mqtt5_hf.severity, r->tvb, offset, length, (uint32_t)mqtt5_expert_severity(rule->severity)));
}

/* What is missing from the capture. */
static void render_evidence(const mqtt5_rendering *r, const mqtt5_frozen_finding *finding)
{
    add_expert(r, mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.evidence, r->tvb, (int)r->start, 0, finding->text)), finding);
}

static void render_findings(const mqtt5_rendering *r, proto_item *analysis)
{
    const mqtt5_frozen_findings *findings = r->frozen->findings;

    for (unsigned i = 0; findings && i < findings->count; i++) {
        const mqtt5_frozen_finding *finding = &findings->items[i];

        if (mqtt5_rule_is_finding(finding->rule))
            render_finding(r, finding);
        else if (finding->rule == MQTT5_RULE_evidence_missing)
            render_evidence(r, finding);
        else if (finding->rule != MQTT5_RULE_reason_code_failure && finding->rule != MQTT5_RULE_version_assumed)
            add_expert(r, analysis, finding);
    }
    if (findings && findings->dropped > 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.dropped, 0, 0, findings->dropped);
}

static void render_head(const mqtt5_rendering *r)
{
    const mqtt5_facts *facts = &r->frozen->facts;
    proto_item *item;

    mqtt5_add_uint(r, r->tree, mqtt5_hf.packet_type, 0, 1, facts->type);
    if (facts->sender != MQTT5_SENDER_UNKNOWN)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.sender, 0, 0, facts->sender);
    if (facts->version != MQTT5_VERSION_UNKNOWN) {
        item = mqtt5_add_uint(r, r->tree, mqtt5_hf.version, 0, 0, facts->version);
        add_remarks(r, item, MQTT5_RULE_version_assumed, 0);
    }
    if (facts->version_source != MQTT5_VERSION_SOURCE_CONNECT)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.version_source, 0, 0, facts->version_source);
}

/* The subtree, and in it a hidden item of the protocol, so that the filter "mqtt5" finds the
 * packet. */
static proto_item *add_analysis(mqtt5_rendering *r, proto_tree *tree, uint32_t offset, uint32_t length)
{
    proto_item *item = mqtt5_mark(proto_tree_add_item(tree, mqtt5_hf.analysis, r->tvb, (int)offset, (int)length, ENC_NA));

    r->tree = proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_ANALYSIS]);
    proto_item_set_hidden(mqtt5_mark(proto_tree_add_item(r->tree, mqtt5_proto(), r->tvb, (int)offset, (int)length, ENC_NA)));
    return item;
}

static void decode(mqtt5_rendering *r, const mqtt5_pdu *pdu, mqtt5_packet *packet)
{
    uint32_t there = (uint32_t)tvb_captured_length_remaining(r->tvb, (int)pdu->offset), captured = MIN(there, pdu->length);

    r->start = pdu->offset;
    mqtt5_decode(packet, captured > 0 ? tvb_get_ptr(r->tvb, (int)pdu->offset, (int)captured) : NULL, captured, pdu->length,
                 r->frozen->facts.version, NULL);
    r->packet = packet;
}

/* True if the user has a decoder for some payloads, and stock has not shown this one. */
static bool has_payload(const mqtt5_pdu *pdu, const mqtt5_facts *facts)
{
    return mqtt5_payload_count > 0 && facts->type == MQTT5_PUBLISH && !facts->is_header && !pdu->decoded;
}

static void render_packet(mqtt5_rendering *r, const mqtt5_pdu *pdu, proto_tree *tree)
{
    proto_tree *below = pdu->item ? proto_item_get_subtree(pdu->item) : NULL;
    mqtt5_packet packet;
    proto_item *analysis;

    decode(r, pdu, &packet);
    analysis = add_analysis(r, below ? below : tree, pdu->offset, packet.captured);
    render_findings(r, analysis);
    mqtt5_render_cause(r);
    render_head(r);
    mqtt5_render_identity(r);
    mqtt5_render_links(r);
    if (packet.type == MQTT5_PUBLISH) {
        mqtt5_render_publication(r);
        mqtt5_render_journey(r);
    } else if (packet.type == MQTT5_CONNACK) {
        mqtt5_render_agreement(r);
    }
    render_codes(r);
    if (packet.properties.present)
        render_properties(r, &packet.properties, packet.type);
    if (packet.will_properties.present)
        render_properties(r, &packet.will_properties, MQTT5_WILL);
    if (has_payload(pdu, &r->frozen->facts))
        mqtt5_render_payload(r);
}

/* Without a tree, the expert tap and the frame's severity still need the expert infos. */
static void remark_packet(mqtt5_rendering *r, const mqtt5_pdu *pdu)
{
    const mqtt5_frozen_findings *findings = r->frozen->findings;
    mqtt5_packet packet;

    for (unsigned i = 0; findings && i < findings->count; i++)
        add_expert(r, NULL, &findings->items[i]);
    if (!has_payload(pdu, &r->frozen->facts))
        return;
    r->tree = NULL;
    decode(r, pdu, &packet);
    mqtt5_render_payload(r);
}

/* True if our part of the tree is needed: it is shown, or a filter, column or tap uses one of our
 * fields. A reference to a field is also a reference to its protocol. */
static bool is_wanted(proto_tree *tree)
{
    return tree && proto_field_is_referenced(tree, mqtt5_proto());
}

void mqtt5_render(packet_info *pinfo, proto_tree *tree, const mqtt5_batch *batch)
{
    const mqtt5_frozen_packet *packets = mqtt5_frozen_packets(pinfo, batch);
    const char *carrier = pinfo->current_proto;
    bool wanted = is_wanted(tree);
    mqtt5_rendering r = {0};

    if (!packets)
        return;
    /* The protocol of the expert infos. */
    pinfo->current_proto = "MQTT5";
    r.pinfo = pinfo;
    r.tvb = batch->tvb;
    for (unsigned i = 0; i < batch->count; i++) {
        r.frozen = &packets[i];
        /* A filter may ask for expert infos of any protocol, and for what a payload has. */
        if (wanted || (tree && (packets[i].findings || has_payload(&batch->pdus[i], &packets[i].facts))))
            render_packet(&r, &batch->pdus[i], tree);
        else
            remark_packet(&r, &batch->pdus[i]);
    }
    pinfo->current_proto = carrier;
    mqtt5_columns_append(pinfo, batch, packets);
    mqtt5_tap_queue(pinfo, batch, packets);
}

static void render_frozen(packet_info *pinfo, proto_tree *tree, const mqtt5_batch *batch, const mqtt5_frozen_packet *frozen)
{
    mqtt5_packet nothing = {0};
    mqtt5_rendering r = {0};
    proto_item *analysis;

    r.pinfo = pinfo;
    r.tvb = batch->tvb;
    r.frozen = frozen;
    r.packet = &nothing;
    if (tree) {
        analysis = add_analysis(&r, tree, 0, 0);
        render_findings(&r, analysis);
        mqtt5_render_cause(&r);
        mqtt5_add_uint(&r, r.tree, mqtt5_hf.sender, 0, 0, frozen->facts.sender);
        mqtt5_render_identity(&r);
        if (frozen->facts.type == MQTT5_CLOSE) {
            mqtt5_render_open_requests(&r);
            mqtt5_render_links(&r);
        }
    } else {
        for (unsigned i = 0; frozen->findings && i < frozen->findings->count; i++)
            add_expert(&r, NULL, &frozen->findings->items[i]);
    }
    mqtt5_columns_append(pinfo, batch, frozen);
    mqtt5_tap_queue(pinfo, batch, frozen);
}

static MQTT5_SELDOM void render_each_alone(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    mqtt5_batch batch = {.tvb = tvb, .ordinal = MQTT5_BYTES_ORDINAL, .count = 1};
    const mqtt5_frozen_packet *frozen = mqtt5_frozen_packets(pinfo, &batch);

    while (frozen) {
        render_frozen(pinfo, tree, &batch, frozen);
        batch.ordinal--;
        frozen = mqtt5_frozen_packets(pinfo, &batch);
    }
    batch.ordinal = MQTT5_CLOSE_ORDINAL;
    frozen = mqtt5_frozen_packets(pinfo, &batch);
    if (frozen)
        render_frozen(pinfo, tree, &batch, frozen);
}

void mqtt5_render_alone(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    if (mqtt5_frozen_alone(pinfo))
        render_each_alone(pinfo, tree, tvb);
}
