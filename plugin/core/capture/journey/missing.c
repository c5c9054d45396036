/* missing.c
 * Messages that a subscriber should have got before the one that it gets now.
 *
 * Nobody can tell from a capture that a message will never come. But the server sends the messages
 * of one client, topic and QoS in their order [MQTT-4.6.0-5], and with QoS 1 it leaves none out. So
 * when a later one comes, what is missing before it comes no more. That is said only where the
 * capture has all of both sessions, and nothing explains the gap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/missing.h"

#include "core/capture/journey/got.h"

#define LOOKED_AT 16 /* messages of one stream, from the newest on */

/* True if the client must get all of the stream of `message`, each once. */
static bool must_get_all(mqtt5_search *s, const mqtt5_original_message *message)
{
    return message->qos == 1 && s->qos == 1 && !s->dup && !s->retain && !s->resent && s->count == 1 && s->seen == 1 &&
           s->link->whole_since == s->link->connect_frame && s->link->maximum_packet_size == UINT32_MAX && !s->link->bridge &&
           mqtt5_search_is_of_one_subscription(s, message);
}

/* True if nothing but a fault explains that this message did not come. */
static bool was_due(mqtt5_search *s, const mqtt5_original_message *message)
{
    return !message->refused && !message->expires && !message->retain && message->resent == 0 && message->facts->answer.frame != 0 &&
           !message->facts->answer.never && !mqtt5_got_is_doubtful(s->link->got, mqtt5_originals_number(s->originals, message)) &&
           mqtt5_search_is_of_one_subscription(s, message);
}

const mqtt5_original_message *mqtt5_missing_before(mqtt5_search *search, const mqtt5_original_message *message, unsigned *count)
{
    const mqtt5_got *got = search->link->got;
    const mqtt5_got_stream *stream = got ? mqtt5_got_find(got, message, search->qos) : NULL;
    const mqtt5_original_message *first = NULL;
    unsigned left = LOOKED_AT;

    *count = 0;
    if (!got || (stream ? stream->unsure : mqtt5_got_has_forgotten(got)) || !must_get_all(search, message))
        return NULL;
    for (const mqtt5_original_message *one = mqtt5_originals_before(search->originals, message, &left);
         one && mqtt5_originals_number(search->originals, one) > (stream ? stream->number : 0);
         one = mqtt5_originals_before(search->originals, one, &left)) {
        /* What comes before the subscription is not for this client. */
        if (!stream && !mqtt5_search_is_of_one_subscription(search, one))
            return first;
        if (!was_due(search, one))
            return NULL;
        first = one;
        ++*count;
    }
    return left > 0 ? first : NULL;
}
