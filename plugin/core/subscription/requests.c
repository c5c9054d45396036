/* requests.c
 * SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK: which subscriptions the client has (3.8 to 3.11).
 *
 * A SUBSCRIBE counts from the moment it is seen, as the server may deliver before its SUBACK
 * (3.8.4), and an UNSUBSCRIBE not before its UNSUBACK. Where several requests on one filter cross,
 * the filter stays as if it could still deliver; where a request or an answer cannot be read,
 * nothing is judged from there on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/evidence.h"
#include "core/subscription/subscription.h"

#include <string.h>

#include "core/session/modules.h"
#include "core/standard/topic.h"
#include "core/standard/reason_code.h"

/* One filter of a request. */
typedef struct {
    mqtt5_subscription *filter;
    uint32_t request; /* ordinal among the requests for this filter */
    uint8_t qos;      /* SUBSCRIBE: asked for */
    bool alone;       /* no other request on the filter was open */
} requested_filter;

/* A SUBSCRIBE or UNSUBSCRIBE without an answer. */
typedef struct {
    mqtt5_packet_type type;
    uint32_t frame;
    uint32_t identifier;
    uint32_t count;
    requested_filter filters[];
} request;

bool mqtt5_subscriptions_known(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;

    return connection->version >= MQTT5_VERSION_3_1_1 && connection->connack.known && !connection->subscriptions_passed_on &&
           (mqtt5_evidence_fresh(connection) || connection->subscriptions_inherited) && mqtt5_evidence_both_complete(connection) &&
           !(connection->subscriptions && connection->subscriptions->unknown);
}

/* True if requests and answers can be paired, even if the session has older subscriptions. */
static bool pairs_are_known(const mqtt5_event *event)
{
    return event->connection->version >= MQTT5_VERSION_3_1_1 && mqtt5_evidence_both_complete(event->connection);
}

static bool is_readable(const mqtt5_packet *packet)
{
    return packet->status == MQTT5_DECODED && (packet->version < MQTT5_VERSION_5 || packet->properties.sound);
}

static const char *quote(const mqtt5_subscription *filter, char *buffer, size_t size)
{
    return mqtt5_quote(filter->text, filter->length, buffer, size);
}

/* --- Requests --- */

static void add_identifier(mqtt5_subscription *filter, uint32_t identifier)
{
    unsigned kept = MIN(filter->identifier_count, MQTT5_FILTER_IDENTIFIERS);

    for (unsigned i = 0; i < kept; i++)
        if (filter->identifiers[i] == identifier)
            return;
    if (kept < MQTT5_FILTER_IDENTIFIERS)
        filter->identifiers[kept] = identifier;
    filter->identifier_count = (uint8_t)(kept + 1);
}

/* What the options of one filter of a SUBSCRIBE allow the server to send. */
static void ask(struct mqtt5_subscriptions *subscriptions, requested_filter *asked, const mqtt5_event *event, uint8_t options,
                uint32_t identifier)
{
    mqtt5_subscription *filter = asked->filter;
    bool v5 = event->packet->version >= MQTT5_VERSION_5;
    bool no_local = v5 && (options & MQTT5_OPTION_NO_LOCAL), as_published = v5 && (options & MQTT5_OPTION_RETAIN_AS_PUBLISHED);
    unsigned retain_handling = v5 ? (options & MQTT5_OPTION_RETAIN_HANDLING) >> MQTT5_OPTION_RETAIN_HANDLING_SHIFT : 0;
    bool exists = filter->active && !filter->unsure && asked->alone, retained;

    asked->qos = options & MQTT5_OPTION_QOS;
    filter->pending_qos = filter->subscribes > 0 ? MAX(filter->pending_qos, asked->qos) : asked->qos;
    filter->subscribes++;
    filter->options = options;
    filter->frame = event->input->frame;
    filter->evidence = mqtt5_evidence_number(event->connection);
    filter->told = NULL;
    retained = !filter->shared && retain_handling != 2 && !(retain_handling == 1 && exists);
    if (retained && v5 && !memchr(filter->text, '+', filter->length) && !memchr(filter->text, '#', filter->length))
        filter->retained_due++;
    else if (retained)
        filter->retain_possible = true;
    if (as_published)
        filter->retain_possible = true;
    filter->local_possible |= !no_local;
    filter->identifier_used = false;
    if (identifier > 0)
        add_identifier(filter, identifier);
    else
        filter->unidentified = true;
    /* Servers give other filters with $ meanings of their own ($queue/, $exclusive/ ...), and what
     * they deliver for those matches no filter. */
    if (filter->length > 0 && filter->text[0] == '$' && !filter->shared && !(filter->length >= 4 && memcmp(filter->text, "$SYS", 4) == 0))
        subscriptions->foreign = true;
}

static uint32_t count_filters(const mqtt5_packet *packet)
{
    uint32_t offset = packet->payload.offset, count = 0;
    mqtt5_topic_filter filter;

    while (mqtt5_topic_filter_next(packet, &offset, &filter))
        count++;
    return count;
}

/* Remembers the identifier as long as the connection; false if there are too many. */
static bool keep_identifier(struct mqtt5_subscriptions *subscriptions, uint32_t identifier)
{
    if (!subscriptions->identifiers)
        subscriptions->identifiers = g_hash_table_new(NULL, NULL);
    g_hash_table_add(subscriptions->identifiers, GUINT_TO_POINTER(identifier));
    return g_hash_table_size(subscriptions->identifiers) <= MQTT5_IDENTIFIERS_MAX;
}

/* More is asked for than is kept: nothing is judged from here on, and that is said. */
static MQTT5_SELDOM void overflow(const mqtt5_event *event, struct mqtt5_subscriptions *subscriptions)
{
    mqtt5_subscriptions_give_up(subscriptions);
    mqtt5_evidence_forgotten(event, MQTT5_FORGOTTEN_SUBSCRIPTIONS);
}

static void see_request(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    struct mqtt5_subscriptions *subscriptions = mqtt5_subscriptions_of(event->connection);
    uint32_t offset = packet->payload.offset, count;
    mqtt5_topic_filter filter;
    request *asked;

    if (subscriptions->unknown)
        return;
    /* Nobody can know what a server does with a faulty request. */
    if (!is_readable(packet) || mqtt5_findings_worst(event->findings) >= MQTT5_SEVERITY_WARN) {
        mqtt5_subscriptions_give_up(subscriptions);
        return;
    }
    if (!subscriptions->pending)
        subscriptions->pending = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    count = count_filters(packet);
    subscriptions->pending_filters += count;
    if (g_hash_table_contains(subscriptions->pending, GUINT_TO_POINTER(packet->packet_id))) {
        mqtt5_subscriptions_give_up(subscriptions);
        return;
    }
    if (subscriptions->pending_filters > MQTT5_PENDING_MAX) {
        overflow(event, subscriptions);
        return;
    }
    asked = g_malloc(sizeof *asked + count * sizeof *asked->filters);
    asked->type = packet->type;
    asked->frame = event->input->frame;
    asked->identifier = mqtt5_property_number(packet, &packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER, 0);
    asked->count = 0;
    g_hash_table_insert(subscriptions->pending, GUINT_TO_POINTER(packet->packet_id), asked);
    if (asked->identifier > 0 && !keep_identifier(subscriptions, asked->identifier)) {
        overflow(event, subscriptions);
        return;
    }
    while (mqtt5_topic_filter_next(packet, &offset, &filter)) {
        requested_filter *one = &asked->filters[asked->count++];

        one->filter = mqtt5_subscriptions_add(subscriptions, mqtt5_bytes(packet, filter.filter), filter.filter.length, event->input->time);
        if (!one->filter) {
            overflow(event, subscriptions);
            return;
        }
        one->alone = one->filter->subscribes == 0 && one->filter->unsubscribes == 0;
        one->request = ++one->filter->requests;
        if (packet->type == MQTT5_SUBSCRIBE)
            ask(subscriptions, one, event, filter.options, asked->identifier);
        else
            one->filter->unsubscribes++;
    }
}

/* --- Answers --- */

/* True if no other request named the filter between this one and now. */
static bool is_sure(const requested_filter *asked)
{
    return asked->alone && asked->filter->requests == asked->request;
}

/* All filters above Maximum QoS are refused, without a reason of their own, and all others are
 * granted [MQTT-3.2.2-10]. */
static void check_maximum_qos(const mqtt5_event *event, const request *answered)
{
    const mqtt5_connack_state *connack = &event->connection->connack;
    const uint8_t *codes = mqtt5_bytes(event->packet, event->packet->payload);
    uint32_t refused = 0, granted = 0, first = 0;

    if (event->packet->version < MQTT5_VERSION_5 || !connack->known || connack->maximum_qos >= 2 || !pairs_are_known(event))
        return;
    for (uint32_t i = 0; i < answered->count; i++) {
        bool above = answered->filters[i].qos > connack->maximum_qos;

        if (above != (codes[i] == MQTT5_CODE_UNSPECIFIED_ERROR || codes[i] == MQTT5_CODE_IMPLEMENTATION_SPECIFIC_ERROR) ||
            (!above && codes[i] > 2))
            return;
        if (above && refused++ == 0)
            first = i;
        granted += !above;
    }
    if (refused > 0 && granted > 0)
        mqtt5_report(event->findings, MQTT5_RULE_suback_refuses_above_maximum_qos, (mqtt5_range){event->packet->payload.offset + first, 1},
                     "refuses just the filters with a QoS above its Maximum QoS %u (CONNACK in frame %u, "
                     "SUBSCRIBE in frame %u); it should grant them a lower QoS",
                     connack->maximum_qos, connack->frame, answered->frame);
}

static bool is_filter(const mqtt5_subscription *filter, const char *text)
{
    return filter->length == strlen(text) && memcmp(filter->text, text, filter->length) == 0;
}

/* A filter is granted: `at` is the offset of its code. */
static void check_width(const mqtt5_event *event, const mqtt5_subscription *filter, uint32_t at, uint32_t frame)
{
    bool all = is_filter(filter, "#");

    if (event->connection->security && (all || is_filter(filter, "$SYS/#")))
        mqtt5_report(event->findings, MQTT5_RULE_security_wide_subscription, (mqtt5_range){at, 1},
                     "grants the Topic Filter \"%s\" (SUBSCRIBE in frame %u): the client may read %s", all ? "#" : "$SYS/#", frame,
                     all ? "the messages of everybody" : "what the server says about itself and its clients");
}

static void see_suback(const mqtt5_event *event, const request *answered)
{
    const mqtt5_packet *packet = event->packet;

    check_maximum_qos(event, answered);
    for (uint32_t i = 0; i < answered->count; i++) {
        const requested_filter *asked = &answered->filters[i];
        mqtt5_subscription *filter = asked->filter;
        uint8_t code = packet->data[packet->payload.offset + i];

        filter->subscribes--;
        filter->told = NULL;
        if (code >= MQTT5_CODE_FAILURE)
            continue;
        check_width(event, filter, packet->payload.offset + i, answered->frame);
        filter->highest_qos = filter->granted ? MAX(filter->highest_qos, code) : code;
        filter->granted_qos = code;
        filter->active = filter->granted = true;
        filter->granted_frame = answered->frame;
        filter->evidence = mqtt5_evidence_number(event->connection);
        filter->told = NULL;
        filter->deleted_frame = 0;
        filter->late_reported = false;
        filter->unsure = !is_sure(asked);
        filter->identifier = filter->unsure ? 0 : answered->identifier;
    }
}

static void check_unsuback(const mqtt5_event *event, const requested_filter *asked, uint32_t offset)
{
    const mqtt5_subscription *filter = asked->filter;
    uint8_t code = event->packet->data[offset];
    char quoted[80];

    if (!mqtt5_subscriptions_known(event) || event->connection->subscriptions->foreign || event->connection->subscriptions_inherited)
        return;
    if (code == MQTT5_CODE_NO_SUBSCRIPTION_EXISTED && filter->active)
        mqtt5_report(event->findings, MQTT5_RULE_unsuback_contradicts_subscription, (mqtt5_range){offset, 1},
                     "0x11 (No subscription existed) for %s, although it was granted (SUBSCRIBE in frame %u); "
                     "the server should delete it and send 0x00",
                     quote(filter, quoted, sizeof quoted), filter->frame);
    else if (code == MQTT5_CODE_SUCCESS && !filter->active)
        mqtt5_report(event->findings, MQTT5_RULE_unsuback_success_unsubscribed, (mqtt5_range){offset, 1},
                     "0x00 (Success) for %s, although the client has no such subscription; "
                     "0x11 (No subscription existed) would say so",
                     quote(filter, quoted, sizeof quoted));
}

static void see_unsuback(const mqtt5_event *event, const request *answered)
{
    const mqtt5_packet *packet = event->packet;
    bool v5 = packet->version >= MQTT5_VERSION_5;

    for (uint32_t i = 0; i < answered->count; i++) {
        const requested_filter *asked = &answered->filters[i];
        mqtt5_subscription *filter = asked->filter;

        filter->unsubscribes--;
        if (!is_sure(asked)) {
            filter->unsure = true;
            continue;
        }
        if (v5 && !filter->unsure)
            check_unsuback(event, asked, packet->payload.offset + i);
        filter->unsure = false;
        if ((v5 && packet->data[packet->payload.offset + i] >= MQTT5_CODE_FAILURE) || !filter->active)
            continue;
        filter->active = false;
        filter->deleted_frame = event->input->frame;
        filter->deleted_time = event->input->time;
    }
}

static void see_answer(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    struct mqtt5_subscriptions *subscriptions = mqtt5_subscriptions_of(event->connection);
    bool has_codes = packet->type == MQTT5_SUBACK || packet->version >= MQTT5_VERSION_5;
    request *answered = subscriptions->pending ? g_hash_table_lookup(subscriptions->pending, GUINT_TO_POINTER(packet->packet_id)) : NULL;

    if (subscriptions->unknown)
        return;
    if (!is_readable(packet) || !answered || answered->type != (packet->type == MQTT5_SUBACK ? MQTT5_SUBSCRIBE : MQTT5_UNSUBSCRIBE) ||
        (has_codes && packet->payload.length != answered->count)) {
        mqtt5_subscriptions_give_up(subscriptions);
        return;
    }
    g_hash_table_steal(subscriptions->pending, GUINT_TO_POINTER(packet->packet_id));
    subscriptions->pending_filters -= answered->count;
    if (packet->type == MQTT5_SUBACK)
        see_suback(event, answered);
    else
        see_unsuback(event, answered);
    g_free(answered);
}

/* --- */

void mqtt5_subscription_see(mqtt5_event *event)
{
    bool from_client = event->sender == MQTT5_CLIENT;

    if (event->connection->subscriptions_inherited)
        mqtt5_subscriptions_adopt(event);
    switch (event->packet->type) {
    case MQTT5_PUBLISH:
        if (!from_client)
            mqtt5_delivery_see(event);
        break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE:
        if (from_client)
            see_request(event);
        break;
    case MQTT5_SUBACK:
    case MQTT5_UNSUBACK:
        if (!from_client)
            see_answer(event);
        break;
    default: break;
    }
}

void mqtt5_subscription_clear(mqtt5_connection *connection)
{
    mqtt5_subscriptions_free(connection->subscriptions);
    connection->subscriptions = NULL;
}
