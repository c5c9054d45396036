/* session_flow.h
 * What the parts of the module on Packet Identifiers share. Internal to session_flow*.c.
 *
 * Each side has a table of its requests (flow_table.h). A flow belongs to the side that sent the PUBLISH, SUBSCRIBE or UNSUBSCRIBE, in all
 * its stages. Three things keep it from crying wolf:
 *   - the epoch: what was open when bytes went missing is followed, and not judged;
 *   - `doubtful`: after a fault of a flow, or a repetition, what else comes for it is its consequence;
 *   - `spare`: an identifier that was used twice, or could not be read, brings answers that find no open flow. Each is allowed for twice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_FLOW_H
#define MQTT5_SESSION_FLOW_H

#include "flow_table.h"
#include "session.h"

/* One packet, seen from the table of flows that it is about. */
typedef struct {
    const mqtt5_event *event;
    mqtt5_flows *flows;     /* of the side that made the request; NULL where it has made none */
    mqtt5_sender requester; /* that side */
    uint16_t id;
    bool v5;
    bool witnessed; /* all that the sender can have received of the other side until now is in the capture */
} mqtt5_flow_step;

/* --- session_flow.c --- */

/* The table of a side, made if need be. */
mqtt5_flows *mqtt5_flows_of(mqtt5_connection *connection, mqtt5_sender side);

/* True if nothing that could have changed the flow is missing from the capture since it was opened. */
bool mqtt5_flow_certain(const mqtt5_flow_step *step, const mqtt5_flow *flow);

/* True if the flow is certain and nothing was wrong with it so far. */
bool mqtt5_flow_sound(const mqtt5_flow_step *step, const mqtt5_flow *flow);

/* True if nothing of an earlier connection can be behind the packet: the session is fresh, and the sender knew that (3.2.2.1.1). */
bool mqtt5_flow_fresh(const mqtt5_flow_step *step);

/* Allows for answers that find no open flow, since something is wrong with the flows. `flow`, if it is not NULL, becomes doubtful. */
void mqtt5_flow_doubt(mqtt5_flows *flows, mqtt5_flow *flow);

/* The flow does not count against the Receive Maximum any more. */
void mqtt5_flow_uncount(mqtt5_flows *flows, mqtt5_flow *flow);

/* The packet is the one that wants an answer now. */
void mqtt5_flow_wait(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* Ends a flow whose identifier this packet uses for another request, which is to be opened next. */
void mqtt5_flow_abandon(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* Ends a flow in this packet. */
void mqtt5_flow_end(const mqtt5_flow_step *step, mqtt5_flow *flow, bool failed);

/* Adds a finding about the Packet Identifier of the packet; `clause` NULL stands for the rule's first. */
#define mqtt5_flow_report(step, rule, clause, ...)                                                                                         \
    mqtt5_report((step)->event->findings, rule, (step)->event->packet->packet_id_offset, 2, clause, __VA_ARGS__)

/* Reports a Packet Identifier that is still in use by `flow`. */
void mqtt5_flow_report_in_use(const mqtt5_flow_step *step, const mqtt5_flow *flow);

/* The packet answers the one in flow->frame: says so in the verdict, and judges whether its turn has come. */
void mqtt5_flow_answered(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* The request that a flow began with: "PUBLISH", "SUBSCRIBE" or "UNSUBSCRIBE". */
const char *mqtt5_flow_request_name(unsigned awaits);

/* Judges an answer that finds no open flow. */
void mqtt5_flow_unknown_answer(const mqtt5_flow_step *step);

/* --- session_flow_message.c: PUBLISH and its handshakes (4.3) --- */

/* PUBLISH of QoS 1 or 2. */
void mqtt5_flow_publish(mqtt5_flow_step *step);

/* PUBACK, PUBREC, PUBREL, PUBCOMP. */
void mqtt5_flow_handshake(const mqtt5_flow_step *step);

/* --- session_flow_order.c: answers in their turn, and answers that never come --- */

/* A flow of the queue is answered. Takes it out, and judges the order. */
void mqtt5_flow_take_turn(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* The client ends the connection: reports the oldest of its requests that the server has left unanswered for long, if there is one. */
void mqtt5_flow_check_unanswered(mqtt5_connection *connection, int64_t time, mqtt5_findings *findings);

#endif
