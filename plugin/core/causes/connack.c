/* connack.c
 * CONNACK that refuses: the part of the CONNECT that it is about. Never the password.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/causes.h"
#include "core/standard/reason_code.h"

#include <stdio.h>

/* A text of the CONNECT, quoted; `none` where it is absent. */
static const char *quote(GBytes *text, const char *none, char *buffer, size_t size)
{
    gsize length;
    const uint8_t *data;

    if (!text)
        return none;
    data = g_bytes_get_data(text, &length);
    return mqtt5_quote(data, (uint32_t)length, buffer, size);
}

#define explain(event, ...) mqtt5_cause_report(event, (event)->packet->reason_code, (event)->connection->connect.frame, __VA_ARGS__)

/* The CONNECT itself breaks a rule: the server may have refused it for that. False if it does not. */
static bool find_fault(const mqtt5_event *event, char *text, size_t size)
{
    const mqtt5_fault *fault = &event->connection->faults[MQTT5_CLIENT - 1];

    if (fault->frame == 0 || fault->frame != event->connection->connect.frame)
        return false;
    mqtt5_cause_fault(fault, text, size);
    return true;
}

static void explain_version(const mqtt5_event *event)
{
    char fault[200];

    if (find_fault(event, fault, sizeof fault)) {
        explain(event, "%s; or the server does not speak %s on this connection" MQTT5_SUSPECTED, fault,
                mqtt5_version_name(event->connection->version));
        return;
    }
    explain(event, "the CONNECT in frame %u asks for %s, which the server does not speak on this connection",
            event->connection->connect.frame, mqtt5_version_name(event->connection->version));
}

static void explain_client_id(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    gsize length = g_bytes_get_size(connect->client_id);
    char quoted[120], fault[200];

    if (length == 0)
        explain(event, "the Client ID of the CONNECT in frame %u is empty, with %s %d; the server wants one", connect->frame,
                event->connection->version >= MQTT5_VERSION_5 ? "Clean Start" : "CleanSession", connect->clean_start);
    else
        explain(event, "the Client ID of the CONNECT in frame %u is %s, %u byte%s long", connect->frame,
                quote(connect->client_id, "", quoted, sizeof quoted), (unsigned)length, length == 1 ? "" : "s");
    if (find_fault(event, fault, sizeof fault))
        mqtt5_cause_add(&event->findings->cause, "; the %s", fault);
}

static void explain_credentials(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    char with[120], text[100], client_id[80];

    if (connect->authentication_method)
        snprintf(with, sizeof with, "by the Authentication Method %s", quote(connect->authentication_method, "", text, sizeof text));
    else if (connect->user_name)
        snprintf(with, sizeof with, "with the user name %s and %s password", quote(connect->user_name, "", text, sizeof text),
                 connect->password ? "a" : "no");
    else
        snprintf(with, sizeof with, "without %s", connect->password ? "a user name, but with a password" : "user name and password");
    explain(event, "the server does not let in the client %s %s (CONNECT in frame %u)",
            quote(connect->client_id, "", client_id, sizeof client_id), with, connect->frame);
}

static void explain_method(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    char quoted[120];

    if (connect->authentication_method)
        explain(event, "the server does not take the Authentication Method %s of the CONNECT in frame %u",
                quote(connect->authentication_method, "", quoted, sizeof quoted), connect->frame);
    else
        explain(event, "the CONNECT in frame %u has no Authentication Method, which the server wants", connect->frame);
}

static void explain_will(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_connack_state *connack = &event->connection->connack;
    char topic[120];

    if (!connect->will) {
        explain(event, "the CONNECT in frame %u has no Will that the code could be about", connect->frame);
        return;
    }
    quote(connect->will_topic, "", topic, sizeof topic);
    switch (event->packet->reason_code) {
    case MQTT5_CODE_TOPIC_NAME_INVALID:
        explain(event, "the server does not take the Will Topic %s of the CONNECT in frame %u", topic, connect->frame);
        break;
    case MQTT5_CODE_PAYLOAD_FORMAT_INVALID:
        explain(event, "the Will Payload of the CONNECT in frame %u, %u bytes for %s, with Payload Format Indicator %d%s", connect->frame,
                (unsigned)g_bytes_get_size(connect->will_payload), topic, connect->will_is_utf8,
                connect->will_is_utf8 ? ", which promises UTF-8" : "");
        break;
    case MQTT5_CODE_RETAIN_NOT_SUPPORTED:
        explain(event, "the CONNECT in frame %u has Will Retain %d%s", connect->frame, connect->will_retain,
                connack->known && !connack->retain_available ? ", and Retain Available of the server is 0" : "");
        break;
    default:
        explain(event, "the CONNECT in frame %u has Will QoS %u", connect->frame, connect->will_qos);
        if (connack->known && connack->maximum_qos < 2)
            mqtt5_cause_add(&event->findings->cause, ", and the Maximum QoS of the server is %u", connack->maximum_qos);
        break;
    }
}

static void explain_size(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_limits *server = &event->connection->sides[MQTT5_SERVER - 1].limits;

    explain(event, "the CONNECT in frame %u has %u bytes", connect->frame, connect->length);
    if (server->known && server->maximum_packet_size != UINT32_MAX)
        mqtt5_cause_add(&event->findings->cause, ", and the Maximum Packet Size of the server is %u", server->maximum_packet_size);
}

static void explain_fault(const mqtt5_event *event)
{
    char fault[200];

    if (find_fault(event, fault, sizeof fault))
        explain(event, "%s", fault);
}

static void explain_old(const mqtt5_event *event)
{
    switch (event->packet->reason_code) {
    case 1: explain_version(event); break;
    case 2: explain_client_id(event); break;
    case 4:
    case 5: explain_credentials(event); break;
    default: break;
    }
}

void mqtt5_cause_of_refusal(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_packet *packet = event->packet;
    mqtt5_property property;
    char quoted[120];

    if (connect->frame == 0)
        return;
    if (!connect->known) {
        explain_fault(event);
        return;
    }
    if (packet->version < MQTT5_VERSION_5 || !packet->properties.present) {
        if (packet->reason_code == MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION)
            explain_version(event);
        else
            explain_old(event);
        return;
    }
    switch (packet->reason_code) {
    case MQTT5_CODE_MALFORMED_PACKET:
    case MQTT5_CODE_PROTOCOL_ERROR: explain_fault(event); break;
    case MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION: explain_version(event); break;
    case MQTT5_CODE_CLIENT_IDENTIFIER_NOT_VALID: explain_client_id(event); break;
    case MQTT5_CODE_BAD_USER_NAME_OR_PASSWORD:
    case MQTT5_CODE_NOT_AUTHORIZED:
    case MQTT5_CODE_BANNED: explain_credentials(event); break;
    case MQTT5_CODE_BAD_AUTHENTICATION_METHOD: explain_method(event); break;
    case MQTT5_CODE_TOPIC_NAME_INVALID:
    case MQTT5_CODE_PAYLOAD_FORMAT_INVALID:
    case MQTT5_CODE_RETAIN_NOT_SUPPORTED:
    case MQTT5_CODE_QOS_NOT_SUPPORTED: explain_will(event); break;
    case MQTT5_CODE_PACKET_TOO_LARGE: explain_size(event); break;
    case MQTT5_CODE_USE_ANOTHER_SERVER:
    case MQTT5_CODE_SERVER_MOVED:
        if (mqtt5_property_find(packet, &packet->properties, MQTT5_SERVER_REFERENCE, &property))
            explain(event, "the server sends the client of the CONNECT in frame %u elsewhere: %s", connect->frame,
                    mqtt5_quote(mqtt5_bytes(packet, property.text), property.text.length, quoted, sizeof quoted));
        break;
    default: break;
    }
}
