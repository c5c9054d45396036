/* fuzz_session.c
 * Two connections of one capture: packets from both ends, with times, acknowledgments, gaps and
 * closes.
 *
 * Input, as records.h reads it: one byte for the whole, then records.
 *     bits 0-1  version by the user's preference: 0 and 3 none, 1 is 3.1.1, 2 is 5.0
 *     bit 2     the connections go to two servers
 *     bits 3-4  mqtt5_input.server_port_hint
 *     bit 5     everything is judged twice, in two captures, with the same result
 *     bits 6-7  mqtt5_input.websocket_faults; bit 6 also: closes are not known to be complete
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "core/capture/capture.h"
#include "core/capture/parts.h"
#include "core/connection.h"
#include "invariants.h"
#include "records.h"
#include "core/session/session.h"
#include "target.h"

typedef struct {
    mqtt5_connection *judged;
    uint32_t position[2], before[2]; /* TCP sequence numbers after the last packet of each end, and
                                      * after the one before */
    bool closed[2];
    GSList *facts; /* of mqtt5_facts, for each packet */
} line;

typedef struct {
    mqtt5_capture *capture;
    line lines[2];
    GSList *facts; /* of connections that are freed: they stay as long as the capture */
    uint8_t options;
    uint32_t frame;
    int64_t time;
} scene;

/* The plugin passes times from 0 to this (clock.h), which leaves room for the difference of two,
 * and for a delay. */
#define TIME_MAX (G_MAXINT64 / 2)

static void demand_copy(const scene *s, const mqtt5_copy *copy)
{
    DEMAND(copy->frame <= s->frame && copy->published > 0 && copy->published <= copy->frame && copy->closed <= copy->frame);
    DEMAND(copy->waited >= -1 && (copy->candidates == 0 || copy->waited == -1));
}

static void demand_missed(const scene *s, const mqtt5_deliveries *deliveries)
{
    const mqtt5_missed *each = deliveries->last_missed;
    uint32_t count = 0;

    do {
        if (each) {
            each = each->next;
            count++;
            DEMAND(each->frame > 0 && each->frame <= s->frame);
        }
    } while (each != deliveries->last_missed);
    DEMAND(count == deliveries->missing);
}

static void demand_journey(const scene *s, const mqtt5_facts *facts)
{
    const mqtt5_copy *copy;
    uint32_t count = 0;

    if (facts->sender == MQTT5_SERVER && facts->copy)
        demand_copy(s, facts->copy);
    if (facts->sender != MQTT5_CLIENT || !facts->deliveries)
        return;
    for (copy = facts->deliveries->first; copy; copy = copy->next, count++) {
        demand_copy(s, copy);
        DEMAND(copy->candidates == 0 && !copy->again);
    }
    DEMAND(count == facts->deliveries->count && (count > 0 || facts->deliveries->missing > 0));
    demand_missed(s, facts->deliveries);
}

static void close_line(scene *s, line *l)
{
    mqtt5_connection_free(l->judged);
    l->judged = NULL;
    for (GSList *at = l->facts; at; at = at->next) {
        const mqtt5_facts *facts = at->data;

        DEMAND(facts->answer.frame <= s->frame);
        if (facts->type == MQTT5_PUBLISH)
            demand_journey(s, facts);
    }
    s->facts = g_slist_concat(l->facts, s->facts);
    l->facts = NULL;
}

static void open_line(scene *s, unsigned number)
{
    static const uint8_t versions[] = {0, MQTT5_VERSION_3_1_1, MQTT5_VERSION_5, 0};
    line *l = &s->lines[number];

    close_line(s, l);
    l->closed[0] = l->closed[1] = false;
    l->judged = mqtt5_connection_new(s->capture, versions[s->options & 3]);
    /* Close to the wrap-around, which is then only a few packets away. */
    l->position[0] = l->before[0] = UINT32_MAX - 100;
    l->position[1] = l->before[1] = UINT32_MAX - 40;
}

static void start(scene *s, uint8_t options)
{
    memset(s, 0, sizeof *s);
    s->options = options;
    s->time = 1767268800 * G_GINT64_CONSTANT(1000000000);
    s->capture = mqtt5_capture_new();
    open_line(s, 0);
    open_line(s, 1);
}

static void end(scene *s)
{
    for (unsigned i = 0; i < 2; i++) {
        const mqtt5_capture_link *newer = mqtt5_capture_successor(s->lines[i].judged->link, INT64_MAX);

        if (newer)
            DEMAND(newer->connect_frame > 0 && newer->connect_frame <= s->frame);
    }
    /* In either order: a connection may be freed before others that it took over from. */
    close_line(s, &s->lines[s->options & 1]);
    close_line(s, &s->lines[!(s->options & 1)]);
    mqtt5_capture_free(s->capture);
    g_slist_free_full(s->facts, g_free);
}

static void demand_identity(const scene *s, const mqtt5_identity *identity)
{
    if (!identity)
        return;
    DEMAND(identity->connect_frame > 0 && identity->connect_frame <= s->frame);
    DEMAND(!identity->client_id || g_utf8_validate(identity->client_id, -1, NULL));
    DEMAND(!identity->user_name || g_utf8_validate(identity->user_name, -1, NULL));
}

static void demand_open(const scene *s, const mqtt5_open_requests *open)
{
    if (!open)
        return;
    DEMAND(open->shown <= open->count && open->shown <= MQTT5_OPEN_REQUESTS_MAX);
    for (uint32_t i = 0; i < open->shown; i++)
        DEMAND(open->frames[i] > 0 && open->frames[i] <= s->frame && (i == 0 || open->frames[i] >= open->frames[i - 1]));
}

static void judge_packet(scene *s, const record *r, mqtt5_findings *findings)
{
    line *l = &s->lines[r->connection];
    uint8_t *bytes = r->captured ? g_memdup2(r->data, r->captured) : g_malloc0(1);
    mqtt5_packet packet;
    mqtt5_facts *facts = g_new0(mqtt5_facts, 1);
    mqtt5_input input = {
        .data = bytes,
        .captured = r->captured,
        .length = r->length,
        .frame = s->frame,
        .time = s->time,
        .server = s->options & 4 ? r->connection + 1U : 1,
        .direction = r->direction,
        .server_port_hint = (uint8_t)MIN(s->options >> 3 & 3, 2),
        .gap = r->gap,
        .peer_gap = r->peer_gap,
        .websocket_faults = s->options >> 6,
        .acks_known = !r->unnumbered,
    };

    l->facts = g_slist_prepend(l->facts, facts);
    l->before[r->direction] = l->position[r->direction];
    l->position[r->direction] += r->length + (r->gap ? 10 : 0);
    input.position = l->position[r->direction];
    input.acks = r->early ? l->before[!r->direction] : l->position[!r->direction];
    mqtt5_connection_judge(l->judged, &input, &packet, facts, findings);
    demand_packet(&packet);
    DEMAND(packet.data == bytes && packet.length == r->length);
    DEMAND(facts->sender <= MQTT5_SERVER && facts->type < MQTT5_WILL && facts->version_source <= MQTT5_VERSION_SOURCE_PREFERENCE);
    DEMAND(facts->request_frame <= s->frame);
    demand_identity(s, facts->identity);
    demand_findings(findings, r->length);
    g_free(bytes);
}

static void judge_close(scene *s, const record *r, mqtt5_findings *findings)
{
    line *l = &s->lines[r->connection];
    mqtt5_facts facts;
    mqtt5_close close = {
        .direction = r->direction,
        .reset = r->early,
        .second = l->closed[!r->direction],
        .complete = !(s->options & 0x40),
        .frame = s->frame,
        .time = s->time,
        .gap = r->gap,
        .peer_gap = r->peer_gap,
        .acks_known = !r->unnumbered,
        .acks = l->position[!r->direction],
    };

    mqtt5_connection_close(l->judged, &close, &facts, findings);
    demand_findings(findings, 0);
    demand_open(s, facts.detail.open);
    demand_identity(s, mqtt5_connection_identity(l->judged));
    l->closed[r->direction] = true;
}

/* One record; the findings are in *findings. */
static void step(scene *s, const record *r, mqtt5_findings *findings)
{
    /* Frames count from 1. */
    s->frame += !r->same_frame || s->frame == 0;
    s->time = CLAMP(s->time + r->pause, 0, TIME_MAX);
    mqtt5_findings_init(findings, MQTT5_RESERVED, MQTT5_SENDER_UNKNOWN, MQTT5_VERSION_UNKNOWN);
    switch (r->action) {
    case RECORD_PACKET: judge_packet(s, r, findings); break;
    case RECORD_CLOSE: judge_close(s, r, findings); break;
    case RECORD_LOST:
        mqtt5_connection_lost(s->lines[r->connection].judged, r->direction, s->lines[r->connection].position[r->direction] + 1);
        break;
    case RECORD_OPEN: open_line(s, r->connection); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mqtt5_findings findings, again;
    scene first, second;
    size_t at = 1;
    record r;
    bool twice;

    if (size < 1)
        return 0;
    twice = (data[0] & 0x20) != 0 && judged_twice(data, size);
    start(&first, data[0]);
    if (twice)
        start(&second, data[0]);
    while (record_next(data, size, &at, &r)) {
        step(&first, &r, &findings);
        if (twice) {
            step(&second, &r, &again);
            demand_same_findings(&findings, &again);
        }
    }
    end(&first);
    if (twice)
        end(&second);
    return 0;
}
