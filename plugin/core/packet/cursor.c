/* cursor.c
 * Reads the fields of a packet one after the other: bytes, integers, strings and property lists.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/cursor.h"

#include "core/packet/shortcut.h"

void mqtt5_cursor_fail(mqtt5_cursor *c, mqtt5_decode_status status)
{
    c->stop = true;
    c->packet->status = status;
}

bool mqtt5_cursor_is_explained(const mqtt5_cursor *c)
{
    return c->findings && mqtt5_findings_has(c->findings, MQTT5_RULE_property_malformed);
}

bool mqtt5_cursor_take(mqtt5_cursor *c, uint32_t length, const char *field, uint32_t *offset)
{
    if (c->stop)
        return false;
    if (length > c->end - c->at) {
        mqtt5_report_by(mqtt5_cursor_is_explained(c) ? NULL : c->findings, MQTT5_RULE_packet_malformed, c->owed,
                        (mqtt5_range){c->at, c->end - c->at}, "%s at offset %u needs %u byte%s, but the packet ends after %u", field, c->at,
                        length, length == 1 ? "" : "s", c->end - c->at);
        mqtt5_cursor_fail(c, MQTT5_MALFORMED);
        return false;
    }
    if (length > c->limit - c->at) {
        mqtt5_cursor_fail(c, MQTT5_CUT);
        return false;
    }
    *offset = c->at;
    c->at += length;
    return true;
}

bool mqtt5_cursor_byte(mqtt5_cursor *c, const char *field, uint8_t *value)
{
    uint32_t offset;

    if (!mqtt5_cursor_take(c, 1, field, &offset))
        return false;
    *value = c->packet->data[offset];
    return true;
}

bool mqtt5_cursor_two_bytes(mqtt5_cursor *c, const char *field, uint16_t *value)
{
    const uint8_t *data = c->packet->data;
    uint32_t offset;

    if (!mqtt5_cursor_take(c, 2, field, &offset))
        return false;
    *value = mqtt5_read_two_bytes(data + offset);
    return true;
}

bool mqtt5_cursor_text(mqtt5_cursor *c, const char *field, mqtt5_range *range)
{
    uint32_t start = c->at;
    uint16_t length;

    if (!mqtt5_cursor_two_bytes(c, field, &length))
        return false;
    if (length > c->end - c->at) {
        mqtt5_report_by(mqtt5_cursor_is_explained(c) ? NULL : c->findings, MQTT5_RULE_packet_malformed, c->owed,
                        (mqtt5_range){start, c->end - start}, "%s at offset %u says it has %u bytes, but the packet ends after %u", field,
                        start, length, c->end - c->at);
        mqtt5_cursor_fail(c, MQTT5_MALFORMED);
        return false;
    }
    range->length = length;
    return mqtt5_cursor_take(c, length, field, &range->offset);
}

/* Reports why `property` could not be read. */
static void report_bad_property(mqtt5_cursor *c, const mqtt5_property *property, const char *list_name)
{
    uint32_t end = property->offset + property->length;

    if (property->info)
        mqtt5_report(c->findings, MQTT5_RULE_property_malformed, mqtt5_property_range(property),
                     "the value of %s (0x%02x) at offset %u runs past the end of the %s at offset %u", property->info->name, property->id,
                     property->offset, list_name, end);
    else if (property->id_length == property->length &&
             mqtt5_read_variable_byte_integer(c->packet->data + property->offset, property->length, &(uint32_t){0}) <= 0)
        mqtt5_report(c->findings, MQTT5_RULE_property_malformed, mqtt5_property_range(property),
                     "the property identifier at offset %u is not a Variable Byte Integer within the %s", property->offset, list_name);
    else
        mqtt5_report(c->findings, MQTT5_RULE_property_unknown, (mqtt5_range){property->offset, property->id_length},
                     "property identifier 0x%02x at offset %u does not exist; what follows in the %s cannot be read", property->id,
                     property->offset, list_name);
}

bool mqtt5_cursor_properties(mqtt5_cursor *c, mqtt5_property_list *list, const char *list_name)
{
    mqtt5_packet *packet = c->packet;
    uint32_t place = MQTT5_IN(list == &packet->will_properties ? MQTT5_WILL : packet->type), length = 0, at, end;
    int size;

    list->offset = c->at;
    if (c->stop)
        return false;
    size = mqtt5_read_variable_byte_integer(packet->data + c->at, c->limit - c->at, &length);
    if (size < 0 || (size == 0 && c->limit == c->end)) {
        if (c->at == c->end)
            mqtt5_report_by(c->findings, MQTT5_RULE_packet_malformed, c->owed ? c->owed : MQTT5_CLAUSE("MQTT-2.2.2-1"),
                            (mqtt5_range){c->at, 0}, "the packet ends at offset %u, before the Property Length", c->at);
        else
            mqtt5_report_by(c->findings, MQTT5_RULE_property_malformed, MQTT5_CLAUSE("1.5.5"),
                            (mqtt5_range){c->at, size < 0 ? 4 : c->end - c->at}, "the Property Length at offset %u %s", c->at,
                            size < 0 ? "has more than four bytes" : "ends with the packet");
        mqtt5_cursor_fail(c, MQTT5_MALFORMED);
        return false;
    }
    if (size == 0) {
        mqtt5_cursor_fail(c, MQTT5_CUT);
        return false;
    }
    c->at += (uint32_t)size;
    if (length > c->end - c->at) {
        mqtt5_report(c->findings, MQTT5_RULE_property_malformed, (mqtt5_range){list->offset, (uint32_t)size},
                     "the Property Length at offset %u is %u, but the packet ends after %u byte%s", list->offset, length, c->end - c->at,
                     c->end - c->at == 1 ? "" : "s");
        mqtt5_cursor_fail(c, MQTT5_MALFORMED);
        return false;
    }
    list->present = true;
    list->block.offset = c->at;
    list->block.length = length;
    if (length > c->limit - c->at) {
        mqtt5_cursor_fail(c, MQTT5_CUT);
        return false;
    }
    list->sound = true;
    list->faultless = MQTT5_FAULTLESS_FROM_ALL;
    for (at = c->at, end = c->at + length; at < end;) {
        mqtt5_property property;
        unsigned row;

        if (!mqtt5_property_read(packet, at, end, &property)) {
            list->sound = false;
            list->faultless = 0;
            report_bad_property(c, &property, list_name);
            break;
        }
        row = mqtt5_property_row(property.info);
        if (list->faultless != 0)
            list->faultless &= mqtt5_shortcut_property(packet, &property, place, list->seen >> row & 1);
        if (!(list->seen >> row & 1)) {
            list->seen |= UINT32_C(1) << row;
            list->first[row] = at;
        }
        list->count++;
        at += property.length;
    }
    c->at = end;
    return true;
}
