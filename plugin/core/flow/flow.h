/* flow.h
 * What the parts of the module on Packet Identifiers share. Internal to flow/.
 *
 * Each side has a table of its requests (flow_table.h). A flow belongs to the side that sent the
 * PUBLISH, SUBSCRIBE or UNSUBSCRIBE, in all its stages. Three things keep it from crying wolf:
 *   - the epoch: what was open when bytes went missing is followed, and not judged;
 *   - `doubtful`: after a fault of a flow, or a repetition, what else comes for it is its
 *     consequence;
 *   - `spare`: an identifier that was used twice, or could not be read, brings answers that find no
 *     open flow. Each is allowed for twice, for its identifier alone where that is known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FLOW_H
#define MQTT5_FLOW_H

#include "core/flow/flow_table.h"
#include "core/session/evidence.h"

/* One packet, seen from the table of flows that it is about. */
typedef struct {
    mqtt5_event *event;
    mqtt5_flows *flows;     /* of the side that made the request; NULL where it has made none */
    mqtt5_sender requester; /* that side */
    uint16_t id;
    bool v5;
    /* all that the sender can have received of the other side until now is in the capture */
    bool witnessed;
} mqtt5_flow_step;

/* --- flow/flow.c --- */

/* The table of a side, made if need be. */
mqtt5_flows *mqtt5_flows_of(mqtt5_connection *connection, mqtt5_sender side);

/* True if nothing that could have changed the flow is missing from the capture since it was
 * opened. */
bool mqtt5_flow_certain(const mqtt5_flow_step *step, const mqtt5_flow *flow);

/* True if the capture has every answer that can have come to the packet in flow->frame. */
bool mqtt5_flow_unanswered(const mqtt5_connection *connection, const mqtt5_flow *flow);

/* True if the flow is certain and nothing was wrong with it so far. */
bool mqtt5_flow_sound(const mqtt5_flow_step *step, const mqtt5_flow *flow);

/* True if `closed`, which may be NULL, shows that its identifier was free when it ended: all of it
 * was on this connection, so that nothing older of the session can have the identifier. */
bool mqtt5_flow_settled(const mqtt5_flow_step *step, const mqtt5_closed_flow *closed);

/* Something is wrong with the flows: allows for answers that find no open flow. `flow`, if it is
 * not NULL, becomes doubtful. */
void mqtt5_flow_doubt(mqtt5_flows *flows, mqtt5_flow *flow);

/* The flow does not count against the Receive Maximum any more. */
void mqtt5_flow_uncount(mqtt5_flows *flows, mqtt5_flow *flow);

/* The packet is the one of the flow that now waits for an answer. */
void mqtt5_flow_wait(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* Ends a flow whose identifier this packet uses for another request, which is to be opened next. */
void mqtt5_flow_abandon(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* Ends a flow in this packet. */
void mqtt5_flow_end(const mqtt5_flow_step *step, mqtt5_flow *flow, bool failed);

/* Adds a finding about the Packet Identifier of the packet; by finer clauses than those of the
 * rule's row. */
#define mqtt5_flow_report(step, rule, ...) mqtt5_flow_report_by(step, rule, NULL, __VA_ARGS__)
#define mqtt5_flow_report_by(step, rule, clauses, ...)                                                                                     \
    mqtt5_report_by((step)->event->findings, rule, clauses, (mqtt5_range){(step)->event->packet->packet_id_offset, 2}, __VA_ARGS__)

/* Reports a Packet Identifier that is still in use by `flow`. */
void mqtt5_flow_report_in_use(const mqtt5_flow_step *step, const mqtt5_flow *flow);

/* The packet answers the one in flow->frame: says so in the facts, and judges whether its turn has
 * come. */
void mqtt5_flow_answered(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* The request that a flow began with: "PUBLISH", "SUBSCRIBE" or "UNSUBSCRIBE". */
const char *mqtt5_flow_request_name(unsigned awaits);

/* Judges an answer that finds no open flow. */
void mqtt5_flow_unknown_answer(const mqtt5_flow_step *step);

/* The requests of a side that certainly wait for an answer, or for the rest of their handshake:
 * returns their number, and the first of them in *oldest (NULL: none). */
unsigned mqtt5_flow_requests_open(const mqtt5_connection *connection, mqtt5_sender side, const mqtt5_flow **oldest);

/* --- flow/flow_message.c: PUBLISH and its handshakes (4.3) --- */

/* PUBLISH of QoS 1 or 2. */
void mqtt5_flow_publish(mqtt5_flow_step *step);

/* PUBACK, PUBREC, PUBREL, PUBCOMP. */
void mqtt5_flow_handshake(const mqtt5_flow_step *step);

/* --- flow/flow_order.c: answers in their turn, and answers that never come --- */

/* The oldest flow that certainly awaits this packet type; NULL: none. Drops from the queue what is no
 * longer certain. */
mqtt5_flow *mqtt5_flow_oldest(const mqtt5_connection *connection, mqtt5_flows *flows, unsigned awaits);

/* The packet that this answer is awaited for: "PUBLISH", "PUBREC" and so on. */
const char *mqtt5_flow_waiting_name(unsigned awaits);

/* The statement that requires this answer, PUBACK to UNSUBACK. Static data. */
const mqtt5_clauses *mqtt5_flow_clauses(unsigned awaits);

/* A flow of the queue is answered. Takes it out, and judges the order. */
void mqtt5_flow_take_turn(const mqtt5_flow_step *step, mqtt5_flow *flow);

/* The client ends the connection: reports the oldest of its requests that the server has not
 * answered for a long time, if there is one. */
void mqtt5_flow_check_unanswered(mqtt5_connection *connection, const mqtt5_pauses *pauses, int64_t time, mqtt5_findings *findings);

#endif
