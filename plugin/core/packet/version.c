/* version.c
 * Tells MQTT 5.0 from 3.1.1 by trying both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/version.h"

#include "core/packet/check.h"
#include "core/packet/decode.h"

static bool is_sound(const uint8_t *data, uint32_t captured, uint32_t length, unsigned version, mqtt5_sender sender)
{
    mqtt5_findings findings;
    mqtt5_packet packet;

    mqtt5_findings_init(&findings, (mqtt5_packet_type)(data[0] >> 4), sender, version);
    if (mqtt5_decode(&packet, data, captured, length, version, &findings) != MQTT5_DECODED)
        return false;
    mqtt5_check_packet(&packet, sender, &findings);
    for (unsigned i = 0; i < findings.count; i++)
        if (mqtt5_rule_get(findings.items[i].rule)->severity >= MQTT5_SEVERITY_WARN)
            return false;
    return true;
}

/* MQTT 3.1 repeats PUBREL, SUBSCRIBE and UNSUBSCRIBE with DUP. Other flags are not defined there:
 * that they fit proves nothing. */
static bool has_dup_of_3_1(const uint8_t *data)
{
    static const uint32_t repeated = MQTT5_IN(MQTT5_PUBREL) | MQTT5_IN(MQTT5_SUBSCRIBE) | MQTT5_IN(MQTT5_UNSUBSCRIBE);

    return (repeated >> (data[0] >> 4) & 1) && (data[0] & 0xF) == 0xA;
}

unsigned mqtt5_version_infer(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender)
{
    bool five, three;

    if (captured < length || captured < 2)
        return MQTT5_VERSION_UNKNOWN;
    five = is_sound(data, captured, length, MQTT5_VERSION_5, sender);
    three = is_sound(data, captured, length, MQTT5_VERSION_3_1_1, sender);
    if (!five && !three)
        return has_dup_of_3_1(data) && is_sound(data, captured, length, MQTT5_VERSION_3_1, sender) ? MQTT5_VERSION_3_1
                                                                                                   : MQTT5_VERSION_UNKNOWN;
    return five == three ? MQTT5_VERSION_UNKNOWN : five ? MQTT5_VERSION_5 : MQTT5_VERSION_3_1_1;
}

bool mqtt5_version_any(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender)
{
    return captured >= length && captured >= 2 && is_sound(data, captured, length, MQTT5_VERSION_5, sender) &&
           is_sound(data, captured, length, MQTT5_VERSION_3_1_1, sender);
}
