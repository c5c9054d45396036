/* session_connect.c
 * The order of CONNECT, CONNACK, DISCONNECT and the rest, and what CONNECT and CONNACK agree on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

#include <string.h>

static GBytes *copy_text(const mqtt5_packet *packet, mqtt5_range range)
{
    return g_bytes_new(mqtt5_bytes(packet, range), range.length);
}

static void replace(GBytes **text, GBytes *by)
{
    if (*text)
        g_bytes_unref(*text);
    *text = by;
}

void mqtt5_session_connect_clear(mqtt5_connection *connection)
{
    replace(&connection->connect.client_id, NULL);
    replace(&connection->connect.user_name, NULL);
    replace(&connection->connect.authentication_method, NULL);
    replace(&connection->connect.will_topic, NULL);
    replace(&connection->connect.will_payload, NULL);
    replace(&connection->connack.assigned_client_id, NULL);
}

bool mqtt5_session_complete(const mqtt5_connection *connection, mqtt5_sender side)
{
    return connection->phase != MQTT5_PHASE_UNKNOWN && !connection->sides[side - 1].lost;
}

bool mqtt5_session_fresh(const mqtt5_connection *connection)
{
    if (connection->phase != MQTT5_PHASE_CONNECTED || !connection->connect.known || !connection->connack.known)
        return false;
    return connection->version == MQTT5_VERSION_3_1 ? connection->connect.clean_start : !connection->connack.session_present;
}

bool mqtt5_session_has_seen(const mqtt5_event *event, uint32_t position)
{
    return event->input->acks_known && (int32_t)(event->input->acks - position) >= 0;
}

bool mqtt5_session_bound_by_connack(const mqtt5_event *event)
{
    return event->connection->connack.known && mqtt5_session_has_seen(event, event->connection->connack.position);
}

/* --- CONNECT --- */

/* A limit that may not be 0 is, where it is 0 all the same, as if it were left out: check_property.c has said so. */
static uint32_t limit_of(const mqtt5_packet *packet, mqtt5_property_id id, uint32_t otherwise)
{
    uint32_t value = mqtt5_property_number(packet, &packet->properties, id, otherwise);

    return value == 0 ? otherwise : value;
}

static void learn_limits(const mqtt5_packet *packet, mqtt5_limits *limits)
{
    limits->known = true;
    limits->receive_maximum = (uint16_t)limit_of(packet, MQTT5_RECEIVE_MAXIMUM, 65535);
    limits->maximum_packet_size = limit_of(packet, MQTT5_MAXIMUM_PACKET_SIZE, UINT32_MAX);
    limits->topic_alias_maximum = (uint16_t)mqtt5_property_number(packet, &packet->properties, MQTT5_TOPIC_ALIAS_MAXIMUM, 0);
}

static void learn_connect(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    const mqtt5_property_list *properties = &packet->properties;
    mqtt5_connect_state *connect = &event->connection->connect;
    mqtt5_property method;
    bool whole = packet->status == MQTT5_DECODED && (packet->version < MQTT5_VERSION_5 || properties->sound);

    connect->frame = event->input->frame;
    connect->time = event->input->time;
    connect->faulty = mqtt5_findings_worst(event->findings) >= MQTT5_SEVERITY_WARN;
    connect->known = whole;
    if (!whole)
        return;
    connect->clean_start = (packet->connect_flags & MQTT5_CONNECT_CLEAN_START) != 0;
    connect->keep_alive = packet->keep_alive;
    connect->session_expiry_interval = mqtt5_property_number(packet, properties, MQTT5_SESSION_EXPIRY_INTERVAL, 0);
    connect->properties = properties->seen;
    connect->request_problem_information = mqtt5_property_number(packet, properties, MQTT5_REQUEST_PROBLEM_INFORMATION, 1) != 0;
    connect->request_response_information = mqtt5_property_number(packet, properties, MQTT5_REQUEST_RESPONSE_INFORMATION, 0) == 1;
    connect->password = (packet->has & MQTT5_HAS_PASSWORD) != 0;
    connect->length = packet->length;
    replace(&connect->client_id, copy_text(packet, packet->client_id));
    replace(&connect->user_name, packet->has & MQTT5_HAS_USER_NAME ? copy_text(packet, packet->user_name) : NULL);
    replace(&connect->authentication_method,
            mqtt5_property_find(packet, properties, MQTT5_AUTHENTICATION_METHOD, &method) ? copy_text(packet, method.text) : NULL);
    connect->will = (packet->has & MQTT5_HAS_WILL) != 0;
    if (connect->will) {
        connect->will_qos = packet->connect_flags >> 3 & 3;
        connect->will_retain = (packet->connect_flags & MQTT5_CONNECT_WILL_RETAIN) != 0;
        connect->will_is_utf8 = mqtt5_property_number(packet, &packet->will_properties, MQTT5_PAYLOAD_FORMAT_INDICATOR, 0) == 1;
        connect->will_delay_interval = mqtt5_property_number(packet, &packet->will_properties, MQTT5_WILL_DELAY_INTERVAL, 0);
        replace(&connect->will_topic, copy_text(packet, packet->will_topic));
        replace(&connect->will_payload, copy_text(packet, packet->will_payload));
    }
    learn_limits(packet, &event->connection->sides[MQTT5_CLIENT - 1].limits);
}

static MQTT5_SELDOM void see_connect(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (connection->connect.frame != 0 && connection->phase != MQTT5_PHASE_UNKNOWN)
        mqtt5_report(event->findings, MQTT5_RULE_CONNECT_REPEATED, 0, 1, NULL,
                     "second CONNECT on this connection, after that in frame %u; the server must treat it as a Protocol Error and close",
                     connection->connect.frame);
    if (connection->phase == MQTT5_PHASE_START || connection->phase == MQTT5_PHASE_UNKNOWN)
        connection->phase = MQTT5_PHASE_CONNECTING;
    learn_connect(event);
}

/* --- CONNACK --- */

static void learn_connack(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    const mqtt5_property_list *properties = &packet->properties;
    mqtt5_connack_state *connack = &event->connection->connack;
    bool whole = packet->status == MQTT5_DECODED && (packet->version < MQTT5_VERSION_5 || properties->sound || !properties->present);
    mqtt5_property property;

    connack->frame = event->input->frame;
    connack->time = event->input->time;
    connack->position = event->input->position;
    connack->known = whole && (packet->has & MQTT5_HAS_REASON_CODE);
    if (!connack->known)
        return;
    connack->reason_code = packet->reason_code;
    connack->session_present = (packet->connack_flags & 1) != 0;
    connack->maximum_qos = (uint8_t)mqtt5_property_number(packet, properties, MQTT5_MAXIMUM_QOS, 2);
    connack->retain_available = mqtt5_property_number(packet, properties, MQTT5_RETAIN_AVAILABLE, 1) != 0;
    connack->wildcard_available = mqtt5_property_number(packet, properties, MQTT5_WILDCARD_SUBSCRIPTION_AVAILABLE, 1) != 0;
    connack->subscription_identifier_available = mqtt5_property_number(packet, properties, MQTT5_SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) != 0;
    connack->shared_available = mqtt5_property_number(packet, properties, MQTT5_SHARED_SUBSCRIPTION_AVAILABLE, 1) != 0;
    connack->has_server_keep_alive = mqtt5_property_has(properties, MQTT5_SERVER_KEEP_ALIVE);
    connack->server_keep_alive = (uint16_t)mqtt5_property_number(packet, properties, MQTT5_SERVER_KEEP_ALIVE, 0);
    connack->has_session_expiry_interval = mqtt5_property_has(properties, MQTT5_SESSION_EXPIRY_INTERVAL);
    connack->session_expiry_interval = mqtt5_property_number(packet, properties, MQTT5_SESSION_EXPIRY_INTERVAL, 0);
    replace(&connack->assigned_client_id,
            mqtt5_property_find(packet, properties, MQTT5_ASSIGNED_CLIENT_IDENTIFIER, &property) ? copy_text(packet, property.text) : NULL);
    learn_limits(packet, &event->connection->sides[MQTT5_SERVER - 1].limits);
}

/* A ClientID that every server must accept: 1 to 23 letters and digits [MQTT-3.1.3-5]. */
static bool is_plain_client_id(GBytes *client_id)
{
    gsize length;
    const char *text = g_bytes_get_data(client_id, &length);

    if (length < 1 || length > 23)
        return false;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]))
            return false;
    return true;
}

/* What the CONNACK says, against what the CONNECT asked. */
static void check_connack(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_packet *packet = event->packet;
    bool v5 = packet->version >= MQTT5_VERSION_5, accepted = packet->reason_code == 0;
    uint32_t maximum_qos = mqtt5_property_number(packet, &packet->properties, MQTT5_MAXIMUM_QOS, 2);
    mqtt5_property property;

    if (!connect->known || !(packet->has & MQTT5_HAS_REASON_CODE))
        return;
    /* 3.1 has no Session Present: the byte is unused there. */
    if (accepted && connect->clean_start && (packet->connack_flags & 1) && packet->version != MQTT5_VERSION_3_1)
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_SESSION_PRESENT_CLEAN_START, packet->header_length, 1, v5 ? NULL : "MQTT-3.2.2-1",
                     "Session Present is 1 although the CONNECT in frame %u had %s 1; it must be 0", connect->frame,
                     v5 ? "Clean Start" : "CleanSession");
    if (accepted && connect->faulty)
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_ACCEPTS_FAULTY_CONNECT, packet->reason_code_offset, 1, NULL,
                     "the server accepts the CONNECT in frame %u although that breaks the standard", connect->frame);
    if (packet->reason_code == (v5 ? 0x85 : 0x02) && is_plain_client_id(connect->client_id))
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_REFUSES_PLAIN_CLIENT_ID, packet->reason_code_offset, 1, NULL,
                     "the server refuses a Client Identifier of 1 to 23 letters and digits, which it must be able to take; it may have a policy on names "
                     "(suspected)");
    if (!v5 || !packet->properties.sound)
        return;
    if (accepted && g_bytes_get_size(connect->client_id) == 0 &&
        (!mqtt5_property_find(packet, &packet->properties, MQTT5_ASSIGNED_CLIENT_IDENTIFIER, &property) || property.text.length == 0))
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_ASSIGNED_CLIENT_ID_MISSING, packet->properties.offset, 1, NULL,
                     "the client sent no Client Identifier in frame %u, but there is no Assigned Client Identifier (0x12)", connect->frame);
    if (g_bytes_get_size(connect->client_id) > 0 &&
        mqtt5_property_find(packet, &packet->properties, MQTT5_ASSIGNED_CLIENT_IDENTIFIER, &property))
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_ASSIGNED_CLIENT_ID_UNASKED, property.offset, property.length, NULL,
                     "Assigned Client Identifier (0x12) although the client sent one of its own in frame %u", connect->frame);
    if (!connect->request_response_information && mqtt5_property_find(packet, &packet->properties, MQTT5_RESPONSE_INFORMATION, &property))
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_RESPONSE_INFORMATION_UNASKED, property.offset, property.length, NULL,
                     "Response Information (0x1a) although the CONNECT in frame %u did not set Request Response Information (0x19) to 1",
                     connect->frame);
    if (accepted && connect->will && connect->will_qos <= 2 && maximum_qos < connect->will_qos)
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_ACCEPTS_WILL, packet->reason_code_offset, 1, "MQTT-3.2.2-12",
                     "the server accepts a Will with QoS %u (frame %u) although its Maximum QoS is %u; it must refuse it with 0x9b (QoS not supported)",
                     connect->will_qos, connect->frame, maximum_qos);
    if (accepted && connect->will && connect->will_retain &&
        mqtt5_property_number(packet, &packet->properties, MQTT5_RETAIN_AVAILABLE, 1) == 0)
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_ACCEPTS_WILL, packet->reason_code_offset, 1, "MQTT-3.2.2-13",
                     "the server accepts a Will with Will Retain 1 (frame %u) although Retain Available is 0; it must refuse it with 0x9a (Retain not "
                     "supported)",
                     connect->frame);
}

/* A code below 0x80 that MQTT 5 does not have refuses nothing, unless it comes in the form of 3.1.1. */
static bool refuses(const mqtt5_packet *packet)
{
    return packet->reason_code >= 0x80 || (packet->reason_code != 0 && !packet->properties.present);
}

static MQTT5_SELDOM void see_connack(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (connection->phase == MQTT5_PHASE_START && mqtt5_session_complete(connection, MQTT5_CLIENT))
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_UNEXPECTED, 0, 1, NULL, "CONNACK before any CONNECT on this connection");
    if (connection->connack.frame != 0)
        mqtt5_report(event->findings, MQTT5_RULE_CONNACK_REPEATED, 0, 1, NULL,
                     "second CONNACK on this connection, after that in frame %u; a server sends one only", connection->connack.frame);
    check_connack(event);
    learn_connack(event);
    connection->phase = connection->connack.known && refuses(event->packet) ? MQTT5_PHASE_REFUSED : MQTT5_PHASE_CONNECTED;
}

/* --- The rest --- */

void mqtt5_report_connect_not_first(mqtt5_findings *findings)
{
    mqtt5_report(findings, MQTT5_RULE_CONNECT_NOT_FIRST, 0, 1, NULL,
                 "there was no CONNECT before it on this connection; the first packet of a client must be CONNECT");
}

static void check_client_order(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    if (connection->phase == MQTT5_PHASE_START && mqtt5_own_side(event)->packets == 0)
        mqtt5_report_connect_not_first(event->findings);
    /* A DISCONNECT is a client's way to close, as it should. */
    if (connection->phase == MQTT5_PHASE_REFUSED && mqtt5_session_bound_by_connack(event) && event->packet->type != MQTT5_DISCONNECT)
        mqtt5_report(event->findings, MQTT5_RULE_PACKET_AFTER_REFUSAL, 0, 1,
                     connection->version >= MQTT5_VERSION_5 ? "MQTT-4.13.2-1" : "MQTT-3.2.2-5",
                     "the client goes on although the CONNACK in frame %u refused the connection (0x%02x)", connection->connack.frame,
                     connection->connack.reason_code);
}

/* No packet of the server comes before its CONNACK but AUTH, and none after one that refuses. */
static void check_server_order(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    bool v5 = connection->version >= MQTT5_VERSION_5, disconnect = event->packet->type == MQTT5_DISCONNECT;

    if (connection->phase == MQTT5_PHASE_REFUSED) {
        mqtt5_report(event->findings, MQTT5_RULE_PACKET_AFTER_REFUSAL, 0, 1,
                     !v5          ? "MQTT-3.2.2-5"
                     : disconnect ? "MQTT-3.14.0-1"
                                  : NULL,
                     "the server goes on after its CONNACK in frame %u refused the connection (0x%02x); it must close",
                     connection->connack.frame, connection->connack.reason_code);
        return;
    }
    if ((connection->phase != MQTT5_PHASE_CONNECTING && connection->phase != MQTT5_PHASE_START) || event->packet->type == MQTT5_AUTH ||
        !mqtt5_packet_type_get(event->packet->type)->from_server)
        return;
    if (!mqtt5_session_complete(connection, MQTT5_SERVER)) {
        connection->phase = MQTT5_PHASE_CONNECTED; /* by a CONNACK that is missing from the capture */
        return;
    }
    mqtt5_report(event->findings, MQTT5_RULE_SERVER_PACKET_BEFORE_CONNACK, 0, 1, v5 && disconnect ? "MQTT-3.14.0-1" : NULL,
                 "%s before a CONNACK%s; the server must answer the CONNECT first", mqtt5_packet_type_get(event->packet->type)->name,
                 disconnect ? " (to refuse a CONNECT it uses CONNACK)" : "");
}

static MQTT5_SELDOM void check_order(const mqtt5_event *event)
{
    if (event->sender == MQTT5_CLIENT)
        check_client_order(event);
    else
        check_server_order(event);
}

/* The first packet of the server behind one of the client that breaks the standard. */
static MQTT5_SELDOM void check_tolerance(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    uint32_t faulty = connection->faults[MQTT5_CLIENT - 1].frame;

    if (event->packet->type == MQTT5_DISCONNECT || event->packet->type == MQTT5_CONNACK || connection->phase == MQTT5_PHASE_REFUSED)
        return;
    connection->tolerated_frame = faulty;
    /* That the packet is accepted has been said, and of what. */
    if (mqtt5_findings_has(event->findings, MQTT5_RULE_PUBLISH_QOS_ABOVE_MAXIMUM_ACCEPTED))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_CONNECTION_KEPT_AFTER_ERROR, 0, 1,
                 connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-4.8.0-1",
                 "the server goes on after the packet in frame %u, which breaks the standard; one that notices closes the connection",
                 faulty);
}

void mqtt5_session_tolerance(const mqtt5_event *event)
{
    if (event->sender == MQTT5_SERVER && event->connection->faults[MQTT5_CLIENT - 1].frame > event->connection->tolerated_frame)
        check_tolerance(event);
}

/* Nothing may follow a DISCONNECT of the same side. */
static MQTT5_SELDOM void check_after_disconnect(const mqtt5_event *event)
{
    const mqtt5_side *own = mqtt5_own_side(event);
    bool v5 = event->connection->version >= MQTT5_VERSION_5;

    /* Before MQTT 5 a server has no DISCONNECT, which check_header.c says. */
    if (v5 || event->sender == MQTT5_CLIENT)
        mqtt5_report(event->findings, MQTT5_RULE_PACKET_AFTER_DISCONNECT, 0, 1, v5 ? NULL : "MQTT-3.14.4-2",
                     "%s after the DISCONNECT of the same side in frame %u, which must be its last packet",
                     mqtt5_packet_type_get(event->packet->type)->name, own->disconnect_frame);
}

static MQTT5_SELDOM void check_disconnect(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_connack_state *connack = &event->connection->connack;
    mqtt5_property property;

    if (event->sender == MQTT5_SERVER && connack->known && connack->maximum_qos == 2 && event->packet->reason_code == 0x9B &&
        (event->packet->has & MQTT5_HAS_REASON_CODE) && event->connection->version >= MQTT5_VERSION_5)
        mqtt5_report(event->findings, MQTT5_RULE_DISCONNECT_QOS_NOT_ANNOUNCED, event->packet->reason_code_offset, 1, NULL,
                     "the server does not support a QoS, but the CONNACK in frame %u had no Maximum QoS to say so (suspected)",
                     connack->frame);

    if (event->sender == MQTT5_CLIENT && connect->known && connect->session_expiry_interval == 0 &&
        mqtt5_property_find(event->packet, &event->packet->properties, MQTT5_SESSION_EXPIRY_INTERVAL, &property) && property.number > 0)
        mqtt5_report(event->findings, MQTT5_RULE_DISCONNECT_SESSION_EXPIRY, property.offset, property.length, NULL,
                     "Session Expiry Interval is %u although it was 0 in the CONNECT in frame %u; it must stay 0", property.number,
                     connect->frame);
}

/* Reason String and User Property that the client did not want [MQTT-3.1.2-29]. */
static MQTT5_SELDOM void check_problem_information(const mqtt5_event *event)
{
    static const uint32_t exempt = MQTT5_IN(MQTT5_PUBLISH) | MQTT5_IN(MQTT5_CONNACK) | MQTT5_IN(MQTT5_DISCONNECT);
    const mqtt5_connect_state *connect = &event->connection->connect;
    mqtt5_property property;

    if (!connect->known || connect->request_problem_information || (exempt >> event->packet->type & 1))
        return;
    if (mqtt5_property_find(event->packet, &event->packet->properties, MQTT5_REASON_STRING, &property) ||
        mqtt5_property_find(event->packet, &event->packet->properties, MQTT5_USER_PROPERTY, &property))
        mqtt5_report(event->findings, MQTT5_RULE_PROBLEM_INFORMATION_UNWANTED, property.offset, property.length, NULL,
                     "%s (0x%02x) although the CONNECT in frame %u set Request Problem Information to 0; only PUBLISH, CONNACK and DISCONNECT may have it",
                     property.info->name, property.id, connect->frame);
}

void mqtt5_session_connect(mqtt5_event *event)
{
    mqtt5_packet_type type = event->packet->type;

    if (mqtt5_own_side(event)->disconnect_frame != 0)
        check_after_disconnect(event);
    if (event->sender == MQTT5_CLIENT && type == MQTT5_CONNECT) {
        see_connect(event);
    } else if (event->sender == MQTT5_SERVER && type == MQTT5_CONNACK) {
        see_connack(event);
    } else {
        if (event->connection->phase != MQTT5_PHASE_CONNECTED)
            check_order(event);
        if (type == MQTT5_DISCONNECT)
            check_disconnect(event);
        if (event->sender == MQTT5_SERVER && event->packet->properties.seen != 0 && type != MQTT5_PUBLISH)
            check_problem_information(event);
    }
    if (type == MQTT5_DISCONNECT) {
        mqtt5_own_side(event)->disconnect_frame = event->input->frame;
        mqtt5_own_side(event)->disconnect_reason = event->packet->has & MQTT5_HAS_REASON_CODE ? event->packet->reason_code : 0;
    }
}

/* What the close means for the Will, where the client has left without DISCONNECT 0x00. */
static void explain_will(mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;
    const mqtt5_connect_state *connect = &connection->connect;
    const mqtt5_side *client = &connection->sides[MQTT5_CLIENT - 1];
    char topic[80];

    if (!connect->known || !connect->will || connection->phase != MQTT5_PHASE_CONNECTED ||
        !mqtt5_session_complete(connection, MQTT5_CLIENT) || (client->disconnect_frame != 0 && client->disconnect_reason == 0))
        return;
    mqtt5_report(closing->findings, MQTT5_RULE_CONNECTION_CLOSED_WITH_WILL, 0, 0,
                 connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.1.2-8",
                 "the client leaves without DISCONNECT 0x00, so its Will (%s, CONNECT in frame %u) is to be published",
                 mqtt5_quote(g_bytes_get_data(connect->will_topic, NULL), (uint32_t)g_bytes_get_size(connect->will_topic), topic,
                             sizeof topic),
                 connect->frame);
}

void mqtt5_session_connect_closed(mqtt5_closing *closing)
{
    mqtt5_side *side = &closing->connection->sides[closing->sender - 1];

    if (closing->sender == MQTT5_CLIENT && side->closed_frame == 0)
        explain_will(closing);
    if (side->closed_frame == 0)
        side->closed_frame = closing->close->frame;
    side->reset |= closing->close->reset;
}
