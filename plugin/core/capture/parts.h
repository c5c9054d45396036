/* parts.h
 * The parts of the capture: connections as others see them, their subscriptions, Wills, and recent
 * messages. Internal to capture.c and capture/.
 *
 * Everything is bounded: what there is no more room for is no longer judged, never guessed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_PARTS_H
#define MQTT5_CAPTURE_PARTS_H

#include "core/memory/hash.h"
#include "core/session/session.h"

/* As in capture.h, which is for those outside of capture/. */
typedef struct mqtt5_capture mqtt5_capture;
typedef struct mqtt5_capture_link mqtt5_capture_link;

#define MQTT5_NEVER UINT32_MAX /* of a Session Expiry Interval (3.1.2.11.2) */

/* --- Servers and clients --- */

/* A connection that the server accepted (causes/listener.c). */
typedef struct {
    uint32_t frame; /* of the CONNACK; 0: none */
    bool direct;    /* it was straight on TCP */
    bool proxy;     /* ... behind a PROXY protocol header */
} mqtt5_capture_accepted;

#define MQTT5_VERSIONS (MQTT5_VERSION_5 - MQTT5_VERSION_3_1 + 1)

typedef struct {
    uint64_t id;        /* mqtt5_input.server */
    mqtt5_hash_key key; /* for the Client Identifiers and messages at it */
    /* when it last closed a connection by itself, perhaps to restart; INT64_MIN: never */
    int64_t last_drop_time;
    uint32_t last_drop_frame; /* 0: never */
    bool blind;               /* a PUBLISH of some client could not be read */
    /* the last frame that showed that bytes of some client are missing, which may have published
     * anything; 0: none. All that is compared by frames holds where the clock is set, too. */
    uint32_t unseen_frame;
    bool lost_lately; /* an acknowledgment has shown it since the last packet */
    /* a client whose session the capture has from its beginning got a message of which there is no
     * source: some publisher is not captured, or the frames are not in their order */
    bool unexplained;
    /* the last frame of a connection whose client is not known: it may be that of any client; 0: none */
    uint32_t unnamed_frame;
    int64_t unnamed_time;   /* of that */
    uint32_t unnamed_since; /* the first frame of the last of them */
    unsigned unheard;       /* open connections of which the capture has only the server's packets */
    /* a copy was captured before its message: the order of frames of different connections says
     * nothing */
    bool disordered;
    uint32_t unreached; /* causes/bare.c: attempts to connect that have failed since it last accepted a client */
    mqtt5_capture_accepted accepted[MQTT5_VERSIONS]; /* the last one of each version, from 3.1 on */
} mqtt5_capture_server;

/* A Client Identifier at a server. */
typedef struct {
    mqtt5_capture_server *server;
    GBytes *id;
    uint32_t hash;              /* of `id`, with the server's key */
    mqtt5_capture_link *newest; /* its connections, the latest first; at most LINKS_OF_CLIENT */
    unsigned count;
} mqtt5_capture_client;

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
    /* an UNSUBSCRIBE has named it: what the server has buffered for it may still come (3.10.4) */
    bool deleted;
    bool shared;
    /* where the part that is matched begins if the server takes it for shared, which it need not
     * before MQTT 5; 0: it cannot be */
    uint32_t share_body;
    uint8_t share; /* ... and a number below 32, the same for all of its members; others may have it, too */
    uint8_t options, granted;
    uint32_t frame;         /* of the SUBSCRIBE */
    int64_t time;           /* of the SUBACK; of the SUBSCRIBE, if pending; of the UNSUBSCRIBE, if deleted */
    uint32_t granted_frame; /* of the SUBACK */
    /* of its first SUBSCRIBE and its SUBACK, if it replaces others with the same filter */
    uint32_t since_frame;
    int64_t since_time;
} mqtt5_capture_subscription;

/* How a connection ended: right after a packet that is about a topic (causes/again.c). */
typedef struct {
    uint8_t type;         /* of that packet */
    bool by_server;       /* the server has closed */
    unsigned count;       /* of such ends in a row, with this one; 0: it did not end so */
    uint32_t first_frame; /* of the first of them */
    uint64_t topic;       /* mqtt5_capture_hash() of the topic */
} mqtt5_capture_ending;

/* Of a client to which messages are late, or not delivered at all. */
typedef struct mqtt5_delays {
    /* messages in a row that came late (capture/journey/late.c), and the frame of the first of them */
    uint32_t late, late_frame;
    uint32_t dropped; /* messages that the server was to deliver with QoS 0 and did not, as far as known */
    /* When messages used up what the client takes (`filling` is the beginning of the current time), and when it
     * was slow to acknowledge one. */
    mqtt5_standstill filling, full, slow;
} mqtt5_delays;

struct mqtt5_capture_link {
    mqtt5_capture_server *server;
    /* capture/redelivery.c; NULL: none, or taken over by the next connection */
    struct mqtt5_unacknowledged *unacknowledged;
    uint8_t outcome; /* mqtt5_outcome_of_connect */
    uint8_t version;
    bool bridge; /* the protocol level has bit 7: a bridge asks for RETAIN as it was published */
    bool clean_start;
    bool lost;         /* bytes are missing, or packets could not be read */
    bool retains;      /* has published with RETAIN 1 */
    bool ended;        /* a DISCONNECT or a close was seen */
    bool unnamed;      /* it was seen while its client was not known */
    bool heard;        /* a packet of the client was seen */
    bool unheard;      /* it counts in server->unheard */
    bool server_knows; /* ... by a DISCONNECT, a FIN, or its own close */
    /* as taken_over_frame, whatever the user names; or the server has said so */
    bool may_be_taken_over;
    bool goes_on_reported, client_went_on;
    bool loop_reported;
    bool subscriptions_known; /* the session was new, and every SUBSCRIBE since is here */
    bool no_local;            /* some SUBSCRIBE has No Local */
    uint32_t serial;          /* from 1, in the order in which connections are first seen */
    uint32_t session_expiry_interval;
    /* A later connection with the same Client Identifier was accepted while this one was open. */
    uint32_t taken_over_frame; /* its CONNECT; 0: none */
    /* The subscriptions of the session before, which this one does not have and the client has not made
     * again; 0: none, or that was reported. And the CONNECT of that session. */
    uint32_t missed_subscriptions, missed_frame;
    /* the CONNECT with which the session began, and the capture has it all since; 0: not known */
    uint32_t whole_since;
    uint32_t will_hash;    /* of the properties of its Will: mqtt5_capture_hash_properties() */
    GArray *subscriptions; /* of mqtt5_capture_subscription; NULL: none */
    /* the last messages delivered, see capture/message.c; NULL: none yet */
    struct mqtt5_delivered *delivered;
    struct mqtt5_delays *delays; /* NULL: nothing was late or dropped, and nothing stood still */
    /* capture/journey/got.c: what the client has got; NULL: nothing yet, or taken over by the next connection */
    struct mqtt5_got *got;

    int64_t wills_checked;             /* until when missing Wills were looked for */
    mqtt5_connection *connection;      /* NULL when that is freed */
    mqtt5_capture_client *client;      /* NULL until the Client Identifier is known */
    mqtt5_capture_link *older, *newer; /* of the same client */
    int64_t taken_over_time;           /* of the CONNACK of the later connection */
    GBytes *user_name;                 /* NULL: none */
    uint32_t connect_frame, connack_frame;
    int64_t connect_time, connack_time;
    uint32_t maximum_packet_size; /* of the client */
    uint32_t evidence;            /* mqtt5_evidence_number() when the last packet was seen */
    /* Messages of QoS 1 and 2 that the client has not acknowledged, what it takes of them (4.9),
     * and when the server last had to wait for it. */
    uint32_t in_flight, receive_maximum;
    int64_t full_time;
    uint32_t end_frame;
    int64_t end_time, server_end_time;
    GBytes *will_properties; /* of the CONNECT, where they have a User Property; else NULL */
    struct mqtt5_will *will; /* NULL: none, or no longer of interest */
    mqtt5_capture_ending ending;
    unsigned references;
};

struct mqtt5_capture {
    GHashTable *servers; /* mqtt5_capture_server by its id */
    GHashTable *clients; /* mqtt5_capture_client, by server and id */
    uint32_t connections;
    struct mqtt5_wills *wills;       /* capture/will/; NULL: none yet */
    struct mqtt5_messages *messages; /* capture/message.c; NULL: none yet */
    struct mqtt5_ends *ends;         /* capture/ends.c; NULL: none yet */
    struct mqtt5_security *security; /* capture/security.c; NULL: nobody has asked */
    struct mqtt5_journeys *journeys; /* capture/journey/; NULL: none yet */
    size_t memory;                   /* that may be taken for messages, bytes */
    int64_t lateness;                /* after that long, a delivery is late; 0: never */
    struct mqtt5_rpcs *rpcs;         /* capture/rpc_table.c; NULL: none yet */
    struct mqtt5_loops *loops;       /* capture/loop/; NULL: none yet */
};

/* Frees what security.c keeps; NULL is allowed. */
void mqtt5_capture_security_free(struct mqtt5_security *security);

/* The server with this number (mqtt5_input.server); NULL: no MQTT of it was seen. */
mqtt5_capture_server *mqtt5_capture_find_server(const mqtt5_capture *capture, uint64_t id);

/* A new link of a connection to `server`, with one reference. Never fails. */
mqtt5_capture_link *mqtt5_capture_link_new(mqtt5_capture *capture, uint64_t server);

/* Gives the link its Client Identifier, which makes it the newest connection of that client. `id`
 * is shared. */
void mqtt5_capture_link_name(mqtt5_capture *capture, mqtt5_capture_link *link, GBytes *id);

/* Gives a reference back; frees with the last one. */
void mqtt5_capture_link_unref(mqtt5_capture_link *link);

/* A 64-bit hash of `length` bytes, begun with `seed`, which should be secret. A third of the
 * instructions of mqtt5_hash(), since every message is hashed; for telling messages apart, not for
 * secrets. */
uint64_t mqtt5_capture_hash(const uint8_t *data, uint32_t length, uint64_t seed);

/* True if both user names are the same, or both are absent: servers may keep the clients of
 * different users apart. */
bool mqtt5_capture_same_user(const mqtt5_capture_link *a, const mqtt5_capture_link *b);

/* --- Subscriptions: capture/subscription.c --- */

/* What the subscriptions of a link grant for a topic. */
typedef struct {
    unsigned count;            /* subscriptions that match */
    unsigned granted_count[3]; /* ... by the QoS that they were granted */
    uint32_t shares;           /* those that are shared, or may be: a bit for each mqtt5_capture_subscription.share */
    /* none of them is pending or shared, and none was deleted lately */
    bool certain;
    bool granted_or_asked;                       /* the same, but some may be pending */
    bool get_stored;                             /* all of them have Retain Handling 0 */
    bool granted_known;                          /* none of them is pending, and none was deleted lately */
    bool no_local;                               /* all of them have No Local */
    bool same_retain_as_published, same_granted; /* they agree on these */
    bool retain_as_published;
    uint8_t granted;
    int64_t first_time, last_time;    /* of their SUBACK packets; of the SUBSCRIBE of those that are pending */
    uint32_t first_frame, last_frame; /* of their SUBSCRIBE packets */
    uint32_t asked_frame;             /* of the first SUBSCRIBE, answered or not; 0: none */
    /* the client has had one of them from here on: as the first, but also of a subscription that was replaced */
    uint32_t since_frame;
    int64_t since_time;
    uint32_t last_granted; /* the last of their SUBACK packets: the frame */
} mqtt5_capture_match;

/* SUBSCRIBE, SUBACK, UNSUBSCRIBE of the event. */
void mqtt5_capture_subscriptions_see(const mqtt5_event *event, mqtt5_capture_link *link);
mqtt5_capture_match mqtt5_capture_subscriptions_match(const mqtt5_capture_link *link, const uint8_t *topic, uint32_t length, int64_t now);
void mqtt5_capture_subscriptions_free(mqtt5_capture_link *link);

/* --- Wills: capture/will/ --- */

/* One PUBLISH, with what the modules of the capture need of it. */
typedef struct {
    bool readable; /* topic and payload are known; else the rest is not set */
    const uint8_t *topic;
    uint32_t topic_length;
    uint64_t topic_hash, hash; /* of server and topic; and of the payload, too */
} mqtt5_capture_message;

/* The CONNECT of `link`: until it is answered, its Will, if it has one, may be published at any
 * time. */
void mqtt5_capture_will_born(const mqtt5_event *event, mqtt5_capture_link *link);
/* The CONNACK: the Will lives from now on, or there will be none. */
void mqtt5_capture_will_answered(const mqtt5_event *event, mqtt5_capture_link *link, bool accepted);
/* The connection of `link`, which has a Will, ends, by a DISCONNECT that discards the Will or
 * otherwise. To be called for each sign of the end. */
void mqtt5_capture_will_ends(mqtt5_capture *capture, mqtt5_capture_link *link, bool discarded);
/* The client of `link`, which has a Will, is back on `successor`, whose CONNACK said `resumed`. */
void mqtt5_capture_will_client_back(mqtt5_capture_link *link, const mqtt5_capture_link *successor, bool resumed);
/* The server delivers a message to `link`, which may be a Will; `published`: some client has
 * published the same, or that is not known. */
void mqtt5_capture_will_copy(const mqtt5_event *event, const mqtt5_capture_link *link, const mqtt5_capture_message *message,
                             bool published);
/* A packet of the server to a connection that may have missed a Will. */
void mqtt5_capture_will_overdue(const mqtt5_event *event, mqtt5_capture_link *link);
/* True if a Will with this topic and payload (mqtt5_capture_message.hash) may have been published,
 * so that a copy may be of that. */
bool mqtt5_capture_will_possible(const mqtt5_capture *capture, uint64_t hash);
/* The Wills with a topic and payload that may have been published. */
typedef struct {
    unsigned count;
    unsigned live; /* further ones, whose connection has not ended as far as the capture shows */
    bool more;     /* there may be others, which were not kept */
    /* of the last of them to end, or to begin if `count` is 0; not set if both are 0 */
    uint32_t connect_frame, end_frame; /* end_frame: 0 if the close was not seen */
    const mqtt5_identity *publisher;
    bool v5;
    uint32_t properties; /* mqtt5_capture_hash_properties() */
} mqtt5_capture_will_source;
/* Finds them. A Will of which a copy had come before the last one was released does not count. */
mqtt5_capture_will_source mqtt5_capture_will_find(const mqtt5_capture *capture, uint64_t hash);
/* The link is freed: its Will no longer has one. */
void mqtt5_capture_will_forget(mqtt5_capture_link *link);
void mqtt5_capture_wills_free(struct mqtt5_wills *wills);

/* --- Messages on their way to the client: capture/in_flight.c --- */

/* Of the link, made when first used; freed with the link. */
mqtt5_delays *mqtt5_capture_delays_of(mqtt5_capture_link *link);

/* A PUBLISH of the server with QoS 1 or 2 and DUP 0: one more. */
void mqtt5_capture_in_flight_sent(const mqtt5_event *event, mqtt5_capture_link *link);
/* PUBACK, PUBCOMP, or PUBREC with a failure: the client takes another message, if it is the sender. */
void mqtt5_capture_in_flight_done(const mqtt5_event *event, mqtt5_capture_link *link);

/* --- Messages: capture/message.c --- */

/* What the modules need of the event's PUBLISH; points into the packet, or to the topic of a Topic
 * Alias. */
mqtt5_capture_message mqtt5_capture_message_of(const mqtt5_event *event, const mqtt5_capture_link *link);
/* A PUBLISH of either side, of which `seen` is known. */
void mqtt5_capture_message_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen);
/* PUBACK or PUBREC of the server with a failure: what it refuses is not retained. */
void mqtt5_capture_message_refused(const mqtt5_event *event, const mqtt5_capture_link *link);
/* When some client was last seen to publish a retained message to the topic (its hash); INT64_MIN:
 * never, or that is forgotten. */
int64_t mqtt5_capture_retained_time(const mqtt5_capture *capture, uint64_t topic_hash);
/* The hash of a message with this topic and payload at the server of the link; `topic_hash` gets
 * that of the topic alone. */
uint64_t mqtt5_capture_message_hash(const mqtt5_capture_link *link, const uint8_t *topic, uint32_t topic_length, const uint8_t *payload,
                                    uint32_t payload_length, uint64_t *topic_hash);
void mqtt5_capture_messages_free(struct mqtt5_messages *messages);

/* --- A message's journey: capture/journey/ --- */

/* A PUBLISH of the client, or of the server: links it with its copies, or with the message that it
 * is a copy of, in its facts. After mqtt5_capture_message_see(). */
void mqtt5_capture_journey_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *seen);
/* PUBACK or PUBREC of the server with a failure: there will be no copies of what it refuses. */
void mqtt5_capture_journey_refused(const mqtt5_event *event, const mqtt5_capture_link *link);
/* PUBREL of the client: the server has to deliver the message. */
void mqtt5_capture_journey_released(const mqtt5_event *event, const mqtt5_capture_link *link);
/* `link` goes on with the session of its client. */
void mqtt5_capture_journey_resume(mqtt5_capture_link *link);
void mqtt5_capture_journeys_free(struct mqtt5_journeys *journeys);
/* Frees what is kept of what a client got; takes NULL, too. */
void mqtt5_got_free(struct mqtt5_got *got);

/* --- Messages that go round: capture/loop/ --- */

/* A PUBLISH of either side whose `message` is readable: reports the client that publishes again and
 * again what it has just received, and two bridges that hand one message to each other, once for a
 * connection. */
void mqtt5_capture_loop_see(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *message);
/* Takes NULL, too. */
void mqtt5_capture_loops_free(struct mqtt5_loops *loops);

/* --- What was not acknowledged: capture/redelivery.c --- */

/* Frees what is kept of a session's messages; takes NULL, too. */
void mqtt5_capture_unacknowledged_free(struct mqtt5_unacknowledged *all);
/* A PUBLISH of either side that mqtt5_capture_redelivery_concerns(); `sent` is what is known of
 * it. */
void mqtt5_capture_redelivery_publish(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *sent);
/* True for a PUBLISH that may be sent again on another connection: of QoS 1 or 2, in a session that
 * outlives this one (4.4). */
static inline bool mqtt5_capture_redelivery_concerns(const mqtt5_event *event, const mqtt5_capture_link *link)
{
    return link->outcome == MQTT5_OUTCOME_ACCEPTED && link->session_expiry_interval != 0 &&
           (mqtt5_publish_qos(event->packet) == 1 || mqtt5_publish_qos(event->packet) == 2);
}
/* PUBACK or PUBREC of either side: the message is not to be sent again. */
void mqtt5_capture_redelivery_acknowledged(const mqtt5_event *event, mqtt5_capture_link *link);
/* SUBSCRIBE or UNSUBSCRIBE of the client: its identifier must be free of earlier messages. */
void mqtt5_capture_redelivery_request(const mqtt5_event *event, mqtt5_capture_link *link);
/* PUBREL or PUBCOMP of either side: from PUBREL to PUBCOMP only the PUBREL may be sent again. */
void mqtt5_capture_redelivery_released(const mqtt5_event *event, mqtt5_capture_link *link);
/* A packet of `sender` acknowledges the other side up to `acks` (mqtt5_evidence_far()). */
void mqtt5_capture_redelivery_acks(mqtt5_capture_link *link, mqtt5_sender sender, uint64_t acks);
/* The first close of the connection: what that side has acknowledged, and whether it reads on. */
void mqtt5_capture_redelivery_closed(const mqtt5_closing *closing, mqtt5_capture_link *link);
/* `link` is accepted, and goes on with the session of `older` if it is `resumed`; `certain`: there was no
 * time for another connection in between, unseen. */
void mqtt5_capture_redelivery_resume(mqtt5_capture_link *link, mqtt5_capture_link *older, bool resumed, bool certain);

/* --- Properties of two copies: capture/property.c --- */

/* A message as it was published. */
typedef struct {
    const uint8_t *properties; /* the property list */
    uint32_t length;
    uint32_t frame;
    int64_t waited; /* from there to the copy, nanoseconds */
    bool will;      /* it is a Will, from a CONNECT; only its User Properties are compared */
} mqtt5_capture_original;

/* Compares the properties of a message with those of the event's PUBLISH, a copy of it that the
 * server sends. Reports the first difference. */
void mqtt5_capture_compare_properties(const mqtt5_event *event, const mqtt5_capture_original *original);

/* A hash of the properties in this list of the event's packet that a server forwards unaltered, and
 * publishers set to tell their messages apart: User Properties and Correlation Data
 * [MQTT-3.3.2-16], [MQTT-3.3.2-17]. 0: there are none, or the list is not sound. `length` gets how
 * many bytes they have. */
uint32_t mqtt5_capture_hash_properties(const mqtt5_event *event, const mqtt5_property_list *list, uint32_t *length);

#endif
