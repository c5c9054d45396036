/* session_maximum_qos.c
 * What a server makes of its own Maximum QoS (3.2.2.3.4): a PUBLISH above it is to be refused, not acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "subscription.h"

/* Where PUBLISH `packet_id` stands among those above Maximum QoS; -1: nowhere. */
static int find_above(const struct mqtt5_subscriptions *subscriptions, uint16_t packet_id)
{
    for (int i = 0; i < MQTT5_ABOVE_MAXIMUM; i++)
        if (packet_id != 0 && subscriptions->above[i].packet_id == packet_id)
            return i;
    return -1;
}

static void see_publish(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_packet *packet = event->packet;
    unsigned qos = mqtt5_publish_qos(packet);
    struct mqtt5_subscriptions *subscriptions;
    int at;

    if (connection->subscriptions && connection->subscriptions->above_next > 0 &&
        (at = find_above(connection->subscriptions, packet->packet_id)) >= 0)
        connection->subscriptions->above[at].packet_id = 0;
    if (connection->phase != MQTT5_PHASE_CONNECTED || !connection->connack.known || qos <= connection->connack.maximum_qos || qos > 2)
        return;
    subscriptions = mqtt5_subscriptions_of(event->connection);
    at = (int)(subscriptions->above_next++ % MQTT5_ABOVE_MAXIMUM);
    subscriptions->above[at].packet_id = packet->packet_id;
    subscriptions->above[at].qos = (uint8_t)qos;
    subscriptions->above[at].frame = event->input->frame;
}

static void see_acknowledgment(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    struct mqtt5_subscriptions *subscriptions = connection->subscriptions;
    const mqtt5_packet *packet = event->packet;
    int at;

    if (!subscriptions || subscriptions->above_next == 0 || !(packet->has & MQTT5_HAS_REASON_CODE) ||
        (at = find_above(subscriptions, packet->packet_id)) < 0)
        return;
    if (packet->reason_code < 0x80 && mqtt5_session_complete(connection, MQTT5_CLIENT) && mqtt5_session_complete(connection, MQTT5_SERVER))
        mqtt5_report(event->findings, MQTT5_RULE_PUBLISH_QOS_ABOVE_MAXIMUM_ACCEPTED, packet->packet_id_offset, 2, NULL,
                     "accepts the PUBLISH in frame %u with QoS %u, although the Maximum QoS of the server is %u (CONNACK in frame %u); "
                     "it should answer "
                     "with DISCONNECT 0x9b",
                     subscriptions->above[at].frame, subscriptions->above[at].qos, connection->connack.maximum_qos,
                     connection->connack.frame);
    subscriptions->above[at].packet_id = 0;
}

void mqtt5_session_maximum_qos(mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;

    if (packet->version < MQTT5_VERSION_5)
        return;
    if (event->sender == MQTT5_CLIENT) {
        if (packet->type == MQTT5_PUBLISH && (packet->has & MQTT5_HAS_PACKET_ID))
            see_publish(event);
    } else if (packet->type == MQTT5_PUBACK || packet->type == MQTT5_PUBREC) {
        see_acknowledgment(event);
    }
}
