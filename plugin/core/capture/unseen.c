/* unseen.c
 * What the capture lacks of the connections to a server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/unseen.h"

#include "core/capture/capture.h"
#include "core/session/evidence.h"

void mqtt5_capture_lose(const mqtt5_connection *connection)
{
    if (connection->link)
        connection->link->server->lost_lately = true;
}

void mqtt5_capture_learn_loss(mqtt5_connection *connection, uint32_t frame)
{
    mqtt5_capture_link *link = connection->link;

    if (!mqtt5_evidence_both_complete(connection)) {
        /* What the client has published until now may not be in the capture. */
        if (!link->lost || link->evidence != mqtt5_evidence_number(connection) || !mqtt5_evidence_heard(connection, MQTT5_CLIENT))
            link->server->unseen_frame = frame;
        link->lost = true;
    }
    if (link->server->lost_lately) {
        link->server->lost_lately = false;
        link->server->unseen_frame = frame;
    }
    link->evidence = mqtt5_evidence_number(connection);
}

void mqtt5_capture_learn_unheard(mqtt5_capture_link *link, mqtt5_sender sender)
{
    bool unheard;

    link->heard |= sender == MQTT5_CLIENT;
    unheard = !link->ended && !link->heard;
    if (unheard != link->unheard)
        link->server->unheard += unheard ? 1 : -1;
    link->unheard = unheard;
}

void mqtt5_capture_learn_unnamed(mqtt5_capture_link *link, uint32_t frame, int64_t now)
{
    link->server->unnamed_frame = frame;
    link->server->unnamed_time = now;
    if (!link->unnamed)
        link->server->unnamed_since = frame;
    link->unnamed = true;
}

void mqtt5_capture_learn_hidden(const mqtt5_capture *capture, uint64_t server, uint32_t frame, int64_t now)
{
    mqtt5_capture_server *found = mqtt5_capture_find_server(capture, server);

    if (!found)
        return;
    found->unseen_frame = found->unnamed_frame = found->unnamed_since = frame;
    found->unnamed_time = now;
}

bool mqtt5_capture_may_be_between(const mqtt5_capture_link *link, const mqtt5_capture_link *older)
{
    return link->server->unseen_frame >= older->end_frame || link->server->unnamed_since >= older->connect_frame;
}
