/* rpc_table.h
 * The requests of a capture that responses may still come to, by Response Topic and Correlation
 * Data: a table of bounded size, from which the one that was not touched for longest goes first.
 *
 * Nothing of a message is copied: requests are found by a hash that begins with secret bits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_RPC_TABLE_H
#define MQTT5_CAPTURE_RPC_TABLE_H

#include "core/capture/parts.h"

/* Requests that are kept; with these, the table has at most 8 MB. */
#define MQTT5_RPCS_MAX 65536

/* Messages to requesters that may be responses, by topic: places that topics share. */
#define MQTT5_RPC_STRAYS 4096

/* A request: as a client has published it, or as the server has delivered it to a client. The same
 * Response Topic and Correlation Data may be used again, for which its entry is used again. */
typedef struct {
    uint64_t hash;
    int64_t time;                       /* of `frame` */
    mqtt5_connection *owner;            /* in whose list it is; NULL: in none */
    mqtt5_rpc *request;                 /* where to note what becomes of it; only while it is in a list */
    const mqtt5_capture_client *client; /* of the link with `serial`; to compare only, may be NULL */
    int64_t responder_time;             /* of `published` */
    uint32_t serial;                    /* of the link on which the request is */
    uint32_t frame, evidence;           /* evidence: mqtt5_evidence_number() of then */
    uint32_t source;                    /* delivered: the frame in which it was published; 0: not known */
    uint32_t reached;                   /* published: the frame that first delivers it; 0: none */
    /* Published: the frame of its response as published, and of the request that the responder had
     * got; 0: none. */
    uint32_t published, published_for;
    uint32_t open;  /* requests without a response */
    uint16_t stray; /* place of the Response Topic */
    uint16_t packet_id;
    bool is_delivery : 1;
    bool weak : 1;       /* other requests may have the same: used again, or no Correlation Data */
    bool by_topic : 1;   /* no Correlation Data */
    bool mixed : 1;      /* several were open at once: which one is answered is not known */
    bool answered : 1;   /* the latest request has a response */
    bool surplus : 1;    /* there may be more responses than requests */
    bool several : 1;    /* several responses were published */
    bool subscribed : 1; /* the requester has a subscription for the response */
    bool said : 1;       /* it is known that no response comes */
    /* For the table: places + 1; 0: none. */
    uint32_t chain, used_before, used_after, older, newer;
} mqtt5_rpc_entry;

struct mqtt5_rpcs {
    mqtt5_rpc_entry *entries;
    uint32_t *buckets; /* `size` of them */
    uint32_t size, count;
    uint32_t last_used, first_used;    /* touched last, and longest ago: place + 1 */
    bool by_topic;                     /* there was a request without Correlation Data */
    bool forgotten;                    /* one that was open was pushed out */
    uint32_t strays[MQTT5_RPC_STRAYS]; /* the last frame of such a message */
};

/* A table without requests. */
struct mqtt5_rpcs *mqtt5_rpcs_new(void);

/* Frees the table; takes NULL, too. */
void mqtt5_rpcs_free(struct mqtt5_rpcs *rpcs);

/* The request with this hash, which counts as touched; NULL if there is none. Valid until the next
 * mqtt5_rpcs_add(). */
mqtt5_rpc_entry *mqtt5_rpcs_find(struct mqtt5_rpcs *rpcs, uint64_t hash);

/* A new request, all zero but its hash, which must not be there yet. May push out another one. Valid
 * until the next call of this. */
mqtt5_rpc_entry *mqtt5_rpcs_add(struct mqtt5_rpcs *rpcs, uint64_t hash);

/* Puts the request, which is in no list, into the list of `owner` as the newest, with `request` to
 * note what becomes of it. */
void mqtt5_rpcs_own(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry, mqtt5_connection *owner, mqtt5_rpc *request);

/* Takes the request out of the list that it is in, if any; nothing can be noted any more. */
void mqtt5_rpcs_disown(struct mqtt5_rpcs *rpcs, mqtt5_rpc_entry *entry);

/* The newest request in the list of `owner`, and the one before `entry` there; NULL: there is none. */
mqtt5_rpc_entry *mqtt5_rpcs_newest(struct mqtt5_rpcs *rpcs, const mqtt5_connection *owner);
mqtt5_rpc_entry *mqtt5_rpcs_older(struct mqtt5_rpcs *rpcs, const mqtt5_rpc_entry *entry);

#endif
