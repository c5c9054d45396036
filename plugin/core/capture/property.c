/* property.c
 * The properties of a message and of its copy, which a server must not alter (3.3.2.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/parts.h"

#include <stdio.h>
#include <string.h>

/* How exactly servers keep a Message Expiry Interval. */
#define EXPIRY_SLACK (10 * MQTT5_SECOND)

/* The block of the original, to be read like a packet. */
static mqtt5_packet as_packet(const mqtt5_capture_original *original)
{
    mqtt5_packet packet = {.data = original->properties, .captured = original->length, .length = original->length, .type = MQTT5_PUBLISH};

    return packet;
}

/* The first property `id` of the original. */
static bool find_original(const mqtt5_packet *packet, mqtt5_property_id id, mqtt5_property *property)
{
    for (uint32_t offset = 0; offset < packet->length; offset += property->length) {
        if (!mqtt5_property_read(packet, offset, packet->length, property))
            return false;
        if (property->id == (uint32_t)id)
            return true;
    }
    return false;
}

static bool same_bytes(const mqtt5_packet *a, mqtt5_range one, const mqtt5_packet *b, mqtt5_range other)
{
    return one.length == other.length && (one.length == 0 || memcmp(mqtt5_bytes(a, one), mqtt5_bytes(b, other), one.length) == 0);
}

static void report_changed(const mqtt5_event *event, const mqtt5_capture_original *original, mqtt5_range where, const char *clause,
                           const char *what)
{
    mqtt5_report_by(event->findings, MQTT5_RULE_forward_property_changed, MQTT5_CLAUSE(clause), where,
                    "%s, compared with the message as it was published in frame %u; "
                    "the server must forward it unaltered",
                    what, original->frame);
}

/* True if something was found to differ. */
static bool check_values(const mqtt5_event *event, const mqtt5_capture_original *original, const mqtt5_packet *before)
{
    static const struct {
        mqtt5_property_id id;
        const char *clause;
    } texts[] = {{MQTT5_RESPONSE_TOPIC, "MQTT-3.3.2-15"}, {MQTT5_CORRELATION_DATA, "MQTT-3.3.2-16"}, {MQTT5_CONTENT_TYPE, "MQTT-3.3.2-20"}};
    const mqtt5_packet *packet = event->packet;
    mqtt5_property is, was;
    uint32_t format = find_original(before, MQTT5_PAYLOAD_FORMAT_INDICATOR, &was) ? was.number : 0;
    char what[80];

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (!find_original(before, texts[i].id, &was))
            continue;
        if (!mqtt5_property_find(packet, &packet->properties, texts[i].id, &is)) {
            snprintf(what, sizeof what, "%s (0x%02x) is missing", was.info->name, was.id);
            report_changed(event, original, (mqtt5_range){packet->properties.offset, 1}, texts[i].clause, what);
            return true;
        }
        if (!same_bytes(before, was.text, packet, is.text)) {
            snprintf(what, sizeof what, "%s (0x%02x) is changed", was.info->name, was.id);
            report_changed(event, original, mqtt5_property_range(&is), texts[i].clause, what);
            return true;
        }
    }
    if (mqtt5_property_number(packet, &packet->properties, MQTT5_PAYLOAD_FORMAT_INDICATOR, 0) != format) {
        snprintf(what, sizeof what, "Payload Format Indicator (0x01) is no longer %u", format);
        report_changed(event, original, (mqtt5_range){packet->properties.offset, 1}, "MQTT-3.3.2-4", what);
        return true;
    }
    return false;
}

/* The next User Property of the copy that equals `pair` of the original; *offset is where to look,
 * and is moved past it. */
static bool find_pair(const mqtt5_packet *packet, uint32_t *offset, const mqtt5_packet *before, const mqtt5_property *pair)
{
    mqtt5_property is;

    while (mqtt5_property_next(packet, &packet->properties, offset, &is))
        if (is.id == MQTT5_USER_PROPERTY && same_bytes(packet, is.text, before, pair->text) &&
            same_bytes(packet, is.second, before, pair->second))
            return true;
    return false;
}

/* All User Properties of the original must be there, in their order; the server may add others. */
static void check_user_properties(const mqtt5_event *event, const mqtt5_capture_original *original, const mqtt5_packet *before)
{
    const mqtt5_packet *packet = event->packet;
    uint32_t offset = 0, at = packet->properties.block.offset;
    mqtt5_range where = {packet->properties.offset, 1};
    char name[48], what[120];
    mqtt5_property was;

    for (; offset < before->length && mqtt5_property_read(before, offset, before->length, &was); offset += was.length) {
        uint32_t anywhere = packet->properties.block.offset;

        if (was.id != MQTT5_USER_PROPERTY || find_pair(packet, &at, before, &was))
            continue;
        mqtt5_quote(mqtt5_bytes(before, was.text), was.text.length, name, sizeof name);
        if (find_pair(packet, &anywhere, before, &was)) {
            snprintf(what, sizeof what, "User Property %s is in another order", name);
            report_changed(event, original, where, original->will ? "MQTT-3.1.3-10" : "MQTT-3.3.2-18", what);
        } else {
            snprintf(what, sizeof what, "User Property %s is missing or changed", name);
            report_changed(event, original, where, original->will ? "MQTT-3.1.3-10" : "MQTT-3.3.2-17", what);
        }
        return;
    }
}

/* Message Expiry Interval: what was received less the time that the message has waited
 * [MQTT-3.3.2-6]. */
static void check_expiry(const mqtt5_event *event, const mqtt5_capture_original *original, const mqtt5_packet *before)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_range where = {packet->properties.offset, 1};
    mqtt5_property was, is;

    if (!find_original(before, MQTT5_MESSAGE_EXPIRY_INTERVAL, &was))
        return;
    if (original->waited > was.number * MQTT5_SECOND + EXPIRY_SLACK) {
        mqtt5_report(event->findings, MQTT5_RULE_forward_expired, where,
                     "sent %.1f s after it was published in frame %u with Message Expiry Interval %u; "
                     "it should have been dropped",
                     mqtt5_seconds(original->waited), original->frame, was.number);
    } else if (!mqtt5_property_find(packet, &packet->properties, MQTT5_MESSAGE_EXPIRY_INTERVAL, &is)) {
        mqtt5_report(event->findings, MQTT5_RULE_forward_message_expiry, where,
                     "Message Expiry Interval (0x02) is missing; the message was published with %u in frame %u", was.number,
                     original->frame);
    } else if (is.number > was.number) {
        mqtt5_report(event->findings, MQTT5_RULE_forward_message_expiry, mqtt5_property_range(&is),
                     "Message Expiry Interval is %u, more than the %u with which the message was published in frame %u", is.number,
                     was.number, original->frame);
    } else if (original->waited > EXPIRY_SLACK && is.number + original->waited / MQTT5_SECOND / 2 > was.number) {
        mqtt5_report(event->findings, MQTT5_RULE_forward_message_expiry, mqtt5_property_range(&is),
                     "Message Expiry Interval is %u; the message was published with %u in frame %u, "
                     "and %.1f s of waiting must be subtracted",
                     is.number, was.number, original->frame, mqtt5_seconds(original->waited));
    }
}

void mqtt5_capture_compare_properties(const mqtt5_event *event, const mqtt5_capture_original *original)
{
    mqtt5_packet before = as_packet(original);

    /* Mostly there is nothing to compare. The server may add properties, but no Payload Format
     * Indicator, which would change what the payload is. */
    if (original->length == 0 && !mqtt5_property_has(&event->packet->properties, MQTT5_PAYLOAD_FORMAT_INDICATOR))
        return;
    if (!original->will) {
        check_expiry(event, original, &before);
        if (check_values(event, original, &before))
            return;
    }
    check_user_properties(event, original, &before);
}

uint32_t mqtt5_capture_hash_properties(const mqtt5_event *event, const mqtt5_property_list *list, uint32_t *length)
{
    const mqtt5_packet *packet = event->packet;
    uint32_t offset = list->block.offset;
    mqtt5_property property;
    uint64_t hash = 0, correlation = 0;

    *length = 0;
    if (event->connection->version < MQTT5_VERSION_5 || !list->sound ||
        !(mqtt5_property_has(list, MQTT5_USER_PROPERTY) || mqtt5_property_has(list, MQTT5_CORRELATION_DATA)))
        return 0;
    /* Correlation Data may stand anywhere among the User Properties, so it counts for itself. */
    while (mqtt5_property_next(packet, list, &offset, &property)) {
        if (property.id == MQTT5_USER_PROPERTY)
            hash = mqtt5_capture_hash(packet->data + property.offset, property.length, hash);
        else if (property.id == MQTT5_CORRELATION_DATA)
            correlation = mqtt5_capture_hash(packet->data + property.offset, property.length, 1);
        else
            continue;
        *length += property.length;
    }
    hash += correlation;
    return (uint32_t)(hash ^ hash >> 32) | 1;
}
