/* subscription.c
 * The set of Topic Filters of a connection: most by hash, those with wildcards and shared ones in a
 * short list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/subscription/subscription.h"

#include <string.h>

#include "core/session/evidence.h"
#include "core/standard/topic.h"

#define SWEEP_FIRST 1024

static guint hash_of(gconstpointer key)
{
    return (guint)((const mqtt5_subscription *)key)->hash;
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
    const mqtt5_subscription *x = a, *y = b;

    return x->hash == y->hash && x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

struct mqtt5_subscriptions *mqtt5_subscriptions_of(mqtt5_connection *connection)
{
    struct mqtt5_subscriptions *subscriptions = connection->subscriptions;

    if (!subscriptions) {
        subscriptions = connection->subscriptions = g_new0(struct mqtt5_subscriptions, 1);
        subscriptions->owner = connection;
        mqtt5_hash_key_init(&subscriptions->key);
        subscriptions->sweep_at = SWEEP_FIRST;
    }
    return subscriptions;
}

/* What is known of a filter when a session goes on: messages that were queued may belong to what it was
 * at any time before. */
static void adopt(const mqtt5_event *event, mqtt5_subscription *filter)
{
    filter->evidence = mqtt5_evidence_number(event->connection);
    filter->kept_text = NULL;
    filter->told = NULL;
    filter->message = NULL;
    filter->retain_possible = true;
    filter->identifier_used = false;
    if (filter->deleted_frame != 0)
        filter->deleted_time = event->input->time;
}

void mqtt5_subscriptions_adopt(const mqtt5_event *event)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    GHashTableIter filters;
    gpointer filter;

    if (!subscriptions || subscriptions->owner == event->connection)
        return;
    subscriptions->owner = event->connection;
    subscriptions->merged[0] = subscriptions->merged[1] = 0;
    /* Whether the server has seen a request without an answer is not known. */
    if (subscriptions->pending && g_hash_table_size(subscriptions->pending) > 0)
        mqtt5_subscriptions_give_up(subscriptions);
    if (!subscriptions->filters)
        return;
    g_hash_table_iter_init(&filters, subscriptions->filters);
    while (g_hash_table_iter_next(&filters, NULL, &filter))
        adopt(event, filter);
}

static void drop(GHashTable **table)
{
    if (*table)
        g_hash_table_destroy(*table);
    *table = NULL;
}

void mqtt5_subscriptions_give_up(struct mqtt5_subscriptions *subscriptions)
{
    subscriptions->unknown = true;
    subscriptions->listed_count = 0;
    subscriptions->pending_filters = 0;
    drop(&subscriptions->pending);
    drop(&subscriptions->filters);
    drop(&subscriptions->identifiers);
    g_clear_pointer(&subscriptions->listed, g_free);
}

void mqtt5_subscriptions_free(struct mqtt5_subscriptions *subscriptions)
{
    if (!subscriptions)
        return;
    mqtt5_subscriptions_give_up(subscriptions);
    g_free(subscriptions);
}

/* A filter that is no longer needed: neither subscribed nor asked for, or not for a long time. */
static bool is_idle(const mqtt5_subscription *filter, int64_t now)
{
    return !filter->active && filter->subscribes == 0 && filter->unsubscribes == 0 &&
           (filter->deleted_frame == 0 || now - filter->deleted_time > MQTT5_UNSUBSCRIBED_LONG);
}

static void sweep_listed(struct mqtt5_subscriptions *subscriptions, int64_t now)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < subscriptions->listed_count; i++) {
        mqtt5_subscription *filter = subscriptions->listed[i];

        if (is_idle(filter, now))
            g_hash_table_remove(subscriptions->filters, filter);
        else
            subscriptions->listed[kept++] = filter;
    }
    subscriptions->work += subscriptions->listed_count;
    subscriptions->listed_count = kept;
}

typedef struct {
    struct mqtt5_subscriptions *subscriptions;
    int64_t now;
} sweep;

static gboolean is_idle_unlisted(gpointer key, gpointer value, gpointer data)
{
    const mqtt5_subscription *filter = value;
    sweep *how = data;

    (void)key;
    how->subscriptions->work++;
    return !filter->listed && is_idle(filter, how->now);
}

/* Makes room for one more filter; false if there is none. Sweeps at doubling sizes, so that all
 * sweeps together take time linear in the filters added. */
static bool make_room(struct mqtt5_subscriptions *subscriptions, bool listed, int64_t now)
{
    sweep how = {subscriptions, now};
    guint size;

    if (listed && subscriptions->listed_count == MQTT5_LISTED_MAX) {
        sweep_listed(subscriptions, now);
        if (subscriptions->listed_count == MQTT5_LISTED_MAX)
            return false;
    }
    size = g_hash_table_size(subscriptions->filters);
    if (size < subscriptions->sweep_at)
        return true;
    size -= g_hash_table_foreach_remove(subscriptions->filters, is_idle_unlisted, &how);
    subscriptions->sweep_at = CLAMP(2 * size, SWEEP_FIRST, MQTT5_FILTERS_MAX);
    return size <= MQTT5_FILTERS_MAX / 4 * 3;
}

static mqtt5_subscription *find(struct mqtt5_subscriptions *subscriptions, const mqtt5_subscription *key)
{
    subscriptions->work++;
    return subscriptions->filters ? g_hash_table_lookup(subscriptions->filters, key) : NULL;
}

/* Learns how a topic that matches must begin and end: that alone rules out most filters. */
static void learn_shape(mqtt5_subscription *filter)
{
    const uint8_t *body = filter->text + filter->body;
    uint32_t length = filter->length - filter->body, at = 0;

    while (at < length && body[at] != '+' && body[at] != '#')
        at++;
    /* "a/#" matches "a" too. */
    filter->literal = at > 0 && at < length && body[at] == '#' ? at - 1 : at;
    filter->last = length > 0 && body[length - 1] != '+' && body[length - 1] != '#' ? body[length - 1] : 0;
}

/* As mqtt5_topic_matches(), for a filter that is valid; most are ruled out by their shape. */
static bool matches(const mqtt5_subscription *filter, const uint8_t *topic, uint32_t length)
{
    const uint8_t *body = filter->text + filter->body;
    uint32_t left = filter->length - filter->body - filter->literal;

    if ((filter->last != 0 && filter->last != topic[length - 1]) || filter->literal > length || memcmp(body, topic, filter->literal) != 0)
        return false;
    body += filter->literal;
    if (left == 0)
        return filter->literal == length;
    if (left == 2 && body[0] == '/' && body[1] == '#')
        return filter->literal == length || topic[filter->literal] == '/';
    if (filter->literal == 0)
        return mqtt5_topic_matches(body, left, topic, length);
    return mqtt5_topic_matches_levels(body, left, topic + filter->literal, length - filter->literal);
}

static void add_listed(struct mqtt5_subscriptions *subscriptions, mqtt5_subscription *filter)
{
    unsigned count = subscriptions->listed_count;

    if ((count & (count - 1)) == 0)
        subscriptions->listed = g_renew(mqtt5_subscription *, subscriptions->listed, MAX(2 * count, 1));
    subscriptions->listed[subscriptions->listed_count++] = filter;
}

mqtt5_subscription *mqtt5_subscriptions_add(struct mqtt5_subscriptions *subscriptions, const uint8_t *text, uint32_t length, int64_t now)
{
    mqtt5_subscription key = {.hash = mqtt5_hash(&subscriptions->key, text, length), .text = text, .length = length};
    mqtt5_subscription *filter = find(subscriptions, &key);
    uint8_t *copy;

    if (filter)
        return filter;
    if (!subscriptions->filters)
        subscriptions->filters = g_hash_table_new_full(hash_of, equal, NULL, g_free);
    /* Many servers know shared subscriptions in 3.1.1 too, where $share means nothing by itself. */
    key.shared = mqtt5_topic_filter_split(text, length, &key.body);
    learn_shape(&key);
    key.listed = key.shared || mqtt5_topic_has_wildcard(text, length);
    if (!make_room(subscriptions, key.listed, now))
        return NULL;
    filter = g_malloc(sizeof *filter + length);
    *filter = key;
    filter->text = copy = (uint8_t *)(filter + 1);
    memcpy(copy, text, length);
    g_hash_table_insert(subscriptions->filters, filter, filter);
    if (filter->listed)
        add_listed(subscriptions, filter);
    return filter;
}

static void add_match(mqtt5_match *match, mqtt5_subscription *filter)
{
    if (filter->active || filter->subscribes > 0) {
        if (match->total > match->count)
            match->filters[match->total] = match->filters[match->count];
        match->filters[match->count++] = filter;
        match->total++;
    } else if (filter->granted) {
        match->filters[match->total++] = filter;
    } else {
        return;
    }
    if (filter->granted)
        match->highest_qos = MAX(match->highest_qos, filter->highest_qos);
    if (filter->subscribes > 0)
        match->highest_qos = MAX(match->highest_qos, filter->pending_qos);
    match->retain_possible |= filter->retain_possible || filter->retained_due > 0;
    match->local_possible |= filter->local_possible;
    match->unidentified |= filter->unidentified;
    match->unshared |= !filter->shared;
}

void mqtt5_subscriptions_match(struct mqtt5_subscriptions *subscriptions, const uint8_t *topic, uint32_t length, mqtt5_match *match)
{
    match->count = match->total = 0;
    match->highest_qos = -1;
    match->retain_possible = match->local_possible = match->unidentified = match->unshared = false;
    if (!subscriptions || !subscriptions->filters || length == 0)
        return;
    if (g_hash_table_size(subscriptions->filters) > subscriptions->listed_count) {
        mqtt5_subscription key = {.hash = mqtt5_hash(&subscriptions->key, topic, length), .text = topic, .length = length};
        mqtt5_subscription *filter = find(subscriptions, &key);

        if (filter && !filter->listed)
            add_match(match, filter);
    }
    subscriptions->work += subscriptions->listed_count;
    for (unsigned i = 0; i < subscriptions->listed_count; i++) {
        mqtt5_subscription *filter = subscriptions->listed[i];

        if (matches(filter, topic, length))
            add_match(match, filter);
    }
}
