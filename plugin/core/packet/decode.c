/* decode.c
 * The decoder: one function a packet type over a cursor that cannot leave the packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/decode.h"

#include "core/packet/cursor.h"
#include "core/standard/reason_code.h"

static bool take_packet_id(mqtt5_cursor *c)
{
    c->packet->packet_id_offset = c->at;
    if (!mqtt5_cursor_two_bytes(c, "Packet Identifier", &c->packet->packet_id))
        return false;
    c->packet->has |= MQTT5_HAS_PACKET_ID;
    return true;
}

static bool take_reason_code(mqtt5_cursor *c)
{
    c->packet->reason_code_offset = c->at;
    if (!mqtt5_cursor_byte(c, c->packet->version >= MQTT5_VERSION_5 ? "Reason Code" : "Return Code", &c->packet->reason_code))
        return false;
    c->packet->has |= MQTT5_HAS_REASON_CODE;
    return true;
}

/* In a short form the reason code is left out and means 0x00 (3.4.2.1, 3.14.2.1, 3.15.2.1). */
static void imply_reason_code(mqtt5_cursor *c)
{
    c->packet->reason_code = 0;
    c->packet->reason_code_offset = 0;
    c->packet->has |= MQTT5_HAS_REASON_CODE;
}

static bool take_own_properties(mqtt5_cursor *c)
{
    return c->packet->version < MQTT5_VERSION_5 || mqtt5_cursor_properties(c, &c->packet->properties, "properties");
}

/* Packets without a payload end here (2.3). */
static void expect_end(mqtt5_cursor *c, const char *after)
{
    if (c->stop || c->at == c->end)
        return;
    mqtt5_report_by(mqtt5_cursor_is_explained(c) ? NULL : c->findings, MQTT5_RULE_packet_malformed, c->owed,
                    (mqtt5_range){c->at, c->end - c->at}, "%u byte%s left over at offset %u, after %s", c->end - c->at,
                    c->end - c->at == 1 ? "" : "s", c->at, after);
    mqtt5_cursor_fail(c, MQTT5_MALFORMED);
}

static void take_rest(mqtt5_cursor *c)
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

/* Levels 0x83 and 0x84 are 3 and 4 with the bit that mosquitto's bridges set. */
static uint8_t version_of_level(uint8_t level)
{
    if (level == 0x83 || level == 0x84)
        return level & 0x7F;
    return level >= MQTT5_VERSION_3_1 && level <= MQTT5_VERSION_5 ? level : MQTT5_VERSION_UNKNOWN;
}

/* A CONNECT is judged by the version that it asks for. */
static void set_version(mqtt5_cursor *c, uint8_t version)
{
    c->packet->version = version;
    if (c->findings)
        c->findings->version = version;
}

/* Reads a field that the statement `owed` demands. */
static bool take_owed(mqtt5_cursor *c, const mqtt5_clauses *owed, const char *field, mqtt5_range *range)
{
    bool there;

    c->owed = owed;
    there = mqtt5_cursor_text(c, field, range);
    c->owed = NULL;
    return there;
}

static bool take_will(mqtt5_cursor *c)
{
    static const mqtt5_clauses owed = {"MQTT-3.1.2-9", "MQTT-3.1.2-9", NULL};
    mqtt5_packet *packet = c->packet;
    bool there;

    c->owed = &owed;
    there = packet->version < MQTT5_VERSION_5 || mqtt5_cursor_properties(c, &packet->will_properties, "Will Properties");
    return there && take_owed(c, &owed, "Will Topic", &packet->will_topic) && take_owed(c, &owed, "Will Payload", &packet->will_payload);
}

/* Bytes after the last field that the Connect Flags announce are a field that they do not. */
static void expect_end_of_connect(mqtt5_cursor *c)
{
    static const mqtt5_clauses no_user_name = {"MQTT-3.1.2-16", "MQTT-3.1.2-18", NULL},
                               no_password = {"MQTT-3.1.2-18", "MQTT-3.1.2-20", NULL};
    uint8_t flags = c->packet->connect_flags;

    if (!(flags & MQTT5_CONNECT_USER_NAME))
        c->owed = &no_user_name;
    else if (!(flags & MQTT5_CONNECT_PASSWORD))
        c->owed = &no_password;
    expect_end(c, "the last field that the Connect Flags announce");
}

static void decode_connect(mqtt5_cursor *c)
{
    static const mqtt5_clauses client_id = {"MQTT-3.1.3-3", "MQTT-3.1.3-3", NULL}, user_name = {"MQTT-3.1.2-17", "MQTT-3.1.2-19", NULL},
                               password = {"MQTT-3.1.2-19", "MQTT-3.1.2-21", NULL};
    mqtt5_packet *packet = c->packet;

    set_version(c, MQTT5_VERSION_UNKNOWN);
    if (!mqtt5_cursor_text(c, "Protocol Name", &packet->protocol_name) ||
        !mqtt5_cursor_byte(c, "Protocol Version", &packet->protocol_level))
        return;
    set_version(c, version_of_level(packet->protocol_level));
    packet->connect_flags_offset = c->at;
    if (!mqtt5_cursor_byte(c, "Connect Flags", &packet->connect_flags) || !mqtt5_cursor_two_bytes(c, "Keep Alive", &packet->keep_alive))
        return;
    packet->has |= MQTT5_HAS_CONNECT_HEADER;
    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        /* What follows belongs to an unknown version. */
        if (!c->stop)
            packet->status = MQTT5_UNDECODED;
        return;
    }
    if (!take_own_properties(c) || !take_owed(c, &client_id, "Client Identifier", &packet->client_id))
        return;
    packet->has |= MQTT5_HAS_CLIENT_ID;
    if (packet->connect_flags & MQTT5_CONNECT_WILL) {
        if (!take_will(c))
            return;
        packet->has |= MQTT5_HAS_WILL;
    }
    /* MQTT 3.1 lets a client leave out fields that the flags announce: there the Remaining Length
     * wins. */
    if (packet->version == MQTT5_VERSION_3_1 && c->at == c->end)
        return;
    if (packet->connect_flags & MQTT5_CONNECT_USER_NAME) {
        if (!take_owed(c, &user_name, "User Name", &packet->user_name))
            return;
        packet->has |= MQTT5_HAS_USER_NAME;
    }
    if (packet->version == MQTT5_VERSION_3_1 && c->at == c->end)
        return;
    if (packet->connect_flags & MQTT5_CONNECT_PASSWORD) {
        if (!take_owed(c, &password, "Password", &packet->password))
            return;
        packet->has |= MQTT5_HAS_PASSWORD;
    }
    expect_end_of_connect(c);
}

static void decode_connack(mqtt5_cursor *c)
{
    mqtt5_packet *packet = c->packet;

    if (!mqtt5_cursor_byte(c, "Connect Acknowledge Flags", &packet->connack_flags))
        return;
    packet->has |= MQTT5_HAS_CONNACK_FLAGS;
    if (!take_reason_code(c))
        return;
    if (packet->version == MQTT5_VERSION_UNKNOWN) {
        packet->status = MQTT5_UNDECODED;
        return;
    }
    /* A server that knows no MQTT 5 refuses it in the form of 3.1.1; see also 3.1.2.2 on 0x84. */
    if (packet->version >= MQTT5_VERSION_5 && c->at == c->end &&
        (packet->reason_code == MQTT5_RETURN_CODE_VERSION || packet->reason_code == MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION))
        return;
    /* A client of an older or unknown version may get 0x84 in the form of MQTT 5. */
    if (packet->version < MQTT5_VERSION_5 && packet->reason_code == MQTT5_CODE_UNSUPPORTED_PROTOCOL_VERSION && c->end - c->at == 1 &&
        c->limit == c->end && packet->data[c->at] == 0) {
        c->at++;
        return;
    }
    if (packet->version >= MQTT5_VERSION_5 && c->at == c->end) {
        mqtt5_report_by(c->findings, MQTT5_RULE_packet_malformed, MQTT5_CLAUSE("MQTT-2.2.2-1"), (mqtt5_range){c->at, 0},
                        "the packet ends at offset %u, before the Property Length: "
                        "this is the form of MQTT 3.1.1, but the client asked for 5.0",
                        c->at);
        mqtt5_cursor_fail(c, MQTT5_MALFORMED);
        return;
    }
    if (take_own_properties(c))
        expect_end(c, packet->version >= MQTT5_VERSION_5 ? "the properties" : "the return code");
}

/* The properties cannot be read, but can two bytes later: the sender has put a Packet Identifier
 * before them. */
static void look_for_packet_id(mqtt5_cursor *c, uint32_t offset)
{
    mqtt5_packet packet = *c->packet;
    mqtt5_cursor guess = {.packet = &packet, .at = offset + 2, .end = c->end, .limit = c->limit};

    packet.properties.seen = packet.properties.count = 0;
    if (c->end - offset < 4 || !mqtt5_cursor_properties(&guess, &packet.properties, "") || !packet.properties.sound ||
        packet.properties.count == 0)
        return;
    mqtt5_report(c->findings, MQTT5_RULE_packet_identifier_qos_0, (mqtt5_range){offset, 2},
                 "the properties cannot be read at offset %u, but can from %u on: "
                 "a message of QoS 0 has no Packet Identifier",
                 offset, offset + 2);
}

static void decode_publish(mqtt5_cursor *c)
{
    static const mqtt5_clauses topic_name = {"MQTT-3.3.2-1", "MQTT-3.3.2-1", NULL};
    mqtt5_packet *packet = c->packet;
    uint32_t properties;

    if (!take_owed(c, &topic_name, "Topic Name", &packet->topic))
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

static void decode_ack(mqtt5_cursor *c)
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

static void decode_subscribe(mqtt5_cursor *c)
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

        if (mqtt5_cursor_text(c, "Topic Filter", &filter) && c->packet->type == MQTT5_SUBSCRIBE)
            mqtt5_cursor_byte(c, c->packet->version >= MQTT5_VERSION_5 ? "Subscription Options" : "Requested QoS", &options);
    }
}

static void decode_suback(mqtt5_cursor *c)
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

static void decode_disconnect_auth(mqtt5_cursor *c)
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

/* Reads the Remaining Length, after which the variable header starts. */
static bool decode_fixed_header(mqtt5_cursor *c)
{
    mqtt5_packet *packet = c->packet;
    uint32_t remaining = 0;
    int size;

    if (c->limit < 2) {
        mqtt5_cursor_fail(c, MQTT5_CUT);
        return false;
    }
    size = mqtt5_read_variable_byte_integer(packet->data + 1, c->limit - 1, &remaining);
    if (size < 0) {
        mqtt5_report(c->findings, MQTT5_RULE_remaining_length_malformed, (mqtt5_range){1, 4},
                     "the Remaining Length at offset 1 has more than four bytes: nothing after it can be decoded");
        mqtt5_cursor_fail(c, MQTT5_MALFORMED);
        return false;
    }
    if (size == 0) {
        mqtt5_cursor_fail(c, MQTT5_CUT);
        return false;
    }
    packet->header_length = (uint8_t)(1 + size);
    c->at = packet->header_length;
    if (remaining != c->end - c->at) {
        /* The caller's length is not that of this packet: only the packet's own bytes count. */
        c->end = MIN(c->end, c->at + remaining);
        c->limit = MIN(c->limit, c->end);
    }
    return true;
}

mqtt5_decode_status mqtt5_decode(mqtt5_packet *packet, const uint8_t *data, uint32_t captured, uint32_t length, unsigned version,
                                 mqtt5_findings *findings)
{
    mqtt5_cursor c = {.packet = packet, .findings = findings, .end = length, .limit = MIN(captured, length)};

    packet->data = data;
    packet->captured = c.limit;
    packet->length = length;
    packet->type = MQTT5_RESERVED;
    packet->flags = 0;
    packet->version = (uint8_t)version;
    packet->header_length = 0;
    packet->status = MQTT5_DECODED;
    packet->has = 0;
    /* Rules read these without asking whether the packet has them. */
    packet->reason_code = 0;
    packet->reason_code_offset = 0;
    packet->packet_id = 0;
    packet->properties.present = packet->properties.sound = false;
    packet->properties.faultless = 0;
    packet->properties.seen = packet->properties.count = 0;
    packet->will_properties.present = packet->will_properties.sound = false;
    packet->will_properties.faultless = 0;
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
