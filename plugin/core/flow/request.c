/* request.c
 * Requests that have no Packet Identifier, and their answers: CONNECT and CONNACK, the AUTH packets
 * in their turns, PINGREQ and PINGRESP. And, at the end of a connection, which requests of all
 * kinds it leaves unanswered.
 *
 * Links only: what is wrong with such an exchange is said elsewhere. One that cannot be told for
 * sure is left out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/request.h"

#include "core/flow/flow.h"
#include "core/session/modules.h"
#include "core/session/ping.h"
#include "core/standard/reason_code.h"

#include <string.h>

/* PINGREQ are answered in their order. So many without an answer are kept; further ones are only
 * counted. */
#define PINGS_MAX 64

/* A packet that waits for an answer. */
typedef struct {
    uint32_t frame; /* 0: none */
    uint32_t position;
    int64_t time;
    mqtt5_answer *answer; /* to it: where to note that; NULL: nowhere */
    bool sure;            /* nothing that bears on it is missing from the capture */
} waiting;

struct mqtt5_requests {
    waiting connect;
    bool connect_open; /* it waits for CONNACK, and there was no other one */
    waiting turn;      /* the CONNECT or AUTH that the next AUTH answers, or CONNACK */
    mqtt5_sender turn_sender;
    bool turn_is_auth;

    waiting *pings; /* the oldest first */
    unsigned ping_count, ping_size;
    uint32_t later_pings; /* further ones after those */
    bool pings_unsure;    /* one that is not in the capture may be open */
    int64_t unsure_since;
};

static struct mqtt5_requests *requests_of(mqtt5_connection *connection)
{
    if (!connection->requests)
        connection->requests = g_new0(struct mqtt5_requests, 1);
    return connection->requests;
}

void mqtt5_request_clear(mqtt5_connection *connection)
{
    if (connection->requests)
        g_free(connection->requests->pings);
    g_clear_pointer(&connection->requests, g_free);
}

static waiting waiting_of(const mqtt5_event *event)
{
    return (waiting){event->input->frame, event->input->position, event->input->time, &event->facts->answer, true};
}

static void note(waiting *request, uint32_t frame, bool never)
{
    if (request->answer)
        *request->answer = (mqtt5_answer){frame, never};
}

/* The packet is the answer to `request`. */
static void link_to(const mqtt5_event *event, waiting *request)
{
    event->facts->request_frame = request->frame;
    event->facts->request_time = request->time;
    note(request, event->input->frame, false);
}

/* --- CONNECT, AUTH and CONNACK --- */

static void see_connect(const mqtt5_event *event, struct mqtt5_requests *requests)
{
    /* Of two, it is not known which is answered. */
    requests->connect_open = !event->connection->connect_linked;
    requests->turn.frame = 0;
    if (!requests->connect_open)
        return;
    event->connection->connect_linked = true;
    requests->connect = requests->turn = waiting_of(event);
    requests->turn_sender = MQTT5_CLIENT;
    requests->turn_is_auth = false;
    requests->turn.answer = NULL;
    if (mqtt5_property_has(&event->packet->properties, MQTT5_AUTHENTICATION_METHOD)) {
        requests->turn.answer = mqtt5_arena_alloc(&event->connection->arena, sizeof *requests->turn.answer);
        note(&requests->turn, 0, false);
        event->facts->detail.authentication = requests->turn.answer;
    }
}

/* It answers the CONNECT, and the last AUTH of the client too if there was one. */
static void see_connack(mqtt5_event *event, struct mqtt5_requests *requests)
{
    if (!requests->connect_open)
        return;
    link_to(event, &requests->connect);
    requests->connect_open = false;
    if (requests->turn.frame != 0 && requests->turn_is_auth && requests->turn_sender == MQTT5_CLIENT) {
        note(&requests->turn, event->input->frame, false);
        event->authentication_frame = requests->turn.frame;
    }
    requests->turn.frame = 0;
}

static void see_auth(const mqtt5_event *event, struct mqtt5_requests *requests)
{
    bool client = event->sender == MQTT5_CLIENT, readable = (event->packet->has & MQTT5_HAS_REASON_CODE) != 0;
    uint8_t code = event->packet->reason_code;

    if (requests->turn.frame != 0 && requests->turn_sender != event->sender && readable && !(client && code == MQTT5_CODE_RE_AUTHENTICATE))
        link_to(event, &requests->turn);
    requests->turn.frame = 0;
    if (!readable || (!client && code == MQTT5_CODE_SUCCESS))
        return;
    requests->turn = waiting_of(event);
    requests->turn_sender = event->sender;
    requests->turn_is_auth = true;
}

/* --- PINGREQ and PINGRESP --- */

static void lose_pings(struct mqtt5_requests *requests, int64_t now)
{
    requests->ping_count = 0;
    requests->later_pings = 0;
    requests->pings_unsure = true;
    requests->unsure_since = now;
}

static void see_pingreq(const mqtt5_event *event, struct mqtt5_requests *requests)
{
    waiting *ping;

    if (requests->pings_unsure && requests->ping_count == 0 && event->input->time - requests->unsure_since >= MQTT5_PING_PATIENCE)
        requests->pings_unsure = false;
    if (requests->ping_count == PINGS_MAX || requests->later_pings > 0) {
        requests->later_pings++;
        return;
    }
    if (requests->ping_count == requests->ping_size) {
        requests->ping_size = requests->ping_size ? 2 * requests->ping_size : 2;
        requests->pings = g_renew(waiting, requests->pings, requests->ping_size);
    }
    ping = &requests->pings[requests->ping_count++];
    *ping = waiting_of(event);
    ping->sure = !requests->pings_unsure;
}

static void see_pingresp(const mqtt5_event *event, struct mqtt5_requests *requests)
{
    if (requests->ping_count == 0) {
        requests->later_pings -= requests->later_pings > 0;
        return;
    }
    /* The server had not received the PINGREQ, so this does not answer it. */
    if (event->input->acks_known && !mqtt5_evidence_arrived(event, requests->pings[0].position)) {
        lose_pings(requests, event->input->time);
        return;
    }
    if (requests->pings[0].sure)
        link_to(event, &requests->pings[0]);
    requests->ping_count--;
    memmove(requests->pings, requests->pings + 1, requests->ping_count * sizeof *requests->pings);
}

/* After CONNACK most connections wait for nothing, and many never ping. */
static void free_if_idle(mqtt5_connection *connection)
{
    const struct mqtt5_requests *requests = connection->requests;

    if (!requests->connect_open && requests->turn.frame == 0 && !requests->pings && !requests->pings_unsure)
        g_clear_pointer(&connection->requests, g_free);
}

static void lose(struct mqtt5_requests *requests, int64_t now)
{
    lose_pings(requests, now);
    requests->turn.frame = 0;
    requests->connect.sure = false;
}

void mqtt5_request_lose(mqtt5_connection *connection)
{
    lose(requests_of(connection), MAX(connection->sides[0].last_time, connection->sides[1].last_time));
}

static MQTT5_SELDOM void see(mqtt5_event *event)
{
    struct mqtt5_requests *requests = requests_of(event->connection);
    bool client = event->sender == MQTT5_CLIENT;

    if (event->input->gap || event->input->peer_gap)
        lose(requests, event->input->time);
    switch (event->packet->type) {
    case MQTT5_CONNECT:
        if (client)
            see_connect(event, requests);
        break;
    case MQTT5_CONNACK:
        if (!client) {
            see_connack(event, requests);
            free_if_idle(event->connection);
        }
        break;
    case MQTT5_AUTH: see_auth(event, requests); break;
    case MQTT5_PINGREQ:
        if (client)
            see_pingreq(event, requests);
        break;
    case MQTT5_PINGRESP:
        if (!client)
            see_pingresp(event, requests);
        break;
    default: break;
    }
}

void mqtt5_request_see(mqtt5_event *event)
{
    static const uint32_t requests =
        MQTT5_IN(MQTT5_CONNECT) | MQTT5_IN(MQTT5_CONNACK) | MQTT5_IN(MQTT5_PINGREQ) | MQTT5_IN(MQTT5_PINGRESP) | MQTT5_IN(MQTT5_AUTH);

    if ((requests >> event->packet->type & 1) || event->input->gap || event->input->peer_gap)
        see(event);
}

/* --- What a close leaves open --- */

/* Collects the requests that a close ends. */
typedef struct {
    const mqtt5_connection *connection;
    uint32_t frame;    /* of the close */
    bool ended[2];     /* by sender - 1: this side answers no more, and all that it said is known */
    GArray *frames;    /* of the requests */
    mqtt5_sender side; /* of the flows that are looked at */
} leaving;

static void leave(leaving *left, uint32_t request_frame)
{
    g_array_append_val(left->frames, request_frame);
}

static void leave_waiting(leaving *left, mqtt5_sender from, waiting *request)
{
    if (request->frame == 0 || !request->sure || !left->ended[mqtt5_peer_of(from) - 1])
        return;
    leave(left, request->frame);
    note(request, left->frame, true);
    request->frame = 0;
}

static void leave_flow(mqtt5_flow *flow, gpointer data)
{
    leaving *left = data;
    /* Of the steps of a flow, PUBREL alone comes from the side that sent the PUBLISH. */
    mqtt5_sender answers = flow->awaits == MQTT5_PUBREL ? left->side : mqtt5_peer_of(left->side);

    /* What answers one of several sendings answers none of them here. */
    if (!left->ended[answers - 1] || flow->left || (flow->unlinked && (flow->shared || flow->request_frame == 0)) ||
        !mqtt5_flow_unanswered(left->connection, flow))
        return;
    leave(left, flow->frame);
    if (flow->answer)
        *flow->answer = (mqtt5_answer){left->frame, true};
    flow->left = flow->unlinked = true;
}

static void leave_requests(leaving *left, struct mqtt5_requests *requests)
{
    if (requests->turn_is_auth)
        leave_waiting(left, requests->turn_sender, &requests->turn);
    else if (requests->connect_open && requests->turn.frame != 0)
        leave_waiting(left, MQTT5_CLIENT, &requests->connect);
    for (unsigned i = 0; i < requests->ping_count; i++)
        leave_waiting(left, MQTT5_CLIENT, &requests->pings[i]);
}

static int compare_frames(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The frames in ascending order; only the first ones if there are many. */
static const mqtt5_open_requests *keep_open(mqtt5_connection *connection, GArray *frames)
{
    uint32_t shown = MIN(frames->len, MQTT5_OPEN_REQUESTS_MAX);
    mqtt5_open_requests *kept = mqtt5_arena_alloc(&connection->arena, sizeof *kept + shown * sizeof kept->frames[0]);

    g_array_sort(frames, compare_frames);
    kept->count = frames->len;
    kept->shown = shown;
    memcpy(kept->frames, frames->data, shown * sizeof kept->frames[0]);
    return kept;
}

/* After a FIN its sender answers no more, which counts if all that it sent was captured; after a
 * RST the other side's answers reach nobody. */
void mqtt5_request_closed(mqtt5_closing *closing)
{
    mqtt5_connection *connection = closing->connection;
    const mqtt5_close *close = closing->close;
    mqtt5_sender peer = mqtt5_peer_of(closing->sender);
    leaving left = {.connection = connection, .frame = close->frame};

    if (close->gap || close->peer_gap)
        return;
    left.ended[closing->sender - 1] = close->complete;
    left.ended[peer - 1] = close->reset && mqtt5_evidence_heard(connection, peer) && !mqtt5_evidence_lost(connection, peer);
    if (!left.ended[0] && !left.ended[1])
        return;
    left.frames = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (connection->requests)
        leave_requests(&left, connection->requests);
    for (left.side = MQTT5_CLIENT; left.side <= MQTT5_SERVER; left.side++)
        if (connection->sides[left.side - 1].flows)
            mqtt5_flows_foreach(connection->sides[left.side - 1].flows, leave_flow, &left);
    if (left.frames->len > 0)
        closing->facts->detail.open = keep_open(connection, left.frames);
    g_array_free(left.frames, TRUE);
}
