/* judge_core.c
 * The plugin's pure core on a simulated world, without Wireshark.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judge_core.h"

/* Of the segment in which a packet starts. */
typedef struct {
    bool seen;
    uint32_t acks;
    int64_t time;
} start;

typedef struct {
    bool known;          /* something of this end was captured */
    uint32_t next;       /* after the last byte that was captured */
    uint32_t whole_from; /* from here to `next` nothing is missing */
    bool gap, lost;
    uint32_t acks; /* of the last frame with new bytes */
    bool closed;
    guint mark; /* the next to look at */
    start *starts;
} captured_end;

typedef struct {
    mqtt5_connection *judged;
    captured_end ends[2];
    bool opened; /* its SYN was captured */
    bool reset, closed;
    mqtt5_transport transport;
} line;

typedef struct {
    const world *world;
    mqtt5_capture *capture;
    mqtt5_pauses *pauses;
    line *lines; /* by connection */
    GPtrArray *facts;
    judged_call call;
    judged_packet each;
    void *user;
    unsigned count;
    uint32_t frame;
    const capture *now;
} judging;

static captured_end *end_of(judging *j, const frame *f)
{
    return &j->lines[f->connection->number].ends[f->direction];
}

/* True if a frame acknowledges what was not captured. */
static bool shows_loss(judging *j, const frame *f)
{
    const tcp_end *peer = &f->connection->ends[!f->direction];
    const captured_end *seen = &j->lines[f->connection->number].ends[!f->direction];

    if (!(f->flags & TCP_ACK))
        return false;
    return (int32_t)(f->acknowledgment - (peer->isn + 1 + seen->next + seen->closed)) > 0;
}

static void tell(judging *j, const packet *p, const mqtt5_findings *findings)
{
    if (findings->count > 0)
        j->call(j->user, j->frame, p, findings);
}

static void judge_packet(judging *j, const frame *f, const tcp_mark *mark, const start *begin)
{
    const tcp_end *own = &f->connection->ends[f->direction];
    captured_end *end = end_of(j, f);
    mqtt5_facts *facts = g_new0(mqtt5_facts, 1);
    mqtt5_findings findings;
    mqtt5_packet decoded;
    mqtt5_input input = {.data = own->sent->data + mark->start,
                         .captured = mark->end - mark->start,
                         .length = mark->end - mark->start,
                         .frame = j->frame,
                         .time = j->now->time,
                         .begin = begin->time,
                         .server = 1,
                         .direction = f->direction,
                         .server_port_hint = SERVER_END,
                         .server_hint = j->lines[f->connection->number].opened ? MQTT5_HINT_HANDSHAKE : MQTT5_HINT_PORT,
                         .gap = end->gap,
                         .peer_gap = shows_loss(j, f) || j->lines[f->connection->number].ends[!f->direction].gap,
                         .acks_known = true,
                         .position = own->isn + 1 + mark->end,
                         .acks = begin->acks,
                         .transport = &j->lines[f->connection->number].transport,
                         .pauses = j->pauses};

    g_ptr_array_add(j->facts, facts);
    end->gap = false;
    mqtt5_connection_judge(j->lines[f->connection->number].judged, &input, &decoded, facts, &findings);
    j->count++;
    if (j->each)
        j->each(j->user, j->frame, mark->packet, facts);
    tell(j, mark->packet, &findings);
}

static void note_starts(const tcp_end *own, captured_end *end, const capture *c, uint32_t from)
{
    const frame *f = &c->frame;

    for (guint i = end->mark; i < own->marks->len && g_array_index(own->marks, tcp_mark, i).start < f->offset + f->length; i++) {
        start *begin = &end->starts[i];

        if (g_array_index(own->marks, tcp_mark, i).start >= from && !begin->seen)
            *begin = (start){true, end->acks, c->time};
    }
}

/* True if later bytes were captured before: TCP acknowledges anew, whatever the bytes answer. */
static bool is_sent_again(const judging *j, const frame *f)
{
    const mqtt5_sending *own = &j->lines[f->connection->number].transport.sendings[f->direction];

    return own->known && (int32_t)(own->sent - (f->connection->ends[f->direction].isn + 1 + f->offset + f->length)) > 0;
}

static void take_data(judging *j, const frame *f)
{
    const tcp_end *own = &f->connection->ends[f->direction];
    captured_end *end = end_of(j, f);
    uint32_t there = f->offset + MIN(f->length, j->now->captured);

    if (f->offset > end->next || (!end->known && f->offset > 0)) {
        end->gap = end->lost = true;
        end->whole_from = f->offset;
    }
    if (there <= end->next)
        return;
    if (!end->known || !is_sent_again(j, f))
        end->acks = f->acknowledgment;
    end->known = true;
    note_starts(own, end, j->now, MAX(f->offset, end->next));
    end->next = f->offset + f->length;
    while (end->mark < own->marks->len && g_array_index(own->marks, tcp_mark, end->mark).end <= there) {
        const tcp_mark *mark = &g_array_index(own->marks, tcp_mark, end->mark);

        if (mark->start >= end->whole_from)
            judge_packet(j, f, mark, &end->starts[end->mark]);
        end->mark++;
    }
    if (there < end->next) {
        end->gap = end->lost = true;
        end->whole_from = end->next;
        mqtt5_connection_lost(j->lines[f->connection->number].judged, f->direction, own->isn + 1 + end->next);
    }
}

static void take_close(judging *j, const frame *f)
{
    line *l = &j->lines[f->connection->number];
    captured_end *end = end_of(j, f);
    bool reset = f->flags & TCP_RST;
    mqtt5_facts *facts;
    mqtt5_findings findings;
    mqtt5_close close = {.direction = f->direction,
                         .reset = reset,
                         .second = l->closed,
                         .complete = !end->lost && end->next == f->offset + f->length,
                         .frame = j->frame,
                         .time = j->now->time,
                         .gap = end->gap || end->next != f->offset + f->length,
                         .peer_gap = shows_loss(j, f),
                         .acks_known = true,
                         .acks = f->acknowledgment,
                         .transport = &l->transport,
                         .pauses = j->pauses};

    if (end->closed || (reset && l->reset))
        return;
    end->closed = true;
    l->closed = true;
    l->reset |= reset;
    facts = g_new0(mqtt5_facts, 1);
    g_ptr_array_add(j->facts, facts);
    mqtt5_connection_close(l->judged, &close, facts, &findings);
    tell(j, NULL, &findings);
}

/* What TCP does, as the plugin reads it from Wireshark. */
static void follow(line *l, const capture *c)
{
    const frame *f = &c->frame;
    mqtt5_sending *own = &l->transport.sendings[f->direction], *other = &l->transport.sendings[!f->direction];
    uint32_t sent = f->connection->ends[f->direction].isn + 1 + f->offset + f->length;

    if (!own->known || (int32_t)(sent - own->sent) > 0) {
        own->known = true;
        own->sent = sent;
        own->sent_time = c->time;
        own->resent = 0;
    } else if (f->length > 0) {
        own->resent++;
        own->resent_time = c->time;
    }
    if ((f->flags & TCP_ACK) && (!other->acked_known || (int32_t)(f->acknowledgment - other->acked) > 0)) {
        other->acked_known = true;
        other->acked = f->acknowledgment;
        other->acked_time = c->time;
    }
}

static void take_frame(judging *j, const capture *c)
{
    const frame *f = &c->frame;
    line *l = &j->lines[f->connection->number];

    j->now = c;
    l->opened |= (f->flags & TCP_SYN) != 0;
    if (!l->judged)
        l->judged = mqtt5_connection_new(j->capture, 0);
    if (f->length > 0)
        take_data(j, f);
    else if (shows_loss(j, f))
        mqtt5_connection_lost(l->judged, !f->direction, f->acknowledgment);
    follow(l, c);
    if (f->flags & (TCP_FIN | TCP_RST))
        take_close(j, f);
    mqtt5_pauses_frame(j->pauses, j->frame, c->time);
}

unsigned judge_core(const world *w, const GArray *captures, judged_call call, judged_packet each, void *user)
{
    guint count = w->network.connections->len;
    judging j = {.world = w, .capture = mqtt5_capture_new(), .pauses = mqtt5_pauses_new(), .call = call, .each = each, .user = user};

    j.lines = g_new0(line, count);
    j.facts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++)
        for (unsigned end = 0; end < 2; end++)
            j.lines[i].ends[end].starts = g_new0(start, ((tcp_connection *)w->network.connections->pdata[i])->ends[end].marks->len + 1);
    for (guint i = 0; i < captures->len; i++) {
        j.frame = i + 1;
        take_frame(&j, &g_array_index(captures, capture, i));
    }
    for (guint i = 0; i < count; i++) {
        mqtt5_connection_free(j.lines[i].judged);
        g_free(j.lines[i].ends[0].starts);
        g_free(j.lines[i].ends[1].starts);
    }
    mqtt5_capture_free(j.capture);
    mqtt5_pauses_free(j.pauses);
    g_ptr_array_free(j.facts, TRUE);
    g_free(j.lines);
    return j.count;
}
