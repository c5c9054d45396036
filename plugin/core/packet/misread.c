/* misread.c
 * Slips of a sender that make the rest of a packet unreadable.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/misread.h"

#include <string.h>

#include "core/packet/decode.h"

bool mqtt5_misread_length(const uint8_t *data, uint32_t available)
{
    if (available < 10 || data[0] != MQTT5_CONNECT << 4 || data[1] < 0x80 || data[2] != 0)
        return false;
    return (data[3] == 4 && memcmp(data + 4, "MQTT", 4) == 0) || (data[3] == 6 && memcmp(data + 4, "MQIsdp", 6) == 0);
}

static void report_length(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    uint8_t length = packet->data[1], level_at = packet->data[3] + 4U, level = packet->captured > level_at ? packet->data[level_at] : 0;

    if (level >= MQTT5_VERSION_3_1 && level <= MQTT5_VERSION_5)
        findings->version = level;
    mqtt5_report(findings, MQTT5_RULE_remaining_length_one_byte, (mqtt5_range){1, 1},
                 "the Remaining Length %u is written in one byte, 0x%02x; above 127 it takes two, 0x%02x 0x01. "
                 "So a receiver reads it wrong, and all that follows",
                 length, length, length);
}

/* In SUBSCRIBE and UNSUBSCRIBE, which end with their last Topic Filter, MQTT 3.1.1 differs by the
 * Property Length alone. */
static bool fits_without_properties(const mqtt5_packet *packet)
{
    mqtt5_packet older;

    /* A packet that ends after its identifier has no filters, and fits no version. */
    if (packet->version < MQTT5_VERSION_5 || packet->captured <= packet->header_length + 2U ||
        (packet->type != MQTT5_SUBSCRIBE && packet->type != MQTT5_UNSUBSCRIBE))
        return false;
    mqtt5_decode(&older, packet->data, packet->captured, packet->length, MQTT5_VERSION_3_1_1, NULL);
    return older.status == MQTT5_DECODED;
}

void mqtt5_misread_check(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    if (mqtt5_misread_length(packet->data, packet->captured)) {
        mqtt5_findings_empty(findings);
        report_length(packet, findings);
    } else if (fits_without_properties(packet)) {
        mqtt5_findings_empty(findings);
        mqtt5_report(findings, MQTT5_RULE_property_length_missing, (mqtt5_range){packet->header_length + 2, 1},
                     "the Property Length is left out after the Packet Identifier, at offset %u: the bytes fit MQTT 3.1.1, "
                     "but in MQTT 5.0 a packet without properties has a Property Length of 0",
                     packet->header_length + 2);
    }
}
