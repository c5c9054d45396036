/* will_copy.c
 * Copies of Wills: whose it is, whether it may be published, and what it says.
 *
 * A message may look like a Will and be none: clients like to publish what their Will says. So a
 * copy accuses a server only where every Will with this topic and payload is accounted for, and
 * nobody was seen to publish it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/capture.h"
#include "core/capture/will/will.h"

/* How long a connection counts after its last packet: it may have no Keep Alive. */
#define UNNAMED_LONG (600 * MQTT5_SECOND)

static void report_unexplained(const mqtt5_event *event, const struct mqtt5_will *will)
{
    if (will->state == WILL_DISCARDED)
        mqtt5_report(event->findings, MQTT5_RULE_will_published_after_disconnect, MQTT5_FIRST_BYTE,
                     "the Will of the CONNECT in frame %u is published although the DISCONNECT in frame %u discarded it",
                     will->connect_frame, will->end_frame);
    else if (will->state == WILL_CANCELLED)
        mqtt5_report(event->findings, MQTT5_RULE_will_published_after_return, MQTT5_FIRST_BYTE,
                     "the Will of the CONNECT in frame %u is published although its client came back (frame %u) within the Will Delay Interval of %u s",
                     will->connect_frame, will->back_frame, will->delay);
    else
        mqtt5_report(event->findings, MQTT5_RULE_will_published_twice, MQTT5_FIRST_BYTE,
                     "the Will of the CONNECT in frame %u is published again, after its copy in frame %u", will->connect_frame,
                     will->copy_frame);
}

/* The first copy of a Will: its RETAIN and User Properties. */
static void check_copy(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_match *match,
                       const struct mqtt5_will *will)
{
    if (!mqtt5_capture_will_was_watching(link, will->connect_time) || event->connection->version < MQTT5_VERSION_5)
        return;
    if (match->count > 0 && match->certain && match->same_retain_as_published && match->retain_as_published &&
        match->last_time < will->connect_time && mqtt5_publish_retain(event->packet) != will->retain)
        mqtt5_report_by(event->findings, MQTT5_RULE_will_retain_changed, MQTT5_CLAUSE(will->retain ? "MQTT-3.1.2-15" : "MQTT-3.1.2-14"),
                        MQTT5_FIRST_BYTE,
                        "RETAIN is %d, but Will Retain is %d in the CONNECT in frame %u, "
                        "and the subscription has Retain As Published",
                        !will->retain, will->retain, will->connect_frame);
    if (will->properties && event->packet->properties.sound)
        mqtt5_capture_compare_properties(event, &(mqtt5_capture_original){will->properties, will->properties_length, will->connect_frame, 0,
                                                                          true});
}

/* Explains whose Will this is and why it is published; matched by topic and payload alone. */
static void explain(const mqtt5_event *event, const struct mqtt5_will *will)
{
    mqtt5_cause *cause = &event->findings->cause;
    const mqtt5_capture_client *client = will->link ? will->link->client : NULL;
    char quoted[100];

    mqtt5_cause_set(cause, "PUBLISH", will->end_frame, "the Will of the CONNECT in frame %u", will->connect_frame);
    cause->kind = MQTT5_CAUSE_WILL;
    if (client)
        mqtt5_cause_add(cause, " (Client ID %s)",
                        mqtt5_quote(g_bytes_get_data(client->id, NULL), (uint32_t)g_bytes_get_size(client->id), quoted, sizeof quoted));
    mqtt5_cause_add(cause, ", whose connection ended without DISCONNECT 0x00 in frame %u" MQTT5_SUSPECTED, will->end_frame);
    event->findings->will_end_frame = will->end_frame;
}

/* True if the copy is of a Will that is published now: neither sent again, nor a retained message
 * that a new subscription gets. */
static bool is_published_now(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_match *match)
{
    if (mqtt5_publish_dup(event->packet))
        return false;
    return !mqtt5_publish_retain(event->packet) ||
           (event->connection->version >= MQTT5_VERSION_5 && link->subscriptions_known && match->count > 0 && match->certain &&
            match->same_retain_as_published && match->retain_as_published && match->last_time < event->input->time - MQTT5_SECOND);
}

/* Explains a retained message that a new subscription gets: it is the Will of a connection that ended
 * before, and nobody was seen to replace it. */
static void explain_retained(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *message,
                             const struct will_group *group)
{
    const struct mqtt5_will *will = NULL;
    const mqtt5_capture_link *back;
    mqtt5_cause *cause = &event->findings->cause;

    for (unsigned i = 0; i < group->count; i++)
        if (group->wills[i]->retain && group->wills[i]->end_time < link->connack_time &&
            (group->wills[i]->state == WILL_ENDED || group->wills[i]->state == WILL_PUBLISHED))
            will = group->wills[i];
    if (!will || mqtt5_capture_retained_time(event->connection->capture, message->topic_hash) >= will->connect_time)
        return;
    mqtt5_cause_set(cause, "PUBLISH", will->end_frame,
                    "the retained message is the Will of the CONNECT in frame %u, whose connection ended without DISCONNECT 0x00 in frame %u",
                    will->connect_frame, will->end_frame);
    cause->kind = MQTT5_CAUSE_WILL;
    back = will->link ? mqtt5_capture_successor(will->link, event->input->time) : NULL;
    if (back && back->outcome == MQTT5_OUTCOME_ACCEPTED && !back->ended)
        mqtt5_cause_add(cause, "; the client is back since frame %u, but has not replaced it", back->connect_frame);
    mqtt5_cause_add(cause, MQTT5_SUSPECTED);
}

/* True if the connection of the Will may have ended already: bytes of it are missing, or the client has
 * a newer one, for which the server ends it. */
static bool may_have_ended(const struct mqtt5_will *will)
{
    return will->link && (will->link->lost || will->link->newer);
}

/* The number of Wills of the group that are to be published, and the one that ended last. */
static unsigned count_ended(const struct will_group *group, const struct mqtt5_will **last)
{
    unsigned count = 0;

    *last = NULL;
    for (unsigned i = 0; i < group->count; i++) {
        if (group->wills[i]->state != WILL_ENDED)
            continue;
        count++;
        if (!*last || group->wills[i]->end_frame >= (*last)->end_frame)
            *last = group->wills[i];
    }
    return count;
}

static bool is_same_client(const struct mqtt5_will *a, const struct mqtt5_will *b)
{
    return a->link && b->link && a->link->client && a->link->client == b->link->client;
}

/* True if the server publishes the Will so soon after the end of its connection that the capture may
 * show the end after the copy: there is no Will Delay Interval, or the session ends before (3.1.3.2.2). */
static bool is_published_at_once(const struct mqtt5_will *will)
{
    return !will->link || MIN(will->delay, will->link->session_expiry_interval) < 2;
}

/* True if the message may be another Will than `will`: of a connection whose CONNECT is not in the
 * capture, or one of the group whose connection has perhaps ended. */
static bool may_be_of_another(const mqtt5_event *event, const mqtt5_capture_link *link, const struct will_group *group,
                              const struct mqtt5_will *will)
{
    for (unsigned i = 0; i < group->count; i++) {
        const struct mqtt5_will *other = group->wills[i];

        if (other != will && (other->state == WILL_UNCERTAIN ||
                              (other->state == WILL_LIVE && (!is_same_client(other, will) || is_published_at_once(other)))))
            return true;
    }
    return link->server->unnamed_frame != 0 && mqtt5_pauses_passed(event->input->pauses, link->server->unnamed_frame,
                                                                   link->server->unnamed_time, event->input->time) <= UNNAMED_LONG;
}

/* The same as a Will of the group is delivered, while its connection goes on. */
static void learn_early(const mqtt5_event *event, struct will_group *group)
{
    for (unsigned i = 0; i < group->count; i++)
        if (group->wills[i]->state == WILL_LIVE)
            group->wills[i]->early_time = event->input->time;
}

/* A Will of the group has perhaps come: nobody waits for it any longer. */
static void may_have_come(struct mqtt5_wills *wills, struct will_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        if (group->wills[i]->state != WILL_ENDED)
            continue;
        group->wills[i]->state = WILL_UNCERTAIN;
        mqtt5_capture_will_stop_awaiting(wills, group->wills[i]);
    }
}

void mqtt5_capture_will_copy(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *message, bool published)
{
    struct mqtt5_wills *wills = event->connection->capture->wills;
    struct will_group *group = wills && !wills->full ? g_hash_table_lookup(wills->groups, &message->hash) : NULL;
    const struct mqtt5_will *suspect = NULL, *last;
    bool explained = published;
    mqtt5_capture_match match;

    if (!group || group->foreign)
        return;
    learn_early(event, group);
    match = mqtt5_capture_subscriptions_match(link, message->topic, message->topic_length, event->input->time);
    if (!is_published_now(event, link, &match)) {
        if (!published && mqtt5_publish_retain(event->packet) && match.count > 0)
            explain_retained(event, link, message, group);
        may_have_come(wills, group);
        return;
    }
    /* Of several Wills that say the same, nobody knows which one this is. */
    if (count_ended(group, &last) > 1) {
        if (!published)
            explain(event, last);
        may_have_come(wills, group);
        return;
    }
    for (unsigned i = 0; i < group->count; i++) {
        struct mqtt5_will *will = group->wills[i];

        if (!published && (will->state == WILL_ENDED || will->state == WILL_PUBLISHED))
            explain(event, will);
        if (will->state == WILL_ENDED) {
            if (!published && !may_be_of_another(event, link, group, will))
                check_copy(event, link, &match, will);
            explained = true;
            will->state = WILL_PUBLISHED;
            will->copy_serial = link->serial;
            will->copy_frame = event->input->frame;
            mqtt5_capture_will_stop_awaiting(wills, will);
        } else if (will->state == WILL_UNCERTAIN || (will->state == WILL_LIVE && may_have_ended(will)) ||
                   (will->state == WILL_PUBLISHED && will->copy_serial != link->serial)) {
            explained = true;
        } else if (will->state != WILL_LIVE && will->state != WILL_REFUSED) {
            suspect = will;
        }
    }
    if (explained)
        return;
    /* A client that publishes it may do so again. */
    group->foreign = true;
    if (!suspect || may_be_of_another(event, link, group, suspect) || !mqtt5_capture_will_was_watching(link, suspect->connect_time) ||
        event->input->time - suspect->end_time < MQTT5_SECOND)
        return;
    if (match.count == 1 && match.certain && match.last_time < suspect->connect_time)
        report_unexplained(event, suspect);
}
