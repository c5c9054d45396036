/* version.c
 * Tells MQTT 5.0 from 3.1.1 by trying both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "version.h"

static bool is_sound(const uint8_t *data, uint32_t captured, uint32_t length, unsigned version, mqtt5_sender sender)
{
    mqtt5_findings findings;
    mqtt5_packet packet;

    mqtt5_findings_init(&findings, (mqtt5_packet_type)(data[0] >> 4), sender);
    if (mqtt5_decode(&packet, data, captured, length, version, &findings) != MQTT5_DECODED)
        return false;
    mqtt5_check_packet(&packet, sender, &findings);
    for (unsigned i = 0; i < findings.count; i++)
        if (mqtt5_rule_get(findings.items[i].rule)->severity >= MQTT5_SEVERITY_WARN)
            return false;
    return true;
}

unsigned mqtt5_version_infer(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender)
{
    bool five, three;

    if (captured < length || captured < 2)
        return MQTT5_VERSION_UNKNOWN;
    five = is_sound(data, captured, length, MQTT5_VERSION_5, sender);
    three = is_sound(data, captured, length, MQTT5_VERSION_3_1_1, sender);
    return five == three ? MQTT5_VERSION_UNKNOWN : five ? MQTT5_VERSION_5 : MQTT5_VERSION_3_1_1;
}

bool mqtt5_version_any(const uint8_t *data, uint32_t captured, uint32_t length, mqtt5_sender sender)
{
    return captured >= length && captured >= 2 && is_sound(data, captured, length, MQTT5_VERSION_5, sender) &&
           is_sound(data, captured, length, MQTT5_VERSION_3_1_1, sender);
}
