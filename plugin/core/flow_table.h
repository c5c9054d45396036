/* flow_table.h
 * The requests of one side that wait for an answer, by Packet Identifier, with what is needed to judge the answer. Internal to
 * session_flow*.c. Finding, opening and closing take constant time; memory grows with the most flows that were ever open at a time, not with
 * the identifiers that were used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FLOW_TABLE_H
#define MQTT5_FLOW_TABLE_H

#include <glib.h>

#include "detail.h"
#include "packet_type.h"

/* Topic Filters of one SUBSCRIBE whose requested QoS is kept. */
#define MQTT5_FLOW_FILTERS 32

/* Closed flows that are remembered. */
#define MQTT5_FLOWS_CLOSED 32

/* One request: a PUBLISH of QoS 1 or 2 on its way through the handshake, a SUBSCRIBE or an UNSUBSCRIBE. */
typedef struct mqtt5_flow {
    struct mqtt5_flow *next, *previous; /* in the queue of those that await the same; of a free one `next` alone, in the list of those */
    int64_t time;                       /* of `frame` */
    uint64_t requested;                 /* SUBSCRIBE: the requested QoS, two bits for each of the first MQTT5_FLOW_FILTERS filters */
    mqtt5_answer *answer;               /* to the packet in `frame`: where to note it; NULL: nobody wants to know */
    const mqtt5_filters *kept_filters;  /* SUBSCRIBE, UNSUBSCRIBE: what it asks; NULL where that cannot be read */
    uint32_t request_frame;             /* of the PUBLISH, SUBSCRIBE or UNSUBSCRIBE; 0 where it was not seen on this connection */
    uint32_t frame;                     /* of the packet that wants an answer now: the request, or the PUBREC or PUBREL that came for it */
    uint32_t epoch;                     /* mqtt5_flow_evidence.epoch when it was opened */
    uint32_t losses;                    /* mqtt5_flow_evidence.losses when `frame` came */
    uint32_t digest;       /* SUBSCRIBE, UNSUBSCRIBE before MQTT 5: of the content, to tell a request that is sent again from another one */
    uint32_t filters;      /* SUBSCRIBE, UNSUBSCRIBE: the number of Topic Filters; 0 where it is not known */
    uint32_t topic_at;     /* PUBLISH: its place in mqtt5_flows.topics; see mqtt5_flow_topic() */
    uint16_t topic_length; /* 0: not known */
    uint16_t id;
    uint16_t place; /* in the pool */
    uint8_t awaits; /* the packet type that comes next: PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK; 0 in a free entry */
    bool queued;
    bool counted;   /* against the Receive Maximum */
    bool exceeding; /* it was sent beyond the Receive Maximum */
    bool unlinked;  /* which packet it is that the next one answers cannot be told, or was told already that none comes */
    bool doubtful;  /* something about it was wrong, or was sent again: what comes for it is followed, and not judged */
} mqtt5_flow;

/* How a flow ended. */
typedef struct {
    uint16_t id;
    uint8_t awaited;        /* the packet type that closed it, or should have */
    bool failed;            /* by a reason code from 0x80 */
    uint32_t epoch;         /* of the flow */
    uint32_t request_frame; /* as in mqtt5_flow */
    uint32_t frame;         /* of the packet that closed it */
} mqtt5_closed_flow;

/* Flows that await the same packet type, the oldest first. */
typedef struct {
    mqtt5_flow *head, *tail;
    uint32_t overtaken; /* answers that came to later ones while this head waited */
} mqtt5_flow_queue;

/* Where the open flows of neighbouring identifiers are. */
typedef struct mqtt5_flow_page mqtt5_flow_page;

#define MQTT5_FLOW_PAGES 128

/* The flows of one side. What most packets need comes first. */
typedef struct mqtt5_flows {
    mqtt5_flow *free;        /* entries of the pool that are free, the one that was used last first */
    mqtt5_flow **pool;       /* in pieces; a flow stays where it is */
    uint32_t pieces;         /* of the pool */
    uint32_t open;           /* flows in use */
    uint32_t inflight;       /* PUBLISH of QoS 1 and 2 on this connection that still count against the Receive Maximum */
    uint32_t inflight_epoch; /* the epoch that `inflight` belongs to */
    uint32_t spare;          /* answers that may come without a request in the table: see session_flow.h */
    uint32_t closings;       /* flows closed so far */
    uint32_t topics_size, topics_next;
    uint8_t *topics;  /* the last Topic Names, a ring: flow_topic.c */
    GHashTable *owed; /* Packet Identifier -> requests that had it while it was in use: mqtt5_flow_owe(). NULL: none */
    /* The most that were in flight, since which PUBLISH; and the first PUBLISH beyond the Receive Maximum, with the number then. Frame 0: none */
    uint32_t peak, peak_frame, exceeding, exceeding_frame;
    uint32_t idle;                                /* number of a page that was kept although it is empty, plus 1; 0: none */
    bool tolerated;                               /* receive_maximum_not_enforced was said */
    mqtt5_flow_queue queues[MQTT5_UNSUBACK + 1];  /* by packet type */
    mqtt5_closed_flow closed[MQTT5_FLOWS_CLOSED]; /* a ring */
    mqtt5_flow_page *pages[MQTT5_FLOW_PAGES];     /* by the upper bits of the identifier; NULL where none is open */
} mqtt5_flows;

/* An empty table; freed with mqtt5_flows_free(), which takes NULL too. */
mqtt5_flows *mqtt5_flows_new(void);
void mqtt5_flows_free(mqtt5_flows *flows);

/* The open flow of `id`; NULL where there is none, or no table (`flows` NULL). Stays where it is until it is closed. */
mqtt5_flow *mqtt5_flow_find(const mqtt5_flows *flows, uint16_t id);

/* Opens a flow for `id`, which must have none: all zero but the identifier and what it awaits. */
mqtt5_flow *mqtt5_flow_open(mqtt5_flows *flows, uint16_t id, mqtt5_packet_type awaits);

/* Takes a flow out of the table, and remembers how it ended: in `frame`, and whether by a failure. The flow must not be used any more. */
void mqtt5_flow_close(mqtt5_flows *flows, mqtt5_flow *flow, uint32_t frame, bool failed);

/* The last flow of `id` that was closed, if it is among the last MQTT5_FLOWS_CLOSED of all; else, or without a table, NULL. */
const mqtt5_closed_flow *mqtt5_flow_find_closed(const mqtt5_flows *flows, uint16_t id);

/* Calls `visit` with each open flow, and `data`; it may change the flow, and not close it. */
void mqtt5_flows_foreach(const mqtt5_flows *flows, void (*visit)(mqtt5_flow *flow, gpointer data), gpointer data);

/* A request has come with an identifier that an earlier one has, so that one answer more than there are flows may come for it. `abandoned` is the
 * answer of the earlier one if that is given up for it (its `never` is set), else NULL. */
void mqtt5_flow_owe(mqtt5_flows *flows, uint16_t id, mqtt5_answer *abandoned);

/* True if such an answer to a request with this identifier has not come yet: the next one may be that. */
bool mqtt5_flow_is_owed(const mqtt5_flows *flows, uint16_t id);

/* An answer has come that no open flow awaits: it may be an owed one. Nothing happens if there is none; `flows` may be NULL. */
void mqtt5_flow_repay(mqtt5_flows *flows, uint16_t id);

/* Puts a flow behind the others that await the same; takes it out (nothing happens if it is not in). */
void mqtt5_flow_enqueue(mqtt5_flows *flows, mqtt5_flow *flow);
void mqtt5_flow_dequeue(mqtt5_flows *flows, mqtt5_flow *flow);

/* The flow awaits another packet type from now on; leaves its queue, and enters none. */
void mqtt5_flow_await(mqtt5_flows *flows, mqtt5_flow *flow, mqtt5_packet_type awaits);

/* --- flow_topic.c --- */

/* So much of a Topic Name is kept. */
#define MQTT5_FLOW_TOPIC 120

/* Notes the topic of the PUBLISH that a flow began with, or the first filter of the SUBSCRIBE or UNSUBSCRIBE. Of all flows the last few thousand bytes are kept. `length` is the whole length. */
void mqtt5_flow_keep_topic(mqtt5_flows *flows, mqtt5_flow *flow, const uint8_t *topic, uint32_t length);

/* The start of that topic, at most MQTT5_FLOW_TOPIC bytes, and so many in *length; *whole tells whether that is all of it. NULL if it is not known, or no longer. */
const uint8_t *mqtt5_flow_topic(const mqtt5_flows *flows, const mqtt5_flow *flow, uint32_t *length, bool *whole);

#endif
