/* session_flow_message.c
 * PUBLISH of QoS 1 and 2 and what follows: PUBACK; or PUBREC, PUBREL and PUBCOMP (4.3). Resends and DUP (4.4), Receive Maximum (4.9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_flow.h"

#include "session_cause.h"

/* Reason codes that speak of identifiers. */
enum { PACKET_IDENTIFIER_IN_USE = 0x91, PACKET_IDENTIFIER_NOT_FOUND = 0x92 };

static bool is_subscription(const mqtt5_flow *flow)
{
    return flow->awaits == MQTT5_SUBACK || flow->awaits == MQTT5_UNSUBACK;
}

/* The reason code of MQTT 5; `otherwise` where it is not in the capture, or the version has none. */
static unsigned reason_code(const mqtt5_flow_step *step, unsigned otherwise)
{
    return step->v5 && (step->event->packet->has & MQTT5_HAS_REASON_CODE) ? step->event->packet->reason_code : otherwise;
}

/* --- PUBLISH --- */

/* A PUBLISH beyond what the receiver takes at a time [MQTT-3.3.4-7, MQTT-3.3.4-9]. */
static MQTT5_SELDOM void report_receive_maximum(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    const mqtt5_event *event = step->event;
    const mqtt5_connection *connection = event->connection;
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;

    if (!step->v5 || !step->witnessed || !limits->known || limits->receive_maximum == 0)
        return;
    if (step->flows->exceeding_frame == 0) {
        step->flows->exceeding = step->flows->inflight;
        step->flows->exceeding_frame = event->input->frame;
    }
    if (event->sender == MQTT5_SERVER) {
        flow->exceeding = true;
        mqtt5_flow_report(step, MQTT5_RULE_RECEIVE_MAXIMUM_EXCEEDED, "MQTT-3.3.4-9",
                          "%u messages of QoS 1 and 2 are unacknowledged with this one, but the Receive Maximum of the client is %u "
                          "(CONNECT in frame %u)",
                          step->flows->inflight, limits->receive_maximum, connection->connect.frame);
    } else if (mqtt5_session_bound_by_connack(event)) {
        flow->exceeding = true;
        mqtt5_flow_report(step, MQTT5_RULE_RECEIVE_MAXIMUM_EXCEEDED, "MQTT-3.3.4-7",
                          "%u messages of QoS 1 and 2 are unacknowledged with this one, but the Receive Maximum of the server is %u "
                          "(CONNACK in frame %u)",
                          step->flows->inflight, limits->receive_maximum, connection->connack.frame);
    } else if (connection->connack.known) {
        mqtt5_flow_report(step, MQTT5_RULE_SENT_BEFORE_CONNACK, NULL,
                          "%u messages are in flight, but the Receive Maximum of the server is %u (CONNACK in frame %u); the client cannot "
                          "have known this "
                          "when it sent the packet, or it is not seen that it did",
                          step->flows->inflight, limits->receive_maximum, connection->connack.frame);
    }
}

/* DUP 1 although no PUBLISH with this identifier is open. */
static MQTT5_SELDOM void check_duplicate(const mqtt5_flow_step *step)
{
    const mqtt5_event *event = step->event;
    const mqtt5_connection *connection = event->connection;
    const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);
    bool client = event->sender == MQTT5_CLIENT, qos_1 = mqtt5_publish_qos(event->packet) == 1;
    const char *clause;

    if (step->flows->spare > 0)
        return;
    if (step->v5 && closed && closed->epoch == connection->flow_evidence.epoch && step->witnessed) {
        if (closed->failed)
            mqtt5_flow_report(step, MQTT5_RULE_PUBLISH_RESENT_AFTER_ERROR, NULL,
                              "DUP is 1, but the message with Packet Identifier %u (frame %u) ended with a failure in frame %u; it must "
                              "not be sent again",
                              step->id, closed->request_frame, closed->frame);
        else
            mqtt5_flow_report(step, MQTT5_RULE_PUBLISH_RESENT, NULL,
                              "DUP is 1, but what had Packet Identifier %u (frame %u) was answered in frame %u; nothing is sent again on one connection",
                              step->id, closed->request_frame, closed->frame);
        return;
    }
    /* Before MQTT 5 a timer may send it again while its acknowledgment is on the way. So all that was acknowledged must be known. */
    if (!step->v5 && (closed || step->flows->closings > MQTT5_FLOWS_CLOSED))
        return;
    if (!mqtt5_flow_fresh(step) || !mqtt5_session_complete(connection, event->sender))
        return;
    if (!client)
        clause = "MQTT-3.3.1-3";
    else if (!connection->connect.clean_start)
        clause = "MQTT-3.2.2-5";
    else
        clause = step->v5 ? (qos_1 ? "MQTT-4.3.2-2" : "MQTT-4.3.3-2") : qos_1 ? "MQTT-4.3.2-1" : "MQTT-4.3.3-1";
    mqtt5_flow_report(step, MQTT5_RULE_PUBLISH_DUPLICATE_UNEXPECTED, clause,
                      "DUP is 1, but Packet Identifier %u was not published on this connection, and %s in frame %u there is nothing older to send again",
                      step->id, connection->version == MQTT5_VERSION_3_1 ? "with Clean Session 1" : "after Session Present 0",
                      connection->version == MQTT5_VERSION_3_1 ? connection->connect.frame : connection->connack.frame);
}

/* The same message once more: DUP 1, and its flow is open. */
static MQTT5_SELDOM void see_resent(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    bool released = flow->awaits == MQTT5_PUBCOMP;

    if (mqtt5_flow_sound(step, flow)) {
        if (released && step->event->connection->version >= MQTT5_VERSION_3_1_1)
            mqtt5_flow_report(step, MQTT5_RULE_PUBLISH_AFTER_PUBREL, step->v5 ? NULL : "MQTT-4.3.3-1",
                              "the message with Packet Identifier %u is sent again after its PUBREL in frame %u; from there on only PUBREL may be",
                              step->id, flow->frame);
        else if (step->v5)
            mqtt5_flow_report(step, MQTT5_RULE_PUBLISH_RESENT, NULL,
                              "the message with Packet Identifier %u (frame %u) is sent again on the same connection; only on the next one it may be",
                              step->id, flow->request_frame);
    }
    mqtt5_flow_doubt(step->flows, flow);
    mqtt5_flow_owe(step->flows, step->id, NULL);
}

void mqtt5_flow_publish(mqtt5_flow_step *step)
{
    const mqtt5_event *event = step->event;
    uint32_t epoch = event->connection->flow_evidence.epoch;
    bool duplicate = mqtt5_publish_dup(event->packet), reused = false;
    mqtt5_flow *flow;

    step->flows = mqtt5_flows_of(event->connection, event->sender);
    flow = mqtt5_flow_find(step->flows, step->id);
    if (flow && duplicate && !is_subscription(flow)) {
        see_resent(step, flow);
        return;
    }
    if (flow) {
        reused = flow->epoch == epoch;
        if (mqtt5_flow_certain(step, flow) && flow->request_frame != 0)
            mqtt5_flow_report_in_use(step, flow);
        mqtt5_flow_abandon(step, flow);
    } else if (duplicate) {
        check_duplicate(step);
    }
    flow = mqtt5_flow_open(step->flows, step->id, mqtt5_publish_qos(event->packet) == 1 ? MQTT5_PUBACK : MQTT5_PUBREC);
    flow->request_frame = event->input->frame;
    mqtt5_flow_wait(step, flow);
    flow->unlinked = mqtt5_flow_is_owed(step->flows, step->id);
    flow->epoch = epoch;
    flow->counted = true;
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
    /* What is sent again may be acknowledged for its first sending. */
    if (reused)
        mqtt5_flow_doubt(step->flows, flow);
    else if (!duplicate)
        mqtt5_flow_enqueue(step->flows, flow);
}

/* --- The handshakes --- */

/* A flow whose beginning was not seen, or cannot be: followed, so that the rest of it finds it. */
static MQTT5_SELDOM void follow(const mqtt5_flow_step *step, mqtt5_packet_type awaits)
{
    mqtt5_flows *flows = mqtt5_flows_of(step->event->connection, step->requester);
    mqtt5_flow *flow = mqtt5_flow_open(flows, step->id, awaits);

    flow->unlinked = mqtt5_flow_is_owed(flows, step->id);
    mqtt5_flow_wait(step, flow);
    flow->epoch = step->event->connection->flow_evidence.epoch;
    flow->doubtful = true;
}

/* PUBREL where no PUBLISH with its identifier is open. */
static MQTT5_SELDOM void check_unknown_pubrel(const mqtt5_flow_step *step)
{
    const mqtt5_event *event = step->event;
    const mqtt5_connection *connection = event->connection;
    const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);
    bool known = closed && closed->epoch == connection->flow_evidence.epoch && step->witnessed;

    mqtt5_flow_repay(step->flows, step->id);
    if (known && closed->failed && closed->awaited == MQTT5_PUBREC) {
        mqtt5_flow_report(step, MQTT5_RULE_PUBREL_AFTER_ERROR, NULL,
                          "the message with Packet Identifier %u (frame %u) ended with the failure in the PUBREC in frame %u; no PUBREL follows that",
                          step->id, closed->request_frame, closed->frame);
        return;
    }
    if (step->flows && step->flows->spare > 0) {
        step->flows->spare--;
        return;
    }
    if (known && step->v5) {
        mqtt5_flow_report(step, MQTT5_RULE_PUBREL_UNEXPECTED, NULL,
                          "no PUBLISH with Packet Identifier %u is open: that in frame %u was answered for good in frame %u", step->id,
                          closed->request_frame, closed->frame);
        return;
    }
    if (!step->v5 && (closed || (step->flows && step->flows->closings > MQTT5_FLOWS_CLOSED)))
        return;
    if (!mqtt5_flow_fresh(step) || !mqtt5_session_complete(connection, event->sender))
        return;
    mqtt5_flow_report(step, MQTT5_RULE_PUBREL_UNEXPECTED,
                      event->sender == MQTT5_CLIENT && step->v5 && !connection->connect.clean_start ? "MQTT-3.2.2-5" : NULL,
                      "Packet Identifier %u was not published on this connection, and %s in frame %u there is nothing older to release",
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
    if (type == MQTT5_PUBREC && reason_code(step, 0) < 0x80)
        follow(step, MQTT5_PUBREL);
}

/* The state of a flow after a packet of the handshake, whatever it was before. */
static void move(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    const mqtt5_packet *packet = step->event->packet;
    unsigned code = reason_code(step, 0);

    if (packet->type == MQTT5_PUBACK || packet->type == MQTT5_PUBCOMP || (packet->type == MQTT5_PUBREC && code >= 0x80)) {
        mqtt5_flow_end(step, flow, code >= 0x80 && packet->type != MQTT5_PUBCOMP);
        return;
    }
    mqtt5_flow_await(step->flows, flow, packet->type == MQTT5_PUBREC ? MQTT5_PUBREL : MQTT5_PUBCOMP);
    mqtt5_flow_wait(step, flow);
    if (step->v5 && !(packet->has & MQTT5_HAS_REASON_CODE)) {
        /* It may have been a failure, and the identifier free: as uncertain as if bytes were missing. */
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

    if (code == PACKET_IDENTIFIER_IN_USE && (type == MQTT5_PUBACK || type == MQTT5_PUBREC) && step->flows->spare == 0 &&
        mqtt5_session_fresh(event->connection) && mqtt5_session_complete(event->connection, MQTT5_CLIENT) &&
        mqtt5_session_complete(event->connection, MQTT5_SERVER)) {
        const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);

        mqtt5_report(event->findings, MQTT5_RULE_PACKET_IDENTIFIER_IN_USE_UNFOUNDED, event->packet->reason_code_offset, 1,
                     type == MQTT5_PUBACK       ? "MQTT-4.3.2-5"
                     : closed && closed->failed ? "MQTT-4.3.3-9"
                                                : "MQTT-4.3.3-12",
                     "0x91 (Packet Identifier in use), but when the PUBLISH in frame %u came, nothing with Packet Identifier %u was open; "
                     "it was a new message",
                     flow->request_frame, step->id);
    }
    if (code == PACKET_IDENTIFIER_NOT_FOUND && (type == MQTT5_PUBREL || type == MQTT5_PUBCOMP))
        mqtt5_report(event->findings, MQTT5_RULE_PACKET_IDENTIFIER_NOT_FOUND_UNFOUNDED, event->packet->reason_code_offset, 1, NULL,
                     "0x92 (Packet Identifier not found), but the message with Packet Identifier %u was published on this connection in "
                     "frame %u and is open: "
                     "the sides do not agree on their state (suspected)",
                     step->id, flow->request_frame);
}

/* The packet that the flow awaits. */
static void see_fitting(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    mqtt5_packet_type type = step->event->packet->type;

    if (flow->exceeding && !step->flows->tolerated && (type == MQTT5_PUBACK || type == MQTT5_PUBREC) && mqtt5_flow_certain(step, flow)) {
        step->flows->tolerated = true;
        mqtt5_flow_report(step, MQTT5_RULE_RECEIVE_MAXIMUM_NOT_ENFORCED, NULL,
                          "it acknowledges the PUBLISH in frame %u, which was beyond the Receive Maximum of the %s; DISCONNECT 0x93 was due (suspected)",
                          flow->request_frame, mqtt5_sender_name(step->event->sender));
    }
    if (reason_code(step, 0) >= 0x80) {
        if (mqtt5_flow_sound(step, flow))
            check_identifier_codes(step, flow);
        mqtt5_cause_of_refused_message(step->event, step->flows, flow);
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
            mqtt5_flow_report(step, MQTT5_RULE_PUBLISH_RESENT, NULL,
                              "PUBREL for Packet Identifier %u was sent in frame %u already, and is sent again only on the next connection",
                              step->id, flow->frame);
    } else if (type == MQTT5_PUBREL && flow->awaits == MQTT5_PUBREC) {
        mqtt5_flow_report(step, MQTT5_RULE_PUBREL_UNEXPECTED, NULL,
                          "the PUBLISH in frame %u (Packet Identifier %u) has not been answered with PUBREC; PUBREL is the answer to that",
                          flow->request_frame, step->id);
    } else if (type == MQTT5_PUBREC && qos_2) {
        if (step->v5)
            mqtt5_flow_report(step, MQTT5_RULE_ACKNOWLEDGMENT_UNEXPECTED, NULL,
                              "second PUBREC for the PUBLISH in frame %u (Packet Identifier %u), which was sent once; after that in frame "
                              "%u it waits for %s",
                              flow->request_frame, step->id, flow->frame, awaits);
    } else if (type == MQTT5_PUBCOMP && flow->awaits == MQTT5_PUBREL) {
        mqtt5_flow_report(step, MQTT5_RULE_ACKNOWLEDGMENT_UNEXPECTED, step->v5 ? "3.7" : "MQTT-2.3.1-6",
                          "the message with Packet Identifier %u (frame %u) has not been released with PUBREL; PUBCOMP is the answer to that",
                          step->id, flow->request_frame);
    } else if (is_subscription(flow)) {
        mqtt5_flow_report(step, MQTT5_RULE_ACKNOWLEDGMENT_WRONG_TYPE, step->v5 ? "MQTT-2.2.1-5" : "MQTT-2.3.1-6",
                          "Packet Identifier %u is that of the %s in frame %u, which %s answers", step->id,
                          mqtt5_flow_request_name(flow->awaits), flow->request_frame, awaits);
    } else {
        mqtt5_flow_report(step, MQTT5_RULE_ACKNOWLEDGMENT_WRONG_TYPE, NULL,
                          "the PUBLISH in frame %u (Packet Identifier %u) has QoS %d: %s comes next for it", flow->request_frame, step->id,
                          flow->awaits == MQTT5_PUBACK ? 1 : 2, awaits);
    }
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
    if (mqtt5_flow_sound(step, flow))
        report_unfitting(step, flow);
    mqtt5_flow_doubt(step->flows, flow);
    mqtt5_flow_repay(step->flows, step->id);
    /* A subscription request is still open: its own answer may come. */
    if (!is_subscription(flow)) {
        flow->unlinked = true;
        move(step, flow);
    }
}
