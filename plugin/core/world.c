/* world.c
 * What the connections of a capture share: servers, clients, and the connections of each client.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "world.h"

#include <string.h>

#include "session_world.h"

/* Older connections of one client are dropped from its list. */
#define LINKS_OF_CLIENT 16

/* --- Clients --- */

static guint hash_client(gconstpointer key)
{
    const mqtt5_world_client *client = key;

    return g_bytes_hash(client->id) ^ (guint)(client->server->id ^ client->server->id >> 32);
}

static gboolean equal_clients(gconstpointer a, gconstpointer b)
{
    const mqtt5_world_client *one = a, *other = b;

    return one->server == other->server && g_bytes_equal(one->id, other->id);
}

static mqtt5_world_client *client_of(mqtt5_world *world, mqtt5_world_server *server, GBytes *id)
{
    mqtt5_world_client key = {.server = server, .id = id};
    mqtt5_world_client *client = g_hash_table_lookup(world->clients, &key);

    if (!client) {
        client = g_new0(mqtt5_world_client, 1);
        client->server = server;
        client->id = g_bytes_ref(id);
        g_hash_table_add(world->clients, client);
    }
    return client;
}

static mqtt5_world_server *server_of(mqtt5_world *world, uint64_t id)
{
    mqtt5_world_server *server = g_hash_table_lookup(world->servers, &id);

    if (!server) {
        server = g_new0(mqtt5_world_server, 1);
        server->id = id;
        server->last_drop_time = INT64_MIN;
        g_hash_table_insert(world->servers, &server->id, server);
    }
    return server;
}

/* --- Links --- */

mqtt5_world_link *mqtt5_world_link_new(mqtt5_world *world, uint64_t server)
{
    mqtt5_world_link *link = g_new0(mqtt5_world_link, 1);

    link->references = 1;
    link->serial = ++world->connections;
    link->server = server_of(world, server);
    return link;
}

/* Takes a link out of its client's list, and the list's reference away. */
static void unlist(mqtt5_world_link *link)
{
    mqtt5_world_client *client = link->client;

    g_assert(client); /* only who stands in a list is taken out of it */
    if (link->newer)
        link->newer->older = link->older;
    else
        client->newest = link->older;
    if (link->older)
        link->older->newer = link->newer;
    link->newer = link->older = NULL;
    link->client = NULL;
    client->count--;
    mqtt5_world_link_unref(link);
}

void mqtt5_world_link_name(mqtt5_world *world, mqtt5_world_link *link, GBytes *id)
{
    mqtt5_world_client *client;

    if (link->client)
        unlist(link);
    client = client_of(world, link->server, id);
    link->client = client;
    link->older = client->newest;
    link->newer = NULL;
    if (client->newest)
        client->newest->newer = link;
    client->newest = link;
    link->references++;
    if (++client->count > LINKS_OF_CLIENT) {
        mqtt5_world_link *oldest = client->newest;

        while (oldest->older)
            oldest = oldest->older;
        unlist(oldest);
    }
}

void mqtt5_world_link_unref(mqtt5_world_link *link)
{
    if (--link->references > 0)
        return;
    mqtt5_world_will_forget(link);
    mqtt5_world_subscriptions_free(link);
    if (link->user_name)
        g_bytes_unref(link->user_name);
    if (link->will_properties)
        g_bytes_unref(link->will_properties);
    mqtt5_world_unacknowledged_free(link->unacknowledged);
    g_free(link->delivered);
    g_free(link);
}

bool mqtt5_world_successor(const mqtt5_world_link *link, uint32_t *frame)
{
    if (!link || !link->newer)
        return false;
    *frame = link->newer->connect_frame;
    return true;
}

bool mqtt5_world_same_user(const mqtt5_world_link *a, const mqtt5_world_link *b)
{
    if (!a->user_name || !b->user_name)
        return a->user_name == b->user_name;
    return g_bytes_equal(a->user_name, b->user_name);
}

/* --- The world --- */

static void free_client(gpointer data)
{
    mqtt5_world_client *client = data;

    while (client->newest)
        unlist(client->newest);
    g_bytes_unref(client->id);
    g_free(client);
}

mqtt5_world *mqtt5_world_new(void)
{
    mqtt5_world *world = g_new0(mqtt5_world, 1);

    world->servers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    world->clients = g_hash_table_new_full(hash_client, equal_clients, free_client, NULL);
    return world;
}

void mqtt5_world_free(mqtt5_world *world)
{
    if (!world)
        return;
    g_hash_table_destroy(world->clients);
    g_hash_table_destroy(world->servers);
    mqtt5_world_wills_free(world->wills);
    mqtt5_world_messages_free(world->messages);
    g_free(world);
}

static const uint64_t hash_prime = UINT64_C(0x9E3779B97F4A7C15);

/* What the multiplication has carried to the upper half comes down to where the next one takes it up again. */
static inline uint64_t take_piece(uint64_t hash, const uint8_t *data)
{
    uint64_t piece;

    memcpy(&piece, data, sizeof piece);
    hash = (hash ^ piece) * hash_prime;
    return hash << 32 | hash >> 32;
}

/* Eight bytes at a time, the last of them together with some of those before. */
uint64_t mqtt5_world_hash(const uint8_t *data, uint32_t length, uint64_t seed)
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
