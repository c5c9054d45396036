/* packet.c
 * Reading a decoded packet: its properties and Topic Filters, one by one or by identifier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/packet.h"
#include "core/standard/reason_code.h"

bool mqtt5_property_read(const mqtt5_packet *packet, uint32_t offset, uint32_t end, mqtt5_property *property)
{
    const uint8_t *data = packet->data + offset;
    uint32_t left = end - offset, used;
    int size = 1;

    if (left > 0 && *data < 0x80) /* as all identifiers of the standard are */
        property->id = *data;
    else
        size = mqtt5_read_variable_byte_integer(data, left, &property->id);

    property->info = NULL;
    property->offset = offset;
    property->length = left;
    property->id_length = size > 0 ? (uint32_t)size : left;
    if (size <= 0)
        return false;
    property->info = mqtt5_property_get(property->id);
    if (!property->info)
        return false;
    used = (uint32_t)size;
    data += used;
    left -= used;
    switch (property->info->type) {
    case MQTT5_TYPE_BYTE:
        if (left < 1)
            return false;
        property->number = data[0];
        used += 1;
        break;
    case MQTT5_TYPE_TWO_BYTE:
        if (left < 2)
            return false;
        property->number = mqtt5_read_two_bytes(data);
        used += 2;
        break;
    case MQTT5_TYPE_FOUR_BYTE:
        if (left < 4)
            return false;
        property->number = mqtt5_read_four_bytes(data);
        used += 4;
        break;
    case MQTT5_TYPE_VARIABLE_BYTE:
        size = mqtt5_read_variable_byte_integer(data, left, &property->number);
        if (size <= 0)
            return false;
        used += (uint32_t)size;
        break;
    case MQTT5_TYPE_STRING:
    case MQTT5_TYPE_BINARY:
    case MQTT5_TYPE_STRING_PAIR:
        property->second.offset = property->second.length = 0;
        for (int half = 0; half < (property->info->type == MQTT5_TYPE_STRING_PAIR ? 2 : 1); half++) {
            mqtt5_range *text = half ? &property->second : &property->text;

            data = packet->data + offset + used;
            left = end - offset - used;
            if (left < 2)
                return false;
            text->offset = offset + used + 2;
            text->length = mqtt5_read_two_bytes(data);
            if (text->length > left - 2)
                return false;
            used += 2 + text->length;
        }
        break;
    }
    property->length = used;
    return true;
}

bool mqtt5_property_next(const mqtt5_packet *packet, const mqtt5_property_list *list, uint32_t *offset, mqtt5_property *property)
{
    uint32_t end = list->block.offset + list->block.length;

    if (!list->present || *offset >= end || end > packet->captured)
        return false;
    if (!mqtt5_property_read(packet, *offset, end, property))
        return false;
    *offset += property->length;
    return true;
}

bool mqtt5_property_has(const mqtt5_property_list *list, mqtt5_property_id id)
{
    const mqtt5_property_info *info = mqtt5_property_get(id);

    return info && (list->seen >> mqtt5_property_row(info) & 1);
}

bool mqtt5_property_find(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_property_id id, mqtt5_property *property)
{
    if (!mqtt5_property_has(list, id))
        return false;
    return mqtt5_property_read(packet, list->first[mqtt5_property_row(mqtt5_property_get(id))], list->block.offset + list->block.length,
                               property);
}

uint32_t mqtt5_property_number(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_property_id id, uint32_t otherwise)
{
    mqtt5_property property;

    property.number = otherwise;
    return mqtt5_property_find(packet, list, id, &property) ? property.number : otherwise;
}

bool mqtt5_topic_filter_next(const mqtt5_packet *packet, uint32_t *offset, mqtt5_topic_filter *filter)
{
    uint32_t end = MIN(packet->payload.offset + packet->payload.length, packet->captured);
    uint32_t options = packet->type == MQTT5_SUBSCRIBE ? 1 : 0;
    const uint8_t *data = packet->data + *offset;

    if (!(packet->has & MQTT5_HAS_PAYLOAD) || *offset > end || end - *offset < 2)
        return false;
    filter->offset = *offset;
    filter->filter.offset = *offset + 2;
    filter->filter.length = mqtt5_read_two_bytes(data);
    filter->length = 2 + filter->filter.length + options;
    if (filter->length > end - *offset)
        return false;
    filter->options = options ? data[2 + filter->filter.length] : 0;
    *offset += filter->length;
    return true;
}

static bool next_of_list(const mqtt5_packet *packet, uint32_t *offset, mqtt5_code *code)
{
    uint32_t end = MIN(packet->payload.offset + packet->payload.length, packet->captured);

    code->offset = *offset ? *offset : packet->payload.offset;
    code->return_code = packet->version < MQTT5_VERSION_5;
    /* UNSUBACK has no codes before MQTT 5. */
    if (!(packet->has & MQTT5_HAS_PAYLOAD) || code->offset >= end || (code->return_code && packet->type == MQTT5_UNSUBACK))
        return false;
    code->code = packet->data[code->offset];
    *offset = code->offset + 1;
    return true;
}

bool mqtt5_has_return_code(const mqtt5_packet *packet)
{
    if (packet->type != MQTT5_CONNACK || packet->properties.present)
        return false;
    return packet->version < MQTT5_VERSION_5 ? packet->reason_code != MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION
                                             : packet->reason_code < MQTT5_CODE_FAILURE;
}

bool mqtt5_code_next(const mqtt5_packet *packet, uint32_t *offset, mqtt5_code *code)
{
    if (packet->version == MQTT5_VERSION_UNKNOWN)
        return false;
    if (packet->type == MQTT5_SUBACK || packet->type == MQTT5_UNSUBACK)
        return next_of_list(packet, offset, code);
    if (*offset > 0 || !(packet->has & MQTT5_HAS_REASON_CODE))
        return false;
    code->code = packet->reason_code;
    code->offset = packet->reason_code_offset;
    code->return_code = mqtt5_has_return_code(packet);
    *offset = 1;
    return true;
}
