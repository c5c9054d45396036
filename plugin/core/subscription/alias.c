/* alias.c
 * Topic Aliases, by direction (3.3.2.3.4): the topic of each, and how far each side may go.
 *
 * An alias lives as long as the Network Connection. What was set in bytes that the capture does not
 * hold is not known, nor what those bytes have made of aliases set before: after each gap the map
 * of that side starts anew, and an alias that is not in it proves nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/subscription/alias.h"

#include "core/session/evidence.h"
#include "core/session/limits.h"
#include "core/session/modules.h"
#include "core/session/ongoing.h"
#include "core/subscription/publication.h"
#include "core/standard/reason_code.h"

#include <stdio.h>
#include <string.h>

/* The topic of an alias. */
typedef struct {
    uint32_t length, size; /* of the topic, and of the memory for it */
    uint32_t frame;        /* that set it */
    /* what a PUBLISH with the alias alone shows; NULL: none came since it was set */
    const mqtt5_publication *message;
    uint8_t topic[];
} alias_topic;

/* The aliases that one side has set. The map is sparse, so that it takes no more memory than was
 * sent. */
struct mqtt5_aliases {
    GHashTable *topics; /* alias -> alias_topic */
    bool incomplete;    /* a packet could not be read, and may have set an alias that is not here */
    bool used;
    bool doubtful; /* some use of an alias was illegal, or may have been */
    /* the last use, and the last that was not legal; frame 0: none */
    mqtt5_alias_use last, invalid;
};

static struct mqtt5_aliases *aliases_of(mqtt5_side *side)
{
    if (!side->aliases)
        side->aliases = g_new0(struct mqtt5_aliases, 1);
    return side->aliases;
}

/* Bytes of this side are missing, or cannot be read. */
static void forget(mqtt5_side *side)
{
    struct mqtt5_aliases *aliases = aliases_of(side);

    aliases->incomplete = aliases->doubtful = true;
    if (aliases->topics)
        g_hash_table_remove_all(aliases->topics);
}

static void set_topic(struct mqtt5_aliases *aliases, uint32_t alias, const uint8_t *topic, uint32_t length, uint32_t frame)
{
    alias_topic *entry;

    if (!aliases->topics)
        aliases->topics = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    entry = g_hash_table_lookup(aliases->topics, GUINT_TO_POINTER(alias));
    /* Senders repeat an alias with its topic. */
    if (entry && entry->length == length && memcmp(entry->topic, topic, length) == 0)
        return;
    /* The memory is kept unless most of it would lie idle. */
    if (!entry || entry->size < length || entry->size / 4 > length) {
        entry = g_malloc(sizeof *entry + length);
        entry->size = length;
        g_hash_table_replace(aliases->topics, GUINT_TO_POINTER(alias), entry);
    }
    entry->length = length;
    entry->frame = frame;
    entry->message = NULL;
    memcpy(entry->topic, topic, length);
}

/* A PUBLISH comes with the alias alone: keeps its topic, once for all that follow. */
static void tell(mqtt5_event *event, alias_topic *entry, uint32_t alias)
{
    mqtt5_connection *connection = event->connection;

    if (!entry->message) {
        mqtt5_alias_topic *kept = mqtt5_arena_alloc(&connection->arena, sizeof *kept + entry->length);

        kept->frame = entry->frame;
        kept->alias = alias;
        kept->length = entry->length;
        memcpy(kept->topic, entry->topic, entry->length);
        entry->message = mqtt5_publication_keep(connection, kept, NULL, 0, 0);
    }
    event->alias = entry->message->alias;
    event->facts->detail.publication = entry->message;
}

/* Reports an alias above what the receiver takes. True if it is. */
static bool above_maximum(const mqtt5_event *event, const mqtt5_property *property)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;
    bool from_client = event->sender == MQTT5_CLIENT;
    mqtt5_sender receiver = mqtt5_peer_of(event->sender);
    char what[120];

    if (!limits->known || property->number <= limits->topic_alias_maximum || (from_client && !connection->connack.known))
        return false;
    if ((!from_client || mqtt5_evidence_bound_by_connack(event)) &&
        mqtt5_ongoing(event, MQTT5_ONGOING_TOPIC_ALIAS, MQTT5_RULE_topic_alias_above_maximum))
        return true;
    if (limits->topic_alias_maximum == 0)
        snprintf(what, sizeof what, "Topic Alias %u, but the %s takes none: its Topic Alias Maximum is 0 or left out", property->number,
                 mqtt5_sender_name(receiver));
    else
        snprintf(what, sizeof what, "Topic Alias %u, but the Topic Alias Maximum of the %s is %u", property->number,
                 mqtt5_sender_name(receiver), limits->topic_alias_maximum);
    if (from_client)
        mqtt5_limits_report(event, MQTT5_RULE_topic_alias_above_maximum,
                            limits->topic_alias_maximum == 0 ? "MQTT-3.2.2-18" : "MQTT-3.2.2-17", mqtt5_property_range(property), what);
    else
        mqtt5_report_by(event->findings, MQTT5_RULE_topic_alias_above_maximum,
                        MQTT5_CLAUSE(limits->topic_alias_maximum == 0 ? "MQTT-3.1.2-27" : "MQTT-3.1.2-26"), mqtt5_property_range(property),
                        "%s (CONNECT in frame %u)", what, connection->connect.frame);
    return true;
}

static void use_alias(mqtt5_event *event, const mqtt5_property *property)
{
    struct mqtt5_aliases *aliases = aliases_of(mqtt5_own_side(event));
    alias_topic *entry;

    aliases->used = true;
    aliases->last = (mqtt5_alias_use){event->input->frame, property->number};
    /* Alias 0 is wrong by itself, which property_value reports. */
    if (property->number == 0 || above_maximum(event, property)) {
        aliases->doubtful = true;
        aliases->invalid = aliases->last;
        return;
    }
    aliases->doubtful |= !mqtt5_other_side(event)->limits.known;
    if (event->topic_known) {
        set_topic(aliases, property->number, event->topic, event->topic_length, event->input->frame);
        return;
    }
    entry = aliases->topics ? g_hash_table_lookup(aliases->topics, GUINT_TO_POINTER(property->number)) : NULL;
    if (entry) {
        event->topic_known = true;
        event->topic = entry->topic;
        event->topic_length = entry->length;
        tell(event, entry, property->number);
        return;
    }
    aliases->doubtful = true;
    if (aliases->incomplete || !mqtt5_evidence_complete(event->connection, event->sender))
        return;
    aliases->invalid = aliases->last;
    mqtt5_report(event->findings, MQTT5_RULE_topic_alias_unknown, mqtt5_property_range(property),
                 "Topic Alias %u has no topic: the %s has not set it on this connection; "
                 "a PUBLISH with Topic Name and alias must come first",
                 property->number, mqtt5_sender_name(event->sender));
}

/* Topic Alias invalid (0x94), although all aliases that its sender got were known and within its
 * limit. */
static void check_disconnect(const mqtt5_event *event)
{
    const mqtt5_side *peer = mqtt5_other_side(event);
    const mqtt5_limits *limits = &mqtt5_own_side(event)->limits;
    mqtt5_sender sender = mqtt5_peer_of(event->sender);

    if (!(event->packet->has & MQTT5_HAS_REASON_CODE) || event->packet->reason_code != MQTT5_CODE_TOPIC_ALIAS_INVALID || !limits->known ||
        !mqtt5_evidence_complete(event->connection, sender) || (peer->aliases && peer->aliases->doubtful))
        return;
    if (peer->aliases && peer->aliases->used)
        mqtt5_report_by(event->findings, MQTT5_RULE_topic_alias_refused,
                        MQTT5_CLAUSE(event->sender == MQTT5_CLIENT ? NULL : "MQTT-3.3.2-12"), mqtt5_reason_code_range(event->packet),
                        "0x94 (Topic Alias invalid), but every Topic Alias of the %s was known and within the Topic Alias Maximum %u",
                        mqtt5_sender_name(sender), limits->topic_alias_maximum);
    else
        mqtt5_report_by(event->findings, MQTT5_RULE_topic_alias_refused,
                        MQTT5_CLAUSE(event->sender == MQTT5_CLIENT ? NULL : "MQTT-3.3.2-12"), mqtt5_reason_code_range(event->packet),
                        "0x94 (Topic Alias invalid), but the %s has not used any Topic Alias on this connection",
                        mqtt5_sender_name(sender));
}

static void see_publish(mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    bool has_topic = (packet->has & MQTT5_HAS_TOPIC) != 0;
    mqtt5_property property;

    if (has_topic && packet->topic.length > 0) {
        event->topic_known = true;
        event->topic = mqtt5_bytes(packet, packet->topic);
        event->topic_length = packet->topic.length;
    }
    if (packet->version < MQTT5_VERSION_5)
        return;
    if (!has_topic || !packet->properties.sound) {
        forget(mqtt5_own_side(event));
        return;
    }
    if (packet->properties.seen == 0 || !mqtt5_property_find(packet, &packet->properties, MQTT5_TOPIC_ALIAS, &property))
        return;
    /* With two aliases in one packet, the receiver may take either. */
    if (event->findings->count > 0 && mqtt5_findings_has(event->findings, MQTT5_RULE_property_repeated)) {
        forget(mqtt5_own_side(event));
        return;
    }
    use_alias(event, &property);
}

/* Topics that begin with $ are for the server's own purposes, and it should keep clients from using
 * them among themselves (4.7.2). */
static MQTT5_SELDOM void check_dollar(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    char quoted[80];

    if (event->sender != MQTT5_CLIENT || event->connection->dollar_said)
        return;
    event->connection->dollar_said = true;
    mqtt5_report(event->findings, MQTT5_RULE_topic_name_dollar, packet->topic,
                 "topic %s begins with $; such topics belong to the server, "
                 "which should not let clients exchange messages by them",
                 mqtt5_quote(event->topic, event->topic_length, quoted, sizeof quoted));
}

void mqtt5_alias_see(mqtt5_event *event)
{
    if (event->input->gap)
        forget(mqtt5_own_side(event));
    if (event->input->peer_gap)
        forget(mqtt5_other_side(event));
    if (event->packet->type == MQTT5_PUBLISH) {
        see_publish(event);
        if (event->topic_known && event->topic_length > 0 && event->topic[0] == '$')
            check_dollar(event);
    } else if (event->packet->type == MQTT5_DISCONNECT && event->packet->version >= MQTT5_VERSION_5)
        check_disconnect(event);
}

bool mqtt5_alias_used(const mqtt5_side *side, mqtt5_alias_use *last, mqtt5_alias_use *invalid)
{
    if (!side->aliases || !side->aliases->used)
        return false;
    *last = side->aliases->last;
    *invalid = side->aliases->invalid;
    return true;
}

void mqtt5_alias_clear(mqtt5_connection *connection)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(connection->sides); i++) {
        struct mqtt5_aliases *aliases = connection->sides[i].aliases;

        if (aliases && aliases->topics)
            g_hash_table_destroy(aliases->topics);
        g_free(aliases);
        connection->sides[i].aliases = NULL;
    }
}
