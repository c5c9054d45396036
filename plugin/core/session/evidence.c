/* evidence.c
 * What the capture holds of a connection, and what it does not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/evidence.h"

/* What may be missing from the capture. Bytes of a side are 1 << side - 1. */
enum { MISSING_CLIENT = MQTT5_CLIENT, MISSING_SERVER = MQTT5_SERVER, MISSING_START = 4, MISSING_REST = 8, MISSING_ALL = UINT8_MAX };

/* TCP's numbers run over here. */
#define NUMBERS (UINT64_C(1) << 32)

static unsigned bit_of(uint8_t direction)
{
    return 1U << direction;
}

static uint8_t direction_of(const mqtt5_connection *connection, mqtt5_sender side)
{
    return side == MQTT5_CLIENT ? connection->roles.client_direction : !connection->roles.client_direction;
}

/* --- Learning --- */

/* Bytes of `direction` up to `acks` were acknowledged that were not judged. True if that is
 * news. */
static bool run_ahead(mqtt5_evidence *evidence, uint8_t direction, bool acks_known, uint32_t acks)
{
    unsigned bit = bit_of(direction);
    bool news = !acks_known || !(evidence->ahead & bit) || (int32_t)(acks - evidence->acked[direction]) > 0;

    if (news) {
        evidence->acked[direction] = acks;
        evidence->answered &= (uint8_t)~bit;
    }
    evidence->ahead |= (uint8_t)bit;
    return news;
}

/* A packet of the other direction came after bytes of this one that were not judged: they may have
 * opened, answered or closed anything. */
static void learn_ahead(mqtt5_evidence *evidence, const mqtt5_input *input)
{
    uint8_t peer = !input->direction;

    run_ahead(evidence, peer, input->acks_known, input->acks);
    if (evidence->answered & bit_of(peer))
        return;
    evidence->answered |= (uint8_t)bit_of(peer);
    evidence->epoch++;
}

/* True if the packet was acknowledged before it was captured. */
static bool is_late(const mqtt5_evidence *evidence, const mqtt5_input *input)
{
    return (evidence->ahead & bit_of(input->direction)) &&
           (!input->acks_known || (int32_t)(evidence->acked[input->direction] - input->position) >= 0);
}

/* The first packet, or one around which something is missing or out of order. */
static MQTT5_SELDOM void learn(mqtt5_connection *connection, const mqtt5_input *input)
{
    mqtt5_evidence *evidence = &connection->evidence;

    if (!evidence->started)
        connection->phase = MQTT5_PHASE_START;
    evidence->started = true;
    if (input->gap && connection->phase == MQTT5_PHASE_START)
        connection->phase = MQTT5_PHASE_UNKNOWN;
    if (input->gap)
        evidence->lost |= (uint8_t)bit_of(input->direction);
    if (input->gap || is_late(evidence, input))
        evidence->epoch++;
    if (input->peer_gap)
        learn_ahead(evidence, input);
}

void mqtt5_evidence_learn(mqtt5_connection *connection, const mqtt5_input *input)
{
    if (!connection->evidence.started || input->gap || input->peer_gap || connection->evidence.ahead)
        learn(connection, input);
}

/* The answer to a packet that is late may have been captured before it, too: what it has opened is
 * not certain to be open. */
static MQTT5_SELDOM void catch_up(mqtt5_evidence *evidence, const mqtt5_input *input)
{
    unsigned bit = bit_of(input->direction);

    if (is_late(evidence, input)) {
        evidence->epoch++;
        evidence->lost |= (uint8_t)bit;
    }
    if (!input->acks_known || (int32_t)(input->position - evidence->acked[input->direction]) >= 0) {
        evidence->ahead &= (uint8_t)~bit;
        evidence->answered &= (uint8_t)~bit;
    }
}

void mqtt5_evidence_judged(mqtt5_connection *connection, const mqtt5_input *input)
{
    mqtt5_evidence *evidence = &connection->evidence;

    evidence->position[input->direction] = mqtt5_evidence_far(connection, input->direction, input->position);
    evidence->position_known[input->direction] = input->acks_known;
    if (evidence->ahead & bit_of(input->direction))
        catch_up(evidence, input);
}

void mqtt5_evidence_doubt(mqtt5_connection *connection)
{
    connection->evidence.epoch++;
}

void mqtt5_evidence_lose_start(mqtt5_connection *connection)
{
    if (connection->phase != MQTT5_PHASE_START)
        return;
    connection->phase = MQTT5_PHASE_UNKNOWN;
    /* That the packet is cut is said. */
    connection->evidence.said |= MISSING_START;
}

bool mqtt5_evidence_lose(mqtt5_connection *connection, uint8_t direction, uint32_t acks)
{
    bool news = run_ahead(&connection->evidence, direction, true, acks);

    connection->evidence.losses += news;
    return news;
}

void mqtt5_evidence_close(mqtt5_connection *connection, const mqtt5_close *close)
{
    if (close->gap)
        connection->evidence.lost |= (uint8_t)bit_of(close->direction);
    if (close->peer_gap)
        run_ahead(&connection->evidence, !close->direction, close->acks_known, close->acks);
}

/* --- Saying --- */

/* Says what is missing, on the first packet for which it is. */
static MQTT5_SELDOM void say(mqtt5_connection *connection, unsigned missing, mqtt5_findings *findings)
{
    static const char *const whose[] = {"", "the client", "the server", "both sides"};
    mqtt5_evidence *evidence = &connection->evidence;
    unsigned news = missing & ~evidence->said, sides = news & (MISSING_CLIENT | MISSING_SERVER);

    evidence->said |= (uint8_t)missing;
    if (news & MISSING_START) {
        /* That includes what both sides said before. */
        evidence->said |= MISSING_CLIENT | MISSING_SERVER;
        mqtt5_report(findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "the capture begins within this connection: "
                     "rules that need what was said before are silent (version, limits, identifiers, subscriptions)");
    } else if (sides) {
        mqtt5_report(findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "bytes from %s are missing from the capture, or out of order: "
                     "rules that need them are silent (limits, identifiers, subscriptions)",
                     whose[sides]);
    }
    if (news & MISSING_REST)
        mqtt5_report(findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "the capture has only the first bytes of this packet: "
                     "rules that need the rest are silent, here and in what follows");
}

static unsigned missing_sides(const mqtt5_connection *connection)
{
    unsigned directions = connection->evidence.lost | connection->evidence.ahead;

    if (directions == 0 || connection->roles.source == MQTT5_ROLES_UNKNOWN)
        return 0;
    return (mqtt5_evidence_lost(connection, MQTT5_CLIENT) ? MISSING_CLIENT : 0) |
           (mqtt5_evidence_lost(connection, MQTT5_SERVER) ? MISSING_SERVER : 0);
}

void mqtt5_evidence_mute(mqtt5_connection *connection)
{
    connection->evidence.said = MISSING_ALL;
}

void mqtt5_evidence_check(mqtt5_connection *connection, const mqtt5_packet *packet, mqtt5_findings *findings)
{
    unsigned missing = missing_sides(connection) | (connection->phase == MQTT5_PHASE_UNKNOWN ? MISSING_START : 0) |
                       (packet->status == MQTT5_CUT ? MISSING_REST : 0);

    if (missing & ~connection->evidence.said)
        say(connection, missing, findings);
}

void mqtt5_evidence_forgotten(const mqtt5_event *event, mqtt5_forgotten what)
{
    mqtt5_evidence *evidence = &event->connection->evidence;

    if (evidence->said & what)
        return;
    evidence->said |= (uint8_t)what;
    switch (what) {
    case MQTT5_FORGOTTEN_REQUESTS:
        mqtt5_report(event->findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "so many requests were answered on this connection that the oldest are no longer kept: "
                     "rules that need them are silent (identifiers that are used again)");
        break;
    case MQTT5_FORGOTTEN_SUBSCRIPTIONS:
        mqtt5_report(event->findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "the client names more Topic Filters than are kept: "
                     "rules that need them are silent (what is delivered, and Subscription Identifiers)");
        break;
    case MQTT5_FORGOTTEN_SHARED:
        mqtt5_report(event->findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "the client has more subscriptions than are kept for other connections: "
                     "rules that compare what it gets with what was published are silent (RETAIN, QoS, order, No Local, Wills)");
        break;
    case MQTT5_FORGOTTEN_MESSAGES:
        mqtt5_report(event->findings, MQTT5_RULE_evidence_missing, MQTT5_NO_BYTES,
                     "the capture has more messages than are kept: the oldest are forgotten from here on, "
                     "and rules that compare a message with its copies are silent on those");
        break;
    }
}

/* --- Answering --- */

bool mqtt5_evidence_complete(const mqtt5_connection *connection, mqtt5_sender side)
{
    return connection->phase != MQTT5_PHASE_UNKNOWN && !mqtt5_evidence_lost(connection, side);
}

bool mqtt5_evidence_both_complete(const mqtt5_connection *connection)
{
    return connection->phase != MQTT5_PHASE_UNKNOWN && (connection->evidence.lost | connection->evidence.ahead) == 0;
}

bool mqtt5_evidence_lost(const mqtt5_connection *connection, mqtt5_sender side)
{
    return ((connection->evidence.lost | connection->evidence.ahead) & bit_of(direction_of(connection, side))) != 0;
}

bool mqtt5_evidence_heard(const mqtt5_connection *connection, mqtt5_sender side)
{
    return connection->sides[side - 1].packets > 0;
}

bool mqtt5_evidence_handshake(const mqtt5_connection *connection)
{
    return connection->phase == MQTT5_PHASE_CONNECTED && connection->connect.known && connection->connack.known;
}

uint64_t mqtt5_evidence_far(const mqtt5_connection *connection, uint8_t direction, uint32_t number)
{
    const mqtt5_evidence *evidence = &connection->evidence;
    uint64_t near = evidence->position[direction];

    /* Room for numbers before the first one that was seen. */
    if (!evidence->position_known[direction])
        return NUMBERS + number;
    return near + (uint64_t)(int64_t)(int32_t)(number - (uint32_t)near);
}

bool mqtt5_evidence_arrived(const mqtt5_event *event, uint32_t position)
{
    return event->input->acks_known && (int32_t)(event->input->acks - position) >= 0;
}

bool mqtt5_evidence_bound_by_connack(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    return connection->connack.known && event->input->acks_known &&
           mqtt5_evidence_far(connection, direction_of(connection, MQTT5_SERVER), event->input->acks) >= connection->connack.position;
}

bool mqtt5_evidence_captured_up_to(const mqtt5_connection *connection, uint8_t direction, bool acks_known, uint32_t acks)
{
    const mqtt5_evidence *evidence = &connection->evidence;

    return !acks_known || !evidence->position_known[!direction] ||
           mqtt5_evidence_far(connection, !direction, acks) <= evidence->position[!direction];
}

bool mqtt5_evidence_read_more(const mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;
    const mqtt5_close *close = closing->close;
    const mqtt5_sending *other = close->transport ? &close->transport->sendings[!close->direction] : NULL;

    /* The FIN of the other side takes a number, too. */
    if (connection->sides[mqtt5_peer_of(closing->sender) - 1].closed_frame != 0)
        return false;
    if (other && other->acked_known)
        return !mqtt5_evidence_captured_up_to(connection, close->direction, true, other->acked);
    return !close->reset && !mqtt5_evidence_captured_up_to(connection, close->direction, close->acks_known, close->acks);
}

bool mqtt5_evidence_all_judged(const mqtt5_event *event)
{
    return event->input->acks_known && event->connection->evidence.position_known[!event->input->direction] &&
           mqtt5_evidence_captured_up_to(event->connection, event->input->direction, true, event->input->acks);
}

bool mqtt5_evidence_fresh(const mqtt5_connection *connection)
{
    if (!mqtt5_evidence_handshake(connection))
        return false;
    return connection->version == MQTT5_VERSION_3_1 ? connection->connect.clean_start : !connection->connack.session_present;
}

bool mqtt5_evidence_fresh_for_sender(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    if (!mqtt5_evidence_fresh(connection))
        return false;
    if (event->sender == MQTT5_SERVER || connection->connect.clean_start)
        return true;
    /* Before MQTT 5 a client may go on with its old session although that is gone (3.1.1,
     * 3.2.2.2). */
    return connection->version >= MQTT5_VERSION_5 && mqtt5_evidence_bound_by_connack(event);
}
