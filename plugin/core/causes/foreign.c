/* foreign.c
 * Bytes of another protocol: what the client and this port of the server expect of each other, and
 * a connection that ends for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/foreign.h"

#include "core/causes/causes.h"
#include "core/session/evidence.h"

#include <stdio.h>
#include <string.h>

/* What one side has sent in another protocol. */
typedef struct {
    uint8_t kind;   /* mqtt5_foreign; MQTT5_FOREIGN_NONE: nothing */
    uint32_t frame; /* of its first bytes */
    int64_t time;
    char text[100];
} speech;

/* By sender - 1; in the arena of the connection. */
struct mqtt5_foreign_speech {
    speech sides[2];
};

/* --- Findings --- */

/* What a client that begins like this takes the server for. */
static const char *client_expects(mqtt5_foreign kind)
{
    switch (kind) {
    case MQTT5_FOREIGN_TLS_HELLO:
        return "the client expects TLS on this port, which a listener for plain MQTT does not speak "
               "(if the server answers in TLS, choose Decode As, TLS)";
    case MQTT5_FOREIGN_WEBSOCKET:
        return "the client expects MQTT over WebSocket on this port, which a listener for plain MQTT does not speak";
    case MQTT5_FOREIGN_HTTP_REQUEST: return "the client expects a web server on this port";
    case MQTT5_FOREIGN_PROXY: return "a proxy sends it before MQTT; a listener that does not expect it closes the connection";
    default: return "the client does not speak MQTT";
    }
}

static void report(const mqtt5_connection *connection, mqtt5_sender sender, const speech *said, mqtt5_findings *findings)
{
    const mqtt5_connect_state *connect = &connection->connect;
    const char *protocol = mqtt5_foreign_protocol((mqtt5_foreign)said->kind);

    if (sender != MQTT5_SERVER)
        mqtt5_report(findings, MQTT5_RULE_not_mqtt, MQTT5_NO_BYTES, "%s, not MQTT: %s", said->text,
                     client_expects((mqtt5_foreign)said->kind));
    else if (connect->known)
        mqtt5_report(findings, MQTT5_RULE_not_mqtt, MQTT5_NO_BYTES,
                     "%s, not MQTT, answers the CONNECT in frame %u: this port expects %s, and the client sends plain MQTT", said->text,
                     connect->frame, protocol);
    else
        mqtt5_report(findings, MQTT5_RULE_not_mqtt, MQTT5_NO_BYTES, "%s, not MQTT: the server speaks %s on this port", said->text,
                     protocol);
}

void mqtt5_foreign_see(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_foreign kind, mqtt5_sender sender,
                       mqtt5_findings *findings)
{
    struct mqtt5_foreign_speech *foreign = connection->foreign;
    speech said = {.kind = (uint8_t)kind, .frame = input->frame, .time = input->time};
    bool answers;

    mqtt5_foreign_text(kind, input->data, input->captured, said.text, sizeof said.text);
    answers = foreign && sender != MQTT5_SENDER_UNKNOWN && foreign->sides[mqtt5_peer_of(sender) - 1].kind != MQTT5_FOREIGN_NONE;
    /* One fault, one finding: the side that answers in the same protocol adds nothing. */
    if (!answers)
        report(connection, sender, &said, findings);
    if (sender == MQTT5_SENDER_UNKNOWN)
        return;
    if (!foreign) {
        foreign = connection->foreign = mqtt5_arena_alloc(&connection->arena, sizeof *foreign);
        memset(foreign, 0, sizeof *foreign);
    }
    foreign->sides[sender - 1] = said;
    connection->proxied |= kind == MQTT5_FOREIGN_PROXY && sender == MQTT5_CLIENT;
    /* What follows the PROXY header is MQTT. What follows the rest is none, so that no rule on the
     * order of packets applies. */
    if (kind == MQTT5_FOREIGN_PROXY || connection->phase == MQTT5_PHASE_CONNECTING)
        return;
    connection->phase = MQTT5_PHASE_UNKNOWN;
    mqtt5_evidence_mute(connection);
}

/* --- Causes --- */

static bool explain_proxy(mqtt5_closing *closing, const speech *client, const char *head)
{
    const mqtt5_connection *connection = closing->connection;

    if (closing->sender != MQTT5_SERVER || connection->sides[MQTT5_SERVER - 1].packets > 0 || mqtt5_evidence_lost(connection, MQTT5_SERVER))
        return false;
    mqtt5_cause_set(&closing->findings->cause, head, client->frame,
                    "the connection begins with a PROXY protocol header in frame %u, and the server closes without a packet: "
                    "this listener may not expect the header" MQTT5_SUSPECTED,
                    client->frame);
    return true;
}

/* "an SSH greeting", "a TLS alert". */
static const char *article(const speech *said)
{
    return strchr("AHS", said->text[0]) ? "an" : "a";
}

/* The client speaks another protocol; the server did not answer in it. */
static void explain_client(mqtt5_closing *closing, const speech *client, const char *head)
{
    const mqtt5_connection *connection = closing->connection;
    const mqtt5_side *server = &connection->sides[MQTT5_SERVER - 1];
    mqtt5_cause *cause = &closing->findings->cause;
    double after = mqtt5_cause_seconds(client->time, closing->close->time);

    if (server->last_frame != 0)
        mqtt5_cause_set(cause, head, client->frame,
                        "the client begins with %s %s in frame %u, and the server answers it with MQTT (%s in frame %u): "
                        "this listener speaks plain MQTT",
                        article(client), client->text, client->frame, mqtt5_packet_type_get(server->last_type)->name, server->last_frame);
    else if (closing->sender == MQTT5_SERVER)
        mqtt5_cause_set(cause, head, client->frame,
                        "the server closes %.1f s after the %s in frame %u%s: "
                        "this listener does not expect %s; it may be one for plain MQTT" MQTT5_SUSPECTED,
                        after, client->text, client->frame,
                        mqtt5_evidence_lost(connection, MQTT5_SERVER) ? "" : ", which it does not answer",
                        mqtt5_foreign_protocol((mqtt5_foreign)client->kind));
    else
        mqtt5_cause_set(cause, head, client->frame,
                        "the client closes %.1f s after its %s in frame %u: this listener may not expect %s" MQTT5_SUSPECTED, after,
                        client->text, client->frame, mqtt5_foreign_protocol((mqtt5_foreign)client->kind));
}

/* The server speaks another protocol. */
static void explain_server(mqtt5_closing *closing, const speech *client, const speech *server, const char *head)
{
    const mqtt5_connect_state *connect = &closing->connection->connect;
    const char *protocol = mqtt5_foreign_protocol((mqtt5_foreign)server->kind);
    mqtt5_cause *cause = &closing->findings->cause;

    if (client->kind != MQTT5_FOREIGN_NONE && client->kind != MQTT5_FOREIGN_PROXY)
        mqtt5_cause_set(cause, head, client->frame, "both sides speak %s, not MQTT: %s in frame %u, then %s in frame %u", protocol,
                        client->text, client->frame, server->text, server->frame);
    else if (connect->known)
        mqtt5_cause_set(cause, head, server->frame,
                        "the server answers the CONNECT in frame %u with %s %s in frame %u: this port expects %s, "
                        "and the client sends plain MQTT",
                        connect->frame, article(server), server->text, server->frame, protocol);
    else
        mqtt5_cause_set(cause, head, server->frame, "the server sends %s %s in frame %u: this port does not speak MQTT", article(server),
                        server->text, server->frame);
}

static bool speaks_tls(const speech *said)
{
    return said->kind == MQTT5_FOREIGN_TLS_HELLO || said->kind == MQTT5_FOREIGN_TLS_ALERT || said->kind == MQTT5_FOREIGN_TLS;
}

bool mqtt5_cause_of_foreign(mqtt5_closing *closing, const char *head)
{
    const struct mqtt5_foreign_speech *foreign = closing->connection->foreign;
    const speech *client, *server;
    bool explained = true;

    if (!foreign || closing->connection->phase >= MQTT5_PHASE_CONNECTED)
        return false;
    client = &foreign->sides[MQTT5_CLIENT - 1];
    server = &foreign->sides[MQTT5_SERVER - 1];
    if (server->kind != MQTT5_FOREIGN_NONE)
        explain_server(closing, client, server, head);
    else if (client->kind == MQTT5_FOREIGN_PROXY)
        explained = explain_proxy(closing, client, head);
    else
        explain_client(closing, client, head);
    if (explained)
        closing->findings->cause.kind = speaks_tls(client) || speaks_tls(server) ? MQTT5_CAUSE_TLS : MQTT5_CAUSE_NOT_MQTT;
    return explained;
}
