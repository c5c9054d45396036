/* late.c
 * Messages that come to a subscriber long after they were published, although it was there all the
 * time.
 *
 * Where the time was spent is said only as far as the capture shows it: the subscriber did not take
 * more messages (its Receive Maximum), or more bytes (its TCP window), or did not acknowledge what had come
 * before. If none of that is so, the message says just that. When the server had the message is known
 * by its acknowledgment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/late.h"

#include <stdio.h>

#include "core/capture/journey/milestone.h"

/* In a longer pause of the capture the clock may have been set. In a shorter one it hardly was; the reader
 * is told. */
#define PAUSE_MAX (10 * MQTT5_SECOND)

/* One late message. */
typedef struct {
    mqtt5_search *search;
    const mqtt5_capture_link *link;
    const mqtt5_original_message *message;
    int64_t ready; /* since when the server could deliver it, as far as known */
    int64_t begin; /* of the copy */
    int64_t pause; /* the longest time without any frame in the capture */
    bool quiet;    /* the subscriber had room all the time, as far as was looked */
    char where[200];
} lateness;

/* How much of the time was in the standstill, if that ended just before the copy and explains most of it; else 0. */
static int64_t share_of(lateness *l, const mqtt5_standstill *last)
{
    int64_t share = last->until_frame ? MIN(last->until, l->begin) - MAX(last->since, l->ready) : 0;

    l->quiet &= share <= 0;
    return l->begin - last->until <= MQTT5_STANDSTILL_GAP && 2 * share >= l->begin - l->ready ? share : 0;
}

static bool explain_receive_maximum(lateness *l)
{
    const mqtt5_delays *delays = l->link->delays;
    int64_t share = l->search->qos > 0 && delays ? share_of(l, &delays->full) : 0;

    if (share > 0)
        snprintf(l->where, sizeof l->where, "; the subscriber's Receive Maximum %u was used up for %.1f s of that, until frame %u",
                 l->link->receive_maximum, mqtt5_seconds(share), delays->full.until_frame);
    return share > 0;
}

static bool explain_window(lateness *l, const mqtt5_trouble *subscriber)
{
    int64_t share = subscriber ? share_of(l, &subscriber->full) : 0;

    if (share > 0)
        snprintf(l->where, sizeof l->where, "; the subscriber's TCP took no bytes for %.1f s of that (window 0, frames %u to %u)",
                 mqtt5_seconds(share), subscriber->full.frame, subscriber->full.until_frame);
    return share > 0;
}

static bool explain_unacked(lateness *l, const mqtt5_trouble *server)
{
    int64_t share = server ? share_of(l, &server->unacked) : 0;

    if (share > 0)
        snprintf(l->where, sizeof l->where,
                 "; for %.1f s of that, until frame %u, the subscriber's TCP acknowledged nothing of what was on its way to it",
                 mqtt5_seconds(share), server->unacked.until_frame);
    return share > 0;
}

/* Many servers have a limit of their own for messages without an acknowledgment, which nobody sees. */
static bool explain_slow(lateness *l)
{
    const mqtt5_standstill *slow = l->link->delays ? &l->link->delays->slow : NULL;
    int64_t share = l->search->qos > 0 && slow ? share_of(l, slow) : 0;

    if (share > 0)
        snprintf(l->where, sizeof l->where,
                 "; the subscriber acknowledged an earlier message only in frame %u, %.1f s after it was sent in frame %u: perhaps the server has waited for that",
                 slow->until_frame, mqtt5_seconds(slow->until - slow->since), slow->frame);
    return share > 0;
}

static void say_that_it_had_room(lateness *l)
{
    const mqtt5_answer *answer = &l->message->facts->answer;
    bool had = l->message->qos > 0 && answer->frame != 0 && !answer->never && answer->frame < l->search->event->input->frame;
    bool room = l->quiet && l->search->event->input->transport && l->link->whole_since == l->link->connect_frame;
    int length = 0;

    if (had)
        length = snprintf(l->where, sizeof l->where, "; the server has had it since frame %u", answer->frame);
    if (room)
        snprintf(l->where + length, sizeof l->where - (size_t)length, "%s the subscriber was connected, and had room", had ? ", and" : ";");
}

/* What goes on when the copy comes: nothing shows that it is over. */
static void look_at_now(lateness *l, const mqtt5_sending *server, const mqtt5_sending *subscriber)
{
    int64_t since = server->unacked_frame != 0 ? server->unacked_time : server->acked_time;

    if ((mqtt5_sending_open(server) && l->begin - since > MQTT5_STANDSTILL_GAP) ||
        (subscriber->trouble && subscriber->trouble->full_frame != 0))
        l->quiet = false;
}

static void explain(lateness *l)
{
    const mqtt5_input *input = l->search->event->input;
    const mqtt5_sending *sendings = input->transport ? input->transport->sendings : NULL;
    const mqtt5_trouble *server = sendings ? sendings[input->direction].trouble : NULL;
    const mqtt5_trouble *subscriber = sendings ? sendings[!input->direction].trouble : NULL;

    if (sendings)
        look_at_now(l, &sendings[input->direction], &sendings[!input->direction]);
    if (!explain_receive_maximum(l) && !explain_window(l, subscriber) && !explain_unacked(l, server) && !explain_slow(l))
        say_that_it_had_room(l);
}

static MQTT5_SELDOM void report(lateness *l, mqtt5_capture_link *link, int64_t waited)
{
    mqtt5_delays *delays = mqtt5_capture_delays_of(link);
    char count[70] = "", pause[70] = "";

    if (!mqtt5_is_milestone(delays->late, 1)) {
        delays->late++;
        return;
    }
    if (delays->late++ == 0)
        delays->late_frame = l->search->event->input->frame;
    else
        snprintf(count, sizeof count, "; %u messages in a row have come late, since frame %u", delays->late, delays->late_frame);
    if (l->begin - l->ready - l->pause < l->search->event->connection->capture->lateness)
        snprintf(pause, sizeof pause, " (the capture has no frame at all for %.1f s of that)", mqtt5_seconds(l->pause));
    explain(l);
    mqtt5_report(l->search->event->findings, MQTT5_RULE_delivery_late, MQTT5_FIRST_BYTE,
                 "delivered %.1f s after its publication in frame %u%s%s%s", mqtt5_seconds(waited), l->message->frame, pause, l->where,
                 count);
}

void mqtt5_late_check(mqtt5_search *search, mqtt5_capture_link *link, const mqtt5_original_message *message, int64_t waited)
{
    const mqtt5_input *input = search->event->input;
    int64_t threshold = search->event->connection->capture->lateness;
    lateness l = {.search = search, .link = link, .message = message, .begin = input->begin ? input->begin : input->time, .quiet = true};

    if (waited < threshold) {
        if (link->delays)
            link->delays->late = 0;
        return;
    }
    l.ready = message->time + (message->released ? message->released_after * MQTT5_RELEASED_UNIT : 0);
    if (threshold == 0 || message->released_after == UINT16_MAX || message->time <= link->connack_time || l.begin - l.ready < threshold ||
        !mqtt5_search_was_subscribed(search, message))
        return;
    l.pause = mqtt5_pauses_longest(input->pauses, message->frame, input->time);
    if (l.pause > PAUSE_MAX)
        return;
    report(&l, link, waited);
}
