/* check_header.c
 * Rules on the fixed header and the Packet Identifier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"

static void check_type(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    const mqtt5_packet_type_info *info = mqtt5_packet_type_get(packet->type);

    if (packet->type == MQTT5_RESERVED) {
        mqtt5_report(findings, MQTT5_RULE_packet_type_reserved, MQTT5_FIRST_BYTE, "control packet type 0 is reserved");
        return;
    }
    if (packet->type == MQTT5_AUTH && packet->version != MQTT5_VERSION_UNKNOWN && packet->version < MQTT5_VERSION_5) {
        mqtt5_report(findings, MQTT5_RULE_packet_type_reserved, MQTT5_FIRST_BYTE,
                     "control packet type 15 is reserved in %s; AUTH is new in MQTT 5.0", mqtt5_version_name(packet->version));
        return;
    }
    if (sender == MQTT5_CLIENT && !info->from_client)
        mqtt5_report(findings, MQTT5_RULE_packet_type_wrong_sender, MQTT5_FIRST_BYTE, "only a server sends %s", info->name);
    else if (sender == MQTT5_SERVER && !info->from_server)
        mqtt5_report(findings, MQTT5_RULE_packet_type_wrong_sender, MQTT5_FIRST_BYTE, "only a client sends %s", info->name);
    else if (sender == MQTT5_SERVER && packet->type == MQTT5_DISCONNECT && packet->version != MQTT5_VERSION_UNKNOWN &&
             packet->version < MQTT5_VERSION_5)
        mqtt5_report_by(findings, MQTT5_RULE_packet_type_wrong_sender, MQTT5_CLAUSES("2.1.2", "2.2.1", MQTT5_SAME), MQTT5_FIRST_BYTE,
                        "only a client sends DISCONNECT in %s; a server closes the connection", mqtt5_version_name(packet->version));
}

static void check_flags(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    const mqtt5_packet_type_info *info = mqtt5_packet_type_get(packet->type);
    uint8_t flags = packet->flags;

    if (packet->type == MQTT5_RESERVED)
        return;
    if (packet->type == MQTT5_PUBLISH) {
        if (mqtt5_publish_qos(packet) == 3)
            mqtt5_report(findings, MQTT5_RULE_publish_qos_invalid, MQTT5_FIRST_BYTE,
                         "QoS 3 (both QoS bits set) is not allowed; QoS is 0, 1 or 2");
        else if (mqtt5_publish_dup(packet) && mqtt5_publish_qos(packet) == 0)
            mqtt5_report(findings, MQTT5_RULE_publish_dup_qos_0, MQTT5_FIRST_BYTE, "DUP is 1 with QoS 0; it must be 0");
        return;
    }
    /* 3.1 does not say what the unused flags are, and lets these be repeated with DUP. Its version
     * is not known for sure before CONNECT was seen. */
    if (packet->version == MQTT5_VERSION_3_1)
        return;
    if (packet->version == MQTT5_VERSION_UNKNOWN && info->fixed_flags == 0x2)
        flags &= 0x7;
    if (packet->version == MQTT5_VERSION_UNKNOWN && info->fixed_flags == 0x0)
        return;
    if (flags != info->fixed_flags) {
        /* 3.1.1 has the same numbers, but for packets without a statement of their own. */
        mqtt5_clauses clauses = {info->flags_clause, info->fixed_flags != 0 || packet->type == MQTT5_DISCONNECT ? MQTT5_SAME : NULL, NULL};

        mqtt5_report_by(findings, MQTT5_RULE_fixed_header_flags, &clauses, MQTT5_FIRST_BYTE,
                        "the flags of the first byte are 0x%x; in %s they must be 0x%x", packet->flags, info->name, info->fixed_flags);
    }
}

/* A length with more bytes than it needs ends in a zero byte. */
static bool is_not_minimal(const mqtt5_packet *packet, uint32_t offset, uint32_t end)
{
    uint32_t value;
    int size = mqtt5_read_variable_byte_integer(packet->data + offset, end - offset, &value);

    return size > 1 && packet->data[offset + (uint32_t)size - 1] == 0;
}

static void check_length(const mqtt5_packet *packet, const char *field, uint32_t offset, uint32_t end, mqtt5_findings *findings)
{
    uint32_t value;
    int size;

    if (!is_not_minimal(packet, offset, end))
        return;
    size = mqtt5_read_variable_byte_integer(packet->data + offset, end - offset, &value);
    mqtt5_report(findings, MQTT5_RULE_variable_byte_integer_not_minimal, (mqtt5_range){offset, (uint32_t)size},
                 "the %s at offset %u uses %d bytes for the value %u; it must use the fewest", field, offset, size, value);
}

static void check_packet_id(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    static const mqtt5_clauses answer = {"2.2.1", "2.3.1", "2.4"}, of_server = {"MQTT-2.2.1-4", NULL, NULL};
    bool request = packet->type == MQTT5_PUBLISH || packet->type == MQTT5_SUBSCRIBE || packet->type == MQTT5_UNSUBSCRIBE;

    if (!(packet->has & MQTT5_HAS_PACKET_ID) || packet->packet_id != 0)
        return;
    mqtt5_report_by(findings, MQTT5_RULE_packet_identifier_zero,
                    !request                 ? &answer
                    : sender == MQTT5_SERVER ? &of_server
                                             : NULL,
                    (mqtt5_range){packet->packet_id_offset, 2}, "the Packet Identifier is 0; it must be 1 to 65535");
}

void mqtt5_check_header(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    if (packet->captured == 0)
        return;
    check_type(packet, sender, findings);
    check_flags(packet, findings);
    if (packet->header_length > 2 && packet->version != MQTT5_VERSION_3_1_1 && packet->version != MQTT5_VERSION_3_1)
        check_length(packet, "Remaining Length", 1, packet->header_length, findings);
    if (packet->properties.present && packet->properties.block.offset - packet->properties.offset > 1)
        check_length(packet, "Property Length", packet->properties.offset, packet->properties.block.offset, findings);
    if (packet->will_properties.present && packet->will_properties.block.offset - packet->will_properties.offset > 1)
        check_length(packet, "length of the Will Properties", packet->will_properties.offset, packet->will_properties.block.offset,
                     findings);
    check_packet_id(packet, sender, findings);
}
