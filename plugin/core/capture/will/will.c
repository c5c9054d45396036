/* will.c
 * Wills: published when they must be, and only then, as far as the capture shows it.
 *
 * Here: how they live and die, and those that do not come. will_copy.c judges the copies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/will/will.h"

#include <string.h>

#define WILLS 65536
/* How long a Will is missed after WILL_PATIENCE. */
#define WILL_WINDOW (300 * MQTT5_SECOND)
/* After a longer pause without any frame, the clock may have been set. */
#define WILL_PAUSE (30 * MQTT5_SECOND)

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

void mqtt5_capture_wills_free(struct mqtt5_wills *wills)
{
    if (!wills)
        return;
    g_hash_table_destroy(wills->groups);
    g_free(wills);
}

void mqtt5_capture_will_forget(mqtt5_capture_link *link)
{
    if (link->will)
        link->will->link = NULL;
    link->will = NULL;
}

/* --- Life and death --- */

static struct mqtt5_wills *wills_of(mqtt5_capture *capture)
{
    if (!capture->wills) {
        capture->wills = g_new0(struct mqtt5_wills, 1);
        capture->wills->groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_group);
    }
    return capture->wills;
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

void mqtt5_capture_will_stop_awaiting(struct mqtt5_wills *wills, struct mqtt5_will *will)
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

/* Makes room in a group: drops a Will of which nothing more is expected, at the cost of a possible
 * finding. */
static bool evict(struct mqtt5_wills *wills, struct will_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        struct mqtt5_will *will = group->wills[i];

        if (will->state != WILL_DISCARDED && will->state != WILL_CANCELLED && will->state != WILL_PUBLISHED && will->state != WILL_REFUSED)
            continue;
        mqtt5_capture_will_stop_awaiting(wills, will);
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

void mqtt5_capture_will_born(const mqtt5_event *event, mqtt5_capture_link *link)
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
    wills = wills_of(event->connection->capture);
    wills->full |= wills->count >= WILLS;
    if (wills->full)
        return;
    topic = copy_of(connect->will_topic, &topic_length);
    payload = g_bytes_get_data(connect->will_payload, &payload_length);
    hash = mqtt5_capture_message_hash(link, topic, topic_length, payload, (uint32_t)payload_length, &topic_hash);
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
    will->state = WILL_UNCERTAIN;
    will->topic = topic;
    will->topic_length = topic_length;
    will->payload_length = (uint32_t)payload_length;
    will->connect_frame = link->connect_frame;
    will->connect_time = link->connect_time;
    will->delay = connect->will_delay_interval;
    will->retain = connect->will_retain;
    will->early_time = INT64_MIN;
    will->v5 = event->connection->version >= MQTT5_VERSION_5;
    will->properties_hash = link->will_hash;
    if (link->will_properties)
        will->properties = copy_of(link->will_properties, &will->properties_length);
    group->wills[group->count++] = will;
    wills->count++;
    link->will = will;
}

void mqtt5_capture_will_answered(const mqtt5_event *event, mqtt5_capture_link *link, bool accepted)
{
    if (!link->will)
        return;
    /* When the CONNECT was seen here, it was not known yet. */
    link->will->publisher = event->connection->identity;
    /* A client may leave before its CONNACK comes: nobody knows how much of that the server had
     * read. */
    if (!accepted)
        link->will->state = WILL_REFUSED;
    else if (!link->ended)
        link->will->state = WILL_LIVE;
}

void mqtt5_capture_will_ends(mqtt5_capture *capture, mqtt5_capture_link *link, bool discarded)
{
    struct mqtt5_will *will = link->will;

    if (will->state == WILL_LIVE) {
        will->end_frame = link->end_frame;
        will->end_time = link->end_time;
        /* If a takeover ends a connection, the fate of the Will depends on the order in which the
         * server did both. */
        will->state = link->lost || link->may_be_taken_over ? WILL_UNCERTAIN : discarded ? WILL_DISCARDED : WILL_ENDED;
        /* A server may publish it before it closes. */
        if (will->state == WILL_ENDED && will->early_time >= link->end_time - WILL_PATIENCE)
            will->state = WILL_UNCERTAIN;
    } else if (will->state == WILL_ENDED && discarded) {
        will->state = WILL_UNCERTAIN; /* the DISCONNECT crossed with the close of the server */
        mqtt5_capture_will_stop_awaiting(capture->wills, will);
    }
    if (will->state == WILL_ENDED && link->server_knows && !will->due_known) {
        will->due_known = true;
        will->due = link->server_end_time + MIN(will->delay, link->session_expiry_interval) * MQTT5_SECOND;
        await(capture->wills, will);
    }
}

void mqtt5_capture_will_client_back(mqtt5_capture_link *link, const mqtt5_capture_link *successor, bool resumed)
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

bool mqtt5_capture_will_possible(const mqtt5_capture *capture, uint64_t hash)
{
    return capture->wills && (capture->wills->full || g_hash_table_contains(capture->wills->groups, &hash));
}

static bool may_be_published(const struct mqtt5_will *will)
{
    return will->state == WILL_ENDED || will->state == WILL_PUBLISHED || will->state == WILL_UNCERTAIN;
}

mqtt5_capture_will_source mqtt5_capture_will_find(const mqtt5_capture *capture, uint64_t hash)
{
    mqtt5_capture_will_source found = {0};
    const struct will_group *group = capture->wills ? g_hash_table_lookup(capture->wills->groups, &hash) : NULL;
    const struct mqtt5_will *last = NULL;

    found.more = capture->wills && (capture->wills->full || (group && group->foreign));
    for (unsigned i = 0; group && i < group->count; i++) {
        found.live += group->wills[i]->state == WILL_LIVE;
        if (may_be_published(group->wills[i]) && (!last || group->wills[i]->end_frame >= last->end_frame))
            last = group->wills[i];
    }
    for (unsigned i = 0; last && i < group->count; i++) {
        const struct mqtt5_will *will = group->wills[i];

        found.count += will == last || (may_be_published(will) && !(will->state == WILL_PUBLISHED && will->copy_frame < last->end_frame));
    }
    for (unsigned i = 0; found.count == 0 && group && i < group->count; i++)
        if (group->wills[i]->state == WILL_LIVE)
            last = group->wills[i];
    if (!last)
        return found;
    found.connect_frame = last->connect_frame;
    found.end_frame = last->end_frame;
    found.publisher = last->publisher;
    found.v5 = last->v5;
    found.properties = last->properties_hash;
    return found;
}

bool mqtt5_capture_will_was_watching(const mqtt5_capture_link *link, int64_t from)
{
    return link->outcome == MQTT5_OUTCOME_ACCEPTED && link->subscriptions_known && !link->lost && !link->ended &&
           link->taken_over_frame == 0 && link->connack_time < from;
}

/* --- Wills that do not come --- */

static bool is_full(const mqtt5_capture_link *link)
{
    return link->in_flight >= link->receive_maximum;
}

/* True if the client may have been back before its Will was due, so that it was never published: on a
 * connection that was not accepted as far as the capture shows, or is not known to be its. */
static bool may_be_back(const struct mqtt5_will *will)
{
    const mqtt5_capture_link *newer = will->link->newer;

    if (will->delay == 0)
        return false;
    while (newer && (newer->outcome == MQTT5_OUTCOME_ACCEPTED || newer->outcome == MQTT5_OUTCOME_REFUSED))
        newer = newer->newer;
    return newer || MAX(will->link->server->unseen_frame, will->link->server->unnamed_since) >= will->link->connect_frame;
}

static bool has_waited(const mqtt5_capture_link *link, const struct mqtt5_will *will, int64_t now)
{
    mqtt5_capture_match match;

    /* A client that takes no more makes the server wait (4.9). */
    if (link->full_time >= will->end_time || is_full(link))
        return false;
    if (!mqtt5_capture_will_was_watching(link, will->end_time) || will->group->foreign || !will->link ||
        will->link->client == link->client || will->link->lost || will->link->server != link->server || may_be_back(will) ||
        will->topic_length + will->payload_length + will->properties_length + 128 > link->maximum_packet_size)
        return false;
    match = mqtt5_capture_subscriptions_match(link, will->topic, will->topic_length, now);
    return match.count > 0 && match.certain && match.last_granted < will->end_frame && match.last_time < will->end_time - MQTT5_SECOND;
}

void mqtt5_capture_will_overdue(const mqtt5_event *event, mqtt5_capture_link *link)
{
    struct mqtt5_wills *wills = event->connection->capture->wills;
    int64_t now = event->input->time, checked = link->wills_checked;

    if (wills->awaited_count == 0 || !link->subscriptions)
        return;
    link->wills_checked = MAX(now, checked);
    for (unsigned i = 0; i < wills->awaited_count; i++) {
        struct mqtt5_will *will = wills->awaited[i];
        int64_t late = will->due + WILL_PATIENCE;

        if (now > late + WILL_WINDOW || will->state != WILL_ENDED) {
            mqtt5_capture_will_stop_awaiting(wills, will);
            i--;
        } else if (now > late && checked <= late && !wills->full && has_waited(link, will, now) &&
                   mqtt5_pauses_longest(event->input->pauses, will->end_frame, now) <= WILL_PAUSE) {
            mqtt5_capture_will_stop_awaiting(wills, will);
            mqtt5_report(event->findings, MQTT5_RULE_will_not_published, MQTT5_NO_BYTES,
                         "the Will of the CONNECT in frame %u was not delivered, %.1f s after its connection ended without DISCONNECT 0x00 "
                         "(frame %u); this client subscribes to its topic",
                         will->connect_frame, mqtt5_seconds(now - will->end_time), will->end_frame);
            return;
        }
    }
}
