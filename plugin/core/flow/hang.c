/* hang.c
 * Requests that hang while the connection goes on: the peer has them, and sends other packets, but
 * no answer.
 *
 * The standard sets no time, so this only suspects. It looks now and then, not with each packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow.h"
#include "core/session/keep_alive.h"
#include "core/session/modules.h"

#define LOOK_EVERY (5 * MQTT5_SECOND)

/* True if the sender of the event has all that the other side has sent. Where TCP's numbers are not
 * known, nobody knows. */
static bool has_all(const mqtt5_event *event)
{
    const mqtt5_transport *transport = event->input->transport;
    const mqtt5_sending *other = transport ? &transport->sendings[!event->input->direction] : NULL;

    return other && other->known && event->input->acks_known && (int32_t)(other->sent - event->input->acks) <= 0;
}

/* Receive Maximum of `side`, if what the other side has in flight uses it up; 0: it does not. */
static unsigned used_up(const mqtt5_connection *connection, mqtt5_sender side, const mqtt5_flows *flows)
{
    const mqtt5_limits *limits = &connection->sides[side - 1].limits;

    return connection->version >= MQTT5_VERSION_5 && limits->known && flows->inflight_epoch == mqtt5_evidence_epoch(connection) &&
                   flows->inflight >= limits->receive_maximum
               ? limits->receive_maximum
               : 0;
}

static void report(const mqtt5_event *event, mqtt5_sender requester, const mqtt5_flows *flows, mqtt5_flow *flow)
{
    const char *request = mqtt5_flow_waiting_name(flow->awaits), *answer = mqtt5_packet_type_get(flow->awaits)->name;
    double seconds = mqtt5_seconds(event->input->time - flow->time);
    unsigned maximum = requester == event->sender ? 0 : used_up(event->connection, event->sender, flows);

    flow->hung = true;
    if (flow->answer && !flow->unlinked)
        *flow->answer = (mqtt5_answer){event->input->frame, true};
    if (maximum > 0)
        mqtt5_report_by(event->findings, MQTT5_RULE_acknowledgment_missing, mqtt5_flow_clauses(flow->awaits), MQTT5_NO_BYTES,
                        "the %s in frame %u (Packet Identifier %u) has had no %s for %.1f s, although the %s has it and is alive; "
                        "its Receive Maximum %u is used up, so it gets no other message of QoS 1 or 2",
                        request, flow->frame, flow->id, answer, seconds, mqtt5_sender_name(event->sender), maximum);
    else
        mqtt5_report_by(event->findings, MQTT5_RULE_acknowledgment_missing, mqtt5_flow_clauses(flow->awaits), MQTT5_NO_BYTES,
                        "the %s in frame %u (Packet Identifier %u) has had no %s for %.1f s, although the %s has it and is alive", request,
                        flow->frame, flow->id, answer, seconds, mqtt5_sender_name(event->sender));
}

/* How long the flow has waited at least. */
static int64_t waited(const mqtt5_event *event, const mqtt5_flow *flow)
{
    const mqtt5_pauses *pauses = event->input->pauses;
    int64_t now = event->input->time;

    return mqtt5_keep_alive_passed(event->connection, pauses, flow->frame, flow->time, now) -
           mqtt5_pauses_longest(pauses, flow->frame, now);
}

static MQTT5_SELDOM void look(const mqtt5_event *event)
{
    static const uint8_t kinds[] = {MQTT5_PUBACK, MQTT5_PUBREC, MQTT5_PUBREL, MQTT5_PUBCOMP, MQTT5_SUBACK, MQTT5_UNSUBACK};
    mqtt5_connection *connection = event->connection;
    /* A client may hold back its acknowledgments to slow the server down (4.9). */
    int64_t patience = event->sender == MQTT5_CLIENT ? 2 * connection->patience : connection->patience;

    if (event->packet->type == MQTT5_DISCONNECT || mqtt5_own_side(event)->disconnect_frame != 0 || !has_all(event))
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        /* Of the steps of a flow, PUBREL alone comes from the side that sent the PUBLISH. */
        mqtt5_sender requester = kinds[i] == MQTT5_PUBREL ? event->sender : mqtt5_peer_of(event->sender);
        mqtt5_flows *flows = connection->sides[requester - 1].flows;
        mqtt5_flow *oldest = flows ? mqtt5_flow_oldest(connection, flows, kinds[i]) : NULL;

        if (oldest && !oldest->hung && mqtt5_flow_unanswered(connection, oldest) && waited(event, oldest) >= patience)
            report(event, requester, flows, oldest);
    }
}

void mqtt5_hang_see(mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (event->input->time < connection->next_look[event->sender - 1] || connection->patience == 0)
        return;
    connection->next_look[event->sender - 1] = event->input->time + LOOK_EVERY;
    look(event);
}
