/* check_property.c
 * Rules on property lists: which property, from whom, how often, with which value.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/check.h"
#include "core/packet/shortcut.h"
#include "core/rules/text.h"
#include "core/standard/reason_code.h"

#include <inttypes.h>
#include <stdio.h>

/* The numbered statement on a wrong property where there is one, else the section. */
static const char *clause_of(mqtt5_packet_type list, uint32_t id)
{
    if (list == MQTT5_DISCONNECT && id == MQTT5_SESSION_EXPIRY_INTERVAL)
        return "MQTT-3.14.2-2";
    if (list == MQTT5_PUBLISH && id == MQTT5_SUBSCRIPTION_IDENTIFIER)
        return "MQTT-3.3.4-6";
    return mqtt5_property_section(list, id);
}

static void check_place(mqtt5_packet_type list, const mqtt5_property *property, mqtt5_sender sender, mqtt5_findings *findings)
{
    const mqtt5_property_info *info = property->info;
    const char *list_name = mqtt5_packet_type_get(list)->name;
    char packets[160];

    switch (mqtt5_property_judge(list, property->id, sender)) {
    case MQTT5_PROPERTY_NOT_ALLOWED:
        mqtt5_report(findings, MQTT5_RULE_property_not_allowed, mqtt5_property_range(property),
                     "property 0x%02x (%s) is not allowed in %s, only in %s", property->id, info->name, list_name,
                     mqtt5_text_packets(mqtt5_property_packets(info), packets, sizeof packets));
        break;
    case MQTT5_PROPERTY_WRONG_SENDER:
        /* Of Server Reference the standard only says that the server sends it (3.14.2.2.5). */
        mqtt5_report_by(findings,
                        property->id == MQTT5_SERVER_REFERENCE ? MQTT5_RULE_property_wrong_sender_unclassified
                                                               : MQTT5_RULE_property_wrong_sender,
                        MQTT5_CLAUSE(clause_of(list, property->id)), mqtt5_property_range(property),
                        "property 0x%02x (%s) may only be sent by the %s in %s", property->id, info->name,
                        sender == MQTT5_CLIENT ? "server" : "client", list_name);
        break;
    default: break;
    }
}

static void check_value(mqtt5_packet_type list, const mqtt5_property *property, mqtt5_findings *findings)
{
    const mqtt5_property_info *info = property->info;
    const char *hint = "";

    if (info->type > MQTT5_TYPE_VARIABLE_BYTE || (property->number >= info->minimum && property->number <= info->maximum))
        return;
    if (property->id == MQTT5_MAXIMUM_QOS && property->number == 2)
        hint = "; QoS 2 is meant by leaving the property out";
    mqtt5_report_by(findings, info->range_unstated ? MQTT5_RULE_property_value_unclassified : MQTT5_RULE_property_value,
                    MQTT5_CLAUSE(list == MQTT5_PUBLISH && property->id == MQTT5_TOPIC_ALIAS ? "MQTT-3.3.2-8"
                                                                                            : mqtt5_property_section(list, property->id)),
                    mqtt5_property_range(property), "%s (0x%02x) is %" PRIu32 "; it must be %" PRIu32 " %s %" PRIu32 "%s", info->name,
                    property->id, property->number, info->minimum, info->maximum - info->minimum == 1 ? "or" : "to", info->maximum, hint);
}

static void check_repeat(mqtt5_packet_type list, const mqtt5_property *property, uint32_t *seen, mqtt5_findings *findings)
{
    const mqtt5_property_info *info = property->info;
    uint32_t bit = UINT32_C(1) << mqtt5_property_row(info), place = MQTT5_IN(list);

    if (!(*seen & bit)) {
        *seen |= bit;
        return;
    }
    /* A property that is not allowed here at all was reported as such. */
    if ((info->repeatable & place) || !(mqtt5_property_packets(info) & place))
        return;
    mqtt5_report_by(findings, info->repeat_unstated & place ? MQTT5_RULE_property_repeated_unclassified : MQTT5_RULE_property_repeated,
                    MQTT5_CLAUSE(mqtt5_property_section(list, property->id)), mqtt5_property_range(property),
                    "%s (0x%02x) appears more than once in %s%s", info->name, property->id, mqtt5_packet_type_get(list)->name,
                    info->repeat_unstated & place ? "; the standard does not say which one counts" : "");
}

static MQTT5_SELDOM void check_list(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_packet_type type,
                                    mqtt5_sender sender, mqtt5_findings *findings)
{
    uint32_t offset = list->block.offset, seen = 0;
    mqtt5_property property;

    while (mqtt5_property_next(packet, list, &offset, &property)) {
        check_place(type, &property, sender, findings);
        check_value(type, &property, findings);
        check_repeat(type, &property, &seen, findings);
        if (property.info->type == MQTT5_TYPE_VARIABLE_BYTE && property.length > 2 &&
            packet->data[property.offset + property.length - 1] == 0)
            mqtt5_report(findings, MQTT5_RULE_variable_byte_integer_not_minimal, mqtt5_property_range(&property),
                         "%s at offset %u uses %u bytes for the value %" PRIu32 "; it must use the fewest", property.info->name,
                         property.offset, property.length - 1, property.number);
        if (property.id_length > 1)
            mqtt5_report(findings, MQTT5_RULE_variable_byte_integer_not_minimal, (mqtt5_range){property.offset, property.id_length},
                         "the identifier of %s at offset %u uses %u bytes for the value %" PRIu32 "; it must use the fewest",
                         property.info->name, property.offset, property.id_length, property.id);
    }
}

/* Rules on two properties of one packet, or on a property and the reason code. */
static void check_combinations(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    const mqtt5_property_list *list = &packet->properties;
    mqtt5_property property;

    if (packet->type == MQTT5_CONNECT && mqtt5_property_has(list, MQTT5_AUTHENTICATION_DATA) &&
        !mqtt5_property_has(list, MQTT5_AUTHENTICATION_METHOD) && list->sound &&
        mqtt5_property_find(packet, list, MQTT5_AUTHENTICATION_DATA, &property))
        mqtt5_report(findings, MQTT5_RULE_authentication_data_without_method, mqtt5_property_range(&property),
                     "Authentication Data (0x16) needs an Authentication Method (0x15) beside it");
    if ((packet->type == MQTT5_CONNACK || (packet->type == MQTT5_DISCONNECT && sender == MQTT5_SERVER)) &&
        mqtt5_property_find(packet, list, MQTT5_SERVER_REFERENCE, &property)) {
        if (packet->reason_code != MQTT5_CODE_USE_ANOTHER_SERVER && packet->reason_code != MQTT5_CODE_SERVER_MOVED)
            mqtt5_report(findings, MQTT5_RULE_server_reference_unexpected, mqtt5_property_range(&property),
                         "Server Reference (0x1c) with reason code 0x%02x; "
                         "it is meant for 0x9c (Use another server) and 0x9d (Server moved)",
                         packet->reason_code);
        else if (property.text.length == 0)
            mqtt5_report(findings, MQTT5_RULE_server_reference_unexpected, mqtt5_property_range(&property),
                         "Server Reference (0x1c) is empty; it should name at least one server");
    }
}

static void check_authentication_method(const mqtt5_packet *packet, mqtt5_findings *findings)
{
    const mqtt5_property_list *list = &packet->properties;
    bool short_form = packet->status == MQTT5_DECODED && !list->present;

    if (packet->version >= MQTT5_VERSION_5 && (short_form || list->sound) && !mqtt5_property_has(list, MQTT5_AUTHENTICATION_METHOD))
        mqtt5_report(findings, MQTT5_RULE_authentication_method_missing,
                     (mqtt5_range){list->present ? list->offset : 0, list->present ? 1 : 0},
                     "there is no Authentication Method (0x15); every AUTH must repeat that of the CONNECT");
}

void mqtt5_check_properties(const mqtt5_packet *packet, mqtt5_sender sender, mqtt5_findings *findings)
{
    static const uint32_t combined = MQTT5_IN(MQTT5_CONNECT) | MQTT5_IN(MQTT5_CONNACK) | MQTT5_IN(MQTT5_DISCONNECT);

    if (packet->properties.present && packet->properties.block.length > 0) {
        if (!MQTT5_SHORTCUT(packet->properties.faultless >> sender & 1))
            check_list(packet, &packet->properties, packet->type, sender, findings);
        if (combined >> packet->type & 1)
            check_combinations(packet, sender, findings);
    }
    if (packet->will_properties.present && !MQTT5_SHORTCUT(packet->will_properties.faultless >> sender & 1))
        check_list(packet, &packet->will_properties, MQTT5_WILL, sender, findings);
    if (packet->type == MQTT5_AUTH)
        check_authentication_method(packet, findings);
}
