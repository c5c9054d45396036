/* records.c
 * Reading the input of fuzz_session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "records.h"

#include "core/packet/decode.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

/* From the time between two segments to more than any Session Expiry Interval, and clocks that go
 * back. */
static const int64_t steps[16] = {
    MS,  10 * MS,  100 * MS,   SECOND, 4 * SECOND, 15 * SECOND, 60 * SECOND, 600 * SECOND, 3600 * SECOND,
    DAY, 30 * DAY, 3000 * DAY, -MS,    -SECOND,    -DAY,        -3000 * DAY,
};

/* The length of the packet by its own fixed header. Bytes without one extend to the end, as in the
 * plugin if it cannot frame them. */
static uint64_t packet_length(const uint8_t *data, size_t available)
{
    uint32_t remaining;
    int width = available > 1 ? mqtt5_read_variable_byte_integer(data + 1, (uint32_t)available - 1, &remaining) : 0;

    return width > 0 ? 1 + (uint64_t)width + remaining : available;
}

bool record_next(const uint8_t *data, size_t size, size_t *at, record *r)
{
    uint8_t first, second, cut = 0;
    uint64_t length;
    size_t left;

    if (size - *at < 2)
        return false;
    first = data[(*at)++];
    second = data[(*at)++];
    *r = (record){
        .connection = first & 1,
        .direction = first >> 1 & 1,
        .gap = first >> 2 & 1,
        .peer_gap = first >> 3 & 1,
        .early = first >> 6 & 1,
        .unnumbered = first >> 7 & 1,
        .same_frame = second == 0xFF,
        .pause = second == 0xFF ? 0 : steps[second >> 4] * (second & 15),
    };
    switch (first >> 4 & 3) {
    case 2: r->action = RECORD_CLOSE; return true;
    case 3: r->action = r->gap ? RECORD_LOST : RECORD_OPEN; return true;
    case 1:
        if (size - *at < 2)
            return false;
        cut = data[(*at)++];
        break;
    default: break;
    }
    left = size - *at;
    if (left == 0)
        return false;
    length = packet_length(data + *at, left);
    r->action = RECORD_PACKET;
    r->data = data + *at;
    r->length = (uint32_t)length;
    length = cut < length ? length - cut : 1;
    r->captured = (uint32_t)(length < left ? length : left);
    *at += r->captured;
    return true;
}
