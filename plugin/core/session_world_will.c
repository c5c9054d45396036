/* session_world_will.c
 * Wills: published when they must be, and only then, as far as a subscriber in the same capture shows it.
 *
 * A message may look like a Will and be none: clients like to publish what their Will says. So a copy accuses a server only where every
 * Will with this topic and payload is accounted for, and nobody was seen to publish it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_world.h"

#include <string.h>

#define WILLS 65536
#define WILLS_OF_GROUP 8
#define AWAITED 64
/* How long a server may take to publish a Will, and how long after that its absence is looked for. */
#define WILL_PATIENCE (10 * MQTT5_SECOND)
#define WILL_WINDOW (300 * MQTT5_SECOND)

typedef enum {
    WILL_LIVE,
    WILL_ENDED,     /* to be published, or published where nobody saw it */
    WILL_PUBLISHED, /* a copy was seen */
    WILL_DISCARDED, /* by DISCONNECT 0x00 */
    WILL_CANCELLED, /* its client was back within the Will Delay Interval */
    WILL_UNCERTAIN
} will_state;

struct mqtt5_will {
    struct will_group *group;
    mqtt5_world_link *link; /* NULL when that is gone */
    will_state state;
    uint32_t connect_frame, end_frame, back_frame;
    int64_t connect_time, end_time, due; /* due: when it must be published, if due_known; 0 is a time, too */
    uint32_t delay;
    bool retain, due_known, awaited;
    uint32_t copy_serial, copy_frame; /* the first copy: to which link, and its frame */
    uint8_t *topic, *properties;
    uint32_t topic_length, payload_length, properties_length;
};

/* Wills with the same topic and payload at one server: mostly those of one client, connection by connection. */
struct will_group {
    uint64_t hash;
    struct mqtt5_will *wills[WILLS_OF_GROUP];
    unsigned count;
    bool foreign; /* somebody else publishes this too, or there is too much of it: no word about it any more */
};

struct mqtt5_wills {
    GHashTable *groups; /* will_group by its hash */
    unsigned count;     /* Wills in all */
    bool full;
    struct mqtt5_will *awaited[AWAITED]; /* due Wills of which no copy was seen, the oldest first */
    unsigned awaited_count;
};

static void free_will(struct mqtt5_will *will)
{
    if (will->link)
        will->link->will = NULL;
    g_free(will->topic);
    g_free(will->properties);
    g_free(will);
}

static void free_group(gpointer data)
{
    struct will_group *group = data;

    for (unsigned i = 0; i < group->count; i++)
        free_will(group->wills[i]);
    g_free(group);
}

void mqtt5_world_wills_free(struct mqtt5_wills *wills)
{
    if (!wills)
        return;
    g_hash_table_destroy(wills->groups);
    g_free(wills);
}

void mqtt5_world_will_forget(mqtt5_world_link *link)
{
    if (link->will)
        link->will->link = NULL;
    link->will = NULL;
}

/* --- Life and death --- */

static struct mqtt5_wills *wills_of(mqtt5_world *world)
{
    if (!world->wills) {
        world->wills = g_new0(struct mqtt5_wills, 1);
        world->wills->groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_group);
    }
    return world->wills;
}

static void await(struct mqtt5_wills *wills, struct mqtt5_will *will)
{
    if (wills->awaited_count == AWAITED) {
        wills->awaited[0]->awaited = false;
        memmove(&wills->awaited[0], &wills->awaited[1], --wills->awaited_count * sizeof wills->awaited[0]);
    }
    will->awaited = true;
    wills->awaited[wills->awaited_count++] = will;
}

static void stop_awaiting(struct mqtt5_wills *wills, struct mqtt5_will *will)
{
    if (!will->awaited)
        return;
    will->awaited = false;
    for (unsigned i = 0; i < wills->awaited_count; i++) {
        if (wills->awaited[i] == will) {
            memmove(&wills->awaited[i], &wills->awaited[i + 1], (--wills->awaited_count - i) * sizeof wills->awaited[0]);
            return;
        }
    }
}

/* Makes room in a group by a Will of which nothing more is expected; without it there is one accusation less. */
static bool evict(struct mqtt5_wills *wills, struct will_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        struct mqtt5_will *will = group->wills[i];

        if (will->state != WILL_DISCARDED && will->state != WILL_CANCELLED && will->state != WILL_PUBLISHED)
            continue;
        stop_awaiting(wills, will);
        free_will(will);
        group->count--;
        wills->count--;
        memmove(&group->wills[i], &group->wills[i + 1], (group->count - i) * sizeof group->wills[0]);
        return true;
    }
    return false;
}

static struct will_group *group_of(struct mqtt5_wills *wills, uint64_t hash)
{
    struct will_group *group = g_hash_table_lookup(wills->groups, &hash);

    if (!group) {
        group = g_new0(struct will_group, 1);
        group->hash = hash;
        g_hash_table_insert(wills->groups, &group->hash, group);
    }
    return group;
}

static uint8_t *copy_of(GBytes *bytes, uint32_t *length)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    uint8_t *copy = g_malloc(size + 1);

    if (size > 0)
        memcpy(copy, data, size);
    *length = (uint32_t)size;
    return copy;
}

void mqtt5_world_will_born(const mqtt5_event *event, mqtt5_world_link *link)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    struct mqtt5_wills *wills;
    struct will_group *group;
    struct mqtt5_will *will;
    uint64_t hash, topic_hash;
    uint8_t *topic;
    uint32_t topic_length;
    gsize payload_length;
    const uint8_t *payload;

    if (!connect->will || link->will)
        return;
    wills = wills_of(event->connection->world);
    wills->full |= wills->count >= WILLS;
    if (wills->full)
        return;
    topic = copy_of(connect->will_topic, &topic_length);
    payload = g_bytes_get_data(connect->will_payload, &payload_length);
    hash = mqtt5_world_message_hash(link, topic, topic_length, payload, (uint32_t)payload_length, &topic_hash);
    group = group_of(wills, hash);
    if (group->count == WILLS_OF_GROUP && !evict(wills, group))
        group->foreign = true;
    if (group->foreign) {
        g_free(topic);
        return;
    }
    will = g_new0(struct mqtt5_will, 1);
    will->group = group;
    will->link = link;
    will->topic = topic;
    will->topic_length = topic_length;
    will->payload_length = (uint32_t)payload_length;
    will->connect_frame = link->connect_frame;
    will->connect_time = link->connect_time;
    will->delay = connect->will_delay_interval;
    will->retain = connect->will_retain;
    if (link->will_properties)
        will->properties = copy_of(link->will_properties, &will->properties_length);
    group->wills[group->count++] = will;
    wills->count++;
    link->will = will;
}

void mqtt5_world_will_ends(mqtt5_world *world, mqtt5_world_link *link, bool discarded)
{
    struct mqtt5_will *will = link->will;

    if (will->state == WILL_LIVE) {
        will->end_frame = link->end_frame;
        will->end_time = link->end_time;
        /* When a takeover ends a connection, what becomes of the Will depends on which of the two the server has done first. */
        will->state = link->lost || link->taken_over_frame != 0 ? WILL_UNCERTAIN : discarded ? WILL_DISCARDED : WILL_ENDED;
    } else if (will->state == WILL_ENDED && discarded) {
        will->state = WILL_UNCERTAIN; /* the DISCONNECT crossed with the close of the server */
        stop_awaiting(world->wills, will);
    }
    if (will->state == WILL_ENDED && link->server_knows && !will->due_known) {
        will->due_known = true;
        will->due = link->server_end_time + MIN(will->delay, link->session_expiry_interval) * MQTT5_SECOND;
        await(world->wills, will);
    }
}

void mqtt5_world_will_client_back(mqtt5_world_link *link, const mqtt5_world_link *successor, bool resumed)
{
    struct mqtt5_will *will = link->will;
    int64_t left;

    if (will->state != WILL_ENDED || will->delay == 0)
        return;
    left = will->end_time + MIN(will->delay, link->session_expiry_interval) * MQTT5_SECOND - successor->connack_time;
    if (will->due_known && left < -WILL_PATIENCE)
        return;
    if (resumed && left > MQTT5_SECOND) {
        will->state = WILL_CANCELLED;
        will->back_frame = successor->connect_frame;
        will->end_time = successor->connack_time;
    } else {
        will->state = WILL_UNCERTAIN;
    }
}

/* --- Copies --- */

/* True if the link would have got a Will at `time`, and anything of it since `from` would have been seen. */
static bool was_watching(const mqtt5_world_link *link, int64_t from)
{
    return link->outcome == MQTT5_OUTCOME_ACCEPTED && link->subscriptions_known && !link->lost && !link->ended &&
           link->taken_over_frame == 0 && link->connack_time < from;
}

static void report_unexplained(const mqtt5_event *event, const struct mqtt5_will *will)
{
    const char *old = event->connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.14.4-3";

    if (will->state == WILL_DISCARDED)
        mqtt5_report(event->findings, MQTT5_RULE_WILL_PUBLISHED_AFTER_DISCONNECT, 0, 1, old,
                     "the Will of the CONNECT in frame %u is published although the DISCONNECT in frame %u discarded it (suspected)",
                     will->connect_frame, will->end_frame);
    else if (will->state == WILL_CANCELLED)
        mqtt5_report(event->findings, MQTT5_RULE_WILL_PUBLISHED_AFTER_RETURN, 0, 1, NULL,
                     "the Will of the CONNECT in frame %u is published although its client came back (frame %u) within the Will Delay "
                     "Interval of %u s "
                     "(suspected)",
                     will->connect_frame, will->back_frame, will->delay);
    else
        mqtt5_report(event->findings, MQTT5_RULE_WILL_PUBLISHED_TWICE, 0, 1, NULL,
                     "the Will of the CONNECT in frame %u is published again, after its copy in frame %u (suspected)", will->connect_frame,
                     will->copy_frame);
}

/* The first copy of a Will: its RETAIN and User Properties. */
static void check_copy(const mqtt5_event *event, const mqtt5_world_link *link, const mqtt5_world_message *message,
                       const struct mqtt5_will *will)
{
    mqtt5_world_match match = mqtt5_world_subscriptions_match(link, message->topic, message->topic_length);

    if (!was_watching(link, will->connect_time) || event->connection->version < MQTT5_VERSION_5)
        return;
    if (match.count > 0 && match.certain && match.same_retain_as_published && match.retain_as_published &&
        match.last_time < will->connect_time && mqtt5_publish_retain(event->packet) != will->retain)
        mqtt5_report(event->findings, MQTT5_RULE_WILL_RETAIN_CHANGED, 0, 1, will->retain ? "MQTT-3.1.2-15" : "MQTT-3.1.2-14",
                     "RETAIN is %d, but Will Retain is %d in the CONNECT in frame %u, and the subscription has Retain As Published "
                     "(suspected)",
                     !will->retain, will->retain, will->connect_frame);
    if (will->properties && event->packet->properties.sound)
        mqtt5_world_compare_properties(event,
                                       &(mqtt5_world_original){will->properties, will->properties_length, will->connect_frame, 0, true});
}

/* Whose Will this is, and why it comes; matched by topic and payload alone. */
static void explain(const mqtt5_event *event, const struct mqtt5_will *will)
{
    mqtt5_cause *cause = &event->findings->cause;
    const mqtt5_world_client *client = will->link ? will->link->client : NULL;
    char quoted[100];

    mqtt5_cause_set(cause, "PUBLISH", will->end_frame, "the Will of the CONNECT in frame %u", will->connect_frame);
    if (client)
        mqtt5_cause_add(cause, " (Client ID %s)",
                        mqtt5_quote(g_bytes_get_data(client->id, NULL), (uint32_t)g_bytes_get_size(client->id), quoted, sizeof quoted));
    mqtt5_cause_add(cause, ", whose connection ended without DISCONNECT 0x00 in frame %u (suspected)", will->end_frame);
    cause->will = true;
}

void mqtt5_world_will_copy(const mqtt5_event *event, const mqtt5_world_link *link, const mqtt5_world_message *message, bool published)
{
    struct mqtt5_wills *wills = event->connection->world->wills;
    struct will_group *group = wills && !wills->full ? g_hash_table_lookup(wills->groups, &message->hash) : NULL;
    const struct mqtt5_will *suspect = NULL;
    bool explained = published;
    mqtt5_world_match match;

    if (!group || group->foreign)
        return;
    for (unsigned i = 0; i < group->count; i++) {
        struct mqtt5_will *will = group->wills[i];

        if (!published && (will->state == WILL_ENDED || will->state == WILL_PUBLISHED))
            explain(event, will);
        if (will->state == WILL_ENDED) {
            if (!published)
                check_copy(event, link, message, will);
            explained = true;
            will->state = WILL_PUBLISHED;
            will->copy_serial = link->serial;
            will->copy_frame = event->input->frame;
            stop_awaiting(wills, will);
        } else if (will->state == WILL_UNCERTAIN || (will->state == WILL_LIVE && will->link && will->link->lost) ||
                   (will->state == WILL_PUBLISHED && will->copy_serial != link->serial)) {
            explained = true;
        } else if (will->state != WILL_LIVE) {
            suspect = will;
        }
    }
    if (explained)
        return;
    /* Whoever publishes it may do so again. */
    group->foreign = true;
    if (!suspect || !was_watching(link, suspect->connect_time) || event->input->time - suspect->end_time < MQTT5_SECOND)
        return;
    match = mqtt5_world_subscriptions_match(link, message->topic, message->topic_length);
    if (match.count == 1 && match.certain && match.last_time < suspect->connect_time)
        report_unexplained(event, suspect);
}

/* --- Wills that do not come --- */

static bool has_waited(const mqtt5_world_link *link, const struct mqtt5_will *will)
{
    mqtt5_world_match match;

    if (!was_watching(link, will->end_time) || will->group->foreign || !will->link || will->link->client == link->client ||
        will->link->lost || will->link->server != link->server ||
        will->topic_length + will->payload_length + will->properties_length + 128 > link->maximum_packet_size)
        return false;
    match = mqtt5_world_subscriptions_match(link, will->topic, will->topic_length);
    return match.count > 0 && match.certain && match.last_time < will->end_time - MQTT5_SECOND;
}

void mqtt5_world_will_overdue(const mqtt5_event *event, mqtt5_world_link *link)
{
    struct mqtt5_wills *wills = event->connection->world->wills;
    int64_t now = event->input->time, checked = link->wills_checked;

    if (wills->awaited_count == 0 || !link->subscriptions)
        return;
    link->wills_checked = MAX(now, checked);
    for (unsigned i = 0; i < wills->awaited_count; i++) {
        struct mqtt5_will *will = wills->awaited[i];
        int64_t late = will->due + WILL_PATIENCE;

        if (now > late + WILL_WINDOW || will->state != WILL_ENDED) {
            stop_awaiting(wills, will);
            i--;
        } else if (now > late && checked <= late && !wills->full && has_waited(link, will)) {
            stop_awaiting(wills, will);
            mqtt5_report(event->findings, MQTT5_RULE_WILL_NOT_PUBLISHED, 0, 0,
                         event->connection->version >= MQTT5_VERSION_5 ? NULL : "MQTT-3.1.2-8",
                         "the Will of the CONNECT in frame %u has not come, %.1f s after its connection ended without DISCONNECT 0x00 "
                         "(frame %u); this client "
                         "subscribes to its topic (suspected)",
                         will->connect_frame, (now - will->end_time) / 1e9, will->end_frame);
            return;
        }
    }
}
