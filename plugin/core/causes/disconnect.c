/* disconnect.c
 * DISCONNECT with a failure: the packet, or the silence, that it is about; and where the traffic
 * contradicts it.
 *
 * Topic Alias invalid and Keep Alive timeout without a reason are found by subscription/alias.c and
 * session/keep_alive.c. That no second CONNECT is there for a Session taken over contradicts
 * nothing: no capture can be known to have every way to a server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/capture.h"
#include "core/capture/parts.h"
#include "core/causes/causes.h"
#include "core/flow/flow_table.h"
#include "core/session/evidence.h"
#include "core/session/keep_alive.h"
#include "core/subscription/alias.h"
#include "core/standard/reason_code.h"

#include <stdio.h>

#define explain(event, frame, ...) mqtt5_cause_report(event, (event)->packet->reason_code, frame, __VA_ARGS__)

static mqtt5_sender peer_of(const mqtt5_event *event)
{
    return mqtt5_peer_of(event->sender);
}

static const char *peer_name(const mqtt5_event *event)
{
    return mqtt5_sender_name(peer_of(event));
}

/* The packet with the limits of the sender: "CONNACK in frame 6". */
static const char *limits_place(const mqtt5_event *event, char buffer[32])
{
    const mqtt5_connection *connection = event->connection;
    bool server = event->sender == MQTT5_SERVER;

    snprintf(buffer, 32, "%s in frame %u", server ? "CONNACK" : "CONNECT", server ? connection->connack.frame : connection->connect.frame);
    return buffer;
}

static void explain_will(const mqtt5_event *event)
{
    char will[200];

    if (event->sender != MQTT5_CLIENT || !mqtt5_cause_will(event->connection, event->input->time, will, sizeof will))
        return;
    explain(event, event->connection->connect.frame, "the client leaves, and %s", will);
}

static void explain_fault(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_fault *fault = &connection->faults[peer_of(event) - 1];
    char text[220];

    if (fault->frame == 0)
        return;
    mqtt5_cause_fault(fault, text, sizeof text);
    /* A server that noticed would not have gone on. */
    explain(event, fault->frame, "%s%s", text,
            event->sender == MQTT5_SERVER && connection->tolerated_frame >= fault->frame ? " (suspected: the server had continued after it)"
                                                                                         : "");
}

static void explain_timeout(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_side *client = &connection->sides[MQTT5_CLIENT - 1];
    uint32_t keep_alive, frame;
    bool by_server;
    double silence;

    if (event->sender != MQTT5_SERVER || client->last_frame == 0)
        return;
    silence = mqtt5_cause_seconds(client->last_time, event->input->time);
    explain(event, client->last_frame, "the client was silent for %.1f s, since its %s in frame %u", silence,
            mqtt5_packet_type_get(client->last_type)->name, client->last_frame);
    if (mqtt5_evidence_lost(connection, MQTT5_CLIENT))
        mqtt5_cause_add(&event->findings->cause, " (some of its bytes are missing from the capture)");
    if (!mqtt5_keep_alive_agreed(connection, &keep_alive, &frame, &by_server))
        return;
    mqtt5_cause_add(&event->findings->cause, "; with %s %u s (%s in frame %u) ", by_server ? "Server Keep Alive" : "Keep Alive", keep_alive,
                    by_server ? "CONNACK" : "CONNECT", frame);
    if (keep_alive == 0)
        mqtt5_cause_add(&event->findings->cause, "there is no timeout");
    else
        mqtt5_cause_add(&event->findings->cause, "the server waits %.1f s%s", keep_alive * 1.5,
                        silence >= keep_alive ? "; with nothing else to say a client sends PINGREQ" : "");
}

static void explain_takeover(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    GBytes *id =
        connect->known && g_bytes_get_size(connect->client_id) > 0 ? connect->client_id : event->connection->connack.assigned_client_id;
    char quoted[100] = "";
    const mqtt5_capture_link *newer;

    if (event->sender != MQTT5_SERVER)
        return;
    if (id) {
        quoted[0] = ' ';
        mqtt5_quote(g_bytes_get_data(id, NULL), (uint32_t)g_bytes_get_size(id), quoted + 1, sizeof quoted - 1);
    }
    newer = mqtt5_capture_successor(event->connection->link, event->input->time);
    if (newer)
        explain(event, newer->connect_frame,
                "the CONNECT in frame %u, on another connection, has the same Client ID%s and took over; "
                "if that is not the same client, give each one an ID of its own",
                newer->connect_frame, quoted);
    else
        explain(event, 0,
                "another connection with the Client ID%s took over%s; "
                "if that is not the same client, give each one an ID of its own",
                quoted,
                mqtt5_capture_has_namesake(event->connection->link) ? "" : ", whose CONNECT is missing from this capture, or was cut");
}

/* --- Limits --- */

static void explain_receive_maximum(const mqtt5_event *event)
{
    const mqtt5_limits *limits = &mqtt5_own_side(event)->limits;
    const mqtt5_flows *flows = mqtt5_other_side(event)->flows;
    const char *sender = mqtt5_sender_name(event->sender), *peer = peer_name(event);
    char place[32];

    if (!limits->known)
        return;
    limits_place(event, place);
    if (flows && flows->exceeding_frame != 0) {
        explain(event, flows->exceeding_frame,
                "with the PUBLISH in frame %u, %u messages of QoS 1 and 2 from the %s were in flight, "
                "and the Receive Maximum of the %s is %u (%s)",
                flows->exceeding_frame, flows->exceeding, peer, sender, limits->receive_maximum, place);
        return;
    }
    if (flows && flows->peak > 0)
        explain(event, flows->peak_frame,
                "the %s had no more than %u message%s of QoS 1 and 2 in flight (PUBLISH in frame %u), "
                "and the Receive Maximum of the %s is %u (%s)",
                peer, flows->peak, flows->peak == 1 ? "" : "s", flows->peak_frame, sender, limits->receive_maximum, place);
    if (!mqtt5_cause_certain(event) || !mqtt5_evidence_fresh(event->connection) ||
        (flows && (mqtt5_flow_has_spare(flows, 0) || flows->peak > limits->receive_maximum)))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_receive_maximum_exceeded_unfounded, mqtt5_reason_code_range(event->packet),
                 "0x93 (Receive Maximum exceeded), but the %s never had more than %u message%s of QoS 1 and 2 in flight, and the Receive Maximum of the %s is %u (%s)",
                 peer, flows ? flows->peak : 0, flows && flows->peak == 1 ? "" : "s", sender, limits->receive_maximum, place);
}

static void explain_alias(const mqtt5_event *event)
{
    const mqtt5_limits *limits = &mqtt5_own_side(event)->limits;
    mqtt5_alias_use last, invalid;
    char place[32], limit[100] = "";

    if (!mqtt5_alias_used(mqtt5_other_side(event), &last, &invalid))
        return;
    if (limits->known)
        snprintf(limit, sizeof limit, "; the Topic Alias Maximum of the %s is %u (%s)", mqtt5_sender_name(event->sender),
                 limits->topic_alias_maximum, limits_place(event, place));
    if (invalid.frame != 0)
        explain(event, invalid.frame, "the PUBLISH in frame %u has the Topic Alias %u, which is %s%s", invalid.frame, invalid.alias,
                invalid.alias == 0                                              ? "never legal"
                : limits->known && invalid.alias <= limits->topic_alias_maximum ? "not set on this connection"
                                                                                : "too high",
                limit);
    else
        explain(event, last.frame, "the PUBLISH in frame %u was the last with a Topic Alias, %u%s" MQTT5_SUSPECTED, last.frame, last.alias,
                limit);
}

static void explain_size(const mqtt5_event *event)
{
    const mqtt5_side *peer = mqtt5_other_side(event);
    const mqtt5_limits *limits = &mqtt5_own_side(event)->limits;
    bool told = limits->known && limits->maximum_packet_size != UINT32_MAX;
    const char *sender = mqtt5_sender_name(event->sender);
    char place[32];

    if (peer->largest == 0)
        return;
    limits_place(event, place);
    if (told && peer->largest > limits->maximum_packet_size) {
        explain(event, peer->largest_frame, "the %s in frame %u has %u bytes, and the Maximum Packet Size of the %s is %u (%s)",
                mqtt5_packet_type_get(peer->largest_type)->name, peer->largest_frame, peer->largest, sender, limits->maximum_packet_size,
                place);
        return;
    }
    if (!mqtt5_evidence_all_judged(event))
        explain(event, peer->last_frame,
                "the %s was sending a packet after its %s in frame %u that is not complete in the capture" MQTT5_SUSPECTED,
                peer_name(event), mqtt5_packet_type_get(peer->last_type)->name, peer->last_frame);
    else
        explain(event, peer->largest_frame, "the largest packet of the %s is the %s in frame %u with %u bytes", peer_name(event),
                mqtt5_packet_type_get(peer->largest_type)->name, peer->largest_frame, peer->largest);
    if (told)
        mqtt5_cause_add(&event->findings->cause, "; the Maximum Packet Size of the %s is %u (%s)", sender, limits->maximum_packet_size,
                        place);
    else if (limits->known)
        mqtt5_cause_add(&event->findings->cause, ", and the %s has announced no Maximum Packet Size%s", place,
                        mqtt5_evidence_all_judged(event) ? MQTT5_SUSPECTED : "");
    if (told && mqtt5_cause_certain(event))
        mqtt5_report(event->findings, MQTT5_RULE_packet_too_large_unfounded, mqtt5_reason_code_range(event->packet),
                     "0x95 (Packet too large), but the largest packet of the %s has %u bytes (%s in frame %u), "
                     "and the Maximum Packet Size of the %s is %u (%s)",
                     peer_name(event), peer->largest, mqtt5_packet_type_get(peer->largest_type)->name, peer->largest_frame, sender,
                     limits->maximum_packet_size, place);
}

/* --- The rest --- */

/* Names the other side's last packet, if the code may be about that. */
static void explain_last(const mqtt5_event *event, uint32_t types)
{
    const mqtt5_side *peer = mqtt5_other_side(event);

    if (peer->last_frame == 0 || !(types >> peer->last_type & 1))
        return;
    if (event->connection->faults[peer_of(event) - 1].frame == peer->last_frame)
        explain_fault(event);
    else
        explain(event, peer->last_frame, "the last packet of the %s before it is the %s in frame %u" MQTT5_SUSPECTED, peer_name(event),
                mqtt5_packet_type_get(peer->last_type)->name, peer->last_frame);
}

static void explain_duration(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;

    if (connect->frame != 0)
        explain(event, connect->frame, "the connection has lasted %.1f s, since the CONNECT in frame %u",
                mqtt5_cause_seconds(connect->time, event->input->time), connect->frame);
}

static void explain_rate(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_side *peer = mqtt5_other_side(event);

    if (connect->frame != 0 && !mqtt5_evidence_lost(event->connection, mqtt5_peer_of(event->sender)) && peer->last_frame != 0)
        explain(event, peer->last_frame, "the %s has sent %u packets in %.1f s, the last in frame %u", peer_name(event), peer->packets,
                mqtt5_cause_seconds(connect->time, event->input->time), peer->last_frame);
}

static void explain_reference(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_property property;
    char quoted[120];

    if (packet->properties.sound && mqtt5_property_find(packet, &packet->properties, MQTT5_SERVER_REFERENCE, &property))
        explain(event, 0, "the server sends the client elsewhere: %s",
                mqtt5_quote(mqtt5_bytes(packet, property.text), property.text.length, quoted, sizeof quoted));
}

void mqtt5_cause_of_disconnect(const mqtt5_event *event)
{
    const uint32_t publish = MQTT5_IN(MQTT5_PUBLISH), filters = MQTT5_IN(MQTT5_SUBSCRIBE) | MQTT5_IN(MQTT5_UNSUBSCRIBE);

    switch (event->packet->reason_code) {
    case MQTT5_CODE_DISCONNECT_WITH_WILL_MESSAGE: explain_will(event); break;
    case MQTT5_CODE_MALFORMED_PACKET:
    case MQTT5_CODE_PROTOCOL_ERROR: explain_fault(event); break;
    case MQTT5_CODE_NOT_AUTHORIZED: explain_last(event, publish | filters | MQTT5_IN(MQTT5_AUTH)); break;
    case MQTT5_CODE_KEEP_ALIVE_TIMEOUT: explain_timeout(event); break;
    case MQTT5_CODE_SESSION_TAKEN_OVER: explain_takeover(event); break;
    case MQTT5_CODE_TOPIC_FILTER_INVALID: explain_last(event, filters); break;
    case MQTT5_CODE_TOPIC_NAME_INVALID:
    case MQTT5_CODE_PAYLOAD_FORMAT_INVALID: explain_last(event, publish); break;
    case MQTT5_CODE_RECEIVE_MAXIMUM_EXCEEDED: explain_receive_maximum(event); break;
    case MQTT5_CODE_TOPIC_ALIAS_INVALID: explain_alias(event); break;
    case MQTT5_CODE_PACKET_TOO_LARGE: explain_size(event); break;
    case MQTT5_CODE_MESSAGE_RATE_TOO_HIGH: explain_rate(event); break;
    case MQTT5_CODE_RETAIN_NOT_SUPPORTED:
    case MQTT5_CODE_QOS_NOT_SUPPORTED:
    case MQTT5_CODE_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED:
    case MQTT5_CODE_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED:
    case MQTT5_CODE_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED: mqtt5_cause_of_feature(event); break;
    case MQTT5_CODE_USE_ANOTHER_SERVER:
    case MQTT5_CODE_SERVER_MOVED: explain_reference(event); break;
    case MQTT5_CODE_MAXIMUM_CONNECT_TIME: explain_duration(event); break;
    default: break;
    }
}
