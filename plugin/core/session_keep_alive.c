/* session_keep_alive.c
 * Silence on a connection, by the clock of the capture: Keep Alive, PINGREQ and PINGRESP, a CONNECT without an answer.
 *
 * A capture sees packets some time after the sender and before the receiver, so all bounds have a margin; times that go backwards (files
 * merged from several captures) say nothing. Bytes that are missing look like silence, so a gap ends what is judged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"
#include "session_cause.h"

#define SECOND INT64_C(1000000000)
#define KEEP_ALIVE_TIMEOUT 0x8D
/* A packet above this size may have been on its way for long: its sender was not silent. */
#define LARGE_PACKET 16384
/* "A reasonable amount of time" (3.1.2.10, 3.1.4), for which the standard has no number. */
#define PING_PATIENCE (10 * SECOND)
#define CONNECT_PATIENCE (30 * SECOND)
#define ANSWER_PATIENCE (5 * SECOND)
#define PINGS 4
/* No Keep Alive is so short that this could be too long a silence: see margin_of(). */
#define SILENCE_MIN (2 * SECOND)

typedef struct {
    uint32_t frame, position;
    int64_t time;
    bool reported; /* pingreq_repeated or pingresp_missing */
} ping;

struct mqtt5_keep_alive {
    /* The client's last packet: bytes of it beyond that are a packet on its way. */
    uint32_t client_position;
    bool client_position_known;
    uint32_t not_enforced_after; /* frame of the client's last packet before a silence that was reported */
    bool connect_reported;

    bool pings_known;    /* no PINGREQ and no PINGRESP was missed */
    unsigned ping_count; /* of `pings` */
    ping pings[PINGS];   /* PINGREQ without PINGRESP, the oldest first */
    /* The first request behind the oldest PINGREQ whose answer would show that the server has passed over that. */
    uint8_t later_answer; /* packet type of that answer; 0: no such request yet */
    uint16_t later_id;
    uint32_t later_frame; /* of the answer; 0: none yet */
    uint32_t acked_frame; /* a packet of the server that acknowledges the oldest PINGREQ; 0: none yet */
    int64_t acked_time;
};

void mqtt5_session_keep_alive_clear(mqtt5_connection *connection)
{
    g_clear_pointer(&connection->keep_alive, g_free);
}

static struct mqtt5_keep_alive *state_of(mqtt5_connection *connection)
{
    if (!connection->keep_alive) {
        connection->keep_alive = g_new0(struct mqtt5_keep_alive, 1);
        connection->keep_alive->pings_known = connection->phase == MQTT5_PHASE_CONNECTING;
    }
    return connection->keep_alive;
}

/* --- Keep Alive --- */

/* What holds: Server Keep Alive, or else that of the CONNECT. False where the capture does not tell. */
static bool keep_alive_of(const mqtt5_connection *connection, uint32_t *seconds)
{
    if (connection->phase != MQTT5_PHASE_CONNECTED || !connection->connect.known || !connection->connack.known)
        return false;
    *seconds = connection->connack.has_server_keep_alive ? connection->connack.server_keep_alive : connection->connect.keep_alive;
    return true;
}

bool mqtt5_session_keep_alive_of(const mqtt5_connection *connection, uint32_t *seconds, uint32_t *frame, bool *by_server)
{
    if (!keep_alive_of(connection, seconds))
        return false;
    *by_server = connection->connack.has_server_keep_alive;
    *frame = *by_server ? connection->connack.frame : connection->connect.frame;
    return true;
}

static int64_t margin_of(uint32_t keep_alive)
{
    return SECOND + keep_alive * SECOND / 10;
}

/* When the client's last packet was; before CONNACK the client waits, as it should. */
static int64_t silent_since(const mqtt5_connection *connection)
{
    return MAX(connection->sides[MQTT5_CLIENT - 1].last_time, connection->connack.time);
}

static const char *keep_alive_name(const mqtt5_connection *connection)
{
    return connection->connack.has_server_keep_alive ? "Server Keep Alive" : "Keep Alive";
}

static uint32_t keep_alive_frame(const mqtt5_connection *connection)
{
    return connection->connack.has_server_keep_alive ? connection->connack.frame : connection->connect.frame;
}

static int64_t began_at(const mqtt5_event *event)
{
    return event->input->begin ? event->input->begin : event->input->time;
}

/* A packet of the client ends its silence: how long was that? */
static MQTT5_SELDOM void check_silence(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_side *client = mqtt5_own_side(event), *server = mqtt5_other_side(event);
    bool v5 = connection->version >= MQTT5_VERSION_5;
    const char *clause = v5 ? connection->connack.has_server_keep_alive ? "MQTT-3.2.2-21" : "MQTT-3.1.2-20" : "MQTT-3.1.2-23";
    uint32_t keep_alive;
    int64_t silence;

    if (!keep_alive_of(connection, &keep_alive) || keep_alive == 0 || event->input->gap || client->last_frame == 0 ||
        server->disconnect_frame != 0 || event->packet->length > LARGE_PACKET ||
        (client->disconnect_frame != 0 && event->packet->type != MQTT5_DISCONNECT))
        return;
    silence = began_at(event) - silent_since(connection);
    if (silence > keep_alive * SECOND * 3 / 2 + margin_of(keep_alive))
        mqtt5_report(event->findings, MQTT5_RULE_KEEP_ALIVE_EXCEEDED, 0, 1, clause,
                     "the client was silent for %.1f s, since frame %u; its %s is %u s (frame %u), so the server may close after %.1f s",
                     silence / 1e9, client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection),
                     keep_alive * 1.5);
    else if (silence > keep_alive * SECOND + margin_of(keep_alive))
        mqtt5_report(event->findings, MQTT5_RULE_KEEP_ALIVE_LATE, 0, 1, clause,
                     "the client was silent for %.1f s, since frame %u; its %s is %u s (frame %u), so it should have sent PINGREQ earlier",
                     silence / 1e9, client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection));
}

/* A packet of the server to a client that has been silent for so long that the server should have closed. */
static MQTT5_SELDOM void check_enforced(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_side *client = mqtt5_other_side(event);
    struct mqtt5_keep_alive *state = connection->keep_alive;
    uint32_t keep_alive;
    int64_t silence;

    if (!state || !keep_alive_of(connection, &keep_alive) || keep_alive == 0 || client->disconnect_frame != 0 ||
        client->closed_frame != 0 || state->not_enforced_after == client->last_frame || event->packet->type == MQTT5_DISCONNECT)
        return;
    silence = event->input->time - silent_since(connection);
    if (silence <= 2 * keep_alive * SECOND + margin_of(keep_alive))
        return;
    /* More bytes acknowledged than packets seen: a large packet is on its way, or a close. */
    if (!event->input->acks_known || !state->client_position_known || event->input->acks != state->client_position)
        return;
    state->not_enforced_after = client->last_frame;
    mqtt5_report(event->findings, MQTT5_RULE_KEEP_ALIVE_NOT_ENFORCED, 0, 1, connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.1.2-24",
                 "the client has been silent for %.1f s, since frame %u; with %s %u s (frame %u) the server should have closed after %.1f "
                 "s (suspected)",
                 silence / 1e9, client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection),
                 keep_alive * 1.5);
}

/* DISCONNECT 0x8D against the silence that was. A capture sees at least as much silence as the server did. */
static MQTT5_SELDOM void check_timeout(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_side *client = mqtt5_other_side(event);
    uint32_t keep_alive;
    int64_t silence;

    if (event->packet->status != MQTT5_DECODED || event->packet->reason_code != KEEP_ALIVE_TIMEOUT ||
        connection->version < MQTT5_VERSION_5 || !keep_alive_of(connection, &keep_alive) || client->lost)
        return;
    silence = event->input->time - client->last_time;
    if (keep_alive == 0)
        mqtt5_report(event->findings, MQTT5_RULE_KEEP_ALIVE_TIMEOUT_EARLY, event->packet->reason_code_offset, 1, NULL,
                     "reason code 0x8d (Keep Alive timeout) although %s is 0 (frame %u), which turns the timeout off",
                     keep_alive_name(connection), keep_alive_frame(connection));
    else if (silence >= 0 && silence < keep_alive * SECOND * 3 / 2 - margin_of(keep_alive) / 2)
        mqtt5_report(event->findings, MQTT5_RULE_KEEP_ALIVE_TIMEOUT_EARLY, event->packet->reason_code_offset, 1,
                     connection->connack.has_server_keep_alive ? "MQTT-3.1.2-22" : NULL,
                     "reason code 0x8d (Keep Alive timeout) %.1f s after the client's last packet (frame %u); with %s %u s (frame %u) it "
                     "has %.1f s",
                     silence / 1e9, client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection),
                     keep_alive * 1.5);
}

/* --- PINGREQ and PINGRESP --- */

static void forget_later(struct mqtt5_keep_alive *state)
{
    state->later_answer = 0;
    state->later_frame = state->acked_frame = 0;
}

/* What was missed may have been a PINGREQ or a PINGRESP. */
static void forget_pings(struct mqtt5_keep_alive *state)
{
    state->ping_count = 0;
    state->pings_known = false;
    forget_later(state);
}

static void drop_oldest_ping(struct mqtt5_keep_alive *state)
{
    state->ping_count--;
    for (unsigned i = 0; i < state->ping_count; i++)
        state->pings[i] = state->pings[i + 1];
    forget_later(state);
}

static void see_pingreq(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = state_of(event->connection);
    ping *oldest = &state->pings[0];
    bool repeated;

    if (state->ping_count > 0 && !oldest->reported && event->input->time - oldest->time > PING_PATIENCE) {
        oldest->reported = true;
        mqtt5_report(event->findings, MQTT5_RULE_PINGREQ_REPEATED, 0, 1, NULL,
                     "another PINGREQ, although that in frame %u has had no PINGRESP for %.1f s; the client should close the connection",
                     oldest->frame, (event->input->time - oldest->time) / 1e9);
    }
    if (state->ping_count == PINGS) {
        drop_oldest_ping(state);
        state->pings_known = false;
    }
    /* One remark is enough for all that wait for the same answer. */
    repeated = state->ping_count > 0 && oldest->reported;
    state->pings[state->ping_count++] = (ping){event->input->frame, event->input->position, event->input->time, repeated};
}

static void see_pingresp(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = state_of(event->connection);

    if (state->ping_count > 0)
        drop_oldest_ping(state);
    else if (state->pings_known && mqtt5_session_complete(event->connection, MQTT5_CLIENT))
        mqtt5_report(event->findings, MQTT5_RULE_PINGRESP_UNEXPECTED, 0, 1, NULL,
                     "PINGRESP although no PINGREQ is open; it answers one PINGREQ each");
}

/* Notes the first request behind a PINGREQ that has an answer of its own. */
static void see_request(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = event->connection->keep_alive;
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

/* A packet of the server while a PINGREQ is open. What is queued before the PINGRESP proves nothing; the answer to a later request does,
 * and so does a pause in which the server had nothing else to send. */
static MQTT5_SELDOM void check_pingresp(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = event->connection->keep_alive;
    const mqtt5_packet *packet = event->packet;
    int64_t now = event->input->time;
    ping *oldest;

    if (packet->type == MQTT5_DISCONNECT)
        return;
    oldest = &state->pings[0];
    if (!mqtt5_session_has_seen(event, oldest->position))
        return;
    if (state->later_answer == packet->type && state->later_frame == 0 && (packet->has & MQTT5_HAS_PACKET_ID) &&
        packet->packet_id == state->later_id)
        state->later_frame = event->input->frame;
    if (state->later_frame != 0 && now - oldest->time > ANSWER_PATIENCE) {
        mqtt5_report(event->findings, MQTT5_RULE_PINGRESP_MISSING, 0, 1, NULL,
                     "the PINGREQ in frame %u has had no PINGRESP for %.1f s, although the server answered a later request in frame %u",
                     oldest->frame, (now - oldest->time) / 1e9, state->later_frame);
        drop_oldest_ping(state);
    } else if (state->acked_frame != 0 && mqtt5_own_side(event)->last_frame == state->acked_frame &&
               now - state->acked_time > PING_PATIENCE) {
        mqtt5_report(event->findings, MQTT5_RULE_PINGRESP_MISSING, 0, 1, NULL,
                     "the PINGREQ in frame %u has had no PINGRESP for %.1f s; since frame %u, where the server had it, nothing else was "
                     "sent",
                     oldest->frame, (now - oldest->time) / 1e9, state->acked_frame);
        drop_oldest_ping(state);
    } else {
        state->acked_frame = event->input->frame;
        state->acked_time = now;
    }
}

bool mqtt5_session_ping_open(const mqtt5_connection *connection, uint32_t *frame, int64_t *time)
{
    const struct mqtt5_keep_alive *state = connection->keep_alive;

    if (!state || state->ping_count == 0 || !state->pings_known)
        return false;
    *frame = state->pings[0].frame;
    *time = state->pings[0].time;
    return true;
}

/* --- CONNECT --- */

/* The server has had the CONNECT for long and has said nothing. */
static MQTT5_SELDOM void check_connect(mqtt5_connection *connection, int64_t now, mqtt5_findings *findings)
{
    if (connection->phase != MQTT5_PHASE_CONNECTING || connection->connect.frame == 0 || connection->sides[MQTT5_SERVER - 1].packets > 0 ||
        !mqtt5_session_complete(connection, MQTT5_SERVER) || now - connection->connect.time <= CONNECT_PATIENCE ||
        state_of(connection)->connect_reported)
        return;
    state_of(connection)->connect_reported = true;
    mqtt5_report(findings, MQTT5_RULE_CONNECT_UNANSWERED, 0, 0, NULL,
                 "no answer to the CONNECT in frame %u for %.1f s; the server should send CONNACK or close, and the client should not "
                 "wait forever (suspected)",
                 connection->connect.frame, (now - connection->connect.time) / 1e9);
}

/* --- In order --- */

static void see_client(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = state_of(event->connection);

    if (event->input->gap || event->input->peer_gap)
        forget_pings(state);
    if (event->packet->type != MQTT5_CONNECT) {
        if (event->connection->phase == MQTT5_PHASE_CONNECTING)
            check_connect(event->connection, event->input->time, event->findings);
        else if (began_at(event) - silent_since(event->connection) > SILENCE_MIN)
            check_silence(event);
    }
    if (event->packet->type == MQTT5_PINGREQ)
        see_pingreq(event);
    else if (state->ping_count > 0)
        see_request(event);
    state->client_position = event->input->position;
    state->client_position_known = event->input->acks_known;
}

static void see_server(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = event->connection->keep_alive;

    if (state && (event->input->gap || event->input->peer_gap))
        forget_pings(state);
    if (event->packet->type == MQTT5_PINGRESP)
        see_pingresp(event);
    else if (state && state->ping_count > 0)
        check_pingresp(event);
    if (event->packet->type == MQTT5_DISCONNECT)
        check_timeout(event);
    else if (event->input->time - silent_since(event->connection) > SILENCE_MIN)
        check_enforced(event);
}

void mqtt5_session_keep_alive(mqtt5_event *event)
{
    if (event->sender == MQTT5_CLIENT)
        see_client(event);
    else
        see_server(event);
}

void mqtt5_session_keep_alive_closed(mqtt5_closing *closing)
{
    check_connect(closing->connection, closing->close->time, closing->findings);
}
