/* session_mutator.c
 * Mutations of whole records for fuzz_session. If libFuzzer changes bytes within a packet, its
 * length changes, and with it the place of all later records. So half of the time this changes one
 * packet and corrects its Remaining Length, or repeats, moves or drops a record.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "records.h"
#include "target.h"

#ifdef MQTT5_FUZZER

#define RECORDS_MAX 256

typedef struct {
    size_t at, end;
    record r;
} place;

static unsigned find_records(const uint8_t *data, size_t size, place *places)
{
    size_t at = 1;
    unsigned count = 0;

    while (count < RECORDS_MAX) {
        places[count].at = at;
        if (!record_next(data, size, &at, &places[count].r))
            break;
        places[count++].end = at;
    }
    return count;
}

/* Replaces [from, to) by `length` bytes. Returns the new size, or `size` if there is no room. */
static size_t replace(uint8_t *data, size_t size, size_t max_size, size_t from, size_t to, const uint8_t *bytes, size_t length)
{
    if (size - (to - from) + length > max_size)
        return size;
    memmove(data + from + length, data + to, size - to);
    memcpy(data + from, bytes, length);
    return size - (to - from) + length;
}

/* Changes what follows the fixed header of a whole packet, and its Remaining Length with it. */
static size_t change_packet(uint8_t *data, size_t size, size_t max_size, const place *p)
{
    uint8_t packet[4096], *body = packet + 5;
    size_t start = (size_t)(p->r.data - data), head = 1, length, width = 0;
    uint8_t number[4];

    while (head < 5 && head < p->r.captured && (p->r.data[head] & 0x80))
        head++;
    head++;
    if (head > p->r.captured || p->r.captured != p->r.length || p->r.captured - head > 2000)
        return LLVMFuzzerMutate(data, size, max_size);
    length = p->r.captured - head;
    memcpy(body, p->r.data + head, length);
    length = LLVMFuzzerMutate(body, length, length + 64);
    packet[0] = p->r.data[0];
    for (size_t rest = length; width == 0 || rest > 0; rest >>= 7)
        number[width++] = (uint8_t)((rest & 0x7F) | (rest >> 7 ? 0x80 : 0));
    memcpy(packet + 1, number, width);
    memmove(packet + 1 + width, body, length);
    return replace(data, size, max_size, start, p->end, packet, 1 + width + length);
}

/* Copies record `from` to where record `to` begins. */
static size_t repeat_record(uint8_t *data, size_t size, size_t max_size, const place *from, const place *to)
{
    uint8_t copy[4096];
    size_t length = from->end - from->at;

    if (length > sizeof copy)
        return size;
    memcpy(copy, data + from->at, length);
    return replace(data, size, max_size, to->at, to->at, copy, length);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    place places[RECORDS_MAX];
    unsigned count, one, other;

    if (size < 3 || (seed & 1))
        return LLVMFuzzerMutate(data, size, max_size);
    count = find_records(data, size, places);
    if (count == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    one = (seed >> 4) % count;
    other = (seed >> 16) % count;
    switch (seed >> 1 & 7) {
    case 0: return repeat_record(data, size, max_size, &places[one], &places[other]);
    case 1: return replace(data, size, max_size, places[one].at, places[one].end, data, 0);
    case 2: data[places[one].at] ^= (uint8_t)(1U << (seed >> 28 & 7)); return size;
    case 3: data[places[one].at + 1] = (uint8_t)(seed >> 24); return size;
    default:
        if (places[one].r.action != RECORD_PACKET)
            one = other;
        if (places[one].r.action != RECORD_PACKET || places[one].r.captured < 2)
            return LLVMFuzzerMutate(data, size, max_size);
        return change_packet(data, size, max_size, &places[one]);
    }
}

#endif
