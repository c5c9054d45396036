/* session_alias.c
 * Topic Aliases, by direction (3.3.2.3.4): what each stands for, and how far each side may go.
 *
 * An alias lives as long as the Network Connection. What was set in bytes that the capture does not hold is not known, nor what those bytes
 * have made of aliases set before: after each gap the map of that side starts anew, and an alias that is not in it proves nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"
#include "session_cause.h"

#include <string.h>

/* What an alias stands for. */
typedef struct {
    uint32_t length, size;            /* of the topic, and of the memory for it */
    uint32_t frame;                   /* that set it */
    const mqtt5_publication *message; /* told of a PUBLISH that comes with the alias alone; NULL: there was none since it was set */
    uint8_t topic[];
} alias_topic;

/* The aliases that one side has set. The map is sparse, so that it takes no more memory than was sent. */
struct mqtt5_aliases {
    GHashTable *topics; /* alias -> alias_topic */
    bool incomplete;    /* some packet could not be read: an alias that is missing here may have been set */
    bool used;
    bool doubtful;                 /* some use of an alias was not legal, or nobody can tell */
    mqtt5_alias_use last, invalid; /* the last use, and the last that was not legal; frame 0: none */
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

/* A PUBLISH comes with the alias alone: keeps what that stands for, once for all that follow. */
static void tell(mqtt5_event *event, alias_topic *entry, uint32_t alias)
{
    mqtt5_connection *connection = event->connection;

    if (!entry->message) {
        mqtt5_alias_topic *kept = mqtt5_kept_alloc(&connection->kept, sizeof *kept + entry->length);

        kept->frame = entry->frame;
        kept->alias = alias;
        kept->length = entry->length;
        memcpy(kept->topic, entry->topic, entry->length);
        entry->message = mqtt5_session_message(connection, kept, NULL, 0, 0);
    }
    event->alias = entry->message->alias;
    event->verdict->detail.publication = entry->message;
}

/* True if the alias is beyond what the receiver takes, with the finding. */
static bool above_maximum(const mqtt5_event *event, const mqtt5_property *property)
{
    const mqtt5_connection *connection = event->connection;
    const mqtt5_limits *limits = &mqtt5_other_side(event)->limits;
    bool from_client = event->sender == MQTT5_CLIENT;
    uint32_t frame = from_client ? connection->connack.frame : connection->connect.frame;
    char what[120];

    if (!limits->known || property->number <= limits->topic_alias_maximum || (from_client && !connection->connack.known))
        return false;
    if (limits->topic_alias_maximum == 0)
        g_snprintf(what, sizeof what, "Topic Alias %u, but the %s takes none: its Topic Alias Maximum is 0 or left out (%s in frame %u)",
                   property->number, from_client ? "server" : "client", from_client ? "CONNACK" : "CONNECT", frame);
    else
        g_snprintf(what, sizeof what, "Topic Alias %u, but the Topic Alias Maximum of the %s is %u (%s in frame %u)", property->number,
                   from_client ? "server" : "client", limits->topic_alias_maximum, from_client ? "CONNACK" : "CONNECT", frame);
    if (from_client && !mqtt5_session_bound_by_connack(event))
        mqtt5_report(event->findings, MQTT5_RULE_SENT_BEFORE_CONNACK, property->offset, property->length, NULL, "%s; %s", what,
                     event->input->acks_known ? "the client did not have the CONNACK yet when it sent this"
                                              : "it is not seen whether the client had the CONNACK when it sent this");
    else
        mqtt5_report(event->findings, MQTT5_RULE_TOPIC_ALIAS_ABOVE_MAXIMUM, property->offset, property->length,
                     from_client ? (limits->topic_alias_maximum == 0 ? "MQTT-3.2.2-18" : "MQTT-3.2.2-17")
                                 : (limits->topic_alias_maximum == 0 ? "MQTT-3.1.2-27" : "MQTT-3.1.2-26"),
                     "%s", what);
    return true;
}

static void use_alias(mqtt5_event *event, const mqtt5_property *property)
{
    struct mqtt5_aliases *aliases = aliases_of(mqtt5_own_side(event));
    alias_topic *entry;

    aliases->used = true;
    aliases->last = (mqtt5_alias_use){event->input->frame, property->number};
    /* Alias 0 is a matter of the packet alone (property_value). */
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
    if (aliases->incomplete || !mqtt5_session_complete(event->connection, event->sender))
        return;
    aliases->invalid = aliases->last;
    mqtt5_report(event->findings, MQTT5_RULE_TOPIC_ALIAS_UNKNOWN, property->offset, property->length, NULL,
                 "Topic Alias %u stands for no topic: the %s has not set it on this connection; a PUBLISH with Topic Name and alias "
                 "must come first",
                 property->number, mqtt5_sender_name(event->sender));
}

/* Topic Alias invalid (0x94) from the receiver of aliases that were all within its own limit and known. */
static void check_disconnect(const mqtt5_event *event)
{
    const mqtt5_side *peer = mqtt5_other_side(event);
    const mqtt5_limits *limits = &mqtt5_own_side(event)->limits;
    mqtt5_sender sender = event->sender == MQTT5_CLIENT ? MQTT5_SERVER : MQTT5_CLIENT;

    if (!(event->packet->has & MQTT5_HAS_REASON_CODE) || event->packet->reason_code != 0x94 || !limits->known ||
        !mqtt5_session_complete(event->connection, sender) || (peer->aliases && peer->aliases->doubtful))
        return;
    if (peer->aliases && peer->aliases->used)
        mqtt5_report(event->findings, MQTT5_RULE_TOPIC_ALIAS_REFUSED, event->packet->reason_code_offset, 1,
                     event->sender == MQTT5_CLIENT ? NULL : "MQTT-3.3.2-12",
                     "0x94 (Topic Alias invalid), but every Topic Alias of the %s was known and within the Topic Alias Maximum %u "
                     "(suspected)",
                     mqtt5_sender_name(sender), limits->topic_alias_maximum);
    else
        mqtt5_report(event->findings, MQTT5_RULE_TOPIC_ALIAS_REFUSED, event->packet->reason_code_offset, 1,
                     event->sender == MQTT5_CLIENT ? NULL : "MQTT-3.3.2-12",
                     "0x94 (Topic Alias invalid), but the %s has not used any Topic Alias on this connection (suspected)",
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
    /* Two aliases in one packet: nobody knows which of them the receiver takes. */
    if (event->findings->count > 0 && mqtt5_findings_has(event->findings, MQTT5_RULE_PROPERTY_REPEATED)) {
        forget(mqtt5_own_side(event));
        return;
    }
    use_alias(event, &property);
}

void mqtt5_session_alias(mqtt5_event *event)
{
    if (event->input->gap)
        forget(mqtt5_own_side(event));
    if (event->input->peer_gap)
        forget(mqtt5_other_side(event));
    if (event->packet->type == MQTT5_PUBLISH)
        see_publish(event);
    else if (event->packet->type == MQTT5_DISCONNECT && event->packet->version >= MQTT5_VERSION_5)
        check_disconnect(event);
}

bool mqtt5_session_alias_used(const mqtt5_side *side, mqtt5_alias_use *last, mqtt5_alias_use *invalid)
{
    if (!side->aliases || !side->aliases->used)
        return false;
    *last = side->aliases->last;
    *invalid = side->aliases->invalid;
    return true;
}

void mqtt5_session_alias_clear(mqtt5_connection *connection)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(connection->sides); i++) {
        struct mqtt5_aliases *aliases = connection->sides[i].aliases;

        if (aliases && aliases->topics)
            g_hash_table_destroy(aliases->topics);
        g_free(aliases);
        connection->sides[i].aliases = NULL;
    }
}
