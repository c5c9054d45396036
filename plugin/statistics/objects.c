/* objects.c
 * File > Export Objects: the payloads of messages as files.
 *
 * A message is exported once, as its client published it. A copy that the server delivers stands for
 * it only if the capture does not have the PUBLISH itself. Copies are known by topic and payload.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include <string.h>

#include <epan/export_object.h>
#include <epan/prefs.h>

#include "compat.h"
#include "statistics/object_name.h"
#include "statistics/tap.h"

enum { AS_PUBLISHED, AS_DELIVERED };

static const enum_val_t modes[] = {{"published", "Each message once, as published", AS_PUBLISHED},
                                   {"delivered", "Each copy, as delivered", AS_DELIVERED},
                                   {NULL, NULL, 0}};

static int mode = AS_PUBLISHED;

/* What is known of one topic with one payload. */
typedef struct {
    bool published; /* by a client in the capture */
    unsigned exported;
    GHashTable *delivered; /* by client: how often it got this */
} content;

/* What one list of objects has got so far. */
typedef struct {
    GHashTable *contents; /* by a checksum of topic and payload: content */
    uint32_t frame;       /* of the last object */
    unsigned in_frame;    /* objects of that frame */
} progress;

/* By list. A list begins again when it is filled again. */
static GHashTable *lists;

/* One message on its way into a list. */
typedef struct {
    const mqtt5_tap_record *record;
    unsigned number; /* in the record */
    mqtt5_packet packet;
    const uint8_t *topic;
    uint32_t topic_length;
    uint32_t payload_length; /* that was captured */
    const char *client;
} message;

static void free_content(gpointer data)
{
    content *freed = data;

    g_hash_table_destroy(freed->delivered);
    g_free(freed);
}

static void free_progress(gpointer data)
{
    progress *freed = data;

    g_hash_table_destroy(freed->contents);
    g_free(freed);
}

static void forget(void)
{
    if (lists)
        g_hash_table_remove_all(lists);
}

static progress *progress_of(const export_object_list_t *list, uint32_t frame)
{
    progress *found;

    if (!lists)
        lists = g_hash_table_new_full(NULL, NULL, NULL, free_progress);
    found = g_hash_table_lookup(lists, list);
    if (found && frame >= found->frame)
        return found;
    found = g_new0(progress, 1);
    found->contents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_content);
    g_hash_table_insert(lists, (gpointer)list, found);
    return found;
}

static content *content_of(progress *known, const message *seen)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *key;
    content *found;

    g_checksum_update(checksum, (const guchar *)&seen->topic_length, sizeof seen->topic_length);
    g_checksum_update(checksum, seen->topic, (gssize)seen->topic_length);
    g_checksum_update(checksum, mqtt5_bytes(&seen->packet, seen->packet.payload), (gssize)seen->payload_length);
    key = g_checksum_get_string(checksum);
    found = g_hash_table_lookup(known->contents, key);
    if (!found) {
        found = g_new0(content, 1);
        found->delivered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_insert(known->contents, g_strdup(key), found);
    }
    g_checksum_free(checksum);
    return found;
}

/* How often this client has got it, this time included; what is sent again is not another time. */
static unsigned count_delivery(content *known, const message *seen)
{
    unsigned times = GPOINTER_TO_UINT(g_hash_table_lookup(known->delivered, seen->client));

    if (times == 0 || !mqtt5_publish_dup(&seen->packet))
        g_hash_table_insert(known->delivered, g_strdup(seen->client), GUINT_TO_POINTER(++times));
    return times;
}

/* A delivered copy that stands for its message: the capture does not have the PUBLISH itself, and
 * no other client got the message before. Some copy of what is retained was exported already. */
static bool is_new(content *known, const message *seen)
{
    unsigned times = count_delivery(known, seen);

    return !known->published && times > known->exported && !(mqtt5_publish_retain(&seen->packet) && known->exported > 0);
}

static bool is_wanted(content *known, const message *seen)
{
    bool again = mqtt5_publish_dup(&seen->packet), first;

    switch (seen->record->packets[seen->number].facts.sender) {
    case MQTT5_CLIENT:
        first = !(again && known->published);
        known->published = true;
        return mode == AS_PUBLISHED && first;
    case MQTT5_SERVER:
        if (mode == AS_PUBLISHED)
            return is_new(known, seen);
        first = g_hash_table_lookup(known->delivered, seen->client) == NULL;
        count_delivery(known, seen);
        return !again || first;
    default: return true;
    }
}

static export_object_entry_t *make_entry(const message *seen, progress *known, uint32_t frame)
{
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);
    mqtt5_object_name name = {.topic = seen->topic, .topic_length = seen->topic_length, .frame = frame};
    mqtt5_property type;

    known->in_frame = known->frame == frame ? known->in_frame + 1 : 1;
    known->frame = frame;
    if (mqtt5_property_find(&seen->packet, &seen->packet.properties, MQTT5_CONTENT_TYPE, &type))
        entry->content_type = g_utf8_make_valid((const char *)mqtt5_bytes(&seen->packet, type.text), (gssize)type.text.length);
    else
        entry->content_type = g_strdup("");
    name.number = known->in_frame;
    name.content_type = entry->content_type;
    name.cut = seen->payload_length < seen->packet.payload.length;
    entry->pkt_num = frame;
    entry->hostname = g_strdup(seen->client);
    entry->filename = mqtt5_object_name_make(&name);
    entry->payload_len = seen->payload_length;
    entry->payload_data = g_malloc(seen->payload_length);
    memcpy(entry->payload_data, mqtt5_bytes(&seen->packet, seen->packet.payload), seen->payload_length);
    return entry;
}

/* False if the packet is no PUBLISH with a payload. */
static bool read_message(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool, message *read)
{
    const mqtt5_facts *facts = &record->packets[number].facts;
    mqtt5_range payload;

    if (facts->type != MQTT5_PUBLISH || facts->is_header)
        return false;
    mqtt5_tap_decode(record, number, &read->packet);
    payload = read->packet.payload;
    if (!(read->packet.has & MQTT5_HAS_PAYLOAD) || payload.offset >= read->packet.captured)
        return false;
    read->record = record;
    read->number = number;
    read->payload_length = MIN(payload.length, read->packet.captured - payload.offset);
    read->topic = mqtt5_tap_topic_bytes(record, number, &read->packet, &read->topic_length);
    read->client = mqtt5_tap_client(record, number, pool);
    return read->payload_length > 0;
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    export_object_list_t *list = data;
    const mqtt5_tap_record *record = tapped;
    tap_packet_status status = TAP_PACKET_DONT_REDRAW;
    progress *known = progress_of(list, pinfo->num);
    content *found;
    message seen;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++) {
        if (!read_message(record, i, pinfo->pool, &seen))
            continue;
        found = content_of(known, &seen);
        if (!is_wanted(found, &seen))
            continue;
        found->exported++;
        list->add_entry(list->gui_data, make_entry(&seen, known, pinfo->num));
        status = TAP_PACKET_REDRAW;
    }
    return status;
}

void mqtt5_objects_register(int proto)
{
    mqtt5_tap_also(register_export_object(proto, see_record, forget));
    prefs_register_enum_preference(prefs_find_module("mqtt5"), "export_objects", "Export Objects",
                                   "What File > Export Objects lists: each message once, as its client published it, or each copy that the "
                                   "server delivers to a client",
                                   &mode, modes, false);
}
