/* clients.c
 * A connection and the others of its client: a Client Identifier in use twice, a session that
 * should have been there, or should not.
 *
 * A capture need not hold all that reaches a server, so all rules here only suspect.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/clients.h"

#include <stdio.h>

#include "core/capture/missed.h"
#include "core/capture/parts.h"
#include "core/capture/unseen.h"
#include "core/session/evidence.h"
#include "core/session/modules.h"
#include "core/standard/reason_code.h"

/* How long a server may take to close the older connection, and how long it may go on sending
 * messages there, which may have been queued. */
#define TAKEOVER_PATIENCE (2 * MQTT5_SECOND)
#define TAKEOVER_QUEUE (10 * MQTT5_SECOND)
/* How exactly servers keep a Session Expiry Interval. */
#define EXPIRY_PATIENCE (5 * MQTT5_SECOND)
#define EXPIRY_SLACK (30 * MQTT5_SECOND)
/* How long every server can be expected to keep a session without a Session Expiry Interval, in
 * MQTT 3.1.1. */
#define OLD_EXPIRY (600 * MQTT5_SECOND)
/* In a pause that is longer, a whole connection may have come and gone, if the capture stopped: so it
 * seems where it lacks the TCP handshake of the next one. */
#define UNSEEN_PAUSE (2 * MQTT5_SECOND)
#define UNSEEN_PAUSE_LONG (10 * MQTT5_SECOND)

static mqtt5_capture_link *link_of(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (!connection->link) {
        connection->link = mqtt5_capture_link_new(connection->capture, event->input->server);
        connection->link->connection = connection;
    }
    return connection->link;
}

void mqtt5_capture_clear(mqtt5_connection *connection)
{
    if (connection->link)
        connection->link->connection = NULL;
    g_clear_pointer(&connection->link, mqtt5_capture_link_unref);
}

/* --- Session Present against the connection before --- */

/* The client's last connection before this one that had a session; NULL if that is not certain. */
static mqtt5_capture_link *predecessor(const mqtt5_capture_link *link)
{
    mqtt5_capture_link *older = link->older;

    while (older && older->outcome == MQTT5_OUTCOME_REFUSED)
        older = older->older;
    if (!older || older->outcome != MQTT5_OUTCOME_ACCEPTED || older->lost || !older->ended || !mqtt5_capture_same_user(link, older) ||
        older->end_time > link->connect_time || older->end_frame > link->connect_frame)
        return NULL;
    return older;
}

/* What the end of the earlier session was, for a message: "with Session Expiry Interval 120 s". */
static const char *expiry_text(const mqtt5_capture_link *link, char *buffer, size_t size)
{
    if (link->version < MQTT5_VERSION_5)
        snprintf(buffer, size, "CleanSession %d", link->clean_start);
    else if (link->session_expiry_interval == MQTT5_NEVER)
        snprintf(buffer, size, "a Session Expiry Interval without end");
    else
        snprintf(buffer, size, "Session Expiry Interval %u s", link->session_expiry_interval);
    return buffer;
}

static void check_session_lost(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_link *older)
{
    int64_t gone = link->connack_time - older->end_time, expiry = older->session_expiry_interval * MQTT5_SECOND;
    char text[64];

    /* A server that closed connections by itself may have been restarted, or was ordered to forget
     * the client. */
    if (older->session_expiry_interval == 0 || older->server->last_drop_time >= older->end_time)
        return;
    if (older->version < MQTT5_VERSION_5 && gone > OLD_EXPIRY)
        return;
    /* The clock was set, so it may have been longer. */
    if (mqtt5_pauses_longest(event->input->pauses, older->end_frame, event->input->time) == INT64_MAX)
        return;
    if (older->session_expiry_interval != MQTT5_NEVER && gone > expiry - expiry / 10 - MQTT5_SECOND)
        return;
    mqtt5_report(event->findings, MQTT5_RULE_session_lost, (mqtt5_range){event->packet->header_length, 1},
                 "Session Present is 0, but the session of frame %u had %s and ended %.1f s ago (frame %u); "
                 "the server should still have it",
                 older->connect_frame, expiry_text(older, text, sizeof text), mqtt5_seconds(gone), older->end_frame);
}

static void check_session_kept(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_link *older)
{
    int64_t gone = link->connect_time - older->server_end_time, expiry = older->session_expiry_interval * MQTT5_SECOND, pause;
    char text[64];

    if (!older->server_knows || older->session_expiry_interval == MQTT5_NEVER)
        return;
    /* While the capture held no frame at all, the clock may have been set. */
    pause = mqtt5_pauses_longest(event->input->pauses, older->end_frame, event->input->time);
    if (expiry > 0 && (pause > MAX(expiry / 2, EXPIRY_SLACK) || gone - pause <= expiry + expiry / 10 + EXPIRY_SLACK))
        return;
    if (gone <= (expiry == 0 ? EXPIRY_PATIENCE : expiry + expiry / 10 + EXPIRY_SLACK))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_session_kept_after_expiry, (mqtt5_range){event->packet->header_length, 1},
                 "Session Present is 1, but the session of frame %u had %s and ended %.1f s ago (frame %u); it must be gone",
                 older->connect_frame, expiry_text(older, text, sizeof text), mqtt5_seconds(gone), older->end_frame);
}

static void check_session(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    const mqtt5_capture_link *older = predecessor(link);

    /* 3.1 has no Session Present; with a clean start the CONNECT alone says what it must be. */
    if (!older || link->version == MQTT5_VERSION_3_1 || link->clean_start || link->lost || mqtt5_capture_may_be_between(link, older))
        return;
    if (event->connection->connack.session_present)
        check_session_kept(event, link, older);
    else
        check_session_lost(event, link, older);
}

/* --- CONNECT and CONNACK --- */

static void see_connect(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_packet *packet = event->packet;
    uint32_t length;

    if (link->connect_frame != 0) { /* a second one: which of them applies is not known */
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
    link->will_hash = mqtt5_capture_hash_properties(event, &packet->will_properties, &length);
    if (mqtt5_property_has(&packet->will_properties, MQTT5_USER_PROPERTY))
        link->will_properties = g_bytes_new(mqtt5_bytes(packet, packet->will_properties.block), packet->will_properties.block.length);
    if (g_bytes_get_size(connect->client_id) > 0)
        mqtt5_capture_link_name(event->connection->capture, link, connect->client_id);
    mqtt5_capture_will_born(event, link);
}

static uint32_t session_expiry_of(const mqtt5_connection *connection)
{
    if (connection->version < MQTT5_VERSION_5)
        return connection->connect.clean_start ? 0 : MQTT5_NEVER;
    return connection->connack.has_session_expiry_interval ? connection->connack.session_expiry_interval
                                                           : connection->connect.session_expiry_interval;
}

/* The client has a new connection: its older ones should end now. Two that began at the same time
 * may be one, captured on both sides of a router. */
static void take_over(const mqtt5_capture_link *link, mqtt5_capture_link *older, bool resumed)
{
    if (older->will)
        mqtt5_capture_will_client_back(older, link, resumed);
    if (older->outcome != MQTT5_OUTCOME_ACCEPTED || older->ended || older->connack_time > link->connect_time ||
        older->connack_frame > link->connect_frame)
        return;
    older->may_be_taken_over = true;
    /* Of packets out of order nobody knows which connection is the older one. */
    if (older->taken_over_frame == 0 && mqtt5_capture_same_user(link, older) && !link->lost && !older->lost) {
        older->taken_over_frame = link->connect_frame;
        older->taken_over_time = link->connack_time;
    }
}

/* The server makes up a Client Identifier that another connection has. Two that began at the same time
 * may be one, captured on both sides of a router. */
static void check_assigned(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    const mqtt5_capture_link *older = link->older;

    if (!older || older->outcome != MQTT5_OUTCOME_ACCEPTED || older->ended || older->lost || link->lost ||
        older->connack_time > link->connect_time || !mqtt5_capture_same_user(link, older))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_assigned_client_id_in_use, MQTT5_NO_BYTES,
                 "the Assigned Client Identifier is the one of the connection that the CONNECT in frame %u began, which is still open; "
                 "the server must assign one that no other session has",
                 older->connect_frame);
}

/* The session goes on with all its subscriptions, if the capture has everything that was said of them
 * on the connection before (4.1). */
static void inherit_subscriptions(mqtt5_connection *connection, const mqtt5_capture_link *link, const mqtt5_capture_link *older)
{
    mqtt5_connection *before = older->connection;

    if (!before || connection->subscriptions || link->lost || older->lost || older->version != link->version ||
        !mqtt5_evidence_both_complete(before) || !(mqtt5_evidence_fresh(before) || before->subscriptions_inherited))
        return;
    /* Another connection of the client, which was not seen or not recognised, may have changed them. */
    if (MAX(link->server->unseen_frame, link->server->unnamed_frame) >= older->connect_frame)
        return;
    connection->subscriptions = before->subscriptions;
    connection->subscriptions_inherited = true;
    before->subscriptions = NULL;
    before->subscriptions_inherited = false;
    before->subscriptions_passed_on = true;
}

/* True if the capture may have stopped since the end of `older`, for so long that the client may have
 * had another connection. */
static bool may_have_stopped(const mqtt5_event *event, const mqtt5_capture_link *older)
{
    return mqtt5_pauses_longest(event->input->pauses, older->end_frame, event->input->time) >
           (event->input->server_hint == MQTT5_HINT_HANDSHAKE ? UNSEEN_PAUSE_LONG : UNSEEN_PAUSE);
}

static void see_connack(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_connack_state *connack = &connection->connack;
    bool certain;

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
    if (link->outcome == MQTT5_OUTCOME_REFUSED) {
        mqtt5_capture_will_answered(event, link, false);
        return;
    }
    if (!link->client && connack->assigned_client_id) {
        mqtt5_capture_link_name(connection->capture, link, connack->assigned_client_id);
        check_assigned(event, link);
    }
    link->session_expiry_interval = session_expiry_of(connection);
    link->maximum_packet_size = connection->sides[MQTT5_CLIENT - 1].limits.maximum_packet_size;
    link->receive_maximum = connection->sides[MQTT5_CLIENT - 1].limits.receive_maximum;
    link->subscriptions_known = mqtt5_evidence_fresh(connection) && !link->lost;
    if (link->subscriptions_known)
        link->whole_since = link->connect_frame;
    check_session(event, link);
    mqtt5_capture_note_missed(event, link, predecessor(link));
    for (mqtt5_capture_link *older = link->older; older; older = older->older)
        take_over(link, older, connack->session_present);
    for (mqtt5_capture_link *older = link->older; older; older = older->older) {
        bool resumed = connack->session_present && older == predecessor(link);

        certain = resumed && !may_have_stopped(event, older);
        mqtt5_capture_redelivery_resume(link, older, resumed, certain);
        if (certain)
            inherit_subscriptions(event->connection, link, older);
    }
    /* 3.1 has no Session Present: there the session may go on. */
    if (connack->session_present || (link->version == MQTT5_VERSION_3_1 && !link->clean_start))
        mqtt5_capture_journey_resume(link);
    mqtt5_capture_will_answered(event, link, true);
}

/* --- A connection that should have ended --- */

static bool is_answer(mqtt5_packet_type type)
{
    return type == MQTT5_PINGRESP || type == MQTT5_PUBACK || type == MQTT5_PUBREC || type == MQTT5_PUBCOMP || type == MQTT5_SUBACK ||
           type == MQTT5_UNSUBACK;
}

/* True if the frames may not be in the order in which they were sent, so that the older connection is
 * the newer one: bytes are missing or late, a copy came before its message, or the connection that took
 * over has ended, so that the capture does not show both open any more. */
static bool is_order_uncertain(const mqtt5_capture_link *link)
{
    const mqtt5_capture_link *newer = link->newer;

    if (link->lost || link->server->disordered)
        return true;
    while (newer && newer->connect_frame != link->taken_over_frame)
        newer = newer->newer;
    return !newer || newer->ended;
}

static void check_goes_on(const mqtt5_event *event, mqtt5_capture_link *link)
{
    int64_t since = mqtt5_pauses_passed(event->input->pauses, link->taken_over_frame, link->taken_over_time, event->input->time);

    if (event->sender == MQTT5_CLIENT) {
        link->client_went_on |= since > TAKEOVER_PATIENCE;
        return;
    }
    if (link->goes_on_reported || event->packet->type == MQTT5_DISCONNECT || is_order_uncertain(link))
        return;
    if (since > TAKEOVER_QUEUE || (link->client_went_on && since > TAKEOVER_PATIENCE && is_answer(event->packet->type))) {
        link->goes_on_reported = true;
        mqtt5_report(event->findings, MQTT5_RULE_client_id_in_use, MQTT5_FIRST_BYTE,
                     "this connection continues %.1f s after the server accepted another one with the same Client Identifier (CONNECT in frame %u); the server must close the older one",
                     mqtt5_seconds(event->input->time - link->taken_over_time), link->taken_over_frame);
    }
}

/* --- The end of a connection --- */

/* The server has closed a connection by itself. */
static void note_drop(mqtt5_capture_server *server, uint32_t frame, int64_t time)
{
    if (time < server->last_drop_time)
        return;
    server->last_drop_time = time;
    server->last_drop_frame = frame;
}

static void end_link(mqtt5_capture_link *link, mqtt5_sender sender, bool server_knows, uint32_t frame, int64_t time)
{
    if (!link->ended) {
        link->ended = true;
        link->end_frame = frame;
        link->end_time = time;
        if (sender == MQTT5_SERVER && link->outcome == MQTT5_OUTCOME_ACCEPTED && link->taken_over_frame == 0)
            note_drop(link->server, frame, time);
    }
    if (server_knows && !link->server_knows) {
        link->server_knows = true;
        link->server_end_time = time;
    }
}

static void see_disconnect(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_packet *packet = event->packet;
    bool first = !link->ended;

    if (packet->status != MQTT5_DECODED || (packet->properties.present && !packet->properties.sound))
        link->lost = true;
    else if (event->sender == MQTT5_CLIENT && first)
        link->session_expiry_interval =
            mqtt5_property_number(packet, &packet->properties, MQTT5_SESSION_EXPIRY_INTERVAL, link->session_expiry_interval);
    link->may_be_taken_over |= event->sender == MQTT5_SERVER && packet->reason_code == MQTT5_CODE_SESSION_TAKEN_OVER;
    end_link(link, event->sender, true, event->input->frame, event->input->time);
    if (link->will)
        mqtt5_capture_will_ends(event->connection->capture, link,
                                event->sender == MQTT5_CLIENT && (link->version < MQTT5_VERSION_5 || packet->reason_code == 0));
}

void mqtt5_capture_closed(mqtt5_closing *closing)
{
    mqtt5_connection *connection = closing->connection;
    mqtt5_capture_link *link = connection->link;

    if (!link)
        return;
    mqtt5_capture_learn_loss(connection, closing->close->frame);
    link->lost |= mqtt5_evidence_read_more(closing);
    mqtt5_capture_redelivery_closed(closing, link);
    /* TCP sends a FIN until it has arrived, a RST only once. */
    end_link(link, closing->sender, closing->sender == MQTT5_SERVER || !closing->close->reset, closing->close->frame, closing->close->time);
    mqtt5_capture_learn_unheard(link, MQTT5_SENDER_UNKNOWN);
    if (link->will)
        mqtt5_capture_will_ends(connection->capture, link, false);
}

/* --- In order --- */

static void see_publish(const mqtt5_event *event, mqtt5_capture_link *link)
{
    /* A capture of one connection has no copies to compare, but a client may come for what is retained. */
    bool again = mqtt5_capture_redelivery_concerns(event, link), journey,
         copies = event->connection->capture->connections > 1 || link->no_local ||
                  (event->sender == MQTT5_CLIENT && mqtt5_publish_retain(event->packet));
    mqtt5_capture_message message;

    if (event->sender == MQTT5_SERVER && mqtt5_publish_qos(event->packet) > 0 && !mqtt5_publish_dup(event->packet))
        mqtt5_capture_in_flight_sent(event, link);
    /* With QoS 2, its PUBREL may come when there are others. */
    journey = copies || link->subscriptions ||
              (event->sender == MQTT5_CLIENT && mqtt5_publish_qos(event->packet) == 2 && event->connection->capture->memory > 0);
    if (!again && !journey)
        return;
    message = mqtt5_capture_message_of(event, link);
    if (again)
        mqtt5_capture_redelivery_publish(event, link, &message);
    if (copies)
        mqtt5_capture_message_see(event, link, &message);
    if (!message.readable)
        return;
    if (journey)
        mqtt5_capture_journey_see(event, link, &message);
    mqtt5_capture_loop_see(event, link, &message);
}

void mqtt5_capture_see_unknown(const mqtt5_event *event)
{
    mqtt5_capture_link *link = link_of(event);

    link->lost = true;
    mqtt5_capture_learn_unheard(link, event->sender);
    if (!link->client)
        mqtt5_capture_learn_unnamed(link, event->input->frame, event->input->time);
    if (event->packet->type == MQTT5_PUBLISH && event->sender == MQTT5_CLIENT)
        link->server->unseen_frame = event->input->frame;
}

/* True if nobody knows whose connection it is; not so before CONNACK, where a client that has no Client
 * Identifier waits for one. */
static bool is_unnamed(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    return !link->client && event->packet->type != MQTT5_CONNECT && link->outcome != MQTT5_OUTCOME_REFUSED &&
           (link->connect_frame == 0 || link->connack_frame != 0 || !event->connection->connect.known);
}

void mqtt5_capture_see(mqtt5_event *event)
{
    mqtt5_capture_link *link = link_of(event);

    mqtt5_capture_learn_loss(event->connection, event->input->frame);
    mqtt5_capture_learn_unheard(link, event->sender);
    if (is_unnamed(event, link))
        mqtt5_capture_learn_unnamed(link, event->input->frame, event->input->time);
    if (link->unacknowledged && event->input->acks_known)
        mqtt5_capture_redelivery_acks(link, event->sender,
                                      mqtt5_evidence_far(event->connection, !event->input->direction, event->input->acks));
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
        mqtt5_capture_redelivery_acknowledged(event, link);
        if (event->packet->type == MQTT5_PUBACK || event->packet->reason_code >= MQTT5_CODE_FAILURE)
            mqtt5_capture_in_flight_done(event, link);
        if (event->sender == MQTT5_SERVER && (event->packet->has & MQTT5_HAS_REASON_CODE) &&
            event->packet->reason_code >= MQTT5_CODE_FAILURE) {
            mqtt5_capture_message_refused(event, link);
            mqtt5_capture_journey_refused(event, link);
        }
        break;
    case MQTT5_PUBREL:
        mqtt5_capture_redelivery_released(event, link);
        mqtt5_capture_journey_released(event, link);
        break;
    case MQTT5_PUBCOMP:
        mqtt5_capture_redelivery_released(event, link);
        mqtt5_capture_in_flight_done(event, link);
        break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE:
        mqtt5_capture_redelivery_request(event, link);
        mqtt5_capture_subscriptions_see(event, link);
        break;
    case MQTT5_SUBACK: mqtt5_capture_subscriptions_see(event, link); break;
    case MQTT5_DISCONNECT: see_disconnect(event, link); break;
    default: break;
    }
    if (link->taken_over_frame != 0)
        check_goes_on(event, link);
    if (link->missed_subscriptions != 0)
        mqtt5_capture_check_missed(event, link);
    if (event->sender == MQTT5_SERVER && event->connection->capture->wills)
        mqtt5_capture_will_overdue(event, link);
}
