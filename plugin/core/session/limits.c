/* limits.c
 * What CONNECT and CONNACK granted or ruled out: Maximum Packet Size, Maximum QoS, Retain Available
 * and the subscription features.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/evidence.h"

#include "core/session/limits.h"

#include "core/session/modules.h"
#include "core/standard/topic.h"

bool mqtt5_limits_report(const mqtt5_event *event, mqtt5_rule_id rule, const char *clause, mqtt5_range range, const char *what)
{
    uint32_t frame = event->connection->connack.frame;

    if (mqtt5_evidence_bound_by_connack(event)) {
        mqtt5_report_by(event->findings, rule, MQTT5_CLAUSE(clause), range, "%s (CONNACK in frame %u)", what, frame);
        return true;
    }
    /* Among bytes of which some are missing, this may be no packet. */
    if (!mqtt5_evidence_complete(event->connection, MQTT5_CLIENT))
        return false;
    mqtt5_report(event->findings, MQTT5_RULE_sent_before_connack, range, "%s (CONNACK in frame %u); %s", what, frame,
                 event->input->acks_known ? "the client did not have the CONNACK yet when it sent this"
                                          : "the capture does not show whether the client had the CONNACK when it sent this");
    return false;
}

/* The statement that forbids `property` in a packet that it makes too large. */
static const char *overflow_clause(mqtt5_packet_type type, mqtt5_property_id property)
{
    static const struct {
        mqtt5_packet_type type;
        const char *reason_string, *user_property;
    } clauses[] = {
        {MQTT5_CONNACK, "MQTT-3.2.2-19", "MQTT-3.2.2-20"},  {MQTT5_PUBACK, "MQTT-3.4.2-2", "MQTT-3.4.2-3"},
        {MQTT5_PUBREC, "MQTT-3.5.2-2", "MQTT-3.5.2-3"},     {MQTT5_PUBREL, "MQTT-3.6.2-2", "MQTT-3.6.2-3"},
        {MQTT5_PUBCOMP, "MQTT-3.7.2-2", "MQTT-3.7.2-3"},    {MQTT5_SUBACK, "MQTT-3.9.2-1", "MQTT-3.9.2-2"},
        {MQTT5_UNSUBACK, "MQTT-3.11.2-1", "MQTT-3.11.2-2"}, {MQTT5_DISCONNECT, "MQTT-3.14.2-3", "MQTT-3.14.2-4"},
        {MQTT5_AUTH, "MQTT-3.15.2-2", "MQTT-3.15.2-3"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(clauses); i++)
        if (clauses[i].type == type)
            return property == MQTT5_REASON_STRING ? clauses[i].reason_string : clauses[i].user_property;
    return NULL;
}

/* A packet that is too large for its receiver. */
static MQTT5_SELDOM void report_size(const mqtt5_event *event)
{
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;
    const mqtt5_packet *packet = event->packet;
    const char *clause = NULL, *hint = "";

    if (mqtt5_property_has(&packet->properties, MQTT5_REASON_STRING))
        clause = overflow_clause(packet->type, MQTT5_REASON_STRING);
    else if (mqtt5_property_has(&packet->properties, MQTT5_USER_PROPERTY))
        clause = overflow_clause(packet->type, MQTT5_USER_PROPERTY);
    if (clause)
        hint = "; leave out Reason String and User Property";
    if (event->sender == MQTT5_SERVER) {
        mqtt5_report_by(event->findings, MQTT5_RULE_packet_too_large, MQTT5_CLAUSE(clause), (mqtt5_range){0, packet->header_length},
                        "%u bytes, but the Maximum Packet Size of the client is %u (CONNECT in frame %u)%s", packet->length,
                        limits->maximum_packet_size, event->connection->connect.frame, hint);
    } else {
        char *what = g_strdup_printf("%u bytes, but the Maximum Packet Size of the server is %u%s", packet->length,
                                     limits->maximum_packet_size, hint);

        mqtt5_limits_report(event, MQTT5_RULE_packet_too_large, clause ? clause : "MQTT-3.2.2-15", (mqtt5_range){0, packet->header_length},
                            what);
        g_free(what);
    }
}

/* The packet against the Maximum Packet Size of its receiver. */
static void check_size(const mqtt5_event *event)
{
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;
    const mqtt5_packet *packet = event->packet;
    mqtt5_side *own = mqtt5_own_side(event);

    if (packet->length >= own->largest) {
        own->largest = packet->length;
        own->largest_frame = event->input->frame;
        own->largest_type = (uint8_t)packet->type;
    }
    if (limits->known && packet->length > limits->maximum_packet_size && own->announced != packet->length)
        report_size(event);
    else if (own->announced != 0)
        event->connection->faults[event->sender - 1].whole_frame = event->input->frame;
    own->announced = 0;
}

void mqtt5_limits_announce(const mqtt5_event *event)
{
    if (event->facts->version < MQTT5_VERSION_5)
        return;
    check_size(event);
    if (event->findings->count > 0)
        mqtt5_own_side(event)->announced = event->packet->length;
}

static void check_publish(const mqtt5_event *event)
{
    const mqtt5_connack_state *connack = &event->connection->connack;
    const mqtt5_packet *packet = event->packet;

    if (mqtt5_publish_qos(packet) > connack->maximum_qos && mqtt5_publish_qos(packet) < 3) {
        char *what = g_strdup_printf("QoS %u, but the Maximum QoS of the server is %u", mqtt5_publish_qos(packet), connack->maximum_qos);

        mqtt5_limits_report(event, MQTT5_RULE_publish_qos_above_maximum, NULL, MQTT5_FIRST_BYTE, what);
        g_free(what);
    }
    if (mqtt5_publish_retain(packet) && !connack->retain_available)
        mqtt5_limits_report(event, MQTT5_RULE_publish_retain_unavailable, NULL, MQTT5_FIRST_BYTE,
                            "RETAIN is 1, but Retain Available of the server is 0");
}

/* Notes what the client uses of all that a server can rule out, whether this server has or not. */
static void note_uses(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_uses *uses = &event->connection->uses;

    if (packet->type == MQTT5_PUBLISH) {
        if (mqtt5_publish_retain(packet))
            uses->retain_frame = event->input->frame;
        if (mqtt5_publish_qos(packet) < G_N_ELEMENTS(uses->qos_frame))
            uses->qos_frame[mqtt5_publish_qos(packet)] = event->input->frame;
    } else if (packet->type == MQTT5_SUBSCRIBE && mqtt5_property_has(&packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER)) {
        uses->identifier_frame = event->input->frame;
    }
}

static void report_filter(const mqtt5_event *event, mqtt5_rule_id rule, const mqtt5_topic_filter *filter, const char *fault)
{
    mqtt5_uses *uses = &event->connection->uses;
    char quoted[40], *what;

    *(rule == MQTT5_RULE_subscription_shared_unavailable ? &uses->shared_frame : &uses->wildcard_frame) = event->input->frame;
    mqtt5_quote(mqtt5_bytes(event->packet, filter->filter), filter->filter.length, quoted, sizeof quoted);
    what = g_strdup_printf("the Topic Filter %s %s of the server is 0", quoted, fault);
    mqtt5_limits_report(event, rule, NULL, filter->filter, what);
    g_free(what);
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
        mqtt5_limits_report(event, MQTT5_RULE_subscription_identifier_unavailable, NULL, mqtt5_property_range(&property),
                            "a Subscription Identifier, but Subscription Identifier Available of the server is 0");
    if (connack->wildcard_available && connack->shared_available)
        return;
    while (mqtt5_topic_filter_next(packet, &offset, &filter)) {
        const uint8_t *data = mqtt5_bytes(packet, filter.filter);
        uint32_t body = mqtt5_topic_filter_body(data, filter.filter.length);

        if (!connack->wildcard_available && mqtt5_topic_has_wildcard(data + body, filter.filter.length - body))
            report_filter(event, MQTT5_RULE_subscription_wildcard_unavailable, &filter,
                          "has a wildcard, but Wildcard Subscription Available");
        if (!connack->shared_available && mqtt5_topic_filter_is_shared(data, filter.filter.length))
            report_filter(event, MQTT5_RULE_subscription_shared_unavailable, &filter, "is shared, but Shared Subscription Available");
    }
}

void mqtt5_limits_see(mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    if (connection->version < MQTT5_VERSION_5)
        return;
    check_size(event);
    if (event->sender == MQTT5_CLIENT)
        note_uses(event);
    if (event->sender != MQTT5_CLIENT || connection->phase != MQTT5_PHASE_CONNECTED || !connection->connack.known)
        return;
    if (event->packet->type == MQTT5_PUBLISH)
        check_publish(event);
    else if (event->packet->type == MQTT5_SUBSCRIBE)
        check_subscribe(event);
}
