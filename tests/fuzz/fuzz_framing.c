/* fuzz_framing.c
 * One direction of a TCP connection as intake.c sees it: segments that are new, sent again, out of
 * order or cut, through stream.c, plausible.c and framing.c.
 *
 * Input: one byte (bit 0: the connection's first byte was captured; bit 1: sequence numbers wrap
 * around soon), then for each call
 *     byte 0: bits 0-1  where it begins: 0 at the byte that is expected next, 1 before it, 2 after
 *                       it, 3 at the start of the last hole
 *             bit 2     the capture lacks the call's second half
 *             bit 3     the carrier does not reassemble segments
 *             bits 4-7  how many bytes before or after
 *     byte 1: its length
 *     the bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "intake/framing/framing.h"
#include "invariants.h"
#include "intake/framing/plausible.h"
#include "intake/framing/stream.h"
#include "target.h"

typedef struct {
    mqtt5_stream stream;
    GByteArray *asked; /* the bytes that were asked for, which come again before the following
                        * ones */
    bool at_start;
} scene;

static void demand_frame(const uint8_t *data, uint32_t available)
{
    mqtt5_frame frame = mqtt5_frame_read(data, available);

    switch (frame.status) {
    case MQTT5_FRAME_KNOWN:
        DEMAND(frame.header >= 2 && frame.header <= 5 && frame.header <= available);
        DEMAND(frame.length >= frame.header && frame.length <= frame.header + 268435455U);
        break;
    case MQTT5_FRAME_SHORT: DEMAND(available < 5 && frame.header == 0 && frame.length == 0); break;
    case MQTT5_FRAME_OVERLONG: DEMAND(available >= 5 && frame.header != 1 && frame.header <= available); break;
    }
}

static void demand_plausible(const uint8_t *data, uint32_t available)
{
    uint8_t *scratch = g_malloc(available + 1);
    uint32_t ends[MQTT5_STREAM_GUESSES], length, found = mqtt5_plausible_find(data, available, scratch);
    unsigned count = mqtt5_plausible_ends(data, available, scratch, ends, MQTT5_STREAM_GUESSES);

    DEMAND(found <= available && count <= MQTT5_STREAM_GUESSES);
    if (found < available)
        DEMAND(mqtt5_plausible_packet(data + found, available - found, &length) != MQTT5_PLAUSIBLE_NO);
    for (unsigned i = 0; i < count; i++)
        DEMAND(ends[i] > available);
    for (uint32_t at = 0; at < available; at++) {
        unsigned rating = mqtt5_plausible_packet(data + at, available - at, &length);

        demand_frame(data + at, available - at);
        DEMAND(rating <= MQTT5_PLAUSIBLE_SURE);
        DEMAND(rating == MQTT5_PLAUSIBLE_NO || length == 0 || length >= 2);
    }
    if (mqtt5_plausible_start(data, available) && available > 0)
        DEMAND(mqtt5_plausible_packet(data, available, &length) != MQTT5_PLAUSIBLE_NO);
    g_free(scratch);
}

/* Cuts as the intake does: whole packets, then the bytes to ask for. */
static mqtt5_outcome cut(const mqtt5_plan *plan, const uint8_t *data, uint32_t captured, uint32_t reported, bool can_ask)
{
    mqtt5_outcome outcome = {.reported = reported};
    uint32_t offset = plan->skip;

    while (offset < reported) {
        mqtt5_frame frame = mqtt5_frame_read(data + offset, offset < captured ? captured - offset : 0);
        uint32_t rest = reported - offset, length = frame.length;

        if (frame.status == MQTT5_FRAME_SHORT || (frame.status == MQTT5_FRAME_KNOWN && length > rest)) {
            outcome.rest_end = length ? offset + length : 0;
            outcome.asked = !plan->no_more && can_ask && captured == reported;
            outcome.cut = !outcome.asked;
            outcome.judged |= length > 0 && !outcome.asked && offset >= plan->old;
            break;
        }
        if (frame.status == MQTT5_FRAME_OVERLONG && (length < frame.header || length > rest || length == 0)) {
            outcome.broken = true;
            length = rest;
        }
        outcome.judged |= offset >= plan->old;
        offset += length;
    }
    outcome.end = MIN(offset, reported);
    return outcome;
}

static void call(scene *s, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported, bool can_ask)
{
    /* A copy, so that AddressSanitizer sees a read beyond the captured bytes. */
    uint8_t *bytes = captured ? g_memdup2(data, captured) : g_malloc0(1);
    mqtt5_plan plan = mqtt5_stream_plan(&s->stream, position, bytes, captured, reported, s->at_start);
    mqtt5_outcome outcome;

    DEMAND(plan.skip <= reported && plan.old <= reported);
    DEMAND(s->stream.guess_count <= MQTT5_STREAM_GUESSES);
    outcome = cut(&plan, bytes, captured, reported, can_ask);
    mqtt5_stream_done(&s->stream, position, &plan, &outcome);
    demand_plausible(bytes, captured);
    if (outcome.asked) {
        GByteArray *rest = g_byte_array_new();

        g_byte_array_append(rest, bytes + outcome.end, captured - outcome.end);
        g_byte_array_unref(s->asked);
        s->asked = rest;
    } else {
        g_byte_array_set_size(s->asked, 0);
    }
    g_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    scene s = {.asked = g_byte_array_new()};
    size_t at = 1;
    uint32_t next;

    if (size > 0) {
        s.at_start = data[0] & 1;
        next = data[0] & 2 ? UINT32_MAX - 200 : 1;
        while (size - at >= 2) {
            uint8_t head = data[at], many = head >> 4;
            uint32_t length = (uint32_t)MIN(data[at + 1], size - at - 2);
            uint32_t position = next;

            at += 2;
            switch (head & 3) {
            case 1: position -= many; break;
            case 2: position += many; break;
            case 3: position = s.stream.hole ? s.stream.hole_start : next; break;
            default: break;
            }
            if (position == next && s.asked->len > 0) {
                /* TCP delivers the bytes that were asked for again, with the following ones. */
                GByteArray *whole = g_byte_array_new();

                g_byte_array_append(whole, s.asked->data, s.asked->len);
                g_byte_array_append(whole, data + at, length);
                call(&s, position - s.asked->len, whole->data, whole->len, whole->len, !(head & 8));
                g_byte_array_unref(whole);
            } else {
                call(&s, position, data + at, head & 4 ? length / 2 : length, length, !(head & 8));
            }
            if ((int32_t)(position + length - next) > 0)
                next = position + length;
            at += length;
        }
    }
    g_byte_array_unref(s.asked);
    return 0;
}
