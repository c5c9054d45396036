/* segment.c
 * Finds the TCP header of a frame by its ports.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/segment.h"

/* No header before that of TCP is longer. */
#define SEARCHED 200
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, IP_TCP = 6, TCP_HEADER = 20 };

static uint16_t get16(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t get32(const uint8_t *data)
{
    return (uint32_t)get16(data) << 16 | get16(data + 2);
}

/* The length of what follows the IP header that ends at `at`; 0 if there is none, or it is not plain. */
static uint32_t ip_payload(const uint8_t *data, uint32_t at, uint32_t *hops_at)
{
    const uint8_t *header = data + at;

    if (at >= IPV4_HEADER && header[-IPV4_HEADER] == 0x45 && header[-IPV4_HEADER + 9] == IP_TCP &&
        get16(header - IPV4_HEADER + 2) > IPV4_HEADER) {
        *hops_at = at - IPV4_HEADER + 8;
        return get16(header - IPV4_HEADER + 2) - IPV4_HEADER;
    }
    if (at >= IPV6_HEADER && header[-IPV6_HEADER] >> 4 == 6 && header[-IPV6_HEADER + 6] == IP_TCP) {
        *hops_at = at - IPV6_HEADER + 7;
        return get16(header - IPV6_HEADER + 4);
    }
    return 0;
}

bool mqtt5_segment_find(const packet_info *pinfo, tvbuff_t *tvb, mqtt5_segment *found)
{
    uint32_t captured = (uint32_t)tvb_captured_length(tvb), length, header;
    const uint8_t *data = captured > 0 ? tvb_get_ptr(tvb, 0, (int)captured) : NULL;
    uint32_t hops_at = 0;

    for (uint32_t at = IPV4_HEADER; at + TCP_HEADER <= captured && at < SEARCHED; at++) {
        if (get16(data + at) != pinfo->srcport || get16(data + at + 2) != pinfo->destport)
            continue;
        length = ip_payload(data, at, &hops_at);
        header = (uint32_t)(data[at + 12] >> 4) * 4;
        if (header < TCP_HEADER || length < header || captured < at + header)
            continue;
        *found = (mqtt5_segment){.seq = get32(data + at + 4), .ack = get32(data + at + 8), .flags = data[at + 13]};
        found->hops_at = hops_at;
        found->hops = data[hops_at];
        found->bytes = data + at + header;
        found->length = length - header;
        found->captured = MIN(found->length, captured - at - header);
        return true;
    }
    return false;
}
