/* broker_session.c
 * Sessions of the server, from the first connection until they expire (MQTT 5.0, 4.1), and Wills
 * (3.1.2.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "client.h"
#include "dice.h"
#include "fault.h"

/* Nobody keeps a session that long by being late. */
#define LONG_AWAY (60 * SECONDS)

session *broker_session(broker *b, const char *client_id)
{
    session *made;

    for (guint i = 0; i < b->sessions->len; i++) {
        session *each = b->sessions->pdata[i];

        if (strcmp(each->client_id, client_id) == 0)
            return each;
    }
    made = arena_take(b->world->memory, sizeof *made);
    made->client_id = client_id;
    made->flow = flow_new(b->world);
    made->subscriptions = arena_list(b->world->memory);
    g_ptr_array_add(b->sessions, made);
    return made;
}

typedef struct {
    broker *broker;
    message *message;
} late_message;

static void publish_late(void *subject, void *detail)
{
    late_message *late = subject;

    (void)detail;
    late->message->received = schedule_now(late->broker->world->events);
    late->broker->world->fault.message = late->message;
    broker_route(late->broker, late->message);
}

void broker_publish_later(broker *b, message *m)
{
    late_message *late = arena_take(b->world->memory, sizeof *late);

    *late = (late_message){b, m};
    schedule_add(b->world->events, 3 * SECONDS, publish_late, late, NULL);
}

static void publish_will(broker *b, session *s)
{
    message *will = s->will;

    s->will = NULL;
    if (!will || (broker_is_heard(b, will) && fault_now(b->world, "will_not_published")))
        return;
    will->received = schedule_now(b->world->events);
    broker_route(b, will);
    if (broker_is_heard(b, will) && fault_now(b->world, "will_published_twice"))
        broker_publish_later(b, will);
}

void session_end(broker *b, session *s)
{
    s->exists = false;
    g_ptr_array_set_size(s->subscriptions, 0);
    flow_clear(s->flow);
    publish_will(b, s);
}

/* --- After the connection --- */

typedef struct {
    broker *broker;
    session *session;
    unsigned serial;
} session_event;

/* A fault: the session is still there when its client comes back, long after it should be gone. */
static bool is_kept(const broker *b, session *s)
{
    world *w = b->world;
    client *c = broker_client(b, s);

    if (!c || s->will || schedule_now(w->events) + LONG_AWAY > w->end || !fault_now(w, "session_kept_after_expiry"))
        return false;
    c->away = schedule_now(w->events) + LONG_AWAY;
    w->fault.session = s;
    return true;
}

static void end_later(void *subject, void *detail)
{
    session_event *e = subject;

    (void)detail;
    if (e->serial == e->session->serial && !is_kept(e->broker, e->session))
        session_end(e->broker, e->session);
}

static void will_later(void *subject, void *detail)
{
    session_event *e = subject;

    (void)detail;
    if (e->serial == e->session->serial)
        publish_will(e->broker, e->session);
}

static void add_event(broker *b, session *s, uint32_t seconds, schedule_call call)
{
    session_event *e = arena_take(b->world->memory, sizeof *e);

    *e = (session_event){b, s, s->serial};
    schedule_add(b->world->events, seconds * SECONDS, call, e, NULL);
}

void link_over(link *l, bool discard)
{
    session *s = l->session;

    if (l->over)
        return;
    l->over = true;
    l->side.ready = false;
    if (!s || s->link != l)
        return;
    s->link = NULL;
    s->serial++;
    if (discard && l->will && broker_is_heard(l->broker, l->will) && fault_now(l->broker->world, "will_published_after_disconnect"))
        broker_publish_later(l->broker, l->will);
    s->will = discard ? NULL : l->will;
    s->will_due = schedule_now(l->broker->world->events) + MIN(l->will_delay, s->expiry) * SECONDS;
    if (s->will && l->will_delay == 0)
        publish_will(l->broker, s);
    if (s->will && l->will_delay < s->expiry)
        add_event(l->broker, s, l->will_delay, will_later);
    if (s->expiry == 0)
        session_end(l->broker, s);
    else if (s->expiry != NEVER)
        add_event(l->broker, s, s->expiry, end_later);
}

void link_disconnect(link *l, uint8_t code)
{
    packet *p = side_packet(&l->side, DISCONNECT);

    /* A server has DISCONNECT from MQTT 5 on, and only on a connection that it has accepted
     * (3.14.0-1). */
    if (l->side.version == 5 && l->side.ready && l->broker->tells_disconnect) {
        p->code = code;
        if (dice_chance(l->broker->world->dice, 20))
            packet_add_text(p, REASON_STRING, "good bye");
        if (code == 0x9c || code == 0x9d)
            packet_add_text(p, SERVER_REFERENCE, "other.example");
        side_send(&l->side, p);
    }
    link_over(l, false);
    tcp_close(l->side.connection, SERVER_END);
}

/* --- Keep Alive --- */

static void look_at_clock(void *subject, void *detail)
{
    link *l = subject;
    int64_t now = schedule_now(l->broker->world->events), due = l->last_received + l->keep_alive * SECONDS * 3 / 2;

    (void)detail;
    if (l->over || (now >= due && (l->broker->patient || fault_now(l->broker->world, "keep_alive_not_enforced"))))
        return;
    if (now >= due)
        link_disconnect(l, 0x8d);
    else
        schedule_add(l->broker->world->events, due - now, look_at_clock, l, NULL);
}

void link_watch(link *l)
{
    if (l->keep_alive > 0)
        schedule_add(l->broker->world->events, l->keep_alive * SECONDS * 3 / 2, look_at_clock, l, NULL);
}
