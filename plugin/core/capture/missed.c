/* missed.c
 * Subscriptions that went with a session: the client wants its session with its subscriptions, and the
 * server has none. That is legal, but the client must notice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/missed.h"

#include <stdio.h>

#include "core/session/evidence.h"
#include "core/session/keep_alive.h"

void mqtt5_capture_note_missed(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_link *older)
{
    if (!older || link->version == MQTT5_VERSION_3_1 || link->clean_start || link->lost || event->connection->connack.session_present ||
        older->session_expiry_interval == 0 || !older->subscriptions)
        return;
    for (unsigned i = 0; i < older->subscriptions->len; i++) {
        const mqtt5_capture_subscription *each = &g_array_index(older->subscriptions, mqtt5_capture_subscription, i);

        link->missed_subscriptions += !each->pending && !each->deleted;
    }
    link->missed_frame = older->connect_frame;
}

void mqtt5_capture_check_missed(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_capture_server *server = link->server;
    int64_t passed = mqtt5_keep_alive_passed(connection, event->input->pauses, link->connack_frame, link->connack_time, event->input->time);
    char restart[120] = "";

    /* What a server delivers all the same it has from elsewhere: a subscription that nobody sees. */
    if (event->packet->type == MQTT5_SUBSCRIBE || event->packet->type == MQTT5_DISCONNECT ||
        (event->sender == MQTT5_SERVER && event->packet->type == MQTT5_PUBLISH) || !mqtt5_evidence_both_complete(connection)) {
        link->missed_subscriptions = 0;
        return;
    }
    if (event->sender != MQTT5_CLIENT || connection->patience == 0 || passed < connection->patience)
        return;
    if (server->last_drop_frame > link->missed_frame)
        snprintf(restart, sizeof restart, "; the server has closed a connection by itself in frame %u, perhaps to restart",
                 server->last_drop_frame);
    mqtt5_report(event->findings, MQTT5_RULE_subscriptions_missed, MQTT5_NO_BYTES,
                 "the session that began in frame %u had %u subscription%s, and is gone (Session Present 0 in frame %u); "
                 "the client has subscribed to nothing for %.0f s since, so it gets no messages%s",
                 link->missed_frame, link->missed_subscriptions, link->missed_subscriptions == 1 ? "" : "s", link->connack_frame,
                 mqtt5_seconds(passed), restart);
    link->missed_subscriptions = 0;
}
