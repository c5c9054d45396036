/* fault_delivery.c
 * Faults of what a server delivers: for which subscription, with which QoS, RETAIN and properties, in which order; and what is sent again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "fault_row.h"
#include "topic.h"

/* --- Subscriptions of the client that a packet goes to --- */

typedef struct {
    unsigned count;
    uint8_t qos;              /* the highest that was granted */
    bool all_keep, none_keep; /* RETAIN as published */
    uint32_t identifier;      /* of one */
} matching;

static matching match(side *s, const char *topic)
{
    const GPtrArray *all = link_of(s)->session->subscriptions;
    matching m = {.all_keep = true, .none_keep = true};

    for (guint i = 0; i < all->len; i++) {
        const subscription *each = all->pdata[i];
        bool keeps = each->options & OPTION_RETAIN_AS_PUBLISHED;

        if (!topic_matches(topic_filter(each->filter), topic))
            continue;
        m.count++;
        m.qos = MAX(m.qos, each->qos);
        m.all_keep &= keeps;
        m.none_keep &= !keeps;
        m.identifier = each->identifier;
    }
    return m;
}

static bool has_filter(side *s, const char *filter)
{
    const GPtrArray *all = link_of(s)->session->subscriptions;

    for (guint i = 0; i < all->len; i++)
        if (strcmp(((subscription *)all->pdata[i])->filter, filter) == 0)
            return true;
    return false;
}

/* An identifier of a subscription that does not match; 0: there is none. */
static uint32_t other_identifier(side *s, const char *topic)
{
    const GPtrArray *all = link_of(s)->session->subscriptions;

    for (guint i = 0; i < all->len; i++) {
        const subscription *each = all->pdata[i];

        if (each->identifier && !topic_matches(topic_filter(each->filter), topic) && each->identifier != match(s, topic).identifier)
            return each->identifier;
    }
    return 0;
}

static bool is_fresh(side *s)
{
    return s->ready && s->fresh;
}

/* True of what a client has published with a payload that no other message has. */
static bool from_publisher(const packet *p)
{
    return p->original && p->original->type == PUBLISH && p->publisher && p->payload.length > 2 && memcmp(p->payload.data, "m-", 2) == 0;
}

/* The message of the server itself that nobody asked for. */
static void make_own(packet *p, const char *topic)
{
    g_array_set_size(p->properties, 0);
    p->topic = p->full_topic = topic;
    p->payload = bytes_of("unasked");
    p->retain = false;
    p->original = NULL;
}

/* --- Rows --- */

FITS(has_plain_topic, is_fresh(s) && p->qos == 0 && !packet_property(p, TOPIC_ALIAS))
FITS(nobody_asked, has_plain_topic(s, p) && match(s, "nobody/asked").count == 0)
CHANGE(send_unasked, make_own(p, "nobody/asked"))
FITS(has_hash, has_plain_topic(s, p) && has_filter(s, "#") && !has_filter(s, "$SYS/#"))
CHANGE(send_dollar, make_own(p, "$SYS/hidden"))
FITS(was_lowered, is_fresh(s) && from_publisher(p) && p->qos < p->original->qos && match(s, p->full_topic).qos < p->original->qos &&
                      s->flow->in_flight < s->receive_maximum)

static void raise_qos(side *s, packet *p)
{
    p->qos = p->original->qos;
    if (p->id)
        return;
    p->id = flow_take_identifier(s->flow);
    s->flow->in_flight++;
}

FITS(is_live, is_fresh(s) && from_publisher(p) && !p->stored && !p->retain && p->qos == 0 && match(s, p->full_topic).none_keep)
CHANGE(set_retain, p->retain = true)
FITS(keeps_retain, is_fresh(s) && from_publisher(p) && !p->stored && p->retain && match(s, p->full_topic).all_keep)
CHANGE(clear_retain, p->retain = false)
FITS(is_stored, is_fresh(s) && p->stored && p->retain)
CHANGE(empty, p->payload.length = 0)

FITS(is_plain, is_fresh(s) && match(s, p->full_topic).count > 0)
CHANGE(invent_identifier, packet_remove(p->properties, SUBSCRIPTION_IDENTIFIER); packet_add_number(p, SUBSCRIPTION_IDENTIFIER, 4242))
FITS(has_one_identifier, is_fresh(s) && match(s, p->full_topic).count == 1 && packet_property(p, SUBSCRIPTION_IDENTIFIER))
CHANGE(remove_identifier, packet_remove(p->properties, SUBSCRIPTION_IDENTIFIER))
FITS(has_other_identifier, is_fresh(s) && match(s, p->full_topic).count > 0 && other_identifier(s, p->full_topic))
CHANGE(take_other_identifier, packet_remove(p->properties, SUBSCRIPTION_IDENTIFIER);
       packet_add_number(p, SUBSCRIPTION_IDENTIFIER, other_identifier(s, p->full_topic)))

FITS(has_content_type, from_publisher(p) && packet_property(p, CONTENT_TYPE))
CHANGE(change_content_type, packet_remove(p->properties, CONTENT_TYPE); packet_add_text(p, CONTENT_TYPE, "application/json"))
FITS(expires, from_publisher(p) && packet_property(p, MESSAGE_EXPIRY_INTERVAL))
CHANGE(expire_later, packet_remove(p->properties, MESSAGE_EXPIRY_INTERVAL); packet_add_number(p, MESSAGE_EXPIRY_INTERVAL, 1000))
FITS(may_be_lowered, is_fresh(s) && from_publisher(p) && p->qos > 0 && !p->sent_first && link_of(s)->session->expiry == 0 &&
                         match(s, p->full_topic).count == 1)
CHANGE(lower_qos, p->qos = 0; p->id = 0)

FITS(is_ordered, is_fresh(s) && from_publisher(p) && p->qos == 0 && !p->stored && match(s, p->full_topic).count == 1 &&
                     p->topic == p->full_topic && !packet_property(p, TOPIC_ALIAS) && !packet_property(p, MESSAGE_EXPIRY_INTERVAL))

static bool is_next(side *s, const packet *held, const packet *p)
{
    return p->type == PUBLISH && is_ordered(s, p) && p->publisher == held->publisher && strcmp(p->full_topic, held->full_topic) == 0 &&
           p->original->qos == held->original->qos && p->original != held->original &&
           (p->payload.length != held->payload.length || memcmp(p->payload.data, held->payload.data, p->payload.length) != 0);
}

static bool was_sent_here(const side *s, const packet *p)
{
    const GArray *marks = s->connection->ends[s->end].marks;

    for (guint i = 0; i < marks->len; i++)
        if (g_array_index(marks, tcp_mark, i).packet == p)
            return true;
    return false;
}

static bool is_one_of_several(side *s, const packet *p)
{
    return is_fresh(s) && from_publisher(p) && p->qos == p->original->qos && !p->stored && !p->retain && !p->sent_first &&
           match(s, p->full_topic).count == 1 && p->topic == p->full_topic && !packet_property(p, TOPIC_ALIAS);
}

FITS(must_come, p->qos > 0 && is_one_of_several(s, p))
FITS(may_be_dropped, p->qos == 0 && is_one_of_several(s, p))
FITS(is_again, p->sent_first && p->dup)
FITS(is_again_in_order, is_again(s, p) && !was_sent_here(s, p->sent_first) && (s->end == CLIENT_END || s->version < 5))
CHANGE(clear_dup, p->dup = false)

static bool is_next_again(side *s, const packet *held, const packet *p)
{
    return p->type == PUBLISH && is_again_in_order(s, p) && p->qos == held->qos;
}

static uint32_t former_identifier(side *s, const char *topic)
{
    const GPtrArray *all = link_of(s)->session->subscriptions;

    for (guint i = 0; i < all->len; i++) {
        const subscription *each = all->pdata[i];

        if (topic_matches(topic_filter(each->filter), topic))
            return each->former;
    }
    return 0;
}

FITS(had_other_identifier, has_one_identifier(s, p) && !p->sent_first && former_identifier(s, p->full_topic))
CHANGE(take_former_identifier, packet_remove(p->properties, SUBSCRIPTION_IDENTIFIER);
       packet_add_number(p, SUBSCRIPTION_IDENTIFIER, former_identifier(s, p->full_topic)))
FITS(is_plain_will, is_fresh(s) && p->original && p->original->type == CONNECT && !p->original->will_retain && !p->stored &&
                        match(s, p->full_topic).all_keep && match(s, p->full_topic).count == 1)

/* clang-format off */
const fault fault_deliveries[] = {
    {"delivery_unsubscribed", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = nobody_asked, .change = send_unasked, .found = FOUND_LATER},
    {"delivery_wildcard_dollar", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = has_hash, .change = send_dollar, .found = FOUND_LATER},
    {"delivery_qos_above_granted", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = was_lowered, .change = raise_qos, .reaction = REFUSED, .found = FOUND_LATER},
    {"delivery_retain_unexpected|forward_retain_changed", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = is_live, .change = set_retain, .found = FOUND_LATER},
    {"forward_retain_changed", BY_SERVER, TYPE(PUBLISH), NEW, .fits = keeps_retain, .change = clear_retain, .found = FOUND_LATER},
    {"retained_empty", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = is_stored, .change = empty, .found = FOUND_LATER},
    {"subscription_identifier_unknown", BY_SERVER, TYPE(PUBLISH), NEW, .fits = is_plain, .change = invent_identifier, .reaction = REFUSED},
    {"subscription_identifier_missing", BY_SERVER, TYPE(PUBLISH), NEW, .fits = has_one_identifier, .change = remove_identifier, .found = FOUND_LATER},
    {"subscription_identifier_mismatch", BY_SERVER, TYPE(PUBLISH), NEW, .fits = has_other_identifier, .change = take_other_identifier, .found = FOUND_LATER},
    {"subscription_identifier_replaced", BY_SERVER, TYPE(PUBLISH), NEW, .fits = had_other_identifier, .change = take_former_identifier, .found = FOUND_LATER},
    {"will_retain_changed", BY_SERVER, TYPE(PUBLISH), NEW, .fits = is_plain_will, .change = set_retain, .found = FOUND_LATER, .stage = STAGE_WATCHER | STAGE_WILLS},
    {"forward_property_changed", BY_SERVER, TYPE(PUBLISH), NEW, .fits = has_content_type, .change = change_content_type, .found = FOUND_LATER},
    {"forward_message_expiry", BY_SERVER, TYPE(PUBLISH), NEW, .fits = expires, .change = expire_later, .found = FOUND_LATER},
    {"forward_qos_lowered", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = may_be_lowered, .change = lower_qos, .found = FOUND_LATER},
    {"forward_order", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = is_ordered, .overtakes = is_next, .late = true, .found = FOUND_LATER, .stage = STAGE_WATCHER | STAGE_TELLING | STAGE_OWN},
    {"delivery_missing", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = must_come, .swallow = true, .found = FOUND_LATER},
    {"delivery_dropped", BY_SERVER, TYPE(PUBLISH), OLD | NEW, .fits = may_be_dropped, .swallow = true, .found = FOUND_LATER},
    {"redelivery_without_dup|packet_identifier_in_use", BY_BOTH, TYPE(PUBLISH), NEW | 1U << 4, .fits = is_again, .change = clear_dup, .found = FOUND_LATER},
    {"redelivery_order", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = is_again_in_order, .overtakes = is_next_again, .late = true, .found = FOUND_LATER},

    /* Not of one packet, but of what a side does, or does not: fault_now() with these names. */
    {.rule = "session_lost"},
    {.rule = "session_kept_after_expiry", .stage = STAGE_LONG},
    {.rule = "will_not_published", .stage = STAGE_WATCHER | STAGE_WILLS},
    {.rule = "will_published_after_disconnect", .stage = STAGE_WATCHER | STAGE_WILLS},
    {.rule = "will_published_after_return", .stage = STAGE_WATCHER | STAGE_WILLS},
    {.rule = "will_published_twice", .stage = STAGE_WATCHER | STAGE_WILLS},
    {.rule = "retained_outdated", .stage = STAGE_TELLING | STAGE_OWN | STAGE_RETAIN | STAGE_LONG},
    {.rule = "retained_unasked", .stage = STAGE_WATCHER | STAGE_TELLING | STAGE_OWN | STAGE_LONG},
    {.rule = "forward_expired"},
    {.rule = "delivery_local"},
    {.rule = "delivery_after_unsubscribe", .stage = STAGE_LONG},
    {.rule = "keep_alive_late"},
    {.rule = "keep_alive_exceeded|keep_alive_late|keep_alive_not_enforced"},
    {.rule = "keep_alive_not_enforced"},
    {.rule = "connack_unexpected|packet_malformed"}, /* the server does not know the version yet */
    {.rule = "connect_unanswered"},
    {.rule = "sent_before_connack"},
    {0}};
