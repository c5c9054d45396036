/* rpc_table.c
 * The requests that responses may still come to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/rpc_table.h"

#include <string.h>

#define SIZE_AT_FIRST 64

static mqtt5_rpc_entry *at(struct mqtt5_rpcs *rpcs, uint32_t place)
{
    return place > 0 ? &rpcs->entries[place - 1] : NULL;
}

static uint32_t place_of(const struct mqtt5_rpcs *rpcs, const mqtt5_rpc_entry *entry)
{
    return (uint32_t)(entry - rpcs->entries) + 1;
}

static uint32_t *bucket_of(const struct mqtt5_rpcs *rpcs, uint64_t hash)
{
    return &rpcs->buckets[hash & (rpcs->size - 1)];
}

struct mqtt5_rpcs *mqtt5_rpcs_new(void)
{
    struct mqtt5_rpcs *rpcs = g_new0(struct mqtt5_rpcs, 1);

    rpcs->size = SIZE_AT_FIRST;
    rpcs->entries = g_new(mqtt5_rpc_entry, rpcs->size);
    rpcs->buckets = g_new0(uint32_t, rpcs->size);
    return rpcs;
}

void mqtt5_rpcs_free(struct mqtt5_rpcs *rpcs)
{
    if (!rpcs)
        return;
    g_free(rpcs->entries);
    g_free(rpcs->buckets);
    g_free(rpcs);
}

/* --- In the order of use --- */

static void take_out(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry)
{
    mqtt5_rpc_entry *before = at(rpcs, entry->used_before), *after = at(rpcs, entry->used_after);

    if (before)
        before->used_after = entry->used_after;
    else
        rpcs->first_used = entry->used_after;
    if (after)
        after->used_before = entry->used_before;
    else
        rpcs->last_used = entry->used_before;
}

static void put_last(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry)
{
    mqtt5_rpc_entry *before = at(rpcs, rpcs->last_used);

    entry->used_before = rpcs->last_used;
    entry->used_after = 0;
    rpcs->last_used = place_of(rpcs, entry);
    if (before)
        before->used_after = rpcs->last_used;
    else
        rpcs->first_used = rpcs->last_used;
}

/* --- By hash --- */

static void link_bucket(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry)
{
    uint32_t *bucket = bucket_of(rpcs, entry->hash);

    entry->chain = *bucket;
    *bucket = place_of(rpcs, entry);
}

static void unlink_bucket(struct mqtt5_rpcs *rpcs, const mqtt5_rpc_entry *entry)
{
    uint32_t *link = bucket_of(rpcs, entry->hash), place = place_of(rpcs, entry);

    while (*link != place)
        link = &at(rpcs, *link)->chain;
    *link = entry->chain;
}

mqtt5_rpc_entry *mqtt5_rpcs_find(struct mqtt5_rpcs *rpcs, uint64_t hash)
{
    mqtt5_rpc_entry *entry = at(rpcs, *bucket_of(rpcs, hash));

    while (entry && entry->hash != hash)
        entry = at(rpcs, entry->chain);
    if (entry && rpcs->last_used != place_of(rpcs, entry)) {
        take_out(rpcs, entry);
        put_last(rpcs, entry);
    }
    return entry;
}

static void grow(struct mqtt5_rpcs *rpcs)
{
    rpcs->size *= 2;
    rpcs->entries = g_renew(mqtt5_rpc_entry, rpcs->entries, rpcs->size);
    rpcs->buckets = g_renew(uint32_t, rpcs->buckets, rpcs->size);
    memset(rpcs->buckets, 0, rpcs->size * sizeof *rpcs->buckets);
    for (uint32_t i = 0; i < rpcs->count; i++)
        link_bucket(rpcs, &rpcs->entries[i]);
}

/* The one that was touched longest ago gives up its place. */
static mqtt5_rpc_entry *push_out(struct mqtt5_rpcs *rpcs)
{
    mqtt5_rpc_entry *entry = at(rpcs, rpcs->first_used);

    rpcs->forgotten |= entry->open > 0;
    mqtt5_rpcs_disown(rpcs, entry);
    unlink_bucket(rpcs, entry);
    take_out(rpcs, entry);
    return entry;
}

mqtt5_rpc_entry *mqtt5_rpcs_add(struct mqtt5_rpcs *rpcs, uint64_t hash)
{
    mqtt5_rpc_entry *entry;

    if (rpcs->count == rpcs->size && rpcs->size < MQTT5_RPCS_MAX)
        grow(rpcs);
    entry = rpcs->count < rpcs->size ? &rpcs->entries[rpcs->count++] : push_out(rpcs);
    memset(entry, 0, sizeof *entry);
    entry->hash = hash;
    link_bucket(rpcs, entry);
    put_last(rpcs, entry);
    return entry;
}

/* --- By connection --- */

void mqtt5_rpcs_own(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry, mqtt5_connection *owner, mqtt5_rpc *request)
{
    mqtt5_rpc_entry *older = at(rpcs, owner->rpc_newest);

    entry->owner = owner;
    entry->request = request;
    entry->older = owner->rpc_newest;
    entry->newer = 0;
    owner->rpc_newest = place_of(rpcs, entry);
    if (older)
        older->newer = owner->rpc_newest;
}

void mqtt5_rpcs_disown(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry)
{
    mqtt5_rpc_entry *older = at(rpcs, entry->older), *newer = at(rpcs, entry->newer);

    if (!entry->owner)
        return;
    if (newer)
        newer->older = entry->older;
    else
        entry->owner->rpc_newest = entry->older;
    if (older)
        older->newer = entry->newer;
    entry->older = entry->newer = 0;
    entry->owner = NULL;
    entry->request = NULL;
}

mqtt5_rpc_entry *mqtt5_rpcs_newest(struct mqtt5_rpcs *rpcs, const mqtt5_connection *owner)
{
    return at(rpcs, owner->rpc_newest);
}

mqtt5_rpc_entry *mqtt5_rpcs_older(struct mqtt5_rpcs *rpcs, const mqtt5_rpc_entry *entry)
{
    return at(rpcs, entry->older);
}
