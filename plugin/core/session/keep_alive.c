/* keep_alive.c
 * Silence of the client, by the clock of the capture: Keep Alive, and a CONNECT without an answer.
 *
 * A capture sees packets some time after the sender and before the receiver, so all bounds have a
 * margin; times that go backwards (files merged from several captures) say nothing. Bytes that are
 * missing look like silence, so a gap ends what is judged. Bytes of a packet that is not complete
 * are no silence, nor are bytes that TCP has to send again: the client speaks, and the network
 * holds it back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/keep_alive.h"

#include <string.h>

#include "core/session/evidence.h"
#include "core/session/modules.h"
#include "core/standard/reason_code.h"

/* A packet above this size may take long to send: its sender was not silent. */
#define LARGE_PACKET 16384
/* "A reasonable amount of time" (3.1.4), for which the standard has no number. */
#define CONNECT_PATIENCE (30 * MQTT5_SECOND)
/* A capture without any frame for so long is nothing unusual, whatever the Keep Alive. */
#define USUAL_PAUSE (10 * MQTT5_SECOND)
/* A silence up to this is never too long, even for the shortest Keep Alive: see margin_of(). */
#define SILENCE_MIN (2 * MQTT5_SECOND)

struct mqtt5_keep_alive {
    /* The end of the client's last packet. Bytes after it belong to a packet that is still being
     * sent. */
    uint32_t client_position;
    bool client_position_known;
    /* frame of the client's last packet before a silence that was reported */
    uint32_t not_enforced_after;
    bool connect_reported;
};

static struct mqtt5_keep_alive *state_of(mqtt5_connection *connection)
{
    if (!connection->keep_alive)
        connection->keep_alive =
            memset(mqtt5_arena_alloc(&connection->arena, sizeof *connection->keep_alive), 0, sizeof *connection->keep_alive);
    return connection->keep_alive;
}

/* --- Keep Alive --- */

/* The Keep Alive that applies: Server Keep Alive, or else that of the CONNECT. False where the
 * capture does not show it. */
static bool keep_alive_of(const mqtt5_connection *connection, uint32_t *seconds)
{
    if (!mqtt5_evidence_handshake(connection))
        return false;
    *seconds = connection->connack.has_server_keep_alive ? connection->connack.server_keep_alive : connection->connect.keep_alive;
    return true;
}

bool mqtt5_keep_alive_agreed(const mqtt5_connection *connection, uint32_t *seconds, uint32_t *frame, bool *by_server)
{
    if (!keep_alive_of(connection, seconds))
        return false;
    *by_server = connection->connack.has_server_keep_alive;
    *frame = *by_server ? connection->connack.frame : connection->connect.frame;
    return true;
}

static int64_t margin_of(uint32_t keep_alive)
{
    return MQTT5_SECOND + keep_alive * MQTT5_SECOND / 10;
}

int64_t mqtt5_keep_alive_passed(const mqtt5_connection *connection, const mqtt5_pauses *pauses, uint32_t frame, int64_t since, int64_t now)
{
    int64_t usual = USUAL_PAUSE;
    uint32_t keep_alive;

    if (keep_alive_of(connection, &keep_alive) && keep_alive > 0)
        usual = MAX(usual, keep_alive * MQTT5_SECOND + margin_of(keep_alive));
    return mqtt5_pauses_longest(pauses, frame, now) <= usual ? now - since : 0;
}

/* The last sign of life of the client, as the server has it: a packet, bytes of one, or an
 * acknowledgment of bytes; or the CONNACK, until which the client waits, as it should. */
static int64_t silent_since(const mqtt5_connection *connection, const mqtt5_transport *transport)
{
    int64_t since = MAX(connection->sides[MQTT5_CLIENT - 1].last_time, connection->connack.time);
    const mqtt5_sending *client;

    if (!transport)
        return since;
    client = &transport->sendings[connection->roles.client_direction];
    if (client->known)
        since = MAX(since, MAX(client->sent_time, client->resent_time));
    return client->acked_known ? MAX(since, client->acked_time) : since;
}

/* True if bytes of the client are on their way: its TCP has sent them again, and the server's has not
 * acknowledged them. */
static bool held_back(const mqtt5_connection *connection, const mqtt5_transport *transport)
{
    const mqtt5_sending *client = transport ? &transport->sendings[connection->roles.client_direction] : NULL;

    return client && client->resent > 0 && client->acked_known && (int32_t)(client->sent - client->acked) > 0;
}

/* How long the client was silent, at the least, until `now`. 0 where nobody knows: while the capture
 * held no frame at all, the clock may have been set, or the capture interrupted. */
static int64_t silence_of(const mqtt5_connection *connection, const mqtt5_transport *transport, const mqtt5_pauses *pauses,
                          uint32_t keep_alive, int64_t now)
{
    int64_t since = silent_since(connection, transport);

    if (held_back(connection, transport) || mqtt5_pauses_longest(pauses, connection->sides[MQTT5_CLIENT - 1].last_frame, now) >
                                                MAX(keep_alive * MQTT5_SECOND / 2, MQTT5_SECOND))
        return 0;
    return now - since;
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

/* A packet of the client ends its silence. Reports one that was too long. */
static MQTT5_SELDOM void check_silence(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_side *client = mqtt5_own_side(event), *server = mqtt5_other_side(event);
    const char *clause = connection->connack.has_server_keep_alive ? "MQTT-3.2.2-21" : NULL;
    uint32_t keep_alive;
    int64_t silence;

    if (!keep_alive_of(connection, &keep_alive) || keep_alive == 0 || event->input->gap || client->last_frame == 0 ||
        server->disconnect_frame != 0 || event->packet->length > LARGE_PACKET ||
        (client->disconnect_frame != 0 && event->packet->type != MQTT5_DISCONNECT))
        return;
    silence = silence_of(connection, event->input->transport, event->input->pauses, keep_alive, began_at(event));
    if (silence > keep_alive * MQTT5_SECOND * 3 / 2 + margin_of(keep_alive))
        mqtt5_report_by(event->findings, MQTT5_RULE_keep_alive_exceeded, MQTT5_CLAUSE(clause), MQTT5_FIRST_BYTE,
                        "the client was silent for %.1f s, since frame %u; "
                        "its %s is %u s (frame %u), so the server may close after %.1f s",
                        mqtt5_seconds(silence), client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection),
                        keep_alive * 1.5);
    else if (silence > keep_alive * MQTT5_SECOND + margin_of(keep_alive))
        mqtt5_report_by(event->findings, MQTT5_RULE_keep_alive_late, MQTT5_CLAUSE(clause), MQTT5_FIRST_BYTE,
                        "the client was silent for %.1f s, since frame %u; "
                        "its %s is %u s (frame %u), so it should have sent PINGREQ earlier",
                        mqtt5_seconds(silence), client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection));
}

/* The client has been silent until `now` for so long that the server should have closed the
 * connection. `acks_known` and `acks` are of the server. */
static MQTT5_SELDOM void check_enforced(const mqtt5_connection *connection, const mqtt5_transport *transport, const mqtt5_pauses *pauses,
                                        bool acks_known, uint32_t acks, int64_t now, mqtt5_findings *findings)
{
    const mqtt5_side *client = &connection->sides[MQTT5_CLIENT - 1];
    struct mqtt5_keep_alive *state = connection->keep_alive;
    uint32_t keep_alive;
    int64_t silence;

    if (!state || !keep_alive_of(connection, &keep_alive) || keep_alive == 0 || client->disconnect_frame != 0 ||
        client->closed_frame != 0 || state->not_enforced_after == client->last_frame)
        return;
    silence = silence_of(connection, transport, pauses, keep_alive, now);
    if (silence <= 2 * keep_alive * MQTT5_SECOND + margin_of(keep_alive))
        return;
    /* If it acknowledges more bytes than were seen in packets, the client is sending a large
     * packet, or has closed. */
    if (!acks_known || !state->client_position_known || acks != state->client_position)
        return;
    state->not_enforced_after = client->last_frame;
    mqtt5_report(findings, MQTT5_RULE_keep_alive_not_enforced, findings->type == MQTT5_CLOSE ? MQTT5_NO_BYTES : MQTT5_FIRST_BYTE,
                 "the client has been silent for %.1f s, since frame %u; "
                 "with %s %u s (frame %u) the server should have closed after %.1f s",
                 mqtt5_seconds(silence), client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection),
                 keep_alive * 1.5);
}

/* The server closes by itself, so it was there all the time. */
static void check_closed(const mqtt5_closing *closing)
{
    const mqtt5_close *close = closing->close;
    const mqtt5_side *server = &closing->connection->sides[MQTT5_SERVER - 1];

    if (closing->sender != MQTT5_SERVER || close->second || close->gap || close->peer_gap)
        return;
    check_enforced(closing->connection, close->transport, close->pauses, close->acks_known, close->acks,
                   server->disconnect_frame != 0 ? server->last_time : close->time, closing->findings);
}

/* DISCONNECT 0x8D against the client's silence. The capture shows at least as much silence as the
 * server saw. */
static MQTT5_SELDOM void check_timeout(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_side *client = mqtt5_other_side(event);
    uint32_t keep_alive;
    int64_t silence;

    if (event->packet->status != MQTT5_DECODED || event->packet->reason_code != MQTT5_CODE_KEEP_ALIVE_TIMEOUT ||
        connection->version < MQTT5_VERSION_5 || !keep_alive_of(connection, &keep_alive) ||
        !mqtt5_evidence_complete(connection, MQTT5_CLIENT))
        return;
    silence = event->input->time - client->last_time;
    if (keep_alive == 0)
        mqtt5_report(event->findings, MQTT5_RULE_keep_alive_timeout_early, mqtt5_reason_code_range(event->packet),
                     "reason code 0x8d (Keep Alive timeout) although %s is 0 (frame %u), which turns the timeout off",
                     keep_alive_name(connection), keep_alive_frame(connection));
    else if (silence >= 0 && mqtt5_pauses_longest(event->input->pauses, client->last_frame, event->input->time) != INT64_MAX &&
             silence < keep_alive * MQTT5_SECOND * 3 / 2 - margin_of(keep_alive) / 2)
        mqtt5_report_by(event->findings, MQTT5_RULE_keep_alive_timeout_early,
                        MQTT5_CLAUSE(connection->connack.has_server_keep_alive ? "MQTT-3.1.2-22" : NULL),
                        mqtt5_reason_code_range(event->packet),
                        "reason code 0x8d (Keep Alive timeout) %.1f s after the client's last packet (frame %u); "
                        "with %s %u s (frame %u) the client has %.1f s",
                        mqtt5_seconds(silence), client->last_frame, keep_alive_name(connection), keep_alive, keep_alive_frame(connection),
                        keep_alive * 1.5);
}

/* --- CONNECT --- */

/* True if bytes of the server were captured after the CONNECT, whether they could be read or not. */
static bool server_spoke(const mqtt5_connection *connection, const mqtt5_transport *transport)
{
    const mqtt5_sending *server = transport ? &transport->sendings[!connection->roles.client_direction] : NULL;

    return mqtt5_evidence_heard(connection, MQTT5_SERVER) || (server && server->known && server->sent_time >= connection->connect.time);
}

/* The server got the CONNECT long ago and has not answered. */
static MQTT5_SELDOM void check_connect(mqtt5_connection *connection, const mqtt5_transport *transport, const mqtt5_pauses *pauses,
                                       int64_t now, mqtt5_findings *findings)
{
    if (connection->phase != MQTT5_PHASE_CONNECTING || connection->connect.frame == 0 || server_spoke(connection, transport) ||
        !mqtt5_evidence_complete(connection, MQTT5_SERVER) || now - connection->connect.time <= CONNECT_PATIENCE ||
        mqtt5_pauses_longest(pauses, connection->connect.frame, now) > CONNECT_PATIENCE / 2 || state_of(connection)->connect_reported)
        return;
    state_of(connection)->connect_reported = true;
    mqtt5_report(findings, MQTT5_RULE_connect_unanswered, MQTT5_NO_BYTES,
                 "no answer to the CONNECT in frame %u for %.1f s; "
                 "the server should send CONNACK or close, and the client should not wait forever",
                 connection->connect.frame, mqtt5_seconds(now - connection->connect.time));
}

/* --- In order --- */

static void see_client(const mqtt5_event *event)
{
    struct mqtt5_keep_alive *state = state_of(event->connection);
    const mqtt5_input *input = event->input;

    if (event->packet->type != MQTT5_CONNECT) {
        if (event->connection->phase == MQTT5_PHASE_CONNECTING)
            check_connect(event->connection, input->transport, input->pauses, input->time, event->findings);
        else if (began_at(event) - silent_since(event->connection, input->transport) > SILENCE_MIN)
            check_silence(event);
    }
    state->client_position = input->position;
    state->client_position_known = input->acks_known;
}

void mqtt5_keep_alive_see(mqtt5_event *event)
{
    if (event->sender == MQTT5_CLIENT)
        see_client(event);
    else if (event->packet->type == MQTT5_DISCONNECT)
        check_timeout(event);
    else if (event->input->time - silent_since(event->connection, event->input->transport) > SILENCE_MIN)
        check_enforced(event->connection, event->input->transport, event->input->pauses, event->input->acks_known, event->input->acks,
                       event->input->time, event->findings);
}

void mqtt5_keep_alive_closed(mqtt5_closing *closing)
{
    check_connect(closing->connection, closing->close->transport, closing->close->pauses, closing->close->time, closing->findings);
    check_closed(closing);
}
