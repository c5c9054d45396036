/* fuzz_decode.c
 * One control packet: decoder, rules of one packet, walks of its lists, inference of its version,
 * and what topic.c makes of its topics.
 *
 * Input: one byte of circumstances, then the packet.
 *     bits 0-1  version: 0 not known, 1 is 3.1, 2 is 3.1.1, 3 is 5.0
 *     bits 2-3  sender: 0 and 3 unknown, 1 client, 2 server
 *     bits 4-7  so many bytes of the packet's end were not captured
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"
#include "core/packet/decode.h"
#include "invariants.h"
#include "target.h"
#include "core/standard/topic.h"
#include "core/packet/version.h"

static void judge(mqtt5_packet *packet, const uint8_t *data, uint32_t captured, uint32_t length, unsigned version, mqtt5_sender sender,
                  mqtt5_findings *findings)
{
    mqtt5_findings_init(findings, (mqtt5_packet_type)(captured > 0 ? data[0] >> 4 : 0), sender, version);
    mqtt5_decode(packet, data, captured, length, version, findings);
    mqtt5_check_packet(packet, sender, findings);
}

/* A filter without wildcards matches itself. */
static void match_topics(const mqtt5_packet *packet)
{
    mqtt5_topic_filter filter;
    uint32_t at = packet->payload.offset;

    if (packet->type != MQTT5_SUBSCRIBE || !(packet->has & MQTT5_HAS_PAYLOAD))
        return;
    while (mqtt5_topic_filter_next(packet, &at, &filter)) {
        const uint8_t *text = mqtt5_bytes(packet, filter.filter);
        uint32_t length = filter.filter.length, body = mqtt5_topic_filter_body(text, length);

        DEMAND(body <= length);
        if (!mqtt5_topic_has_wildcard(text + body, length - body))
            DEMAND(mqtt5_topic_matches(text + body, length - body, text + body, length - body));
        if (mqtt5_topic_matches(text + body, length - body, text, length))
            DEMAND(mqtt5_topic_matches_levels(text + body, length - body, text, length));
        mqtt5_topic_filter_check(text, length, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t versions[] = {MQTT5_VERSION_UNKNOWN, MQTT5_VERSION_3_1, MQTT5_VERSION_3_1_1, MQTT5_VERSION_5};
    static mqtt5_packet packet, second;
    static mqtt5_findings findings, again;
    mqtt5_sender sender;
    uint32_t length, captured, remaining;
    unsigned version, inferred;
    uint8_t *bytes;

    if (size < 2)
        return 0;
    version = versions[data[0] & 3];
    sender = (mqtt5_sender)((data[0] >> 2 & 3) % 3);
    length = (uint32_t)size - 1;
    captured = length - MIN(length - 1, data[0] >> 4U);
    /* A copy, so that AddressSanitizer sees a read beyond the captured bytes. */
    bytes = g_memdup2(data + 1, captured);

    judge(&packet, bytes, captured, length, version, sender, &findings);
    demand_packet(&packet);
    demand_findings(&findings, length);
    /* A packet is only cut where the capture ends, or if its fixed header is not complete. */
    if (captured == length && mqtt5_read_variable_byte_integer(bytes + 1, captured - 1, &remaining) != 0)
        DEMAND(packet.status != MQTT5_CUT);
    if (packet.status == MQTT5_MALFORMED)
        DEMAND(mqtt5_findings_worst(&findings) >= MQTT5_SEVERITY_WARN);
    match_topics(&packet);

    if (judged_twice(data, size)) {
        judge(&second, bytes, captured, length, version, sender, &again);
        demand_same_findings(&findings, &again);
        DEMAND(mqtt5_decode(&second, bytes, captured, length, version, NULL) == packet.status);
    }

    inferred = mqtt5_version_infer(bytes, captured, length, sender);
    DEMAND(inferred == 0 || (inferred >= 3 && inferred <= 5));
    g_free(bytes);
    return 0;
}
