/* session_world_message.c
 * Messages on their way through the server: as a client published them, and as subscribers in the same capture get them.
 *
 * The two are matched by topic and payload, where that pair was published just once. Only the last messages are remembered; of a copy
 * whose message is forgotten, or was never captured, nothing is said.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_world.h"

#include <string.h>

#define MESSAGES 4096
#define BUCKETS 4096
#define CHAIN 32        /* messages of one bucket that are looked at */
#define PROPERTIES 1024 /* bytes of properties that are kept */
#define RETAINED 1024
#define DELIVERED 64
/* A short payload (on, off, 21.5) comes again from anybody; a long one is less likely to. */
#define TELLING_PAYLOAD 16
#define SETTLED MQTT5_SECOND
#define RETAINED_PATIENCE (5 * MQTT5_SECOND)

typedef struct {
    int64_t time;
    uint32_t frame, sequence, publisher; /* publisher: serial of its link */
    bool ambiguous;                      /* published more than once, or delivered before it was seen to be published */
    bool published;                      /* by a client in the capture */
    bool retain;
    bool properties_known;
    uint8_t qos, version;
    uint8_t *properties;
    uint32_t properties_length, properties_room;
} message;

/* What a topic retains, as far as one client says. Entries of the same place push each other out. */
typedef struct {
    uint64_t topic_hash, current, previous; /* hashes of topic and payload */
    bool known, previous_known, cleared;
    const mqtt5_world_client *client; /* for comparing only */
    uint32_t serial, frame;           /* of the current one's publisher and PUBLISH */
    uint16_t packet_id;
    int64_t time;
} retained;

struct mqtt5_messages {
    message ring[MESSAGES];
    /* What is looked through lies close together. */
    uint64_t hashes[MESSAGES]; /* of the messages in `ring` */
    uint16_t chains[MESSAGES]; /* the next message in the same bucket: index + 1; 0: the last */
    uint16_t buckets[BUCKETS]; /* the first one: index + 1 */
    unsigned next;             /* to be used; the oldest message once the ring is full */
    bool full;
    uint32_t sequence; /* messages so far */
    retained retained[RETAINED];
};

/* The last message of one publisher, topic and QoS that a connection has got; entries of the same place push each other out. */
struct mqtt5_delivered {
    struct {
        uint64_t key;
        uint32_t sequence, frame;
    } last[DELIVERED];
};

void mqtt5_world_messages_free(struct mqtt5_messages *messages)
{
    if (!messages)
        return;
    for (unsigned i = 0; i < MESSAGES; i++)
        g_free(messages->ring[i].properties);
    g_free(messages);
}

uint64_t mqtt5_world_message_hash(const mqtt5_world_link *link, const uint8_t *topic, uint32_t topic_length, const uint8_t *payload,
                                  uint32_t payload_length, uint64_t *topic_hash)
{
    *topic_hash = mqtt5_world_hash(topic, topic_length, link->server->id);
    return mqtt5_world_hash(payload, payload_length, *topic_hash);
}

mqtt5_world_message mqtt5_world_message_of(const mqtt5_event *event, const mqtt5_world_link *link)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_world_message found = {.readable = false};

    if (packet->status != MQTT5_DECODED)
        return found;
    if (event->topic_known) {
        found.topic = event->topic;
        found.topic_length = event->topic_length;
    } else {
        found.topic = mqtt5_bytes(packet, packet->topic);
        found.topic_length = packet->topic.length;
    }
    found.readable = found.topic_length > 0;
    if (found.readable)
        found.hash = mqtt5_world_message_hash(link, found.topic, found.topic_length, mqtt5_bytes(packet, packet->payload),
                                              packet->payload.length, &found.topic_hash);
    return found;
}

/* --- The ring --- */

static message *look_up(struct mqtt5_messages *messages, uint64_t hash)
{
    unsigned left = CHAIN;

    for (uint16_t i = messages->buckets[hash % BUCKETS]; i != 0 && left > 0; i = messages->chains[i - 1], left--)
        if (messages->hashes[i - 1] == hash)
            return &messages->ring[i - 1];
    return NULL;
}

static void unlink_message(struct mqtt5_messages *messages, unsigned old)
{
    uint16_t *link = &messages->buckets[messages->hashes[old] % BUCKETS];

    while (*link != 0 && *link != old + 1)
        link = &messages->chains[*link - 1];
    if (*link != 0)
        *link = messages->chains[old];
}

/* Remembers a message in place of the oldest one. */
static message *remember(struct mqtt5_messages *messages, uint64_t hash, const mqtt5_event *event, const mqtt5_world_link *link)
{
    unsigned place = messages->next;
    message *made = &messages->ring[place];
    uint16_t *bucket = &messages->buckets[hash % BUCKETS];

    if (messages->full)
        unlink_message(messages, place);
    messages->hashes[place] = hash;
    messages->chains[place] = *bucket;
    *bucket = (uint16_t)(place + 1);
    messages->next = (place + 1) % MESSAGES;
    messages->full |= messages->next == 0;
    made->time = event->input->time;
    made->frame = event->input->frame;
    made->sequence = ++messages->sequence;
    made->publisher = link->serial;
    made->ambiguous = made->published = made->properties_known = false;
    return made;
}

static void keep_properties(const mqtt5_event *event, message *made)
{
    const mqtt5_property_list *list = &event->packet->properties;

    if (made->version < MQTT5_VERSION_5 || !list->sound || list->block.length > PROPERTIES)
        return;
    made->properties_known = true;
    made->properties_length = list->block.length;
    if (list->block.length > made->properties_room) {
        made->properties_room = list->block.length;
        made->properties = g_realloc(made->properties, made->properties_room);
    }
    if (list->block.length > 0)
        memcpy(made->properties, mqtt5_bytes(event->packet, list->block), list->block.length);
}

/* --- Retained messages --- */

static retained *retained_at(struct mqtt5_messages *messages, uint64_t topic_hash)
{
    return &messages->retained[topic_hash % RETAINED];
}

static void learn_retained(const mqtt5_event *event, struct mqtt5_messages *messages, mqtt5_world_link *link,
                           const mqtt5_world_message *published, uint32_t payload_length)
{
    retained *entry = retained_at(messages, published->topic_hash);
    const message *before = entry->known ? look_up(messages, entry->current) : NULL;
    bool same_source = entry->known && entry->topic_hash == published->topic_hash && link->client && entry->client == link->client;
    /* With QoS 0 the message itself may be dropped on its way; and what was published more than once may be published again by anybody. */
    bool replaces = same_source && mqtt5_publish_qos(event->packet) > 0 && before && !before->ambiguous && before->published;

    link->retains = true;
    if (same_source && entry->current == published->hash)
        return;
    entry->previous_known = replaces;
    entry->previous = entry->current;
    entry->topic_hash = published->topic_hash;
    entry->current = published->hash;
    entry->known = payload_length >= TELLING_PAYLOAD || payload_length == 0;
    entry->cleared = payload_length == 0;
    entry->client = link->client;
    entry->serial = link->serial;
    entry->packet_id = event->packet->packet_id;
    entry->frame = event->input->frame;
    entry->time = event->input->time;
}

void mqtt5_world_message_refused(const mqtt5_event *event, const mqtt5_world_link *link)
{
    struct mqtt5_messages *messages = event->connection->world->messages;

    if (!messages || !link->retains)
        return;
    for (unsigned i = 0; i < RETAINED; i++)
        if (messages->retained[i].known && messages->retained[i].serial == link->serial &&
            messages->retained[i].packet_id == event->packet->packet_id)
            messages->retained[i].known = messages->retained[i].previous_known = false;
}

/* A message with RETAIN 1 to subscriptions that only get it so because they are new. */
static void check_retained(const mqtt5_event *event, struct mqtt5_messages *messages, const mqtt5_world_message *copy,
                           const mqtt5_world_match *match)
{
    const retained *entry = retained_at(messages, copy->topic_hash);
    bool v5 = event->connection->version >= MQTT5_VERSION_5;

    if (event->packet->payload.length == 0) {
        mqtt5_report(event->findings, MQTT5_RULE_RETAINED_EMPTY, 0, 1, v5 ? NULL : "MQTT-3.3.1-11",
                     "RETAIN is 1 and the payload is empty; a server does not store such a message, and no subscription of this client "
                     "has Retain As "
                     "Published (suspected)");
        return;
    }
    if (!entry->known || !entry->previous_known || entry->topic_hash != copy->topic_hash || copy->hash != entry->previous ||
        copy->hash == entry->current || match->first_time - entry->time < RETAINED_PATIENCE)
        return;
    if (entry->cleared)
        mqtt5_report(event->findings, MQTT5_RULE_RETAINED_OUTDATED, 0, 1, v5 ? "MQTT-3.3.1-6" : "MQTT-3.3.1-10",
                     "this retained message was cleared by the empty PUBLISH in frame %u, %.1f s ago; it must be gone (suspected)",
                     entry->frame, (event->input->time - entry->time) / 1e9);
    else
        mqtt5_report(event->findings, MQTT5_RULE_RETAINED_OUTDATED, 0, 1, NULL,
                     "this retained message was replaced by that in frame %u, %.1f s ago; a new subscription gets the latest one "
                     "(suspected)",
                     entry->frame, (event->input->time - entry->time) / 1e9);
}

/* --- Copies --- */

/* RETAIN of a copy that is sent to subscriptions older than the message [MQTT-3.3.1-12], [MQTT-3.3.1-13]. True if it is wrong. */
static bool check_forwarded_retain(const mqtt5_event *event, const message *original, const mqtt5_world_match *match)
{
    bool v5 = event->connection->version >= MQTT5_VERSION_5, as_published = v5 && match->retain_as_published;
    bool expected = as_published && original->retain, is = mqtt5_publish_retain(event->packet);

    if (is == expected)
        return false;
    mqtt5_report(event->findings, MQTT5_RULE_FORWARD_RETAIN_CHANGED, 0, 1, v5 ? as_published ? "MQTT-3.3.1-13" : NULL : "MQTT-3.3.1-9",
                 "RETAIN is %d, but must be %d: the message was published in frame %u with RETAIN %d, for a subscription that existed%s "
                 "(suspected)",
                 is, expected, original->frame, original->retain,
                 !v5            ? ""
                 : as_published ? " with Retain As Published 1"
                                : " with Retain As Published 0");
    return true;
}

static void check_forwarded_qos(const mqtt5_event *event, const message *original, const mqtt5_world_match *match)
{
    unsigned expected = MIN(original->qos, match->granted), is = mqtt5_publish_qos(event->packet);

    if (is < expected)
        mqtt5_report(event->findings, MQTT5_RULE_FORWARD_QOS_LOWERED, 0, 1,
                     event->connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.3.5-1",
                     "QoS is %u, but the message was published with QoS %u in frame %u, and the subscription has QoS %u: it must be %u "
                     "(suspected)",
                     is, original->qos, original->frame, match->granted, expected);
}

/* Messages of one client, topic and QoS come in the order in which they were published [MQTT-4.6.0-5]. */
static void check_order(const mqtt5_event *event, mqtt5_world_link *link, const mqtt5_world_message *copy, const message *original)
{
    uint64_t key =
        copy->topic_hash + original->publisher * UINT64_C(0x9E3779B97F4A7C15) + original->qos * 4 + mqtt5_publish_qos(event->packet);
    unsigned place = (unsigned)((key ^ key >> 32) % DELIVERED);

    if (!link->delivered)
        link->delivered = g_new0(struct mqtt5_delivered, 1);
    if (link->delivered->last[place].key == key && link->delivered->last[place].sequence > original->sequence) {
        mqtt5_report(event->findings, MQTT5_RULE_FORWARD_ORDER, 0, 1, event->connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-4.6.0-6",
                     "published in frame %u, but delivered after a message that the same client published later to this topic, in frame "
                     "%u (suspected)",
                     original->frame, link->delivered->last[place].frame);
        return;
    }
    link->delivered->last[place].key = key;
    link->delivered->last[place].sequence = original->sequence;
    link->delivered->last[place].frame = original->frame;
}

/* A copy of a message that was published once. */
static void check_copy(const mqtt5_event *event, mqtt5_world_link *link, const mqtt5_world_message *copy, const message *original,
                       bool known, const mqtt5_world_match *match)
{
    bool settled = known && match->last_time < original->time - SETTLED;

    if (event->input->time < original->time)
        return;
    /* One fault, one finding: the connection alone may have shown it. */
    if (mqtt5_findings_has(event->findings, MQTT5_RULE_DELIVERY_RETAIN_UNEXPECTED))
        return;
    if (settled && match->same_retain_as_published && !link->bridge && check_forwarded_retain(event, original, match))
        return;
    /* A retained message of before, with the same text. */
    if (mqtt5_publish_retain(event->packet) && !original->retain)
        return;
    if (settled && match->same_granted)
        check_forwarded_qos(event, original, match);
    if (settled && match->count == 1 && original->qos < 2 && !mqtt5_publish_retain(event->packet))
        check_order(event, link, copy, original);
    if (original->properties_known && event->connection->version >= MQTT5_VERSION_5 && event->packet->properties.sound)
        mqtt5_world_compare_properties(event, &(mqtt5_world_original){original->properties, original->properties_length, original->frame,
                                                                      event->input->time - original->time, false});
}

/* --- In order --- */

static void see_published(const mqtt5_event *event, struct mqtt5_messages *messages, mqtt5_world_link *link,
                          const mqtt5_world_message *published, uint32_t payload_length)
{
    message *known = look_up(messages, published->hash);

    if (mqtt5_publish_retain(event->packet))
        learn_retained(event, messages, link, published, payload_length);
    if (known) {
        known->ambiguous = known->published = true;
        return;
    }
    known = remember(messages, published->hash, event, link);
    known->published = true;
    known->retain = mqtt5_publish_retain(event->packet);
    known->qos = (uint8_t)mqtt5_publish_qos(event->packet);
    known->version = event->connection->version;
    keep_properties(event, known);
}

static void see_copy(const mqtt5_event *event, struct mqtt5_messages *messages, mqtt5_world_link *link, const mqtt5_world_message *copy)
{
    message *original = look_up(messages, copy->hash);
    bool retain = mqtt5_publish_retain(event->packet), dup = mqtt5_publish_dup(event->packet);
    bool compared = original && !original->ambiguous && !dup, known;
    mqtt5_world_match match = {0};

    if (!retain && !dup)
        mqtt5_world_will_copy(event, link, copy, link->server->blind || (original && original->published));
    if (!original)
        remember(messages, copy->hash, event, link)->ambiguous = true;
    if (!compared && !retain)
        return;
    if (link->subscriptions_known && !link->lost)
        match = mqtt5_world_subscriptions_match(link, copy->topic, copy->topic_length);
    known = match.count > 0 && match.certain;
    if (retain && !dup && known && !link->bridge && match.same_retain_as_published && !match.retain_as_published)
        check_retained(event, messages, copy, &match);
    if (compared)
        check_copy(event, link, copy, original, known, &match);
}

void mqtt5_world_message_see(const mqtt5_event *event, mqtt5_world_link *link, const mqtt5_world_message *seen)
{
    mqtt5_world *world = event->connection->world;

    if (!world->messages)
        world->messages = g_new0(struct mqtt5_messages, 1);
    if (!seen->readable) {
        if (event->sender == MQTT5_CLIENT)
            link->server->blind = true;
        else
            link->lost = true; /* it may have been anything that this client waits for */
        return;
    }
    if (event->sender == MQTT5_CLIENT)
        see_published(event, world->messages, link, seen, event->packet->payload.length);
    else
        see_copy(event, world->messages, link, seen);
}
