/* stream.c
 * One direction of a TCP connection, by sequence numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/framing/stream.h"

#include <glib.h>

#include "core/standard/packet_type.h"
#include "intake/framing/plausible.h"

#define PROBATION 16
#define SEARCH_LIMIT (1024 * 1024) /* in longer calls, only the beginning is searched */

/* How far `a` is after `b`; negative if it is before it. */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* CONNECT and CONNACK are the first packets of their direction, so nothing is missing before
 * them. */
static bool opens_connection(const uint8_t *data, uint32_t captured)
{
    uint32_t length;

    if (captured < 4 || (data[0] != 0x10 && data[0] != 0x20) || mqtt5_plausible_packet(data, captured, &length) == MQTT5_PLAUSIBLE_NO)
        return false;
    return data[0] == 0x10 || length <= captured;
}

/* Tries the offsets at which a packet may end that started in earlier bytes, and forgets those that
 * are passed. Returns the offset at which a packet starts, or `captured`. */
static uint32_t try_guesses(mqtt5_stream *stream, uint32_t position, const uint8_t *data, uint32_t captured)
{
    uint32_t best = captured;
    unsigned i, kept = 0;

    for (i = 0; i < stream->guess_count; i++) {
        int32_t offset = distance(stream->guesses[i], position);

        if (offset >= 0 && (uint32_t)offset >= captured)
            stream->guesses[kept++] = stream->guesses[i];
        else if (offset >= 0 && (uint32_t)offset < best && mqtt5_plausible_start(data + offset, captured - (uint32_t)offset))
            best = (uint32_t)offset;
    }
    stream->guess_count = kept;
    return best;
}

/* Searches bytes that do not begin with a packet for the start of one. Returns its offset, or
 * `captured`. */
static uint32_t find_within(mqtt5_stream *stream, uint32_t position, const uint8_t *data, uint32_t captured)
{
    uint32_t found = try_guesses(stream, position, data, captured), ends[MQTT5_STREAM_GUESSES];
    unsigned count, i;
    uint8_t *scratch;

    if (found < captured)
        return found;
    scratch = g_malloc(captured + 1);
    found = mqtt5_plausible_find(data, captured, scratch);
    if (found == captured) {
        count = mqtt5_plausible_ends(data, captured, scratch, ends, MQTT5_STREAM_GUESSES - stream->guess_count);
        for (i = 0; i < count; i++)
            stream->guesses[stream->guess_count++] = position + ends[i];
    }
    g_free(scratch);
    return found;
}

/* True if packets may start here that are not all there yet: too few bytes to tell much. */
static bool may_go_on(const uint8_t *data, uint32_t captured)
{
    uint32_t offset = 0, length;

    while (offset < captured && mqtt5_plausible_packet(data + offset, captured - offset, &length) != MQTT5_PLAUSIBLE_NO) {
        if (length == 0 || length > captured - offset)
            return true;
        offset += length;
    }
    return offset == captured || mqtt5_plausible_header(data + offset, captured - offset);
}

/* Searches bytes that may begin anywhere for the start of a packet. */
static void search(mqtt5_stream *stream, mqtt5_plan *plan, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported)
{
    plan->doubtful = true;
    stream->pending = false;
    stream->gap = true;
    stream->probation = PROBATION;
    if (mqtt5_plausible_start(data, captured)) {
        stream->guess_count = 0;
        return;
    }
    plan->skip = reported;
    if (captured == reported && captured <= SEARCH_LIMIT)
        plan->skip = find_within(stream, position, data, captured);
    plan->remark = !stream->lost;
    stream->lost = plan->skip == reported;
    if (!stream->lost)
        stream->guess_count = 0;
}

/* Bytes before `next` are sent again, or fill a hole. They are not judged, but stock must still get
 * whole packets. */
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

mqtt5_plan mqtt5_stream_plan(mqtt5_stream *stream, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported,
                             bool at_start)
{
    mqtt5_plan plan = {0};
    int32_t ahead;
    bool first = !stream->started;

    if (first) {
        stream->started = true;
        stream->next = stream->seen = position;
        stream->synced = at_start || opens_connection(data, captured);
        stream->opened = stream->synced && captured > 0 && data[0] == 0x10;
        if (!stream->synced)
            stream->gap = true;
    }
    ahead = distance(position, stream->next);
    if (distance(position + reported, stream->seen) > 0)
        stream->seen = position + reported;
    if (stream->broken) {
        plan.skip = reported;
        plan.foreign = stream->foreign;
        return plan;
    }
    if (ahead < 0) {
        plan_old(stream, &plan, position, data, captured, reported);
        return plan;
    }
    if (ahead > 0) {
        /* If TCP itself skips to the end of an incomplete packet, nothing is missing. */
        if (stream->synced || !stream->pending || position != stream->pending_end) {
            stream->gap = true;
            stream->hole = true;
            stream->hole_start = stream->next;
            stream->hole_end = position;
        }
        stream->synced = false;
    }
    if (stream->synced && stream->probation > 0) {
        stream->probation--;
        bool plausible = mqtt5_plausible_start(data, captured);

        plan.doubtful = stream->doubtful && (!plausible || stream->waiting);
        stream->synced = plausible || mqtt5_plausible_lengths(data, captured) || may_go_on(data, captured);
        stream->pending &= stream->synced;
    }
    if (!stream->synced && stream->pending && distance(stream->pending_end, position) >= 0) {
        uint32_t inside = stream->pending_end - position;

        plan.skip = inside < reported ? inside : reported;
        plan.doubtful = stream->doubtful;
        plan.remark = plan.skip > 0 && stream->gap && !stream->lost;
        stream->lost = plan.skip == reported && stream->gap;
    } else if (!stream->synced) {
        search(stream, &plan, position, data, captured, reported);
        /* Where a capture starts, it often starts with a packet. */
        if (first && plan.skip == 0 && mqtt5_plausible_lengths(data, captured) && data[0] >> 4 != MQTT5_DISCONNECT)
            plan.doubtful = false;
    }
    plan.gap = stream->gap;
    return plan;
}

void mqtt5_stream_done(mqtt5_stream *stream, uint32_t position, const mqtt5_plan *plan, const mqtt5_outcome *outcome)
{
    if (stream->broken)
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
    stream->gap |= outcome->unread;
    if (plan->skip == outcome->reported) {
        /* Only a continuation. If the end of its packet is known, it stays known. */
        stream->next = position + outcome->reported;
        stream->synced = plan->foreign || (stream->pending && stream->next == stream->pending_end);
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
    stream->doubtful = plan->doubtful;
}

void mqtt5_stream_disbelieve(mqtt5_stream *stream)
{
    stream->synced = stream->pending = false;
    stream->gap = true;
}
