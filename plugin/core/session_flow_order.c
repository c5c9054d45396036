/* session_flow_order.c
 * Answers in their turn, and answers that never come: with a queue for each thing that flows can await, the oldest first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_flow.h"

/* An answer is missed, as a suspicion only, once this many later ones of its kind have come and it has been due for this long. The standard
 * sets no time; a server may ask elsewhere before it answers, so both are generous. */
#define OVERTAKEN_MESSAGES 16
#define OVERTAKEN_SUBSCRIPTIONS 1
#define OVERDUE (10 * G_GINT64_CONSTANT(1000000000))

/* At the end of the connection, an answer was due for this long while the server was heard. */
#define OVERDUE_AT_END (5 * G_GINT64_CONSTANT(1000000000))

/* What is said of a flow that awaits `awaits`: the packet that is missing, the one that it would answer, and the statement. */
typedef struct {
    const char *request;
    const char *clause, *clause_3_1_1;
} awaited;

static const awaited *awaited_of(unsigned awaits)
{
    static const awaited table[] = {
        [MQTT5_PUBACK] = {"PUBLISH", "MQTT-4.3.2-4", "MQTT-4.3.2-2"},
        [MQTT5_PUBREC] = {"PUBLISH", "MQTT-4.3.3-8", "MQTT-4.3.3-2"},
        [MQTT5_PUBREL] = {"PUBREC", "MQTT-4.3.3-4", "MQTT-4.3.3-1"},
        [MQTT5_PUBCOMP] = {"PUBREL", "MQTT-4.3.3-11", "MQTT-4.3.3-2"},
        [MQTT5_SUBACK] = {"SUBSCRIBE", "MQTT-3.8.4-1", "MQTT-3.8.4-1"},
        [MQTT5_UNSUBACK] = {"UNSUBSCRIBE", "MQTT-3.10.4-4", "MQTT-3.10.4-4"},
    };

    return &table[awaits];
}

/* What was open when bytes went missing may have been answered. Each flow is dropped once, so this costs nothing in the long run. */
static mqtt5_flow *certain_head(const mqtt5_connection *connection, mqtt5_flows *flows, unsigned awaits)
{
    mqtt5_flow_queue *queue = &flows->queues[awaits];

    while (queue->head && queue->head->epoch != connection->flow_evidence.epoch)
        mqtt5_flow_dequeue(flows, queue->head);
    return queue->head;
}

/* The client answers in the order of what it was sent [MQTT-4.6.0-2 to 4]; 3.1 does not say so, and the server is free. */
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

static const char *seconds(int64_t nanoseconds, char *buffer, size_t size)
{
    g_snprintf(buffer, size, "%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, nanoseconds / 1000000000, nanoseconds % 1000000000 / 100000000);
    return buffer;
}

void mqtt5_flow_take_turn(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    const mqtt5_event *event = step->event;
    mqtt5_flow_queue *queue = &step->flows->queues[flow->awaits];
    const awaited *what = awaited_of(flow->awaits);
    const char *clause = order_clause(step, flow);
    bool subscription = flow->awaits == MQTT5_SUBACK || flow->awaits == MQTT5_UNSUBACK;
    mqtt5_flow *head = certain_head(event->connection, step->flows, flow->awaits);
    char buffer[32];

    if (!flow->queued)
        return;
    if (head != flow && clause) {
        mqtt5_flow_report(step, MQTT5_RULE_ACKNOWLEDGMENT_ORDER, clause,
                          "it answers Packet Identifier %u (%s in frame %u) before %u (frame %u); a client must answer in the order of receipt",
                          step->id, what->request, flow->frame, head->id, head->frame);
        /* Those that were overtaken are late, whenever they are answered: that was said now. */
        while (queue->head != flow)
            mqtt5_flow_dequeue(step->flows, queue->head);
    } else if (head != flow && ++queue->overtaken >= (subscription ? OVERTAKEN_SUBSCRIPTIONS : OVERTAKEN_MESSAGES) &&
               event->input->time - head->time >= OVERDUE) {
        mqtt5_flow_report(step, MQTT5_RULE_ACKNOWLEDGMENT_MISSING,
                          event->connection->version >= MQTT5_VERSION_5 ? what->clause : what->clause_3_1_1,
                          "the %s in frame %u (Packet Identifier %u) still has no %s after %s s, though later ones were answered (suspected)",
                          what->request, head->frame, head->id, mqtt5_packet_type_get(head->awaits)->name,
                          seconds(event->input->time - head->time, buffer, sizeof buffer));
        mqtt5_flow_dequeue(step->flows, head);
    }
    mqtt5_flow_dequeue(step->flows, flow);
}

void mqtt5_flow_check_unanswered(mqtt5_connection *connection, int64_t time, mqtt5_findings *findings)
{
    static const uint8_t kinds[] = {MQTT5_PUBACK, MQTT5_PUBREC, MQTT5_PUBCOMP, MQTT5_SUBACK, MQTT5_UNSUBACK};
    mqtt5_flows *flows = connection->sides[MQTT5_CLIENT - 1].flows;
    const mqtt5_side *server = &connection->sides[MQTT5_SERVER - 1];
    const mqtt5_flow *oldest = NULL;
    const awaited *what;
    char buffer[32];

    /* A server that ends the connection itself answers nothing more. */
    if (!flows || server->packets == 0 || server->disconnect_frame != 0)
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const mqtt5_flow *head = certain_head(connection, flows, kinds[i]);

        /* Heard of after the request: it was alive, and the request is unlikely to have got lost on its way. */
        if (head && time - head->time >= OVERDUE_AT_END && server->last_time > head->time && (!oldest || head->time < oldest->time))
            oldest = head;
    }
    if (!oldest)
        return;
    what = awaited_of(oldest->awaits);
    mqtt5_report(findings, MQTT5_RULE_ACKNOWLEDGMENT_MISSING, 0, 0,
                 connection->version >= MQTT5_VERSION_5 ? what->clause : what->clause_3_1_1,
                 "the connection ends, and the %s in frame %u (Packet Identifier %u) has had no %s for %s s, though the server was heard "
                 "(suspected)",
                 what->request, oldest->frame, oldest->id, mqtt5_packet_type_get(oldest->awaits)->name,
                 seconds(time - oldest->time, buffer, sizeof buffer));
}
