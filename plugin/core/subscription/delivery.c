/* delivery.c
 * What the server delivers, against what the client has subscribed to (3.3.4, 3.8.4, 4.7).
 *
 * Judged only where all that the client ever subscribed to is known: a session without a past,
 * nothing missing from the capture. Even so a server may subscribe a client by itself and map
 * topics (3.3.2.1, 4.5). The first message that matches nothing is said once; from there on what
 * such a server delivers is not measured by the client's own subscriptions. A message counts for
 * every filter that ever was granted, as it may come from the server's buffers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/evidence.h"
#include "core/subscription/subscription.h"

#include <string.h>

#include "core/standard/topic.h"
#include "core/subscription/publication.h"

/* More identifiers than this in one message are not looked at. */
#define IDENTIFIERS_MAX 32

typedef struct {
    unsigned count;
    uint32_t values[IDENTIFIERS_MAX];
    mqtt5_range range; /* of the first */
} identifier_list;

static bool has_identifier(const mqtt5_subscription *filter, uint32_t identifier)
{
    for (unsigned i = 0; i < MIN(filter->identifier_count, MQTT5_FILTER_IDENTIFIERS); i++)
        if (filter->identifiers[i] == identifier)
            return true;
    return filter->identifier_count > MQTT5_FILTER_IDENTIFIERS;
}

static bool in_list(const identifier_list *list, uint32_t identifier)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->values[i] == identifier)
            return true;
    return false;
}

/* --- Which subscription --- */

/* How long ago the filter was unsubscribed, at the least: while the capture held no frame at all, the
 * clock may have been set. */
static int64_t passed_since(const mqtt5_event *event, const mqtt5_subscription *filter)
{
    return mqtt5_pauses_passed(event->input->pauses, filter->deleted_frame, filter->deleted_time, event->input->time);
}

/* No filter that could deliver the message matches. */
static void check_unsubscribed(const mqtt5_event *event, mqtt5_match *match)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    const mqtt5_packet *packet = event->packet;
    char topic[80], quoted[80];

    mqtt5_quote(event->topic, event->topic_length, topic, sizeof topic);
    /* What a session holds may have changed on a connection that the capture does not have. */
    if (subscriptions->foreign || event->connection->subscriptions_inherited)
        return;
    if (match->total > 0) {
        mqtt5_subscription *filter = match->filters[0];

        for (unsigned i = 0; i < match->total; i++)
            if (passed_since(event, match->filters[i]) <= MQTT5_UNSUBSCRIBED_LONG)
                return;
        if (!filter->late_reported)
            mqtt5_report(event->findings, MQTT5_RULE_delivery_after_unsubscribe, packet->topic,
                         "topic %s matches only %s, which the UNSUBACK in frame %u ended long ago; "
                         "no message should come for it any more",
                         topic, mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted), filter->deleted_frame);
        filter->late_reported = true;
        return;
    }
    subscriptions->foreign = true;
    if (event->topic[0] == '$') {
        for (unsigned i = 0; i < subscriptions->listed_count; i++) {
            const mqtt5_subscription *filter = subscriptions->listed[i];

            if ((filter->active || filter->subscribes > 0) &&
                mqtt5_topic_matches_levels(filter->text + filter->body, filter->length - filter->body, event->topic, event->topic_length)) {
                mqtt5_report(event->findings, MQTT5_RULE_delivery_wildcard_dollar, packet->topic,
                             "topic %s starts with $, which %s does not match, and no other filter of the client; "
                             "the server should not deliver it",
                             topic, mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted));
                return;
            }
        }
    }
    mqtt5_report(event->findings, MQTT5_RULE_delivery_unsubscribed, packet->topic,
                 "topic %s matches none of the client's subscriptions; "
                 "it should match one, unless the server subscribes or maps topics by itself",
                 topic);
}

/* --- How it is delivered --- */

static void check_qos(const mqtt5_event *event, const mqtt5_match *match)
{
    unsigned qos = mqtt5_publish_qos(event->packet);
    char quoted[80];

    if (qos > 2 || match->highest_qos < 0 || (int)qos <= match->highest_qos)
        return;
    mqtt5_quote(match->filters[0]->text, match->filters[0]->length, quoted, sizeof quoted);
    mqtt5_report_by(event->findings, MQTT5_RULE_delivery_qos_above_granted, MQTT5_CLAUSE(match->unshared ? NULL : "MQTT-4.8.2-3"),
                    MQTT5_FIRST_BYTE,
                    "QoS %u, but the highest QoS of %s%s is %d (SUBSCRIBE in frame %u); "
                    "it should be delivered with that at most",
                    qos, quoted, match->total > 1 ? " and all other filters that match" : "", match->highest_qos, match->filters[0]->frame);
}

/* Retain Handling 2 gets no retained messages, and 1 none when it subscribes again. What else comes
 * with RETAIN 1 is a live message. */
static const mqtt5_clauses *retain_clause(const mqtt5_subscription *filter)
{
    static const mqtt5_clauses only_new = {"MQTT-3.3.1-10", NULL, NULL}, live = {"MQTT-3.3.1-12", NULL, NULL};
    unsigned handling = (filter->options & MQTT5_OPTION_RETAIN_HANDLING) >> MQTT5_OPTION_RETAIN_HANDLING_SHIFT;

    if (handling == 2)
        return NULL;
    return handling == 1 && filter->requests > 1 ? &only_new : &live;
}

/* RETAIN 1, although no filter may get a retained message or keeps the publisher's flag. */
static void check_retain(const mqtt5_event *event, const mqtt5_match *match)
{
    mqtt5_subscription *filter = match->filters[0];
    char quoted[80];

    if (!mqtt5_publish_retain(event->packet))
        return;
    if (match->retain_possible) {
        /* With several filters it is not certain for which of them it came. */
        if (match->total == 1 && filter->retained_due > 0) {
            filter->retained_due--;
            filter->retained_frame = event->input->frame;
        }
        return;
    }
    mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted);
    if (filter->retained_frame != 0)
        mqtt5_report_by(event->findings, MQTT5_RULE_delivery_retain_unexpected, retain_clause(filter), MQTT5_FIRST_BYTE,
                        "RETAIN is 1, but the retained message for %s came already, in frame %u, and Retain As Published is 0; it should be 0",
                        quoted, filter->retained_frame);
    else if (filter->shared)
        mqtt5_report_by(event->findings, MQTT5_RULE_delivery_retain_unexpected, MQTT5_CLAUSE("3.8.4"), MQTT5_FIRST_BYTE,
                        "RETAIN is 1, but the shared subscription %s gets no retained messages, "
                        "and Retain As Published is 0; it should be 0",
                        quoted);
    else
        mqtt5_report_by(event->findings, MQTT5_RULE_delivery_retain_unexpected, retain_clause(filter), MQTT5_FIRST_BYTE,
                        "RETAIN is 1, but Retain Handling of %s (SUBSCRIBE in frame %u) asks for no retained messages, "
                        "and Retain As Published is 0; it should be 0",
                        quoted, filter->frame);
}

/* --- Subscription Identifiers --- */

/* The identifiers of the message; false if they cannot be judged. */
static bool read_identifiers(const mqtt5_packet *packet, identifier_list *list)
{
    uint32_t offset = packet->properties.block.offset;
    mqtt5_property property;

    list->count = 0;
    list->range = MQTT5_NO_BYTES;
    if (!mqtt5_property_has(&packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER))
        return true;
    while (mqtt5_property_next(packet, &packet->properties, &offset, &property)) {
        if (property.id != MQTT5_SUBSCRIPTION_IDENTIFIER)
            continue;
        if (property.number == 0 || list->count == IDENTIFIERS_MAX)
            return false;
        if (list->count == 0) {
            list->range = mqtt5_property_range(&property);
        }
        list->values[list->count++] = property.number;
    }
    return true;
}

/* For an identifier that no filter has now: true if it was replaced by one that was already used;
 * *by is that filter. */
static bool is_replaced(const mqtt5_match *match, uint32_t identifier, const mqtt5_subscription **by)
{
    *by = NULL;
    for (unsigned i = 0; i < match->total; i++) {
        const mqtt5_subscription *filter = match->filters[i];

        if (!has_identifier(filter, identifier))
            continue;
        if (!filter->active || filter->subscribes > 0 || !filter->identifier_used || filter->identifier == identifier ||
            filter->identifier_count > MQTT5_FILTER_IDENTIFIERS)
            return false;
        *by = filter;
    }
    return *by != NULL;
}

static bool check_identifier(const mqtt5_event *event, const mqtt5_match *match, const identifier_list *list, uint32_t identifier)
{
    const struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    const mqtt5_subscription *by;
    char quoted[80];

    if (!subscriptions || !subscriptions->identifiers || !g_hash_table_contains(subscriptions->identifiers, GUINT_TO_POINTER(identifier))) {
        mqtt5_report(event->findings, MQTT5_RULE_subscription_identifier_unknown, list->range,
                     "Subscription Identifier %u, which no SUBSCRIBE of the client has given on this session; "
                     "only such may be sent",
                     identifier);
        return false;
    }
    if (match->count == 0 || subscriptions->foreign)
        return true;
    if (is_replaced(match, identifier, &by)) {
        mqtt5_report(event->findings, MQTT5_RULE_subscription_identifier_replaced, list->range,
                     "Subscription Identifier %u, although the SUBSCRIBE in frame %u has replaced it by %u for %s, "
                     "which was already used",
                     identifier, by->frame, by->identifier, mqtt5_quote(by->text, by->length, quoted, sizeof quoted));
        return false;
    }
    for (unsigned i = 0; i < match->total; i++)
        if (has_identifier(match->filters[i], identifier))
            return true;
    mqtt5_report(event->findings, MQTT5_RULE_subscription_identifier_mismatch, list->range,
                 "Subscription Identifier %u, whose filters do not match topic %s; "
                 "only those of matching subscriptions should be sent",
                 identifier, mqtt5_quote(event->topic, event->topic_length, quoted, sizeof quoted));
    return false;
}

/* The one filter whose current identifier this is; NULL if there is none, or several. */
static mqtt5_subscription *holder(const mqtt5_match *match, uint32_t identifier)
{
    mqtt5_subscription *found = NULL;

    for (unsigned i = 0; i < match->total; i++) {
        if (!has_identifier(match->filters[i], identifier))
            continue;
        if (found)
            return NULL;
        found = match->filters[i];
    }
    return found && found->active && found->subscribes == 0 && found->identifier == identifier ? found : NULL;
}

/* A server that has put these two identifiers into one message sends single copies, so every copy
 * must have both [MQTT-3.3.4-4]. */
static void check_merged(const mqtt5_event *event, const mqtt5_match *match, const identifier_list *list)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    bool first = in_list(list, subscriptions->merged[0]), second = in_list(list, subscriptions->merged[1]);
    const mqtt5_subscription *absent, *present;
    char quoted[80];

    /* For a third subscription the server may send a copy of its own, and then one for each. */
    if (subscriptions->merged[0] == 0 || first == second || match->total != 2 || mqtt5_publish_retain(event->packet))
        return;
    absent = holder(match, subscriptions->merged[first ? 1 : 0]);
    present = holder(match, subscriptions->merged[first ? 0 : 1]);
    /* Where RETAIN, QoS or the publisher decide, the server may send two copies after all. */
    if (absent && present && absent->options == present->options && absent->granted_qos == present->granted_qos && absent->requests == 1 &&
        present->requests == 1 && !absent->shared && !present->shared && absent->local_possible && present->local_possible)
        mqtt5_report_by(event->findings, MQTT5_RULE_subscription_identifier_missing, MQTT5_CLAUSE("MQTT-3.3.4-4"), list->range,
                        "Subscription Identifier %u of %s is missing, "
                        "although it matches too and the server has sent one copy for both before",
                        absent->identifier, mqtt5_quote(absent->text, absent->length, quoted, sizeof quoted));
}

static void check_identifiers(const mqtt5_event *event, const mqtt5_match *match)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    const mqtt5_packet *packet = event->packet;
    identifier_list list;
    char quoted[80];

    if (!read_identifiers(packet, &list))
        return;
    if (list.count == 0) {
        if (match->count > 0 && !match->unidentified && !subscriptions->foreign &&
            event->connection->connack.subscription_identifier_available)
            mqtt5_report_by(event->findings, MQTT5_RULE_subscription_identifier_missing,
                            MQTT5_CLAUSE(match->total > 1 ? "MQTT-3.3.4-3" : "MQTT-3.3.4-5"), (mqtt5_range){packet->properties.offset, 1},
                            "no Subscription Identifier, although every matching filter has one, "
                            "such as %s (SUBSCRIBE in frame %u); it should be sent",
                            mqtt5_quote(match->filters[0]->text, match->filters[0]->length, quoted, sizeof quoted),
                            match->filters[0]->frame);
        return;
    }
    for (unsigned i = 0; i < list.count; i++)
        if (!check_identifier(event, match, &list, list.values[i]))
            return;
    if (match->count == 0 || subscriptions->foreign)
        return;
    check_merged(event, match, &list);
    for (unsigned i = 0; i < list.count; i++) {
        mqtt5_subscription *filter = holder(match, list.values[i]);

        if (filter)
            filter->identifier_used = true;
    }
    if (list.count == 2 && list.values[0] != list.values[1] && holder(match, list.values[0]) && holder(match, list.values[1])) {
        subscriptions->merged[0] = list.values[0];
        subscriptions->merged[1] = list.values[1];
    }
}

/* --- What is told of it --- */

static const mqtt5_granted *tell_filter(mqtt5_connection *connection, mqtt5_subscription *filter)
{
    mqtt5_granted *told;

    if (filter->told)
        return filter->told;
    if (!filter->kept_text) {
        uint8_t *text = mqtt5_arena_alloc(&connection->arena, filter->length);

        memcpy(text, filter->text, filter->length);
        filter->kept_text = text;
    }
    told = mqtt5_arena_alloc(&connection->arena, sizeof *told);
    *told = (mqtt5_granted){filter->kept_text, filter->length, filter->active ? filter->granted_frame : filter->frame, filter->active,
                            filter->active ? filter->granted_qos : 0};
    filter->told = told;
    filter->message = NULL;
    return told;
}

/* The matching subscriptions that the client certainly has: nothing is missing from the capture
 * since. */
static void tell(mqtt5_event *event, const mqtt5_match *match)
{
    mqtt5_connection *connection = event->connection;
    uint32_t evidence = mqtt5_evidence_number(connection), shown = 0, known = 0;
    const mqtt5_granted *granted[MQTT5_GRANTED_MAX];
    mqtt5_subscription *first = NULL;

    for (unsigned i = 0; i < match->count; i++) {
        mqtt5_subscription *filter = match->filters[i];

        if (filter->evidence != evidence)
            continue;
        if (known++ == 0)
            first = filter;
        if (shown < MQTT5_GRANTED_MAX)
            granted[shown++] = tell_filter(connection, filter);
    }
    if (known == 1 && !event->alias) {
        if (!first->message)
            first->message = mqtt5_publication_keep(connection, NULL, granted, 1, 1);
        event->facts->detail.publication = first->message;
    } else if (known > 0) {
        event->facts->detail.publication = mqtt5_publication_keep(connection, event->alias, granted, shown, known);
    }
}

/* --- */

void mqtt5_delivery_see(mqtt5_event *event)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    const mqtt5_packet *packet = event->packet;
    mqtt5_match match;

    if (!event->topic_known || packet->status == MQTT5_MALFORMED)
        return;
    mqtt5_subscriptions_match(subscriptions, event->topic, event->topic_length, &match);
    event->matched = match.count;
    if (match.count > 0) {
        event->granted_qos = (uint8_t)match.highest_qos;
        event->matched_filter = match.filters[0]->text;
        event->matched_filter_length = match.filters[0]->length;
        tell(event, &match);
    }
    /* A message that is sent again belongs to the subscriptions of its first delivery. A faulty one
     * has its finding already. */
    if (!mqtt5_subscriptions_known(event) || mqtt5_publish_dup(packet) ||
        (packet->version >= MQTT5_VERSION_5 && !packet->properties.sound) ||
        (event->findings->count > 0 && mqtt5_findings_worst(event->findings) >= MQTT5_SEVERITY_WARN))
        return;
    subscriptions = mqtt5_subscriptions_of(event->connection);
    if (match.count == 0) {
        check_unsubscribed(event, &match);
    } else if (!subscriptions->foreign) {
        check_qos(event, &match);
        if (packet->version >= MQTT5_VERSION_5) {
            check_retain(event, &match);
        }
    }
    if (packet->version >= MQTT5_VERSION_5)
        check_identifiers(event, &match);
}
