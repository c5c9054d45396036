/* subscription.h
 * The Topic Filters that a client has named on a connection, and what is known of each: session_subscription.c fills it, session_delivery.c
 * asks it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SUBSCRIPTION_H
#define MQTT5_SUBSCRIPTION_H

#include "hash.h"
#include "session.h"

/* Bounds on what is kept. Filters with wildcards and shared ones are tried one by one for each message that is delivered, so they are few;
 * the others are found by hash. A client that goes beyond is no longer judged (`unknown`). */
#define MQTT5_LISTED_MAX 256
#define MQTT5_FILTERS_MAX 131072
#define MQTT5_PENDING_MAX 262144
#define MQTT5_IDENTIFIERS_MAX 65536

/* How many Subscription Identifiers are kept of one filter. */
#define MQTT5_FILTER_IDENTIFIERS 4

/* Messages may come for so long after UNSUBACK without a word: the server may have had them in its buffers (3.10.4). */
#define MQTT5_UNSUBSCRIBED_LONG (60 * G_GINT64_CONSTANT(1000000000))

/* One Topic Filter. "Ever" means on this connection. */
typedef struct {
    uint64_t hash;
    const uint8_t *text; /* the whole filter; behind the struct, but for the key of a search */
    uint32_t length;
    uint32_t body; /* offset of what is matched: behind $share/ShareName/ */
    bool shared;
    bool listed;      /* in mqtt5_subscriptions.listed: it has wildcards or is shared */
    uint8_t last;     /* of a listed filter: its last byte, which every topic that matches has too; 0 for a wildcard */
    uint32_t literal; /* ... and so many bytes at the start of its body that such a topic has too */

    bool active;                       /* granted, and not unsubscribed since */
    bool granted;                      /* ever */
    uint8_t granted_qos;               /* of the last SUBACK; the last but one is in highest_qos too */
    uint8_t highest_qos;               /* ever granted */
    uint8_t pending_qos;               /* highest that a SUBSCRIBE without SUBACK asks for */
    uint32_t subscribes, unsubscribes; /* requests without an answer */
    uint32_t requests;                 /* all that named this filter */
    uint32_t frame;                    /* of the last SUBSCRIBE */
    uint32_t deleted_frame;            /* of the UNSUBACK; 0: none */
    int64_t deleted_time;
    bool late_reported;

    /* What is told of a message that is delivered for it. */
    uint32_t granted_frame;           /* of the SUBSCRIBE that was granted last */
    uint32_t evidence;                /* mqtt5_session_evidence() when it was asked for or granted */
    const uint8_t *kept_text;         /* the filter, in mqtt5_connection.kept; NULL: nothing was told yet */
    const mqtt5_granted *told;        /* of the current state; NULL: to be made */
    const mqtt5_publication *message; /* of those for which it alone is told; NULL: likewise */

    /* What any SUBSCRIBE ever allowed. */
    bool retain_possible; /* RETAIN 1 may come: as a retained message, or kept by Retain As Published */
    bool local_possible;  /* No Local was 0 */
    bool unidentified;    /* without a Subscription Identifier */

    uint32_t identifier;                            /* of the current subscription; 0: none, or not known */
    bool identifier_used;                           /* a message had it */
    uint8_t identifier_count;                       /* of `identifiers`; more than there is room for: some are not kept */
    uint32_t identifiers[MQTT5_FILTER_IDENTIFIERS]; /* ever */
} mqtt5_subscription;

/* What is known of the filters that a topic matches. */
typedef struct {
    unsigned count;                                               /* subscriptions that are granted, or asked for and not yet refused */
    unsigned total;                                               /* with those that were granted once; all are in `filters` */
    int highest_qos;                                              /* that any of the total may deliver; -1: none */
    bool retain_possible, local_possible, unidentified, unshared; /* of any of the total */
    mqtt5_subscription *filters[MQTT5_LISTED_MAX + 1];            /* those of `count` first */
} mqtt5_match;

/* A message of the client itself, for No Local. */
typedef struct {
    uint64_t hash; /* of topic and payload; 0: none */
    uint32_t frame;
    int64_t time;
} mqtt5_sent_message;

#define MQTT5_SENT_MESSAGES 64
#define MQTT5_ABOVE_MAXIMUM 8

struct mqtt5_subscriptions {
    GHashTable *filters;         /* mqtt5_subscription, by its text */
    mqtt5_subscription **listed; /* room for a power of two of them, at most MQTT5_LISTED_MAX */
    unsigned listed_count;
    bool unknown;  /* some request or answer could not be read, or there are too many: nothing is judged */
    bool foreign;  /* the server subscribes or maps topics by rules of its own: some message matched nothing */
    bool no_local; /* some SUBSCRIBE has No Local */
    mqtt5_hash_key key;
    uint64_t work;           /* filters looked at so far, for tests: what is done must stay linear in what was sent */
    unsigned above_next;     /* of `above` */
    uint32_t merged[2];      /* identifiers that came together in one message; 0: none yet */
    GHashTable *identifiers; /* set of all Subscription Identifiers that the client gave */
    GHashTable *pending;     /* Packet Identifier -> SUBSCRIBE or UNSUBSCRIBE without an answer */
    uint32_t pending_filters;
    uint32_t sweep_at;        /* so many filters make it worth looking for ones that are no longer needed */
    mqtt5_sent_message *sent; /* MQTT5_SENT_MESSAGES, a ring */
    unsigned sent_next;
    struct {
        uint16_t packet_id; /* 0: free */
        uint8_t qos;
        uint32_t frame;
    } above[MQTT5_ABOVE_MAXIMUM]; /* PUBLISH of the client above Maximum QoS, to see whether they are accepted; a ring */
};

/* The subscriptions of the connection, made if there are none yet. */
struct mqtt5_subscriptions *mqtt5_subscriptions_of(mqtt5_connection *connection);

/* Gives up: what is kept is freed, and nothing is judged from now on. */
void mqtt5_subscriptions_give_up(struct mqtt5_subscriptions *subscriptions);

void mqtt5_subscriptions_free(struct mqtt5_subscriptions *subscriptions);

/* The filter with this text, added if there is none; NULL if there are too many (nothing is changed then). `now` as in mqtt5_input.time. */
mqtt5_subscription *mqtt5_subscriptions_add(struct mqtt5_subscriptions *subscriptions, const uint8_t *text, uint32_t length, int64_t now);

/* Fills *match with what is known of the filters that match the topic. Linear in the topic's length and the number of listed filters. */
void mqtt5_subscriptions_match(struct mqtt5_subscriptions *subscriptions, const uint8_t *topic, uint32_t length, mqtt5_match *match);

/* True if the state of the subscriptions is known from their start, so that what is missing there was never said. */
bool mqtt5_subscriptions_known(const mqtt5_event *event);

/* session_maximum_qos.c: what the server makes of its own Maximum QoS. */
void mqtt5_session_maximum_qos(mqtt5_event *event);

/* session_delivery.c: a PUBLISH of the server, and of the client. */
void mqtt5_session_delivery(mqtt5_event *event);
void mqtt5_session_own_message(mqtt5_event *event);

#endif
