/* decode.c
 * The decoder: one function a packet type over a cursor that cannot leave the packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "decode.h"

#include "plain.h"

/* Where the decoder is. `end` is the packet's end, `limit` the end of what was captured of it. Once something is wrong, `stop` is set and every read fails. */
typedef struct {
    mqtt5_packet *packet;
    mqtt5_findings *findings;
    uint32_t at, end, limit;
    bool stop;
} cursor;

int mqtt5_read_variable_byte_integer(const uint8_t *data, uint32_t available, uint32_t *value)
{
    uint32_t result = 0;

    if (available > 0 && data[0] < 0x80) { /* nearly always */
        *value = data[0];
        return 1;
    }
    for (uint32_t i = 0; i < 4; i++) {
        if (i == available)
            return 0;
        result |= (uint32_t)(data[i] & 0x7F) << (7 * i);
        if (!(data[i] & 0x80)) {
            *value = result;
            return (int)i + 1;
        }
    }
    return -1;
}

static void fail(cursor *c, mqtt5_decode_status status)
{
    c->stop = true;
    c->packet->status = status;
}

/* True if a property list that is malformed may have ended elsewhere: that what is behind it does not fit is then no fault of its own. */
static bool is_explained(const cursor *c)
{
    return c->findings && mqtt5_findings_has(c->findings, MQTT5_RULE_PROPERTY_MALFORMED);
}

/* The next `length` bytes as `field`; false, with the finding, where the packet ends before, or silently where the capture does. */
static bool take(cursor *c, uint32_t length, const char *field, uint32_t *offset)
{
    if (c->stop)
        return false;
    if (length > c->end - c->at) {
        mqtt5_report(is_explained(c) ? NULL : c->findings, MQTT5_RULE_PACKET_MALFORMED, c->at, c->end - c->at, NULL,
                     "%s at offset %u needs %u byte%s, but the packet ends after %u", field, c->at, length, length == 1 ? "" : "s",
                     c->end - c->at);
        fail(c, MQTT5_MALFORMED);
        return false;
    }
    if (length > c->limit - c->at) {
        fail(c, MQTT5_CUT);
        return false;
    }
    *offset = c->at;
    c->at += length;
    return true;
}

static bool take_byte(cursor *c, const char *field, uint8_t *value)
{
    uint32_t offset;

    if (!take(c, 1, field, &offset))
        return false;
    *value = c->packet->data[offset];
    return true;
}

static bool take_two_bytes(cursor *c, const char *field, uint16_t *value)
{
    const uint8_t *data = c->packet->data;
    uint32_t offset;

    if (!take(c, 2, field, &offset))
        return false;
    *value = (uint16_t)(data[offset] << 8 | data[offset + 1]);
    return true;
}

/* A UTF-8 string or binary data: a two byte length and that many bytes. */
static bool take_text(cursor *c, const char *field, mqtt5_range *range)
{
    uint32_t start = c->at;
    uint16_t length;

    if (!take_two_bytes(c, field, &length))
        return false;
    if (length > c->end - c->at) {
        mqtt5_report(is_explained(c) ? NULL : c->findings, MQTT5_RULE_PACKET_MALFORMED, start, c->end - start, NULL,
                     "%s at offset %u says it has %u bytes, but the packet ends after %u", field, start, length, c->end - c->at);
        fail(c, MQTT5_MALFORMED);
        return false;
    }
    range->length = length;
    return take(c, length, field, &range->offset);
}

static bool take_packet_id(cursor *c)
{
    c->packet->packet_id_offset = c->at;
    if (!take_two_bytes(c, "Packet Identifier", &c->packet->packet_id))
        return false;
    c->packet->has |= MQTT5_HAS_PACKET_ID;
    return true;
}

static bool take_reason_code(cursor *c)
{
    c->packet->reason_code_offset = c->at;
    if (!take_byte(c, c->packet->version >= MQTT5_VERSION_5 ? "Reason Code" : "Return Code", &c->packet->reason_code))
        return false;
    c->packet->has |= MQTT5_HAS_REASON_CODE;
    return true;
}

/* In a short form the reason code is left out and means 0x00 (3.4.2.1, 3.14.2.1, 3.15.2.1). */
static void imply_reason_code(cursor *c)
{
    c->packet->reason_code = 0;
    c->packet->reason_code_offset = 0;
    c->packet->has |= MQTT5_HAS_REASON_CODE;
}

/* Any sender, as in mqtt5_property_list.plain. */
#define ANYBODY (1 << MQTT5_SENDER_UNKNOWN | 1 << MQTT5_CLIENT | 1 << MQTT5_SERVER)

/* True for a property whose value no rule on properties or strings has anything to say of. */
static bool is_plain_value(const mqtt5_packet *packet, const mqtt5_property *property)
{
    const mqtt5_property_info *info = property->info;

    switch (info->type) {
    case MQTT5_TYPE_VARIABLE_BYTE: return property->length == 2 && property->number >= info->minimum;
    case MQTT5_TYPE_BYTE:
    case MQTT5_TYPE_TWO_BYTE:
    case MQTT5_TYPE_FOUR_BYTE: return property->number >= info->minimum && property->number <= info->maximum;
    case MQTT5_TYPE_BINARY: return true;
    case MQTT5_TYPE_STRING:
        if (property->id == MQTT5_RESPONSE_TOPIC)
            return mqtt5_is_plain_topic(mqtt5_bytes(packet, property->text), property->text.length);
        return mqtt5_is_plain_text(mqtt5_bytes(packet, property->text), property->text.length);
    default:
        return mqtt5_is_plain_text(mqtt5_bytes(packet, property->text), property->text.length) &&
               mqtt5_is_plain_text(mqtt5_bytes(packet, property->second), property->second.length);
    }
}

/* Of whom no rule would have anything to say of this property: as in mqtt5_property_list.plain. */
static uint8_t is_plain_from(const mqtt5_packet *packet, const mqtt5_property *property, uint32_t place, bool repeated)
{
    const mqtt5_property_info *info = property->info;

    if (property->id_length > 1 || (repeated && !(info->repeatable & place)) || !((info->client | info->server) & place) ||
        !is_plain_value(packet, property))
        return 0;
    /* Packets that both may send, with a property that one side only may send. */
    if ((info->client & place) != (info->server & place) && ((MQTT5_IN(MQTT5_PUBLISH) | MQTT5_IN(MQTT5_DISCONNECT)) & place))
        return 1 << MQTT5_SENDER_UNKNOWN | 1 << (info->client & place ? MQTT5_CLIENT : MQTT5_SERVER);
    return ANYBODY;
}

/* Says why the property at `property` could not be read. */
static void report_bad_property(cursor *c, const mqtt5_property *property, const char *list_name)
{
    uint32_t end = property->offset + property->length;

    if (property->info)
        mqtt5_report(c->findings, MQTT5_RULE_PROPERTY_MALFORMED, property->offset, property->length, NULL,
                     "the value of %s (0x%02x) at offset %u runs past the end of the %s at offset %u", property->info->name, property->id,
                     property->offset, list_name, end);
    else if (property->id_length == property->length &&
             mqtt5_read_variable_byte_integer(c->packet->data + property->offset, property->length, &(uint32_t){0}) <= 0)
        mqtt5_report(c->findings, MQTT5_RULE_PROPERTY_MALFORMED, property->offset, property->length, NULL,
                     "the property identifier at offset %u is no Variable Byte Integer within the %s", property->offset, list_name);
    else
        mqtt5_report(c->findings, MQTT5_RULE_PROPERTY_UNKNOWN, property->offset, property->id_length, NULL,
                     "property identifier 0x%02x at offset %u does not exist; what follows in the %s cannot be read", property->id,
                     property->offset, list_name);
}

/* Property Length and properties. False where nothing behind them can be decoded. */
static bool take_properties(cursor *c, mqtt5_property_list *list, const char *list_name)
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
            mqtt5_report(c->findings, MQTT5_RULE_PACKET_MALFORMED, c->at, 0, "MQTT-2.2.2-1",
                         "the packet ends at offset %u, before the Property Length", c->at);
        else
            mqtt5_report(c->findings, MQTT5_RULE_PROPERTY_MALFORMED, c->at, size < 0 ? 4 : c->end - c->at, "1.5.5",
                         "the Property Length at offset %u %s", c->at, size < 0 ? "has more than four bytes" : "ends with the packet");
        fail(c, MQTT5_MALFORMED);
        return false;
    }
    if (size == 0) {
        fail(c, MQTT5_CUT);
        return false;
    }
    c->at += (uint32_t)size;
    if (length > c->end - c->at) {
        mqtt5_report(c->findings, MQTT5_RULE_PROPERTY_MALFORMED, list->offset, (uint32_t)size, NULL,
                     "the Property Length at offset %u is %u, but the packet ends after %u byte%s", list->offset, length, c->end - c->at,
                     c->end - c->at == 1 ? "" : "s");
        fail(c, MQTT5_MALFORMED);
        return false;
    }
    list->present = true;
    list->block.offset = c->at;
    list->block.length = length;
    if (length > c->limit - c->at) {
        fail(c, MQTT5_CUT);
        return false;
    }
    list->sound = true;
    list->plain = ANYBODY;
    for (at = c->at, end = c->at + length; at < end;) {
        mqtt5_property property;
        unsigned row;

        if (!mqtt5_property_read(packet, at, end, &property)) {
            list->sound = false;
            list->plain = 0;
            report_bad_property(c, &property, list_name);
            break;
        }
        row = mqtt5_property_row(property.info);
        if (list->plain != 0)
            list->plain &= is_plain_from(packet, &property, place, list->seen >> row & 1);
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

static bool take_own_properties(cursor *c)
{
    return c->packet->version < MQTT5_VERSION_5 || take_properties(c, &c->packet->properties, "properties");
}

/* Packets without a payload end here (2.3). */
static void expect_end(cursor *c, const char *after)
{
    if (c->stop || c->at == c->end)
        return;
    mqtt5_report(is_explained(c) ? NULL : c->findings, MQTT5_RULE_PACKET_MALFORMED, c->at, c->end - c->at, NULL,
                 "%u byte%s left over at offset %u, behind %s", c->end - c->at, c->end - c->at == 1 ? "" : "s", c->at, after);
    fail(c, MQTT5_MALFORMED);
}

static void take_rest(cursor *c)
{
    if (c->stop)
        return;
    c->packet->payload.offset = c->at;
    c->packet->payload.length = c->end - c->at;
    c->packet->has |= MQTT5_HAS_PAYLOAD;
    if (c->limit < c->end)
        c->packet->status = MQTT5_CUT;
    c->at = c->end;
}

/* Levels 0x83 and 0x84 are 3 and 4 with the mark that mosquitto's bridges set. */
static uint8_t version_of_level(uint8_t level)
{
    if (level == 0x83 || level == 0x84)
        return level & 0x7F;
    return level >= MQTT5_VERSION_3_1 && level <= MQTT5_VERSION_5 ? level : MQTT5_VERSION_UNKNOWN;
}

static void decode_connect(cursor *c)
{
    mqtt5_packet *packet = c->packet;

    packet->version = MQTT5_VERSION_UNKNOWN;
    if (!take_text(c, "Protocol Name", &packet->protocol_name) || !take_byte(c, "Protocol Version", &packet->protocol_level))
        return;
    packet->version = version_of_level(packet->protocol_level);
    packet->connect_flags_offset = c->at;
    if (!take_byte(c, "Connect Flags", &packet->connect_flags) || !take_two_bytes(c, "Keep Alive", &packet->keep_alive))
        return;
    packet->has |= MQTT5_HAS_CONNECT_HEADER;
    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        /* What follows belongs to a version that nobody here knows. */
        if (!c->stop)
            packet->status = MQTT5_UNDECODED;
        return;
    }
    if (!take_own_properties(c) || !take_text(c, "Client Identifier", &packet->client_id))
        return;
    packet->has |= MQTT5_HAS_CLIENT_ID;
    if (packet->connect_flags & MQTT5_CONNECT_WILL) {
        if (packet->version >= MQTT5_VERSION_5 && !take_properties(c, &packet->will_properties, "Will Properties"))
            return;
        if (!take_text(c, "Will Topic", &packet->will_topic) || !take_text(c, "Will Payload", &packet->will_payload))
            return;
        packet->has |= MQTT5_HAS_WILL;
    }
    /* MQTT 3.1 lets a client leave out fields that the flags announce: there the Remaining Length wins. */
    if (packet->version == MQTT5_VERSION_3_1 && c->at == c->end)
        return;
    if (packet->connect_flags & MQTT5_CONNECT_USER_NAME) {
        if (!take_text(c, "User Name", &packet->user_name))
            return;
        packet->has |= MQTT5_HAS_USER_NAME;
    }
    if (packet->version == MQTT5_VERSION_3_1 && c->at == c->end)
        return;
    if (packet->connect_flags & MQTT5_CONNECT_PASSWORD) {
        if (!take_text(c, "Password", &packet->password))
            return;
        packet->has |= MQTT5_HAS_PASSWORD;
    }
    expect_end(c, "the last field that the Connect Flags announce");
}

static void decode_connack(cursor *c)
{
    mqtt5_packet *packet = c->packet;

    if (!take_byte(c, "Connect Acknowledge Flags", &packet->connack_flags))
        return;
    packet->has |= MQTT5_HAS_CONNACK_FLAGS;
    if (!take_reason_code(c))
        return;
    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        packet->status = MQTT5_UNDECODED;
        return;
    }
    /* A server that knows no MQTT 5 refuses it in the form of 3.1.1; see also 3.1.2.2 on 0x84. */
    if (packet->version >= MQTT5_VERSION_5 && c->at == c->end && (packet->reason_code == 0x01 || packet->reason_code == 0x84))
        return;
    /* A client of an older version, or of none known, may be told 0x84 in the form of MQTT 5. */
    if (packet->version < MQTT5_VERSION_5 && packet->reason_code == 0x84 && c->end - c->at == 1 && c->limit == c->end &&
        packet->data[c->at] == 0) {
        c->at++;
        return;
    }
    if (packet->version >= MQTT5_VERSION_5 && c->at == c->end) {
        mqtt5_report(c->findings, MQTT5_RULE_PACKET_MALFORMED, c->at, 0, "MQTT-2.2.2-1",
                     "the packet ends at offset %u, before the Property Length: this is the form of MQTT 3.1.1, but the client asked for 5.0",
                     c->at);
        fail(c, MQTT5_MALFORMED);
        return;
    }
    if (take_own_properties(c))
        expect_end(c, packet->version >= MQTT5_VERSION_5 ? "the properties" : "the return code");
}

/* Properties that cannot be read, but can from two bytes further on: the sender has put a Packet Identifier before them. */
static void look_for_packet_id(cursor *c, uint32_t offset)
{
    mqtt5_packet packet = *c->packet;
    cursor guess = {&packet, NULL, offset + 2, c->end, c->limit, false};

    packet.properties.seen = packet.properties.count = 0;
    if (c->end - offset < 4 || !take_properties(&guess, &packet.properties, "") || !packet.properties.sound || packet.properties.count == 0)
        return;
    mqtt5_report(c->findings, MQTT5_RULE_PACKET_IDENTIFIER_QOS_0, offset, 2, NULL,
                 "the properties cannot be read at offset %u, but can from %u on: a message of QoS 0 has no Packet Identifier (suspected)",
                 offset, offset + 2);
}

static void decode_publish(cursor *c)
{
    mqtt5_packet *packet = c->packet;
    uint32_t properties;

    if (!take_text(c, "Topic Name", &packet->topic))
        return;
    packet->has |= MQTT5_HAS_TOPIC;
    if (mqtt5_publish_qos(packet) > 0 && !take_packet_id(c))
        return;
    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        packet->status = MQTT5_UNDECODED;
        return;
    }
    properties = c->at;
    if (take_own_properties(c))
        take_rest(c);
    if (packet->version >= MQTT5_VERSION_5 && mqtt5_publish_qos(packet) == 0 && !packet->properties.sound && c->limit == c->end)
        look_for_packet_id(c, properties);
}

static void decode_ack(cursor *c)
{
    mqtt5_packet *packet = c->packet;

    if (!take_packet_id(c))
        return;
    if (packet->version == MQTT5_VERSION_UNKNOWN && c->at < c->end) {
        packet->status = MQTT5_UNDECODED;
        return;
    }
    if (packet->version < MQTT5_VERSION_5) {
        expect_end(c, "the Packet Identifier");
        return;
    }
    if (c->at == c->end) {
        imply_reason_code(c);
        return;
    }
    if (!take_reason_code(c) || c->at == c->end)
        return;
    if (take_own_properties(c))
        expect_end(c, "the properties");
}

static void decode_subscribe(cursor *c)
{
    if (!take_packet_id(c))
        return;
    if (c->packet->version == MQTT5_VERSION_UNKNOWN) {
        c->packet->status = MQTT5_UNDECODED;
        return;
    }
    if (!take_own_properties(c))
        return;
    c->packet->payload.offset = c->at;
    c->packet->payload.length = c->end - c->at;
    c->packet->has |= MQTT5_HAS_PAYLOAD;
    while (!c->stop && c->at < c->end) {
        mqtt5_range filter;
        uint8_t options;

        if (take_text(c, "Topic Filter", &filter) && c->packet->type == MQTT5_SUBSCRIBE)
            take_byte(c, c->packet->version >= MQTT5_VERSION_5 ? "Subscription Options" : "Requested QoS", &options);
    }
}

static void decode_suback(cursor *c)
{
    mqtt5_packet *packet = c->packet;

    if (!take_packet_id(c))
        return;
    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        packet->status = MQTT5_UNDECODED;
        return;
    }
    if (packet->type == MQTT5_UNSUBACK && packet->version < MQTT5_VERSION_5) {
        expect_end(c, "the Packet Identifier");
        return;
    }
    if (take_own_properties(c))
        take_rest(c);
}

static void decode_disconnect_auth(cursor *c)
{
    mqtt5_packet *packet = c->packet;

    if (packet->version == MQTT5_VERSION_UNKNOWN && c->at < c->end) {
        packet->status = MQTT5_UNDECODED;
        return;
    }
    if (packet->version < MQTT5_VERSION_5) {
        expect_end(c, "the fixed header");
        return;
    }
    if (c->at == c->end) {
        imply_reason_code(c);
        return;
    }
    if (!take_reason_code(c))
        return;
    /* A DISCONNECT of one byte has no properties (3.14.2.2.1); AUTH has no such rule. */
    if (packet->type == MQTT5_DISCONNECT && c->at == c->end)
        return;
    if (take_own_properties(c))
        expect_end(c, "the properties");
}

/* Remaining Length, and with it the place where the variable header starts. */
static bool decode_fixed_header(cursor *c)
{
    mqtt5_packet *packet = c->packet;
    uint32_t remaining = 0;
    int size;

    if (c->limit < 2) {
        fail(c, MQTT5_CUT);
        return false;
    }
    size = mqtt5_read_variable_byte_integer(packet->data + 1, c->limit - 1, &remaining);
    if (size < 0) {
        mqtt5_report(c->findings, MQTT5_RULE_REMAINING_LENGTH_MALFORMED, 1, 4, NULL,
                     "the Remaining Length at offset 1 has more than four bytes: nothing behind it can be decoded");
        fail(c, MQTT5_MALFORMED);
        return false;
    }
    if (size == 0) {
        fail(c, MQTT5_CUT);
        return false;
    }
    packet->header_length = (uint8_t)(1 + size);
    c->at = packet->header_length;
    if (remaining != c->end - c->at) {
        /* The caller's length is not this packet's: only its own bytes count. */
        c->end = MIN(c->end, c->at + remaining);
        c->limit = MIN(c->limit, c->end);
    }
    return true;
}

mqtt5_decode_status mqtt5_decode(mqtt5_packet *packet, const uint8_t *data, uint32_t captured, uint32_t length, unsigned version,
                                 mqtt5_findings *findings)
{
    cursor c = {packet, findings, 0, length, MIN(captured, length), false};

    packet->data = data;
    packet->captured = c.limit;
    packet->length = length;
    packet->type = MQTT5_RESERVED;
    packet->flags = 0;
    packet->version = (uint8_t)version;
    packet->header_length = 0;
    packet->status = MQTT5_DECODED;
    packet->has = 0;
    /* Rules look at these without asking whether the packet reaches so far. */
    packet->reason_code = 0;
    packet->reason_code_offset = 0;
    packet->packet_id = 0;
    packet->properties.present = packet->properties.sound = false;
    packet->properties.plain = 0;
    packet->properties.seen = packet->properties.count = 0;
    packet->will_properties.present = packet->will_properties.sound = false;
    packet->will_properties.plain = 0;
    packet->will_properties.seen = packet->will_properties.count = 0;
    if (c.limit == 0)
        return packet->status = MQTT5_CUT;
    packet->type = (mqtt5_packet_type)(data[0] >> 4);
    packet->flags = data[0] & 0x0F;
    if (!decode_fixed_header(&c))
        return packet->status;

    switch (packet->type) {
    case MQTT5_CONNECT: decode_connect(&c); break;
    case MQTT5_CONNACK: decode_connack(&c); break;
    case MQTT5_PUBLISH: decode_publish(&c); break;
    case MQTT5_PUBACK:
    case MQTT5_PUBREC:
    case MQTT5_PUBREL:
    case MQTT5_PUBCOMP: decode_ack(&c); break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE: decode_subscribe(&c); break;
    case MQTT5_SUBACK:
    case MQTT5_UNSUBACK: decode_suback(&c); break;
    case MQTT5_PINGREQ:
    case MQTT5_PINGRESP: expect_end(&c, "the fixed header"); break;
    case MQTT5_DISCONNECT:
    case MQTT5_AUTH: decode_disconnect_auth(&c); break;
    default: break; /* reserved: check_header.c says so */
    }
    return packet->status;
}
