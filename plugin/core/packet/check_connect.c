/* check_connect.c
 * Rules on CONNECT and CONNACK beside their properties and codes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"

#include <string.h>

static bool is_text(const mqtt5_packet *packet, mqtt5_range range, const char *text)
{
    return range.length == strlen(text) && memcmp(mqtt5_bytes(packet, range), text, range.length) == 0;
}

static void check_protocol(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    bool is_mqtt = is_text(packet, packet->protocol_name, "MQTT"), is_mqisdp = is_text(packet, packet->protocol_name, "MQIsdp");
    uint32_t offset = packet->protocol_name.offset - 2, length = packet->protocol_name.length + 2;
    char name[40];

    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        mqtt5_report(findings, MQTT5_RULE_connect_protocol_level, (mqtt5_range){offset + length, 1},
                     "protocol version %u is none of 3 (3.1), 4 (3.1.1) and 5 (5.0): "
                     "the rest of this connection is not judged",
                     packet->protocol_level);
        return;
    }
    if (packet->version == MQTT5_VERSION_3_1 ? is_mqisdp : is_mqtt)
        return;
    mqtt5_report(findings, MQTT5_RULE_connect_protocol_name, (mqtt5_range){offset, length},
                 "the Protocol Name is %s; with protocol version %u it must be \"%s\"",
                 mqtt5_quote(mqtt5_bytes(packet, packet->protocol_name), packet->protocol_name.length, name, sizeof name),
                 packet->protocol_level, packet->version == MQTT5_VERSION_3_1 ? "MQIsdp" : "MQTT");
}

static void check_connect_flags(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    uint8_t flags = packet->connect_flags;
    uint32_t offset = packet->connect_flags_offset;
    bool v5 = packet->version >= MQTT5_VERSION_5;

    /* 3.1 does not define the unused bit. */
    if ((flags & 0x01) && packet->version != MQTT5_VERSION_3_1)
        mqtt5_report(findings, MQTT5_RULE_connect_flags_reserved, (mqtt5_range){offset, 1},
                     "bit 0 of the Connect Flags (0x%02x) is set; it must be 0", flags);
    if (flags & MQTT5_CONNECT_WILL) {
        if ((flags & MQTT5_CONNECT_WILL_QOS) == MQTT5_CONNECT_WILL_QOS)
            mqtt5_report(findings, MQTT5_RULE_connect_will_qos_invalid, (mqtt5_range){offset, 1}, "Will QoS is 3; it must be 0, 1 or 2");
    } else if ((flags & (MQTT5_CONNECT_WILL_QOS | MQTT5_CONNECT_WILL_RETAIN)) && packet->version != MQTT5_VERSION_3_1) {
        mqtt5_report_by(findings, MQTT5_RULE_connect_will_flags,
                        flags & MQTT5_CONNECT_WILL_QOS ? NULL : MQTT5_CLAUSES("MQTT-3.1.2-13", "MQTT-3.1.2-15", NULL),
                        (mqtt5_range){offset, 1},
                        "the Connect Flags (0x%02x) have Will QoS %u and Will Retain %u without the Will Flag; "
                        "both must be 0",
                        flags, flags >> 3 & 3, flags >> 5 & 1);
    }
    if (!v5 && (flags & MQTT5_CONNECT_PASSWORD) && !(flags & MQTT5_CONNECT_USER_NAME))
        mqtt5_report(findings, MQTT5_RULE_connect_password_without_user_name, (mqtt5_range){offset, 1},
                     "the Connect Flags (0x%02x) announce a Password without a User Name; "
                     "before MQTT 5.0 it needs one",
                     flags);
}

static void check_client_id(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    uint32_t length = packet->client_id.length, offset = packet->client_id.offset - 2;

    if (packet->version >= MQTT5_VERSION_5 || !(packet->has & MQTT5_HAS_CLIENT_ID))
        return;
    if (length == 0 && packet->version == MQTT5_VERSION_3_1_1 && !(packet->connect_flags & MQTT5_CONNECT_CLEAN_START))
        mqtt5_report(findings, MQTT5_RULE_connect_client_id_empty, (mqtt5_range){offset, 2},
                     "the Client Identifier is empty and CleanSession is 0; an empty one needs CleanSession 1");
    else if (length == 0 && packet->version == MQTT5_VERSION_3_1)
        mqtt5_report(findings, MQTT5_RULE_connect_client_id_empty, (mqtt5_range){offset, 2},
                     "the Client Identifier is empty; MQTT 3.1 requires 1 to 23 characters");
    else if (packet->version == MQTT5_VERSION_3_1 && length > 23 &&
             g_utf8_strlen((const char *)mqtt5_bytes(packet, packet->client_id), (gssize)length) > 23)
        mqtt5_report(findings, MQTT5_RULE_connect_client_id_length, (mqtt5_range){offset, length + 2},
                     "the Client Identifier has %u bytes; MQTT 3.1 allows 1 to 23 characters", length);
}

static void check_connack(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    uint32_t offset = packet->header_length;
    bool v5 = packet->version >= MQTT5_VERSION_5;

    /* In 3.1 the first byte is unused and may have any value. */
    if (!(packet->has & MQTT5_HAS_CONNACK_FLAGS) || packet->version == MQTT5_VERSION_3_1 || packet->version == MQTT5_VERSION_UNKNOWN)
        return;
    if (packet->connack_flags & 0xFE)
        mqtt5_report(findings, MQTT5_RULE_connack_flags_reserved, (mqtt5_range){offset, 1},
                     "the Connect Acknowledge Flags are 0x%02x; only bit 0 (Session Present) may be set", packet->connack_flags);
    if ((packet->has & MQTT5_HAS_REASON_CODE) && packet->reason_code != 0 && (packet->connack_flags & 0x01))
        mqtt5_report(findings, MQTT5_RULE_connack_session_present_error, (mqtt5_range){offset, 2},
                     "Session Present is 1 with %s code 0x%02x; it must be 0 unless the connection is accepted", v5 ? "reason" : "return",
                     packet->reason_code);
}

void mqtt5_check_connect(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    if (packet->type == MQTT5_CONNACK) {
        check_connack(packet, findings);
        return;
    }
    if (!(packet->has & MQTT5_HAS_CONNECT_HEADER))
        return;
    check_protocol(packet, findings);
    if (packet->version == MQTT5_VERSION_UNKNOWN)
        return;
    check_connect_flags(packet, findings);
    check_client_id(packet, findings);
}
