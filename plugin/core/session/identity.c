/* identity.c
 * Keeps the names of the client, for every packet of its connection to be found by. The Password is
 * none of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/modules.h"
#include "core/session/session.h"

#include <string.h>

/* The text of a range. If the same text was kept before, that one, so that a repeated name takes no
 * memory. */
static const char *keep_text(mqtt5_arena *arena, const char *before, const mqtt5_packet *packet, mqtt5_range range)
{
    if (range.length == 0)
        return NULL;
    if (before && strlen(before) == range.length && memcmp(before, mqtt5_bytes(packet, range), range.length) == 0)
        return before;
    return mqtt5_arena_text(arena, mqtt5_bytes(packet, range), range.length);
}

static mqtt5_identity *make(mqtt5_connection *connection)
{
    mqtt5_identity *made = mqtt5_arena_alloc(&connection->arena, sizeof *made);

    memset(made, 0, sizeof *made);
    return made;
}

static MQTT5_SELDOM void see(mqtt5_event *event)
{
    static const mqtt5_identity nobody;
    mqtt5_connection *connection = event->connection;
    const mqtt5_packet *packet = event->packet;
    const mqtt5_identity *before = connection->identity ? connection->identity : &nobody;
    mqtt5_identity *made;
    mqtt5_property property;

    if (packet->type == MQTT5_CONNECT) {
        made = make(connection);
        made->connect_frame = event->input->frame;
        if (packet->has & MQTT5_HAS_CLIENT_ID)
            made->client_id = keep_text(&connection->arena, before->client_id, packet, packet->client_id);
        if (packet->has & MQTT5_HAS_USER_NAME)
            made->user_name = keep_text(&connection->arena, before->user_name, packet, packet->user_name);
        connection->identity = made;
    } else if (connection->identity && !before->assigned &&
               mqtt5_property_find(packet, &packet->properties, MQTT5_ASSIGNED_CLIENT_IDENTIFIER, &property) && property.text.length > 0) {
        made = make(connection);
        *made = *before;
        made->client_id = keep_text(&connection->arena, before->client_id, packet, property.text);
        made->assigned = true;
        connection->identity = made;
    }
    event->facts->identity = connection->identity;
}

void mqtt5_identity_see(mqtt5_event *event)
{
    if (event->packet->type == MQTT5_CONNECT || event->packet->type == MQTT5_CONNACK)
        see(event);
}
