/* message_ring.c
 * The last messages of a capture, by topic and payload. The ring grows as long as memory allows;
 * then the oldest are forgotten, and that is said.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/message_ring.h"

#include <string.h>

#include "core/session/evidence.h"

/* Messages that are kept: at first, and then as many as fit into the memory. */
#define MESSAGES_FIRST 1024
#define MEMORY ((size_t)8 * 1024 * 1024)
#define CHAIN 32 /* messages of one bucket that are looked at */
/* Bytes of properties that are kept: at first, at last, and of one message. */
#define PROPERTIES_FIRST ((uint32_t)64 * 1024)
#define PROPERTIES_MOST ((uint32_t)8 * 1024 * 1024)
#define PROPERTIES_LONGEST 1024

void mqtt5_message_ring_clear(mqtt5_message_ring *ring)
{
    g_free(ring->messages);
    g_free(ring->properties);
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

/* The bytes that `size` messages take. */
static size_t memory_of(const mqtt5_message_ring *ring, size_t size)
{
    return size * (sizeof(mqtt5_message) + sizeof *ring->hashes + 2 * sizeof *ring->chains);
}

static void grow(mqtt5_message_ring *ring)
{
    uint32_t used = ring->size;

    ring->size = used == 0 ? MESSAGES_FIRST : 2 * used;
    ring->messages = g_renew(mqtt5_message, ring->messages, ring->size);
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
    if (!ring->full && (ring->size == 0 || memory_of(ring, 2 * (size_t)ring->size) <= MEMORY)) {
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
    *made =
        (mqtt5_message){.time = event->input->time, .frame = event->input->frame, .sequence = ++ring->sequence, .publisher = link->serial};
    return made;
}

/* Room for `length` more bytes of properties, which lie together; *at is their place. */
static uint8_t *properties_room(mqtt5_message_ring *ring, uint32_t length, uint64_t *at)
{
    uint32_t start;

    /* Doubled before anything has been replaced: what is kept stays at its place. */
    while (ring->properties_kept + length > ring->properties_size && ring->properties_size < PROPERTIES_MOST) {
        ring->properties_size = MAX(2 * ring->properties_size, PROPERTIES_FIRST);
        ring->properties = g_realloc(ring->properties, ring->properties_size);
    }
    start = (uint32_t)ring->properties_kept & (ring->properties_size - 1);
    if (length > ring->properties_size - start) {
        ring->properties_kept += ring->properties_size - start;
        start = 0;
    }
    *at = ring->properties_kept;
    ring->properties_kept += length;
    return ring->properties + start;
}

void mqtt5_message_keep_properties(mqtt5_message_ring *ring, const mqtt5_event *event, mqtt5_message *made)
{
    const mqtt5_property_list *list = &event->packet->properties;

    if (made->version < MQTT5_VERSION_5 || !list->sound || list->block.length > PROPERTIES_LONGEST)
        return;
    made->properties_known = true;
    made->properties_length = (uint16_t)list->block.length;
    if (list->block.length > 0)
        memcpy(properties_room(ring, list->block.length, &made->properties_at), mqtt5_bytes(event->packet, list->block),
               list->block.length);
}

const uint8_t *mqtt5_message_properties(const mqtt5_message_ring *ring, const mqtt5_message *message)
{
    if (!message->properties_known)
        return NULL;
    if (message->properties_length == 0)
        return (const uint8_t *)"";
    if (ring->properties_kept - message->properties_at > ring->properties_size)
        return NULL;
    return ring->properties + (message->properties_at & (ring->properties_size - 1));
}
