/* session.h
 * What a connection has said so far: the state that the session rules (session/ and the folders
 * above it) share. Internal to the core.
 *
 * session/modules.h lists the modules that work on it. A rule that needs what is missing from the
 * capture is silent: session/evidence.h answers the questions on that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_H
#define MQTT5_SESSION_H

#include <glib.h>

#include "core/facts.h"
#include "core/input.h"
#include "core/memory/arena.h"
#include "core/packet/check.h"

typedef struct mqtt5_connection mqtt5_connection;

/* How far the connection has come. */
typedef enum {
    MQTT5_PHASE_UNKNOWN,    /* the capture starts within it */
    MQTT5_PHASE_START,      /* its start was seen, and no CONNECT yet */
    MQTT5_PHASE_CONNECTING, /* CONNECT seen, CONNACK pending (AUTH may be exchanged) */
    MQTT5_PHASE_CONNECTED,  /* CONNACK with success */
    MQTT5_PHASE_REFUSED     /* CONNACK with a failure */
} mqtt5_phase;

/* What a side can take, as it told the other: CONNECT for the client, CONNACK for the server. */
typedef struct {
    uint32_t maximum_packet_size; /* UINT32_MAX where left out */
    uint16_t receive_maximum;     /* 65535 where left out */
    uint16_t topic_alias_maximum; /* 0 where left out */
    bool known;
} mqtt5_limits;

/* What the CONNECT said. Texts are NULL where they were absent. */
typedef struct {
    int64_t time;
    GBytes *client_id, *user_name, *authentication_method;
    GBytes *will_topic, *will_payload;
    uint32_t frame;
    uint32_t session_expiry_interval; /* 0 where left out */
    uint32_t properties;              /* as mqtt5_property_list.seen */
    uint32_t length;                  /* of the whole packet */
    uint32_t split_frame;             /* as in mqtt5_input */
    uint32_t will_delay_interval;
    uint16_t keep_alive;
    uint8_t will_qos;
    bool known;
    bool clean_start;
    bool request_problem_information; /* true where left out */
    bool request_response_information;
    bool faulty; /* it had an Error or Warning of its own */
    bool password;
    bool direct; /* as in mqtt5_input */
    bool will;
    bool will_retain;
    bool will_is_utf8; /* its Payload Format Indicator says so */
} mqtt5_connect_state;

/* What a CONNACK said. */
typedef struct {
    bool known;
    uint32_t frame;
    int64_t time;
    uint64_t position; /* mqtt5_evidence_far() after it; see mqtt5_evidence_bound_by_connack() */
    uint8_t reason_code;
    bool session_present;
    uint8_t maximum_qos; /* 2 where left out */
    bool retain_available, wildcard_available, subscription_identifier_available, shared_available;
    bool has_server_keep_alive;
    uint16_t server_keep_alive;
    bool has_session_expiry_interval;
    uint32_t session_expiry_interval;
    GBytes *assigned_client_id;
} mqtt5_connack_state;

/* A CONNECT of a version that nobody knows, and the CONNACK that answers it. */
typedef struct {
    uint32_t connect_frame, connack_frame; /* 0: none */
    uint8_t code;                          /* Reason Code, or return code, of the CONNACK */
} mqtt5_unknown_version;

/* One side of the connection. */
typedef struct {
    uint32_t packets; /* judged so far */
    uint8_t last_type, largest_type;
    uint8_t disconnect_reason;             /* of disconnect_frame */
    uint8_t other_type;                    /* of other_frame */
    uint32_t last_frame, disconnect_frame; /* 0: none */
    int64_t last_time;
    /* its last packet that is no PUBLISH; 0: none */
    int64_t other_time;
    uint32_t other_frame;
    uint32_t largest, largest_frame; /* MQTT 5: the largest packet so far, the last of its size */
    mqtt5_limits limits;             /* what this side can take */
    /* length of the packet whose fixed header alone was found too large; 0: none */
    uint32_t announced;
    uint32_t closed_frame; /* FIN or RST of this side; 0: none */
    bool reset;            /* it was a RST */
    /* segments that TCP held back, in a row, and the last of them: session/nagle.c */
    uint8_t held_back;
    uint32_t held_back_frame;
    struct mqtt5_flows *flows; /* requests of this side that want an answer: flow/flow.c */
    /* Topic Aliases that this side has set: subscription/alias.c */
    struct mqtt5_aliases *aliases;
    struct mqtt5_ongoing *ongoing; /* faults that last, in arena; NULL: none yet: session/ongoing.c */
} mqtt5_side;

/* The last packet of a side that had a Warning or an Error, and the first of its findings that is
 * one. */
typedef struct {
    uint32_t frame;       /* 0: none */
    uint32_t whole_frame; /* that completes the packet, if only its fixed header was judged; or 0 */
    uint8_t type;
    uint16_t rule; /* mqtt5_rule_id */
    const char *clause;
} mqtt5_fault;

/* The client's last packets that used what a server can rule out; 0: none. Subscriptions are in
 * `subscriptions`. */
typedef struct {
    uint32_t retain_frame;
    uint32_t qos_frame[3]; /* by QoS */
    uint32_t identifier_frame;
    uint32_t wildcard_frame, shared_frame; /* only where CONNACK has ruled it out */
} mqtt5_uses;

/* What is missing from the capture. Modules read it through the questions of session/evidence.h.
 * Bits are 1 << direction. */
typedef struct {
    uint32_t epoch;  /* mqtt5_evidence_epoch() */
    uint32_t losses; /* found by an acknowledgment alone; see mqtt5_evidence_number() */
    bool started;    /* a packet was seen */
    uint8_t lost;    /* directions with bytes that are missing, or came after their acknowledgment */
    /* directions whose bytes were acknowledged before they were judged: they are missing, or come
     * later */
    uint8_t ahead;
    uint8_t answered; /* of `ahead`: a packet, not only an acknowledgment, came after those bytes */
    uint8_t said;     /* what was reported as missing */
    bool position_known[2];
    /* by direction: TCP sequence number after the last packet that was judged, as
     * mqtt5_evidence_far() counts it */
    uint64_t position[2];
    uint32_t acked[2]; /* by direction, for those that are `ahead`: up to here */
} mqtt5_evidence;

/* What is known of PINGREQ and PINGRESP; see session/ping.c. */
typedef struct {
    struct mqtt5_pings *sent; /* NULL: no PINGREQ was seen */
    uint32_t epoch;           /* mqtt5_evidence_epoch() for all that is noted here; not set before `begun` */
    uint32_t acks;            /* what the server's last packet acknowledges */
    bool acks_known;          /* ... if that is known */
    bool begun;               /* a packet was seen */
    bool known;               /* no PINGREQ and no PINGRESP was missed */
    bool returning;           /* known again after the next PINGRESP */
} mqtt5_ping_evidence;

/* How it is known which end is the client. */
typedef enum { MQTT5_ROLES_UNKNOWN, MQTT5_ROLES_BY_PORT, MQTT5_ROLES_BY_PACKETS, MQTT5_ROLES_BY_HANDSHAKE } mqtt5_roles_source;

/* Which end is the client; see session/roles.h. */
typedef struct {
    uint8_t source; /* mqtt5_roles_source; unknown: client_direction is not set */
    uint8_t client_direction;
    uint8_t votes[2]; /* for each direction: how much says that it comes from the client */
} mqtt5_roles;

/* The whole state. What every packet needs comes first, in few cache lines: a busy capture has many
 * connections. */
struct mqtt5_connection {
    struct mqtt5_capture *capture; /* all connections of the capture (capture.h); never NULL */

    /* connection.c */
    uint8_t version;
    uint8_t version_source; /* mqtt5_version_source */
    /* how much says that it is an older version, and that it is MQTT 5; session/version.c */
    uint8_t version_votes[2];
    bool connect_seen;      /* a CONNECT, readable or not */
    bool proxied;           /* causes/foreign.c: the client's bytes begin with a PROXY protocol header */
    bool not_selected_said; /* websocket_not_selected was reported on the answer of HTTP */
    mqtt5_roles roles;      /* session/roles.c */
    uint8_t phase;          /* mqtt5_phase; session/connect.c */
    /* the subscriptions are those of the connection before, whose session goes on: capture/clients.c */
    bool subscriptions_inherited;
    /* they are those of the next connection now: what the server had sent before may still come */
    bool subscriptions_passed_on;
    bool security;       /* the user wants to know what weakens it: capture/security.c */
    bool dollar_said;    /* subscription/alias.c: topic_name_dollar was said */
    bool connect_linked; /* flow/request.c: a CONNECT was seen, which a CONNACK may answer */
    /* session/connect.c: the client's last faulty packet that the server let pass */
    uint32_t tolerated_frame;
    const mqtt5_identity *identity; /* session/identity.c; in arena. NULL: no CONNECT was seen */

    struct mqtt5_keep_alive *keep_alive; /* session/keep_alive.c; in arena */
    mqtt5_ping_evidence pings;           /* session/ping.c */
    /* capture/clients.c: this connection's place in the capture */
    struct mqtt5_capture_link *link;
    uint32_t rpc_newest;                       /* capture/rpc.c: its requests that are open, from the newest on; 0: none */
    uint32_t rpc_unread;                       /* capture/rpc.c: the last frame whose message to the client is not known */
    struct mqtt5_subscriptions *subscriptions; /* subscription/requests.c */
    struct mqtt5_requests *requests;           /* flow/request.c */
    /* causes/foreign.c, in arena: what was sent in another protocol; NULL: nothing */
    struct mqtt5_foreign_speech *foreign;
    /* causes/again.c, in arena: by sender - 1, the last packet that is about a topic; NULL: none */
    struct mqtt5_last_word *last_words[2];
    struct mqtt5_short_write *short_writes[2]; /* causes/short_write.c: by sender - 1, the last PUBLISH; the same */
    int64_t next_look[2];                      /* flow/hang.c, by sender - 1: when to look for requests that hang */
    int64_t patience;                          /* how long they may hang, nanoseconds; 0: for ever */

    mqtt5_evidence evidence; /* session/evidence.c */
    mqtt5_side sides[2];     /* mqtt5_side_of() */
    mqtt5_connack_state connack;
    mqtt5_fault faults[2]; /* by sender - 1 */
    mqtt5_uses uses;       /* session/limits.c */
    mqtt5_unknown_version unknown;
    mqtt5_connect_state connect;

    /* subscription/publication.c: of mqtt5_publication, in arena; NULL: none */
    GHashTable *publications;
    struct mqtt5_authentication *authentication; /* session/auth.c */
    mqtt5_arena arena;                           /* what facts point to */
};

/* The message that a failure in PUBACK, PUBREC, PUBREL or PUBCOMP refuses. */
typedef struct {
    const uint8_t *topic;  /* its start; NULL: not known. Valid until the next packet */
    uint32_t topic_length; /* bytes there */
    bool topic_is_whole;
    uint16_t id;
    uint32_t frame; /* of the PUBLISH; 0: not known, and the rest is not set */
    /* what it answers is a PUBLISH that was sent again: of the PUBREC before; else 0 */
    uint32_t received_frame;
} mqtt5_refused;

/* One packet on its way through the session rules. */
typedef struct {
    mqtt5_connection *connection;
    const mqtt5_input *input;
    const mqtt5_packet *packet; /* decoded; status may be MQTT5_MALFORMED or MQTT5_CUT */
    /* never unknown: connection.c passes on no packet of an unknown sender */
    mqtt5_sender sender;
    mqtt5_findings *findings; /* has what the packet's own rules found */
    mqtt5_facts *facts;
    bool topic_known; /* of a PUBLISH: `topic` is set, by subscription/alias.c */
    /* the Topic Name, or what its Topic Alias means; valid until the next packet */
    const uint8_t *topic;
    uint32_t topic_length;
    const mqtt5_alias_topic *alias; /* where the topic is left out for an alias that is known */
    mqtt5_refused refused;          /* by flow/flow_message.c */
    /* CONNACK: of the AUTH that it answers, by flow/request.c; 0: none */
    uint32_t authentication_frame;
    /* Of a PUBLISH that the server delivers, by subscription/delivery.c: the subscriptions of the
     * client that were seen. */
    unsigned matched;    /* that match its topic; 0: none is known, and the rest is not set */
    uint8_t granted_qos; /* the highest QoS granted to any of them; before SUBACK: asked for */
    /* the first of them, the whole Topic Filter; valid until the next packet */
    const uint8_t *matched_filter;
    uint32_t matched_filter_length;
} mqtt5_event;

/* The state of `side`, which must be known. */
static inline mqtt5_side *mqtt5_side_of(mqtt5_connection *connection, mqtt5_sender side)
{
    return &connection->sides[side - 1];
}

/* The sender's side of the connection, and the other one. */
static inline mqtt5_side *mqtt5_own_side(const mqtt5_event *event)
{
    return mqtt5_side_of(event->connection, event->sender);
}
static inline mqtt5_side *mqtt5_other_side(const mqtt5_event *event)
{
    return mqtt5_side_of(event->connection, mqtt5_peer_of(event->sender));
}

/* The end of the connection, or of one direction of it: what is left open. */
typedef struct {
    mqtt5_connection *connection;
    const mqtt5_close *close;
    mqtt5_sender sender; /* who closes; MQTT5_CLIENT or MQTT5_SERVER */
    mqtt5_findings *findings;
    mqtt5_facts *facts;
} mqtt5_closing;

#endif
