/* connect.c
 * The order of CONNECT, CONNACK, DISCONNECT and the rest, and what CONNECT and CONNACK agree on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/connect.h"

#include "core/session/evidence.h"
#include "core/session/modules.h"
#include "core/session/ongoing.h"
#include "core/standard/reason_code.h"

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

void mqtt5_connect_clear(mqtt5_connection *connection)
{
    replace(&connection->connect.client_id, NULL);
    replace(&connection->connect.user_name, NULL);
    replace(&connection->connect.authentication_method, NULL);
    replace(&connection->connect.will_topic, NULL);
    replace(&connection->connect.will_payload, NULL);
    replace(&connection->connack.assigned_client_id, NULL);
}

/* --- CONNECT --- */

/* A limit must not be 0. One that is counts as left out; check_property.c reports it. */
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
    connect->split_frame = event->input->split_frame;
    connect->direct = event->input->direct;
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
        mqtt5_report(event->findings, MQTT5_RULE_connect_repeated, MQTT5_FIRST_BYTE,
                     "second CONNECT on this connection, after the one in frame %u; "
                     "the server must treat it as a Protocol Error and close",
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
    connack->position = mqtt5_evidence_far(event->connection, event->input->direction, event->input->position);
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
static bool must_be_taken(GBytes *client_id)
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
        mqtt5_report(event->findings, MQTT5_RULE_connack_session_present_clean_start, (mqtt5_range){packet->header_length, 1},
                     "Session Present is 1 although the CONNECT in frame %u had %s 1; it must be 0", connect->frame,
                     v5 ? "Clean Start" : "CleanSession");
    if (accepted && connect->faulty)
        mqtt5_report(event->findings, MQTT5_RULE_connack_accepts_faulty_connect, mqtt5_reason_code_range(packet),
                     "the server accepts the CONNECT in frame %u although it breaks the standard", connect->frame);
    if (packet->reason_code == (v5 ? MQTT5_CODE_CLIENT_IDENTIFIER_NOT_VALID : MQTT5_RETURN_CODE_CLIENT_ID) &&
        must_be_taken(connect->client_id))
        mqtt5_report(event->findings, MQTT5_RULE_connack_refuses_plain_client_id, mqtt5_reason_code_range(packet),
                     "the server refuses a Client Identifier of 1 to 23 letters and digits, "
                     "which it must be able to take; it may have a policy on names");
    if (!v5 || !packet->properties.sound)
        return;
    if (accepted && g_bytes_get_size(connect->client_id) == 0 &&
        (!mqtt5_property_find(packet, &packet->properties, MQTT5_ASSIGNED_CLIENT_IDENTIFIER, &property) || property.text.length == 0))
        mqtt5_report(event->findings, MQTT5_RULE_connack_assigned_client_id_missing, (mqtt5_range){packet->properties.offset, 1},
                     "the client sent no Client Identifier in frame %u, "
                     "but there is no Assigned Client Identifier (0x12)",
                     connect->frame);
    if (g_bytes_get_size(connect->client_id) > 0 &&
        mqtt5_property_find(packet, &packet->properties, MQTT5_ASSIGNED_CLIENT_IDENTIFIER, &property))
        mqtt5_report(event->findings, MQTT5_RULE_connack_assigned_client_id_unasked, mqtt5_property_range(&property),
                     "Assigned Client Identifier (0x12) although the client sent one of its own in frame %u", connect->frame);
    if (!connect->request_response_information && mqtt5_property_find(packet, &packet->properties, MQTT5_RESPONSE_INFORMATION, &property))
        mqtt5_report(event->findings, MQTT5_RULE_connack_response_information_unasked, mqtt5_property_range(&property),
                     "Response Information (0x1a) although the CONNECT in frame %u did not set Request Response Information (0x19) to 1",
                     connect->frame);
    if (accepted && connect->will && connect->will_qos <= 2 && maximum_qos < connect->will_qos)
        mqtt5_report_by(event->findings, MQTT5_RULE_connack_accepts_will, MQTT5_CLAUSE("MQTT-3.2.2-12"), mqtt5_reason_code_range(packet),
                        "the server accepts a Will with QoS %u (frame %u) although its Maximum QoS is %u; "
                        "it must refuse it with 0x9b (QoS not supported)",
                        connect->will_qos, connect->frame, maximum_qos);
    if (accepted && connect->will && connect->will_retain &&
        mqtt5_property_number(packet, &packet->properties, MQTT5_RETAIN_AVAILABLE, 1) == 0)
        mqtt5_report_by(event->findings, MQTT5_RULE_connack_accepts_will, MQTT5_CLAUSE("MQTT-3.2.2-13"), mqtt5_reason_code_range(packet),
                        "the server accepts a Will with Will Retain 1 (frame %u) although Retain Available is 0; "
                        "it must refuse it with 0x9a (Retain not supported)",
                        connect->frame);
}

/* A code below 0x80 that MQTT 5 does not have refuses nothing, unless it comes in the form of
 * 3.1.1. */
static bool refuses(const mqtt5_packet *packet)
{
    return packet->reason_code >= MQTT5_CODE_FAILURE || (packet->reason_code != 0 && !packet->properties.present);
}

static MQTT5_SELDOM void see_connack(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (connection->phase == MQTT5_PHASE_START && mqtt5_evidence_complete(connection, MQTT5_CLIENT))
        mqtt5_report(event->findings, MQTT5_RULE_connack_unexpected, MQTT5_FIRST_BYTE, "CONNACK before any CONNECT on this connection");
    if (connection->connack.frame != 0)
        mqtt5_report(event->findings, MQTT5_RULE_connack_repeated, MQTT5_FIRST_BYTE,
                     "second CONNACK on this connection, after the one in frame %u; a server sends one only", connection->connack.frame);
    check_connack(event);
    learn_connack(event);
    connection->phase = connection->connack.known && refuses(event->packet) ? MQTT5_PHASE_REFUSED : MQTT5_PHASE_CONNECTED;
}

void mqtt5_connect_unreadable_connack(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    mqtt5_unknown_version *unknown = &connection->unknown;

    /* The code follows the fixed header and the flags in all versions. */
    if (unknown->connect_frame != 0 && unknown->connack_frame == 0 && event->input->captured >= 4 && event->input->data[1] < 0x80) {
        unknown->connack_frame = event->input->frame;
        unknown->code = event->input->data[3];
    }
    if (connection->phase == MQTT5_PHASE_START || connection->phase == MQTT5_PHASE_CONNECTING)
        connection->phase = MQTT5_PHASE_CONNECTED;
}

/* --- The rest --- */

void mqtt5_connect_report_not_first(mqtt5_findings *findings)
{
    mqtt5_report(findings, MQTT5_RULE_connect_not_first, MQTT5_FIRST_BYTE,
                 "there was no CONNECT before it on this connection; the first packet of a client must be CONNECT");
}

static void check_client_order(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    if (connection->phase == MQTT5_PHASE_START && !mqtt5_evidence_heard(connection, MQTT5_CLIENT))
        mqtt5_connect_report_not_first(event->findings);
    /* With a DISCONNECT the client closes, as it should. */
    if (connection->phase == MQTT5_PHASE_REFUSED && mqtt5_evidence_bound_by_connack(event) && event->packet->type != MQTT5_DISCONNECT &&
        !mqtt5_ongoing(event, MQTT5_ONGOING_AFTER_REFUSAL, MQTT5_RULE_packet_after_refusal))
        mqtt5_report_by(event->findings, MQTT5_RULE_packet_after_refusal, MQTT5_CLAUSE("MQTT-4.13.2-1"), MQTT5_FIRST_BYTE,
                        "the client continues although the CONNACK in frame %u refused the connection (0x%02x)", connection->connack.frame,
                        connection->connack.reason_code);
}

/* Before its CONNACK the server sends nothing but AUTH, and after a CONNACK that refuses nothing at
 * all. */
static void check_server_order(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    bool disconnect = event->packet->type == MQTT5_DISCONNECT;

    if (connection->phase == MQTT5_PHASE_REFUSED) {
        if (mqtt5_ongoing(event, MQTT5_ONGOING_AFTER_REFUSAL, MQTT5_RULE_packet_after_refusal))
            return;
        mqtt5_report_by(event->findings, MQTT5_RULE_packet_after_refusal, MQTT5_CLAUSE(disconnect ? "MQTT-3.14.0-1" : NULL),
                        MQTT5_FIRST_BYTE,
                        "the server continues after its CONNACK in frame %u refused the connection (0x%02x); it must close",
                        connection->connack.frame, connection->connack.reason_code);
        return;
    }
    if ((connection->phase != MQTT5_PHASE_CONNECTING && connection->phase != MQTT5_PHASE_START) || event->packet->type == MQTT5_AUTH ||
        !mqtt5_packet_type_get(event->packet->type)->from_server)
        return;
    if (!mqtt5_evidence_complete(connection, MQTT5_SERVER)) {
        /* by a CONNACK that is missing from the capture */
        connection->phase = MQTT5_PHASE_CONNECTED;
        return;
    }
    if (mqtt5_ongoing(event, MQTT5_ONGOING_BEFORE_CONNACK, MQTT5_RULE_server_packet_before_connack))
        return;
    mqtt5_report_by(event->findings, MQTT5_RULE_server_packet_before_connack, MQTT5_CLAUSE(disconnect ? "MQTT-3.14.0-1" : NULL),
                    MQTT5_FIRST_BYTE, "%s before a CONNACK%s; the server must answer the CONNECT first",
                    mqtt5_packet_type_get(event->packet->type)->name, disconnect ? " (to refuse a CONNECT it uses CONNACK)" : "");
}

static MQTT5_SELDOM void check_order(const mqtt5_event *event)
{
    if (event->sender == MQTT5_CLIENT)
        check_client_order(event);
    else
        check_server_order(event);
}

/* True if the standard demands an answer to what breaks this rule: a PUBLISH that is sent again
 * [MQTT-4.3.2-4], [MQTT-4.3.3-10]. */
static bool is_to_be_answered(uint16_t rule)
{
    return rule == MQTT5_RULE_publish_resent || rule == MQTT5_RULE_publish_resent_after_error || rule == MQTT5_RULE_publish_after_pubrel ||
           rule == MQTT5_RULE_publish_duplicate_unexpected;
}

/* The first packet of the server after one of the client that breaks the standard. */
static MQTT5_SELDOM void check_tolerance(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    uint32_t faulty = connection->faults[MQTT5_CLIENT - 1].frame;

    if (event->packet->type == MQTT5_DISCONNECT || event->packet->type == MQTT5_CONNACK || connection->phase == MQTT5_PHASE_REFUSED)
        return;
    connection->tolerated_frame = faulty;
    /* It was already reported that the server accepts the packet. */
    if (mqtt5_findings_has(event->findings, MQTT5_RULE_publish_qos_above_maximum_accepted) ||
        is_to_be_answered(connection->faults[MQTT5_CLIENT - 1].rule))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_connection_kept_after_error, MQTT5_FIRST_BYTE,
                 "the server continues after the packet in frame %u, which breaks the standard; "
                 "one that notices closes the connection",
                 faulty);
}

void mqtt5_tolerance_see(mqtt5_event *event)
{
    if (event->sender == MQTT5_SERVER && event->connection->faults[MQTT5_CLIENT - 1].frame > event->connection->tolerated_frame)
        check_tolerance(event);
}

/* Nothing may follow a DISCONNECT of the same side. */
static MQTT5_SELDOM void check_after_disconnect(const mqtt5_event *event)
{
    const mqtt5_side *own = mqtt5_own_side(event);
    bool v5 = event->connection->version >= MQTT5_VERSION_5;

    /* Before MQTT 5 a server has no DISCONNECT; check_header.c reports it. */
    if ((v5 || event->sender == MQTT5_CLIENT) && !mqtt5_ongoing(event, MQTT5_ONGOING_AFTER_DISCONNECT, MQTT5_RULE_packet_after_disconnect))
        mqtt5_report(event->findings, MQTT5_RULE_packet_after_disconnect, MQTT5_FIRST_BYTE,
                     "%s after the DISCONNECT of the same side in frame %u, which must be its last packet",
                     mqtt5_packet_type_get(event->packet->type)->name, own->disconnect_frame);
}

static MQTT5_SELDOM void check_disconnect(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_connack_state *connack = &event->connection->connack;
    mqtt5_property property;

    if (event->sender == MQTT5_SERVER && connack->known && connack->maximum_qos == 2 &&
        event->packet->reason_code == MQTT5_CODE_QOS_NOT_SUPPORTED && (event->packet->has & MQTT5_HAS_REASON_CODE) &&
        event->connection->version >= MQTT5_VERSION_5)
        mqtt5_report(event->findings, MQTT5_RULE_disconnect_qos_not_announced, mqtt5_reason_code_range(event->packet),
                     "the server does not support a QoS, but the CONNACK in frame %u had no Maximum QoS to say so", connack->frame);

    if (event->sender == MQTT5_CLIENT && connect->known && connect->session_expiry_interval == 0 &&
        mqtt5_property_find(event->packet, &event->packet->properties, MQTT5_SESSION_EXPIRY_INTERVAL, &property) && property.number > 0)
        mqtt5_report(event->findings, MQTT5_RULE_disconnect_session_expiry, mqtt5_property_range(&property),
                     "Session Expiry Interval is %u although it was 0 in the CONNECT in frame %u; it must stay 0", property.number,
                     connect->frame);
}

/* Reason String and User Property that the client did not want [MQTT-3.1.2-29]. The rule's row has
 * the packets that must not carry them. What a server must not send at all is another finding. */
static MQTT5_SELDOM void check_problem_information(const mqtt5_event *event)
{
    const mqtt5_findings *findings = event->findings;
    const mqtt5_connect_state *connect = &event->connection->connect;
    mqtt5_property property;

    if (!connect->known || connect->request_problem_information || findings == NULL ||
        !mqtt5_rule_fits(MQTT5_RULE_problem_information_unwanted, findings->type, findings->sender, findings->version))
        return;
    if (mqtt5_property_find(event->packet, &event->packet->properties, MQTT5_REASON_STRING, &property) ||
        mqtt5_property_find(event->packet, &event->packet->properties, MQTT5_USER_PROPERTY, &property))
        mqtt5_report(event->findings, MQTT5_RULE_problem_information_unwanted, mqtt5_property_range(&property),
                     "%s (0x%02x) although the CONNECT in frame %u set Request Problem Information to 0; "
                     "only PUBLISH, CONNACK and DISCONNECT may have it",
                     property.info->name, property.id, connect->frame);
}

void mqtt5_connect_see(mqtt5_event *event)
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
        !mqtt5_evidence_complete(connection, MQTT5_CLIENT) || (client->disconnect_frame != 0 && client->disconnect_reason == 0))
        return;
    mqtt5_report(closing->findings, MQTT5_RULE_connection_closed_with_will, MQTT5_NO_BYTES,
                 "the client leaves without DISCONNECT 0x00, so the server publishes its Will (%s, CONNECT in frame %u)",
                 mqtt5_quote(g_bytes_get_data(connect->will_topic, NULL), (uint32_t)g_bytes_get_size(connect->will_topic), topic,
                             sizeof topic),
                 connect->frame);
}

void mqtt5_connect_closed(mqtt5_closing *closing)
{
    mqtt5_side *side = &closing->connection->sides[closing->sender - 1];

    if (closing->sender == MQTT5_CLIENT && side->closed_frame == 0)
        explain_will(closing);
    if (side->closed_frame == 0)
        side->closed_frame = closing->close->frame;
    side->reset |= closing->close->reset;
}
