/* check.c
 * All rules that one control packet alone can break, in the order of its bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"

void mqtt5_check_packet(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    mqtt5_check_header(packet, sender, findings);
    if (packet->type == MQTT5_CONNECT || packet->type == MQTT5_CONNACK)
        mqtt5_check_connect(packet, findings);
    mqtt5_check_reason_codes(packet, sender, findings);
    if (packet->properties.present || packet->type == MQTT5_AUTH)
        mqtt5_check_properties(packet, sender, findings);
    mqtt5_check_text(packet, findings);
}
