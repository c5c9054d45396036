/* subscription.c
 * The subscriptions of a connection, as far as other connections need them: which messages should
 * come to it, and how.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/parts.h"

#include <string.h>

#include "core/session/evidence.h"
#include "core/standard/topic.h"

/* Above this number a connection's subscriptions count as unknown. */
#define SUBSCRIPTIONS 64
/* How long after an UNSUBSCRIBE the server may deliver what it has buffered. */
#define DELETED_LONG (60 * MQTT5_SECOND)

static mqtt5_capture_subscription *at(const mqtt5_capture_link *link, unsigned i)
{
    return &g_array_index(link->subscriptions, mqtt5_capture_subscription, i);
}

static unsigned count_of(const mqtt5_capture_link *link)
{
    return link->subscriptions ? link->subscriptions->len : 0;
}

void mqtt5_capture_subscriptions_free(mqtt5_capture_link *link)
{
    for (unsigned i = 0; i < count_of(link); i++)
        g_free(at(link, i)->filter);
    if (link->subscriptions)
        g_array_free(link->subscriptions, TRUE);
    link->subscriptions = NULL;
}

static void forget(mqtt5_capture_link *link)
{
    mqtt5_capture_subscriptions_free(link);
    link->subscriptions_known = false;
}

static void remove_at(mqtt5_capture_link *link, unsigned i)
{
    g_free(at(link, i)->filter);
    g_array_remove_index(link->subscriptions, i);
}

static bool same_filter(const mqtt5_capture_subscription *a, const uint8_t *body, uint32_t length, uint32_t whole_length)
{
    return a->whole_length == whole_length && a->length == length && memcmp(a->filter, body, length) == 0;
}

/* As mqtt5_topic_filter_split(). Before MQTT 5 a server may know shared subscriptions or not: what
 * it delivers for one then is not judged as such. */
static bool split(const mqtt5_event *event, const uint8_t *text, uint32_t length, uint32_t *body)
{
    *body = 0;
    return event->connection->version >= MQTT5_VERSION_5 && mqtt5_topic_filter_split(text, length, body);
}

/* Forgets deleted subscriptions for which nothing can come any more. */
static void sweep(mqtt5_capture_link *link, int64_t now)
{
    for (unsigned i = count_of(link); i-- > 0;)
        if (at(link, i)->deleted && !at(link, i)->pending && now - at(link, i)->time > DELETED_LONG)
            remove_at(link, i);
}

static void see_subscribe(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_packet *packet = event->packet;
    uint32_t offset = packet->payload.offset;
    mqtt5_topic_filter filter;

    while (mqtt5_topic_filter_next(packet, &offset, &filter)) {
        const uint8_t *text = mqtt5_bytes(packet, filter.filter);
        mqtt5_capture_subscription subscription = {0};
        uint32_t body;

        if (count_of(link) == SUBSCRIPTIONS)
            sweep(link, event->input->time);
        if (count_of(link) == SUBSCRIPTIONS) {
            forget(link);
            mqtt5_evidence_forgotten(event, MQTT5_FORGOTTEN_SHARED);
            return;
        }
        subscription.shared = split(event, text, filter.filter.length, &body);
        if (mqtt5_topic_filter_split(text, filter.filter.length, &subscription.share_body))
            subscription.share = (uint8_t)(mqtt5_capture_hash(text, filter.filter.length, link->server->key.a) >> 59);
        subscription.length = filter.filter.length - body;
        subscription.filter = g_malloc(subscription.length + 1);
        memcpy(subscription.filter, text + body, subscription.length);
        subscription.whole_length = filter.filter.length;
        subscription.packet_id = packet->packet_id;
        subscription.pending = true;
        subscription.options = event->connection->version >= MQTT5_VERSION_5 ? filter.options : filter.options & MQTT5_OPTION_QOS;
        subscription.frame = event->input->frame;
        subscription.time = event->input->time;
        link->no_local |= (subscription.options & MQTT5_OPTION_NO_LOCAL) != 0;
        if (!link->subscriptions)
            link->subscriptions = g_array_new(FALSE, FALSE, sizeof(mqtt5_capture_subscription));
        g_array_append_val(link->subscriptions, subscription);
    }
}

/* The older subscription with the filter of the one at `i` is replaced [MQTT-3.8.4-3]. Returns the
 * place of the newer one. */
static unsigned replace_older(mqtt5_capture_link *link, unsigned i)
{
    for (unsigned j = i; j-- > 0;) {
        if (!at(link, j)->pending && same_filter(at(link, j), at(link, i)->filter, at(link, i)->length, at(link, i)->whole_length)) {
            at(link, i)->since_frame = MIN(at(link, i)->since_frame, at(link, j)->since_frame);
            at(link, i)->since_time = MIN(at(link, i)->since_time, at(link, j)->since_time);
            remove_at(link, j);
            i--;
        }
    }
    return i;
}

static void see_suback(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_packet *packet = event->packet;
    uint32_t next = 0;
    unsigned i = 0;

    while (i < count_of(link)) {
        mqtt5_capture_subscription *subscription = at(link, i);
        uint8_t code;

        if (!subscription->pending || subscription->packet_id != packet->packet_id) {
            i++;
            continue;
        }
        /* fewer codes than filters: which were granted is not known */
        if (next >= packet->payload.length) {
            forget(link);
            return;
        }
        code = packet->data[packet->payload.offset + next++];
        if (code > 2) {
            remove_at(link, i);
            continue;
        }
        subscription->pending = false;
        subscription->granted = code;
        subscription->since_frame = subscription->frame;
        subscription->since_time = event->input->time;
        if (subscription->deleted) { /* after its SUBACK the server has still to delete it */
            i++;
            continue;
        }
        subscription->time = event->input->time;
        subscription->granted_frame = event->input->frame;
        i = replace_older(link, i) + 1;
    }
}

static void mark_deleted(mqtt5_capture_subscription *subscription, int64_t now)
{
    subscription->deleted = true;
    subscription->time = now;
}

static void see_unsubscribe(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_packet *packet = event->packet;
    uint32_t offset = packet->payload.offset;
    mqtt5_topic_filter filter;

    while (mqtt5_topic_filter_next(packet, &offset, &filter)) {
        const uint8_t *text = mqtt5_bytes(packet, filter.filter);
        uint32_t body;

        split(event, text, filter.filter.length, &body);
        for (unsigned i = count_of(link); i-- > 0;)
            if (same_filter(at(link, i), text + body, filter.filter.length - body, filter.filter.length))
                mark_deleted(at(link, i), event->input->time);
    }
}

void mqtt5_capture_subscriptions_see(const mqtt5_event *event, mqtt5_capture_link *link)
{
    const mqtt5_packet *packet = event->packet;

    if (packet->status != MQTT5_DECODED || !(packet->has & MQTT5_HAS_PACKET_ID) || !(packet->has & MQTT5_HAS_PAYLOAD)) {
        /* An UNSUBACK of MQTT 3.1.1 has no payload, and nothing is learnt from it. */
        if (packet->type != MQTT5_UNSUBACK)
            forget(link);
    } else if (packet->type == MQTT5_SUBSCRIBE) {
        see_subscribe(event, link);
    } else if (packet->type == MQTT5_SUBACK) {
        see_suback(event, link);
    } else if (packet->type == MQTT5_UNSUBSCRIBE) {
        see_unsubscribe(event, link);
    }
}

/* The bit of a subscription that is shared, or may be, and brings this topic; 0: it is not so. */
static uint32_t share_of(const mqtt5_capture_subscription *subscription, const uint8_t *topic, uint32_t length)
{
    /* Of one that is shared for certain, `filter` has no more than what is matched. */
    uint32_t before = subscription->shared ? 0 : subscription->share_body;

    if (subscription->share_body == 0 || !mqtt5_topic_matches(subscription->filter + before, subscription->length - before, topic, length))
        return 0;
    return UINT32_C(1) << subscription->share;
}

mqtt5_capture_match mqtt5_capture_subscriptions_match(const mqtt5_capture_link *link, const uint8_t *topic, uint32_t length, int64_t now)
{
    mqtt5_capture_match match = {.certain = true,
                                 .granted_or_asked = true,
                                 .get_stored = true,
                                 .granted_known = true,
                                 .no_local = true,
                                 .same_retain_as_published = true,
                                 .same_granted = true};

    for (unsigned i = 0; i < count_of(link); i++) {
        const mqtt5_capture_subscription *subscription = at(link, i);
        bool retain = (subscription->options & MQTT5_OPTION_RETAIN_AS_PUBLISHED) != 0;

        match.shares |= share_of(subscription, topic, length);
        if ((subscription->deleted && now - subscription->time > DELETED_LONG) ||
            !mqtt5_topic_matches(subscription->filter, subscription->length, topic, length))
            continue;
        if (subscription->shared || subscription->deleted)
            match.granted_or_asked = match.certain = false;
        if (subscription->pending)
            match.certain = false;
        if (!subscription->shared && (match.asked_frame == 0 || subscription->frame < match.asked_frame))
            match.asked_frame = subscription->frame;
        match.granted_known &= !subscription->pending && !subscription->deleted;
        if (subscription->deleted)
            continue;
        match.get_stored &= (subscription->options & MQTT5_OPTION_RETAIN_HANDLING) == 0;
        match.granted_count[subscription->granted]++;
        match.no_local &= (subscription->options & MQTT5_OPTION_NO_LOCAL) != 0;
        if (match.count++ == 0) {
            match.retain_as_published = retain;
            match.granted = subscription->granted;
            match.first_time = match.last_time = subscription->time;
            match.first_frame = match.last_frame = subscription->frame;
            match.since_frame = subscription->since_frame;
            match.since_time = subscription->since_time;
            match.last_granted = subscription->granted_frame;
        } else {
            match.same_retain_as_published &= match.retain_as_published == retain;
            match.same_granted &= match.granted == subscription->granted;
            match.first_time = MIN(match.first_time, subscription->time);
            match.last_time = MAX(match.last_time, subscription->time);
            match.first_frame = MIN(match.first_frame, subscription->frame);
            match.since_frame = MIN(match.since_frame, subscription->since_frame);
            match.since_time = MIN(match.since_time, subscription->since_time);
            match.last_frame = MAX(match.last_frame, subscription->frame);
            match.last_granted = MAX(match.last_granted, subscription->granted_frame);
        }
    }
    return match;
}
