/* detail.h
 * What there is to tell of a packet beyond its facts, by packet type. Made while the packet is
 * judged, in memory that lives as long as its connection, and never changed afterwards; only where
 * a packet has something of the kind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DETAIL_H
#define MQTT5_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/identity.h"

/* The answer to a request. It comes later, so this alone is filled in later. */
typedef struct {
    /* of the answer, or of the packet that shows that none will come (`never`); 0: neither so
     * far */
    uint32_t frame : 31;
    uint32_t never : 1;
} mqtt5_answer;

/* Of a close: the requests that it leaves without an answer. */
typedef struct {
    uint32_t count; /* of all */
    uint32_t shown; /* of `frames` */
    /* that they are in, ascending: the first of them, MQTT5_OPEN_REQUESTS_MAX at most */
    uint32_t frames[];
} mqtt5_open_requests;

#define MQTT5_OPEN_REQUESTS_MAX 100

/* The topic of a Topic Alias, for a PUBLISH that has the alias alone. */
typedef struct {
    uint32_t frame; /* of the PUBLISH that set it */
    uint32_t alias;
    uint32_t length;
    uint8_t topic[];
} mqtt5_alias_topic;

/* A subscription as it was when something was delivered for it. */
typedef struct {
    const uint8_t *filter; /* the whole Topic Filter */
    uint32_t length;
    uint32_t frame; /* of its SUBSCRIBE */
    bool granted;   /* SUBACK was seen: `qos` is set */
    uint8_t qos;
} mqtt5_granted;

/* How the server, or the end of the connection, shows that a request gets no response. */
typedef enum {
    MQTT5_RPC_NO_SUBSCRIBER, /* the server has no subscriber for the request, as it says */
    MQTT5_RPC_REFUSED,       /* the server refuses the request */
    MQTT5_RPC_ENDED          /* the session of the requester ends */
} mqtt5_rpc_unanswered;

/* A PUBLISH that is a request or a response, or both (4.10). What a request gets is filled in
 * later. */
typedef struct {
    /* A request: */
    uint32_t response_frame;   /* of the first response to the requester, or, if the capture has
                                * only that, as it was published; 0: none so far */
    uint32_t unanswered_frame; /* that shows that no response comes; 0: none */
    uint8_t reason;            /* mqtt5_rpc_unanswered, for that */
    uint32_t reached_frame;    /* with that: of the first delivery of the request; 0: none seen */
    uint32_t published_frame;  /* with that: of a response that was published; 0: none seen */
    /* A response: */
    uint32_t request_frame; /* 0: not known */
    bool by_topic;          /* nothing but the Response Topic says so: there is no Correlation Data */
    bool timed;             /* the first one that the requester gets, or that a responder sends: `time` is set */
    int64_t time;           /* since that request, nanoseconds */
    /* of a response to the requester: the frames between which it was with the responder, and how
     * long; 0: not known */
    uint32_t responder_request_frame, responder_response_frame;
    int64_t responder_time;
} mqtt5_rpc;

/* What to show of a PUBLISH; messages with the same values share it, except those that have an
 * `rpc`. */
typedef struct {
    const mqtt5_alias_topic *alias; /* NULL: the topic is in the packet, or not known */
    const mqtt5_rpc *rpc;           /* NULL: neither request nor response */
    uint32_t matched;               /* known subscriptions of the client that match the topic */
    uint32_t shown;                 /* of `granted`, MQTT5_GRANTED_MAX at most */
    const mqtt5_granted *granted[];
} mqtt5_publication;

#define MQTT5_GRANTED_MAX 16

/* Of a PUBLISH of the server: the message that it is a copy of. */
typedef struct mqtt5_copy {
    struct mqtt5_copy *next;         /* of the same message, in the order in which they came */
    const mqtt5_identity *publisher; /* NULL: not known, or not the same for all candidates */
    int64_t waited;                  /* from the last byte of the message to the first of the copy; -1: not known */
    uint32_t frame;                  /* of the copy */
    uint32_t published;              /* of the PUBLISH, or of the CONNECT with the Will */
    uint32_t closed;                 /* of the close that released the Will; 0: it is no Will, or not known */
    uint32_t candidates;             /* 0: it is certain; else that many messages of the capture are possible */
    uint32_t missing;                /* messages of its publisher and topic that should have come before it, and come no more */
    bool retained;                   /* the server had kept it until the client subscribed */
    bool again;                      /* it was sent before: no second delivery */
    bool will;
} mqtt5_copy;

/* A subscriber that a message comes to no more. */
typedef struct mqtt5_missed {
    struct mqtt5_missed *next;        /* of the same message, in the order in which that became certain; of the last: the first */
    const mqtt5_identity *subscriber; /* NULL: not known */
    uint32_t frame;                   /* of the later message that has come to it */
} mqtt5_missed;

/* Of a PUBLISH of the client, when it has copies, or when one comes no more. It changes as that
 * becomes known. */
typedef struct {
    uint32_t count;            /* of copies that are certain, without those sent again */
    uint32_t missing;          /* of subscribers that it comes to no more */
    mqtt5_copy *first, *last;  /* of those copies */
    mqtt5_missed *last_missed; /* of those subscribers; NULL: none */
} mqtt5_deliveries;

#define MQTT5_DELIVERIES_SHOWN 100

/* Of SUBACK and UNSUBACK: the Topic Filters that they answer, as in the request. */
typedef struct {
    uint32_t count;  /* of the request */
    uint32_t length; /* of `bytes`: whole filters, the first MQTT5_FILTERS_KEPT at most */
    uint8_t bytes[];
} mqtt5_filters;

#define MQTT5_FILTERS_KEPT 1000

/* What a side takes (3.1.2.11, 3.2.2.3). */
typedef struct {
    uint32_t receive_maximum, maximum_packet_size, topic_alias_maximum;
    bool receive_maximum_is_default, maximum_packet_size_is_default, topic_alias_maximum_is_default;
} mqtt5_agreed_limits;

/* Of CONNACK. */
typedef struct {
    /* of the client's AUTH that it answers, besides CONNECT; 0: none */
    uint32_t authentication_frame;
    bool accepted;              /* the connection is accepted: what follows applies from here on */
    bool v5;                    /* ... and all that follows session_present */
    uint32_t keep_alive;        /* seconds; 0: off */
    bool keep_alive_is_servers; /* by Server Keep Alive */
    bool clean_start;           /* or CleanSession */
    bool session_present;
    uint32_t session_expiry_interval; /* seconds; UINT32_MAX: never */
    bool session_expiry_is_servers, session_expiry_is_default;
    mqtt5_agreed_limits limits[2]; /* by sender - 1: what this side takes */
    bool maximum_qos_is_default, retain_is_default, wildcard_is_default, shared_is_default, subscription_identifier_is_default;
    uint8_t maximum_qos;
    bool retain, wildcard, shared, subscription_identifier; /* available */
} mqtt5_agreement;

/* The largest possible control packet: a fixed header of five bytes and the largest Remaining
 * Length (2.1.4). */
#define MQTT5_PACKET_SIZE_MAX 268435460u

/* The one that belongs to the packet's type; NULL where there is nothing to show. */
typedef union {
    const void *any;
    /* CONNECT with an Authentication Method: the AUTH that answers it */
    const mqtt5_answer *authentication;
    const mqtt5_agreement *agreement;     /* CONNACK */
    const mqtt5_publication *publication; /* PUBLISH */
    const mqtt5_filters *filters;         /* SUBACK, UNSUBACK */
    const mqtt5_open_requests *open;      /* MQTT5_CLOSE */
    /* PUBACK to PUBCOMP: when its sender's TCP acknowledged the request, in a frame before this one */
    const int64_t *acknowledged_time;
} mqtt5_detail;

#endif
