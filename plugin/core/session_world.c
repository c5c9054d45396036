/* session_world.c
 * A connection and the others of its client: a Client Identifier in use twice, a session that should have been there, or should not.
 *
 * A capture need not hold all that reaches a server, so all rules here only suspect.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_world.h"

/* How long a server may take to close the older connection, and how long before that is plain from messages alone, which may have been
 * queued. */
#define TAKEOVER_PATIENCE (2 * MQTT5_SECOND)
#define TAKEOVER_QUEUE (10 * MQTT5_SECOND)
/* How exactly servers keep a Session Expiry Interval. */
#define EXPIRY_PATIENCE (5 * MQTT5_SECOND)
#define EXPIRY_SLACK (30 * MQTT5_SECOND)
/* How long every server can be expected to keep a session without a Session Expiry Interval, in MQTT 3.1.1. */
#define OLD_EXPIRY (600 * MQTT5_SECOND)

static mqtt5_world_link *link_of(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (!connection->link)
        connection->link = mqtt5_world_link_new(connection->world, event->input->server);
    return connection->link;
}

void mqtt5_session_world_clear(mqtt5_connection *connection)
{
    g_clear_pointer(&connection->link, mqtt5_world_link_unref);
}

static void learn_loss(mqtt5_connection *connection)
{
    if (!mqtt5_session_complete(connection, MQTT5_CLIENT) || !mqtt5_session_complete(connection, MQTT5_SERVER))
        connection->link->lost = true;
}

/* --- Session Present against the connection before --- */

/* The last connection of the client before this one that had a session; NULL if that is not known for sure. */
static mqtt5_world_link *predecessor(const mqtt5_world_link *link)
{
    mqtt5_world_link *older = link->older;

    while (older && older->outcome == MQTT5_OUTCOME_REFUSED)
        older = older->older;
    if (!older || older->outcome != MQTT5_OUTCOME_ACCEPTED || older->lost || !older->ended || !mqtt5_world_same_user(link, older) ||
        older->end_time > link->connect_time)
        return NULL;
    return older;
}

/* What the end of the earlier session was, for a message: "with Session Expiry Interval 120 s". */
static const char *expiry_text(const mqtt5_world_link *link, char *buffer, size_t size)
{
    if (link->version < MQTT5_VERSION_5)
        g_snprintf(buffer, size, "CleanSession %d", link->clean_start);
    else if (link->session_expiry_interval == MQTT5_NEVER)
        g_snprintf(buffer, size, "a Session Expiry Interval without end");
    else
        g_snprintf(buffer, size, "Session Expiry Interval %u s", link->session_expiry_interval);
    return buffer;
}

static void check_session_lost(const mqtt5_event *event, const mqtt5_world_link *link, const mqtt5_world_link *older)
{
    int64_t gone = link->connack_time - older->end_time, expiry = older->session_expiry_interval * MQTT5_SECOND;
    char text[64];

    /* A server that closed connections by itself may have been restarted, or told to forget the client. */
    if (older->session_expiry_interval == 0 || older->server->last_drop_time >= older->end_time)
        return;
    if (older->version < MQTT5_VERSION_5 && gone > OLD_EXPIRY)
        return;
    if (older->session_expiry_interval != MQTT5_NEVER && gone > expiry - expiry / 10 - MQTT5_SECOND)
        return;
    mqtt5_report(event->findings, MQTT5_RULE_SESSION_LOST, event->packet->header_length, 1,
                 link->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.2.2-2",
                 "Session Present is 0, but the session of frame %u had %s and ended %.1f s ago (frame %u); the server should still have "
                 "it (suspected)",
                 older->connect_frame, expiry_text(older, text, sizeof text), gone / 1e9, older->end_frame);
}

static void check_session_kept(const mqtt5_event *event, const mqtt5_world_link *link, const mqtt5_world_link *older)
{
    int64_t gone = link->connect_time - older->server_end_time, expiry = older->session_expiry_interval * MQTT5_SECOND;
    char text[64];

    if (!older->server_knows || older->session_expiry_interval == MQTT5_NEVER)
        return;
    if (gone <= (expiry == 0 ? EXPIRY_PATIENCE : expiry + expiry / 10 + EXPIRY_SLACK))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_SESSION_KEPT_AFTER_EXPIRY, event->packet->header_length, 1,
                 link->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.2.2-3",
                 "Session Present is 1, but the session of frame %u had %s and ended %.1f s ago (frame %u); it must be gone (suspected)",
                 older->connect_frame, expiry_text(older, text, sizeof text), gone / 1e9, older->end_frame);
}

static void check_session(const mqtt5_event *event, const mqtt5_world_link *link)
{
    const mqtt5_world_link *older = predecessor(link);

    /* 3.1 has no Session Present; with a clean start the CONNECT alone says what it must be. */
    if (!older || link->version == MQTT5_VERSION_3_1 || link->clean_start || link->lost)
        return;
    if (event->connection->connack.session_present)
        check_session_kept(event, link, older);
    else
        check_session_lost(event, link, older);
}

/* --- CONNECT and CONNACK --- */

static void see_connect(const mqtt5_event *event, mqtt5_world_link *link)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_packet *packet = event->packet;

    if (link->connect_frame != 0) { /* a second one: which holds is not for us to say */
        link->lost = true;
        return;
    }
    link->version = event->connection->version;
    link->bridge = (packet->protocol_level & 0x80) != 0;
    link->connect_frame = event->input->frame;
    link->connect_time = event->input->time;
    if (!connect->known)
        return;
    link->clean_start = connect->clean_start;
    link->user_name = connect->user_name ? g_bytes_ref(connect->user_name) : NULL;
    if (mqtt5_property_has(&packet->will_properties, MQTT5_USER_PROPERTY))
        link->will_properties = g_bytes_new(mqtt5_bytes(packet, packet->will_properties.block), packet->will_properties.block.length);
    if (g_bytes_get_size(connect->client_id) > 0)
        mqtt5_world_link_name(event->connection->world, link, connect->client_id);
}

static uint32_t session_expiry_of(const mqtt5_connection *connection)
{
    if (connection->version < MQTT5_VERSION_5)
        return connection->connect.clean_start ? 0 : MQTT5_NEVER;
    return connection->connack.has_session_expiry_interval ? connection->connack.session_expiry_interval
                                                           : connection->connect.session_expiry_interval;
}

/* The client is here now: its older connections should end, if they have not. Two that began together may be one, captured before and
 * behind a router. */
static void take_over(const mqtt5_world_link *link, mqtt5_world_link *older, bool resumed)
{
    if (older->will)
        mqtt5_world_will_client_back(older, link, resumed);
    if (older->outcome == MQTT5_OUTCOME_ACCEPTED && !older->ended && older->taken_over_frame == 0 && mqtt5_world_same_user(link, older) &&
        older->connack_time <= link->connect_time) {
        older->taken_over_frame = link->connect_frame;
        older->taken_over_time = link->connack_time;
    }
}

static void see_connack(const mqtt5_event *event, mqtt5_world_link *link)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_connack_state *connack = &connection->connack;

    if (link->connack_frame != 0 || link->connect_frame == 0) {
        link->lost = true;
        return;
    }
    link->connack_frame = event->input->frame;
    link->connack_time = event->input->time;
    if (!connack->known || !connection->connect.known) {
        link->outcome = MQTT5_OUTCOME_UNKNOWN;
        return;
    }
    link->outcome = connack->reason_code == 0 ? MQTT5_OUTCOME_ACCEPTED : MQTT5_OUTCOME_REFUSED;
    if (link->outcome == MQTT5_OUTCOME_REFUSED)
        return;
    if (!link->client && connack->assigned_client_id)
        mqtt5_world_link_name(connection->world, link, connack->assigned_client_id);
    link->session_expiry_interval = session_expiry_of(connection);
    link->maximum_packet_size = connection->sides[MQTT5_CLIENT - 1].limits.maximum_packet_size;
    link->subscriptions_known = mqtt5_session_fresh(connection) && !link->lost;
    check_session(event, link);
    for (mqtt5_world_link *older = link->older; older; older = older->older)
        take_over(link, older, connack->session_present);
    for (mqtt5_world_link *older = link->older; older; older = older->older)
        mqtt5_world_redelivery_resume(link, older, connack->session_present && older == predecessor(link));
    mqtt5_world_will_born(event, link);
}

/* --- A connection that should have ended --- */

static bool is_answer(mqtt5_packet_type type)
{
    return type == MQTT5_PINGRESP || type == MQTT5_PUBACK || type == MQTT5_PUBREC || type == MQTT5_PUBCOMP || type == MQTT5_SUBACK ||
           type == MQTT5_UNSUBACK;
}

static void check_goes_on(const mqtt5_event *event, mqtt5_world_link *link)
{
    int64_t since = event->input->time - link->taken_over_time;

    if (event->sender == MQTT5_CLIENT) {
        link->client_went_on |= since > TAKEOVER_PATIENCE;
        return;
    }
    if (link->goes_on_reported || event->packet->type == MQTT5_DISCONNECT)
        return;
    if (since > TAKEOVER_QUEUE || (link->client_went_on && since > TAKEOVER_PATIENCE && is_answer(event->packet->type))) {
        link->goes_on_reported = true;
        mqtt5_report(event->findings, MQTT5_RULE_CLIENT_ID_IN_USE, 0, 1, link->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.1.4-2",
                     "this connection goes on %.1f s after the server accepted another one with its Client Identifier, whose CONNECT is "
                     "frame %u; it must close "
                     "the older one (suspected)",
                     since / 1e9, link->taken_over_frame);
    }
}

/* --- The end of a connection --- */

static void end_link(mqtt5_world_link *link, mqtt5_sender sender, bool server_knows, uint32_t frame, int64_t time)
{
    if (!link->ended) {
        link->ended = true;
        link->end_frame = frame;
        link->end_time = time;
        if (sender == MQTT5_SERVER && link->outcome == MQTT5_OUTCOME_ACCEPTED && link->taken_over_frame == 0)
            link->server->last_drop_time = MAX(link->server->last_drop_time, time);
    }
    if (server_knows && !link->server_knows) {
        link->server_knows = true;
        link->server_end_time = time;
    }
}

static void see_disconnect(const mqtt5_event *event, mqtt5_world_link *link)
{
    const mqtt5_packet *packet = event->packet;
    bool first = !link->ended;

    if (packet->status != MQTT5_DECODED || (packet->properties.present && !packet->properties.sound))
        link->lost = true;
    else if (event->sender == MQTT5_CLIENT && first)
        link->session_expiry_interval =
            mqtt5_property_number(packet, &packet->properties, MQTT5_SESSION_EXPIRY_INTERVAL, link->session_expiry_interval);
    end_link(link, event->sender, true, event->input->frame, event->input->time);
    if (link->will)
        mqtt5_world_will_ends(event->connection->world, link,
                              event->sender == MQTT5_CLIENT && (link->version < MQTT5_VERSION_5 || packet->reason_code == 0));
}

void mqtt5_session_world_closed(mqtt5_closing *closing)
{
    mqtt5_connection *connection = closing->connection;
    mqtt5_world_link *link = connection->link;

    if (!link)
        return;
    learn_loss(connection);
    /* An end that closes with a RST may have left bytes unread. */
    if (closing->close->acks_known && !closing->close->reset)
        mqtt5_world_redelivery_acks(link, closing->sender, closing->close->acks);
    /* TCP sends a FIN until it has arrived, a RST only once. */
    end_link(link, closing->sender, closing->sender == MQTT5_SERVER || !closing->close->reset, closing->close->frame, closing->close->time);
    if (link->will)
        mqtt5_world_will_ends(connection->world, link, false);
}

/* --- In order --- */

static void see_publish(const mqtt5_event *event, mqtt5_world_link *link)
{
    /* A capture of one connection has no copies to compare. */
    bool again = mqtt5_world_redelivery_concerns(event, link), copies = event->connection->world->connections > 1;
    mqtt5_world_message message;

    if (!again && !copies)
        return;
    message = mqtt5_world_message_of(event, link);
    if (again)
        mqtt5_world_redelivery_publish(event, link, &message);
    if (copies)
        mqtt5_world_message_see(event, link, &message);
}

void mqtt5_session_world(mqtt5_event *event)
{
    mqtt5_world_link *link = link_of(event);

    learn_loss(event->connection);
    if (link->unacknowledged && event->input->acks_known)
        mqtt5_world_redelivery_acks(link, event->sender, event->input->acks);
    switch (event->packet->type) {
    case MQTT5_CONNECT:
        if (event->sender == MQTT5_CLIENT)
            see_connect(event, link);
        break;
    case MQTT5_CONNACK:
        if (event->sender == MQTT5_SERVER)
            see_connack(event, link);
        break;
    case MQTT5_PUBLISH: see_publish(event, link); break;
    case MQTT5_PUBACK:
    case MQTT5_PUBREC:
        mqtt5_world_redelivery_acknowledged(event, link);
        if (event->sender == MQTT5_SERVER && (event->packet->has & MQTT5_HAS_REASON_CODE) && event->packet->reason_code >= 0x80)
            mqtt5_world_message_refused(event, link);
        break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_SUBACK:
    case MQTT5_UNSUBSCRIBE: mqtt5_world_subscriptions_see(event, link); break;
    case MQTT5_DISCONNECT: see_disconnect(event, link); break;
    default: break;
    }
    if (link->taken_over_frame != 0)
        check_goes_on(event, link);
    if (event->sender == MQTT5_SERVER && event->connection->world->wills)
        mqtt5_world_will_overdue(event, link);
}
