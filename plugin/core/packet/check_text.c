/* check_text.c
 * Rules on UTF-8 strings, topics, Topic Filters with their options, and payloads that claim to be
 * text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"
#include "core/packet/shortcut.h"
#include "core/standard/topic.h"

#include <string.h>

/* The first byte that is not well-formed UTF-8, or `length`. U+0000 counts as well-formed here. */
static uint32_t utf8_fault(const uint8_t *data, uint32_t length)
{
    uint32_t at = 0;

    while (at < length) {
        const char *end;

        if (g_utf8_validate((const char *)data + at, (gssize)(length - at), &end))
            return length;
        at = (uint32_t)((const uint8_t *)end - data);
        if (data[at] != 0)
            return at;
        at++;
    }
    return length;
}

/* Control characters and non-characters, which a sender should avoid (1.5.4). */
static bool has_odd_character(const uint8_t *data, uint32_t length)
{
    for (const char *p = (const char *)data, *end = p + length; p < end; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE)
            return true;
    }
    return false;
}

/* A UTF-8 Encoded String (1.5.4). `clause` is what the field's own section says; 3.1.1 has one
 * clause for all. */
static void check_string(const mqtt5_packet *packet, const char *field, mqtt5_range range, const char *clause, mqtt5_findings *findings)
{
    const uint8_t *data = mqtt5_bytes(packet, range), *null;
    uint32_t fault;

    if (MQTT5_SHORTCUT(mqtt5_is_printable(data, range.length)))
        return;
    fault = utf8_fault(data, range.length);
    if (fault < range.length) {
        mqtt5_report_by(findings, MQTT5_RULE_string_not_utf8, MQTT5_CLAUSE(clause), range,
                        "%s is not well-formed UTF-8: byte 0x%02x at offset %u", field, data[fault], range.offset + fault);
        return;
    }
    null = memchr(data, 0, range.length);
    if (null) {
        mqtt5_report(findings, MQTT5_RULE_string_null_character, range, "%s holds the null character U+0000 at offset %u", field,
                     range.offset + (uint32_t)(null - data));
        return;
    }
    if (has_odd_character(data, range.length))
        mqtt5_report(findings, MQTT5_RULE_string_control_character, range,
                     "%s holds a control character or non-character, which a receiver may refuse", field);
}

static void check_topic_name(const mqtt5_packet *packet, const char *field, mqtt5_range topic, const char *clause, bool empty_allowed,
                             mqtt5_findings *findings)
{
    const uint8_t *data = mqtt5_bytes(packet, topic);
    char quoted[80];

    if (topic.length == 0 && !empty_allowed)
        mqtt5_report(findings, MQTT5_RULE_topic_name_empty, (mqtt5_range){topic.offset - 2, 2},
                     "%s is empty; it must have at least one character", field);
    else if (mqtt5_topic_has_wildcard(data, topic.length))
        mqtt5_report_by(findings, MQTT5_RULE_topic_name_wildcard, MQTT5_CLAUSE(clause), topic,
                        "%s %s holds a wildcard; + and # are for Topic Filters only", field,
                        mqtt5_quote(data, topic.length, quoted, sizeof quoted));
}

/* In 3.1 the Will Message is ASCII text; from 3.1.1 on it is bytes. */
static void check_will_message(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    const uint8_t *data = mqtt5_bytes(packet, packet->will_payload);

    if (packet->version != MQTT5_VERSION_3_1)
        return;
    for (uint32_t i = 0; i < packet->will_payload.length; i++)
        if (data[i] >= 0x80) {
            mqtt5_report(findings, MQTT5_RULE_will_message_not_ascii, packet->will_payload,
                         "the Will Message holds the byte 0x%02x at offset %u; in MQTT 3.1 it is ASCII text", data[i],
                         packet->will_payload.offset + i);
            return;
        }
}

static void check_connect_strings(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    if (packet->has & MQTT5_HAS_CLIENT_ID)
        check_string(packet, "the Client Identifier", packet->client_id, "MQTT-3.1.3-4", findings);
    if (packet->has & MQTT5_HAS_WILL) {
        check_string(packet, "the Will Topic", packet->will_topic, "MQTT-3.1.3-11", findings);
        check_topic_name(packet, "the Will Topic", packet->will_topic, "MQTT-4.7.0-1", false, findings);
        check_will_message(packet, findings);
    }
    if (packet->has & MQTT5_HAS_USER_NAME)
        check_string(packet, "the User Name", packet->user_name, "MQTT-3.1.3-12", findings);
}

static MQTT5_SELDOM void check_string_properties(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_findings *findings)
{
    uint32_t offset = list->block.offset;
    mqtt5_property property;

    while (mqtt5_property_next(packet, list, &offset, &property)) {
        if (property.info->type == MQTT5_TYPE_STRING_PAIR) {
            check_string(packet, "the name of a User Property", property.text, "MQTT-1.5.7-1", findings);
            check_string(packet, "the value of a User Property", property.second, "MQTT-1.5.7-1", findings);
        } else if (property.info->type == MQTT5_TYPE_STRING) {
            bool is_response_topic = property.id == MQTT5_RESPONSE_TOPIC;

            check_string(packet, property.info->name, property.text,
                         is_response_topic                   ? "MQTT-3.3.2-13"
                         : property.id == MQTT5_CONTENT_TYPE ? "MQTT-3.3.2-19"
                                                             : "MQTT-1.5.4-1",
                         findings);
            /* In other lists it is not allowed, which check_property.c reports; that is enough. */
            if (is_response_topic && (packet->type == MQTT5_PUBLISH || list == &packet->will_properties))
                check_topic_name(packet, "the Response Topic", property.text, "MQTT-3.3.2-14", false, findings);
        }
    }
}

/* A payload that Payload Format Indicator 1 calls UTF-8 (3.3.2.3.2, 3.1.3.2.3). */
static void check_payload(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_range payload, const char *what,
                          const char *clause, mqtt5_findings *findings)
{
    uint32_t fault;

    if (list->seen == 0 || payload.offset + payload.length > packet->captured ||
        mqtt5_property_number(packet, list, MQTT5_PAYLOAD_FORMAT_INDICATOR, 0) != 1)
        return;
    fault = utf8_fault(mqtt5_bytes(packet, payload), payload.length);
    if (fault < payload.length)
        mqtt5_report_by(findings, MQTT5_RULE_payload_not_utf8, MQTT5_CLAUSE(clause), payload,
                        "%s is not UTF-8 (byte 0x%02x at offset %u) although Payload Format Indicator is 1", what,
                        mqtt5_bytes(packet, payload)[fault], payload.offset + fault);
}

static void check_options(const mqtt5_packet *packet, const mqtt5_topic_filter *filter, const char *quoted, mqtt5_findings *findings)
{
    uint32_t offset = filter->offset + filter->length - 1;
    uint8_t options = filter->options;

    if (packet->version < MQTT5_VERSION_5) {
        if (options & MQTT5_OPTION_RESERVED_3_1_1)
            mqtt5_report(findings, MQTT5_RULE_subscription_options_reserved, (mqtt5_range){offset, 1},
                         "the requested QoS byte of %s is 0x%02x; only its two low bits may be set", quoted, options);
        else if (options == 3)
            mqtt5_report(findings, MQTT5_RULE_subscription_qos_invalid, (mqtt5_range){offset, 1},
                         "the requested QoS of %s is 3; it must be 0, 1 or 2", quoted);
        return;
    }
    if (options & MQTT5_OPTION_RESERVED)
        mqtt5_report(findings, MQTT5_RULE_subscription_options_reserved, (mqtt5_range){offset, 1},
                     "the Subscription Options of %s are 0x%02x; bits 6 and 7 must be 0", quoted, options);
    if ((options & MQTT5_OPTION_QOS) == MQTT5_OPTION_QOS)
        mqtt5_report(findings, MQTT5_RULE_subscription_qos_invalid, (mqtt5_range){offset, 1},
                     "the Maximum QoS of %s is 3; it must be 0, 1 or 2", quoted);
    if ((options & MQTT5_OPTION_RETAIN_HANDLING) == MQTT5_OPTION_RETAIN_HANDLING)
        mqtt5_report(findings, MQTT5_RULE_subscription_retain_handling_invalid, (mqtt5_range){offset, 1},
                     "the Retain Handling of %s is 3; it must be 0, 1 or 2", quoted);
    if ((options & MQTT5_OPTION_NO_LOCAL) && mqtt5_topic_filter_is_shared(mqtt5_bytes(packet, filter->filter), filter->filter.length))
        mqtt5_report(findings, MQTT5_RULE_subscription_no_local_shared, (mqtt5_range){offset, 1},
                     "No Local is 1 for the shared subscription %s; it must be 0", quoted);
}

static void check_filter(const mqtt5_packet *packet, const mqtt5_topic_filter *filter, mqtt5_findings *findings)
{
    static const struct {
        mqtt5_rule_id rule;
        mqtt5_clauses clauses;
        const char *fault;
    } faults[] = {
        [MQTT5_TOPIC_FILTER_EMPTY] = {MQTT5_RULE_topic_filter_invalid,
                                      {"MQTT-4.7.3-1", MQTT5_SAME, MQTT5_SAME},
                                      "is empty; it must have at least one character"},
        [MQTT5_TOPIC_FILTER_HASH] = {MQTT5_RULE_topic_filter_invalid,
                                     {"MQTT-4.7.1-1", "MQTT-4.7.1-2", MQTT5_SAME},
                                     "has # where it may not be: # must be the whole last level"},
        [MQTT5_TOPIC_FILTER_PLUS] = {MQTT5_RULE_topic_filter_invalid,
                                     {"MQTT-4.7.1-2", "MQTT-4.7.1-3", MQTT5_SAME},
                                     "has + where it may not be: + must be a whole level"},
        [MQTT5_TOPIC_FILTER_SHARE_NAME] = {MQTT5_RULE_shared_subscription_invalid,
                                           {"MQTT-4.8.2-1", NULL, NULL},
                                           "has no ShareName; the form is $share/ShareName/filter"},
        [MQTT5_TOPIC_FILTER_SHARE_SYNTAX] = {MQTT5_RULE_shared_subscription_invalid,
                                             {"MQTT-4.8.2-2", NULL, NULL},
                                             "is not $share/ShareName/filter with a ShareName without + and #"},
    };
    const uint8_t *data = mqtt5_bytes(packet, filter->filter);
    bool v5 = packet->version >= MQTT5_VERSION_5;
    mqtt5_topic_filter_fault fault;
    char quoted[80];

    check_string(packet, "the Topic Filter", filter->filter, packet->type == MQTT5_SUBSCRIBE ? "MQTT-3.8.3-1" : "MQTT-3.10.3-1", findings);
    fault = mqtt5_topic_filter_check(data, filter->filter.length, v5);
    if (fault == MQTT5_TOPIC_FILTER_VALID && MQTT5_SHORTCUT(mqtt5_shortcut_options(filter->options, v5)))
        return; /* the usual case needs no text */
    mqtt5_quote(data, filter->filter.length, quoted, sizeof quoted);
    if (fault != MQTT5_TOPIC_FILTER_VALID)
        mqtt5_report_by(findings, faults[fault].rule, &faults[fault].clauses,
                        (mqtt5_range){filter->filter.offset - 2, filter->filter.length + 2}, "the Topic Filter %s %s", quoted,
                        faults[fault].fault);
    if (packet->type == MQTT5_SUBSCRIBE)
        check_options(packet, filter, quoted, findings);
}

static void check_filters(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    static const mqtt5_clauses of_unsubscribe = {"MQTT-3.10.3-2", MQTT5_SAME, MQTT5_SAME};
    uint32_t offset = packet->payload.offset;
    mqtt5_topic_filter filter;

    if (!(packet->has & MQTT5_HAS_PAYLOAD))
        return;
    if (packet->payload.length == 0)
        mqtt5_report_by(findings, MQTT5_RULE_subscription_empty, packet->type == MQTT5_UNSUBSCRIBE ? &of_unsubscribe : NULL,
                        (mqtt5_range){offset, 0}, "there is no Topic Filter; there must be at least one");
    while (mqtt5_topic_filter_next(packet, &offset, &filter))
        check_filter(packet, &filter, findings);
}

/* True if a PUBLISH may do without a Topic Name. */
static bool may_be_empty(const mqtt5_packet *packet)
{
    /* Without the version, it may have a Topic Alias that cannot be read. */
    return packet->version == MQTT5_VERSION_UNKNOWN || mqtt5_property_has(&packet->properties, MQTT5_TOPIC_ALIAS) ||
           (packet->version >= MQTT5_VERSION_5 && !packet->properties.sound);
}

static void check_publish(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    if (!(packet->has & MQTT5_HAS_TOPIC))
        return;
    if (!MQTT5_SHORTCUT(mqtt5_is_printable_topic(mqtt5_bytes(packet, packet->topic), packet->topic.length))) {
        check_string(packet, "the Topic Name", packet->topic, "MQTT-3.3.2-1", findings);
        check_topic_name(packet, "the Topic Name", packet->topic, "MQTT-3.3.2-2", may_be_empty(packet), findings);
    }
    if (packet->version == MQTT5_VERSION_3_1 && packet->topic.length > 32767 &&
        g_utf8_strlen((const char *)mqtt5_bytes(packet, packet->topic), (gssize)packet->topic.length) > 32767)
        mqtt5_report(findings, MQTT5_RULE_topic_name_length, packet->topic, "the Topic Name has %u bytes; MQTT 3.1 allows 32767 characters",
                     packet->topic.length);
    if (packet->has & MQTT5_HAS_PAYLOAD)
        check_payload(packet, &packet->properties, packet->payload, "the payload", "3.3.2.3.2", findings);
}

void mqtt5_check_text(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    switch (packet->type) {
    case MQTT5_CONNECT:
        check_connect_strings(packet, findings);
        if (!MQTT5_SHORTCUT(packet->will_properties.faultless != 0))
            check_string_properties(packet, &packet->will_properties, findings);
        if (packet->has & MQTT5_HAS_WILL)
            check_payload(packet, &packet->will_properties, packet->will_payload, "the Will Payload", "3.1.3.2.3", findings);
        break;
    case MQTT5_PUBLISH: check_publish(packet, findings); break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE: check_filters(packet, findings); break;
    default: break;
    }
    if (!MQTT5_SHORTCUT(packet->properties.faultless != 0) && packet->properties.present && packet->properties.block.length > 0)
        check_string_properties(packet, &packet->properties, findings);
}
