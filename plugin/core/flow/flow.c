/* flow.c
 * Packet Identifiers and acknowledgments: who waits for what. Here: evidence, SUBSCRIBE and
 * UNSUBSCRIBE with their answers, and the way of each packet to the part that judges it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow.h"

#include <string.h>

#include "core/memory/hash.h"
#include "core/session/modules.h"

/* A digest covers no more bytes than this. */
#define DIGEST_BYTES 4096

mqtt5_flows *mqtt5_flows_of(mqtt5_connection *connection, mqtt5_sender side)
{
    mqtt5_side *of = &connection->sides[side - 1];

    if (!of->flows)
        of->flows = mqtt5_flows_new();
    return of->flows;
}

void mqtt5_flow_clear(mqtt5_connection *connection)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(connection->sides); i++) {
        mqtt5_flows_free(connection->sides[i].flows);
        connection->sides[i].flows = NULL;
    }
}

bool mqtt5_flow_certain(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    return step->witnessed && flow->epoch == mqtt5_evidence_epoch(step->event->connection);
}

bool mqtt5_flow_settled(const mqtt5_flow_step *step, const mqtt5_closed_flow *closed)
{
    return step->witnessed && closed && closed->sound && closed->epoch == mqtt5_evidence_epoch(step->event->connection);
}

bool mqtt5_flow_unanswered(const mqtt5_connection *connection, const mqtt5_flow *flow)
{
    return flow->epoch == mqtt5_evidence_epoch(connection) && flow->number == mqtt5_evidence_number(connection);
}

bool mqtt5_flow_sound(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    return mqtt5_flow_certain(step, flow) && !flow->doubtful && flow->request_frame != 0;
}

/* --- Flows --- */

void mqtt5_flow_doubt(mqtt5_flows *flows, mqtt5_flow *flow)
{
    mqtt5_flow_allow(flows, flow ? flow->id : 0);
    if (flow) {
        flow->doubtful = true;
        mqtt5_flow_dequeue(flows, flow);
    }
}

void mqtt5_flow_uncount(mqtt5_flows *flows, mqtt5_flow *flow)
{
    if (flow->counted && flow->epoch == flows->inflight_epoch)
        flows->inflight--;
    flow->counted = false;
}

void mqtt5_flow_wait(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    flow->frame = step->event->input->frame;
    flow->time = step->event->input->time;
    flow->hung = false;
    flow->answer = &step->event->facts->answer;
    flow->number = mqtt5_evidence_number(step->event->connection);
}

void mqtt5_flow_abandon(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    bool now = mqtt5_flow_unanswered(step->event->connection, flow);
    mqtt5_answer *abandoned = now && !flow->unlinked ? flow->answer : NULL;

    if (abandoned)
        *abandoned = (mqtt5_answer){step->event->input->frame, true};
    flow->doubtful = true; /* it may go on at the other side */
    if (now)
        mqtt5_flow_owe(step->flows, step->id, abandoned);
    mqtt5_flow_end(step, flow, false);
}

void mqtt5_flow_end(const mqtt5_flow_step *step, mqtt5_flow *flow, bool failed)
{
    mqtt5_closed_flow *closed;

    mqtt5_flow_uncount(step->flows, flow);
    closed = mqtt5_flow_close(step->flows, flow, step->event->input->frame, failed);
    closed->completed &= step->event->packet->type == MQTT5_PUBCOMP;
}

const char *mqtt5_flow_request_name(unsigned awaits)
{
    return awaits == MQTT5_SUBACK ? "SUBSCRIBE" : awaits == MQTT5_UNSUBACK ? "UNSUBSCRIBE" : "PUBLISH";
}

void mqtt5_flow_report_in_use(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    static const mqtt5_clauses of_server = {"MQTT-2.2.1-4", "MQTT-2.3.1-4", MQTT5_SAME};
    bool qos_2 = flow->awaits == MQTT5_PUBREC || flow->awaits == MQTT5_PUBREL || flow->awaits == MQTT5_PUBCOMP;

    mqtt5_flow_report_by(step, MQTT5_RULE_packet_identifier_in_use, step->event->sender == MQTT5_SERVER ? &of_server : NULL,
                         "Packet Identifier %u is still in use by the %s in frame %u, which waits for %s; "
                         "it is not free before %s",
                         step->id, mqtt5_flow_request_name(flow->awaits), flow->request_frame, mqtt5_packet_type_get(flow->awaits)->name,
                         mqtt5_packet_type_get(qos_2 ? MQTT5_PUBCOMP : flow->awaits)->name);
}

/* If the request was the last that its side has sent, TCP's last acknowledgment is about it. Mostly the
 * answer brings the acknowledgment, so that there is nothing to tell. */
static void note_acknowledged(const mqtt5_event *event, int64_t request_time)
{
    const mqtt5_transport *transport = event->input->transport;
    const mqtt5_sending *sent = transport ? &transport->sendings[!event->input->direction] : NULL;
    int64_t *made;

    if (!sent || !sent->known || !sent->acked_known || sent->sent_time != request_time || sent->sent != sent->acked || sent->resent > 0 ||
        sent->acked_time < request_time || event->packet->type < MQTT5_PUBACK || event->packet->type > MQTT5_PUBCOMP)
        return;
    made = mqtt5_arena_alloc(&event->connection->arena, sizeof *made);
    *made = sent->acked_time;
    event->facts->detail.acknowledged_time = made;
}

void mqtt5_flow_answered(const mqtt5_flow_step *step, mqtt5_flow *flow)
{
    if (flow->epoch == mqtt5_evidence_epoch(step->event->connection) && !flow->unlinked) {
        step->event->facts->request_frame = flow->frame;
        step->event->facts->request_time = flow->time;
        note_acknowledged(step->event, flow->time);
        if (flow->answer)
            *flow->answer = (mqtt5_answer){step->event->input->frame, false};
    }
    mqtt5_flow_take_turn(step, flow);
}

/* SUBACK and UNSUBACK have the identifier of their request. */
static const mqtt5_clauses other_identifier = {"MQTT-2.2.1-6", "MQTT-2.3.1-7", MQTT5_SAME};

void mqtt5_flow_unknown_answer(const mqtt5_flow_step *step)
{
    static const mqtt5_clauses second_suback = {"MQTT-3.8.4-5", "MQTT-3.8.4-4", MQTT5_SAME};
    static const mqtt5_clauses second_unsuback = {"MQTT-3.10.4-6", MQTT5_SAME, MQTT5_SAME};
    const mqtt5_event *event = step->event;
    mqtt5_packet_type type = event->packet->type;
    bool subscription = type == MQTT5_SUBACK || type == MQTT5_UNSUBACK;
    /* MQTT-2.3.1-6 of 3.1.1 does not name PUBCOMP. */
    bool unclassified = type == MQTT5_PUBCOMP && !step->v5;
    mqtt5_rule_id rule;
    const mqtt5_closed_flow *closed = mqtt5_flow_find_closed(step->flows, step->id);
    bool second = closed && closed->awaited == type;
    const char *request = subscription ? mqtt5_flow_request_name(type) : type == MQTT5_PUBCOMP ? "PUBREL" : "PUBLISH";

    mqtt5_flow_repay(step->flows, step->id);
    if (second && !step->v5)
        mqtt5_flow_cross(step->flows, step->id);
    /* A receiver sends PUBCOMP after every PUBREC that it owes for the message; this one may be for a PUBLISH whose
     * identifier was not captured. */
    if (type == MQTT5_PUBREC && closed && closed->completed && step->witnessed && step->flows->spare == 0 &&
        closed->epoch == mqtt5_evidence_epoch(event->connection)) {
        mqtt5_flow_report(step, MQTT5_RULE_acknowledgment_unexpected,
                          "no PUBLISH with Packet Identifier %u is open: the PUBREL in frame %u was answered with PUBCOMP in frame %u, "
                          "which ends the message",
                          step->id, closed->waiting_frame, closed->frame);
        return;
    }
    if (mqtt5_flow_take_spare(step->flows, step->id))
        return;
    /* Before CONNACK any answer is wrong anyway. */
    if (!step->witnessed || event->connection->phase != MQTT5_PHASE_CONNECTED)
        return;
    /* What was captured out of order may have answered another request with the identifier. */
    if (second && closed->epoch != mqtt5_evidence_epoch(event->connection))
        return;
    /* Messages outlive a connection, subscription requests do not. */
    if (!(second && step->v5 && mqtt5_flow_settled(step, closed)) &&
        (!mqtt5_evidence_complete(event->connection, step->requester) || (!subscription && !mqtt5_evidence_fresh_for_sender(event))))
        return;
    rule = unclassified ? MQTT5_RULE_acknowledgment_unexpected_unclassified : MQTT5_RULE_acknowledgment_unexpected;
    if (second) {
        mqtt5_flow_report_by(step, rule,
                             type == MQTT5_SUBACK     ? &second_suback
                             : type == MQTT5_UNSUBACK ? &second_unsuback
                                                      : NULL,
                             "no %s with Packet Identifier %u is open: the one in frame %u was answered in frame %u; "
                             "each has one answer only",
                             request, step->id, closed->request_frame, closed->frame);
    } else {
        mqtt5_flow_report_by(step, rule, subscription ? &other_identifier : NULL,
                             "no %s with Packet Identifier %u is open on this connection; "
                             "an answer has the identifier of its request",
                             request, step->id);
    }
}

/* --- SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10) --- */

/* A hash of what a request says, without the fixed header with its DUP. It only tells whether a request
 * is sent again, so that nothing is gained by bytes that collide: the key is fixed. */
static uint32_t digest(const mqtt5_packet *packet)
{
    static const mqtt5_hash_key key = {0, 0};
    uint32_t end = MIN(packet->captured, packet->header_length + DIGEST_BYTES);

    return end > packet->header_length ? (uint32_t)mqtt5_hash(&key, packet->data + packet->header_length, end - packet->header_length) : 0;
}

static void count_filters(mqtt5_connection *connection, const mqtt5_packet *packet, mqtt5_flow *flow)
{
    uint32_t offset = packet->payload.offset, kept_end = offset;
    mqtt5_topic_filter filter;
    mqtt5_filters *kept;
    uint8_t *requested;

    if (packet->status != MQTT5_DECODED || !(packet->has & MQTT5_HAS_PAYLOAD))
        return;
    for (; mqtt5_topic_filter_next(packet, &offset, &filter); flow->filters++)
        if (flow->filters < MQTT5_FILTERS_KEPT)
            kept_end = offset;
    flow->requested = requested = mqtt5_arena_alloc(&connection->arena, flow->filters / 4 + 1);
    memset(requested, 0, flow->filters / 4 + 1);
    offset = packet->payload.offset;
    for (uint32_t i = 0; mqtt5_topic_filter_next(packet, &offset, &filter); i++)
        requested[i / 4] |= (uint8_t)((filter.options & MQTT5_OPTION_QOS) << (2 * (i % 4)));
    kept = mqtt5_arena_alloc(&connection->arena, sizeof *kept + kept_end - packet->payload.offset);
    kept->count = flow->filters;
    kept->length = kept_end - packet->payload.offset;
    memcpy(kept->bytes, packet->data + packet->payload.offset, kept->length);
    flow->kept_filters = kept;
}

/* Opens a flow for this packet; one that has the identifier must have been ended. */
static void see_request(mqtt5_flow_step *step)
{
    const mqtt5_event *event = step->event;
    mqtt5_packet_type answer = event->packet->type == MQTT5_SUBSCRIBE ? MQTT5_SUBACK : MQTT5_UNSUBACK;
    uint32_t content = step->v5 ? 0 : digest(event->packet);
    mqtt5_flow *flow;
    bool reused = false;

    step->flows = mqtt5_flows_of(event->connection, event->sender);
    flow = mqtt5_flow_find(step->flows, step->id);
    if (flow && !step->v5 && flow->awaits == answer && flow->digest == content) {
        /* It is sent again: MQTT 3.1 asks that of a client that gets no answer, and in 3.1.1 it
         * keeps the identifier [MQTT-2.3.1-3]. */
        mqtt5_flow_doubt(step->flows, flow);
        mqtt5_flow_owe(step->flows, step->id, NULL);
        return;
    }
    if (flow) {
        reused = flow->doubtful || flow->epoch == mqtt5_evidence_epoch(event->connection);
        if (mqtt5_flow_certain(step, flow) && flow->request_frame != 0 && !flow->crossing)
            mqtt5_flow_report_in_use(step, flow);
        mqtt5_flow_abandon(step, flow);
    }
    flow = mqtt5_flow_open(step->flows, step->id, answer);
    flow->request_frame = event->input->frame;
    mqtt5_flow_wait(step, flow);
    flow->shared = flow->unlinked = mqtt5_flow_is_owed(step->flows, step->id);
    flow->epoch = mqtt5_evidence_epoch(event->connection);
    flow->digest = content;
    count_filters(event->connection, event->packet, flow);
    if (reused)
        mqtt5_flow_doubt(step->flows, flow);
    else
        mqtt5_flow_enqueue(step->flows, flow);
}

static void check_granted(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    const mqtt5_packet *packet = step->event->packet;
    const uint8_t *codes = mqtt5_bytes(packet, packet->payload);

    for (uint32_t i = 0; i < flow->filters; i++) {
        unsigned requested = flow->requested[i / 4] >> (2 * (i % 4)) & 3;

        if (codes[i] <= requested || codes[i] > 2)
            continue;
        mqtt5_report(step->event->findings, MQTT5_RULE_suback_granted_above_requested, (mqtt5_range){packet->payload.offset + i, 1},
                     "QoS %u for Topic Filter %u of the SUBSCRIBE in frame %u, which asked for QoS %u; "
                     "are the codes in the order of the filters?",
                     codes[i], i + 1, flow->request_frame, requested);
        return;
    }
}

/* Which filter each code is about, unless there is not one code for each. */
static void tell_filters(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    const mqtt5_packet *packet = step->event->packet;

    if (step->event->facts->request_frame != 0 && flow->kept_filters &&
        ((packet->type == MQTT5_UNSUBACK && !step->v5) ||
         ((packet->has & MQTT5_HAS_PAYLOAD) && packet->payload.length == flow->kept_filters->count)))
        step->event->facts->detail.filters = flow->kept_filters;
}

/* One reason code for each Topic Filter [MQTT-3.8.4-6, MQTT-3.11.3-2]. */
static void check_codes(const mqtt5_flow_step *step, const mqtt5_flow *flow)
{
    const mqtt5_packet *packet = step->event->packet;
    bool suback = packet->type == MQTT5_SUBACK;

    /* An empty list has a rule of its own, and UNSUBACK has none before MQTT 5. */
    if (packet->status != MQTT5_DECODED || !(packet->has & MQTT5_HAS_PAYLOAD) || packet->payload.length == 0 || flow->filters == 0)
        return;
    if (packet->payload.length != flow->filters)
        mqtt5_report(step->event->findings, suback ? MQTT5_RULE_suback_count : MQTT5_RULE_unsuback_count, packet->payload,
                     "%u %s code%s, but the %s in frame %u has %u Topic Filter%s; there must be one code for each", packet->payload.length,
                     step->v5 ? "reason" : "return", packet->payload.length == 1 ? "" : "s", suback ? "SUBSCRIBE" : "UNSUBSCRIBE",
                     flow->request_frame, flow->filters, flow->filters == 1 ? "" : "s");
    else if (suback)
        check_granted(step, flow);
}

static void see_answer(const mqtt5_flow_step *step)
{
    mqtt5_packet_type type = step->event->packet->type;
    mqtt5_flow *flow = mqtt5_flow_find(step->flows, step->id);

    if (!flow) {
        mqtt5_flow_unknown_answer(step);
        return;
    }
    if (flow->awaits == type) {
        bool sound = mqtt5_flow_sound(step, flow);

        mqtt5_flow_answered(step, flow);
        tell_filters(step, flow);
        if (sound)
            check_codes(step, flow);
        mqtt5_flow_end(step, flow, false);
        return;
    }
    if (mqtt5_flow_sound(step, flow))
        mqtt5_flow_report_by(step, MQTT5_RULE_acknowledgment_wrong_type, &other_identifier,
                             "Packet Identifier %u belongs to the %s in frame %u, which %s answers", step->id,
                             mqtt5_flow_request_name(flow->awaits), flow->request_frame, mqtt5_packet_type_get(flow->awaits)->name);
    mqtt5_flow_doubt(step->flows, flow);
    /* A PUBLISH is still open: its own answer may come. */
    if (flow->awaits == MQTT5_SUBACK || flow->awaits == MQTT5_UNSUBACK)
        mqtt5_flow_end(step, flow, false);
}

/* --- Every packet --- */

/* A packet whose Packet Identifier is not in the capture, or not in the packet, has changed some
 * flow; which one is not known. */
static MQTT5_SELDOM void see_unreadable(const mqtt5_event *event)
{
    switch (event->packet->type) {
    case MQTT5_PUBLISH:
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE: mqtt5_flow_doubt(mqtt5_flows_of(event->connection, event->sender), NULL); break;
    default: mqtt5_evidence_doubt(event->connection); break;
    }
}

static void see_packet(mqtt5_event *event)
{
    static const uint32_t with_id = MQTT5_IN(MQTT5_PUBLISH) | MQTT5_IN(MQTT5_PUBACK) | MQTT5_IN(MQTT5_PUBREC) | MQTT5_IN(MQTT5_PUBREL) |
                                    MQTT5_IN(MQTT5_PUBCOMP) | MQTT5_IN(MQTT5_SUBSCRIBE) | MQTT5_IN(MQTT5_SUBACK) |
                                    MQTT5_IN(MQTT5_UNSUBSCRIBE) | MQTT5_IN(MQTT5_UNSUBACK);
    const mqtt5_packet *packet = event->packet;
    mqtt5_packet_type type = packet->type;
    const mqtt5_packet_type_info *info = mqtt5_packet_type_get(type);
    bool own = type == MQTT5_PUBLISH || type == MQTT5_PUBREL || type == MQTT5_SUBSCRIBE || type == MQTT5_UNSUBSCRIBE;
    mqtt5_flow_step step = {.event = event, .v5 = event->connection->version >= MQTT5_VERSION_5};

    if (!(with_id >> type & 1) || !(event->sender == MQTT5_CLIENT ? info->from_client : info->from_server))
        return;
    if (type == MQTT5_PUBLISH && mqtt5_publish_qos(packet) != 1 && mqtt5_publish_qos(packet) != 2)
        return;
    if (!(packet->has & MQTT5_HAS_PACKET_ID)) {
        see_unreadable(event);
        return;
    }
    if (packet->packet_id == 0)
        return;
    step.id = packet->packet_id;
    step.requester = own ? event->sender : mqtt5_peer_of(event->sender);
    step.flows = event->connection->sides[step.requester - 1].flows;
    /* After its own DISCONNECT everything that the sender says is wrong anyway. */
    step.witnessed =
        mqtt5_evidence_heard(event->connection, mqtt5_peer_of(event->sender)) && mqtt5_own_side(event)->disconnect_frame == 0 &&
        mqtt5_evidence_captured_up_to(event->connection, event->input->direction, event->input->acks_known, event->input->acks);
    switch (type) {
    case MQTT5_PUBLISH: mqtt5_flow_publish(&step); break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE: see_request(&step); break;
    case MQTT5_SUBACK:
    case MQTT5_UNSUBACK: see_answer(&step); break;
    default: mqtt5_flow_handshake(&step); break;
    }
}

typedef struct {
    const mqtt5_connection *connection;
    unsigned count;
    const mqtt5_flow *oldest;
} open_flows;

/* What comes twice, or again, is out of the queues, and as open as before. */
static void count_open(mqtt5_flow *flow, gpointer data)
{
    open_flows *open = data;

    if (flow->epoch != mqtt5_evidence_epoch(open->connection) || flow->request_frame == 0)
        return;
    open->count++;
    if (!open->oldest || flow->request_frame < open->oldest->request_frame)
        open->oldest = flow;
}

unsigned mqtt5_flow_requests_open(const mqtt5_connection *connection, mqtt5_sender side, const mqtt5_flow **oldest)
{
    const mqtt5_flows *flows = connection->sides[side - 1].flows;
    open_flows open = {.connection = connection};

    if (flows)
        mqtt5_flows_foreach(flows, count_open, &open);
    *oldest = open.oldest;
    return open.count;
}

void mqtt5_flow_see(mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    const mqtt5_input *input = event->input;

    if (event->packet->type == MQTT5_DISCONNECT && event->sender == MQTT5_CLIENT) {
        if (mqtt5_evidence_captured_up_to(connection, input->direction, input->acks_known, input->acks))
            mqtt5_flow_check_unanswered(connection, input->pauses, input->time, event->findings);
    } else {
        see_packet(event);
    }
}

void mqtt5_flow_closed(mqtt5_closing *closing)
{
    mqtt5_connection *connection = closing->connection;
    const mqtt5_close *close = closing->close;

    /* A DISCONNECT was judged already; a connection that breaks proves nothing. */
    if (closing->sender != MQTT5_CLIENT || close->reset || close->gap || close->peer_gap ||
        connection->sides[MQTT5_CLIENT - 1].disconnect_frame != 0)
        return;
    if (connection->sides[MQTT5_SERVER - 1].closed_frame == 0 &&
        mqtt5_evidence_captured_up_to(connection, close->direction, close->acks_known, close->acks))
        mqtt5_flow_check_unanswered(connection, close->pauses, close->time, closing->findings);
}
