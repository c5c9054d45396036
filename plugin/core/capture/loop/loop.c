/* loop.c
 * Messages that go round: a client publishes again and again what it has just received, or two
 * bridges hand one message to each other for ever.
 *
 * Only the same topic and payload are looked at. What an echo, a heartbeat or a test program does
 * looks much like a loop; so the client must have received the message before it published it, must
 * publish it at once each time, and get nothing but its own in between.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/parts.h"

/* Messages that are followed at a time; one of the same place replaces the other. */
#define FOLLOWED 512
#define PAIRS 64
/* How long a program that forwards a message holds it, and how long a server. A person, or a timer
 * of seconds, is slower. */
#define HOLD (MQTT5_SECOND / 5)
#define ROUND (MQTT5_SECOND / 2)
#define ROUNDS 8

/* One message on one connection. */
typedef struct {
    uint64_t key; /* of message and connection; 0: the place is free */
    int64_t time; /* when it was last sent, by either side */
    uint32_t first_frame, last_frame;
    uint32_t rounds; /* how many times in a row the client has published what it had just received */
    bool own;        /* the client has published it first */
    bool received;   /* the server was the last to send it */
} followed;

/* One message on its way between two servers. */
typedef struct {
    uint64_t key; /* of the message; 0: the place is free */
    int64_t time;
    uint64_t client, server;          /* addresses of the connection `last` */
    uint32_t last, before;            /* serial of the last link that has published it, and of the one before */
    uint32_t first_frame, last_frame; /* of the first and the last PUBLISH */
    uint32_t turns;                   /* how many times in a row the other one has followed */
} pair;

struct mqtt5_loops {
    mqtt5_hash_key key; /* of messages at whatever server */
    followed messages[FOLLOWED];
    pair pairs[PAIRS];
};

void mqtt5_capture_loops_free(struct mqtt5_loops *loops)
{
    g_free(loops);
}

static struct mqtt5_loops *loops_of(mqtt5_capture *capture)
{
    if (!capture->loops) {
        capture->loops = g_new0(struct mqtt5_loops, 1);
        mqtt5_hash_key_init(&capture->loops->key);
    }
    return capture->loops;
}

static bool within(int64_t from, int64_t to, int64_t limit)
{
    return to >= from && to - from <= limit;
}

/* --- Two bridges --- */

/* True if the client of each of the two connections is the host of the other one's server. On one
 * host all are alike, and nothing is said. */
static bool opposite(const pair *one, const mqtt5_input *other)
{
    return one->client != 0 && one->server != 0 && one->client != one->server && one->client == other->server_address &&
           one->server == other->client_address;
}

/* The client publishes what it has published before. */
static void see_again(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *message)
{
    struct mqtt5_loops *loops = event->connection->capture->loops;
    const mqtt5_input *input = event->input;
    uint64_t topic = mqtt5_capture_hash(message->topic, message->topic_length, loops->key.a);
    uint64_t key = mqtt5_capture_hash(mqtt5_bytes(event->packet, event->packet->payload), event->packet->payload.length, topic) | 1;
    pair *found = &loops->pairs[(key >> 1) % PAIRS];

    if (found->key == key && within(found->time, input->time, ROUND) && found->last != link->serial && opposite(found, input) &&
        (found->before == 0 || found->before == link->serial)) {
        found->turns++;
        found->before = found->last;
    } else {
        *found = (pair){.key = key, .first_frame = input->frame};
    }
    if (found->turns >= 2 * ROUNDS && !link->loop_reported) {
        link->loop_reported = true;
        if (found->turns == 2 * ROUNDS)
            mqtt5_report(event->findings, MQTT5_RULE_message_loop, MQTT5_FIRST_BYTE,
                         "the same message as in frame %u, which came the other way between these two servers; "
                         "that is so %u times in a row since frame %u: each of them hands on to the other what it got from it",
                         found->last_frame, found->turns, found->first_frame);
    }
    found->last = link->serial;
    found->last_frame = input->frame;
    found->time = input->time;
    found->client = input->client_address;
    found->server = input->server_address;
}

/* --- One client --- */

static void see_received(const mqtt5_event *event, followed *found, uint64_t key)
{
    const mqtt5_input *input = event->input;

    /* A retained message is no news: it may be what the client itself has published. */
    if (found->key != key && mqtt5_publish_retain(event->packet))
        return;
    if (found->key != key)
        *found = (followed){.key = key};
    /* Another one than its own comes in between: somebody else publishes it, too. */
    if (found->received || !within(found->time, input->time, ROUND)) {
        found->rounds = 0;
        found->first_frame = input->frame;
    }
    found->received = true;
}

static void see_published(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *message, followed *found,
                          uint64_t key)
{
    const mqtt5_input *input = event->input;

    if (found->key != key) {
        *found = (followed){.key = key, .own = true};
    } else if (found->received) {
        found->rounds = within(found->time, input->time, HOLD) ? found->rounds + 1 : 0;
    } else {
        found->rounds = 0;
        if (within(found->time, input->time, ROUND))
            see_again(event, link, message);
    }
    found->received = false;
    if (found->rounds < ROUNDS || found->own || link->loop_reported)
        return;
    link->loop_reported = true;
    mqtt5_report(event->findings, MQTT5_RULE_message_loop, MQTT5_FIRST_BYTE,
                 "the client publishes what it has just received in frame %u, with the same topic and payload, "
                 "%u times in a row since frame %u, and gets it back each time",
                 found->last_frame, found->rounds, found->first_frame);
}

void mqtt5_capture_loop_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *message)
{
    uint64_t key = (message->hash ^ link->serial * UINT64_C(0x9E3779B97F4A7C15)) | 1;
    followed *found;

    /* Empty messages are all alike. */
    if (mqtt5_publish_dup(event->packet) || event->packet->payload.length == 0)
        return;
    found = &loops_of(event->connection->capture)->messages[(key >> 1) % FOLLOWED];
    if (event->sender == MQTT5_CLIENT)
        see_published(event, link, message, found, key);
    else
        see_received(event, found, key);
    if (found->key == key) {
        found->time = event->input->time;
        found->last_frame = event->input->frame;
    }
}
