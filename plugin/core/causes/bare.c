/* bare.c
 * Why a connection ended that never came to MQTT.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/bare.h"

#include <stdio.h>

#include "core/capture/ends.h"
#include "core/packet/foreign.h"
#include "core/packet/upgrade.h"

/* A server that closes a connection on which nothing was sent, sooner than this, was not waiting for
 * a packet. */
#define WAIT_MIN MQTT5_SECOND

/* So many connections that end at one instant are not chance. */
#define GONE_MIN 3

/* Alerts of TLS (RFC 8446, 6.2; RFC 7301, 3.2) of which the reason is plain. */
enum {
    HANDSHAKE_FAILURE = 40,
    BAD_CERTIFICATE = 42,
    UNSUPPORTED_CERTIFICATE,
    CERTIFICATE_REVOKED,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_UNKNOWN,
    UNKNOWN_CA = 48,
    PROTOCOL_VERSION = 70,
    UNRECOGNIZED_NAME = 112,
    CERTIFICATE_REQUIRED = 116,
    NO_APPLICATION_PROTOCOL = 120
};

/* "TLS alert 48 (unknown_ca)". */
static const char *alert_text(const mqtt5_bare_side *side, char *buffer, size_t size)
{
    const uint8_t record[] = {21, 3, 3, 0, 2, 2, side->alert};

    return mqtt5_foreign_text(MQTT5_FOREIGN_TLS_ALERT, record, sizeof record, buffer, size);
}

/* What the sender of the alert has against its peer; NULL where the alert does not say it. */
static const char *reason_of(uint8_t alert, bool from_server)
{
    switch (alert) {
    case HANDSHAKE_FAILURE: return "they have no cipher, signature algorithm or the like in common, or the certificate is missing";
    case BAD_CERTIFICATE:
    case UNSUPPORTED_CERTIFICATE:
    case CERTIFICATE_REVOKED:
    case CERTIFICATE_EXPIRED:
    case CERTIFICATE_UNKNOWN:
        return from_server ? "the server does not accept the client's certificate" : "the client does not accept the server's certificate";
    case UNKNOWN_CA:
        return from_server ? "the server does not know who issued the client's certificate"
                           : "the client does not know who issued the server's certificate";
    case PROTOCOL_VERSION: return "they have no version of TLS in common";
    case UNRECOGNIZED_NAME: return "the server has no certificate for the name that the client asks for";
    case CERTIFICATE_REQUIRED: return "the server wants a certificate of the client, which sends none";
    case NO_APPLICATION_PROTOCOL: return "they have no application protocol (ALPN) in common";
    default: return NULL;
    }
}

/* One side has ended the handshake by an alert. */
static bool explain_alert(const mqtt5_bare *bare, mqtt5_cause *cause, const char *head)
{
    bool from_server =
        bare->server.alert_frame != 0 && (bare->client.alert_frame == 0 || bare->server.alert_frame < bare->client.alert_frame);
    const mqtt5_bare_side *side = from_server ? &bare->server : &bare->client;
    const char *reason = reason_of(side->alert, from_server);
    char alert[60];

    if (side->alert_frame == 0 || bare->client.said != MQTT5_BARE_CLIENT_HELLO)
        return false;
    mqtt5_cause_set(cause, head, side->alert_frame, "the %s ends the TLS handshake with %s in frame %u", from_server ? "server" : "client",
                    alert_text(side, alert, sizeof alert), side->alert_frame);
    if (reason)
        mqtt5_cause_add(cause, ": %s", reason);
    return true;
}

/* CONNECT in clear, and an answer in TLS or none. */
static bool explain_clear(const mqtt5_bare *bare, mqtt5_cause *cause, const char *head)
{
    char alert[60];

    if (bare->client.said != MQTT5_BARE_CONNECT)
        return false;
    if (bare->server.said == MQTT5_BARE_ALERT && bare->server.alert_frame != 0)
        mqtt5_cause_set(cause, head, bare->server.alert_frame,
                        "the server answers the CONNECT in frame %u with %s in frame %u: this port expects TLS, and the client sends plain MQTT",
                        bare->client.frame, alert_text(&bare->server, alert, sizeof alert), bare->server.alert_frame);
    else if (bare->by_server && bare->unanswered)
        mqtt5_cause_set(cause, head, bare->client.frame,
                        "the server closes %.1f s after the CONNECT in frame %u, which it does not answer: "
                        "the client sends plain MQTT, and this port is one for MQTT over TLS" MQTT5_SUSPECTED,
                        mqtt5_cause_seconds(bare->client.time, bare->time), bare->client.frame);
    else
        return false;
    return true;
}

/* ClientHello, and no answer in TLS. */
static bool explain_hello(const mqtt5_bare *bare, mqtt5_cause *cause, const char *head)
{
    if (bare->client.said != MQTT5_BARE_CLIENT_HELLO)
        return false;
    if (bare->server.said == MQTT5_BARE_MQTT)
        mqtt5_cause_set(cause, head, bare->server.frame,
                        "the server answers the TLS ClientHello in frame %u with plain MQTT in frame %u: this listener does not speak TLS",
                        bare->client.frame, bare->server.frame);
    else if (bare->by_server && bare->unanswered)
        mqtt5_cause_set(cause, head, bare->client.frame,
                        "the server closes %.1f s after the TLS ClientHello in frame %u, which it does not answer: "
                        "this listener does not expect TLS; it may be one for plain MQTT" MQTT5_SUSPECTED,
                        mqtt5_cause_seconds(bare->client.time, bare->time), bare->client.frame);
    else
        return false;
    return true;
}

/* Several connections of the server have ended at one instant, as the latest that is known of it. */
static bool explain_gone(const mqtt5_connection *connection, const mqtt5_bare *bare, uint32_t accepted, uint32_t unreached,
                         mqtt5_cause *cause)
{
    int64_t last;
    mqtt5_capture_alike ends = mqtt5_capture_ends_latest(connection->capture, bare->server_id, &last);

    if (ends.count < GONE_MIN || ends.last_frame < accepted)
        return false;
    mqtt5_cause_add(cause, "; %u connections of this server have ended within %.1f s, the first in frame %u", ends.count,
                    mqtt5_cause_seconds(ends.first_time, last), ends.first_frame);
    if (unreached > 1)
        mqtt5_cause_add(cause, ", and %u attempts to connect have failed since", unreached);
    mqtt5_cause_add(cause, ": it was stopped or restarted");
    mqtt5_capture_ends_tell(connection->capture, bare->server_id, bare->frame);
    cause->frame = ends.first_frame;
    cause->kind = MQTT5_CAUSE_SHUTDOWN;
    return true;
}

/* The connection is not opened: nobody listens, or nobody is there. If the server was there before, it
 * has gone. */
static void explain_unreached(const mqtt5_connection *connection, const mqtt5_bare *bare, mqtt5_cause *cause, const char *head)
{
    mqtt5_capture_server *server = connection ? mqtt5_capture_find_server(connection->capture, bare->server_id) : NULL;
    uint32_t accepted = 0;

    for (unsigned i = 0; server && i < MQTT5_VERSIONS; i++)
        accepted = MAX(accepted, server->accepted[i].frame);
    if (bare->refused)
        mqtt5_cause_set(cause, head, bare->syn_frame, "the SYN in frame %u is refused: nothing listens on this port", bare->syn_frame);
    else
        mqtt5_cause_set(cause, head, bare->syn_frame, "%u SYN since frame %u have had no answer, for %.1f s", bare->syns, bare->syn_frame,
                        mqtt5_cause_seconds(bare->open, bare->time));
    cause->kind = MQTT5_CAUSE_NETWORK;
    if (accepted == 0) {
        mqtt5_cause_add(cause, "%s",
                        bare->refused ? ", or a firewall refuses the client"
                                      : ": the server, or the way to it, is not there, or a firewall drops them");
        return;
    }
    mqtt5_cause_add(cause, "%s the server still accepted a client in frame %u", bare->refused ? " any more, where" : ";", accepted);
    if (explain_gone(connection, bare, accepted, ++server->unreached, cause))
        return;
    if (server->last_drop_frame > accepted)
        mqtt5_cause_add(cause, " and closed a connection by itself in frame %u", server->last_drop_frame);
    if (bare->refused) {
        mqtt5_cause_add(cause, "; it was stopped or restarted, or a firewall refuses the client now" MQTT5_SUSPECTED);
        cause->kind = MQTT5_CAUSE_SHUTDOWN;
    } else {
        mqtt5_cause_add(cause, "; its host, or the way to it, is gone, or a firewall drops them" MQTT5_SUSPECTED);
    }
}

/* Nothing was sent, or the connection was not even opened. */
static bool explain_silence(const mqtt5_connection *connection, const mqtt5_bare *bare, mqtt5_cause *cause, const char *head)
{
    if (bare->refused || bare->syns > 0) {
        explain_unreached(connection, bare, cause, head);
    } else if (bare->by_server && bare->unanswered && bare->client.said == MQTT5_BARE_NOTHING && bare->time - bare->open >= WAIT_MIN) {
        mqtt5_cause_set(cause, head, bare->syn_frame,
                        "the client has sent nothing since it opened the connection in frame %u, and the server closes after %.1f s",
                        bare->syn_frame, mqtt5_cause_seconds(bare->open, bare->time));
        cause->kind = MQTT5_CAUSE_INCOMPLETE;
    } else {
        return false;
    }
    return true;
}

/* What an answer of HTTP means here (RFC 9110, 15). */
static const char *hint_of(unsigned status)
{
    switch (status) {
    case 200: return ": something else than a WebSocket is at this path";
    case 301:
    case 302:
    case 307:
    case 308: return ": the WebSocket is elsewhere, and clients of MQTT do not follow";
    case 400: return ": the server, or a proxy before it, does not take it for a request for WebSocket";
    case 401:
    case 403: return ": the client is not authorized, or its Origin is not allowed";
    case 404: return ": there is no WebSocket at this path";
    case 426: return ": the server wants another version of WebSocket or of HTTP";
    case 502:
    case 503:
    case 504: return ": a proxy answers, and the server after it does not";
    default: return "";
    }
}

/* A client that offers "mqtt" has got an answer over HTTP, and has not sent a CONNECT. */
static void explain_upgrade(const mqtt5_bare *bare, mqtt5_cause *cause, const char *head)
{
    const mqtt5_upgrade *upgrade = bare->upgrade;
    const char *closes = bare->by_server ? "server" : "client";

    if (mqtt5_upgrade_unnamed(upgrade)) {
        mqtt5_cause_set(cause, head, upgrade->answer_frame,
                        "the server has switched to WebSocket in frame %u %s%s%s, although the client offers \"%s\" (frame %u), and the %s "
                        "closes before any MQTT; a browser does so [MQTT-6.0.0-4]",
                        upgrade->answer_frame, upgrade->selected[0] == '\0' ? "without a sub-protocol" : "with the sub-protocol \"",
                        upgrade->selected, upgrade->selected[0] == '\0' ? "" : "\"", upgrade->offered, upgrade->request_frame, closes);
        cause->kind = MQTT5_CAUSE_VIOLATION;
    } else if (upgrade->status != MQTT5_UPGRADE_SWITCHES) {
        mqtt5_cause_set(cause, head, upgrade->answer_frame,
                        "the server answers the client's request for MQTT over WebSocket in frame %u with \"%s\" in frame %u%s",
                        upgrade->request_frame, upgrade->answer, upgrade->answer_frame, hint_of(upgrade->status));
        cause->kind = MQTT5_CAUSE_REFUSAL;
    } else if (bare->by_server && bare->client.said == MQTT5_BARE_NOTHING && bare->time - bare->open >= WAIT_MIN &&
               mqtt5_upgrade_selects_mqtt(upgrade)) {
        mqtt5_cause_set(cause, head, upgrade->answer_frame,
                        "the client has sent nothing since the server has switched to WebSocket with \"%s\" in frame %u, no CONNECT "
                        "either, and the server closes after %.1f s",
                        upgrade->selected, upgrade->answer_frame, mqtt5_cause_seconds(bare->open, bare->time));
        cause->kind = MQTT5_CAUSE_INCOMPLETE;
    }
}

void mqtt5_cause_of_bare(const mqtt5_connection *connection, const mqtt5_bare *bare, mqtt5_cause *cause)
{
    char head[32];

    snprintf(head, sizeof head, "%s from %s", bare->syns > 0 ? "SYN" : bare->reset ? "RST" : "FIN", bare->by_server ? "server" : "client");
    if (bare->upgrade) {
        explain_upgrade(bare, cause, head);
        return;
    }
    if (explain_silence(connection, bare, cause, head))
        return;
    if (bare->tls_port && (explain_clear(bare, cause, head) || explain_alert(bare, cause, head) || explain_hello(bare, cause, head)))
        cause->kind = MQTT5_CAUSE_TLS;
}
