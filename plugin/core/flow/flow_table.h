/* flow_table.h
 * The requests of one side that wait for an answer, by Packet Identifier, with what is needed to
 * judge the answer. Internal to flow/. Finding, opening and closing take constant time; memory
 * grows with the most flows that were ever open at a time, not with the identifiers that were used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FLOW_TABLE_H
#define MQTT5_FLOW_TABLE_H

#include <glib.h>

#include "core/detail.h"
#include "core/standard/packet_type.h"

/* Closed flows that are remembered: as many as fit into these bytes. */
#define MQTT5_FLOWS_CLOSED_BYTES 65536

/* One request: a PUBLISH of QoS 1 or 2 on its way through the handshake, a SUBSCRIBE or an
 * UNSUBSCRIBE. */
typedef struct mqtt5_flow {
    /* in the queue of those that await the same; of a free entry `next` alone is used */
    struct mqtt5_flow *next, *previous;
    int64_t time; /* of `frame` */
    /* SUBSCRIBE: the requested QoS, two bits for each filter, in the connection's arena */
    const uint8_t *requested;
    mqtt5_answer *answer; /* to the packet in `frame`: where to note it; NULL: nowhere */
    /* SUBSCRIBE, UNSUBSCRIBE: what it asks; NULL where that cannot be read */
    const mqtt5_filters *kept_filters;
    /* of the PUBLISH, SUBSCRIBE or UNSUBSCRIBE; 0 where it was not seen on this connection */
    uint32_t request_frame;
    /* of the packet that waits for an answer: the request, or its PUBREC or PUBREL */
    uint32_t frame;
    uint32_t epoch;  /* mqtt5_evidence_epoch() when it was opened */
    uint32_t number; /* mqtt5_evidence_number() when `frame` came */
    /* SUBSCRIBE, UNSUBSCRIBE before MQTT 5: of the content, to recognise a resend */
    uint32_t digest;
    /* SUBSCRIBE, UNSUBSCRIBE: the number of Topic Filters; 0 where it is not known */
    uint32_t filters;
    uint32_t topic_at;     /* PUBLISH: its place in mqtt5_flows.topics; see mqtt5_flow_topic() */
    uint16_t topic_length; /* 0: not known */
    uint16_t id;
    uint16_t place; /* in the pool */
    uint8_t awaits; /* the packet type that comes next, PUBACK to UNSUBACK; 0 in a free entry */
    bool queued;
    bool counted;   /* against the Receive Maximum */
    bool exceeding; /* it was sent beyond the Receive Maximum */
    bool above;     /* its QoS is above the Maximum QoS of the server */
    bool unlinked;  /* the packet that the next one answers is not certain, or none is expected */
    bool shared;    /* when it was opened, an answer to an earlier request with its identifier could still come */
    bool left;      /* it was noted that the connection ends without an answer */
    bool hung;      /* it was reported that it has no answer; until a step is answered */
    bool doubtful;  /* it had a fault or a resend: what follows is tracked, but not judged */
    /* its PUBLISH came again after PUBREL: another PUBREC may come after PUBCOMP */
    bool reopened;
    uint8_t resends; /* of the PUBLISH on this connection, 255 at most */
    bool resent;     /* its PUBLISH has DUP 1: an answer to an earlier sending may come as well */
    /* ... and may have come before it; or that happened to an earlier one with this identifier */
    bool crossing;
} mqtt5_flow;

/* How a flow ended. */
typedef struct {
    uint16_t id;
    uint8_t awaited; /* the packet type that closed it, or should have */
    bool failed;     /* by a reason code from 0x80 */
    /* all of it was on this connection, without a fault or a resend: nothing older of the session has
     * the identifier */
    bool sound;
    bool completed;         /* by PUBCOMP, and its PUBLISH did not come again after PUBREL */
    bool crossing;          /* as in mqtt5_flow */
    uint32_t epoch;         /* of the flow */
    uint32_t waiting_frame; /* of the packet that this one answered; PUBREL, if completed */
    uint32_t request_frame; /* as in mqtt5_flow */
    uint32_t frame;         /* of the packet that closed it */
    uint32_t older;         /* in the same bucket: mqtt5_flows.closings then; 0: none */
} mqtt5_closed_flow;

/* Flows that await the same packet type, the oldest first. */
typedef struct {
    mqtt5_flow *head, *tail;
    uint32_t overtaken; /* answers that came to later ones while this head waited */
} mqtt5_flow_queue;

/* Where the open flows of neighbouring identifiers are. */
typedef struct mqtt5_flow_page mqtt5_flow_page;

#define MQTT5_FLOW_PAGES 128
/* As long as a side has never had more flows open at a time, there are no pages. */
#define MQTT5_FLOWS_FEW 8

/* The flows of one side. What most packets need comes first. */
typedef struct mqtt5_flows {
    uint16_t few[MQTT5_FLOWS_FEW]; /* identifiers of the first entries of the pool; 0: it is free. Without `pages` alone */
    /* of MQTT5_FLOW_PAGES, by the upper bits of the identifier, NULL where none is open; NULL: there
     * were never more than a few flows */
    mqtt5_flow_page **pages;
    /* entries of the pool that are free, the one that was used last first */
    mqtt5_flow *free;
    mqtt5_flow **pool;       /* in pieces; a flow stays where it is */
    uint32_t pieces;         /* of the pool */
    uint32_t open;           /* flows in use */
    uint32_t inflight;       /* PUBLISH of QoS 1 and 2 that count against the Receive Maximum */
    uint32_t inflight_epoch; /* the epoch that `inflight` belongs to */
    /* answers that may come without a request in the table: flow/flow.h; for any identifier */
    uint32_t spare;
    uint32_t closings; /* flows closed so far */
    uint32_t topics_size, topics_next;
    uint8_t *topics; /* the last Topic Names, a ring: flow_topic.c */
    /* Packet Identifier -> requests that used it twice: mqtt5_flow_owe(); NULL: none */
    GHashTable *owed;
    GHashTable *spares; /* Packet Identifier -> `spare` for that one alone; NULL: none */
    /* The most messages in flight, and the PUBLISH with which that was reached; the first PUBLISH
     * above the Receive Maximum, and the number then. Frame 0: none. */
    uint32_t peak, peak_frame, exceeding, exceeding_frame;
    /* number of the empty page that is kept, plus 1; 0: none */
    uint32_t idle;
    bool tolerated;                              /* receive_maximum_not_enforced was said */
    mqtt5_flow_queue queues[MQTT5_UNSUBACK + 1]; /* by packet type */
    /* flow_closed.c: a ring that grows, and by the lower bits of the identifier the last one */
    mqtt5_closed_flow *closed;
    uint32_t *closed_buckets;
    uint32_t closed_size; /* a power of two; 0: none yet */
} mqtt5_flows;

/* An empty table; freed with mqtt5_flows_free(), which takes NULL too. */
mqtt5_flows *mqtt5_flows_new(void);
void mqtt5_flows_free(mqtt5_flows *flows);

/* The open flow of `id`; NULL where there is none, or no table (`flows` NULL). Stays where it is
 * until it is closed. */
mqtt5_flow *mqtt5_flow_find(const mqtt5_flows *flows, uint16_t id);

/* Opens a flow for `id`, which must have none: all zero but the identifier and what it awaits. */
mqtt5_flow *mqtt5_flow_open(mqtt5_flows *flows, uint16_t id, mqtt5_packet_type awaits);

/* Takes a flow out of the table, and remembers how it ended: in `frame`, and whether by a failure.
 * The flow must not be used any more. Returns what is remembered. */
mqtt5_closed_flow *mqtt5_flow_close(mqtt5_flows *flows, mqtt5_flow *flow, uint32_t frame, bool failed);

/* Calls `visit` with each open flow, and `data`; it may change the flow, and not close it. */
void mqtt5_flows_foreach(const mqtt5_flows *flows, void (*visit)(mqtt5_flow *flow, gpointer data), gpointer data);

/* A request uses the identifier of an earlier one that is open, so one answer more than there are
 * flows may come. `abandoned` is the answer of the earlier request if that is given up (its `never`
 * is set), else NULL. */
void mqtt5_flow_owe(mqtt5_flows *flows, uint16_t id, mqtt5_answer *abandoned);

/* True if such an answer for this identifier has not come yet: the next one may be it. */
bool mqtt5_flow_is_owed(const mqtt5_flows *flows, uint16_t id);

/* An answer has come that no open flow awaits: it may be one that is owed. Nothing happens if none
 * is; `flows` may be NULL. */
void mqtt5_flow_repay(mqtt5_flows *flows, uint16_t id);

/* Two more answers may come that find no open flow with this identifier; 0: with any. */
void mqtt5_flow_allow(mqtt5_flows *flows, uint16_t id);

/* True if an answer with this identifier may find no open flow; 0: with any. Takes NULL, too. */
bool mqtt5_flow_has_spare(const mqtt5_flows *flows, uint16_t id);

/* The same, and takes it away. */
bool mqtt5_flow_take_spare(mqtt5_flows *flows, uint16_t id);

/* Puts a flow at the end of the queue of those that await the same; takes it out (nothing happens
 * if it is not in one). */
void mqtt5_flow_enqueue(mqtt5_flows *flows, mqtt5_flow *flow);
void mqtt5_flow_dequeue(mqtt5_flows *flows, mqtt5_flow *flow);

/* The flow awaits another packet type from now on; leaves its queue, and enters none. */
void mqtt5_flow_await(mqtt5_flows *flows, mqtt5_flow *flow, mqtt5_packet_type awaits);

/* --- flow_closed.c --- */

/* Room for how one more flow ended, with `id`; else all zero. Valid until the next one. */
mqtt5_closed_flow *mqtt5_flow_remember(mqtt5_flows *flows, uint16_t id);

/* The last flow of `id` that was closed, if that is still remembered; else, or without a table,
 * NULL. */
const mqtt5_closed_flow *mqtt5_flow_find_closed(const mqtt5_flows *flows, uint16_t id);

/* Another answer to the last flow of `id`, which must be remembered, has come: its sender may take that
 * for the answer to the next one. */
void mqtt5_flow_cross(mqtt5_flows *flows, uint16_t id);

/* True if some closed flow is no longer remembered. Takes NULL, too. */
bool mqtt5_flow_forgotten(const mqtt5_flows *flows);

/* --- flow_topic.c --- */

/* So many bytes of a Topic Name are kept. */
#define MQTT5_FLOW_TOPIC 120

/* Notes the topic of the PUBLISH that a flow began with, or the first filter of the SUBSCRIBE or
 * UNSUBSCRIBE. Of all flows the last few thousand bytes are kept. `length` is the whole length. */
void mqtt5_flow_keep_topic(mqtt5_flows *flows, mqtt5_flow *flow, const uint8_t *topic, uint32_t length);

/* The first bytes of that topic, MQTT5_FLOW_TOPIC at most, and their number in *length; *whole says
 * whether that is all of it. NULL if it is not known, or no longer. */
const uint8_t *mqtt5_flow_topic(const mqtt5_flows *flows, const mqtt5_flow *flow, uint32_t *length, bool *whole);

#endif
