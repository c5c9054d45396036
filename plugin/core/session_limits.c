/* session_limits.c
 * What CONNECT and CONNACK granted or ruled out: Maximum Packet Size, Maximum QoS, Retain Available and the subscription features.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

#include "topic.h"

/* Reports a packet beyond what the CONNACK granted. One that left before the client had the CONNACK gets the softer remark (3.1.4). */
static void report_limit(const mqtt5_event *event, mqtt5_rule_id rule, uint32_t offset, uint32_t length, const char *clause, const char *what)
{
    const mqtt5_connack_state *connack = &event->connection->connack;

    if (mqtt5_session_bound_by_connack(event))
        mqtt5_report(event->findings, rule, offset, length, clause, "%s (CONNACK in frame %u)", what, connack->frame);
    else
        mqtt5_report(event->findings, MQTT5_RULE_SENT_BEFORE_CONNACK, offset, length, NULL,
                     "%s (CONNACK in frame %u); the client cannot have known this when it sent the packet, or it is not seen that it did", what,
                     connack->frame);
}

static void check_size(const mqtt5_event *event)
{
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;
    const char *text;

    if (!limits->known || event->packet->length <= limits->maximum_packet_size)
        return;
    text = mqtt5_property_has(&event->packet->properties, MQTT5_REASON_STRING) || mqtt5_property_has(&event->packet->properties, MQTT5_USER_PROPERTY)
               ? "; Reason String and User Property must be left out where they make it too large"
               : "";
    if (event->sender == MQTT5_SERVER) {
        mqtt5_report(event->findings, MQTT5_RULE_PACKET_TOO_LARGE, 0, event->packet->header_length, NULL,
                     "%u bytes, but the Maximum Packet Size of the client is %u (CONNECT in frame %u)%s", event->packet->length,
                     limits->maximum_packet_size, event->connection->connect.frame, text);
    } else {
        char *what = g_strdup_printf("%u bytes, but the Maximum Packet Size of the server is %u%s", event->packet->length, limits->maximum_packet_size, text);

        report_limit(event, MQTT5_RULE_PACKET_TOO_LARGE, 0, event->packet->header_length, "MQTT-3.2.2-15", what);
        g_free(what);
    }
}

static void check_publish(const mqtt5_event *event)
{
    const mqtt5_connack_state *connack = &event->connection->connack;
    const mqtt5_packet *packet = event->packet;

    if (mqtt5_publish_qos(packet) > connack->maximum_qos && mqtt5_publish_qos(packet) < 3) {
        char *what = g_strdup_printf("QoS %u, but the Maximum QoS of the server is %u", mqtt5_publish_qos(packet), connack->maximum_qos);

        report_limit(event, MQTT5_RULE_PUBLISH_QOS_ABOVE_MAXIMUM, 0, 1, NULL, what);
        g_free(what);
    }
    if (mqtt5_publish_retain(packet) && !connack->retain_available)
        report_limit(event, MQTT5_RULE_PUBLISH_RETAIN_UNAVAILABLE, 0, 1, NULL, "RETAIN is 1, but Retain Available of the server is 0");
}

static void check_subscribe(const mqtt5_event *event)
{
    const mqtt5_connack_state *connack = &event->connection->connack;
    const mqtt5_packet *packet = event->packet;
    uint32_t offset = packet->payload.offset;
    mqtt5_topic_filter filter;
    mqtt5_property property;

    if (!connack->subscription_identifier_available &&
        mqtt5_property_find(packet, &packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER, &property))
        report_limit(event, MQTT5_RULE_SUBSCRIPTION_IDENTIFIER_UNAVAILABLE, property.offset, property.length, NULL,
                     "a Subscription Identifier, but Subscription Identifier Available of the server is 0");
    if (connack->wildcard_available && connack->shared_available)
        return;
    while (mqtt5_topic_filter_next(packet, &offset, &filter)) {
        const uint8_t *data = mqtt5_bytes(packet, filter.filter);
        uint32_t body = mqtt5_topic_filter_body(data, filter.filter.length);

        if (!connack->wildcard_available && mqtt5_topic_has_wildcard(data + body, filter.filter.length - body))
            report_limit(event, MQTT5_RULE_SUBSCRIPTION_WILDCARD_UNAVAILABLE, filter.filter.offset, filter.filter.length, NULL,
                         "a wildcard in a Topic Filter, but Wildcard Subscription Available of the server is 0");
        if (!connack->shared_available && mqtt5_topic_filter_is_shared(data, filter.filter.length))
            report_limit(event, MQTT5_RULE_SUBSCRIPTION_SHARED_UNAVAILABLE, filter.filter.offset, filter.filter.length, NULL,
                         "a shared subscription, but Shared Subscription Available of the server is 0");
    }
}

void mqtt5_session_limits(mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    if (connection->version < MQTT5_VERSION_5)
        return;
    check_size(event);
    if (event->sender != MQTT5_CLIENT || connection->phase != MQTT5_PHASE_CONNECTED || !connection->connack.known)
        return;
    if (event->packet->type == MQTT5_PUBLISH)
        check_publish(event);
    else if (event->packet->type == MQTT5_SUBSCRIBE)
        check_subscribe(event);
}
