/* broker_route.c
 * Subscriptions, and which messages go to whom (MQTT 5.0, 3.3.4, 3.8.4, 4.8), retained messages
 * (3.3.1.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "client.h"
#include "dice.h"
#include "fault.h"
#include "topic.h"

static void send_copy(broker *b, session *s, delivery *d)
{
    (void)b;
    if (s->link && s->link->side.ready)
        flow_submit(&s->link->side, d);
    else if (d->qos > 0)
        g_queue_push_tail(s->flow->waiting, d);
}

static delivery *copy_for(broker *b, message *m, const subscription *for_one, bool retain)
{
    delivery *d = arena_take(b->world->memory, sizeof *d);

    d->message = m;
    d->qos = MIN(m->qos, for_one->qos);
    d->retain = retain;
    d->unwanted = for_one->ended;
    d->identifiers = arena_array(b->world->memory, sizeof(uint32_t));
    if (for_one->identifier)
        g_array_append_val(d->identifiers, for_one->identifier);
    return d;
}

/* RETAIN for a subscription that was there when the message came (3.3.1-12, -13). */
static bool retain_for(const message *m, const subscription *s)
{
    return m->retain && s->options & OPTION_RETAIN_AS_PUBLISHED;
}

static bool is_for(const session *s, const subscription *each, const message *m)
{
    if (topic_is_shared(each->filter) || !topic_matches(each->filter, m->topic))
        return false;
    return !(each->options & OPTION_NO_LOCAL && m->publisher == s) || (s->link && fault_now(s->link->side.world, "delivery_local"));
}

/* Adds a subscription to the copy for others that match, if one copy is to do, and RETAIN is the
 * same. */
static bool join(delivery *d, const message *m, const subscription *each)
{
    if (!d || d->retain != retain_for(m, each))
        return false;
    d->qos = MAX(d->qos, MIN(m->qos, each->qos));
    if (each->identifier)
        g_array_append_val(d->identifiers, each->identifier);
    return true;
}

static unsigned route_to(broker *b, session *s, message *m)
{
    GPtrArray *copies = arena_list(b->world->memory);
    delivery *last = NULL;

    for (guint i = 0; i < s->subscriptions->len; i++) {
        const subscription *each = s->subscriptions->pdata[i];

        if (!is_for(s, each, m) || (b->one_copy && join(last, m, each)))
            continue;
        last = copy_for(b, m, each, retain_for(m, each));
        g_ptr_array_add(copies, last);
    }
    for (guint i = 0; i < copies->len; i++)
        send_copy(b, s, copies->pdata[i]);
    return copies->len;
}

/* --- Shared subscriptions --- */

typedef struct {
    session *session;
    const subscription *subscription;
} member;

/* Whether a subscription is the first one of its group, in the order of sessions; each group gets a
 * message once. */
static void add_members(broker *b, const char *filter, GArray *members, bool connected)
{
    for (guint i = 0; i < b->sessions->len; i++) {
        session *s = b->sessions->pdata[i];

        for (guint j = 0; j < s->subscriptions->len; j++) {
            const subscription *each = s->subscriptions->pdata[j];
            member one = {s, each};

            if (strcmp(each->filter, filter) == 0 && connected == (s->link && s->link->side.ready))
                g_array_append_val(members, one);
        }
    }
}

static bool route_to_group(broker *b, const char *filter, message *m)
{
    GArray *members = arena_array(b->world->memory, sizeof(member));
    const member *chosen;

    add_members(b, filter, members, true);
    if (members->len == 0)
        add_members(b, filter, members, false);
    g_assert(members->len > 0);
    chosen = &g_array_index(members, member, b->shared_turn++ % members->len);
    send_copy(b, chosen->session, copy_for(b, m, chosen->subscription, retain_for(m, chosen->subscription)));
    return true;
}

static unsigned route_shared(broker *b, message *m)
{
    GPtrArray *done = arena_list(b->world->memory);

    for (guint i = 0; i < b->sessions->len; i++) {
        const session *s = b->sessions->pdata[i];

        for (guint j = 0; j < s->subscriptions->len; j++) {
            const subscription *each = s->subscriptions->pdata[j];

            if (!topic_is_shared(each->filter) || !topic_matches(topic_filter(each->filter), m->topic) ||
                g_ptr_array_find_with_equal_func(done, each->filter, g_str_equal, NULL))
                continue;
            g_ptr_array_add(done, (void *)each->filter);
            route_to_group(b, each->filter, m);
        }
    }
    return done->len;
}

/* --- Retained messages --- */

#define LATER (20 * SECONDS) /* time for somebody to subscribe */
#define TELLING 16           /* nobody says as much by chance */

/* A fault: an older message stays. Its publisher sends no further one, so that it can be seen. */
static bool is_outdated(const broker *b, message *old, const message *m)
{
    client *c = broker_client(b, m->publisher);

    if (!c || old->publisher != m->publisher || old->qos == 0 || m->qos == 0 || schedule_now(b->world->events) + LATER > b->world->end ||
        !fault_now(b->world, "retained_outdated"))
        return false;
    b->world->fault.message = old;
    c->idle = true;
    return true;
}

static void keep(broker *b, message *m)
{
    for (guint i = 0; i < b->retained->len; i++)
        if (strcmp(((message *)b->retained->pdata[i])->topic, m->topic) == 0) {
            if (is_outdated(b, b->retained->pdata[i], m))
                return;
            g_ptr_array_remove_index(b->retained, i);
            break;
        }
    if (m->payload.length > 0)
        g_ptr_array_add(b->retained, m);
}

/* A fault: a message is stored that was not to be retained. */
static bool is_unasked(const broker *b, const message *m)
{
    return !m->retain && b->retain && m->payload.length >= TELLING && broker_client(b, m->publisher) &&
           schedule_now(b->world->events) + LATER <= b->world->end && fault_now(b->world, "retained_unasked");
}

unsigned broker_route(broker *b, message *m)
{
    bool unasked = is_unasked(b, m);
    unsigned copies = 0;

    if (unasked || (m->retain && b->retain))
        keep(b, m);
    for (guint i = 0; i < b->sessions->len; i++)
        copies += route_to(b, b->sessions->pdata[i], m);
    copies += route_shared(b, m);
    if (unasked)
        b->world->fault.message = m;
    return copies;
}

bool broker_is_heard(const broker *b, const message *m)
{
    for (guint i = 0; i < b->sessions->len; i++) {
        const session *s = b->sessions->pdata[i];

        for (guint j = 0; s->link && s->link->side.ready && s != m->publisher && j < s->subscriptions->len; j++)
            if (is_for(s, s->subscriptions->pdata[j], m))
                return true;
    }
    return false;
}

static void send_stored(link *l, message *m, const subscription *s)
{
    delivery *d = copy_for(l->broker, m, s, true);

    d->stored = true;
    send_copy(l->broker, l->session, d);
}

static void send_retained(link *l, const subscription *s)
{
    broker *b = l->broker;

    for (guint i = 0; i < b->retained->len; i++) {
        message *m = b->retained->pdata[i];

        /* 3.8.3.1: nothing goes back to its publisher with No Local. */
        if (s->options & OPTION_NO_LOCAL && m->publisher == l->session)
            continue;
        if (topic_matches(s->filter, m->topic) && message_left(m, schedule_now(b->world->events)) > 0)
            send_stored(l, m, s);
    }
}

/* --- SUBSCRIBE and UNSUBSCRIBE --- */

static subscription *find(session *s, const char *filter)
{
    for (guint i = 0; i < s->subscriptions->len; i++) {
        subscription *each = s->subscriptions->pdata[i];

        if (strcmp(each->filter, filter) == 0)
            return each;
    }
    return NULL;
}

static uint8_t subscribe(link *l, const request *wanted, uint32_t identifier)
{
    session *s = l->session;
    subscription *each = find(s, wanted->filter);
    bool is_new = !each;
    unsigned handling = OPTION_RETAIN_HANDLING(wanted->options);

    if (g_str_has_prefix(topic_filter(wanted->filter), "denied/") && l->side.version > 3)
        return l->side.version == 5 ? 0x87 : 0x80;
    if (is_new) {
        each = arena_take(l->broker->world->memory, sizeof *each);
        each->filter = wanted->filter;
        g_ptr_array_add(s->subscriptions, each);
    }
    each->qos = MIN(wanted->options & 3, l->broker->maximum_qos);
    each->options = wanted->options;
    if (each->identifier != identifier)
        each->former = each->identifier;
    each->identifier = identifier;
    /* 3.8.3.1: nothing retained for shared subscriptions. */
    if (!topic_is_shared(each->filter) && (handling == 0 || (handling == 1 && is_new)))
        send_retained(l, each);
    return each->qos;
}

void broker_subscribe(link *l, const packet *p)
{
    packet *answer = side_packet(&l->side, SUBACK);
    uint32_t identifier = packet_number(p, SUBSCRIPTION_IDENTIFIER, 0);

    answer->id = p->id;
    answer->request = p;
    for (guint i = 0; i < p->requests->len; i++) {
        uint8_t code = subscribe(l, &g_array_index(p->requests, request, i), identifier);

        g_byte_array_append(answer->codes, &code, 1);
    }
    side_chatter(&l->side, answer);
    side_answer(&l->side, answer);
}

#define NOT_LATE (75 * SECONDS) /* what was buffered has come by then */

/* A fault: the subscription goes on. Its client stays, and says nothing, so that it can be seen. */
static bool goes_on(const link *l, subscription *each)
{
    world *w = l->broker->world;

    /* Of several that match, nobody knows for which one a message comes. */
    if (l->session->subscriptions->len > 1 || schedule_now(w->events) + NOT_LATE > w->end || !fault_now(w, "delivery_after_unsubscribe"))
        return false;
    each->ended = true;
    ((client *)l->side.connection->ends[CLIENT_END].user)->idle = true;
    return true;
}

void broker_unsubscribe(link *l, const packet *p)
{
    packet *answer = side_packet(&l->side, UNSUBACK);

    answer->id = p->id;
    answer->request = p;
    for (guint i = 0; i < p->requests->len; i++) {
        const char *filter = g_array_index(p->requests, request, i).filter;
        subscription *each = find(l->session, filter);
        uint8_t code = each ? 0 : g_str_has_prefix(filter, "denied/") ? 0x87 : 0x11;

        if (each && !goes_on(l, each))
            g_ptr_array_remove(l->session->subscriptions, each);
        g_byte_array_append(answer->codes, &code, 1);
    }
    side_chatter(&l->side, answer);
    side_answer(&l->side, answer);
}
