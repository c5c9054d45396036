/* fuzz_session.c
 * Two connections of one world: packets from both ends, with times, acknowledgments, gaps and closes.
 *
 * Input, as records.h reads it: one byte for the whole, then records.
 *     bits 0-1  version that the user's preference gives the connections: 0 and 3 none, 1 is 3.1.1, 2 is 5.0
 *     bit 2     the connections go to two servers
 *     bits 3-4  mqtt5_input.server_port_hint
 *     bit 5     all of it is judged twice, in two worlds, and must give the same
 *     bits 6-7  mqtt5_input.carrier; bit 6 also: closes come without the certainty that all was captured
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "connection.h"
#include "invariants.h"
#include "records.h"
#include "session.h"
#include "target.h"

typedef struct {
    mqtt5_connection *judged;
    uint32_t position[2], before[2]; /* TCP sequence numbers behind the last packet of each end, and the last but one */
    bool closed[2];
    GSList *answers; /* of mqtt5_answer, for each packet */
} line;

typedef struct {
    mqtt5_world *world;
    line lines[2];
    uint8_t options;
    uint32_t frame;
    int64_t time;
} scene;

/* The plugin hands on times from 0 to this (clock.h), so that there is room for the difference of two, and for a delay. */
#define TIME_MAX (G_MAXINT64 / 2)

static void close_line(scene *s, line *l)
{
    mqtt5_connection_free(l->judged);
    l->judged = NULL;
    for (GSList *at = l->answers; at; at = at->next) {
        const mqtt5_answer *answer = at->data;

        DEMAND(answer->frame <= s->frame);
    }
    g_slist_free_full(l->answers, g_free);
    l->answers = NULL;
}

static void open_line(scene *s, unsigned number)
{
    static const uint8_t versions[] = {0, MQTT5_VERSION_3_1_1, MQTT5_VERSION_5, 0};
    line *l = &s->lines[number];

    close_line(s, l);
    l->closed[0] = l->closed[1] = false;
    l->judged = mqtt5_connection_new(s->world, versions[s->options & 3]);
    /* Near the wrap-around, which is then a matter of a few packets. */
    l->position[0] = l->before[0] = UINT32_MAX - 100;
    l->position[1] = l->before[1] = UINT32_MAX - 40;
}

static void start(scene *s, uint8_t options)
{
    memset(s, 0, sizeof *s);
    s->options = options;
    s->time = 1767268800 * G_GINT64_CONSTANT(1000000000);
    s->world = mqtt5_world_new();
    open_line(s, 0);
    open_line(s, 1);
}

static void end(scene *s)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t frame = 1;

        if (mqtt5_world_successor(s->lines[i].judged->link, &frame))
            DEMAND(frame > 0 && frame <= s->frame);
    }
    /* Either order happens: a connection may go before others that it took over from. */
    close_line(s, &s->lines[s->options & 1]);
    close_line(s, &s->lines[!(s->options & 1)]);
    mqtt5_world_free(s->world);
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
    mqtt5_verdict verdict;
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
        .carrier = s->options >> 6,
        .acks_known = !r->unnumbered,
        .answer = g_new0(mqtt5_answer, 1),
    };

    l->answers = g_slist_prepend(l->answers, input.answer);
    l->before[r->direction] = l->position[r->direction];
    l->position[r->direction] += r->length + (r->gap ? 10 : 0);
    input.position = l->position[r->direction];
    input.acks = r->early ? l->before[!r->direction] : l->position[!r->direction];
    mqtt5_connection_judge(l->judged, &input, &packet, &verdict, findings);
    demand_packet(&packet);
    DEMAND(packet.data == bytes && packet.length == r->length);
    DEMAND(verdict.sender <= MQTT5_SERVER && verdict.type < MQTT5_WILL && verdict.version_source <= MQTT5_VERSION_SOURCE_PREFERENCE);
    DEMAND(verdict.request_frame <= s->frame);
    demand_identity(s, verdict.identity);
    demand_findings(findings, r->length);
    g_free(bytes);
}

static void judge_close(scene *s, const record *r, mqtt5_findings *findings)
{
    line *l = &s->lines[r->connection];
    mqtt5_verdict verdict;
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

    mqtt5_connection_close(l->judged, &close, &verdict, findings);
    demand_findings(findings, 0);
    demand_open(s, verdict.detail.open);
    demand_identity(s, mqtt5_connection_identity(l->judged));
    l->closed[r->direction] = true;
}

/* One record; what was found is in *findings. */
static void step(scene *s, const record *r, mqtt5_findings *findings)
{
    /* Frames count from 1. */
    s->frame += !r->same_frame || s->frame == 0;
    s->time = CLAMP(s->time + r->pause, 0, TIME_MAX);
    mqtt5_findings_init(findings, MQTT5_RESERVED, MQTT5_SENDER_UNKNOWN);
    switch (r->action) {
    case RECORD_PACKET: judge_packet(s, r, findings); break;
    case RECORD_CLOSE: judge_close(s, r, findings); break;
    case RECORD_LOST: mqtt5_connection_lost(s->lines[r->connection].judged, r->direction); break;
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
