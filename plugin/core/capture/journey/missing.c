/* missing.c
 * Messages that a subscriber should have got before the one that it gets now.
 *
 * Nobody can tell from a capture that a message will never come. But the server sends the messages
 * of one client, topic and QoS in their order [MQTT-4.6.0-5], [MQTT-4.6.0-6]. So when a later one comes, what is missing
 * before it comes no more: with QoS 1 and 2 the server must not leave one out, with QoS 0 it may. That
 * is said only where the capture has all of both sessions, and nothing explains the gap.
 *
 * With QoS 2, a server may send a message on when it comes, or when its PUBREL comes (4.3.3). Both give
 * the same order if the PUBREL packets come in that of the messages, as they must [MQTT-4.6.0-4].
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/missing.h"

#include "core/capture/journey/got.h"

#define LOOKED_AT 1000 /* messages of one stream, from the newest on; each but once for a subscriber */

/* True if the client gets all of the stream of `message`, each once and in order, unless the server drops
 * some. */
static bool gets_all(mqtt5_search *s, const mqtt5_original_message *message)
{
    return !message->overtook && !s->dup && !s->retain && !s->resent && s->count == 1 && s->seen == 1 &&
           s->link->whole_since == s->link->connect_frame && s->link->maximum_packet_size == UINT32_MAX && !s->link->bridge &&
           mqtt5_search_is_of_one_subscription(s, message);
}

/* True if the server has the message, and has to send it on. With QoS 0 it has what the later message,
 * on the same connection, shows that it has. */
static bool is_taken(const mqtt5_original_message *message)
{
    return (message->qos == 0 || (message->facts->answer.frame != 0 && !message->facts->answer.never)) &&
           (message->qos < 2 || message->released);
}

/* True if nothing explains that this message did not come, but that the server has dropped it. */
static bool was_due(mqtt5_search *s, const mqtt5_original_message *message)
{
    return !message->refused && !message->expires && !message->retain && message->resent == 0 && is_taken(message) &&
           !mqtt5_got_is_doubtful(s->link->got, mqtt5_originals_number(s->originals, message)) &&
           mqtt5_search_is_of_one_subscription(s, message);
}

const mqtt5_original_message *mqtt5_missing_before(mqtt5_search *search, const mqtt5_original_message *message, unsigned *count)
{
    const mqtt5_got *got = search->link->got;
    const mqtt5_got_stream *stream = got ? mqtt5_got_find(got, message, search->qos) : NULL;
    const mqtt5_original_message *first = NULL;
    unsigned left = LOOKED_AT;

    *count = 0;
    if (!got || (stream ? stream->unsure : mqtt5_got_has_forgotten(got)) || !gets_all(search, message))
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
