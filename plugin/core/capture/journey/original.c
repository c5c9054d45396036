/* original.c
 * A ring of messages with two indexes of chains. A chain leads from the newest message to older
 * ones, so it ends where a message is no longer in the ring: nothing is ever taken out of a chain.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/original.h"

#include <glib.h>

/* What it promises: beside the hash, a message takes 64 bytes at most. */
G_STATIC_ASSERT(MQTT5_ORIGINAL_BYTES - sizeof(uint64_t) <= 64);

#define FIRST_ROOM 256
#define RECENT 256 /* messages that a refusal is looked for in */

struct mqtt5_originals {
    mqtt5_original_message *messages; /* the message with number n is at (n - 1) modulo `room` */
    uint32_t *by_hash, *by_stream;    /* the newest with this remainder: its number; 0: none */
    uint32_t room, most;              /* powers of two; 0: nothing is kept */
    uint32_t last;                    /* the number of the newest; 0: there is none */
    bool stored_qos_2;                /* there was one with QoS 2 and RETAIN 1 */
};

mqtt5_originals *mqtt5_originals_new(size_t bound)
{
    mqtt5_originals *made = g_new0(mqtt5_originals, 1);
    size_t most = bound / MQTT5_ORIGINAL_BYTES;

    if (most >= FIRST_ROOM)
        made->most = UINT32_C(1) << (g_bit_storage(MIN(most, G_MAXINT32)) - 1);
    return made;
}

void mqtt5_originals_free(mqtt5_originals *originals)
{
    if (!originals)
        return;
    g_free(originals->messages);
    g_free(originals->by_hash);
    g_free(originals->by_stream);
    g_free(originals);
}

static mqtt5_original_message *at(const mqtt5_originals *originals, uint32_t number)
{
    return &originals->messages[(number - 1) & (originals->room - 1)];
}

/* True if the message is still there. */
static bool is_there(const mqtt5_originals *originals, uint32_t number)
{
    return number != 0 && originals->last - number < originals->room;
}

static uint32_t *place_of_hash(const mqtt5_originals *originals, uint64_t hash)
{
    return &originals->by_hash[(hash ^ hash >> 32) & (originals->room - 1)];
}

static uint32_t *place_of_stream(const mqtt5_originals *originals, const mqtt5_original_message *message)
{
    uint32_t mixed = (message->topic ^ message->publisher * UINT32_C(0x9E3779B1)) + message->qos;

    return &originals->by_stream[(mixed ^ mixed >> 15) & (originals->room - 1)];
}

static void put_in_order(mqtt5_originals *originals, uint32_t number)
{
    mqtt5_original_message *message = at(originals, number);
    uint32_t *place = place_of_hash(originals, message->hash), *stream = place_of_stream(originals, message);

    message->older = *place;
    message->older_of_stream = *stream;
    *place = *stream = number;
}

/* Doubles the room, before anything has been replaced: messages stay at their places. */
static void grow(mqtt5_originals *originals)
{
    originals->room = originals->room ? 2 * originals->room : FIRST_ROOM;
    originals->messages = g_renew(mqtt5_original_message, originals->messages, originals->room);
    g_free(originals->by_hash);
    g_free(originals->by_stream);
    originals->by_hash = g_new0(uint32_t, originals->room);
    originals->by_stream = g_new0(uint32_t, originals->room);
    for (uint32_t number = 1; number <= originals->last; number++)
        put_in_order(originals, number);
}

uint32_t mqtt5_originals_add(mqtt5_originals *originals, const mqtt5_original_message *message)
{
    if (originals->last >= originals->room && originals->room < originals->most)
        grow(originals);
    if (originals->room == 0 || originals->last == UINT32_MAX)
        return 0;
    originals->last++;
    *at(originals, originals->last) = *message;
    put_in_order(originals, originals->last);
    originals->stored_qos_2 |= message->qos == 2 && message->retain;
    return originals->last;
}

bool mqtt5_originals_has_stored_qos_2(const mqtt5_originals *originals)
{
    return originals->stored_qos_2;
}

static mqtt5_original_message *find_hash(const mqtt5_originals *originals, uint32_t number, uint64_t hash, unsigned *left)
{
    for (; is_there(originals, number) && *left > 0; --*left) {
        mqtt5_original_message *message = at(originals, number);

        if (message->hash == hash)
            return message;
        number = message->older;
    }
    return NULL;
}

mqtt5_original_message *mqtt5_originals_newest(mqtt5_originals *originals, uint64_t hash, unsigned *left)
{
    return originals->room ? find_hash(originals, *place_of_hash(originals, hash), hash, left) : NULL;
}

mqtt5_original_message *mqtt5_originals_older(mqtt5_originals *originals, const mqtt5_original_message *message, unsigned *left)
{
    *left -= *left > 0;
    return find_hash(originals, message->older, message->hash, left);
}

mqtt5_original_message *mqtt5_originals_before(mqtt5_originals *originals, const mqtt5_original_message *message, unsigned *left)
{
    for (uint32_t number = message->older_of_stream; is_there(originals, number) && *left > 0; --*left) {
        mqtt5_original_message *before = at(originals, number);

        if (before->topic == message->topic && before->publisher == message->publisher && before->qos == message->qos)
            return before;
        number = before->older_of_stream;
    }
    return NULL;
}

uint32_t mqtt5_originals_number(const mqtt5_originals *originals, const mqtt5_original_message *message)
{
    uint32_t place = (uint32_t)(message - originals->messages);

    /* The number that this place has now: the last one that is not above `last`. */
    return originals->last - ((originals->last - 1 - place) & (originals->room - 1));
}

mqtt5_original_message *mqtt5_originals_published(mqtt5_originals *originals, uint32_t publisher, uint32_t frame, uint16_t packet_id)
{
    for (uint32_t number = originals->last, left = RECENT; is_there(originals, number) && left > 0; number--, left--) {
        mqtt5_original_message *message = at(originals, number);

        if (message->publisher == publisher && message->packet_id == packet_id && message->qos > 0 &&
            (frame == 0 || message->frame == frame))
            return message;
    }
    return NULL;
}
