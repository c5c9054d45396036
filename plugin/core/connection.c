/* connection.c
 * Who is who on a connection, which version it speaks, and the way of each packet through decoder,
 * rules and session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/connection.h"

#include "core/capture/capture.h"
#include "core/capture/clients.h"
#include "core/capture/security.h"
#include "core/causes/bare.h"
#include "core/causes/foreign.h"
#include "core/causes/network.h"
#include "core/causes/short_write.h"
#include "core/flow/request.h"
#include "core/packet/check.h"
#include "core/packet/decode.h"
#include "core/packet/misread.h"
#include "core/packet/version.h"
#include "core/session/connect.h"
#include "core/session/evidence.h"
#include "core/session/limits.h"
#include "core/session/modules.h"
#include "core/session/roles.h"
#include "core/session/version.h"
#include "core/standard/reason_code.h"

#define PATIENCE 30

mqtt5_connection *mqtt5_connection_new(mqtt5_capture *capture, unsigned default_version)
{
    mqtt5_connection *connection = g_new0(mqtt5_connection, 1);

    connection->capture = capture;
    mqtt5_connection_set_patience(connection, PATIENCE);
    if (default_version != MQTT5_VERSION_UNKNOWN) {
        connection->version = (uint8_t)default_version;
        connection->version_source = MQTT5_VERSION_SOURCE_PREFERENCE;
    }
    return connection;
}

void mqtt5_connection_set_security(mqtt5_connection *connection, bool on)
{
    connection->security = on;
}

void mqtt5_connection_set_patience(mqtt5_connection *connection, unsigned seconds)
{
    connection->patience = seconds * MQTT5_SECOND;
}

void mqtt5_connection_free(mqtt5_connection *connection)
{
    if (!connection)
        return;
#define CLEAR(name) mqtt5_##name##_clear(connection);
    MQTT5_JUDGING_MODULES(MQTT5_MODULE_SKIP, MQTT5_MODULE_SKIP, CLEAR)
    MQTT5_LINKING_MODULES(MQTT5_MODULE_SKIP, MQTT5_MODULE_SKIP, CLEAR)
#undef CLEAR
    mqtt5_arena_clear(&connection->arena);
    g_free(connection);
}

/* The code that a list of packets should show: of SUBACK and UNSUBACK, the first failure. */
static void freeze_reason_code(const mqtt5_packet *packet, mqtt5_facts *facts)
{
    facts->has_reason_code = facts->is_return_code = facts->is_header = false;
    facts->reason_code = 0;
    if (packet->version < MQTT5_VERSION_5)
        return;
    if ((packet->has & MQTT5_HAS_REASON_CODE) && packet->reason_code_offset > 0) {
        facts->has_reason_code = true;
        facts->reason_code = packet->reason_code;
        facts->is_return_code = mqtt5_has_return_code(packet);
    } else if ((packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK) && (packet->has & MQTT5_HAS_PAYLOAD)) {
        uint32_t end = MIN(packet->payload.offset + packet->payload.length, packet->captured);

        for (uint32_t at = packet->payload.offset; at < end && !facts->has_reason_code; at++) {
            facts->has_reason_code = packet->data[at] >= MQTT5_CODE_FAILURE;
            facts->reason_code = facts->has_reason_code ? packet->data[at] : 0;
        }
    }
}

/* Notes the last packet that breaks the standard: the other side's next packet may be about it. */
static void remember_fault(mqtt5_connection *connection, mqtt5_sender sender, uint32_t frame, const mqtt5_findings *findings)
{
    mqtt5_fault *fault = &connection->faults[sender - 1];

    for (unsigned i = 0; i < findings->count; i++) {
        if (mqtt5_rule_get(findings->items[i].rule)->severity < MQTT5_SEVERITY_WARN)
            continue;
        fault->frame = frame;
        fault->whole_frame = 0;
        fault->type = (uint8_t)findings->type;
        fault->rule = (uint16_t)findings->items[i].rule;
        fault->clause = findings->items[i].clause;
        return;
    }
}

/* MQTT over WebSocket, which MQTT 3.1 does not mention. */
static void check_websocket(mqtt5_connection *connection, const mqtt5_input *input, const mqtt5_packet *packet, const mqtt5_facts *facts,
                            mqtt5_findings *findings)
{
    unsigned version = facts->version;

    /* Without a version, it may be that one. */
    if (version == MQTT5_VERSION_3_1 || version == MQTT5_VERSION_UNKNOWN)
        return;
    if (input->websocket_faults & MQTT5_WEBSOCKET_TEXT) {
        mqtt5_report(findings, MQTT5_RULE_websocket_text_frame, MQTT5_FIRST_BYTE,
                     "sent in a WebSocket text frame; control packets must be sent in binary frames");
        /* The receiver has to close. */
        if (facts->sender != MQTT5_SENDER_UNKNOWN)
            remember_fault(connection, (mqtt5_sender)facts->sender, input->frame, findings);
    }
    if ((input->websocket_faults & MQTT5_WEBSOCKET_UNNAMED) && packet->type == MQTT5_CONNECT && !connection->not_selected_said)
        mqtt5_report(findings, MQTT5_RULE_websocket_subprotocol, MQTT5_FIRST_BYTE,
                     "WebSocket without the sub-protocol \"mqtt\", which the client must offer and the server select");
}

/* A CONNECT of a version that nobody knows. */
static void see_unknown_connect(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (event->findings->count > 0)
        remember_fault(connection, event->sender, event->input->frame, event->findings);
    if (connection->phase == MQTT5_PHASE_START && connection->unknown.connect_frame == 0)
        connection->unknown.connect_frame = event->input->frame;
}

#define SEE(name) mqtt5_##name##_see(event);

/* The packet against what the connection has said so far. */
static void judge_session(mqtt5_event *event)
{
    mqtt5_side *own = mqtt5_own_side(event);

    MQTT5_JUDGING_MODULES(SEE, MQTT5_MODULE_SKIP, MQTT5_MODULE_SKIP)
    own->packets++;
    own->last_frame = event->input->frame;
    own->last_time = event->input->time;
    own->last_type = (uint8_t)event->packet->type;
    if (event->packet->type != MQTT5_PUBLISH) {
        own->other_time = own->last_time;
        own->other_frame = own->last_frame;
        own->other_type = own->last_type;
    }
    if (event->findings->count > 0)
        remember_fault(event->connection, event->sender, event->input->frame, event->findings);
}

/* A packet whose sender is known. */
static void judge_event(mqtt5_event *event)
{
    /* Without a version nothing can be judged. */
    if (event->facts->version != MQTT5_VERSION_UNKNOWN)
        judge_session(event);
    else if (event->packet->type == MQTT5_CONNACK && event->sender == MQTT5_SERVER)
        mqtt5_connect_unreadable_connack(event);
    else if (event->packet->type == MQTT5_CONNECT && event->sender == MQTT5_CLIENT)
        see_unknown_connect(event);
    else
        mqtt5_capture_see_unknown(event);
    MQTT5_LINKING_MODULES(SEE, MQTT5_MODULE_SKIP, MQTT5_MODULE_SKIP)
}
#undef SEE

/* Where the capture has the start of a connection, its first packet must be CONNECT, in every
 * version. Where the version is not known, a packet is reported only if it is sound in all
 * versions: it could be another protocol on MQTT's port. */
static void check_first(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_findings *findings)
{
    if (connection->phase != MQTT5_PHASE_START || !mqtt5_evidence_both_complete(connection) ||
        !mqtt5_version_any(input->data, input->captured, input->length, MQTT5_CLIENT))
        return;
    mqtt5_connect_report_not_first(findings);
    remember_fault(connection, MQTT5_CLIENT, input->frame, findings);
    /* It is reported: not again once the version is known. */
    connection->sides[MQTT5_CLIENT - 1].packets++;
}

void mqtt5_connection_judge(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_packet *packet, mqtt5_facts *facts,
                            mqtt5_findings *findings)
{
    mqtt5_packet_type type = (mqtt5_packet_type)(input->captured > 0 ? input->data[0] >> 4 : 0);
    bool assumed_before = connection->version_source == MQTT5_VERSION_SOURCE_INFERRED, first = !connection->evidence.started;
    mqtt5_sender sender;

    sender = mqtt5_roles_learn(connection, input);
    mqtt5_evidence_learn(connection, input);
    if (type != MQTT5_CONNECT)
        mqtt5_session_infer_version(connection, input, sender);

    mqtt5_findings_init(findings, type, sender, connection->version);
    mqtt5_decode(packet, input->data, input->captured, input->length, connection->version, findings);
    if (type == MQTT5_CONNECT)
        mqtt5_session_learn_version(connection, packet);
    mqtt5_check_packet(packet, sender, findings);
    if (packet->status == MQTT5_MALFORMED)
        mqtt5_misread_check(packet, findings);
    if (findings->count > 0 && sender != MQTT5_SENDER_UNKNOWN && mqtt5_findings_worst(findings) >= MQTT5_SEVERITY_WARN)
        mqtt5_short_write_check(connection, input, sender, findings);
    if (!assumed_before && connection->version_source == MQTT5_VERSION_SOURCE_INFERRED)
        mqtt5_report(findings, MQTT5_RULE_version_assumed, MQTT5_NO_BYTES,
                     "no CONNECT in the capture; these bytes fit %s only, so it is assumed from here on (stock: "
                     "preference mqtt.default_version)",
                     mqtt5_version_name(connection->version));

    facts->type = (uint8_t)packet->type;
    facts->sender = (uint8_t)sender;
    facts->version = packet->type == MQTT5_CONNECT ? packet->version : connection->version;
    facts->version_source = (uint8_t)connection->version_source;
    freeze_reason_code(packet, facts);
    facts->packet_id = packet->has & MQTT5_HAS_PACKET_ID ? packet->packet_id : 0;
    facts->request_frame = 0;
    facts->answer = (mqtt5_answer){0, false};
    facts->request_time = 0;
    facts->copy = NULL;
    facts->detail.any = NULL;
    facts->identity = connection->identity;
    if (sender != MQTT5_SENDER_UNKNOWN)
        judge_event(&(mqtt5_event){.connection = connection,
                                   .input = input,
                                   .packet = packet,
                                   .sender = sender,
                                   .findings = findings,
                                   .facts = facts});
    if (first && sender == MQTT5_CLIENT && type != MQTT5_CONNECT && facts->version == MQTT5_VERSION_UNKNOWN)
        check_first(connection, input, findings);
    mqtt5_evidence_check(connection, packet, findings);
    mqtt5_evidence_judged(connection, input);
    /* After the rest: it is no fault of the packet, so a server may accept a CONNECT that comes
     * this way. */
    if (input->websocket_faults)
        check_websocket(connection, input, packet, facts, findings);
}

void mqtt5_connection_foreign(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_foreign kind, mqtt5_facts *facts,
                              mqtt5_findings *findings)
{
    mqtt5_input nothing = *input;
    mqtt5_sender sender;

    nothing.captured = 0;
    mqtt5_roles_learn(connection, &nothing);
    if (mqtt5_foreign_is_clients(kind))
        mqtt5_roles_assume(connection, input->direction);
    sender = mqtt5_roles_sender(connection, input->direction);
    mqtt5_evidence_learn(connection, input);
    mqtt5_findings_init(findings, MQTT5_BYTES, sender, connection->version);
    *facts =
        (mqtt5_facts){.type = MQTT5_BYTES, .sender = (uint8_t)sender, .version = connection->version, .identity = connection->identity};
    mqtt5_foreign_see(connection, input, kind, sender, findings);
}

/* What the first bytes of a connection tell, before any packet is judged. */
static mqtt5_sender learn_start(mqtt5_connection *connection, const mqtt5_input *input)
{
    mqtt5_input nothing = *input;

    nothing.captured = 0;
    if (!connection->evidence.started) {
        mqtt5_roles_learn(connection, &nothing);
        mqtt5_evidence_learn(connection, input);
    }
    return mqtt5_roles_sender(connection, input->direction);
}

void mqtt5_connection_announce(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_facts *facts, mqtt5_findings *findings)
{
    mqtt5_packet_type type = (mqtt5_packet_type)(input->data[0] >> 4);
    mqtt5_sender sender = learn_start(connection, input);
    mqtt5_packet packet;
    mqtt5_event event =
        {.connection = connection, .input = input, .packet = &packet, .sender = sender, .findings = findings, .facts = facts};

    mqtt5_findings_init(findings, type, sender, connection->version);
    *facts = (mqtt5_facts){.type = (uint8_t)type,
                           .sender = (uint8_t)sender,
                           .version = connection->version,
                           .version_source = connection->version_source,
                           .is_header = true,
                           .identity = connection->identity};
    if (sender == MQTT5_SENDER_UNKNOWN || input->length == 0)
        return;
    mqtt5_decode(&packet, input->data, input->captured, input->length, connection->version, NULL);
    mqtt5_limits_announce(&event);
    if (findings->count > 0 && mqtt5_findings_worst(findings) >= MQTT5_SEVERITY_WARN)
        mqtt5_short_write_check(connection, input, sender, findings);
    if (findings->count > 0)
        remember_fault(connection, sender, input->frame, findings);
}

bool mqtt5_connection_believes(mqtt5_connection *connection, const mqtt5_input *input)
{
    mqtt5_packet_type type = (mqtt5_packet_type)(input->captured > 0 ? input->data[0] >> 4 : 0);
    mqtt5_input nothing = *input;
    mqtt5_sender sender;
    mqtt5_findings findings;
    mqtt5_packet packet;

    /* The one comes first, the other last: bytes that look like it are more likely a part of a
     * message. */
    if ((type == MQTT5_CONNECT || type == MQTT5_DISCONNECT) && connection->evidence.started)
        return false;
    nothing.captured = 0;
    sender = mqtt5_roles_learn(connection, &nothing);
    if (!mqtt5_roles_sure(connection))
        sender = MQTT5_SENDER_UNKNOWN;
    mqtt5_findings_init(&findings, type, sender, connection->version);
    mqtt5_decode(&packet, input->data, input->captured, input->length, connection->version, &findings);
    mqtt5_check_packet(&packet, sender, &findings);
    return mqtt5_findings_worst(&findings) < MQTT5_SEVERITY_WARN;
}

void mqtt5_connection_close(mqtt5_connection *connection, const mqtt5_close *close, mqtt5_facts *facts, mqtt5_findings *findings)
{
    mqtt5_sender sender = mqtt5_roles_sender(connection, close->direction);
    mqtt5_closing closing = {connection, close, sender, findings, facts};

    mqtt5_findings_init(findings, MQTT5_CLOSE, sender, connection->version);
    *facts = (mqtt5_facts){.type = MQTT5_CLOSE, .sender = (uint8_t)sender, .identity = connection->identity};
    if (close->stale)
        facts->type = MQTT5_BYTES;
    if (sender == MQTT5_SENDER_UNKNOWN)
        return;
    if (close->stale) {
        mqtt5_cause_of_stale_reset(&closing);
        return;
    }
    mqtt5_evidence_close(connection, close);
#define CLOSED(name) mqtt5_##name##_closed(&closing);
    if (!close->second) {
        MQTT5_JUDGING_MODULES(MQTT5_MODULE_SKIP, CLOSED, MQTT5_MODULE_SKIP)
    }
    MQTT5_LINKING_MODULES(MQTT5_MODULE_SKIP, CLOSED, MQTT5_MODULE_SKIP)
#undef CLOSED
}

void mqtt5_connection_bare(const mqtt5_connection *connection, const mqtt5_bare *bare, mqtt5_facts *facts, mqtt5_findings *findings)
{
    mqtt5_sender sender = bare->by_server ? MQTT5_SERVER : MQTT5_CLIENT;

    mqtt5_findings_init(findings, MQTT5_CLOSE, sender, MQTT5_VERSION_UNKNOWN);
    *facts = (mqtt5_facts){.type = bare->syns > 0 ? MQTT5_BYTES : MQTT5_CLOSE, .sender = (uint8_t)sender};
    mqtt5_cause_of_bare(connection, bare, &findings->cause);
}

void mqtt5_connection_hello(unsigned version, mqtt5_facts *facts, mqtt5_findings *findings)
{
    mqtt5_findings_init(findings, MQTT5_BYTES, MQTT5_SERVER, MQTT5_VERSION_UNKNOWN);
    *facts = (mqtt5_facts){.type = MQTT5_BYTES, .sender = MQTT5_SERVER};
    mqtt5_security_hello(version, findings);
}

void mqtt5_connection_upgrade(mqtt5_connection *connection, const mqtt5_upgrade *upgrade, mqtt5_facts *facts, mqtt5_findings *findings)
{
    mqtt5_findings_init(findings, MQTT5_BYTES, MQTT5_SERVER, MQTT5_VERSION_UNKNOWN);
    *facts = (mqtt5_facts){.type = MQTT5_BYTES, .sender = MQTT5_SERVER};
    mqtt5_upgrade_check(upgrade, findings);
    connection->not_selected_said = findings->count > 0;
}

void mqtt5_connection_lost(mqtt5_connection *connection, uint8_t direction, uint32_t acks)
{
    if (mqtt5_evidence_lose(connection, direction, acks))
        mqtt5_request_lose(connection);
    mqtt5_capture_lose(connection);
}

bool mqtt5_connection_is_over(const mqtt5_connection *connection)
{
    return connection->phase == MQTT5_PHASE_REFUSED || connection->sides[0].disconnect_frame != 0 ||
           connection->sides[1].disconnect_frame != 0;
}

const mqtt5_identity *mqtt5_connection_identity(const mqtt5_connection *connection)
{
    return connection->identity;
}
