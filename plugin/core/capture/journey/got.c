/* got.c
 * A table of streams that grows up to a limit and is then emptied, and a small one by Packet
 * Identifier in which messages replace each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/got.h"

#include "core/capture/parts.h"

#include <glib.h>

#define FIRST_ROOM 8
#define STREAMS_MAX 8192
#define SENT 32
#define GUESSES 8
#define LONGEST_DELAY (3600 * MQTT5_SECOND) /* a longer one was not the server's */

typedef struct {
    uint64_t hash;
    const mqtt5_copy *copy;
    uint16_t packet_id;
} sent_message;

struct mqtt5_got {
    mqtt5_got_stream *streams;
    bool has_forgotten, for_each;
    int64_t front[3], delay[3]; /* by QoS */
    uint32_t count, room;       /* room: a power of two, more than half of it free; 0: none yet */
    uint32_t guesses[GUESSES];  /* numbers; 0: none */
    unsigned next_guess;
    uint32_t doubtful;  /* the highest number that a copy may be of which is not certain */
    uint32_t forgotten; /* no guess that is no longer there has a number above this */
    sent_message *sent; /* SENT of them, by the lower bits of their identifiers; NULL: none yet */
};

mqtt5_got *mqtt5_got_new(void)
{
    return g_new0(mqtt5_got, 1);
}

void mqtt5_got_free(mqtt5_got *got)
{
    if (!got)
        return;
    g_free(got->streams);
    g_free(got->sent);
    g_free(got);
}

/* Never 0. Topic and publisher go in whole; the topic is a part of a hash with a key. */
static uint64_t key_of(const mqtt5_original_message *message, unsigned qos)
{
    uint64_t publisher = ((uint64_t)message->publisher * 4 + message->qos) * 4 + qos;

    return ((uint64_t)message->topic << 32 ^ publisher * UINT64_C(0x9E3779B97F4A7C15)) | 1;
}

static mqtt5_got_stream *place_of(const mqtt5_got *got, uint64_t key)
{
    uint32_t at = (uint32_t)(key >> 32 ^ key >> 7);

    while (got->streams[at & (got->room - 1)].key != 0 && got->streams[at & (got->room - 1)].key != key)
        at++;
    return &got->streams[at & (got->room - 1)];
}

const mqtt5_got_stream *mqtt5_got_find(const mqtt5_got *got, const mqtt5_original_message *message, unsigned qos)
{
    const mqtt5_got_stream *place = got->room ? place_of(got, key_of(message, qos)) : NULL;

    return place && place->key != 0 ? place : NULL;
}

bool mqtt5_got_has_forgotten(const mqtt5_got *got)
{
    return got->has_forgotten;
}

/* Makes room for one more; with too many, forgets all. */
static void make_room(mqtt5_got *got)
{
    mqtt5_got_stream *old = got->streams;
    uint32_t old_room = got->room;
    bool full = got->count >= STREAMS_MAX;

    got->room = full || !old_room ? FIRST_ROOM : 2 * old_room;
    got->streams = g_new0(mqtt5_got_stream, got->room);
    for (uint32_t i = 0; i < old_room && !full; i++)
        if (old[i].key != 0)
            *place_of(got, old[i].key) = old[i];
    if (full)
        got->count = 0;
    got->has_forgotten |= full;
    g_free(old);
}

void mqtt5_got_add(mqtt5_got *got, const mqtt5_original_message *message, uint32_t number, unsigned qos, unsigned due, bool unsure)
{
    uint64_t key = key_of(message, qos);
    mqtt5_got_stream *place;

    if (2 * (got->count + 1) > got->room)
        make_room(got);
    place = place_of(got, key);
    if (place->key == 0) {
        got->count++;
        place->key = key;
    }
    if (due > 1 && unsure) {
        /* It may be an older one, for another subscription. */
        place->unsure = true;
        return;
    }
    if (due > 1 && number < place->number) {
        /* With two, the slower one is here; with more, some may be slower still. */
        place->behind = due == 2 ? MAX(place->behind, number) : place->behind;
        got->for_each = true;
        return;
    }
    place->copies = place->number == number ? place->copies + 1 : 1;
    place->number = number;
    place->behind = place->copies >= due ? number : place->behind;
    place->unsure = unsure;
    got->for_each |= due > 1 && place->copies > 1;
}

bool mqtt5_got_is_for_each(const mqtt5_got *got)
{
    return got->for_each;
}

void mqtt5_got_passed(mqtt5_got *got, unsigned qos, int64_t published, int64_t delay)
{
    got->front[qos] = published;
    got->delay[qos] = CLAMP(delay, 0, LONGEST_DELAY);
}

int64_t mqtt5_got_front(const mqtt5_got *got, unsigned qos)
{
    return got->front[qos];
}

int64_t mqtt5_got_delay(const mqtt5_got *got, unsigned qos)
{
    return got->delay[qos];
}

void mqtt5_got_guess(mqtt5_got *got, uint32_t number)
{
    uint32_t *place = &got->guesses[got->next_guess++ % GUESSES];

    got->forgotten = MAX(got->forgotten, *place);
    *place = number;
}

bool mqtt5_got_is_guess(const mqtt5_got *got, uint32_t number)
{
    for (unsigned i = 0; i < GUESSES; i++)
        if (got->guesses[i] == number)
            return true;
    return number <= got->forgotten;
}

void mqtt5_got_doubt(mqtt5_got *got, uint32_t number)
{
    got->doubtful = MAX(got->doubtful, number);
}

bool mqtt5_got_is_doubtful(const mqtt5_got *got, uint32_t number)
{
    return number <= got->doubtful;
}

void mqtt5_got_sent(mqtt5_got *got, uint16_t packet_id, uint64_t hash, const mqtt5_copy *copy)
{
    if (!got->sent)
        got->sent = g_new0(sent_message, SENT);
    got->sent[packet_id % SENT] = (sent_message){hash, copy, packet_id};
}

const mqtt5_copy *mqtt5_got_before(const mqtt5_got *got, uint16_t packet_id, uint64_t hash)
{
    const sent_message *sent = got->sent ? &got->sent[packet_id % SENT] : NULL;

    return sent && sent->packet_id == packet_id && sent->hash == hash ? sent->copy : NULL;
}
