/* publication.c
 * What to show of a PUBLISH beyond its own bytes: the topic of its alias, and the subscriptions
 * that it is delivered for. Many messages share the same, so it is kept once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/subscription/publication.h"

#include "core/session/modules.h"

#include <string.h>

static size_t size_of(uint32_t shown)
{
    return sizeof(mqtt5_publication) + shown * sizeof(const mqtt5_granted *);
}

static guint hash_of(gconstpointer key)
{
    const mqtt5_publication *message = key;
    guint hash = g_direct_hash(message->alias) * 31 + message->matched;

    for (uint32_t i = 0; i < message->shown; i++)
        hash = hash * 31 + (g_direct_hash(message->granted[i]) >> 4);
    return hash;
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
    const mqtt5_publication *x = a, *y = b;

    return x->alias == y->alias && x->matched == y->matched && x->shown == y->shown &&
           memcmp(x->granted, y->granted, x->shown * sizeof x->granted[0]) == 0;
}

const mqtt5_publication *mqtt5_publication_keep(mqtt5_connection *connection, const mqtt5_alias_topic *alias,
                                                const mqtt5_granted *const *granted, uint32_t shown, uint32_t matched)
{
    union {
        mqtt5_publication message;
        uint8_t room[sizeof(mqtt5_publication) + MQTT5_GRANTED_MAX * sizeof(const mqtt5_granted *)];
    } key;
    mqtt5_publication *made;

    key.message.alias = alias;
    key.message.rpc = NULL;
    key.message.matched = matched;
    key.message.shown = shown;
    if (shown > 0)
        memcpy(key.message.granted, granted, shown * sizeof granted[0]);
    if (!connection->publications)
        connection->publications = g_hash_table_new(hash_of, equal);
    made = g_hash_table_lookup(connection->publications, &key);
    if (!made) {
        made = mqtt5_arena_alloc(&connection->arena, size_of(shown));
        memcpy(made, &key, size_of(shown));
        g_hash_table_add(connection->publications, made);
    }
    return made;
}

void mqtt5_publication_clear(mqtt5_connection *connection)
{
    g_clear_pointer(&connection->publications, g_hash_table_destroy);
}
