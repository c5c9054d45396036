/* detail.h
 * What there is to tell of a packet beyond its verdict, by packet type. Made while the packet is judged, in memory that lives as long as its
 * connection, and never changed afterwards; only where a packet has something of the kind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DETAIL_H
#define MQTT5_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

/* What becomes of a request. The one thing here that is filled in later: the answer comes behind its request. */
typedef struct {
    uint32_t frame : 31; /* of the packet that answers it; or of the one that shows that none will come (`never`); 0: neither, so far */
    uint32_t never : 1;
} mqtt5_answer;

/* Of a close: the requests that it leaves without an answer. */
typedef struct {
    uint32_t count;    /* of all */
    uint32_t shown;    /* of `frames` */
    uint32_t frames[]; /* that they are in, ascending: the first of them, MQTT5_OPEN_REQUESTS_MAX at most */
} mqtt5_open_requests;

#define MQTT5_OPEN_REQUESTS_MAX 100

/* What a Topic Alias stands for, of a PUBLISH that comes with the alias alone. */
typedef struct {
    uint32_t frame; /* of the PUBLISH that set it */
    uint32_t alias;
    uint32_t length;
    uint8_t topic[];
} mqtt5_alias_topic;

/* A subscription as it stood when something was delivered for it. */
typedef struct {
    const uint8_t *filter; /* the whole Topic Filter */
    uint32_t length;
    uint32_t frame; /* of its SUBSCRIBE */
    bool granted;   /* SUBACK was seen: `qos` is set */
    uint8_t qos;
} mqtt5_granted;

/* Of a PUBLISH: one such for all messages that are told the same of. */
typedef struct {
    const mqtt5_alias_topic *alias; /* NULL: the topic is in the packet, or not known */
    uint32_t matched;               /* subscriptions that the client is known to have and that match the topic of what is delivered */
    uint32_t shown;                 /* of `granted`, MQTT5_GRANTED_MAX at most */
    const mqtt5_granted *granted[];
} mqtt5_publication;

#define MQTT5_GRANTED_MAX 16

/* Of SUBACK and UNSUBACK: the Topic Filters that they answer, as they stand in the request. */
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
    uint32_t authentication_frame; /* of the client's AUTH that it answers, besides CONNECT; 0: none */
    bool accepted;                 /* the connection is: then what follows holds from here on */
    bool v5;                       /* ... and all behind session_present */
    uint32_t keep_alive;           /* seconds; 0: off */
    bool keep_alive_is_servers;    /* by Server Keep Alive */
    bool clean_start;              /* or CleanSession */
    bool session_present;
    uint32_t session_expiry_interval; /* seconds; UINT32_MAX: never */
    bool session_expiry_is_servers, session_expiry_is_default;
    mqtt5_agreed_limits limits[2]; /* by sender - 1: what this side takes */
    bool maximum_qos_is_default, retain_is_default, wildcard_is_default, shared_is_default, subscription_identifier_is_default;
    uint8_t maximum_qos;
    bool retain, wildcard, shared, subscription_identifier; /* available */
} mqtt5_agreement;

/* The largest control packet that there can be: a fixed header of five bytes, and the largest Remaining Length (2.1.4). */
#define MQTT5_PACKET_SIZE_MAX 268435460u

/* Whichever belongs to the packet's type; NULL where there is nothing to tell. */
typedef union {
    const void *any;
    const mqtt5_answer *authentication;   /* CONNECT with an Authentication Method: the AUTH that answers it */
    const mqtt5_agreement *agreement;     /* CONNACK */
    const mqtt5_publication *publication; /* PUBLISH */
    const mqtt5_filters *filters;         /* SUBACK, UNSUBACK */
    const mqtt5_open_requests *open;      /* MQTT5_CLOSE */
} mqtt5_detail;

#endif
