/* flow_message.c
 * PUBLISH of QoS 1 and 2 and what follows: PUBACK; or PUBREC, PUBREL and PUBCOMP (4.3). Resends and
 * DUP (4.4), Receive Maximum (4.9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow.h"

#include <stdio.h>

#include "core/session/limits.h"
#include "core/session/ongoing.h"
#include "core/standard/reason_code.h"

static bool is_subscription(const mqtt5_flow *flow)
{
    return flow->awaits == MQTT5_SUBACK || flow->awaits == MQTT5_UNSUBACK;
}

/* The reason code of MQTT 5; `otherwise` where it is not in the capture, or the version has
 * none. */
static unsigned reason_code(const mqtt5_flow_step *step, unsigned otherwise)
{
    return step->v5 && (step->event->packet->has & MQTT5_HAS_REASON_CODE) ? step->event->packet->reason_code : otherwise;
}

/* --- PUBLISH --- */

/* A PUBLISH above the Receive Maximum of the receiver [MQTT-3.3.4-7, MQTT-3.3.4-9]. */
static MQTT5_SELDOM void report_receive_maximum(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    const mqtt5_event *event = step->event;
    const mqtt5_connection *connection = event->connection;
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;
    char what[140];

    if (!step->v5 || !step->witnessed || !limits->known || limits->receive_maximum == 0)
        return;
    if (step->flows->exceeding_frame == 0) {
        step->flows->exceeding = step->flows->inflight;
        step->flows->exceeding_frame = event->input->frame;
    }
    if ((event->sender == MQTT5_SERVER || mqtt5_evidence_bound_by_connack(event)) &&
        mqtt5_ongoing(event, MQTT5_ONGOING_RECEIVE_MAXIMUM, MQTT5_RULE_receive_maximum_exceeded)) {
        flow->exceeding = true;
        return;
    }
    snprintf(what, sizeof what, "%u messages of QoS 1 and 2 are unacknowledged with this one, but the Receive Maximum of the %s is %u",
             step->flows->inflight, mqtt5_sender_name(mqtt5_peer_of(event->sender)), limits->receive_maximum);
    if (event->sender == MQTT5_SERVER) {
        flow->exceeding = true;
        mqtt5_flow_report_by(step, MQTT5_RULE_receive_maximum_exceeded, MQTT5_CLAUSE("MQTT-3.3.4-9"), "%s (CONNECT in frame %u)", what,
                             connection->connect.frame);
    } else if (connection->connack.known) {
        flow->exceeding = mqtt5_limits_report(event, MQTT5_RULE_receive_maximum_exceeded, "MQTT-3.3.4-7",
                                              (mqtt5_range){event->packet->packet_id_offset, 2}, what);
    }
}

/* DUP 1 although no PUBLISH with this identifier is open. */
static MQTT5_SELDOM void check_duplicate(const mqtt5_flow_step *step)
{
    static const mqtt5_clauses session_gone = {"MQTT-3.2.2-5", NULL, NULL};
    static const mqtt5_clauses new_qos_1 = {"MQTT-4.3.2-2", "MQTT-3.1.2-6", MQTT5_SAME};
    static const mqtt5_clauses new_qos_2 = {"MQTT-4.3.3-2", "MQTT-3.1.2-6", MQTT5_SAME};
    const mqtt5_event *event = step->event;
    const mqtt5_connection *connection = event->connection;
    const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);
    bool client = event->sender == MQTT5_CLIENT, qos_1 = mqtt5_publish_qos(event->packet) == 1;
    const mqtt5_clauses *clauses;

    if (mqtt5_flow_has_spare(step->flows, step->id) && !mqtt5_flow_settled(step, closed))
        return;
    /* What SUBSCRIBE or UNSUBSCRIBE has used since may be a message of the connection before. */
    if (closed && (closed->awaited == MQTT5_SUBACK || closed->awaited == MQTT5_UNSUBACK))
        return;
    if (closed && closed->completed && mqtt5_flow_settled(step, closed) && !qos_1 && connection->version >= MQTT5_VERSION_3_1_1) {
        mqtt5_flow_report(step, MQTT5_RULE_publish_after_pubrel,
                          "the message with Packet Identifier %u (frame %u) is resent after its PUBREL in frame %u, and after PUBCOMP in frame %u",
                          step->id, closed->request_frame, closed->waiting_frame, closed->frame);
        return;
    }
    if (step->v5 && closed && closed->epoch == mqtt5_evidence_epoch(connection) && step->witnessed) {
        if (closed->failed)
            mqtt5_flow_report(step, MQTT5_RULE_publish_resent_after_error,
                              "DUP is 1, but the message with Packet Identifier %u (frame %u) ended with a failure in frame %u; it must not be resent",
                              step->id, closed->request_frame, closed->frame);
        else
            mqtt5_flow_report(step, MQTT5_RULE_publish_resent,
                              "DUP is 1, but the request with Packet Identifier %u (frame %u) was answered in frame %u; MQTT 5.0 resends only after reconnecting",
                              step->id, closed->request_frame, closed->frame);
        return;
    }
    /* Before MQTT 5 a timer may resend it while its acknowledgment is on the way, so everything
     * that was acknowledged must be known. */
    if (!step->v5 && closed)
        return;
    if (!mqtt5_evidence_fresh_for_sender(step->event) || !mqtt5_evidence_complete(connection, event->sender))
        return;
    if (mqtt5_flow_forgotten(step->flows)) {
        mqtt5_evidence_forgotten(event, MQTT5_FORGOTTEN_REQUESTS);
        return;
    }
    if (!client)
        clauses = NULL;
    else if (step->v5 && !connection->connect.clean_start)
        clauses = &session_gone;
    else
        clauses = qos_1 ? &new_qos_1 : &new_qos_2;
    mqtt5_flow_report_by(step, MQTT5_RULE_publish_duplicate_unexpected, clauses,
                         "DUP is 1, but Packet Identifier %u was not published on this connection, "
                         "and %s in frame %u there is nothing older to send again",
                         step->id, connection->version == MQTT5_VERSION_3_1 ? "with Clean Session 1" : "after Session Present 0",
                         connection->version == MQTT5_VERSION_3_1 ? connection->connect.frame : connection->connack.frame);
}

/* Before MQTT 5 a sender may send again what has no answer. */
static MQTT5_SELDOM void report_timer(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    char times[40] = "";

    if (flow->resends > 1)
        snprintf(times, sizeof times, " (%u times so far)", flow->resends);
    mqtt5_flow_report(step, MQTT5_RULE_publish_resent_by_timer,
                      "the message with Packet Identifier %u (frame %u) is sent again%s, %.1f s after %s, since it has had no %s: "
                      "the timer of the %s is too short, or the %s too slow",
                      step->id, flow->request_frame, times, mqtt5_seconds(step->event->input->time - flow->time),
                      flow->awaits == MQTT5_PUBREL ? "its PUBREC" : "it was sent",
                      flow->awaits == MQTT5_PUBREL ? "PUBREL" : mqtt5_packet_type_get(flow->awaits)->name,
                      mqtt5_sender_name(step->event->sender), mqtt5_sender_name(mqtt5_peer_of(step->event->sender)));
}

/* The same message once more: DUP 1, and its flow is open. */
static MQTT5_SELDOM void see_resent(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    bool released = flow->awaits == MQTT5_PUBCOMP;

    flow->reopened |= released;
    flow->resends = (uint8_t)MIN(flow->resends + 1, UINT8_MAX);
    if (!step->v5 && !released && mqtt5_flow_certain(step, flow) && flow->request_frame != 0)
        report_timer(step, flow);
    if (mqtt5_flow_sound(step, flow)) {
        if (released && step->event->connection->version >= MQTT5_VERSION_3_1_1)
            mqtt5_flow_report(step, MQTT5_RULE_publish_after_pubrel,
                              "the message with Packet Identifier %u is resent after its PUBREL in frame %u; "
                              "from then on only the PUBREL may be resent",
                              step->id, flow->frame);
        else if (step->v5)
            mqtt5_flow_report(step, MQTT5_RULE_publish_resent,
                              "the message with Packet Identifier %u (frame %u) is resent on the same connection; "
                              "MQTT 5.0 allows that only after reconnecting",
                              step->id, flow->request_frame);
    }
    mqtt5_flow_doubt(step->flows, flow);
    mqtt5_flow_owe(step->flows, step->id, NULL);
}

static bool is_above_maximum(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    return event->sender == MQTT5_CLIENT && connection->version >= MQTT5_VERSION_5 && connection->phase == MQTT5_PHASE_CONNECTED &&
           connection->connack.known && mqtt5_publish_qos(event->packet) > connection->connack.maximum_qos;
}

/* Before MQTT 5 a timer may have sent a message again while its acknowledgment was on the way: then
 * two come, and the sender takes the second one for that of its next message. */
static bool may_be_crossed(const mqtt5_flow_step *step, bool duplicate)
{
    const mqtt5_closed_flow *closed = step->v5 ? NULL : mqtt5_flow_find_closed(step->flows, step->id);

    return closed && (duplicate || closed->crossing);
}

void mqtt5_flow_publish(mqtt5_flow_step *step)
{
    const mqtt5_event *event = step->event;
    uint32_t epoch = mqtt5_evidence_epoch(event->connection);
    bool duplicate = mqtt5_publish_dup(event->packet), reused = false;
    mqtt5_flow *flow;

    step->flows = mqtt5_flows_of(event->connection, event->sender);
    flow = mqtt5_flow_find(step->flows, step->id);
    if (flow && duplicate && !is_subscription(flow)) {
        see_resent(step, flow);
        return;
    }
    if (flow) {
        reused = flow->doubtful || flow->epoch == epoch;
        if (mqtt5_flow_certain(step, flow) && flow->request_frame != 0 && !flow->crossing)
            mqtt5_flow_report_in_use(step, flow);
        mqtt5_flow_abandon(step, flow);
    } else if (duplicate) {
        check_duplicate(step);
    }
    flow = mqtt5_flow_open(step->flows, step->id, mqtt5_publish_qos(event->packet) == 1 ? MQTT5_PUBACK : MQTT5_PUBREC);
    flow->request_frame = event->input->frame;
    mqtt5_flow_wait(step, flow);
    flow->shared = flow->unlinked = mqtt5_flow_is_owed(step->flows, step->id);
    flow->epoch = epoch;
    flow->counted = true;
    flow->above = is_above_maximum(event);
    flow->resent = duplicate;
    flow->crossing = may_be_crossed(step, duplicate);
    if (step->flows->inflight_epoch != epoch)
        step->flows->inflight = 0;
    step->flows->inflight_epoch = epoch;
    if (++step->flows->inflight > step->flows->peak) {
        step->flows->peak = step->flows->inflight;
        step->flows->peak_frame = event->input->frame;
    }
    if (event->topic_known)
        mqtt5_flow_keep_topic(step->flows, flow, event->topic, event->topic_length);
    if (step->flows->inflight > mqtt5_other_side(event)->limits.receive_maximum)
        report_receive_maximum(step, flow);
    else if (mqtt5_own_side(event)->ongoing)
        mqtt5_ongoing_end(event, MQTT5_ONGOING_RECEIVE_MAXIMUM);
    /* What is sent again may be acknowledged for its first sending. */
    if (reused)
        mqtt5_flow_doubt(step->flows, flow);
    else if (!duplicate)
        mqtt5_flow_enqueue(step->flows, flow);
}

/* --- The handshakes --- */

/* Opens a flow whose start was not seen or does not exist, so that the rest of it finds a flow. */
static MQTT5_SELDOM void follow(const mqtt5_flow_step *step, mqtt5_packet_type awaits)
{
    mqtt5_flows *flows = mqtt5_flows_of(step->event->connection, step->requester);
    mqtt5_flow *flow = mqtt5_flow_open(flows, step->id, awaits);

    flow->shared = flow->unlinked = mqtt5_flow_is_owed(flows, step->id);
    mqtt5_flow_wait(step, flow);
    flow->epoch = mqtt5_evidence_epoch(step->event->connection);
    flow->doubtful = true;
}

/* PUBREL where no PUBLISH with its identifier is open. */
static MQTT5_SELDOM void check_unknown_pubrel(const mqtt5_flow_step *step)
{
    static const mqtt5_clauses session_gone = {"MQTT-3.2.2-5", NULL, NULL}, session_discarded = {NULL, "MQTT-3.1.2-6", MQTT5_SAME};
    const mqtt5_event *event = step->event;
    const mqtt5_connection *connection = event->connection;
    const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);
    bool known = closed && closed->epoch == mqtt5_evidence_epoch(connection) && step->witnessed;

    mqtt5_flow_repay(step->flows, step->id);
    if (known && closed->failed && closed->awaited == MQTT5_PUBREC) {
        mqtt5_flow_report(step, MQTT5_RULE_pubrel_after_error,
                          "the message with Packet Identifier %u (frame %u) ended with the failure in the PUBREC in frame %u; no PUBREL follows that",
                          step->id, closed->request_frame, closed->frame);
        return;
    }
    if (mqtt5_flow_take_spare(step->flows, step->id))
        return;
    if (known && step->v5 && closed->completed) {
        mqtt5_flow_report(step, MQTT5_RULE_publish_resent,
                          "the PUBREL for Packet Identifier %u (frame %u) is resent, although PUBCOMP answered it in frame %u; "
                          "MQTT 5.0 allows that only after reconnecting",
                          step->id, closed->waiting_frame, closed->frame);
        return;
    }
    if (known && step->v5) {
        mqtt5_flow_report(step, MQTT5_RULE_pubrel_unexpected,
                          "no PUBLISH with Packet Identifier %u is open: "
                          "the one in frame %u was completed in frame %u",
                          step->id, closed->request_frame, closed->frame);
        return;
    }
    if (!step->witnessed || (!step->v5 && closed))
        return;
    if (!mqtt5_evidence_fresh_for_sender(step->event) || !mqtt5_evidence_complete(connection, event->sender))
        return;
    if (mqtt5_flow_forgotten(step->flows)) {
        mqtt5_evidence_forgotten(event, MQTT5_FORGOTTEN_REQUESTS);
        return;
    }
    mqtt5_flow_report_by(step, MQTT5_RULE_pubrel_unexpected,
                         event->sender != MQTT5_CLIENT     ? NULL
                         : connection->connect.clean_start ? &session_discarded
                                                           : &session_gone,
                         "Packet Identifier %u was not published on this connection, "
                         "and %s in frame %u there is nothing older to release",
                         step->id, connection->version == MQTT5_VERSION_3_1 ? "with Clean Session 1" : "after Session Present 0",
                         connection->version == MQTT5_VERSION_3_1 ? connection->connect.frame : connection->connack.frame);
}

static MQTT5_SELDOM void see_unknown(const mqtt5_flow_step *step)
{
    mqtt5_packet_type type = step->event->packet->type;

    if (type == MQTT5_PUBREL) {
        check_unknown_pubrel(step);
        follow(step, MQTT5_PUBCOMP);
        return;
    }
    mqtt5_flow_unknown_answer(step);
    if (type == MQTT5_PUBREC && reason_code(step, 0) < MQTT5_CODE_FAILURE)
        follow(step, MQTT5_PUBREL);
}

/* The state of a flow after a packet of the handshake, whatever it was before. */
static void move(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    const mqtt5_packet *packet = step->event->packet;
    unsigned code = reason_code(step, 0);

    if (packet->type == MQTT5_PUBACK || packet->type == MQTT5_PUBCOMP || (packet->type == MQTT5_PUBREC && code >= MQTT5_CODE_FAILURE)) {
        mqtt5_flow_end(step, flow, code >= MQTT5_CODE_FAILURE && packet->type != MQTT5_PUBCOMP);
        return;
    }
    mqtt5_flow_await(step->flows, flow, packet->type == MQTT5_PUBREC ? MQTT5_PUBREL : MQTT5_PUBCOMP);
    mqtt5_flow_wait(step, flow);
    if (step->v5 && !(packet->has & MQTT5_HAS_REASON_CODE)) {
        /* It may have been a failure that frees the identifier: as uncertain as if bytes were
         * missing. */
        mqtt5_flow_uncount(step->flows, flow);
        mqtt5_flow_doubt(step->flows, flow);
        flow->epoch--;
    }
    if (!flow->doubtful)
        mqtt5_flow_enqueue(step->flows, flow);
}

/* What the codes 0x91 and 0x92 say against what was seen of the flow. */
static MQTT5_SELDOM void check_identifier_codes(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    const mqtt5_event *event = step->event;
    mqtt5_packet_type type = event->packet->type;
    unsigned code = reason_code(step, 0);
    const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);

    if (code == MQTT5_CODE_PACKET_IDENTIFIER_IN_USE && (type == MQTT5_PUBACK || type == MQTT5_PUBREC) &&
        !mqtt5_flow_has_spare(step->flows, step->id) && (mqtt5_evidence_fresh(event->connection) || mqtt5_flow_settled(step, closed)) &&
        mqtt5_evidence_both_complete(event->connection)) {
        mqtt5_report_by(event->findings, MQTT5_RULE_packet_identifier_in_use_unfounded,
                        MQTT5_CLAUSE(type == MQTT5_PUBACK       ? "MQTT-4.3.2-5"
                                     : closed && closed->failed ? "MQTT-4.3.3-9"
                                                                : "MQTT-4.3.3-12"),
                        mqtt5_reason_code_range(event->packet),
                        "0x91 (Packet Identifier in use), but when the PUBLISH in frame %u came, "
                        "nothing with Packet Identifier %u was open; it was a new message",
                        flow->request_frame, step->id);
    }
    if (code == MQTT5_CODE_PACKET_IDENTIFIER_NOT_FOUND && (type == MQTT5_PUBREL || type == MQTT5_PUBCOMP))
        mqtt5_report(event->findings, MQTT5_RULE_packet_identifier_not_found_unfounded, mqtt5_reason_code_range(event->packet),
                     "0x92 (Packet Identifier not found), but the message with Packet Identifier %u was published on this connection in frame %u and is open: the sides do not agree on their state",
                     step->id, flow->request_frame);
}

/* What is refused: its cause will name it, when the flow is closed. */
static MQTT5_SELDOM void note_refused(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    mqtt5_refused *refused = &step->event->refused;

    refused->frame = flow->request_frame;
    refused->id = flow->id;
    refused->topic = mqtt5_flow_topic(step->flows, flow, &refused->topic_length, &refused->topic_is_whole);
}

/* A PUBLISH above Maximum QoS is to be refused, not acknowledged (3.2.2.3.4). */
static MQTT5_SELDOM void check_above_maximum(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    const mqtt5_event *event = step->event;
    const mqtt5_connack_state *connack = &event->connection->connack;

    if (reason_code(step, MQTT5_CODE_FAILURE) < MQTT5_CODE_FAILURE && mqtt5_evidence_both_complete(event->connection))
        mqtt5_flow_report(step, MQTT5_RULE_publish_qos_above_maximum_accepted,
                          "accepts the PUBLISH in frame %u with QoS %u, although the Maximum QoS of the server is %u (CONNACK in frame %u); "
                          "it should answer with DISCONNECT 0x9b",
                          flow->request_frame, flow->awaits == MQTT5_PUBACK ? 1 : 2, connack->maximum_qos, connack->frame);
}

/* The packet that the flow awaits. */
static void see_fitting(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    mqtt5_packet_type type = step->event->packet->type;

    if (flow->exceeding && !step->flows->tolerated && (type == MQTT5_PUBACK || type == MQTT5_PUBREC) && mqtt5_flow_certain(step, flow)) {
        step->flows->tolerated = true;
        mqtt5_flow_report(step, MQTT5_RULE_receive_maximum_not_enforced,
                          "it acknowledges the PUBLISH in frame %u, which exceeded the Receive Maximum of the %s; "
                          "it should have sent DISCONNECT 0x93",
                          flow->request_frame, mqtt5_sender_name(step->event->sender));
    }
    if (flow->above && (type == MQTT5_PUBACK || type == MQTT5_PUBREC))
        check_above_maximum(step, flow);
    if (reason_code(step, 0) >= MQTT5_CODE_FAILURE) {
        if (mqtt5_flow_sound(step, flow))
            check_identifier_codes(step, flow);
        note_refused(step, flow);
    }
    mqtt5_flow_answered(step, flow);
    move(step, flow);
}

/* Another packet than the one that the flow awaits. */
static MQTT5_SELDOM void report_unfitting(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    mqtt5_packet_type type = step->event->packet->type;
    const char *awaits = mqtt5_packet_type_get(flow->awaits)->name;
    bool qos_2 = flow->awaits == MQTT5_PUBREL || flow->awaits == MQTT5_PUBCOMP;

    if (type == MQTT5_PUBREL && flow->awaits == MQTT5_PUBCOMP) {
        if (step->v5)
            mqtt5_flow_report(step, MQTT5_RULE_publish_resent,
                              "PUBREL for Packet Identifier %u was already sent in frame %u; "
                              "MQTT 5.0 resends it only after reconnecting",
                              step->id, flow->frame);
    } else if (type == MQTT5_PUBREL && flow->awaits == MQTT5_PUBREC) {
        mqtt5_flow_report_by(step, MQTT5_RULE_pubrel_unexpected, MQTT5_CLAUSES("3.6", "3.6", MQTT5_SAME),
                             "the PUBLISH in frame %u (Packet Identifier %u) has not been answered with PUBREC; "
                             "PUBREL answers only a PUBREC",
                             flow->request_frame, step->id);
    } else if (type == MQTT5_PUBREC && qos_2) {
        if (step->v5)
            mqtt5_flow_report_by(step, MQTT5_RULE_acknowledgment_unexpected,
                                 flow->awaits == MQTT5_PUBCOMP ? MQTT5_CLAUSE("MQTT-4.3.3-11") : NULL,
                                 "second PUBREC for the PUBLISH in frame %u (Packet Identifier %u), which was sent once; "
                                 "after that in frame %u it waits for %s",
                                 flow->request_frame, step->id, flow->frame, awaits);
    } else if (type == MQTT5_PUBCOMP && flow->awaits == MQTT5_PUBREL) {
        mqtt5_flow_report_by(step, step->v5 ? MQTT5_RULE_acknowledgment_unexpected : MQTT5_RULE_acknowledgment_unexpected_unclassified,
                             MQTT5_CLAUSE("3.7"),
                             "the message with Packet Identifier %u (frame %u) has not been released with PUBREL; "
                             "PUBCOMP answers only a PUBREL",
                             step->id, flow->request_frame);
    } else if (is_subscription(flow)) {
        mqtt5_flow_report_by(step, MQTT5_RULE_acknowledgment_wrong_type, MQTT5_CLAUSES("MQTT-2.2.1-5", "MQTT-2.3.1-6", MQTT5_SAME),
                             "Packet Identifier %u belongs to the %s in frame %u, which %s answers", step->id,
                             mqtt5_flow_request_name(flow->awaits), flow->request_frame, awaits);
    } else {
        mqtt5_flow_report(step, MQTT5_RULE_acknowledgment_wrong_type,
                          "the PUBLISH in frame %u (Packet Identifier %u) has QoS %d, so %s comes next for it", flow->request_frame,
                          step->id, flow->awaits == MQTT5_PUBACK ? 1 : 2, awaits);
    }
}

/* The second answer to a packet that was sent twice may come when its identifier is used anew; or else
 * there is only one, and this one was meant for the new flow. */
static MQTT5_SELDOM void see_owed(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    mqtt5_flow_repay(step->flows, step->id);
    /* It answers the PUBLISH that was sent again: the message still waits for its PUBREL. */
    if (step->event->packet->type == MQTT5_PUBREC && flow->awaits == MQTT5_PUBREL && flow->resends > 0 && !flow->shared &&
        reason_code(step, MQTT5_CODE_FAILURE * !!step->v5) < MQTT5_CODE_FAILURE) {
        mqtt5_flow_wait(step, flow);
        flow->unlinked = true;
        mqtt5_flow_doubt(step->flows, flow);
        return;
    }
    if (step->event->packet->type == MQTT5_PUBREC && flow->awaits == MQTT5_PUBREL && flow->resends > 0 && mqtt5_flow_certain(step, flow) &&
        reason_code(step, 0) == MQTT5_CODE_PACKET_IDENTIFIER_IN_USE) {
        note_refused(step, flow);
        step->event->refused.received_frame = flow->frame;
    }
    mqtt5_flow_uncount(step->flows, flow);
    mqtt5_flow_doubt(step->flows, flow);
    flow->epoch = mqtt5_evidence_epoch(step->event->connection) - 1;
}

/* Before MQTT 5: the answer to a message that was sent again, maybe unseen. */
static bool may_be_spare(const mqtt5_flow_step *step)
{
    return !step->v5 &&
           (mqtt5_flow_take_spare(step->flows, step->id) || !mqtt5_evidence_complete(step->event->connection, step->requester));
}

void mqtt5_flow_handshake(const mqtt5_flow_step *step)
{
    mqtt5_flow *flow = mqtt5_flow_find(step->flows, step->id);

    if (!flow) {
        see_unknown(step);
        return;
    }
    if (flow->awaits == step->event->packet->type) {
        see_fitting(step, flow);
        return;
    }
    if (step->requester != step->event->sender && mqtt5_flow_is_owed(step->flows, step->id)) {
        see_owed(step, flow);
        return;
    }
    if (mqtt5_flow_sound(step, flow) && !may_be_spare(step))
        report_unfitting(step, flow);
    mqtt5_flow_doubt(step->flows, flow);
    if (flow->awaits == MQTT5_PUBCOMP && step->event->packet->type == MQTT5_PUBREL)
        mqtt5_flow_owe(step->flows, step->id, NULL);
    /* A subscription request is still open: its own answer may come. */
    if (!is_subscription(flow)) {
        flow->unlinked = true;
        move(step, flow);
    }
}
