/* dialogue.c
 * Control packets in plain words: "0.012691 client: PUBLISH "demo/limit", QoS 1, id 1, 200 bytes
 * (frame 8)".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/dialogue.h"

#include "compat.h"
#include "core/standard/reason_code.h"

/* Of a SUBSCRIBE or SUBACK; the tree shows all. */
#define LIST_MAX 50
#define QUOTE_MAX 240

/* One packet on its way into the text. */
typedef struct {
    GString *text;
    const mqtt5_tap_record *record;
    unsigned number;
    packet_info *pinfo;
    mqtt5_packet packet;
} telling;

static void quote(const telling *t, mqtt5_range range)
{
    char buffer[QUOTE_MAX];

    g_string_append(t->text, mqtt5_quote(mqtt5_bytes(&t->packet, range), range.length, buffer, sizeof buffer));
}

static void tell_text(const telling *t, const char *name, mqtt5_range range)
{
    g_string_append_printf(t->text, ", %s ", name);
    quote(t, range);
}

static void tell_property(const telling *t, const char *name, mqtt5_property_id id)
{
    mqtt5_property property;

    if (mqtt5_property_find(&t->packet, &t->packet.properties, id, &property))
        tell_text(t, name, property.text);
}

static void tell_id(const telling *t)
{
    if (t->packet.has & MQTT5_HAS_PACKET_ID)
        g_string_append_printf(t->text, " id %u", t->packet.packet_id);
}

/* "Not authorized (0x87)"; what is no refusal has no number. */
static void tell_code(const telling *t, const mqtt5_code *code)
{
    g_string_append(t->text, mqtt5_code_name(t->packet.type, code->code, code->return_code));
    if (code->code >= 0x80 || (t->packet.type == MQTT5_CONNACK && code->code != 0))
        g_string_append_printf(t->text, " (0x%02x)", code->code);
}

/* All codes after a colon. What everybody expects, a 0x00, is said only in answers that people wait
 * for. */
static void tell_codes(const telling *t)
{
    bool lists = t->packet.type == MQTT5_SUBACK || t->packet.type == MQTT5_UNSUBACK || t->packet.type == MQTT5_CONNACK;
    uint32_t offset = 0, count = 0;
    mqtt5_code code;

    while (mqtt5_code_next(&t->packet, &offset, &code)) {
        if (count == LIST_MAX)
            g_string_append(t->text, ", ...");
        if (count++ >= LIST_MAX || (code.code == 0 && !lists))
            continue;
        g_string_append(t->text, count == 1 ? ": " : ", ");
        tell_code(t, &code);
    }
    tell_property(t, "reason", MQTT5_REASON_STRING);
}

static void tell_connect(const telling *t)
{
    const mqtt5_packet *packet = &t->packet;

    if (packet->has & MQTT5_HAS_CLIENT_ID) {
        g_string_append_c(t->text, ' ');
        quote(t, packet->client_id);
    }
    if (packet->has & MQTT5_HAS_CONNECT_HEADER) {
        bool clean = (packet->connect_flags & MQTT5_CONNECT_CLEAN_START) != 0;

        g_string_append_printf(t->text, ", %s, %s, Keep Alive %u s", mqtt5_version_name(packet->version),
                               clean ? "starts clean" : "goes on with its session", packet->keep_alive);
    }
    if (packet->has & MQTT5_HAS_USER_NAME)
        tell_text(t, "user name", packet->user_name);
    if (packet->has & MQTT5_HAS_PASSWORD)
        g_string_append(t->text, ", with a password");
    if (packet->has & MQTT5_HAS_WILL) {
        tell_text(t, "Will", packet->will_topic);
        g_string_append_printf(t->text, " of %u bytes", packet->will_payload.length);
    }
}

static void tell_connack(const telling *t)
{
    tell_codes(t);
    if ((t->packet.has & MQTT5_HAS_CONNACK_FLAGS) && (t->packet.connack_flags & 1))
        g_string_append(t->text, ", the session goes on");
    tell_property(t, "Client ID", MQTT5_ASSIGNED_CLIENT_IDENTIFIER);
}

static uint32_t captured_payload(const mqtt5_packet *packet)
{
    if (!(packet->has & MQTT5_HAS_PAYLOAD) || packet->payload.offset >= packet->captured)
        return 0;
    return MIN(packet->payload.length, packet->captured - packet->payload.offset);
}

static void tell_publish(const telling *t)
{
    const mqtt5_packet *packet = &t->packet;
    char buffer[QUOTE_MAX];
    uint32_t length, there = captured_payload(packet);
    const uint8_t *topic = mqtt5_tap_topic_bytes(t->record, t->number, packet, &length);

    g_string_append_printf(t->text, " %s", topic ? mqtt5_quote(topic, length, buffer, sizeof buffer) : "(topic not known)");
    g_string_append_printf(t->text, ", QoS %u", mqtt5_publish_qos(packet));
    if (packet->has & MQTT5_HAS_PACKET_ID)
        g_string_append_printf(t->text, ", id %u", packet->packet_id);
    if (mqtt5_publish_retain(packet))
        g_string_append(t->text, ", retained");
    if (mqtt5_publish_dup(packet))
        g_string_append(t->text, ", sent again");
    tell_property(t, "type", MQTT5_CONTENT_TYPE);
    tell_property(t, "response to", MQTT5_RESPONSE_TOPIC);
    g_string_append_printf(t->text, ", %u bytes", packet->payload.length);
    if (there < packet->payload.length)
        g_string_append_printf(t->text, " (%u captured)", there);
}

static void tell_filters(const telling *t)
{
    uint32_t offset = t->packet.payload.offset, count = 0;
    mqtt5_topic_filter filter;

    tell_id(t);
    while (count < LIST_MAX && mqtt5_topic_filter_next(&t->packet, &offset, &filter)) {
        g_string_append(t->text, count++ == 0 ? ": " : ", ");
        quote(t, filter.filter);
        if (t->packet.type == MQTT5_SUBSCRIBE)
            g_string_append_printf(t->text, " QoS %u", filter.options & MQTT5_OPTION_QOS);
    }
    if (count == LIST_MAX && mqtt5_topic_filter_next(&t->packet, &offset, &filter))
        g_string_append(t->text, ", ...");
}

static void tell_packet(const telling *t)
{
    g_string_append(t->text, mqtt5_packet_type_get(t->packet.type)->name);
    switch (t->packet.type) {
    case MQTT5_CONNECT: tell_connect(t); break;
    case MQTT5_CONNACK: tell_connack(t); break;
    case MQTT5_PUBLISH: tell_publish(t); break;
    case MQTT5_SUBSCRIBE:
    case MQTT5_UNSUBSCRIBE: tell_filters(t); break;
    case MQTT5_AUTH:
        tell_codes(t);
        tell_property(t, "method", MQTT5_AUTHENTICATION_METHOD);
        break;
    default:
        tell_id(t);
        tell_codes(t);
        break;
    }
}

static void tell_findings(GString *text, const mqtt5_frozen_packet *frozen)
{
    const mqtt5_frozen_findings *findings = frozen->findings;
    char message[MQTT5_MESSAGE_SIZE];

    for (unsigned i = 0; findings && i < findings->count; i++) {
        const mqtt5_frozen_finding *finding = &findings->items[i];
        mqtt5_severity severity = mqtt5_rule_get(finding->rule)->severity;

        if (mqtt5_rule_is_finding(finding->rule) && severity > MQTT5_SEVERITY_CHAT)
            g_string_append_printf(text, "    %s: %s\n", mqtt5_severity_name(severity),
                                   mqtt5_finding_message((mqtt5_packet_type)frozen->facts.type, (mqtt5_sender)frozen->facts.sender,
                                                         finding->rule, finding->text, finding->clause, message));
    }
    if (findings && findings->cause_text)
        g_string_append_printf(text, "    Cause: %s\n", findings->cause_text);
}

static void tell_payload(const telling *t)
{
    uint32_t length = captured_payload(&t->packet);

    if (t->packet.type != MQTT5_PUBLISH || length == 0)
        return;
    g_string_append_len(t->text, (const char *)mqtt5_bytes(&t->packet, t->packet.payload), (gssize)length);
    if (t->text->str[t->text->len - 1] != '\n')
        g_string_append_c(t->text, '\n');
}

void mqtt5_dialogue_append(GString *text, const mqtt5_tap_record *record, unsigned number, packet_info *pinfo)
{
    const mqtt5_frozen_packet *frozen = &record->packets[number];
    telling t = {.text = text, .record = record, .number = number, .pinfo = pinfo};
    bool whole = frozen->facts.type != MQTT5_CLOSE && frozen->facts.type != MQTT5_BYTES && !frozen->facts.is_header;

    if (!whole && frozen->facts.type != MQTT5_CLOSE && !frozen->findings)
        return;
    g_string_append_printf(text, "%.6f %s: ", nstime_to_sec(&pinfo->rel_ts), mqtt5_sender_name((mqtt5_sender)frozen->facts.sender));
    if (whole) {
        mqtt5_tap_decode(record, number, &t.packet);
        tell_packet(&t);
    } else {
        g_string_append(text, frozen->facts.type == MQTT5_CLOSE ? "closes the connection" : "bytes that are no whole packet");
    }
    g_string_append_printf(text, " (frame %u)\n", pinfo->num);
    tell_findings(text, frozen);
    if (whole)
        tell_payload(&t);
}
