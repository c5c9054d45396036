/* session_delivery.c
 * What the server delivers, against what the client has subscribed to (3.3.4, 3.8.4, 4.7).
 *
 * Judged only where all that the client ever subscribed to is known: a session without a past, nothing missing from the capture. Even so a
 * server may subscribe a client by itself and map topics (3.3.2.1, 4.5). The first message that matches nothing is said once; from there on
 * what such a server delivers is not measured by the client's own subscriptions. A message counts for every filter that ever was granted, as
 * it may come from the server's buffers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "subscription.h"

#include <string.h>

#include "topic.h"

/* More identifiers than this in one message are not looked at. */
#define IDENTIFIERS_MAX 32

/* A message that comes back from another client is an accident if it is short, or late. */
#define LOCAL_PAYLOAD_MIN 8
#define LOCAL_TIME_MAX (10 * G_GINT64_CONSTANT(1000000000))

typedef struct {
    unsigned count;
    uint32_t values[IDENTIFIERS_MAX];
    uint32_t offset, length; /* of the first */
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

/* No filter that could deliver matches. */
static void check_unsubscribed(const mqtt5_event *event, mqtt5_match *match)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    const mqtt5_packet *packet = event->packet;
    char topic[80], quoted[80];

    mqtt5_quote(event->topic, event->topic_length, topic, sizeof topic);
    if (subscriptions->foreign)
        return;
    if (match->total > 0) {
        mqtt5_subscription *filter = match->filters[0];

        for (unsigned i = 0; i < match->total; i++)
            if (event->input->time - match->filters[i]->deleted_time <= MQTT5_UNSUBSCRIBED_LONG)
                return;
        if (!filter->late_reported)
            mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_AFTER_UNSUBSCRIBE, packet->topic.offset, packet->topic.length, NULL,
                         "topic %s matches only %s, which the UNSUBACK in frame %u ended long ago; no message should come for it any "
                         "more (suspected)",
                         topic, mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted), filter->deleted_frame);
        filter->late_reported = true;
        return;
    }
    subscriptions->foreign = true;
    if (event->topic[0] == '$') {
        for (unsigned i = 0; i < subscriptions->listed_count; i++) {
            const mqtt5_subscription *filter = subscriptions->listed[i];

            if ((filter->active || filter->subscribes > 0) &&
                mqtt5_topic_matches_plainly(filter->text + filter->body, filter->length - filter->body, event->topic,
                                            event->topic_length)) {
                mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_WILDCARD_DOLLAR, packet->topic.offset, packet->topic.length, NULL,
                             "topic %s starts with $, which %s does not match, and no other filter of the client; the server should not "
                             "deliver it (suspected)",
                             topic, mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted));
                return;
            }
        }
    }
    mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_UNSUBSCRIBED, packet->topic.offset, packet->topic.length, NULL,
                 "topic %s matches none of the client's subscriptions; it should match one, unless the server subscribes or maps topics "
                 "by itself (suspected)",
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
    mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_QOS_ABOVE_GRANTED, 0, 1,
                 event->connection->version < MQTT5_VERSION_5 ? "MQTT-3.8.4-6"
                 : match->unshared                            ? NULL
                                                              : "MQTT-4.8.2-3",
                 "QoS %u, but the highest QoS of %s%s is %d (SUBSCRIBE in frame %u); it should be delivered with that at most (suspected)",
                 qos, quoted, match->total > 1 ? " and all other filters that match" : "", match->highest_qos, match->filters[0]->frame);
}

/* RETAIN 1 while no filter may get a retained message nor keeps the flag of the publisher. */
static void check_retain(const mqtt5_event *event, const mqtt5_match *match)
{
    const mqtt5_subscription *filter = match->filters[0];
    char quoted[80];

    if (!mqtt5_publish_retain(event->packet) || match->retain_possible)
        return;
    mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted);
    if (filter->shared)
        mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_RETAIN_UNEXPECTED, 0, 1, "3.8.4",
                     "RETAIN is 1, but the shared subscription %s gets no retained messages, and Retain As Published is 0; it should be "
                     "0 (suspected)",
                     quoted);
    else
        mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_RETAIN_UNEXPECTED, 0, 1, NULL,
                     "RETAIN is 1, but Retain Handling of %s (SUBSCRIBE in frame %u) asks for no retained messages, and Retain As "
                     "Published is 0; it should be 0 "
                     "(suspected)",
                     quoted, filter->frame);
}

/* Topic and payload as one number, or 0 where they say too little. */
static uint64_t message_hash(const mqtt5_event *event)
{
    const struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    const mqtt5_packet *packet = event->packet;
    uint64_t hash;

    if (packet->status != MQTT5_DECODED || !(packet->has & MQTT5_HAS_PAYLOAD) || packet->payload.length < LOCAL_PAYLOAD_MIN ||
        !event->topic_known)
        return 0;
    hash = mqtt5_hash(&subscriptions->key, event->topic, event->topic_length) * 3;
    return hash ^ mqtt5_hash(&subscriptions->key, mqtt5_bytes(packet, packet->payload), packet->payload.length);
}

/* Keeps in mind what the client publishes, once it has asked not to get that back. */
void mqtt5_session_own_message(mqtt5_event *event)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    mqtt5_sent_message *message;

    if (!subscriptions || !subscriptions->no_local || subscriptions->unknown || subscriptions->foreign)
        return;
    if (!subscriptions->sent)
        subscriptions->sent = g_new0(mqtt5_sent_message, MQTT5_SENT_MESSAGES);
    message = &subscriptions->sent[subscriptions->sent_next++ % MQTT5_SENT_MESSAGES];
    message->hash = message_hash(event);
    message->frame = event->input->frame;
    message->time = event->input->time;
}

static void check_local(const mqtt5_event *event, const mqtt5_match *match)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    uint64_t hash;
    char quoted[80];

    if (match->local_possible || !subscriptions->sent || (hash = message_hash(event)) == 0)
        return;
    for (unsigned i = 0; i < MQTT5_SENT_MESSAGES; i++) {
        mqtt5_sent_message *message = &subscriptions->sent[i];

        if (message->hash != hash || event->input->time - message->time > LOCAL_TIME_MAX)
            continue;
        message->hash = 0;
        mqtt5_report(event->findings, MQTT5_RULE_DELIVERY_LOCAL, event->packet->topic.offset, event->packet->topic.length, NULL,
                     "the same message as that of the client in frame %u, although %s has No Local 1; unless another client sent it too, "
                     "it should not be "
                     "delivered (suspected)",
                     message->frame, mqtt5_quote(match->filters[0]->text, match->filters[0]->length, quoted, sizeof quoted));
        return;
    }
}

/* --- Subscription Identifiers --- */

/* The identifiers of the message; false if they cannot be judged. */
static bool read_identifiers(const mqtt5_packet *packet, identifier_list *list)
{
    uint32_t offset = packet->properties.block.offset;
    mqtt5_property property;

    list->count = list->offset = list->length = 0;
    if (!mqtt5_property_has(&packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER))
        return true;
    while (mqtt5_property_next(packet, &packet->properties, &offset, &property)) {
        if (property.id != MQTT5_SUBSCRIPTION_IDENTIFIER)
            continue;
        if (property.number == 0 || list->count == IDENTIFIERS_MAX)
            return false;
        if (list->count == 0) {
            list->offset = property.offset;
            list->length = property.length;
        }
        list->values[list->count++] = property.number;
    }
    return true;
}

/* An identifier that none of the filters has now. True if it was replaced, and the one in its place was used: then *by is that filter. */
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
        mqtt5_report(event->findings, MQTT5_RULE_SUBSCRIPTION_IDENTIFIER_UNKNOWN, list->offset, list->length, NULL,
                     "Subscription Identifier %u, which no SUBSCRIBE of the client has given on this session; only such may be sent",
                     identifier);
        return false;
    }
    if (match->count == 0 || subscriptions->foreign)
        return true;
    if (is_replaced(match, identifier, &by)) {
        mqtt5_report(event->findings, MQTT5_RULE_SUBSCRIPTION_IDENTIFIER_REPLACED, list->offset, list->length, NULL,
                     "Subscription Identifier %u, although the SUBSCRIBE in frame %u has replaced it by %u for %s, which was already used",
                     identifier, by->frame, by->identifier, mqtt5_quote(by->text, by->length, quoted, sizeof quoted));
        return false;
    }
    for (unsigned i = 0; i < match->total; i++)
        if (has_identifier(match->filters[i], identifier))
            return true;
    mqtt5_report(event->findings, MQTT5_RULE_SUBSCRIPTION_IDENTIFIER_MISMATCH, list->offset, list->length, NULL,
                 "Subscription Identifier %u, whose filters do not match topic %s; only those of matching subscriptions should be sent "
                 "(suspected)",
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

/* A server that has put these two identifiers into one message sends single copies: then both are due again [MQTT-3.3.4-4]. */
static void check_merged(const mqtt5_event *event, const mqtt5_match *match, const identifier_list *list)
{
    struct mqtt5_subscriptions *subscriptions = event->connection->subscriptions;
    bool first = in_list(list, subscriptions->merged[0]), second = in_list(list, subscriptions->merged[1]);
    const mqtt5_subscription *absent, *present;
    char quoted[80];

    if (subscriptions->merged[0] == 0 || first == second || mqtt5_publish_retain(event->packet))
        return;
    absent = holder(match, subscriptions->merged[first ? 1 : 0]);
    present = holder(match, subscriptions->merged[first ? 0 : 1]);
    if (absent && present && absent->requests == 1 && present->requests == 1 && !absent->shared && !present->shared &&
        absent->local_possible && present->local_possible)
        mqtt5_report(event->findings, MQTT5_RULE_SUBSCRIPTION_IDENTIFIER_MISSING, list->offset, list->length, "MQTT-3.3.4-4",
                     "Subscription Identifier %u of %s is missing, although that matches too and the server has sent one copy for both "
                     "before (suspected)",
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
            mqtt5_report(event->findings, MQTT5_RULE_SUBSCRIPTION_IDENTIFIER_MISSING, packet->properties.offset, 1,
                         match->total > 1 ? "MQTT-3.3.4-3" : "MQTT-3.3.4-5",
                         "no Subscription Identifier, although every matching filter has one, such as %s (SUBSCRIBE in frame %u); it "
                         "should be sent (suspected)",
                         mqtt5_quote(match->filters[0]->text, match->filters[0]->length, quoted, sizeof quoted), match->filters[0]->frame);
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
        uint8_t *text = mqtt5_kept_alloc(&connection->kept, filter->length);

        memcpy(text, filter->text, filter->length);
        filter->kept_text = text;
    }
    told = mqtt5_kept_alloc(&connection->kept, sizeof *told);
    *told = (mqtt5_granted){filter->kept_text, filter->length, filter->active ? filter->granted_frame : filter->frame, filter->active,
                            filter->active ? filter->granted_qos : 0};
    filter->told = told;
    filter->message = NULL;
    return told;
}

/* The subscriptions that match: those that the client is known to have, with nothing missing from the capture since. */
static void tell(mqtt5_event *event, const mqtt5_match *match)
{
    mqtt5_connection *connection = event->connection;
    uint32_t evidence = mqtt5_session_evidence(connection), shown = 0, known = 0;
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
            first->message = mqtt5_session_message(connection, NULL, granted, 1, 1);
        event->verdict->detail.publication = first->message;
    } else if (known > 0) {
        event->verdict->detail.publication = mqtt5_session_message(connection, event->alias, granted, shown, known);
    }
}

/* --- */

void mqtt5_session_delivery(mqtt5_event *event)
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
    /* A message that is sent again belongs to what was subscribed when it was sent first; a faulty one has said enough. */
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
            check_local(event, &match);
        }
    }
    if (packet->version >= MQTT5_VERSION_5)
        check_identifiers(event, &match);
}
