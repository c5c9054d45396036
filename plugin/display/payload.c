/* payload.c
 * Shows the payload of a PUBLISH by the dissector that the user's table names for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/payload.h"

#include <string.h>

#include <epan/exceptions.h>
#include <epan/strutil.h>
#include <wsutil/wsjson.h>

#include "compat.h"
#include "display/payload_table.h"

/* The message of Sparkplug B in its published schema. */
#define SPARKPLUG_MESSAGE "com.cirruslink.sparkplug.protobuf.Payload"

static int hf_decoder = -1;
static int ett_payload = -1;
static expert_field ei_mismatch = EI_INIT;

void mqtt5_payload_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_decoder,
         {"Payload decoder", "mqtt5.payload.decoder", FT_STRING, BASE_NONE, NULL, 0,
          "The decoder that your table of payload decoders names for the message; what it shows is below", HFILL}}};
    static int *ett[] = {&ett_payload};
    static ei_register_info ei[] = {
        {&ei_mismatch,
         {"mqtt5.payload.mismatch", PI_UNDECODED, PI_CHAT, "The payload does not fit the decoder that the table names", EXPFILL}}};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto), ei, array_length(ei));
    mqtt5_payload_table_register();
}

/* --- Does it fit? --- */

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) && *at)
        at++;
    return at;
}

/* Wireshark takes any word for JSON; only these are. */
static bool is_json_word(const char *at, const char *end)
{
    size_t length = (size_t)(end - at);

    while (length > 0 && strchr(" \t\r\n", at[length - 1]) && at[length - 1])
        length--;
    if ((length == 4 && (strncmp(at, "true", 4) == 0 || strncmp(at, "null", 4) == 0)) || (length == 5 && strncmp(at, "false", 5) == 0))
        return true;
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isdigit(at[i]) && !(at[i] && strchr("+-.eE", at[i])))
            return false;
    return length > 0;
}

/* What Wireshark's dissector would show without a word although it is no such thing. */
static bool is_like(const char *decoder, const char *data, size_t length)
{
    const char *end = data + length, *start = skip_space(data, end);

    if (strcmp(decoder, "json") == 0) {
        if (start == end || !strchr("{[\"", *start) || !*start)
            return is_json_word(start, end);
        return json_validate((const guint8 *)data, length);
    }
    if (strcmp(decoder, "xml") == 0)
        return start < end && *start == '<';
    return strcmp(decoder, "text") != 0 || g_utf8_validate(data, (gssize)length, NULL);
}

static bool is_compressed(unsigned compression, const uint8_t *data, size_t length)
{
    bool gzip = length > 2 && data[0] == 0x1F && data[1] == 0x8B;
    bool zlib = length > 2 && (data[0] & 15) == 8 && (data[0] << 8 | data[1]) % 31 == 0;

    switch (compression) {
    case MQTT5_PAYLOAD_GZIP: return gzip;
    case MQTT5_PAYLOAD_ZLIB: return zlib;
    default: return !gzip && length > 0;
    }
}

/* --- Decoding --- */

static const char *compression_name(unsigned compression)
{
    static const char *const names[] = {"", "gzip", "zlib", "deflate"};

    return names[MIN(compression, G_N_ELEMENTS(names) - 1)];
}

/* What the payload is after decompression; NULL if it cannot be that. */
static tvbuff_t *uncompress(const mqtt5_rendering *r, tvbuff_t *payload, unsigned compression)
{
    int length = (int)tvb_captured_length(payload);
    tvbuff_t *plain;

    if (!is_compressed(compression, tvb_get_ptr(payload, 0, length), (size_t)length))
        return NULL;
    plain = mqtt5_uncompress(r->tvb, payload, 0, length);
    if (plain)
        add_new_data_source(r->pinfo, plain, "Decompressed payload");
    return plain;
}

/* What the dissector has to be told. */
static void *data_of(const mqtt5_payload_entry *entry, wmem_allocator_t *pool)
{
    const char *type = strcmp(entry->decoder, "sparkplug") == 0 ? SPARKPLUG_MESSAGE : entry->message_type;

    if (strcmp(mqtt5_payload_dissector(entry->decoder), "protobuf") != 0 || !type[0])
        return NULL;
    return wmem_strconcat(pool, "message,", type, NULL);
}

/* Calls the dissector; returns how many bytes it takes, or -1 if it finds the payload malformed. It
 * must not change what stock shows, or ask TCP for more. */
static int call(const mqtt5_rendering *r, dissector_handle_t handle, tvbuff_t *tvb, proto_tree *tree, void *data)
{
    packet_info *pinfo = r->pinfo;
    const char *protocol = pinfo->current_proto;
    bool writable = col_get_writable(pinfo->cinfo, -1);
    uint16_t can_desegment = pinfo->can_desegment;
    int desegment_offset = (int)pinfo->desegment_offset;
    uint32_t desegment_len = pinfo->desegment_len;
    volatile int used = -1;

    col_set_writable(pinfo->cinfo, -1, false);
    pinfo->can_desegment = 0;
    TRY
    {
        used = call_dissector_only(handle, tvb, pinfo, tree, data);
    }
    CATCH_NONFATAL_ERRORS
    {
        used = -1;
    }
    ENDTRY;
    col_set_writable(pinfo->cinfo, -1, writable);
    pinfo->can_desegment = can_desegment;
    pinfo->desegment_offset = desegment_offset;
    pinfo->desegment_len = desegment_len;
    pinfo->current_proto = protocol;
    return used;
}

/* Wireshark marks an item with the worst of what is below it. */
static bool has_complaint(proto_item *item)
{
    return item && PITEM_FINFO(item) && FI_GET_FLAG(PITEM_FINFO(item), PI_SEVERITY_MASK) >= PI_WARN;
}

static void decode(const mqtt5_rendering *r, const mqtt5_payload_entry *entry, tvbuff_t *payload, proto_item *item)
{
    dissector_handle_t handle = find_dissector(mqtt5_payload_dissector(entry->decoder));
    proto_tree *tree = item ? proto_item_add_subtree(item, ett_payload) : NULL;
    tvbuff_t *plain = entry->compression == MQTT5_PAYLOAD_PLAIN ? payload : uncompress(r, payload, entry->compression);
    int length, used;

    if (!plain) {
        expert_add_info_format(r->pinfo, item, &ei_mismatch, "The payload is not decoded: it is not %s",
                               compression_name(entry->compression));
        return;
    }
    length = (int)tvb_captured_length(plain);
    if (!handle || !is_like(entry->decoder, (const char *)tvb_get_ptr(plain, 0, length), (size_t)length)) {
        expert_add_info_format(r->pinfo, item, &ei_mismatch, "The payload is not decoded: it is not %s", entry->decoder);
        return;
    }
    used = call(r, handle, plain, tree, data_of(entry, r->pinfo->pool));
    if (used <= 0 || has_complaint(item))
        expert_add_info_format(r->pinfo, item, &ei_mismatch, "The payload does not fit the decoder %s", entry->decoder);
    else if (used < length)
        expert_add_info_format(r->pinfo, item, &ei_mismatch, "The decoder %s takes %d of the %d bytes of the payload", entry->decoder, used,
                               length);
}

void mqtt5_render_payload(const mqtt5_rendering *r)
{
    const mqtt5_packet *packet = r->packet;
    const mqtt5_publication *publication = r->frozen->facts.detail.publication;
    const uint8_t *topic = NULL, *type = NULL;
    uint32_t topic_length = 0, type_length = 0;
    const mqtt5_payload_entry *entry;
    mqtt5_property property;
    proto_item *item;

    if (!(packet->has & MQTT5_HAS_PAYLOAD) || packet->payload.length == 0 ||
        packet->payload.offset + packet->payload.length > packet->captured)
        return;
    if ((packet->has & MQTT5_HAS_TOPIC) && packet->topic.length > 0) {
        topic = mqtt5_bytes(packet, packet->topic);
        topic_length = packet->topic.length;
    } else if (publication && publication->alias) {
        topic = publication->alias->topic;
        topic_length = publication->alias->length;
    }
    if (mqtt5_property_find(packet, &packet->properties, MQTT5_CONTENT_TYPE, &property)) {
        type = mqtt5_bytes(packet, property.text);
        type_length = property.text.length;
    }
    entry = mqtt5_payload_find(topic, topic_length, type, type_length);
    if (!entry)
        return;
    item = r->tree ? mqtt5_mark(proto_tree_add_string(r->tree, hf_decoder, r->tvb, (int)(r->start + packet->payload.offset),
                                                      (int)packet->payload.length, entry->decoder))
                   : NULL;
    decode(r, entry, tvb_new_subset_length(r->tvb, (int)(r->start + packet->payload.offset), (int)packet->payload.length), item);
}
