/* session_world.h
 * The parts of the world: connections as others see them, their subscriptions, Wills, and recent messages. Internal to world.c and
 * session_world*.c.
 *
 * Everything is bounded: what there is no more room for is no longer judged, never guessed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_WORLD_H
#define MQTT5_SESSION_WORLD_H

#include "session.h"

#define MQTT5_SECOND INT64_C(1000000000)
#define MQTT5_NEVER UINT32_MAX /* of a Session Expiry Interval (3.1.2.11.2) */

/* --- Servers and clients --- */

typedef struct {
    uint64_t id;            /* mqtt5_input.server */
    int64_t last_drop_time; /* when it last closed a connection by itself: it may have been restarted then; INT64_MIN: never */
    bool blind;             /* a PUBLISH of some client could not be read: what it was, nobody knows */
} mqtt5_world_server;

/* A Client Identifier at a server. */
typedef struct {
    mqtt5_world_server *server;
    GBytes *id;
    mqtt5_world_link *newest; /* its connections, the latest first; at most LINKS_OF_CLIENT */
    unsigned count;
} mqtt5_world_client;

/* --- Connections --- */

typedef enum {
    MQTT5_OUTCOME_PENDING, /* no CONNACK seen */
    MQTT5_OUTCOME_ACCEPTED,
    MQTT5_OUTCOME_REFUSED,
    MQTT5_OUTCOME_UNKNOWN /* there was a CONNACK, but it could not be read */
} mqtt5_outcome_of_connect;

/* A subscription that this connection has made. */
typedef struct {
    uint8_t *filter; /* the part that is matched */
    uint32_t length;
    uint32_t whole_length; /* with $share/ShareName/ */
    uint16_t packet_id;    /* of its SUBSCRIBE */
    bool pending;          /* no SUBACK yet */
    bool shared;
    uint8_t options, granted;
    uint32_t frame; /* of the SUBSCRIBE */
    int64_t time;   /* of the SUBACK */
} mqtt5_world_subscription;

struct mqtt5_world_link {
    mqtt5_world_server *server;
    struct mqtt5_unacknowledged *unacknowledged; /* session_world_redelivery.c; NULL: none, or taken over by the next connection */
    uint8_t outcome;                             /* mqtt5_outcome_of_connect */
    uint8_t version;
    bool bridge; /* the protocol level has bit 7, by which bridges ask to be handed RETAIN as it was published */
    bool clean_start;
    bool lost;         /* bytes are missing, or packets could not be read */
    bool retains;      /* has published with RETAIN 1 */
    bool ended;        /* a DISCONNECT or a close was seen */
    bool server_knows; /* ... by a DISCONNECT, a FIN, or its own close */
    uint32_t serial;   /* from 1, in the order in which connections are first seen */
    uint32_t session_expiry_interval;
    /* A later connection with the same Client Identifier was accepted while this one was open. */
    uint32_t taken_over_frame; /* its CONNECT; 0: none */
    bool goes_on_reported, client_went_on;
    bool subscriptions_known;          /* the session was new, and every SUBSCRIBE since is here */
    GArray *subscriptions;             /* of mqtt5_world_subscription; NULL: none */
    struct mqtt5_delivered *delivered; /* the last messages delivered, see session_world_message.c; NULL: none yet */

    int64_t wills_checked;           /* until when missing Wills were looked for */
    mqtt5_world_client *client;      /* NULL until the Client Identifier is known */
    mqtt5_world_link *older, *newer; /* of the same client */
    int64_t taken_over_time;         /* of the CONNACK of the later connection */
    GBytes *user_name;               /* NULL: none */
    uint32_t connect_frame, connack_frame;
    int64_t connect_time, connack_time;
    uint32_t maximum_packet_size; /* of the client */
    uint32_t end_frame;
    int64_t end_time, server_end_time;
    GBytes *will_properties; /* of the CONNECT, where they have a User Property; else NULL */
    struct mqtt5_will *will; /* NULL: none, or no longer of interest */
    unsigned references;
};

struct mqtt5_world {
    GHashTable *servers; /* mqtt5_world_server by its id */
    GHashTable *clients; /* mqtt5_world_client, by server and id */
    uint32_t connections;
    struct mqtt5_wills *wills;       /* session_world_will.c; NULL: none yet */
    struct mqtt5_messages *messages; /* session_world_message.c; NULL: none yet */
};

/* A new link of a connection to `server`, with one reference. Never fails. */
mqtt5_world_link *mqtt5_world_link_new(mqtt5_world *world, uint64_t server);

/* Gives the link its Client Identifier, which makes it the newest connection of that client. `id` is shared. */
void mqtt5_world_link_name(mqtt5_world *world, mqtt5_world_link *link, GBytes *id);

/* Gives a reference back; frees with the last one. */
void mqtt5_world_link_unref(mqtt5_world_link *link);

/* A 64-bit hash of `length` bytes, begun with `seed`. For telling messages apart, not for secrets. */
uint64_t mqtt5_world_hash(const uint8_t *data, uint32_t length, uint64_t seed);

/* True if both user names are the same, or both are absent: servers may keep the clients of different users apart. */
bool mqtt5_world_same_user(const mqtt5_world_link *a, const mqtt5_world_link *b);

/* --- Subscriptions: session_world_subscription.c --- */

/* What the subscriptions of a link say of a topic. */
typedef struct {
    unsigned count;                              /* subscriptions that match */
    bool certain;                                /* none of them is pending or shared */
    bool same_retain_as_published, same_granted; /* they agree on these */
    bool retain_as_published;
    uint8_t granted;
    int64_t first_time, last_time; /* of their SUBACK packets */
} mqtt5_world_match;

/* SUBSCRIBE, SUBACK, UNSUBSCRIBE of the event. */
void mqtt5_world_subscriptions_see(const mqtt5_event *event, mqtt5_world_link *link);
mqtt5_world_match mqtt5_world_subscriptions_match(const mqtt5_world_link *link, const uint8_t *topic, uint32_t length);
void mqtt5_world_subscriptions_free(mqtt5_world_link *link);

/* --- Wills: session_world_will.c --- */

/* One PUBLISH, with what the modules of the world need of it. */
typedef struct {
    bool readable; /* topic and payload are known; else the rest says nothing */
    const uint8_t *topic;
    uint32_t topic_length;
    uint64_t topic_hash, hash; /* of server and topic; and of the payload, too */
} mqtt5_world_message;

/* The CONNECT of `link` is accepted: its Will, if it has one, lives. */
void mqtt5_world_will_born(const mqtt5_event *event, mqtt5_world_link *link);
/* The connection of `link`, which has a Will, ends, by a DISCONNECT that discards the Will or otherwise. To be called for each sign of
 * the end. */
void mqtt5_world_will_ends(mqtt5_world *world, mqtt5_world_link *link, bool discarded);
/* The client of `link`, which has a Will, is back on `successor`, whose CONNACK said `resumed`. */
void mqtt5_world_will_client_back(mqtt5_world_link *link, const mqtt5_world_link *successor, bool resumed);
/* The server delivers a message to `link`, which may be a Will; `published`: some client has published the same, or that is not known. */
void mqtt5_world_will_copy(const mqtt5_event *event, const mqtt5_world_link *link, const mqtt5_world_message *message, bool published);
/* A packet of the server to a connection that may have waited for a Will in vain. */
void mqtt5_world_will_overdue(const mqtt5_event *event, mqtt5_world_link *link);
/* The link goes: its Will no longer has one. */
void mqtt5_world_will_forget(mqtt5_world_link *link);
void mqtt5_world_wills_free(struct mqtt5_wills *wills);

/* --- Messages: session_world_message.c --- */

/* What is to be known of the event's PUBLISH; it points into the packet, or to what a Topic Alias stands for. */
mqtt5_world_message mqtt5_world_message_of(const mqtt5_event *event, const mqtt5_world_link *link);
/* A PUBLISH of either side, of which `seen` is known. */
void mqtt5_world_message_see(const mqtt5_event *event, mqtt5_world_link *link, const mqtt5_world_message *seen);
/* PUBACK or PUBREC of the server with a failure: what it refuses is not retained. */
void mqtt5_world_message_refused(const mqtt5_event *event, const mqtt5_world_link *link);
/* The hash of a message with this topic and payload at the server of the link; `topic_hash` gets that of the topic alone. */
uint64_t mqtt5_world_message_hash(const mqtt5_world_link *link, const uint8_t *topic, uint32_t topic_length, const uint8_t *payload,
                                  uint32_t payload_length, uint64_t *topic_hash);
void mqtt5_world_messages_free(struct mqtt5_messages *messages);

/* --- What was not acknowledged: session_world_redelivery.c --- */

/* Frees what is kept of a session's messages; takes NULL, too. */
void mqtt5_world_unacknowledged_free(struct mqtt5_unacknowledged *all);
/* A PUBLISH of either side that mqtt5_world_redelivery_concerns(); `sent` is what is known of it. */
void mqtt5_world_redelivery_publish(const mqtt5_event *event, mqtt5_world_link *link, const mqtt5_world_message *sent);
/* True for a PUBLISH that may be sent again on another connection: of QoS 1 or 2, in a session that outlives this one (4.4). */
static inline bool mqtt5_world_redelivery_concerns(const mqtt5_event *event, const mqtt5_world_link *link)
{
    return link->outcome == MQTT5_OUTCOME_ACCEPTED && link->session_expiry_interval != 0 &&
           (mqtt5_publish_qos(event->packet) == 1 || mqtt5_publish_qos(event->packet) == 2);
}
/* PUBACK or PUBREC of either side: the message is not to be sent again. */
void mqtt5_world_redelivery_acknowledged(const mqtt5_event *event, mqtt5_world_link *link);
/* A packet or FIN of `sender` acknowledges the other side up to `acks` (TCP's number): it has read what came before. */
void mqtt5_world_redelivery_acks(mqtt5_world_link *link, mqtt5_sender sender, uint32_t acks);
/* `link` is accepted, and goes on with the session of `older` if it is `resumed`. */
void mqtt5_world_redelivery_resume(mqtt5_world_link *link, mqtt5_world_link *older, bool resumed);

/* --- Properties of two copies: session_world_property.c --- */

/* A message as it was published. */
typedef struct {
    const uint8_t *properties; /* the block that stood there */
    uint32_t length;
    uint32_t frame;
    int64_t waited; /* from there to the copy, nanoseconds */
    bool will;      /* it stood in a CONNECT; only its User Properties are compared */
} mqtt5_world_original;

/* Compares the properties of a message with those of the event's PUBLISH, a copy of it that the server sends. Reports the first
 * difference. */
void mqtt5_world_compare_properties(const mqtt5_event *event, const mqtt5_world_original *original);

#endif
