/* version.c
 * The version of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/version.h"

#include "core/packet/version.h"
#include "core/session/evidence.h"
#include "core/session/roles.h"

/* The most that PUBLISH can reach, where other packets begin; and the most that those can. */
enum { VOTES_OF_PUBLISH_MAX = 3, VOTES_MAX = 16 };

/* A packet that fits only one version. */
static void vote(uint8_t *votes, bool is_publish)
{
    if (!is_publish)
        *votes = MIN(MAX(*votes, VOTES_OF_PUBLISH_MAX) + 1, VOTES_MAX);
    else if (*votes < VOTES_OF_PUBLISH_MAX)
        ++*votes;
}

void mqtt5_session_infer_version(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_sender sender)
{
    unsigned version;
    bool is_5;

    if (connection->version_source == MQTT5_VERSION_SOURCE_CONNECT || connection->version_source == MQTT5_VERSION_SOURCE_PREFERENCE ||
        connection->connect_seen)
        return;
    version =
        mqtt5_version_infer(input->data, input->captured, input->length, mqtt5_roles_sure(connection) ? sender : MQTT5_SENDER_UNKNOWN);
    if (version == MQTT5_VERSION_UNKNOWN)
        return;
    is_5 = version == MQTT5_VERSION_5;
    vote(&connection->version_votes[is_5], input->data[0] >> 4 == MQTT5_PUBLISH);
    if (connection->version_source == MQTT5_VERSION_SOURCE_INFERRED && connection->version_votes[is_5] <= connection->version_votes[!is_5])
        return;
    /* What only 3.1 has shows that it is not 3.1.1; the reverse was not tried. */
    if (version != MQTT5_VERSION_3_1_1 || connection->version != MQTT5_VERSION_3_1)
        connection->version = (uint8_t)version;
    connection->version_source = MQTT5_VERSION_SOURCE_INFERRED;
}

void mqtt5_session_learn_version(mqtt5_connection *connection, const mqtt5_packet *packet)
{
    if (!(packet->has & MQTT5_HAS_CONNECT_HEADER) && packet->version == MQTT5_VERSION_UNKNOWN) {
        connection->connect_seen = packet->status != MQTT5_CUT;
        if (!connection->connect_seen)
            mqtt5_evidence_lose_start(connection);
        return;
    }
    connection->connect_seen = true;
    connection->version = packet->version;
    connection->version_source = packet->version ? MQTT5_VERSION_SOURCE_CONNECT : MQTT5_VERSION_SOURCE_NONE;
}
