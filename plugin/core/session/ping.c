/* ping.c
 * PINGREQ and PINGRESP, by the clock of the capture and by what the server has answered meanwhile.
 *
 * After bytes are missing or out of order, nothing is known of the PINGREQ before. It is again when
 * one PINGREQ and its PINGRESP were seen, if the server had answered all before that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/ping.h"

#include "core/session/evidence.h"
#include "core/session/keep_alive.h"
#include "core/session/modules.h"

#define ANSWER_PATIENCE (5 * MQTT5_SECOND)
#define PINGS 4
/* So many PINGREQ in a row, each of them so many times earlier than Keep Alive asks for, are of no
 * use. */
#define FREQUENT 10
#define TOO_EARLY 10

typedef struct {
    uint32_t frame, position;
    int64_t time;
    int64_t arrived; /* the server's TCP had it by then, as far as the capture shows; 0: not yet */
    bool reported;   /* pingreq_repeated or pingresp_missing */
} ping;

/* Made for the first PINGREQ: many connections never have one. */
struct mqtt5_pings {
    unsigned count;   /* of `open` */
    ping open[PINGS]; /* PINGREQ without PINGRESP, the oldest first */
    /* The first request after the oldest PINGREQ; its answer would show that the server skipped the
     * PINGREQ. */
    uint8_t later_answer; /* packet type of that answer; 0: no such request yet */
    uint16_t later_id;
    uint32_t later_frame; /* of the answer; 0: none yet */
    /* a packet of the server that acknowledges the oldest PINGREQ; 0: none yet */
    uint32_t acked_frame;
    int64_t acked_time;
    int64_t last_time; /* of the last PINGREQ; 0: none */
    unsigned frequent; /* PINGREQ in a row that came TOO_EARLY */
};

void mqtt5_ping_clear(mqtt5_connection *connection)
{
    g_clear_pointer(&connection->pings.sent, g_free);
}

static void forget_later(struct mqtt5_pings *state)
{
    state->later_answer = 0;
    state->later_frame = state->acked_frame = 0;
}

/* The missing bytes may have been a PINGREQ or a PINGRESP. */
static void forget_pings(mqtt5_ping_evidence *evidence)
{
    evidence->known = evidence->returning = false;
    if (!evidence->sent)
        return;
    evidence->sent->count = 0;
    forget_later(evidence->sent);
}

static void drop_oldest_ping(struct mqtt5_pings *state)
{
    state->count--;
    for (unsigned i = 0; i < state->count; i++)
        state->open[i] = state->open[i + 1];
    forget_later(state);
}

/* What is known when a packet comes. A client may send PINGREQ before CONNACK. */
static mqtt5_ping_evidence *evidence_of(const mqtt5_event *event)
{
    mqtt5_ping_evidence *evidence = &event->connection->pings;

    if (!evidence->begun) {
        evidence->begun = true;
        evidence->epoch = mqtt5_evidence_epoch(event->connection);
        evidence->known = mqtt5_evidence_both_complete(event->connection);
    } else if (evidence->epoch != mqtt5_evidence_epoch(event->connection)) {
        forget_pings(evidence);
        evidence->epoch = mqtt5_evidence_epoch(event->connection);
    }
    return evidence;
}

static unsigned count_of(const mqtt5_ping_evidence *evidence)
{
    return evidence->sent ? evidence->sent->count : 0;
}

/* True if so much time has passed since then, at or after `frame`. */
static bool has_passed(const mqtt5_event *event, uint32_t frame, int64_t since, int64_t patience)
{
    return mqtt5_keep_alive_passed(event->connection, event->input->pauses, frame, since, event->input->time) > patience;
}

/* Notes when the server's TCP has acknowledged the oldest PINGREQ: the server has no reason to
 * answer before. */
static void learn_arrival(const mqtt5_event *event, ping *oldest)
{
    const mqtt5_sending *client =
        event->input->transport ? &event->input->transport->sendings[event->connection->roles.client_direction] : NULL;

    if (!client)
        oldest->arrived = oldest->time;
    else if (client->acked_known && (int32_t)(client->acked - oldest->position) >= 0)
        oldest->arrived = MAX(client->acked_time, oldest->time);
}

static void check_repeated(const mqtt5_event *event, ping *oldest)
{
    if (oldest->reported || oldest->arrived == 0 || !has_passed(event, oldest->frame, oldest->arrived, MQTT5_PING_PATIENCE))
        return;
    oldest->reported = true;
    mqtt5_report(event->findings, MQTT5_RULE_pingreq_repeated, MQTT5_FIRST_BYTE,
                 "another PINGREQ, although the one in frame %u has had no PINGRESP for %.1f s; "
                 "the client should close the connection",
                 oldest->frame, mqtt5_seconds(event->input->time - oldest->time));
}

/* Counts PINGREQ of which Keep Alive needs only one in so many. */
static void check_frequent(const mqtt5_event *event, struct mqtt5_pings *state)
{
    int64_t apart = event->input->time - state->last_time;
    uint32_t keep_alive, frame;
    bool by_server;

    if (state->last_time == 0 || !mqtt5_keep_alive_agreed(event->connection, &keep_alive, &frame, &by_server) || keep_alive == 0 ||
        apart < 0 || apart > keep_alive * MQTT5_SECOND / TOO_EARLY)
        state->frequent = 0;
    else if (++state->frequent == FREQUENT)
        mqtt5_report(event->findings, MQTT5_RULE_pingreq_frequent, MQTT5_FIRST_BYTE,
                     "%u PINGREQ in a row, the last two %.1f s apart; %s %u s (%s in frame %u) needs one in that time, and none "
                     "while the client sends other packets",
                     FREQUENT + 1, mqtt5_seconds(apart), by_server ? "Server Keep Alive" : "Keep Alive", keep_alive,
                     by_server ? "CONNACK" : "CONNECT", frame);
    state->last_time = event->input->time;
}

static void see_pingreq(const mqtt5_event *event, mqtt5_ping_evidence *evidence)
{
    const mqtt5_input *input = event->input;
    struct mqtt5_pings *state;
    bool repeated;

    /* Right after bytes that are missing, it may be two bytes of a payload. */
    if (input->found)
        return;
    if (!evidence->sent)
        evidence->sent = g_new0(struct mqtt5_pings, 1);
    state = evidence->sent;
    check_frequent(event, state);
    if (state->count > 0)
        check_repeated(event, &state->open[0]);
    else if (!evidence->known && evidence->acks_known && input->acks_known)
        evidence->returning = (int32_t)(evidence->acks - (input->position - event->packet->length)) >= 0;
    if (state->count == PINGS) {
        drop_oldest_ping(state);
        evidence->known = evidence->returning = false;
    }
    /* One finding is enough for all PINGREQ that wait for the same answer. */
    repeated = state->count > 0 && state->open[0].reported;
    state->open[state->count++] = (ping){input->frame, input->position, input->time, 0, repeated};
}

static void see_pingresp(const mqtt5_event *event, mqtt5_ping_evidence *evidence)
{
    if (count_of(evidence) == 0 && evidence->known)
        mqtt5_report(event->findings, MQTT5_RULE_pingresp_unexpected, MQTT5_FIRST_BYTE,
                     "PINGRESP although no PINGREQ is open; each PINGRESP answers one PINGREQ");
    if (count_of(evidence) == 0)
        return;
    drop_oldest_ping(evidence->sent);
    evidence->known |= evidence->returning;
    evidence->returning = false;
}

/* Notes the first request after a PINGREQ that gets an answer of its own. */
static void see_request(const mqtt5_event *event, struct mqtt5_pings *state)
{
    const mqtt5_packet *packet = event->packet;

    if (state->later_answer != 0 || packet->status != MQTT5_DECODED)
        return;
    if (packet->type == MQTT5_SUBSCRIBE)
        state->later_answer = MQTT5_SUBACK;
    else if (packet->type == MQTT5_UNSUBSCRIBE)
        state->later_answer = MQTT5_UNSUBACK;
    else if (packet->type == MQTT5_PUBLISH && mqtt5_publish_qos(packet) > 0 && !mqtt5_publish_dup(packet))
        state->later_answer = mqtt5_publish_qos(packet) == 1 ? MQTT5_PUBACK : MQTT5_PUBREC;
    state->later_id = packet->packet_id;
}

/* A packet of the server while a PINGREQ is open. Packets that the server had queued before prove
 * nothing; the answer to a later request does, and so does a pause in which the server sent
 * nothing. */
static MQTT5_SELDOM void check_pingresp(const mqtt5_event *event, struct mqtt5_pings *state)
{
    const mqtt5_packet *packet = event->packet;
    int64_t now = event->input->time;
    ping *oldest;

    if (packet->type == MQTT5_DISCONNECT)
        return;
    oldest = &state->open[0];
    if (!mqtt5_evidence_arrived(event, oldest->position))
        return;
    if (state->later_answer == packet->type && state->later_frame == 0 && (packet->has & MQTT5_HAS_PACKET_ID) &&
        packet->packet_id == state->later_id)
        state->later_frame = event->input->frame;
    if (state->later_frame != 0 && has_passed(event, oldest->frame, oldest->time, ANSWER_PATIENCE)) {
        mqtt5_report(event->findings, MQTT5_RULE_pingresp_missing, MQTT5_FIRST_BYTE,
                     "the PINGREQ in frame %u has had no PINGRESP for %.1f s, "
                     "although the server answered a later request in frame %u",
                     oldest->frame, mqtt5_seconds(now - oldest->time), state->later_frame);
        drop_oldest_ping(state);
    } else if (state->acked_frame != 0 && mqtt5_own_side(event)->last_frame == state->acked_frame &&
               has_passed(event, state->acked_frame, state->acked_time, MQTT5_PING_PATIENCE)) {
        mqtt5_report(event->findings, MQTT5_RULE_pingresp_missing, MQTT5_FIRST_BYTE,
                     "the PINGREQ in frame %u has had no PINGRESP for %.1f s; "
                     "since frame %u, where the server had it, nothing else was sent",
                     oldest->frame, mqtt5_seconds(now - oldest->time), state->acked_frame);
        drop_oldest_ping(state);
    } else {
        state->acked_frame = event->input->frame;
        state->acked_time = now;
    }
}

static void see_client(const mqtt5_event *event, mqtt5_ping_evidence *evidence)
{
    if (event->packet->type == MQTT5_PINGREQ)
        see_pingreq(event, evidence);
    else if (count_of(evidence) > 0)
        see_request(event, evidence->sent);
}

static void see_server(const mqtt5_event *event, mqtt5_ping_evidence *evidence)
{
    if (event->packet->type == MQTT5_PINGRESP)
        see_pingresp(event, evidence);
    else if (count_of(evidence) > 0)
        check_pingresp(event, evidence->sent);
    evidence->acks_known = event->input->acks_known;
    evidence->acks = event->input->acks;
}

void mqtt5_ping_see(mqtt5_event *event)
{
    mqtt5_ping_evidence *evidence = evidence_of(event);

    if (count_of(evidence) > 0 && evidence->sent->open[0].arrived == 0)
        learn_arrival(event, &evidence->sent->open[0]);
    if (event->sender == MQTT5_CLIENT)
        see_client(event, evidence);
    else
        see_server(event, evidence);
}

bool mqtt5_ping_open(const mqtt5_connection *connection, uint32_t *frame, int64_t *time)
{
    const mqtt5_ping_evidence *evidence = &connection->pings;

    if (count_of(evidence) == 0 || !evidence->known)
        return false;
    *frame = evidence->sent->open[0].frame;
    *time = evidence->sent->open[0].time;
    return true;
}
