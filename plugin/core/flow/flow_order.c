/* flow_order.c
 * Answers in their turn, and answers that never come: with a queue for each thing that flows can
 * await, the oldest first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow.h"

#include "core/session/keep_alive.h"

/* An answer is suspected to be missing after this many later ones of its kind, and after this time.
 * The standard sets no time, and a server may ask elsewhere before it answers, so both are
 * generous. */
#define OVERTAKEN_MESSAGES 16
#define OVERTAKEN_SUBSCRIPTIONS 1
#define OVERDUE (10 * MQTT5_SECOND)

/* At the end of the connection: an answer is missing if it was due for this long while the server
 * sent other packets. */
#define OVERDUE_AT_END (5 * MQTT5_SECOND)

/* For a flow that awaits `awaits`: the packet that is missing, the one that it would answer, and
 * the statement. */
typedef struct {
    const char *request;
    mqtt5_clauses clauses;
} awaited;

static const awaited *awaited_of(unsigned awaits)
{
    static const awaited table[] = {
        [MQTT5_PUBACK] = {"PUBLISH", {"MQTT-4.3.2-4", "MQTT-4.3.2-2", MQTT5_SAME}},
        [MQTT5_PUBREC] = {"PUBLISH", {"MQTT-4.3.3-8", "MQTT-4.3.3-2", MQTT5_SAME}},
        [MQTT5_PUBREL] = {"PUBREC", {"MQTT-4.3.3-4", "MQTT-4.3.3-1", MQTT5_SAME}},
        [MQTT5_PUBCOMP] = {"PUBREL", {"MQTT-4.3.3-11", "MQTT-4.3.3-2", MQTT5_SAME}},
        [MQTT5_SUBACK] = {"SUBSCRIBE", {"MQTT-3.8.4-1", MQTT5_SAME, MQTT5_SAME}},
        [MQTT5_UNSUBACK] = {"UNSUBSCRIBE", {"MQTT-3.10.4-4", MQTT5_SAME, MQTT5_SAME}},
    };

    return &table[awaits];
}

/* What was open when bytes went missing may have been answered. Each flow is dropped only once, so
 * the loop is cheap over all. */
mqtt5_flow *mqtt5_flow_oldest(const mqtt5_connection *connection, mqtt5_flows *flows, unsigned awaits)
{
    mqtt5_flow_queue *queue = &flows->queues[awaits];

    while (queue->head && queue->head->epoch != mqtt5_evidence_epoch(connection))
        mqtt5_flow_dequeue(flows, queue->head);
    return queue->head;
}

const char *mqtt5_flow_waiting_name(unsigned awaits)
{
    return awaited_of(awaits)->request;
}

const mqtt5_clauses *mqtt5_flow_clauses(unsigned awaits)
{
    return &awaited_of(awaits)->clauses;
}

/* The client must answer in the order of receipt [MQTT-4.6.0-2 to 4]. 3.1 does not require it, nor
 * does any version of the server. */
static const char *order_clause(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    if (step->event->sender != MQTT5_CLIENT || step->event->connection->version < MQTT5_VERSION_3_1_1)
        return NULL;
    switch (flow->awaits) {
    case MQTT5_PUBACK: return "MQTT-4.6.0-2";
    case MQTT5_PUBREC: return "MQTT-4.6.0-3";
    case MQTT5_PUBREL: return "MQTT-4.6.0-4";
    default: return NULL;
    }
}

static int64_t passed(const mqtt5_connection *connection, const mqtt5_pauses *pauses, const mqtt5_flow *flow, int64_t now)
{
    return mqtt5_keep_alive_passed(connection, pauses, flow->frame, flow->time, now);
}

void mqtt5_flow_take_turn(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    const mqtt5_event *event = step->event;
    mqtt5_flow_queue *queue = &step->flows->queues[flow->awaits];
    const awaited *what = awaited_of(flow->awaits);
    const char *clause = order_clause(step, flow);
    bool subscription = flow->awaits == MQTT5_SUBACK || flow->awaits == MQTT5_UNSUBACK;
    mqtt5_flow *head = mqtt5_flow_oldest(event->connection, step->flows, flow->awaits);

    if (!flow->queued)
        return;
    if (head != flow && clause) {
        mqtt5_flow_report_by(step, MQTT5_RULE_acknowledgment_order, MQTT5_CLAUSES(clause, MQTT5_SAME, NULL),
                             "it answers Packet Identifier %u (%s in frame %u) before %u (frame %u); "
                             "a client must answer in the order of receipt",
                             step->id, what->request, flow->frame, head->id, head->frame);
        /* Those that were overtaken are late whenever they are answered, and that is now
         * reported. */
        while (queue->head != flow)
            mqtt5_flow_dequeue(step->flows, queue->head);
    } else if (head != flow && ++queue->overtaken >= (subscription ? OVERTAKEN_SUBSCRIPTIONS : OVERTAKEN_MESSAGES) && !head->hung &&
               passed(event->connection, event->input->pauses, head, event->input->time) >= OVERDUE) {
        mqtt5_flow_report_by(step, MQTT5_RULE_acknowledgment_missing, &what->clauses,
                             "the %s in frame %u (Packet Identifier %u) still has no %s after %.1f s, "
                             "although later ones were answered",
                             what->request, head->frame, head->id, mqtt5_packet_type_get(head->awaits)->name,
                             mqtt5_seconds(event->input->time - head->time));
        mqtt5_flow_dequeue(step->flows, head);
    }
    mqtt5_flow_dequeue(step->flows, flow);
}

void mqtt5_flow_check_unanswered(mqtt5_connection *connection, const mqtt5_pauses *pauses, int64_t time, mqtt5_findings *findings)
{
    static const uint8_t kinds[] = {MQTT5_PUBACK, MQTT5_PUBREC, MQTT5_PUBCOMP, MQTT5_SUBACK, MQTT5_UNSUBACK};
    mqtt5_flows *flows = connection->sides[MQTT5_CLIENT - 1].flows;
    const mqtt5_side *server = &connection->sides[MQTT5_SERVER - 1];
    const mqtt5_flow *oldest = NULL;
    const awaited *what;

    /* A server that ends the connection itself answers nothing more. */
    if (!flows || !mqtt5_evidence_heard(connection, MQTT5_SERVER) || server->disconnect_frame != 0)
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const mqtt5_flow *head = mqtt5_flow_oldest(connection, flows, kinds[i]);

        /* The server sent something after the request, so it was alive and very likely had the
         * request. */
        if (head && !head->hung && passed(connection, pauses, head, time) >= OVERDUE_AT_END && server->last_time > head->time &&
            (!oldest || head->time < oldest->time))
            oldest = head;
    }
    if (!oldest)
        return;
    what = awaited_of(oldest->awaits);
    mqtt5_report_by(findings, MQTT5_RULE_acknowledgment_missing, &what->clauses, MQTT5_NO_BYTES,
                    "the connection ends, and the %s in frame %u (Packet Identifier %u) has had no %s for %.1f s, "
                    "although the server has sent packets since",
                    what->request, oldest->frame, oldest->id, mqtt5_packet_type_get(oldest->awaits)->name,
                    mqtt5_seconds(time - oldest->time));
}
