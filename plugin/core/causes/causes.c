/* causes.c
 * Which packet has a cause, and the pieces that causes are made of.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/causes.h"

#include "core/capture/capture.h"
#include "core/capture/parts.h"
#include "core/causes/again.h"
#include "core/causes/listener.h"
#include "core/causes/short_write.h"
#include "core/session/evidence.h"
#include "core/session/modules.h"
#include "core/standard/reason_code.h"

#include <stdio.h>
#include <string.h>

const char *mqtt5_cause_head(const mqtt5_event *event, uint8_t code, char buffer[MQTT5_CAUSE_HEAD])
{
    const mqtt5_packet *packet = event->packet;
    const char *type = mqtt5_packet_type_get(packet->type)->name, *name;
    bool old =
        packet->version < MQTT5_VERSION_5 || (packet->type == MQTT5_CONNACK && !packet->properties.present && code < MQTT5_CODE_FAILURE);

    name = old ? mqtt5_return_code_name(packet->type, code) : mqtt5_reason_code_name(packet->type, code);
    if (old && packet->type == MQTT5_CONNACK)
        snprintf(buffer, MQTT5_CAUSE_HEAD, "%s %u", type, code);
    else
        snprintf(buffer, MQTT5_CAUSE_HEAD, "%s 0x%02x", type, code);
    if (name)
        snprintf(buffer + strlen(buffer), MQTT5_CAUSE_HEAD - strlen(buffer), " (%s)", name);
    return buffer;
}

double mqtt5_cause_seconds(int64_t from, int64_t to)
{
    return to > from ? mqtt5_seconds(to - from) : 0;
}

const char *mqtt5_cause_fault(const mqtt5_fault *fault, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s in frame %u breaks a rule: %s [%s]", mqtt5_packet_type_get(fault->type)->name, fault->frame,
             mqtt5_rule_get((mqtt5_rule_id)fault->rule)->summary, fault->clause);
    return buffer;
}

bool mqtt5_cause_certain(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    return mqtt5_evidence_handshake(connection) && mqtt5_evidence_both_complete(connection) && mqtt5_evidence_all_judged(event);
}

const char *mqtt5_cause_will(const mqtt5_connection *connection, int64_t now, char *buffer, size_t size)
{
    const mqtt5_connect_state *connect = &connection->connect;
    const mqtt5_capture_link *newer;
    uint32_t delay;
    char topic[64];

    if (!connect->known || !connect->will || !connection->link || connection->phase != MQTT5_PHASE_CONNECTED)
        return NULL;
    mqtt5_quote(g_bytes_get_data(connect->will_topic, NULL), (uint32_t)g_bytes_get_size(connect->will_topic), topic, sizeof topic);
    delay = MIN(connect->will_delay_interval, connection->link->session_expiry_interval);
    newer = delay > 0 ? mqtt5_capture_successor(connection->link, now) : NULL;
    if (newer && newer->clean_start)
        snprintf(buffer, size, "its Will %s (CONNECT in frame %u) is to be published now, since Clean Start 1 in frame %u ends its session",
                 topic, connect->frame, newer->connect_frame);
    else if (newer)
        snprintf(buffer, size, "its Will %s (CONNECT in frame %u) is not to be published if the server resumes the session", topic,
                 connect->frame);
    else if (delay > 0)
        snprintf(buffer, size, "its Will %s (CONNECT in frame %u) is to be published after %u s, unless the client is back before", topic,
                 connect->frame, delay);
    else
        snprintf(buffer, size, "its Will %s (CONNECT in frame %u) is to be published now", topic, connect->frame);
    return buffer;
}

/* Adds the peer's own Reason String at the end, or alone where nothing else is known. */
static void add_reason_string(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_cause *cause = &event->findings->cause;
    mqtt5_property property;
    char quoted[120];

    if (!mqtt5_property_find(packet, &packet->properties, MQTT5_REASON_STRING, &property))
        return;
    mqtt5_quote(mqtt5_bytes(packet, property.text), property.text.length, quoted, sizeof quoted);
    if (mqtt5_cause_known(cause))
        mqtt5_cause_add(cause, "; its Reason String: %s", quoted);
    else if (packet->has & MQTT5_HAS_REASON_CODE)
        mqtt5_cause_report(event, packet->reason_code, 0, "the %s gives as Reason String: %s", mqtt5_sender_name(event->sender), quoted);
}

/* The cause of a packet that says by its code that something failed. */
static void set_kind(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_cause *cause = &event->findings->cause;

    if (packet->type == MQTT5_DISCONNECT && packet->reason_code == MQTT5_CODE_DISCONNECT_WITH_WILL_MESSAGE)
        cause->kind = MQTT5_CAUSE_WILL;
    else if (packet->version < MQTT5_VERSION_5 || packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK ||
             mqtt5_has_return_code(packet))
        cause->kind = MQTT5_CAUSE_REFUSAL;
    else
        cause->kind = mqtt5_cause_kind_of_code(packet->reason_code);
}

void mqtt5_causes_see(mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;

    mqtt5_again_see(event);
    mqtt5_short_write_see(event);
    if (packet->type == MQTT5_CONNACK)
        mqtt5_listener_see(event);
    if (event->findings->count == 0 && packet->type != MQTT5_DISCONNECT)
        return;
    switch (packet->type) {
    case MQTT5_CONNACK:
        if (!(packet->has & MQTT5_HAS_REASON_CODE) || packet->reason_code == 0)
            return;
        mqtt5_cause_of_refusal(event);
        break;
    case MQTT5_DISCONNECT:
        if (!(packet->has & MQTT5_HAS_REASON_CODE) || packet->version < MQTT5_VERSION_5 || packet->reason_code == 0)
            return;
        mqtt5_cause_of_disconnect(event);
        if (packet->reason_code < MQTT5_CODE_FAILURE) {
            set_kind(event);
            return;
        }
        break;
    case MQTT5_PUBACK:
    case MQTT5_PUBREC:
    case MQTT5_PUBREL:
    case MQTT5_PUBCOMP:
        if (!(packet->has & MQTT5_HAS_REASON_CODE) || packet->version < MQTT5_VERSION_5 || packet->reason_code < MQTT5_CODE_FAILURE)
            return;
        mqtt5_cause_of_answer(event);
        break;
    case MQTT5_SUBACK:
    case MQTT5_UNSUBACK: mqtt5_cause_of_answer(event); break;
    default: return;
    }
    if (packet->version >= MQTT5_VERSION_5 && packet->properties.present)
        add_reason_string(event);
    set_kind(event);
}
