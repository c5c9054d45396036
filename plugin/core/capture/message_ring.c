/* message_ring.c
 * The last messages of a capture, by topic and payload. The ring grows as long as memory allows;
 * then the oldest are forgotten, and that is said.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/message_ring.h"

#include <string.h>

#include "core/session/evidence.h"

/* Messages that are kept: at first, and then as many as fit into half of the memory. The rest is for
 * properties. */
#define MESSAGES_FIRST 1024
#define MEMORY ((size_t)16 * 1024 * 1024)
#define CHAIN 32        /* messages of one bucket that are looked at */
#define PROPERTIES 1024 /* bytes of properties that are kept */

void mqtt5_message_ring_clear(mqtt5_message_ring *ring)
{
    for (uint32_t i = 0; i < ring->size; i++)
        g_free(ring->messages[i].properties);
    g_free(ring->messages);
    g_free(ring->hashes);
    g_free(ring->chains);
    g_free(ring->buckets);
}

static uint32_t *bucket_of(const mqtt5_message_ring *ring, uint64_t hash)
{
    return &ring->buckets[hash & (ring->size - 1)];
}

mqtt5_message *mqtt5_message_find(mqtt5_message_ring *ring, uint64_t hash)
{
    unsigned left = CHAIN;

    for (uint32_t i = ring->size ? *bucket_of(ring, hash) : 0; i != 0 && left > 0; i = ring->chains[i - 1], left--)
        if (ring->hashes[i - 1] == hash)
            return &ring->messages[i - 1];
    return NULL;
}

static void link_message(mqtt5_message_ring *ring, uint32_t place)
{
    uint32_t *bucket = bucket_of(ring, ring->hashes[place]);

    ring->chains[place] = *bucket;
    *bucket = place + 1;
}

static void unlink_message(mqtt5_message_ring *ring, uint32_t old)
{
    uint32_t *link = bucket_of(ring, ring->hashes[old]);

    while (*link != 0 && *link != old + 1)
        link = &ring->chains[*link - 1];
    if (*link != 0)
        *link = ring->chains[old];
}

/* The bytes that `size` messages take, with their properties. */
static size_t memory_of(const mqtt5_message_ring *ring, size_t size)
{
    return size * (sizeof(mqtt5_message) + sizeof *ring->hashes + 2 * sizeof *ring->chains) + ring->properties;
}

static void grow(mqtt5_message_ring *ring)
{
    uint32_t used = ring->size;

    ring->size = used == 0 ? MESSAGES_FIRST : 2 * used;
    ring->messages = g_renew(mqtt5_message, ring->messages, ring->size);
    memset(ring->messages + used, 0, (ring->size - used) * sizeof *ring->messages);
    ring->hashes = g_renew(uint64_t, ring->hashes, ring->size);
    ring->chains = g_renew(uint32_t, ring->chains, ring->size);
    g_free(ring->buckets);
    ring->buckets = g_new0(uint32_t, ring->size);
    for (uint32_t i = 0; i < used; i++)
        link_message(ring, i);
}

/* Makes room after the last place of the ring: more of it, or at its start. */
static MQTT5_SELDOM void make_room(mqtt5_message_ring *ring, const mqtt5_event *event)
{
    if (!ring->full && (ring->size == 0 || memory_of(ring, 2 * (size_t)ring->size) <= MEMORY / 2)) {
        grow(ring);
        return;
    }
    ring->next = 0;
    if (!ring->full)
        mqtt5_evidence_forgotten(event, MQTT5_FORGOTTEN_MESSAGES);
    ring->full = true;
}

mqtt5_message *mqtt5_message_remember(mqtt5_message_ring *ring, uint64_t hash, const mqtt5_event *event, const mqtt5_capture_link *link)
{
    uint32_t place;
    mqtt5_message *made;

    if (ring->next == ring->size)
        make_room(ring, event);
    place = ring->next++;
    made = &ring->messages[place];
    if (ring->full)
        unlink_message(ring, place);
    ring->hashes[place] = hash;
    link_message(ring, place);
    made->time = event->input->time;
    made->frame = event->input->frame;
    made->sequence = ++ring->sequence;
    made->publisher = link->serial;
    made->ambiguous = made->published = made->properties_known = false;
    made->delivered_to = 0;
    return made;
}

void mqtt5_message_keep_properties(mqtt5_message_ring *ring, const mqtt5_event *event, mqtt5_message *made)
{
    const mqtt5_property_list *list = &event->packet->properties;

    if (made->version < MQTT5_VERSION_5 || !list->sound || list->block.length > PROPERTIES ||
        (list->block.length > made->properties_room && memory_of(ring, ring->size) + list->block.length > MEMORY))
        return;
    made->properties_known = true;
    made->properties_length = list->block.length;
    if (list->block.length > made->properties_room) {
        ring->properties += list->block.length - made->properties_room;
        made->properties_room = list->block.length;
        made->properties = g_realloc(made->properties, made->properties_room);
    }
    if (list->block.length > 0)
        memcpy(made->properties, mqtt5_bytes(event->packet, list->block), list->block.length);
}
