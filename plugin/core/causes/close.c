/* close.c
 * Why a connection ended: what the first FIN or RST follows. Nothing is said of one that ends as it
 * should, after the client's DISCONNECT 0x00.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/capture.h"
#include "core/capture/parts.h"
#include "core/causes/again.h"
#include "core/causes/causes.h"
#include "core/causes/foreign.h"
#include "core/causes/listener.h"
#include "core/causes/network.h"
#include "core/causes/short_write.h"
#include "core/causes/timeout.h"
#include "core/causes/unfinished.h"
#include "core/flow/flow.h"
#include "core/session/evidence.h"
#include "core/session/keep_alive.h"
#include "core/session/ping.h"
#include "core/session/modules.h"
#include "core/standard/reason_code.h"

#include <stdio.h>

/* How much earlier than one and a half times the Keep Alive a server may close for that: clocks
 * differ, and the capture was taken somewhere between. */
#define KEEP_ALIVE_EARLY (MQTT5_SECOND / 2)
/* With a shorter Keep Alive, that a close comes just then may be chance. */
#define KEEP_ALIVE_TOLD 5
/* A close within this time after a packet that breaks a rule is about that packet. */
#define FAULT_LATE (10 * MQTT5_SECOND)
/* A client that closes sooner than this after its CONNECT has not waited for a CONNACK. */
#define ANSWER_AWAITED MQTT5_SECOND
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

/* The client's DISCONNECT is not what the standard wants, so that a server may close as for any fault;
 * only DISCONNECT 0x00 lets it forget the Will [MQTT-3.1.2-10]. */
static void explain_bad_disconnect(const ending *end, const mqtt5_fault *fault)
{
    const mqtt5_connection *connection = end->connection;
    char text[220], will[200];

    mqtt5_cause_set(end->cause, end->head, fault->frame, "%s, and the connection ends", mqtt5_cause_fault(fault, text, sizeof text));
    end->cause->kind = MQTT5_CAUSE_VIOLATION;
    if (!mqtt5_evidence_lost(connection, MQTT5_CLIENT) && mqtt5_cause_will(connection, end->closing->close->time, will, sizeof will))
        mqtt5_cause_add(end->cause, "; if the server does not take it for a DISCONNECT, %s", will);
}

static bool explain_disconnect(const ending *end)
{
    const mqtt5_connection *connection = end->connection;
    const mqtt5_side *client = &connection->sides[MQTT5_CLIENT - 1], *server = &connection->sides[MQTT5_SERVER - 1];
    bool from_server =
        server->disconnect_frame != 0 && (client->disconnect_frame == 0 || server->disconnect_frame < client->disconnect_frame);
    const mqtt5_side *first = from_server ? server : client;
    const mqtt5_fault *fault = &connection->faults[MQTT5_CLIENT - 1];
    const char *name = mqtt5_reason_code_name(MQTT5_DISCONNECT, first->disconnect_reason);
    char will[200];

    if (first->disconnect_frame == 0)
        return false;
    if (!from_server && first->disconnect_reason == 0 && fault->frame == first->disconnect_frame && fault->type == MQTT5_DISCONNECT) {
        explain_bad_disconnect(end, fault);
        return true;
    }
    if (!from_server && (first->disconnect_reason < MQTT5_CODE_FAILURE || connection->version < MQTT5_VERSION_5) &&
        (first->disconnect_reason == 0 || !connection->connect.will))
        return true;
    if (connection->version >= MQTT5_VERSION_5)
        mqtt5_cause_set(end->cause, end->head, first->disconnect_frame,
                        "the connection ends after DISCONNECT 0x%02x (%s) from the %s in frame %u", first->disconnect_reason,
                        name ? name : "unknown", from_server ? "server" : "client", first->disconnect_frame);
    else
        mqtt5_cause_set(end->cause, end->head, first->disconnect_frame, "the connection ends after the DISCONNECT from the %s in frame %u",
                        from_server ? "server" : "client", first->disconnect_frame);
    end->cause->kind = mqtt5_cause_kind_of_code(first->disconnect_reason);
    if ((client->disconnect_frame == 0 || client->disconnect_reason != 0) && !mqtt5_evidence_lost(connection, MQTT5_CLIENT) &&
        mqtt5_cause_will(connection, end->closing->close->time, will, sizeof will))
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
    if (end->connection->version < MQTT5_VERSION_5 || connack->reason_code < MQTT5_CODE_FAILURE) {
        name = mqtt5_return_code_name(MQTT5_CONNACK, connack->reason_code);
        mqtt5_cause_set(end->cause, end->head, connack->frame,
                        "the CONNACK in frame %u has refused the connection with return code %u (%s)", connack->frame, connack->reason_code,
                        name ? name : "reserved");
    } else {
        name = mqtt5_reason_code_name(MQTT5_CONNACK, connack->reason_code);
        mqtt5_cause_set(end->cause, end->head, connack->frame, "the CONNACK in frame %u has refused the connection with 0x%02x (%s)",
                        connack->frame, connack->reason_code, name ? name : "unknown");
    }
    end->cause->kind = MQTT5_CAUSE_REFUSAL;
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

/* False if bytes before the CONNECT are missing: they may be a header that the listener does not
 * expect. */
static bool begins_with_connect(const ending *end)
{
    /* Where acknowledgments are known, it is on TCP itself. */
    return mqtt5_evidence_complete(end->connection, MQTT5_CLIENT) && (end->connection->connect.direct || !end->closing->close->acks_known);
}

static bool explain_no_answer(const ending *end)
{
    const mqtt5_connection *connection = end->connection;
    const mqtt5_connect_state *connect = &connection->connect;
    const mqtt5_fault *fault = &connection->faults[MQTT5_CLIENT - 1];
    char text[220];

    if (connection->phase != MQTT5_PHASE_CONNECTING || connect->frame == 0 || !mqtt5_evidence_complete(connection, MQTT5_SERVER))
        return false;
    /* It gives nothing up: the CONNACK may still come. */
    if (!end->by_server && end->closing->close->time - connect->time < ANSWER_AWAITED)
        return true;
    if (end->by_server && fault->frame != 0)
        mqtt5_cause_set(end->cause, end->head, fault->frame, "the server closes without a CONNACK; %s",
                        mqtt5_cause_fault(fault, text, sizeof text));
    else if (end->by_server)
        mqtt5_cause_set(end->cause, end->head, connect->frame, "the server closes without a CONNACK, %.1f s after the CONNECT in frame %u",
                        ago(end, connect->time), connect->frame);
    else
        mqtt5_cause_set(end->cause, end->head, connect->frame,
                        "the client gives up %.1f s after its CONNECT in frame %u, which had no CONNACK", ago(end, connect->time),
                        connect->frame);
    if (connect->split_frame != 0)
        mqtt5_cause_add(end->cause,
                        "; it came in more than one WebSocket message, from frame %u on, which is legal [MQTT-6.0.0-2], "
                        "but a server that takes each message for a packet does not find it" MQTT5_SUSPECTED,
                        connect->split_frame);
    else if (end->by_server && fault->frame == 0 && begins_with_connect(end))
        mqtt5_listener_add(connection, end->cause);
    end->cause->kind = end->by_server && fault->frame != 0 ? MQTT5_CAUSE_VIOLATION
                       : end->by_server                    ? MQTT5_CAUSE_REFUSAL
                                                           : MQTT5_CAUSE_NO_ANSWER;
    return true;
}

/* CONNACK refuses a version that nobody knows. It has its code at the same place in all versions. */
static bool explain_unknown_version(const ending *end)
{
    const mqtt5_unknown_version *unknown = &end->connection->unknown;

    if (unknown->connect_frame == 0 || unknown->connack_frame == 0)
        return false;
    if (unknown->code == MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION)
        mqtt5_cause_set(end->cause, end->head, unknown->connack_frame, "the CONNACK in frame %u refuses with 0x%02x (%s)",
                        unknown->connack_frame, unknown->code, mqtt5_reason_code_name(MQTT5_CONNACK, unknown->code));
    else if (unknown->code == 1)
        mqtt5_cause_set(end->cause, end->head, unknown->connack_frame, "the CONNACK in frame %u refuses with return code 1 (%s)",
                        unknown->connack_frame, mqtt5_return_code_name(MQTT5_CONNACK, 1));
    else
        return false;
    mqtt5_cause_add(end->cause, " the CONNECT in frame %u, whose Protocol Version no standard of MQTT has", unknown->connect_frame);
    end->cause->kind = MQTT5_CAUSE_REFUSAL;
    return true;
}

/* The only packet is a CONNECT that nobody can read, or another packet that must not come first. */
static bool explain_unreadable(const ending *end)
{
    const mqtt5_fault *fault = &end->connection->faults[MQTT5_CLIENT - 1];
    char text[220];

    if (fault->frame == 0)
        return false;
    mqtt5_cause_set(end->cause, end->head, fault->frame, "the %s closes without a CONNACK; %s", end->by_server ? "server" : "client",
                    mqtt5_cause_fault(fault, text, sizeof text));
    end->cause->kind = MQTT5_CAUSE_VIOLATION;
    return true;
}

static bool explain_takeover(const ending *end)
{
    const mqtt5_capture_link *newer = mqtt5_capture_successor(end->connection->link, end->closing->close->time);
    int64_t now = end->closing->close->time;

    if (!end->by_server || !newer || now < newer->connect_time || now - newer->connect_time > TAKEOVER_LATE)
        return false;
    mqtt5_cause_set(end->cause, end->head, newer->connect_frame,
                    "the CONNECT in frame %u, on another connection, has the same Client ID and took over; "
                    "if that is not the same client, give each one an ID of its own" MQTT5_SUSPECTED,
                    newer->connect_frame);
    end->cause->kind = MQTT5_CAUSE_TAKEOVER;
    return true;
}

/* When the last byte of the client came that the server has: a packet, or a part of one. */
static int64_t client_heard(const ending *end)
{
    const mqtt5_close *close = end->closing->close;
    const mqtt5_sending *client = close->transport ? &close->transport->sendings[!close->direction] : NULL;
    int64_t last = end->peer->last_time;

    if (!client || !client->known)
        return last;
    /* Of bytes that it lacks, the server does not know. */
    if (mqtt5_sending_open(client))
        return MIN(last, client->acked_time);
    return MAX(last, client->sent_time);
}

/* True if the server closes when the client has exceeded its Keep Alive, which goes into `limit`:
 * "with Keep Alive 10 s (CONNECT in frame 3) the server waits 15.0 s". */
static bool exceeds_keep_alive(const ending *end, char *limit, size_t size)
{
    uint32_t keep_alive, frame;
    bool by_server;

    if (!end->by_server || !mqtt5_evidence_complete(end->connection, MQTT5_CLIENT) || end->peer->last_frame == 0 ||
        !mqtt5_keep_alive_agreed(end->connection, &keep_alive, &frame, &by_server) || keep_alive == 0 ||
        end->closing->close->time - client_heard(end) < keep_alive * MQTT5_SECOND * 3 / 2 - KEEP_ALIVE_EARLY)
        return false;
    snprintf(limit, size, "with %s %u s (%s in frame %u) the server waits %.1f s", by_server ? "Server Keep Alive" : "Keep Alive",
             keep_alive, by_server ? "CONNACK" : "CONNECT", frame, keep_alive * 1.5);
    return true;
}

static bool explain_keep_alive(const ending *end)
{
    char last[80], limit[100];

    if (!exceeds_keep_alive(end, limit, sizeof limit))
        return false;
    last_packet(end, end->peer, last, sizeof last);
    if (client_heard(end) >= end->peer->last_time)
        mqtt5_cause_set(end->cause, end->head, end->peer->last_frame, "the client was silent for too long, its last packet was %s", last);
    else
        mqtt5_cause_set(end->cause, end->head, end->peer->last_frame,
                        "nothing of the client has arrived for %.1f s, by the acknowledgments of the server's TCP; not even its %s",
                        ago(end, client_heard(end)), last);
    mqtt5_cause_add(end->cause, "; %s", limit);
    end->cause->kind = MQTT5_CAUSE_KEEP_ALIVE;
    return true;
}

/* Some servers count the Keep Alive from the last packet that is no PUBLISH, against
 * [MQTT-3.1.2-22]. */
static bool explain_keep_alive_miscounted(const ending *end)
{
    const mqtt5_side *client = end->peer;
    uint32_t keep_alive, frame;
    int64_t waits, since = end->closing->close->time - client->other_time;
    bool by_server;

    if (!end->by_server || !mqtt5_evidence_both_complete(end->connection) || client->other_frame == 0 ||
        client->last_type != MQTT5_PUBLISH || !mqtt5_keep_alive_agreed(end->connection, &keep_alive, &frame, &by_server) ||
        keep_alive < KEEP_ALIVE_TOLD)
        return false;
    waits = keep_alive * MQTT5_SECOND * 3 / 2;
    /* The client was not silent, and the time fits. */
    if (ABS(since - waits) > KEEP_ALIVE_EARLY || end->closing->close->time - client->last_time > keep_alive * MQTT5_SECOND)
        return false;
    mqtt5_cause_set(end->cause, end->head, client->other_frame,
                    "the server closes %.1f s after the %s in frame %u, which is one and a half times the %s of %u s, "
                    "although the client has sent PUBLISH until frame %u: it may not count these, but each packet counts [MQTT-3.1.2-22]; "
                    "PINGREQ in time would help" MQTT5_SUSPECTED,
                    mqtt5_seconds(since), mqtt5_packet_type_get(client->other_type)->name, client->other_frame,
                    by_server ? "Server Keep Alive" : "Keep Alive", keep_alive, client->last_frame);
    end->cause->kind = MQTT5_CAUSE_KEEP_ALIVE;
    return true;
}

/* What TCP shows; where the server has waited for the client as long as Keep Alive lets it, that is
 * why it closes. */
static bool explain_network(const ending *end)
{
    char limit[100];

    if (!mqtt5_cause_of_network(end->closing, end->head))
        return false;
    if (exceeds_keep_alive(end, limit, sizeof limit))
        mqtt5_cause_add(end->cause, "; %s for the client", limit);
    return true;
}

/* The other side has broken a rule, and nothing was sent to it since. */
static bool explain_fault(const ending *end)
{
    const mqtt5_fault *fault = &end->connection->faults[end->by_server ? MQTT5_CLIENT - 1 : MQTT5_SERVER - 1];
    char text[220];

    if (fault->frame == 0 || end->own->last_frame > fault->frame ||
        (fault->frame != end->peer->last_frame && fault->whole_frame != end->peer->last_frame) ||
        end->closing->close->time - end->peer->last_time > FAULT_LATE)
        return false;
    mqtt5_cause_set(end->cause, end->head, fault->frame, "%s, and the %s closes" MQTT5_SUSPECTED,
                    mqtt5_cause_fault(fault, text, sizeof text), end->by_server ? "server" : "client");
    /* The standard asks for an answer even to a PUBREL without a message. */
    if (fault->type == MQTT5_PUBREL && end->connection->version >= MQTT5_VERSION_5)
        mqtt5_cause_add(end->cause, "; it should have answered with PUBCOMP [MQTT-4.3.3-11]");
    end->cause->kind = MQTT5_CAUSE_VIOLATION;
    return true;
}

static bool explain_ping(const ending *end)
{
    uint32_t frame;
    int64_t time;

    if (end->by_server || !mqtt5_evidence_heard(end->connection, MQTT5_SERVER) || mqtt5_evidence_lost(end->connection, MQTT5_SERVER) ||
        !mqtt5_ping_open(end->connection, &frame, &time))
        return false;
    mqtt5_cause_set(end->cause, end->head, frame,
                    "the client closes %.1f s after its PINGREQ in frame %u, which had no PINGRESP" MQTT5_SUSPECTED, ago(end, time), frame);
    end->cause->kind = MQTT5_CAUSE_KEEP_ALIVE;
    return true;
}

static void explain_by_last_packets(const ending *end)
{
    const mqtt5_side *newer = end->peer->last_frame > end->own->last_frame ? end->peer : end->own,
                     *older = newer == end->peer ? end->own : end->peer;
    const char *closes = end->by_server ? "server" : "client", *other = end->by_server ? "client" : "server";
    bool seen = mqtt5_evidence_both_complete(end->connection);
    /* Before MQTT 5 a server has none. */
    bool may_disconnect = !end->by_server || end->connection->version >= MQTT5_VERSION_5;
    char last[80];

    mqtt5_cause_set(end->cause, end->head, newer->last_frame, "the %s closes%s; the last packet is from the %s, %s", closes,
                    seen && may_disconnect ? " without DISCONNECT" : "", newer == end->own ? closes : other,
                    last_packet(end, newer, last, sizeof last));
    end->cause->kind = MQTT5_CAUSE_UNSAID;
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
        unsigned open;

        /* The answers may have come unseen. */
        if (!mqtt5_evidence_heard(end->connection, mqtt5_peer_of(side)) || mqtt5_evidence_lost(end->connection, mqtt5_peer_of(side)))
            continue;
        open = mqtt5_flow_requests_open(end->connection, side, &oldest);
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

    if (mqtt5_evidence_complete(end->connection, MQTT5_CLIENT) &&
        mqtt5_cause_will(end->connection, end->closing->close->time, will, sizeof will))
        mqtt5_cause_add(end->cause, "; %s", will);
}

/* A side that has closed resets the connection when its peer still sends: nobody reads that. */
static void explain_late_bytes(const ending *end)
{
    const char *closes = mqtt5_sender_name(end->closing->sender);

    if (end->own->closed_frame == 0 || end->peer->last_frame <= end->own->closed_frame)
        return;
    mqtt5_cause_set(end->cause, end->head, end->peer->last_frame,
                    "the %s had closed in frame %u, and the %s has still sent: nobody reads the %s in frame %u", closes,
                    end->own->closed_frame, mqtt5_sender_name(mqtt5_peer_of(end->closing->sender)),
                    mqtt5_packet_type_get(end->peer->last_type)->name, end->peer->last_frame);
}

/* True if a client closes of which bytes are missing, or could not be read: it may have said
 * DISCONNECT in them. */
static bool may_have_said(const ending *end)
{
    return !end->by_server && !end->closing->close->complete && mqtt5_evidence_lost(end->connection, MQTT5_CLIENT);
}

void mqtt5_causes_closed(mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;
    ending end = {.closing = closing,
                  .connection = connection,
                  .own = &connection->sides[closing->sender - 1],
                  .peer = &connection->sides[mqtt5_peer_of(closing->sender) - 1],
                  .by_server = closing->sender == MQTT5_SERVER,
                  .cause = &closing->findings->cause};

    snprintf(end.head, sizeof end.head, "%s from %s", closing->close->reset ? "RST" : "FIN", mqtt5_sender_name(closing->sender));
    /* The second FIN, or a RST after a FIN, only answers the first. */
    if (end.own->closed_frame != closing->close->frame || end.peer->closed_frame != 0) {
        if (closing->close->reset && end.peer->closed_frame == 0)
            explain_late_bytes(&end);
        return;
    }
    if (connection->foreign && mqtt5_cause_of_foreign(closing, end.head))
        return;
    mqtt5_unfinished_closed(closing);
    if (end.own->last_frame == 0 && end.peer->last_frame == 0) {
        if (!explain_unknown_version(&end) && !explain_unreadable(&end))
            mqtt5_cause_of_unfinished(closing, end.head);
        return;
    }
    if (mqtt5_cause_of_short_write(closing, end.head) || explain_disconnect(&end) || explain_refusal(&end) || explain_no_answer(&end))
        return;
    if (!explain_takeover(&end) && !explain_network(&end) && !mqtt5_cause_of_unfinished(closing, end.head) && !explain_keep_alive(&end) &&
        !explain_fault(&end) && !explain_ping(&end) && !explain_keep_alive_miscounted(&end) && !mqtt5_cause_of_timeout(closing, end.head) &&
        !mqtt5_cause_of_repetition(closing, end.head)) {
        if (may_have_said(&end))
            return;
        explain_by_last_packets(&end);
    }
    add_will(&end);
    add_requests(&end);
}
