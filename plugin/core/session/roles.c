/* roles.c
 * Which direction comes from the Client.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/roles.h"

#include "core/session/evidence.h"

/* What a packet, or a registered port, counts. */
enum { VOTE = 1, VOTE_OF_PORT = 2, VOTE_OF_CONNECT = 4, VOTES_MAX = 16 };

static void vote(mqtt5_roles *roles, uint8_t client_direction, unsigned votes)
{
    roles->votes[client_direction] = (uint8_t)MIN(roles->votes[client_direction] + votes, VOTES_MAX);
}

/* What was said so far was said by the other side. */
static MQTT5_SELDOM void turn_round(mqtt5_connection *connection)
{
    mqtt5_side side = connection->sides[0];
    mqtt5_fault fault = connection->faults[0];

    connection->sides[0] = connection->sides[1];
    connection->sides[1] = side;
    connection->faults[0] = connection->faults[1];
    connection->faults[1] = fault;
    connection->roles.client_direction = !connection->roles.client_direction;
    mqtt5_evidence_doubt(connection);
}

/* The connection, as far as it tells who is who before any packet does. */
static MQTT5_SELDOM void begin(mqtt5_connection *connection, const mqtt5_input *input)
{
    mqtt5_roles *roles = &connection->roles;

    if (input->server_port_hint > 1)
        return;
    roles->client_direction = !input->server_port_hint;
    roles->source = input->server_hint == MQTT5_HINT_HANDSHAKE ? MQTT5_ROLES_BY_HANDSHAKE : MQTT5_ROLES_BY_PORT;
    if (input->server_hint == MQTT5_HINT_REGISTERED_PORT)
        vote(roles, roles->client_direction, VOTE_OF_PORT);
}

/* A packet of a type that only one side sends. */
static MQTT5_SELDOM void count(mqtt5_connection *connection, const mqtt5_input *input, const mqtt5_packet_type_info *type)
{
    mqtt5_roles *roles = &connection->roles;
    uint8_t client = type->from_client ? input->direction : !input->direction;
    unsigned packet_type = input->data[0] >> 4;

    vote(roles, client, packet_type == MQTT5_CONNECT || packet_type == MQTT5_CONNACK ? VOTE_OF_CONNECT : VOTE);
    if (roles->source == MQTT5_ROLES_UNKNOWN)
        roles->client_direction = client;
    else if (roles->votes[!roles->client_direction] > roles->votes[roles->client_direction])
        turn_round(connection);
    roles->source = MQTT5_ROLES_BY_PACKETS;
}

mqtt5_sender mqtt5_roles_learn(mqtt5_connection *connection, const mqtt5_input *input)
{
    mqtt5_roles *roles = &connection->roles;
    const mqtt5_packet_type_info *type = mqtt5_packet_type_get(input->captured > 0 ? input->data[0] >> 4 : 0);

    if (!connection->evidence.started)
        begin(connection, input);
    if (roles->source != MQTT5_ROLES_BY_HANDSHAKE && type->from_client != type->from_server) {
        count(connection, input, type);
        if (roles->votes[0] == roles->votes[1])
            return MQTT5_SENDER_UNKNOWN;
    }
    return mqtt5_roles_sender(connection, input->direction);
}

mqtt5_sender mqtt5_roles_sender(const mqtt5_connection *connection, uint8_t direction)
{
    if (connection->roles.source == MQTT5_ROLES_UNKNOWN)
        return MQTT5_SENDER_UNKNOWN;
    return direction == connection->roles.client_direction ? MQTT5_CLIENT : MQTT5_SERVER;
}

bool mqtt5_roles_sure(const mqtt5_connection *connection)
{
    const mqtt5_roles *roles = &connection->roles;

    return roles->source > MQTT5_ROLES_BY_PORT || (roles->source == MQTT5_ROLES_BY_PORT && roles->votes[roles->client_direction] > 0);
}

void mqtt5_roles_assume(mqtt5_connection *connection, uint8_t direction)
{
    mqtt5_roles *roles = &connection->roles;

    if (roles->source == MQTT5_ROLES_BY_HANDSHAKE)
        return;
    if (roles->source != MQTT5_ROLES_UNKNOWN && roles->client_direction != direction)
        turn_round(connection);
    roles->client_direction = direction;
    roles->source = MQTT5_ROLES_BY_PACKETS;
}
