/* subscription.h
 * The Topic Filters that a client has named on a connection, and what is known of each:
 * subscription/requests.c fills it, subscription/delivery.c asks it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SUBSCRIPTION_H
#define MQTT5_SUBSCRIPTION_H

#include "core/memory/hash.h"
#include "core/session/session.h"

/* Bounds on what is kept. Each delivered message is compared with every filter that has wildcards
 * or is shared, so few of those are kept; the others are found by hash. A client that exceeds a
 * bound is no longer judged (`unknown`). */
#define MQTT5_LISTED_MAX 256
#define MQTT5_FILTERS_MAX 131072
#define MQTT5_PENDING_MAX 262144
#define MQTT5_IDENTIFIERS_MAX 65536

/* How many Subscription Identifiers are kept of one filter. */
#define MQTT5_FILTER_IDENTIFIERS 4

/* For this long after UNSUBACK messages may come without a finding: the server may have had them in
 * its buffers (3.10.4). */
#define MQTT5_UNSUBSCRIBED_LONG (60 * MQTT5_SECOND)

/* One Topic Filter. "Ever" means on this connection. */
typedef struct {
    uint64_t hash;
    /* the whole filter; stored after the struct, except in the key of a search */
    const uint8_t *text;
    uint32_t length;
    uint32_t body; /* offset of what is matched: after $share/ShareName/ */
    bool shared;
    bool listed; /* in mqtt5_subscriptions.listed: it has wildcards or is shared */
    /* of a listed filter: its last byte, with which a matching topic ends; 0: wildcard */
    uint8_t last;
    uint32_t literal; /* ... and the number of bytes of its body with which such a topic begins */

    bool active;  /* granted, and not unsubscribed since */
    bool granted; /* ever */
    /* requests on it crossed: whether the server has it is not known until the next one */
    bool unsure;
    /* of the last SUBACK; the last but one is in highest_qos too */
    uint8_t granted_qos;
    uint8_t highest_qos;               /* ever granted */
    uint8_t options;                   /* of the last SUBSCRIBE */
    uint8_t pending_qos;               /* highest that a SUBSCRIBE without SUBACK asks for */
    uint32_t subscribes, unsubscribes; /* requests without an answer */
    uint32_t requests;                 /* all that named this filter */
    uint32_t frame;                    /* of the last SUBSCRIBE */
    uint32_t deleted_frame;            /* of the UNSUBACK; 0: none */
    int64_t deleted_time;
    bool late_reported;

    /* What is shown for a message that is delivered for it. */
    uint32_t granted_frame; /* of the SUBSCRIBE that was granted last */
    uint32_t evidence;      /* mqtt5_evidence_number() when it was asked for or granted */
    /* the filter, in mqtt5_connection.arena; NULL: nothing was shown yet */
    const uint8_t *kept_text;
    const mqtt5_granted *told; /* of the current state; NULL: to be made */
    /* what is shown for messages that only it matches; NULL: to be made */
    const mqtt5_publication *message;

    /* What any SUBSCRIBE ever allowed. */
    /* RETAIN 1 may come: as a retained message, or kept by Retain As Published */
    bool retain_possible;
    /* a filter without wildcards, of MQTT 5: so many retained messages may still come, one for each
     * SUBSCRIBE; and the frame of the last one */
    uint32_t retained_due, retained_frame;
    bool local_possible; /* No Local was 0 */
    bool unidentified;   /* without a Subscription Identifier */

    /* of the current subscription; 0: none, or not known */
    uint32_t identifier;
    bool identifier_used; /* a message had it */
    /* of `identifiers`; above their room: some were not kept */
    uint8_t identifier_count;
    uint32_t identifiers[MQTT5_FILTER_IDENTIFIERS]; /* ever */
} mqtt5_subscription;

/* What is known of the filters that a topic matches. */
typedef struct {
    /* subscriptions that are granted, or asked for and not yet refused */
    unsigned count;
    /* with those that were granted once; all are in `filters` */
    unsigned total;
    /* that any of the total may deliver; -1: none */
    int highest_qos;
    bool retain_possible, local_possible, unidentified, unshared; /* of any of the total */
    mqtt5_subscription *filters[MQTT5_LISTED_MAX + 1];            /* those of `count` first */
} mqtt5_match;

struct mqtt5_subscriptions {
    GHashTable *filters;         /* mqtt5_subscription, by its text */
    mqtt5_subscription **listed; /* room for a power of two of them, at most MQTT5_LISTED_MAX */
    unsigned listed_count;
    /* a request or answer could not be read, or there are too many: nothing is judged */
    bool unknown;
    /* the connection whose they are: another one than that of the event, if they are inherited */
    const mqtt5_connection *owner;
    /* some message matched nothing: the server subscribes or maps topics by itself */
    bool foreign;
    mqtt5_hash_key key;
    /* filters looked at so far; tests hold it to be linear in what was sent */
    uint64_t work;
    uint32_t merged[2];      /* two identifiers that came in one message; 0: none yet */
    GHashTable *identifiers; /* set of all Subscription Identifiers that the client gave */
    GHashTable *pending;     /* Packet Identifier -> SUBSCRIBE or UNSUBSCRIBE without an answer */
    uint32_t pending_filters;
    /* the number of filters at which to look for ones that are no longer needed */
    uint32_t sweep_at;
};

/* The subscriptions of the connection, made if there are none yet. */
struct mqtt5_subscriptions *mqtt5_subscriptions_of(mqtt5_connection *connection);

/* Gives up: frees what is kept, and nothing is judged from now on. */
void mqtt5_subscriptions_give_up(struct mqtt5_subscriptions *subscriptions);

void mqtt5_subscriptions_free(struct mqtt5_subscriptions *subscriptions);

/* The filter with this text, added if there is none; NULL if there are too many (nothing is changed
 * then). `now` as in mqtt5_input.time. */
mqtt5_subscription *mqtt5_subscriptions_add(struct mqtt5_subscriptions *subscriptions, const uint8_t *text, uint32_t length, int64_t now);

/* Fills *match with what is known of the filters that match the topic. Linear in the topic's length
 * and the number of listed filters. */
void mqtt5_subscriptions_match(struct mqtt5_subscriptions *subscriptions, const uint8_t *topic, uint32_t length, mqtt5_match *match);

/* The subscriptions of the connection before become those of this one, if its session goes on. Nothing
 * happens where that was done, or the session is new. */
void mqtt5_subscriptions_adopt(const mqtt5_event *event);

/* True if all subscriptions are known from the start of the session, so that one that is not there
 * was never made. */
bool mqtt5_subscriptions_known(const mqtt5_event *event);

/* subscription/delivery.c: a PUBLISH of the server. */
void mqtt5_delivery_see(mqtt5_event *event);

#endif
