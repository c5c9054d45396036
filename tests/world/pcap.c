/* pcap.c
 * A capture file of Ethernet, IPv4 or IPv6, and TCP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "pcap.h"

#include <string.h>

#define ETHERNET 14
#define IP 20
#define IPV6 40
#define TCP 20
#define MSS_OPTION 4

static void put_little(FILE *file, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        fputc((int)(value >> 8 * i & 0xff), file);
}

void pcap_begin(FILE *file, bool nanoseconds)
{
    put_little(file, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
    put_little(file, 2, 2);
    put_little(file, 4, 2);
    put_little(file, 0, 4);
    put_little(file, 0, 4);
    put_little(file, 65535, 4);
    put_little(file, 1, 4); /* Ethernet */
}

static uint8_t *put_big(uint8_t *to, uint32_t value, unsigned size)
{
    for (unsigned i = size; i > 0; i--)
        *to++ = (uint8_t)(value >> 8 * (i - 1));
    return to;
}

/* Ones' complement sum (RFC 1071) of `length` bytes, added to `sum`. */
static uint32_t add_sum(uint32_t sum, const uint8_t *data, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    return sum;
}

static uint32_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static void put_ethernet(uint8_t *to, unsigned direction, bool v6)
{
    static const guint8 addresses[2][12] = {{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}};

    memcpy(to, addresses[direction ? 1 : 0], sizeof addresses[0]);
    put_big(to + 12, v6 ? 0x86dd : 0x0800, 2);
}

static void put_ip(uint8_t *to, const frame *f, uint32_t length)
{
    uint8_t *at = put_big(to, 0x4500, 2);

    at = put_big(at, IP + length, 2);
    at = put_big(at, 0x00004000, 4); /* identification 0, do not fragment */
    at = put_big(at, 0x40060000, 4); /* time to live, TCP, no checksum yet */
    at = put_big(at, f->connection->addresses[f->direction], 4);
    put_big(at, f->connection->addresses[!f->direction], 4);
    put_big(to + 10, checksum(add_sum(0, to, IP)), 2);
}

/* The same addresses, as the last 32 bits of fd00::. */
static void put_ipv6(uint8_t *to, const frame *f, uint32_t length)
{
    uint8_t *at = put_big(to, 0x60000000, 4);

    at = put_big(at, length, 2);
    put_big(at, 0x0640, 2); /* TCP, hop limit */
    to[8] = to[24] = 0xfd;
    put_big(to + 20, f->connection->addresses[f->direction], 4);
    put_big(to + 36, f->connection->addresses[!f->direction], 4);
}

static void put_tcp(uint8_t *to, const frame *f, uint32_t header)
{
    uint8_t *at = put_big(to, f->connection->ports[f->direction], 2);

    at = put_big(at, f->connection->ports[!f->direction], 2);
    at = put_big(at, f->sequence, 4);
    at = put_big(at, f->acknowledgment, 4);
    at = put_big(at, header / 4 << 12 | f->flags, 2);
    at = put_big(at, 64240, 2);
    at = put_big(at, 0, 4);
    if (header > TCP)
        at = put_big(at, 0x02040000 | f->connection->mss, 4);
    if (f->length > 0)
        memcpy(at, f->connection->ends[f->direction].sent->data + f->offset, f->length);
}

/* The checksum of TCP, which covers the addresses that end where it starts, too. */
static void put_checksum(uint8_t *tcp, uint32_t addresses, uint32_t length)
{
    put_big(tcp + 16, checksum(add_sum(add_sum(6 + length, tcp - addresses, addresses), tcp, length)), 2);
}

void pcap_write(FILE *file, const capture *c, bool nanoseconds)
{
    const frame *f = &c->frame;
    bool v6 = f->connection->addresses[SERVER_END] >> 8 & 4;
    uint32_t ip = v6 ? IPV6 : IP, tcp = TCP + (f->flags & TCP_SYN ? MSS_OPTION : 0), length = ETHERNET + ip + tcp + f->length;
    uint32_t captured = ETHERNET + ip + tcp + MIN(f->length, c->captured);
    uint8_t *wire = g_malloc0(length), *at = wire + ETHERNET;

    put_ethernet(wire, f->direction, v6);
    (v6 ? put_ipv6 : put_ip)(at, f, tcp + f->length);
    put_tcp(at + ip, f, tcp);
    put_checksum(at + ip, v6 ? 32 : 8, tcp + f->length);
    put_little(file, (uint32_t)(c->time / SECONDS), 4);
    put_little(file, (uint32_t)(c->time % SECONDS / (nanoseconds ? 1 : 1000)), 4);
    put_little(file, captured, 4);
    put_little(file, length, 4);
    fwrite(wire, 1, captured, file);
    g_free(wire);
}
