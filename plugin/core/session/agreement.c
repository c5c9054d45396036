/* agreement.c
 * What CONNECT and CONNACK have agreed on, in one place: whose word holds, and what the standard
 * says where both are silent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/modules.h"
#include "core/session/session.h"

#include <string.h>

static bool said(uint32_t seen, mqtt5_property_id id)
{
    const mqtt5_property_list list = {.seen = seen};

    return mqtt5_property_has(&list, id);
}

static mqtt5_agreed_limits limits_of(const mqtt5_limits *limits, uint32_t seen)
{
    return (mqtt5_agreed_limits){
        .receive_maximum = limits->receive_maximum,
        .maximum_packet_size = MIN(limits->maximum_packet_size, MQTT5_PACKET_SIZE_MAX),
        .topic_alias_maximum = limits->topic_alias_maximum,
        .receive_maximum_is_default = !said(seen, MQTT5_RECEIVE_MAXIMUM),
        .maximum_packet_size_is_default = !said(seen, MQTT5_MAXIMUM_PACKET_SIZE),
        .topic_alias_maximum_is_default = !said(seen, MQTT5_TOPIC_ALIAS_MAXIMUM),
    };
}

/* The part of MQTT 5. */
static void agree(const mqtt5_event *event, mqtt5_agreement *agreed)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_connack_state *connack = &connection->connack;
    uint32_t asked = connection->connect.properties, answered = event->packet->properties.seen;

    agreed->session_expiry_is_servers = connack->has_session_expiry_interval;
    agreed->session_expiry_is_default = !connack->has_session_expiry_interval && !said(asked, MQTT5_SESSION_EXPIRY_INTERVAL);
    agreed->session_expiry_interval =
        connack->has_session_expiry_interval ? connack->session_expiry_interval : connection->connect.session_expiry_interval;
    agreed->limits[MQTT5_CLIENT - 1] = limits_of(&connection->sides[MQTT5_CLIENT - 1].limits, asked);
    agreed->limits[MQTT5_SERVER - 1] = limits_of(&connection->sides[MQTT5_SERVER - 1].limits, answered);
    agreed->maximum_qos = connack->maximum_qos;
    agreed->maximum_qos_is_default = !said(answered, MQTT5_MAXIMUM_QOS);
    agreed->retain = connack->retain_available;
    agreed->retain_is_default = !said(answered, MQTT5_RETAIN_AVAILABLE);
    agreed->wildcard = connack->wildcard_available;
    agreed->wildcard_is_default = !said(answered, MQTT5_WILDCARD_SUBSCRIPTION_AVAILABLE);
    agreed->shared = connack->shared_available;
    agreed->shared_is_default = !said(answered, MQTT5_SHARED_SUBSCRIPTION_AVAILABLE);
    agreed->subscription_identifier = connack->subscription_identifier_available;
    agreed->subscription_identifier_is_default = !said(answered, MQTT5_SUBSCRIPTION_IDENTIFIER_AVAILABLE);
}

static MQTT5_SELDOM void see_connack(mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    const mqtt5_connect_state *connect = &connection->connect;
    const mqtt5_connack_state *connack = &connection->connack;
    bool accepted = connect->known && connack->known && connack->reason_code == 0 && connack->frame == event->input->frame;
    mqtt5_agreement *agreed;

    if (!accepted && event->authentication_frame == 0)
        return;
    agreed = mqtt5_arena_alloc(&connection->arena, sizeof *agreed);
    memset(agreed, 0, sizeof *agreed);
    agreed->authentication_frame = event->authentication_frame;
    agreed->accepted = accepted;
    if (accepted) {
        agreed->v5 = connection->version >= MQTT5_VERSION_5;
        agreed->keep_alive_is_servers = connack->has_server_keep_alive;
        agreed->keep_alive = connack->has_server_keep_alive ? connack->server_keep_alive : connect->keep_alive;
        agreed->clean_start = connect->clean_start;
        agreed->session_present = connack->session_present;
        if (agreed->v5)
            agree(event, agreed);
    }
    event->facts->detail.agreement = agreed;
}

void mqtt5_agreement_see(mqtt5_event *event)
{
    if (event->packet->type == MQTT5_CONNACK && event->sender == MQTT5_SERVER && event->facts->version != MQTT5_VERSION_UNKNOWN)
        see_connack(event);
}
