/* rpc.c
 * Requests and responses in messages (4.10): a requester publishes a request with a Response Topic,
 * the server delivers it to a responder, the responder publishes its response to that topic, and
 * the server delivers that to the requester.
 *
 * Two links follow: on the connection of the responder, from the request that it got to the response
 * that it published; and from the request that was published to the response that was delivered. What
 * joins them are the Response Topic and the Correlation Data, which the server forwards unaltered
 * [MQTT-3.3.2-15], [MQTT-3.3.2-16]. Where several requests have the same, at the same time, nothing is
 * linked. Links only: nothing is found to be wrong here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/rpc_table.h"

#include <string.h>

#include "core/session/evidence.h"
#include "core/session/modules.h"
#include "core/standard/reason_code.h"

/* Once requests were pushed out of the table, only Correlation Data of this length is sure not to be
 * that of one of them. */
#define UNIQUE_CORRELATION 8
/* An acknowledgment is looked up among so many of the latest requests of the connection. */
#define LATEST 64

/* One PUBLISH. */
typedef struct {
    const mqtt5_event *event;
    struct mqtt5_rpcs *rpcs;
    mqtt5_capture_link *link;
    const uint8_t *topic;
    uint32_t topic_length;
    const uint8_t *correlation;
    uint32_t correlation_length; /* 0: none */
    mqtt5_rpc *rpc;              /* what there is to tell; NULL: nothing so far */
} message;

/* A topic and Correlation Data as hashes: of messages as they are published at the server, or
 * delivered to one link; and of the topic alone, on one link. */
typedef struct {
    uint64_t published, delivered, topic;
} keys;

static keys keys_of(const message *m, const uint8_t *topic, uint32_t length)
{
    const mqtt5_hash_key *key = &m->link->server->key;
    uint64_t link_seed = key->b + m->link->serial * UINT64_C(0x9E3779B97F4A7C15);
    uint64_t at_server = mqtt5_capture_hash(topic, length, key->a), at_link = mqtt5_capture_hash(topic, length, link_seed);

    return (keys){mqtt5_capture_hash(m->correlation, m->correlation_length, at_server),
                  mqtt5_capture_hash(m->correlation, m->correlation_length, at_link), at_link};
}

/* What to tell of this message, beside what was told so far. Made only for requests and responses. */
static mqtt5_rpc *rpc_of(message *m)
{
    mqtt5_arena *arena = &m->event->connection->arena;
    const mqtt5_publication *before = m->event->facts->detail.publication;
    size_t size = sizeof *before + (before ? before->shown * sizeof before->granted[0] : 0);
    mqtt5_publication *made;

    if (m->rpc)
        return m->rpc;
    m->rpc = mqtt5_arena_alloc(arena, sizeof *m->rpc);
    memset(m->rpc, 0, sizeof *m->rpc);
    made = mqtt5_arena_alloc(arena, size);
    if (before)
        memcpy(made, before, size);
    else
        memset(made, 0, size);
    made->rpc = m->rpc;
    m->event->facts->detail.publication = made;
    return m->rpc;
}

/* --- Requests --- */

/* Another request with the same Response Topic and Correlation Data. Returns false if the one before
 * still waits: then it is not known which of them the next response answers. */
static bool use_again(message *m, mqtt5_rpc_entry *entry)
{
    if (entry->open == 0)
        return true;
    entry->mixed = true;
    entry->open += entry->open < UINT32_MAX;
    mqtt5_rpcs_disown(m->rpcs, entry);
    return false;
}

/* The entry for a request that begins to wait; NULL if it cannot be told from others. */
static mqtt5_rpc_entry *begin(message *m, mqtt5_rpc_entry *entry, uint64_t hash)
{
    const mqtt5_input *input = m->event->input;
    bool again = entry != NULL, doubtful;

    if (again && !use_again(m, entry))
        return NULL;
    if (again)
        mqtt5_rpcs_disown(m->rpcs, entry);
    else
        entry = mqtt5_rpcs_add(m->rpcs, hash);
    entry->by_topic = m->correlation_length == 0;
    doubtful = m->rpcs->forgotten && m->correlation_length < UNIQUE_CORRELATION;
    entry->weak = again || entry->by_topic || doubtful;
    entry->surplus |= doubtful;
    entry->mixed = entry->answered = entry->several = entry->said = false;
    entry->open = 1;
    entry->frame = input->frame;
    entry->time = input->time;
    entry->serial = m->link->serial;
    entry->client = m->link->client;
    entry->evidence = mqtt5_evidence_number(m->event->connection);
    entry->packet_id = m->event->packet->packet_id;
    entry->reached = entry->published = entry->published_for = entry->source = 0;
    m->rpcs->by_topic |= entry->by_topic;
    mqtt5_rpcs_own(m->rpcs, entry, m->event->connection, rpc_of(m));
    return entry;
}

static bool is_requester(const mqtt5_rpc_entry *entry, const mqtt5_capture_link *link)
{
    return entry->serial == link->serial || (entry->client && entry->client == link->client);
}

static void see_published_request(message *m, const uint8_t *topic, uint32_t length)
{
    keys key = keys_of(m, topic, length);
    mqtt5_rpc_entry *entry = mqtt5_rpcs_find(m->rpcs, key.published);
    mqtt5_capture_match match = {0};

    /* A client that has no acknowledgment sends it again, on the next connection, too. */
    if (entry && entry->open > 0 && mqtt5_publish_dup(m->event->packet) && is_requester(entry, m->link))
        return;
    entry = begin(m, entry, key.published);
    if (!entry)
        return;
    if (m->link->subscriptions_known && !m->link->lost)
        match = mqtt5_capture_subscriptions_match(m->link, topic, length, m->event->input->time);
    entry->subscribed = match.count > 0 && match.certain && !match.no_local;
    entry->stray = (uint16_t)(key.topic % MQTT5_RPC_STRAYS);
}

static void see_delivered_request(message *m, const uint8_t *topic, uint32_t length)
{
    keys key = keys_of(m, topic, length);
    mqtt5_rpc_entry *published = mqtt5_rpcs_find(m->rpcs, key.published), *entry;
    uint32_t source = 0;

    if (published && published->open == 1 && !published->mixed) {
        source = published->frame;
        if (published->reached == 0)
            published->reached = m->event->input->frame;
    }
    entry = mqtt5_rpcs_find(m->rpcs, key.delivered);
    /* Sent again, or once for each of several subscriptions. */
    if (entry && entry->open > 0 && (mqtt5_publish_dup(m->event->packet) || (source != 0 && entry->source == source)))
        return;
    entry = begin(m, entry, key.delivered);
    if (!entry)
        return;
    entry->is_delivery = true;
    entry->source = source;
}

/* A message with a Response Topic. */
static void see_request(message *m, const uint8_t *topic, uint32_t length)
{
    if (m->event->sender == MQTT5_CLIENT)
        see_published_request(m, topic, length);
    else
        see_delivered_request(m, topic, length);
}

/* --- Responses --- */

/* True if a response with this Response Topic and Correlation Data is surely one to the request. */
static bool is_sure(const message *m, const mqtt5_rpc_entry *entry)
{
    if (entry->mixed || (entry->open == 0 && !entry->answered) || (entry->weak && entry->surplus))
        return false;
    if (!entry->weak)
        return true;
    /* There may be other requests, unseen, and further responses to earlier ones. */
    if (entry->open == 0)
        return false;
    return entry->is_delivery ? !m->link->lost : !m->link->server->blind && entry->frame > m->link->server->unseen_frame;
}

/* A response has come for one of the open requests. */
static void finish(message *m, mqtt5_rpc_entry *entry)
{
    if (entry->open == 0) {
        entry->surplus |= !mqtt5_publish_dup(m->event->packet);
        return;
    }
    if (entry->open < UINT32_MAX)
        entry->open--;
    entry->answered = true;
    if (entry->open == 0)
        mqtt5_rpcs_disown(m->rpcs, entry);
}

/* Links the message to a request that is_sure(). */
static void link_to(message *m, const mqtt5_rpc_entry *entry, bool first)
{
    mqtt5_rpc *rpc = rpc_of(m);

    rpc->request_frame = entry->frame;
    rpc->by_topic = entry->by_topic;
    rpc->timed = first && m->event->input->time >= entry->time;
    if (rpc->timed)
        rpc->time = m->event->input->time - entry->time;
}

/* Notes in the request, which is_sure(), as it was published, how it was answered. */
static void note_published(const message *m, mqtt5_rpc_entry *request, uint32_t delivered, int64_t time)
{
    uint32_t frame = m->event->input->frame;

    request->several |= request->published != 0;
    if (request->published == 0) {
        request->published = frame;
        request->published_for = delivered;
        request->responder_time = time;
    }
    if (request->request && request->request->response_frame == 0)
        request->request->response_frame = frame;
}

static void see_published_response(message *m, const keys *key)
{
    mqtt5_rpc_entry *delivered = mqtt5_rpcs_find(m->rpcs, key->delivered), *published = mqtt5_rpcs_find(m->rpcs, key->published);
    uint32_t request = 0;
    int64_t time = 0;

    if (mqtt5_publish_dup(m->event->packet) && !(delivered && delivered->open > 0))
        return;
    if (delivered && is_sure(m, delivered)) {
        link_to(m, delivered, delivered->open == 1);
        if (m->rpc->timed) {
            request = delivered->frame;
            time = m->rpc->time;
        }
        if (delivered->request)
            delivered->request->response_frame = m->event->input->frame;
    }
    if (published && published->open == 1 && is_sure(m, published) && (delivered || !is_requester(published, m->link))) {
        if (!delivered)
            link_to(m, published, false);
        note_published(m, published, request, time);
    }
    if (delivered)
        finish(m, delivered);
}

/* A message to a requester that may be a response that has lost its Correlation Data. */
static void note_stray(const message *m, const keys *key)
{
    if (m->event->connection->rpc_newest != 0)
        m->rpcs->strays[key->topic % MQTT5_RPC_STRAYS] = m->event->input->frame;
}

static void see_delivered_response(message *m, const keys *key)
{
    mqtt5_rpc_entry *entry = mqtt5_rpcs_find(m->rpcs, key->published);
    bool own = entry && is_requester(entry, m->link), first = own && entry->open == 1;

    /* A retained message may be older than the request. */
    if (!entry || (mqtt5_publish_retain(m->event->packet) && entry->published == 0)) {
        note_stray(m, key);
        return;
    }
    if (is_sure(m, entry)) {
        link_to(m, entry, first);
        if (m->rpc->timed && entry->published_for != 0 && !entry->several) {
            m->rpc->responder_request_frame = entry->published_for;
            m->rpc->responder_response_frame = entry->published;
            m->rpc->responder_time = entry->responder_time;
        }
        if (entry->request && (first || entry->request->response_frame == 0))
            entry->request->response_frame = m->event->input->frame;
    } else if (own) {
        note_stray(m, key);
    }
    if (own)
        finish(m, entry);
}

static void see_response(message *m)
{
    keys key = keys_of(m, m->topic, m->topic_length);

    if (m->event->sender == MQTT5_CLIENT)
        see_published_response(m, &key);
    else
        see_delivered_response(m, &key);
}

/* --- No response --- */

/* True if all messages on the Response Topic since the request were told from a response. */
static bool has_no_stray(struct mqtt5_rpcs *rpcs, const mqtt5_rpc_entry *entry)
{
    return rpcs->strays[entry->stray] < entry->frame;
}

static void note_unanswered(mqtt5_rpc_entry *entry, uint32_t frame, mqtt5_rpc_unanswered reason)
{
    entry->said = true;
    if (!entry->request)
        return;
    entry->request->unanswered_frame = frame;
    entry->request->reason = (uint8_t)reason;
    entry->request->reached_frame = entry->reached;
    entry->request->published_frame = entry->published;
}

/* PUBACK or PUBREC of the server: it may say that nobody gets the request. */
static MQTT5_SELDOM void see_acknowledgment(const mqtt5_event *event)
{
    struct mqtt5_rpcs *rpcs = event->connection->capture->rpcs;
    const mqtt5_packet *packet = event->packet;
    mqtt5_rpc_entry *entry = mqtt5_rpcs_newest(rpcs, event->connection);
    bool refused = packet->reason_code >= MQTT5_CODE_FAILURE;

    for (unsigned left = LATEST; entry && left > 0; entry = mqtt5_rpcs_older(rpcs, entry), left--) {
        if (entry->is_delivery || entry->frame != event->facts->request_frame || entry->packet_id != packet->packet_id)
            continue;
        if (entry->said || entry->reached != 0)
            return;
        note_unanswered(entry, event->input->frame, refused ? MQTT5_RPC_REFUSED : MQTT5_RPC_NO_SUBSCRIBER);
        entry->open = 0;
        return;
    }
}

/* True if the client gets nothing more: it has said DISCONNECT, or does not read any more, or the
 * server ends the connection and all that it sent is in the capture. */
static bool is_deaf(const mqtt5_closing *closing)
{
    const mqtt5_connection *connection = closing->connection;

    if (!mqtt5_evidence_heard(connection, MQTT5_SERVER) || closing->close->gap || closing->close->peer_gap)
        return false;
    if (closing->sender == MQTT5_SERVER)
        return closing->close->complete;
    return closing->close->reset || connection->sides[MQTT5_CLIENT - 1].disconnect_frame != 0;
}

void mqtt5_rpc_closed(mqtt5_closing *closing)
{
    mqtt5_connection *connection = closing->connection;
    struct mqtt5_rpcs *rpcs = connection->capture->rpcs;

    /* The session of a client that comes back may still get it. */
    if (connection->rpc_newest == 0 || !connection->link || connection->link->session_expiry_interval != 0 || !is_deaf(closing))
        return;
    for (mqtt5_rpc_entry *entry = mqtt5_rpcs_newest(rpcs, connection); entry; entry = mqtt5_rpcs_older(rpcs, entry))
        if (!entry->is_delivery && entry->subscribed && !entry->said && entry->evidence == mqtt5_evidence_number(connection) &&
            connection->rpc_unread < entry->frame && has_no_stray(rpcs, entry))
            note_unanswered(entry, closing->close->frame, MQTT5_RPC_ENDED);
}

/* --- In order --- */

static bool is_readable(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;

    return (packet->status == MQTT5_DECODED || packet->status == MQTT5_CUT) && (packet->has & MQTT5_HAS_TOPIC) &&
           (packet->version < MQTT5_VERSION_5 || packet->properties.sound) && (event->topic_known || packet->topic.length > 0);
}

static MQTT5_SELDOM void see_publish(mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    message m = {.event = event, .link = event->connection->link};
    mqtt5_property topic, correlation;
    bool asks;

    if (!is_readable(event)) {
        if (event->sender == MQTT5_SERVER)
            event->connection->rpc_unread = event->input->frame;
        return;
    }
    if (!event->connection->capture->rpcs)
        event->connection->capture->rpcs = mqtt5_rpcs_new();
    m.rpcs = event->connection->capture->rpcs;
    m.topic = event->topic_known ? event->topic : mqtt5_bytes(packet, packet->topic);
    m.topic_length = event->topic_known ? event->topic_length : packet->topic.length;
    if (mqtt5_property_find(packet, &packet->properties, MQTT5_CORRELATION_DATA, &correlation)) {
        m.correlation = mqtt5_bytes(packet, correlation.text);
        m.correlation_length = correlation.text.length;
    }
    asks = mqtt5_property_find(packet, &packet->properties, MQTT5_RESPONSE_TOPIC, &topic) && topic.text.length > 0;
    /* A request to its own Response Topic is no response. */
    if (!asks || topic.text.length != m.topic_length || memcmp(mqtt5_bytes(packet, topic.text), m.topic, m.topic_length) != 0)
        see_response(&m);
    if (asks)
        see_request(&m, mqtt5_bytes(packet, topic.text), topic.text.length);
}

/* True for a request, and for what may be a response: which messages without Correlation Data are
 * only if requests have none, or if they come to a requester. */
static bool concerns(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    const struct mqtt5_rpcs *rpcs = connection->capture->rpcs;

    if (mqtt5_property_has(&event->packet->properties, MQTT5_RESPONSE_TOPIC))
        return connection->link != NULL;
    return rpcs &&
           (connection->rpc_newest != 0 || rpcs->by_topic || mqtt5_property_has(&event->packet->properties, MQTT5_CORRELATION_DATA));
}

void mqtt5_rpc_see(mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;

    if (packet->type == MQTT5_PUBLISH) {
        if (concerns(event))
            see_publish(event);
    } else if (event->connection->rpc_newest != 0 && (packet->type == MQTT5_PUBACK || packet->type == MQTT5_PUBREC) &&
               event->sender == MQTT5_SERVER && (packet->has & MQTT5_HAS_REASON_CODE) && packet->reason_code != 0) {
        see_acknowledgment(event);
    }
}

void mqtt5_rpc_clear(mqtt5_connection *connection)
{
    while (connection->rpc_newest != 0)
        mqtt5_rpcs_disown(connection->capture->rpcs, mqtt5_rpcs_newest(connection->capture->rpcs, connection));
}
