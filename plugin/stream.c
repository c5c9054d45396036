/* stream.c
 * One direction of a TCP connection, by sequence numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stream.h"

#include <glib.h>

#include "plausible.h"

#define SEARCH_LIMIT (1024 * 1024) /* longer calls are searched at their start only */

/* How far `a` is behind `b`; negative if it is before it. */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* CONNECT and CONNACK come first in their direction, whatever the capture missed before. */
static bool opens_connection(const uint8_t *data, uint32_t captured)
{
    uint32_t length;

    if (captured < 4 || (data[0] != 0x10 && data[0] != 0x20) || mqtt5_plausible_packet(data, captured, &length) == MQTT5_PLAUSIBLE_NO)
        return false;
    return data[0] == 0x10 || length <= captured;
}

/* Looks for a packet's start in bytes that may begin anywhere. */
static void search(mqtt5_stream *stream, mqtt5_plan *plan, const uint8_t *data, uint32_t captured, uint32_t reported)
{
    stream->pending = false;
    stream->gap = true;
    if (mqtt5_plausible_start(data, captured))
        return;
    plan->skip = reported;
    if (captured == reported && captured <= SEARCH_LIMIT) {
        uint8_t *scratch = g_malloc(captured + 1);

        plan->skip = mqtt5_plausible_find(data, captured, scratch);
        g_free(scratch);
    }
    plan->remark = !stream->lost;
    stream->lost = plan->skip == reported;
}

/* Bytes before `next`: sent again, or filling a hole. Nothing of them is judged; what stock gets are packets nevertheless. */
static void plan_old(mqtt5_stream *stream, mqtt5_plan *plan, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported)
{
    uint32_t known = stream->next - position;
    bool reaches_new = known < reported;
    uint32_t old = reaches_new ? known : reported;

    plan->old = old;
    if (stream->hole && position == stream->hole_start)
        return;
    plan->no_more = !reaches_new;
    if (mqtt5_plausible_start(data, old < captured ? old : captured))
        return;
    plan->skip = reaches_new && stream->synced ? old : reported;
}

mqtt5_plan mqtt5_stream_plan(mqtt5_stream *stream, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported, bool at_start)
{
    mqtt5_plan plan = {0};
    int32_t ahead;

    if (!stream->started) {
        stream->started = true;
        stream->next = position;
        stream->synced = at_start || opens_connection(data, captured);
        stream->opened = stream->synced && captured > 0 && data[0] == 0x10;
        if (!stream->synced)
            stream->gap = true;
    }
    ahead = distance(position, stream->next);
    if (stream->broken) {
        plan.broken = true;
        return plan;
    }
    if (ahead < 0) {
        plan_old(stream, &plan, position, data, captured, reported);
        return plan;
    }
    if (ahead > 0) {
        /* Where TCP itself skips to the end of an unfinished packet, nothing is missing. */
        if (stream->synced || !stream->pending || position != stream->pending_end) {
            stream->gap = true;
            stream->hole = true;
            stream->hole_start = stream->next;
            stream->hole_end = position;
        }
        stream->synced = false;
    }
    if (!stream->synced && stream->pending && distance(stream->pending_end, position) >= 0) {
        uint32_t inside = stream->pending_end - position;

        plan.skip = inside < reported ? inside : reported;
        plan.remark = plan.skip > 0 && stream->gap && !stream->lost;
        stream->lost = plan.skip == reported && stream->gap;
    } else if (!stream->synced) {
        search(stream, &plan, data, captured, reported);
    }
    plan.gap = stream->gap;
    return plan;
}

void mqtt5_stream_done(mqtt5_stream *stream, uint32_t position, const mqtt5_plan *plan, const mqtt5_outcome *outcome)
{
    if (plan->broken)
        return;
    if (plan->old && plan->old == outcome->reported) {
        if (stream->hole && position + plan->skip == stream->hole_start) {
            stream->hole_start = position + outcome->end;
            stream->hole = distance(stream->hole_start, stream->hole_end) < 0;
        }
        return;
    }
    if (outcome->judged)
        stream->gap = false;
    if (plan->skip == outcome->reported) {
        /* Nothing but a continuation. If it is known where the packet ends to which it belongs, that still holds. */
        stream->next = position + outcome->reported;
        stream->synced = stream->pending && stream->next == stream->pending_end;
        return;
    }
    stream->lost = false;
    stream->broken = outcome->broken;
    stream->next = position + (outcome->asked ? outcome->end : outcome->reported);
    stream->synced = outcome->asked || (outcome->end == outcome->reported && !outcome->cut);
    stream->pending = outcome->rest_end != 0;
    stream->pending_end = position + outcome->rest_end;
    if (!stream->waiting || outcome->end > 0)
        stream->pending_acks = outcome->acks;
    stream->waiting = outcome->asked;
}
