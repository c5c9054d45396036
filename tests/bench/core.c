/* core.c
 * The pure core alone over the control packets of a capture: decode, rules and session, without
 * Wireshark.
 *
 *     bench-core CAPTURE.pcap [ROUNDS]
 *
 * Prints the packets, the findings, and the nanoseconds that a packet takes on average, of the
 * quickest round. Each round begins with nothing known. The capture is one of traffic.py: Ethernet,
 * IPv4 and TCP without options, whole control packets in each segment.
 *
 * Packets are laid out a BATCH at a time, and their bytes read once, before they are judged:
 * Wireshark reads a packet from its file, and dissects TCP, right before it asks anybody about the
 * rest. What that takes is measured in rounds of its own, which judge nothing, and taken off. So
 * the way of the bytes from memory to the processor is left out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/connection.h"

#define PCAP_HEADER 24
#define RECORD_HEADER 16
#define HEADERS 54 /* Ethernet, IPv4, TCP */
#define CONNECTIONS 65536
#define BATCH 64

typedef struct {
    const uint8_t *data;
    uint32_t length, frame, position, acks;
    uint16_t client; /* its port, which identifies the connection */
    uint8_t direction;
    int64_t time;
} record;

static uint32_t big(const uint8_t *data, unsigned bytes)
{
    uint32_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | *data++;
    return value;
}

static uint32_t little(const uint8_t *data)
{
    return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

static void add_packets(GArray *records, const uint8_t *frame, uint32_t captured, uint32_t number, int64_t time)
{
    uint32_t offset = 0, length, end, start = big(frame + 38, 4);
    int size;

    for (end = captured - HEADERS; offset < end; offset += length) {
        const uint8_t *data = frame + HEADERS + offset;
        bool from_client = big(frame + 36, 2) == 1883;
        record made;

        size = mqtt5_read_variable_byte_integer(data + 1, end - offset - 1, &length);
        if (size <= 0)
            return;
        length += 1 + (uint32_t)size;
        made = (record){data,
                        length,
                        number,
                        start + offset + length,
                        big(frame + 42, 4),
                        (uint16_t)big(frame + (from_client ? 34 : 36), 2),
                        !from_client,
                        time};
        g_array_append_val(records, made);
    }
}

static GArray *read_capture(const char *path)
{
    GArray *records = g_array_new(FALSE, FALSE, sizeof(record));
    GError *error = NULL;
    gsize length, at = PCAP_HEADER;
    uint8_t *data;
    uint32_t number = 0;

    if (!g_file_get_contents(path, (char **)&data, &length, &error)) {
        fprintf(stderr, "%s\n", error->message);
        exit(1);
    }
    while (at + RECORD_HEADER + HEADERS <= length) {
        uint32_t captured = little(data + at + 8);

        number++;
        if (captured > HEADERS)
            add_packets(records, data + at + RECORD_HEADER, captured, number,
                        little(data + at) * INT64_C(1000000000) + little(data + at + 4) * INT64_C(1000));
        at += RECORD_HEADER + captured;
    }
    return records; /* the bytes that it points to, kept to the end */
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Some packets that are judged one after the other. */
typedef struct {
    unsigned count;
    mqtt5_connection *connections[BATCH];
    mqtt5_input inputs[BATCH];
    mqtt5_facts *facts; /* they stay until the connections are freed */
} batch;

/* Prepares the packets from `first` on; returns a sum over their bytes, so that they are read. */
static unsigned lay_out(batch *next, const GArray *records, guint first, mqtt5_connection **connections, mqtt5_capture *capture)
{
    unsigned sum = 0;

    next->count = MIN(BATCH, records->len - first);
    for (unsigned i = 0; i < next->count; i++) {
        const record *one = &g_array_index(records, record, first + i);

        for (uint32_t j = 0; j < one->length; j++)
            sum += one->data[j];
        if (!connections[one->client])
            connections[one->client] = mqtt5_connection_new(capture, 0);
        next->connections[i] = connections[one->client];
        next->inputs[i] = (mqtt5_input){.data = one->data,
                                        .captured = one->length,
                                        .length = one->length,
                                        .frame = one->frame,
                                        .time = one->time,
                                        .server = 1,
                                        .direction = one->direction,
                                        .server_port_hint = 1,
                                        .acks_known = true,
                                        .position = one->position,
                                        .acks = one->acks};
    }
    return sum;
}

/* Never inlined, because callgrind counts within this function. */
#ifdef __clang__
#define KEPT __attribute__((noinline))
#else
#define KEPT __attribute__((noinline, noclone, externally_visible))
#endif

/* Returns the findings. */
unsigned judge_all(const batch *next);
KEPT unsigned judge_all(const batch *next)
{
    unsigned found = 0;

    for (unsigned i = 0; i < next->count; i++) {
        mqtt5_findings findings;
        mqtt5_packet packet;

        mqtt5_connection_judge(next->connections[i], &next->inputs[i], &packet, &next->facts[i], &findings);
        found += findings.count;
    }
    return found;
}

/* The nanoseconds of one round, with or without judging; *found is set to its findings. */
static int64_t time_round(const GArray *records, bool judging, unsigned *found)
{
    mqtt5_connection **connections = g_new0(mqtt5_connection *, CONNECTIONS);
    mqtt5_facts *facts = g_new(mqtt5_facts, records->len);
    mqtt5_capture *capture = mqtt5_capture_new();
    volatile unsigned sum;
    unsigned total = 0;
    int64_t start = now(), took;

    *found = 0;
    for (guint first = 0; first < records->len; first += BATCH) {
        batch next = {.facts = facts + first};

        total += lay_out(&next, records, first, connections, capture);
        if (judging)
            *found += judge_all(&next);
    }
    took = now() - start;
    sum = total;
    (void)sum;
    for (unsigned i = 0; i < CONNECTIONS; i++)
        mqtt5_connection_free(connections[i]);
    mqtt5_capture_free(capture);
    g_free(connections);
    g_free(facts);
    return took;
}

int main(int argc, char *argv[])
{
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    int64_t best = INT64_MAX, best_without = INT64_MAX;
    unsigned found = 0, none;
    GArray *records;

    if (argc < 2) {
        fprintf(stderr, "usage: bench-core CAPTURE.pcap [ROUNDS]\n");
        return 2;
    }
    records = read_capture(argv[1]);
    for (int i = 0; i < rounds && records->len > 0; i++) {
        int64_t without = time_round(records, false, &none), with = time_round(records, true, &found);

        best_without = MIN(best_without, without);
        best = MIN(best, with);
    }
    printf("%u packets, %u findings, %.1f ns a packet\n", records->len, found,
           records->len ? (double)(best - best_without) / records->len : 0);
    return 0;
}
