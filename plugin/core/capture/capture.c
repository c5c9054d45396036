/* capture.c
 * What the connections of a capture share: servers, clients, and the connections of each client.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/capture.h"

#include <string.h>

#include "core/capture/ends.h"
#include "core/capture/parts.h"
#include "core/capture/rpc_table.h"

/* Older connections of one client are dropped from its list. */
#define LINKS_OF_CLIENT 16
/* How long a server may take to close the older connection of a client. */
#define TAKEOVER_LATE (10 * MQTT5_SECOND)

/* --- Clients --- */

static guint hash_client(gconstpointer key)
{
    const mqtt5_capture_client *client = key;

    return client->hash;
}

static gboolean equal_clients(gconstpointer a, gconstpointer b)
{
    const mqtt5_capture_client *one = a, *other = b;

    return one->server == other->server && g_bytes_equal(one->id, other->id);
}

static mqtt5_capture_client *client_of(mqtt5_capture *capture, mqtt5_capture_server *server, GBytes *id)
{
    gsize length;
    const uint8_t *data = g_bytes_get_data(id, &length);
    mqtt5_capture_client key = {.server = server, .id = id, .hash = (uint32_t)mqtt5_hash(&server->key, data, (uint32_t)length)};
    mqtt5_capture_client *client = g_hash_table_lookup(capture->clients, &key);

    if (!client) {
        client = g_new0(mqtt5_capture_client, 1);
        client->server = server;
        client->id = g_bytes_ref(id);
        client->hash = key.hash;
        g_hash_table_add(capture->clients, client);
    }
    return client;
}

static mqtt5_capture_server *server_of(mqtt5_capture *capture, uint64_t id)
{
    mqtt5_capture_server *server = g_hash_table_lookup(capture->servers, &id);

    if (!server) {
        server = g_new0(mqtt5_capture_server, 1);
        server->id = id;
        mqtt5_hash_key_init(&server->key);
        server->last_drop_time = INT64_MIN;
        g_hash_table_insert(capture->servers, &server->id, server);
    }
    return server;
}

mqtt5_capture_server *mqtt5_capture_find_server(const mqtt5_capture *capture, uint64_t id)
{
    return id != 0 ? g_hash_table_lookup(capture->servers, &id) : NULL;
}

/* --- Links --- */

mqtt5_capture_link *mqtt5_capture_link_new(mqtt5_capture *capture, uint64_t server)
{
    mqtt5_capture_link *link = g_new0(mqtt5_capture_link, 1);

    link->references = 1;
    link->serial = ++capture->connections;
    link->server = server_of(capture, server);
    return link;
}

/* Takes a link out of its client's list, and the list's reference away. */
static void unlist(mqtt5_capture_link *link)
{
    mqtt5_capture_client *client = link->client;

    g_assert(client); /* only a link that is in a list is taken out of it */
    if (link->newer)
        link->newer->older = link->older;
    else
        client->newest = link->older;
    if (link->older)
        link->older->newer = link->newer;
    link->newer = link->older = NULL;
    link->client = NULL;
    client->count--;
    mqtt5_capture_link_unref(link);
}

void mqtt5_capture_link_name(mqtt5_capture *capture, mqtt5_capture_link *link, GBytes *id)
{
    mqtt5_capture_client *client;

    if (link->client)
        unlist(link);
    client = client_of(capture, link->server, id);
    link->client = client;
    link->older = client->newest;
    link->newer = NULL;
    if (client->newest)
        client->newest->newer = link;
    client->newest = link;
    link->references++;
    if (++client->count > LINKS_OF_CLIENT) {
        mqtt5_capture_link *oldest = client->newest;

        while (oldest->older)
            oldest = oldest->older;
        unlist(oldest);
    }
}

void mqtt5_capture_link_unref(mqtt5_capture_link *link)
{
    if (--link->references > 0)
        return;
    mqtt5_capture_will_forget(link);
    mqtt5_capture_subscriptions_free(link);
    if (link->user_name)
        g_bytes_unref(link->user_name);
    if (link->will_properties)
        g_bytes_unref(link->will_properties);
    mqtt5_capture_unacknowledged_free(link->unacknowledged);
    g_free(link->delivered);
    g_free(link->delays);
    mqtt5_got_free(link->got);
    g_free(link);
}

/* True if the server may have closed an older connection for this one at `now`. */
static bool may_have_taken_over(const mqtt5_capture_link *link, int64_t now)
{
    if (link->connect_frame == 0 || (link->ended && now - link->end_time > TAKEOVER_LATE))
        return false;
    /* A server may end the older connection before it sends CONNACK. */
    return link->outcome == MQTT5_OUTCOME_ACCEPTED || (link->outcome == MQTT5_OUTCOME_PENDING && now - link->connect_time <= TAKEOVER_LATE);
}

const mqtt5_capture_link *mqtt5_capture_successor(const mqtt5_capture_link *link, int64_t now)
{
    const mqtt5_capture_link *found = NULL;

    for (const mqtt5_capture_link *newer = link ? link->newer : NULL; newer; newer = newer->newer)
        if (may_have_taken_over(newer, now) && mqtt5_capture_same_user(link, newer) && (newer->outcome == MQTT5_OUTCOME_ACCEPTED || !found))
            found = newer;
    return found;
}

bool mqtt5_capture_has_namesake(const mqtt5_capture_link *link)
{
    for (const mqtt5_capture_link *newer = link ? link->newer : NULL; newer; newer = newer->newer)
        if (!mqtt5_capture_same_user(link, newer))
            return true;
    return false;
}

bool mqtt5_capture_same_user(const mqtt5_capture_link *a, const mqtt5_capture_link *b)
{
    if (!a->user_name || !b->user_name)
        return a->user_name == b->user_name;
    return g_bytes_equal(a->user_name, b->user_name);
}

/* --- The capture --- */

static void free_client(gpointer data)
{
    mqtt5_capture_client *client = data;

    while (client->newest)
        unlist(client->newest);
    g_bytes_unref(client->id);
    g_free(client);
}

mqtt5_capture *mqtt5_capture_new(void)
{
    mqtt5_capture *capture = g_new0(mqtt5_capture, 1);

    capture->memory = MQTT5_CAPTURE_MEMORY;
    mqtt5_capture_set_lateness(capture, MQTT5_CAPTURE_LATENESS);
    capture->servers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    capture->clients = g_hash_table_new_full(hash_client, equal_clients, free_client, NULL);
    return capture;
}

void mqtt5_capture_set_memory(mqtt5_capture *capture, size_t bytes)
{
    capture->memory = bytes;
}

void mqtt5_capture_set_lateness(mqtt5_capture *capture, unsigned seconds)
{
    capture->lateness = seconds * MQTT5_SECOND;
}

void mqtt5_capture_free(mqtt5_capture *capture)
{
    if (!capture)
        return;
    g_hash_table_destroy(capture->clients);
    g_hash_table_destroy(capture->servers);
    mqtt5_capture_wills_free(capture->wills);
    mqtt5_capture_messages_free(capture->messages);
    mqtt5_capture_ends_free(capture->ends);
    mqtt5_capture_security_free(capture->security);
    mqtt5_capture_journeys_free(capture->journeys);
    mqtt5_rpcs_free(capture->rpcs);
    mqtt5_capture_loops_free(capture->loops);
    g_free(capture);
}

static const uint64_t hash_prime = UINT64_C(0x9E3779B97F4A7C15);

/* The upper half holds what the multiplication mixed best. Swapping the halves lets the next
 * multiplication mix it further. */
static inline uint64_t take_piece(uint64_t hash, const uint8_t *data)
{
    uint64_t piece;

    memcpy(&piece, data, sizeof piece);
    hash = (hash ^ piece) * hash_prime;
    return hash << 32 | hash >> 32;
}

/* Takes eight bytes at a time; the last eight may overlap those before. */
uint64_t mqtt5_capture_hash(const uint8_t *data, uint32_t length, uint64_t seed)
{
    uint64_t hash = (seed ^ length) * hash_prime;

    if (length >= 8) {
        const uint8_t *last = data + length - 8;

        for (; data < last; data += 8)
            hash = take_piece(hash, data);
        hash = take_piece(hash, last);
    } else {
        uint8_t padded[8] = {0};

        for (uint32_t i = 0; i < length; i++)
            padded[i] = data[i];
        hash = take_piece(hash, padded);
    }
    hash = (hash ^ hash >> 32) * hash_prime;
    return hash ^ hash >> 29;
}
