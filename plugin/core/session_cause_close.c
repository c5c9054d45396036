/* session_cause_close.c
 * Why a connection ended: what the first FIN or RST follows. Nothing is said of one that ends as it should, behind the client's DISCONNECT 0x00.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "reason_code.h"
#include "session_cause.h"
#include "session_flow.h"
#include "session_world.h"

#include <stdio.h>

/* How much sooner than one and a half times the Keep Alive a server may close for that: clocks differ, and the capture is somewhere between. */
#define KEEP_ALIVE_EARLY (MQTT5_SECOND / 2)
/* A close so soon behind a packet that breaks a rule is about that. */
#define FAULT_LATE (10 * MQTT5_SECOND)
/* How long a server may take to close the older connection of a client. */
#define TAKEOVER_LATE (10 * MQTT5_SECOND)

/* One close on its way to a cause. */
typedef struct {
    const mqtt5_closing *closing;
    const mqtt5_connection *connection;
    const mqtt5_side *own, *peer; /* of who closes */
    bool by_server;
    mqtt5_cause *cause;
    char head[32];
} ending;

static double ago(const ending *end, int64_t time)
{
    return mqtt5_cause_seconds(time, end->closing->close->time);
}

/* --- After a word of either side --- */

static bool explain_disconnect(const ending *end)
{
    const mqtt5_connection *connection = end->connection;
    const mqtt5_side *client = &connection->sides[MQTT5_CLIENT - 1], *server = &connection->sides[MQTT5_SERVER - 1];
    bool from_server =
        server->disconnect_frame != 0 && (client->disconnect_frame == 0 || server->disconnect_frame < client->disconnect_frame);
    const mqtt5_side *first = from_server ? server : client;
    const char *name = mqtt5_reason_code_name(MQTT5_DISCONNECT, first->disconnect_reason);
    char will[200];

    if (first->disconnect_frame == 0)
        return false;
    if (!from_server && (first->disconnect_reason < 0x80 || connection->version < MQTT5_VERSION_5) &&
        (first->disconnect_reason == 0 || !connection->connect.will))
        return true;
    mqtt5_cause_set(end->cause, end->head, first->disconnect_frame,
                    "the connection ends after DISCONNECT 0x%02x (%s) from the %s in frame %u", first->disconnect_reason,
                    name ? name : "unknown", from_server ? "server" : "client", first->disconnect_frame);
    if ((client->disconnect_frame == 0 || client->disconnect_reason != 0) && !client->lost &&
        mqtt5_cause_will(connection, will, sizeof will))
        mqtt5_cause_add(end->cause, "; %s", will);
    return true;
}

static bool explain_refusal(const ending *end)
{
    const mqtt5_connack_state *connack = &end->connection->connack;
    const char *name;

    if (end->connection->phase != MQTT5_PHASE_REFUSED)
        return false;
    /* A code from 1 to 5 to a CONNECT of MQTT 5 is a refusal in the form of 3.1.1. */
    if (end->connection->version < MQTT5_VERSION_5 || connack->reason_code < 0x80) {
        name = mqtt5_return_code_name(MQTT5_CONNACK, connack->reason_code);
        mqtt5_cause_set(end->cause, end->head, connack->frame,
                        "the CONNACK in frame %u has refused the connection with return code %u (%s)", connack->frame, connack->reason_code,
                        name ? name : "reserved");
    } else {
        name = mqtt5_reason_code_name(MQTT5_CONNACK, connack->reason_code);
        mqtt5_cause_set(end->cause, end->head, connack->frame, "the CONNACK in frame %u has refused the connection with 0x%02x (%s)",
                        connack->frame, connack->reason_code, name ? name : "unknown");
    }
    return true;
}

/* --- Without a word --- */

/* The last packet of a side: "PUBLISH in frame 12, 0.3 s before". */
static const char *last_packet(const ending *end, const mqtt5_side *side, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s in frame %u, %.1f s before", mqtt5_packet_type_get(side->last_type)->name, side->last_frame,
             ago(end, side->last_time));
    return buffer;
}

static bool explain_no_answer(const ending *end)
{
    const mqtt5_connection *connection = end->connection;
    const mqtt5_connect_state *connect = &connection->connect;
    const mqtt5_fault *fault = &connection->faults[MQTT5_CLIENT - 1];
    char text[220];

    if (connection->phase != MQTT5_PHASE_CONNECTING || connection->sides[MQTT5_SERVER - 1].lost)
        return false;
    if (end->by_server && fault->frame != 0)
        mqtt5_cause_set(end->cause, end->head, fault->frame, "the server closes without a CONNACK; %s",
                        mqtt5_cause_fault(fault, text, sizeof text));
    else if (end->by_server)
        mqtt5_cause_set(end->cause, end->head, connect->frame,
                        "the server closes without a CONNACK, %.1f s after the CONNECT in frame %u; it may not speak %s, or refuse this client (suspected)",
                        ago(end, connect->time), connect->frame, mqtt5_version_name(connection->version));
    else
        mqtt5_cause_set(end->cause, end->head, connect->frame,
                        "the client gives up %.1f s after its CONNECT in frame %u, which had no CONNACK", ago(end, connect->time),
                        connect->frame);
    return true;
}

static bool explain_takeover(const ending *end)
{
    const mqtt5_world_link *link = end->connection->link, *newer = link ? link->newer : NULL;
    int64_t now = end->closing->close->time;

    if (!end->by_server || !newer || newer->connect_frame == 0 || newer->outcome == MQTT5_OUTCOME_REFUSED || now < newer->connect_time ||
        now - newer->connect_time > TAKEOVER_LATE || !mqtt5_world_same_user(link, newer))
        return false;
    mqtt5_cause_set(end->cause, end->head, newer->connect_frame,
                    "the CONNECT in frame %u, on another connection, has the same Client ID and took over; if that is not the same client, give each one an "
                    "ID of its own (suspected)",
                    newer->connect_frame);
    return true;
}

static bool explain_keep_alive(const ending *end)
{
    const mqtt5_side *client = end->peer;
    uint32_t keep_alive, frame;
    bool by_server;
    int64_t silence = end->closing->close->time - client->last_time;
    char last[80];

    if (!end->by_server || client->lost || client->last_frame == 0 || end->closing->close->reset ||
        !mqtt5_session_keep_alive_of(end->connection, &keep_alive, &frame, &by_server) || keep_alive == 0 ||
        silence < keep_alive * MQTT5_SECOND * 3 / 2 - KEEP_ALIVE_EARLY)
        return false;
    mqtt5_cause_set(end->cause, end->head, client->last_frame,
                    "the client was silent for too long, its last packet was %s; with %s %u s (%s in frame %u) the server waits %.1f s",
                    last_packet(end, client, last, sizeof last), by_server ? "Server Keep Alive" : "Keep Alive", keep_alive,
                    by_server ? "CONNACK" : "CONNECT", frame, keep_alive * 1.5);
    return true;
}

/* The other side has broken a rule, and nothing was sent to it since. */
static bool explain_fault(const ending *end)
{
    const mqtt5_fault *fault = &end->connection->faults[end->by_server ? MQTT5_CLIENT - 1 : MQTT5_SERVER - 1];
    char text[220];

    if (fault->frame == 0 || end->own->last_frame > fault->frame || fault->frame != end->peer->last_frame ||
        end->closing->close->time - end->peer->last_time > FAULT_LATE)
        return false;
    mqtt5_cause_set(end->cause, end->head, fault->frame, "%s, and the %s closes (suspected)", mqtt5_cause_fault(fault, text, sizeof text),
                    end->by_server ? "server" : "client");
    return true;
}

static bool explain_ping(const ending *end)
{
    uint32_t frame;
    int64_t time;

    if (end->by_server || !mqtt5_session_ping_open(end->connection, &frame, &time))
        return false;
    mqtt5_cause_set(end->cause, end->head, frame,
                    "the client closes %.1f s after its PINGREQ in frame %u, which had no PINGRESP (suspected)", ago(end, time), frame);
    return true;
}

static void explain_plainly(const ending *end)
{
    const mqtt5_side *newer = end->peer->last_frame > end->own->last_frame ? end->peer : end->own,
                     *older = newer == end->peer ? end->own : end->peer;
    const char *closes = end->by_server ? "server" : "client", *other = end->by_server ? "client" : "server";
    bool seen = !end->own->lost && !end->peer->lost && end->connection->phase != MQTT5_PHASE_UNKNOWN;
    char last[80];

    mqtt5_cause_set(end->cause, end->head, newer->last_frame, "the %s closes%s; the last packet is from the %s, %s", closes,
                    seen ? " without DISCONNECT" : "", newer == end->own ? closes : other, last_packet(end, newer, last, sizeof last));
    if (older->last_frame != 0)
        mqtt5_cause_add(end->cause, ", that of the %s is %s", older == end->own ? closes : other,
                        last_packet(end, older, last, sizeof last));
    if (!seen)
        mqtt5_cause_add(end->cause, "; not all of the connection is in the capture");
}

static void add_requests(const ending *end)
{
    for (unsigned i = 0; i < 2; i++) {
        mqtt5_sender side = i == 0 ? MQTT5_CLIENT : MQTT5_SERVER;
        const mqtt5_flow *oldest;
        unsigned open = mqtt5_session_requests_open(end->connection, side, &oldest);

        if (open > 1)
            mqtt5_cause_add(end->cause, "; %u requests of the %s are open, the first", open, mqtt5_sender_name(side));
        if (open > 0)
            mqtt5_cause_add(end->cause, "%s the %s in frame %u%s waits for %s", open == 1 ? ";" : " is",
                            mqtt5_flow_request_name(oldest->awaits), oldest->request_frame, open == 1 ? "" : ", which",
                            mqtt5_packet_type_get(oldest->awaits)->name);
    }
}

static void add_will(const ending *end)
{
    char will[200];

    if (mqtt5_session_complete(end->connection, MQTT5_CLIENT) && mqtt5_cause_will(end->connection, will, sizeof will))
        mqtt5_cause_add(end->cause, "; %s", will);
}

void mqtt5_session_cause_closed(mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;
    ending end = {.closing = closing,
                  .connection = connection,
                  .own = &connection->sides[closing->sender - 1],
                  .peer = &connection->sides[2 - closing->sender],
                  .by_server = closing->sender == MQTT5_SERVER,
                  .cause = &closing->findings->cause};

    /* The second FIN, or a RST behind one, only answers the first. */
    if (end.own->closed_frame != closing->close->frame || end.peer->closed_frame != 0 ||
        (end.own->last_frame == 0 && end.peer->last_frame == 0))
        return;
    snprintf(end.head, sizeof end.head, "%s from %s", closing->close->reset ? "RST" : "FIN", mqtt5_sender_name(closing->sender));
    if (explain_disconnect(&end) || explain_refusal(&end) || explain_no_answer(&end))
        return;
    if (!explain_takeover(&end) && !explain_keep_alive(&end) && !explain_fault(&end) && !explain_ping(&end))
        explain_plainly(&end);
    add_will(&end);
    add_requests(&end);
}
