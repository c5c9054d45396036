/* search.c
 * What a copy may be of, and whether the capture rules out all else.
 *
 * Equal messages are common, and a capture may lack the right one: it starts late, has a gap, was
 * put together from several taps, or a publisher is reached another way. So a source is certain in
 * one of two cases. Either the capture is complete: it has the client's session from its beginning,
 * and all that was published since. Or the message tells itself apart: it is long, or has properties
 * that are, and was published only once.
 *
 * Order and age are judged by frames and by times: clocks are set, and taps are not in step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/journey/search.h"

#include "core/capture/journey/got.h"

#define SETTLED MQTT5_SECOND
/* Anybody may publish a shorter payload, or the same with shorter properties. */
#define TELLING 24
/* How exactly the order of packets of two connections is known. */
#define ORDER_SLACK (MQTT5_SECOND / 10)

static const mqtt5_capture_match *match_of(mqtt5_search *s)
{
    if (!s->matched && s->link->subscriptions_known && !s->link->lost)
        s->match = mqtt5_capture_subscriptions_match(s->link, s->copy->topic, s->copy->topic_length, s->event->input->time);
    s->matched = true;
    return &s->match;
}

/* True if the subscriptions of the client that match are all known. */
static bool is_known(mqtt5_search *s)
{
    return match_of(s)->count > 0 && s->match.certain;
}

int64_t mqtt5_search_waited(const mqtt5_search *search, uint32_t frame, int64_t since)
{
    int64_t now = search->event->input->time, pause = mqtt5_pauses_longest(search->event->input->pauses, frame, now);

    return pause == INT64_MAX ? -1 : now - since - pause;
}

/* When the server sends the message on at the latest, as far as known: with QoS 2 that may be with its
 * PUBREL (4.3.3). */
static int64_t taken_on(const mqtt5_original_message *message)
{
    if (message->qos != 2)
        return message->time;
    return message->released && message->released_after < UINT16_MAX ? message->time + message->released_after * MQTT5_RELEASED_UNIT
                                                                     : INT64_MAX;
}

/* True if the message came, and was released, before the client's SUBSCRIBE in `frame`, which was answered at `time`. */
static bool is_before(const mqtt5_search *s, const mqtt5_original_message *message, uint32_t frame, int64_t time)
{
    int64_t taken = taken_on(message), between = taken < time ? time - taken : 0;

    return message->frame < frame && between > ORDER_SLACK &&
           between - MIN(between, mqtt5_pauses_longest(s->event->input->pauses, message->frame, s->event->input->time)) > ORDER_SLACK;
}

/* True if the message came after all of the client's subscriptions that match. */
static bool is_after(const mqtt5_search *s, const mqtt5_original_message *message)
{
    return message->frame > s->match.last_frame && message->time - s->match.last_time > ORDER_SLACK;
}

/* --- Candidates --- */

/* True if the copy cannot be of this message, whatever others there are. */
static bool is_impossible(const mqtt5_search *s, const mqtt5_original_message *message)
{
    return message->refused || message->qos < s->qos || (s->retain && !message->retain);
}

/* How many subscriptions of the client, which are known, give it the message with this QoS. */
static unsigned count_giving(mqtt5_search *s, const mqtt5_original_message *message)
{
    unsigned count = 0;

    for (unsigned granted = s->qos; granted < G_N_ELEMENTS(s->match.granted_count); granted++)
        count += MIN(granted, message->qos) == s->qos ? s->match.granted_count[granted] : 0;
    return count;
}

unsigned mqtt5_search_due(mqtt5_search *search, const mqtt5_original_message *message)
{
    unsigned count = match_of(search)->granted_known ? count_giving(search, message) : search->match.count;

    return MAX(count, 1);
}

uint32_t mqtt5_search_share(mqtt5_search *search)
{
    return match_of(search)->count <= 1 ? search->match.shares : 0;
}

/* True if this or a later message of its stream has come to the client already, and no further copy
 * of this one is due. */
static bool has_come(mqtt5_search *s, const mqtt5_original_message *message)
{
    const mqtt5_got_stream *stream = s->link->got ? mqtt5_got_find(s->link->got, message, s->qos) : NULL;
    uint32_t number;

    if (!stream || s->dup || s->retained || (s->either && message->retain))
        return false;
    number = mqtt5_originals_number(s->originals, message);
    if (message->resent && s->resent)
        return false;
    if (number == stream->number)
        return is_known(s) && stream->copies >= mqtt5_search_due(s, message) * (1u + message->resent);
    return number <= stream->behind || (number < stream->number && mqtt5_search_due(s, message) == 1);
}

static bool is_too_old(mqtt5_search *s, const mqtt5_original_message *message)
{
    return !s->retained && s->event->input->time - message->time > SETTLED && is_known(s) &&
           is_before(s, message, s->match.since_frame, s->match.since_time) &&
           mqtt5_search_waited(s, message->frame, message->time) > SETTLED;
}

/* What was retained earlier was replaced by `latest`; but not a message with QoS 2 that the server may have
 * taken on with its PUBREL, later. */
static void find_released_later(mqtt5_search *s, const mqtt5_original_message *latest)
{
    unsigned left = mqtt5_originals_has_stored_qos_2(s->originals) ? MQTT5_SEARCH_MAX : 0;

    if (left == 0)
        return;
    for (mqtt5_original_message *one = mqtt5_originals_older(s->originals, latest, &left); one && s->count < MQTT5_SEARCH_MAX;
         one = mqtt5_originals_older(s->originals, one, &left))
        if (one->qos == 2 && !is_impossible(s, one) && taken_on(one) >= latest->time)
            s->found[s->count++] = one;
    s->more = left == 0;
}

static void find_candidates(mqtt5_search *s)
{
    unsigned left = MQTT5_SEARCH_MAX;

    s->more = false;
    for (mqtt5_original_message *one = mqtt5_originals_newest(s->originals, s->copy->hash, &left); one;
         one = mqtt5_originals_older(s->originals, one, &left)) {
        s->seen++;
        if (is_impossible(s, one) || has_come(s, one) || is_too_old(s, one))
            continue;
        s->found[s->count++] = one;
        if (s->retained && is_known(s) && is_before(s, one, s->match.last_frame, s->match.last_time)) {
            find_released_later(s, one);
            break;
        }
    }
    s->more |= left == 0;
}

typedef bool (*criterion)(mqtt5_search *s, const mqtt5_original_message *message);

static bool has_same_properties(mqtt5_search *s, const mqtt5_original_message *message)
{
    return !message->v5 || s->event->connection->version < MQTT5_VERSION_5 || message->properties == s->properties;
}

static bool has_right_qos(mqtt5_search *s, const mqtt5_original_message *message)
{
    return match_of(s)->count == 0 || !s->match.granted_known || count_giving(s, message) > 0;
}

static bool is_not_local(mqtt5_search *s, const mqtt5_original_message *message)
{
    return !is_known(s) || !s->match.no_local || message->publisher != s->link->serial;
}

static bool has_right_retain(mqtt5_search *s, const mqtt5_original_message *message)
{
    return s->retained || !is_known(s) || !s->match.same_retain_as_published ||
           s->retain == (s->match.retain_as_published && message->retain);
}

static const criterion criteria[] = {has_same_properties, has_right_qos, is_not_local, has_right_retain};

/* True if the criterion rules the message out. What it says of subscriptions is about those of now: a
 * message that is older than one of them may have been queued for what the client had before. */
static bool is_ruled_out(mqtt5_search *s, criterion meets, const mqtt5_original_message *message)
{
    return !meets(s, message) && (meets == has_same_properties || is_after(s, message));
}

/* Leaves out the candidates that the criterion rules out, unless it is all of them. */
static void narrow(mqtt5_search *s, criterion meets)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < s->count; i++)
        kept += !is_ruled_out(s, meets, s->found[i]);
    if (kept == 0 || kept == s->count)
        return;
    kept = 0;
    for (unsigned i = 0; i < s->count; i++)
        if (!is_ruled_out(s, meets, s->found[i]))
            s->found[kept++] = s->found[i];
    s->count = kept;
}

/* Whether RETAIN says that the client gets what was retained before it subscribed. */
static void read_retain(mqtt5_search *s)
{
    if (!s->retain || s->link->bridge)
        return;
    if (s->event->connection->version < MQTT5_VERSION_5 ||
        (is_known(s) && !s->match.retain_as_published && s->match.same_retain_as_published))
        s->retained = true;
    else
        s->either = !is_known(s) || mqtt5_search_waited(s, s->match.last_frame, s->match.last_time) < SETTLED;
}

void mqtt5_search_run(mqtt5_search *search)
{
    const mqtt5_capture *capture = search->event->connection->capture;

    read_retain(search);
    if (capture->wills)
        search->wills = mqtt5_capture_will_find(capture, search->copy->hash);
    find_candidates(search);
    if (search->count == 0 && search->either) {
        search->retained = true;
        find_candidates(search);
    }
    search->properties = mqtt5_capture_hash_properties(search->event, &search->event->packet->properties, &search->properties_length);
    for (unsigned i = 0; i < G_N_ELEMENTS(criteria) && search->count > 1; i++)
        narrow(search, criteria[i]);
}

/* --- How sure it is --- */

bool mqtt5_search_is_one_stream(const mqtt5_search *s)
{
    for (unsigned i = 1; i < s->count; i++)
        if (s->found[i]->publisher != s->found[0]->publisher || s->found[i]->qos != s->found[0]->qos)
            return false;
    return s->count > 0;
}

/* True if the client may have got one of the candidates, without anybody knowing which. */
static bool has_guess(const mqtt5_search *s)
{
    const mqtt5_got_stream *stream = s->link->got ? mqtt5_got_find(s->link->got, s->found[0], s->qos) : NULL;

    if (stream && stream->unsure)
        return true;
    for (unsigned i = 0; s->link->got && i < s->count; i++)
        if (mqtt5_got_is_guess(s->link->got, mqtt5_originals_number(s->originals, s->found[i])))
            return true;
    return false;
}

/* True if the server must deliver the oldest of the candidates before the others: with QoS 1 and 2
 * nothing is left out, and the order stays [MQTT-4.6.0-5]. */
static bool must_come_first(mqtt5_search *s)
{
    const mqtt5_original_message *oldest = s->count > 0 ? s->found[s->count - 1] : NULL;

    return oldest && s->qos > 0 && !s->retained && !s->either && !s->dup && s->wills.count + s->wills.live == 0 &&
           mqtt5_search_is_one_stream(s) && !has_guess(s) && !s->resent && !oldest->expires && is_known(s) && s->match.count == 1 &&
           is_after(s, oldest);
}

/* True if an earlier copy may have been of the oldest candidate, whatever was guessed. */
static bool may_have_come(const mqtt5_search *s)
{
    return s->link->got && mqtt5_got_is_doubtful(s->link->got, mqtt5_originals_number(s->originals, s->found[s->count - 1]));
}

/* True if the copy is as one of this message must be. */
static bool fits(mqtt5_search *s, const mqtt5_original_message *message)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(criteria); i++)
        if (!criteria[i](s, message))
            return false;
    return true;
}

/* True if the capture has all that was published from `frame` on, and the beginning of what this
 * client gets of it. */
static bool is_complete(const mqtt5_search *s, uint32_t frame)
{
    const mqtt5_capture_server *server = s->link->server;

    return s->link->whole_since != 0 && server->unseen_frame < MIN(frame, s->link->whole_since) && !server->unexplained;
}

/* True if the copy comes soon after the message, or after its client came back. */
static bool is_prompt(const mqtt5_search *s, const mqtt5_original_message *message)
{
    bool away = s->link->whole_since != s->link->connect_frame && message->time < s->link->connack_time;

    return away ? mqtt5_search_waited(s, s->link->connack_frame, s->link->connack_time) <= SETTLED
                : mqtt5_search_waited(s, message->frame, message->time) <= SETTLED;
}

/* What is retained may be older than the session: it is certain if it was so when the client
 * subscribed, and all was seen since. */
static bool is_complete_for(mqtt5_search *s, const mqtt5_original_message *message)
{
    if (!s->retained && !s->either)
        return is_complete(s, UINT32_MAX) && (is_known(s) || is_prompt(s, message));
    return match_of(s)->asked_frame != 0 && message->frame < s->match.asked_frame && is_complete(s, message->frame) &&
           (message->qos < 2 || (is_known(s) && taken_on(message) < s->match.first_time));
}

bool mqtt5_search_is_of_one_subscription(mqtt5_search *search, const mqtt5_original_message *message)
{
    return is_complete(search, UINT32_MAX) && is_known(search) && search->match.count == 1 &&
           MIN(search->match.granted, message->qos) == search->qos && is_after(search, message);
}

bool mqtt5_search_was_subscribed(mqtt5_search *search, const mqtt5_original_message *message)
{
    return search->link->whole_since != 0 && is_known(search) && is_after(search, message);
}

/* True if nobody publishes the same by chance. */
static bool tells_itself_apart(const mqtt5_search *s, const mqtt5_original_message *message)
{
    return (s->event->packet->payload.length >= TELLING && s->seen == 1) ||
           (s->properties_length >= TELLING && message->v5 && message->properties == s->properties);
}

bool mqtt5_search_is_certain(mqtt5_search *search, const mqtt5_original_message *message)
{
    const mqtt5_capture_server *server = search->link->server;
    unsigned candidates = search->count + search->wills.count + search->wills.live;

    if (search->more || search->wills.more || server->blind || search->event->input->time < message->time || !fits(search, message))
        return false;
    if (candidates > 1 && (!must_come_first(search) || may_have_come(search)))
        return false;
    return is_complete_for(search, message) || (tells_itself_apart(search, message) && message->frame > server->unseen_frame);
}

bool mqtt5_search_is_certain_will(mqtt5_search *search)
{
    const mqtt5_capture_will_source *wills = &search->wills;

    return wills->count == 1 && wills->live == 0 && !wills->more && !search->link->server->blind &&
           (search->event->connection->version < MQTT5_VERSION_5 || !wills->v5 || wills->properties == search->properties) &&
           !search->retained && !search->either && is_complete(search, wills->connect_frame);
}

bool mqtt5_search_is_unexplained(mqtt5_search *search)
{
    return search->count == 0 && search->wills.count + search->wills.live == 0 && !search->retained && !search->either && !search->dup &&
           search->copy->topic[0] != '$' && is_complete(search, UINT32_MAX);
}

/* True if the client has got, or probably got, all copies of this; or another one has, with which it
 * shares a subscription. */
static bool has_probably_come(mqtt5_search *s, const mqtt5_original_message *message)
{
    const mqtt5_got *got = s->link->got;
    const mqtt5_got_stream *stream = got ? mqtt5_got_find(got, message, s->qos) : NULL;
    uint32_t number = mqtt5_originals_number(s->originals, message);

    if ((mqtt5_search_share(s) & message->shares) != 0)
        return true;
    if (stream && number <= stream->number && (mqtt5_search_due(s, message) == 1 || !mqtt5_got_is_for_each(got)))
        return true;
    /* One copy for several subscriptions has one of their QoS; and some servers send a higher one than they should. */
    for (unsigned qos = 0; got && qos <= message->qos && !mqtt5_got_is_for_each(got); qos++) {
        stream = mqtt5_got_find(got, message, qos);
        if (stream && number <= stream->number)
            return true;
    }
    return got && mqtt5_got_is_guess(got, number);
}

/* How likely the message is. They come in their order, and soon, or as late as the last one, unless
 * they were queued for a client that was away. */
static unsigned rank_of(mqtt5_search *s, const mqtt5_original_message *message, int64_t since)
{
    const mqtt5_got *got = s->link->got;
    bool passed = got && message->time < mqtt5_got_front(got, s->qos) - ORDER_SLACK;

    return 1 + (message->time >= since) * 4u + !has_probably_come(s, message) * 2u + !passed;
}

/* Of what was retained, the latest; and so of what is late. Of what a shared subscription brings, the
 * others may have got what is older. */
mqtt5_original_message *mqtt5_search_likeliest(mqtt5_search *search)
{
    int64_t now = search->event->input->time, delay = search->link->got ? mqtt5_got_delay(search->link->got, search->qos) : 0;
    bool queued = search->link->connack_time > now - SETTLED && !search->link->subscriptions_known;
    int64_t since = queued ? INT64_MIN : MAX(now - SETTLED - 2 * delay, search->match.first_time);
    mqtt5_original_message *best = NULL;
    unsigned best_rank = 0;

    if (search->retained || search->count <= 1)
        return search->count > 0 ? search->found[0] : NULL;
    if (must_come_first(search))
        return search->found[search->count - 1];
    for (unsigned i = search->count; i-- > 0;) {
        unsigned rank = rank_of(search, search->found[i], since);

        if (rank > best_rank || (rank == best_rank && (mqtt5_search_share(search) != 0 || search->found[i]->time < since))) {
            best_rank = rank;
            best = search->found[i];
        }
    }
    return best;
}
