/* listener.c
 * What a listener that closes on a CONNECT may expect: TLS, a PROXY protocol header, another
 * version, another client. A connection that it has accepted excludes what that one did without.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/listener.h"

#include "core/capture/parts.h"

void mqtt5_listener_see(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    mqtt5_capture_link *link = connection->link;

    if (event->sender != MQTT5_SERVER || connection->phase != MQTT5_PHASE_CONNECTED || !connection->connect.known || !link ||
        link->server->id == 0 || connection->version < MQTT5_VERSION_3_1 || connection->version > MQTT5_VERSION_5)
        return;
    link->server->unreached = 0;
    link->server->accepted[connection->version - MQTT5_VERSION_3_1] =
        (mqtt5_capture_accepted){.frame = event->input->frame, .direct = connection->connect.direct, .proxy = connection->proxied};
}

/* The last connection that the server accepted, of the same version or of the others, straight on TCP
 * if this one is; behind a PROXY protocol header or not. NULL: none. *version gets its version. */
static const mqtt5_capture_accepted *find_accepted(const mqtt5_connection *connection, bool same, bool proxy, unsigned *version)
{
    const mqtt5_capture_server *server = connection->link ? connection->link->server : NULL;
    const mqtt5_capture_accepted *found = NULL;

    for (unsigned i = 0; server && server->id != 0 && i < MQTT5_VERSIONS; i++) {
        const mqtt5_capture_accepted *accepted = &server->accepted[i];

        if (accepted->frame == 0 || same != (i + MQTT5_VERSION_3_1 == connection->version) ||
            accepted->direct != connection->connect.direct || accepted->proxy != proxy || (found && found->frame > accepted->frame))
            continue;
        found = accepted;
        *version = i + MQTT5_VERSION_3_1;
    }
    return found;
}

/* What the accepted connection did without, as this one. */
static const char *without(const mqtt5_connection *connection)
{
    bool proxy = connection->proxied;

    /* What came before TLS or WebSocket is not known. */
    if (!connection->connect.direct)
        return "";
    return proxy ? ", without TLS" : ", without TLS and without a PROXY protocol header";
}

void mqtt5_listener_add(const mqtt5_connection *connection, mqtt5_cause *cause)
{
    const char *version = mqtt5_version_name(connection->version);
    bool proxy = connection->proxied;
    const mqtt5_capture_accepted *accepted;
    unsigned other = MQTT5_VERSION_UNKNOWN;

    accepted = find_accepted(connection, true, proxy, &other);
    if (accepted) {
        mqtt5_cause_add(cause,
                        "; on this port it has accepted %s%s (CONNACK in frame %u), so it refuses this client now, or fails on it" MQTT5_SUSPECTED,
                        version, without(connection), accepted->frame);
        return;
    }
    accepted = proxy ? NULL : find_accepted(connection, true, true, &other);
    if (accepted) {
        mqtt5_cause_add(cause,
                        "; on this port it has accepted %s behind a PROXY protocol header (CONNACK in frame %u), "
                        "which it misses here" MQTT5_SUSPECTED,
                        version, accepted->frame);
        return;
    }
    accepted = find_accepted(connection, false, proxy, &other);
    if (accepted)
        mqtt5_cause_add(cause,
                        "; on this port it has accepted %s%s (CONNACK in frame %u); it may not speak %s, or refuse this client" MQTT5_SUSPECTED,
                        mqtt5_version_name(other), without(connection), accepted->frame, version);
    else if (connection->connect.direct)
        mqtt5_cause_add(cause, "; it may expect TLS or a PROXY protocol header, not speak %s, or refuse this client" MQTT5_SUSPECTED,
                        version);
    else
        mqtt5_cause_add(cause, "; it may not speak %s, or refuse this client" MQTT5_SUSPECTED, version);
}
