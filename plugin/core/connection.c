/* connection.c
 * Who is who on a connection, which version it speaks, and the way of each packet through decoder, rules and session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "connection.h"

#include "session.h"
#include "version.h"
#include "world.h"

/* How sure it is which direction comes from the client. */
typedef enum { ROLES_UNKNOWN, ROLES_BY_PORT, ROLES_SEEN } roles_source;

mqtt5_connection *mqtt5_connection_new(mqtt5_world *world, unsigned default_version)
{
    mqtt5_connection *connection = g_new0(mqtt5_connection, 1);

    connection->world = world;
    if (default_version != MQTT5_VERSION_UNKNOWN) {
        connection->version = (uint8_t)default_version;
        connection->version_source = MQTT5_VERSION_SOURCE_PREFERENCE;
    }
    return connection;
}

void mqtt5_connection_free(mqtt5_connection *connection)
{
    if (!connection)
        return;
    mqtt5_session_world_clear(connection);
    mqtt5_session_subscription_clear(connection);
    mqtt5_session_request_clear(connection);
    mqtt5_session_message_clear(connection);
    mqtt5_session_flow_clear(connection);
    mqtt5_session_alias_clear(connection);
    mqtt5_session_keep_alive_clear(connection);
    mqtt5_session_auth_clear(connection);
    mqtt5_session_connect_clear(connection);
    mqtt5_kept_clear(&connection->kept);
    g_free(connection);
}

/* Packet types that one side sends tell who is who; the port only where nothing else does. */
static void learn_roles(mqtt5_connection *connection, const mqtt5_input *input)
{
    const mqtt5_packet_type_info *type = mqtt5_packet_type_get(input->captured > 0 ? input->data[0] >> 4 : 0);

    if (connection->roles == ROLES_SEEN)
        return;
    if (type->from_client != type->from_server) {
        connection->roles = ROLES_SEEN;
        connection->client_direction = type->from_client ? input->direction : !input->direction;
    } else if (connection->roles == ROLES_UNKNOWN && input->server_port_hint <= 1) {
        connection->roles = ROLES_BY_PORT;
        connection->client_direction = !input->server_port_hint;
    }
}

static mqtt5_sender sender_of(const mqtt5_connection *connection, uint8_t direction)
{
    if (connection->roles == ROLES_UNKNOWN)
        return MQTT5_SENDER_UNKNOWN;
    return direction == connection->client_direction ? MQTT5_CLIENT : MQTT5_SERVER;
}

/* Without a CONNECT the version follows from bytes that only one version can have; later bytes may correct it. */
static void infer_version(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_sender sender)
{
    unsigned version;

    if (connection->version_source == MQTT5_VERSION_SOURCE_CONNECT || connection->version_source == MQTT5_VERSION_SOURCE_PREFERENCE ||
        connection->connect_seen)
        return;
    version =
        mqtt5_version_infer(input->data, input->captured, input->length, connection->roles == ROLES_SEEN ? sender : MQTT5_SENDER_UNKNOWN);
    if (version != MQTT5_VERSION_UNKNOWN) {
        connection->version = (uint8_t)version;
        connection->version_source = MQTT5_VERSION_SOURCE_INFERRED;
    }
}

static void learn_version(mqtt5_connection *connection, const mqtt5_packet *packet)
{
    connection->connect_seen = true;
    if (!(packet->has & MQTT5_HAS_CONNECT_HEADER))
        return;
    connection->version = packet->version;
    connection->version_source = packet->version ? MQTT5_VERSION_SOURCE_CONNECT : MQTT5_VERSION_SOURCE_NONE;
}

/* The code that a list of packets should show: of SUBACK and UNSUBACK, the first failure. */
static void freeze_reason_code(const mqtt5_packet *packet, mqtt5_verdict *verdict)
{
    verdict->has_reason_code = false;
    verdict->reason_code = 0;
    if (packet->version < MQTT5_VERSION_5)
        return;
    if ((packet->has & MQTT5_HAS_REASON_CODE) && packet->reason_code_offset > 0) {
        verdict->has_reason_code = true;
        verdict->reason_code = packet->reason_code;
    } else if ((packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK) && (packet->has & MQTT5_HAS_PAYLOAD)) {
        uint32_t end = MIN(packet->payload.offset + packet->payload.length, packet->captured);

        for (uint32_t at = packet->payload.offset; at < end && !verdict->has_reason_code; at++) {
            verdict->has_reason_code = packet->data[at] >= 0x80;
            verdict->reason_code = verdict->has_reason_code ? packet->data[at] : 0;
        }
    }
}

/* Evidence that bytes are missing, before anything is judged by what the connection has said. */
static void learn_evidence(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_sender sender)
{
    if (!connection->started) {
        connection->started = true;
        connection->phase = input->gap ? MQTT5_PHASE_UNKNOWN : MQTT5_PHASE_START;
    } else if (connection->phase == MQTT5_PHASE_START && input->gap) {
        connection->phase = MQTT5_PHASE_UNKNOWN;
    }
    if (sender == MQTT5_SENDER_UNKNOWN)
        return;
    connection->sides[sender - 1].lost |= input->gap;
    connection->sides[2 - sender].lost |= input->peer_gap;
}

/* What may be missing from the capture. */
enum { MISSING_CLIENT = 1, MISSING_SERVER = 2, MISSING_START = 4, MISSING_REST = 8 };

/* Says what is missing, on the first packet for which it is. */
static void say_evidence(mqtt5_connection *connection, unsigned missing, mqtt5_findings *findings)
{
    static const char *const whose[] = {"", "the client", "the server", "both sides"};
    unsigned news = missing & ~connection->evidence_said, sides = news & (MISSING_CLIENT | MISSING_SERVER);

    connection->evidence_said |= (uint8_t)missing;
    if (news & MISSING_START) {
        /* What both sides said before, that is. */
        connection->evidence_said |= MISSING_CLIENT | MISSING_SERVER;
        mqtt5_report(findings, MQTT5_RULE_EVIDENCE_MISSING, 0, 0, NULL,
                     "the capture begins within this connection: rules that need what was said before are silent (version, limits, identifiers, "
                     "subscriptions)");
    } else if (sides) {
        mqtt5_report(findings, MQTT5_RULE_EVIDENCE_MISSING, 0, 0, NULL,
                     "bytes from %s are missing from the capture, or out of order: rules that need them are silent (limits, identifiers, subscriptions)",
                     whose[sides]);
    }
    if (news & MISSING_REST)
        mqtt5_report(findings, MQTT5_RULE_EVIDENCE_MISSING, 0, 0, NULL,
                     "the capture has only the first bytes of this packet: rules that need the rest are silent, here and in what follows");
}

static void check_evidence(mqtt5_connection *connection, const mqtt5_packet *packet, mqtt5_findings *findings)
{
    unsigned missing = (connection->sides[MQTT5_CLIENT - 1].lost ? MISSING_CLIENT : 0) |
                       (connection->sides[MQTT5_SERVER - 1].lost ? MISSING_SERVER : 0) |
                       (connection->phase == MQTT5_PHASE_UNKNOWN ? MISSING_START : 0) | (packet->status == MQTT5_CUT ? MISSING_REST : 0);

    if (missing & ~connection->evidence_said)
        say_evidence(connection, missing, findings);
}

/* Notes the last packet that breaks the standard: what its side gets to hear next may be about it. */
static void remember_fault(mqtt5_connection *connection, mqtt5_sender sender, uint32_t frame, const mqtt5_findings *findings)
{
    mqtt5_fault *fault = &connection->faults[sender - 1];

    for (unsigned i = 0; i < findings->count; i++) {
        if (mqtt5_rule_get(findings->items[i].rule)->severity < MQTT5_SEVERITY_WARN)
            continue;
        fault->frame = frame;
        fault->type = (uint8_t)findings->type;
        fault->rule = (uint16_t)findings->items[i].rule;
        fault->clause = findings->items[i].clause;
        return;
    }
}

/* MQTT over WebSocket, of which MQTT 3.1 does not speak yet. */
static void check_carrier(mqtt5_connection *connection, const mqtt5_input *input, const mqtt5_packet *packet, const mqtt5_verdict *verdict,
                          mqtt5_findings *findings)
{
    unsigned version = verdict->version;

    if (version == MQTT5_VERSION_3_1)
        return;
    if (input->carrier & MQTT5_CARRIER_TEXT) {
        mqtt5_report(findings, MQTT5_RULE_WEBSOCKET_TEXT_FRAME, 0, 1, NULL,
                     "sent in a WebSocket text frame; control packets must be sent in binary frames");
        /* The receiver has to close. */
        if (verdict->sender != MQTT5_SENDER_UNKNOWN)
            remember_fault(connection, (mqtt5_sender)verdict->sender, input->frame, findings);
    }
    if ((input->carrier & MQTT5_CARRIER_UNNAMED) && packet->type == MQTT5_CONNECT && version != MQTT5_VERSION_UNKNOWN)
        mqtt5_report(findings, MQTT5_RULE_WEBSOCKET_SUBPROTOCOL, 0, 1, NULL,
                     "WebSocket without the sub-protocol \"mqtt\", which the client must offer and the server select");
}

/* The packet against what the connection has said so far. */
static void judge_session(mqtt5_event *event)
{
    mqtt5_side *own = mqtt5_own_side(event);

    mqtt5_session_connect(event);
    mqtt5_session_limits(event);
    mqtt5_session_auth(event);
    mqtt5_session_keep_alive(event);
    mqtt5_session_alias(event);
    mqtt5_session_flow(event);
    mqtt5_session_subscription(event);
    mqtt5_session_world(event);
    mqtt5_session_tolerance(event);
    if (event->findings->count > 0 || event->packet->type == MQTT5_DISCONNECT)
        mqtt5_session_cause(event);

    own->packets++;
    own->last_frame = event->input->frame;
    own->last_time = event->input->time;
    own->last_type = (uint8_t)event->packet->type;
    if (event->findings->count > 0)
        remember_fault(event->connection, event->sender, event->input->frame, event->findings);
}

/* A packet whose sender is known. */
static void judge_event(mqtt5_event *event)
{
    static const uint32_t requests =
        MQTT5_IN(MQTT5_CONNECT) | MQTT5_IN(MQTT5_CONNACK) | MQTT5_IN(MQTT5_PINGREQ) | MQTT5_IN(MQTT5_PINGRESP) | MQTT5_IN(MQTT5_AUTH);

    /* An unknown version says nothing that could be held against anybody; a sender who is only guessed from a port, little. */
    if (event->verdict->version != MQTT5_VERSION_UNKNOWN)
        judge_session(event);
    if ((requests >> event->packet->type & 1) || event->input->gap || event->input->peer_gap)
        mqtt5_session_request(event);
    if (event->packet->type == MQTT5_CONNACK && event->sender == MQTT5_SERVER && event->verdict->version != MQTT5_VERSION_UNKNOWN)
        mqtt5_session_agreement(event);
}

/* The first packet of a connection of which the capture has the start is CONNECT in every version. Where the version is not known, the
 * packet must be sound in all of them: it could be another protocol on MQTT's port. */
static void check_first(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_findings *findings)
{
    if (connection->phase != MQTT5_PHASE_START || connection->sides[MQTT5_CLIENT - 1].lost || connection->sides[MQTT5_SERVER - 1].lost ||
        !mqtt5_version_any(input->data, input->captured, input->length, MQTT5_CLIENT))
        return;
    mqtt5_report_connect_not_first(findings);
    /* Said: not again once the version is known. */
    connection->sides[MQTT5_CLIENT - 1].packets++;
}

void mqtt5_connection_judge(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_packet *packet, mqtt5_verdict *verdict,
                            mqtt5_findings *findings)
{
    mqtt5_packet_type type = (mqtt5_packet_type)(input->captured > 0 ? input->data[0] >> 4 : 0);
    bool assumed_before = connection->version_source == MQTT5_VERSION_SOURCE_INFERRED, first = !connection->started;
    mqtt5_sender sender;

    learn_roles(connection, input);
    sender = sender_of(connection, input->direction);
    learn_evidence(connection, input, sender);
    if (type != MQTT5_CONNECT)
        infer_version(connection, input, sender);

    mqtt5_findings_init(findings, type, sender);
    mqtt5_decode(packet, input->data, input->captured, input->length, connection->version, findings);
    if (type == MQTT5_CONNECT)
        learn_version(connection, packet);
    if (type == MQTT5_CONNECT || type == MQTT5_CONNACK)
        mqtt5_session_identity(connection, input, packet);
    mqtt5_check_packet(packet, sender, findings);
    if (!assumed_before && connection->version_source == MQTT5_VERSION_SOURCE_INFERRED)
        mqtt5_report(findings, MQTT5_RULE_VERSION_ASSUMED, 0, 0, NULL,
                     "no CONNECT in the capture; these bytes fit %s only, so it is assumed from here on (stock: preference mqtt.default_version)",
                     mqtt5_version_name(connection->version));

    verdict->type = (uint8_t)packet->type;
    verdict->sender = (uint8_t)sender;
    verdict->version = packet->type == MQTT5_CONNECT ? packet->version : connection->version;
    verdict->version_source = (uint8_t)connection->version_source;
    freeze_reason_code(packet, verdict);
    verdict->packet_id = packet->has & MQTT5_HAS_PACKET_ID ? packet->packet_id : 0;
    verdict->request_frame = 0;
    verdict->request_time = 0;
    verdict->detail.any = NULL;
    verdict->identity = connection->identity;
    if (sender != MQTT5_SENDER_UNKNOWN)
        judge_event(&(mqtt5_event){.connection = connection,
                                   .input = input,
                                   .packet = packet,
                                   .sender = sender,
                                   .findings = findings,
                                   .verdict = verdict});
    if (first && sender == MQTT5_CLIENT && type != MQTT5_CONNECT && verdict->version == MQTT5_VERSION_UNKNOWN)
        check_first(connection, input, findings);
    check_evidence(connection, packet, findings);
    /* Behind the rest: it is no fault of the packet, so nobody is to be told not to accept a CONNECT for it. */
    if (input->carrier)
        check_carrier(connection, input, packet, verdict, findings);
}

void mqtt5_connection_close(mqtt5_connection *connection, const mqtt5_close *close, mqtt5_verdict *verdict, mqtt5_findings *findings)
{
    mqtt5_sender sender = sender_of(connection, close->direction);
    mqtt5_closing closing = {connection, close, sender, findings, verdict};

    mqtt5_findings_init(findings, MQTT5_CLOSE, sender);
    *verdict = (mqtt5_verdict){.type = MQTT5_CLOSE, .sender = (uint8_t)sender, .identity = connection->identity};
    if (sender == MQTT5_SENDER_UNKNOWN)
        return;
    connection->sides[sender - 1].lost |= close->gap;
    connection->sides[2 - sender].lost |= close->peer_gap;
    if (!close->second) {
        mqtt5_session_connect_closed(&closing);
        mqtt5_session_flow_closed(&closing);
        mqtt5_session_keep_alive_closed(&closing);
        mqtt5_session_world_closed(&closing);
        mqtt5_session_cause_closed(&closing);
    }
    mqtt5_session_request_closed(&closing);
}

void mqtt5_connection_lost(mqtt5_connection *connection, uint8_t direction)
{
    mqtt5_sender sender = sender_of(connection, direction);

    if (sender == MQTT5_SENDER_UNKNOWN)
        return;
    connection->sides[sender - 1].lost = true;
    connection->flow_evidence.losses++;
    mqtt5_session_request_lost(connection);
}
