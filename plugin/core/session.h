/* session.h
 * What a connection has said so far: the state that the session rules (session_*.c) share. Internal to the core.
 *
 * Each module has one function for "a packet came", called in a fixed order by connection.c; it may judge the packet against the state, then
 * change the part of the state that is its own. A rule that needs what is missing from the capture is silent: see the mqtt5_session_*
 * questions at the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_H
#define MQTT5_SESSION_H

#include "connection.h"
#include "kept.h"

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
    bool known;
    uint16_t receive_maximum;     /* 65535 where left out */
    uint32_t maximum_packet_size; /* UINT32_MAX where left out */
    uint16_t topic_alias_maximum; /* 0 where left out */
} mqtt5_limits;

/* What the CONNECT said. Texts are NULL where they were absent. */
typedef struct {
    bool known;
    uint32_t frame;
    int64_t time;
    bool clean_start;
    uint16_t keep_alive;
    uint32_t session_expiry_interval; /* 0 where left out */
    bool request_problem_information; /* true where left out */
    bool request_response_information;
    uint32_t properties; /* as mqtt5_property_list.seen */
    bool faulty;         /* it had an Error or Warning of its own */
    bool password;
    uint32_t length; /* of the whole packet */
    GBytes *client_id, *user_name, *authentication_method;
    bool will;
    unsigned will_qos;
    bool will_retain;
    bool will_is_utf8; /* its Payload Format Indicator says so */
    uint32_t will_delay_interval;
    GBytes *will_topic, *will_payload;
} mqtt5_connect_state;

/* What a CONNACK said. */
typedef struct {
    bool known;
    uint32_t frame;
    int64_t time;
    uint32_t position; /* TCP sequence number behind it; see mqtt5_session_bound_by_connack() */
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

/* One side of the connection. */
typedef struct {
    uint32_t packets; /* judged so far */
    bool lost;        /* bytes of this side are missing from the capture: what it said before or since may be incomplete */
    uint8_t last_type, largest_type;
    uint8_t disconnect_reason;             /* of disconnect_frame */
    uint32_t last_frame, disconnect_frame; /* 0: none */
    int64_t last_time;
    uint32_t largest, largest_frame; /* MQTT 5: the largest packet so far, the last of its size */
    mqtt5_limits limits;             /* what this side can take */
    uint32_t closed_frame;           /* FIN or RST of this side; 0: none */
    bool reset;                      /* it was a RST */
    struct mqtt5_flows *flows;       /* requests of this side that want an answer: session_flow.c */
    struct mqtt5_aliases *aliases;   /* Topic Aliases that this side has set: session_alias.c */
} mqtt5_side;

/* The last packet of a side that had a Warning or an Error, and the first of its findings that is one. */
typedef struct {
    uint32_t frame; /* 0: none */
    uint8_t type;
    uint16_t rule; /* mqtt5_rule_id */
    const char *clause;
} mqtt5_fault;

/* The last packets of the client that used what a server can rule out; 0: none. Subscriptions are in `subscriptions`. */
typedef struct {
    uint32_t retain_frame;
    uint32_t qos_frame[3]; /* by QoS */
    uint32_t identifier_frame;
    uint32_t wildcard_frame, shared_frame; /* only where CONNACK has ruled it out */
} mqtt5_uses;

/* What bears on Packet Identifiers: session_flow.c. */
typedef struct {
    uint32_t epoch;  /* goes up whenever something is missing: what was open before may have been answered, or reused, unseen */
    uint32_t losses; /* goes up where no packet shows it, but an acknowledgment alone: what is open then may have been answered */
    uint8_t client_direction;
    bool position_known[2];
    uint32_t position[2]; /* by direction: TCP sequence number behind the last packet that was judged */
} mqtt5_flow_evidence;

/* The whole state. What every packet needs comes first, and close together: a busy capture has many connections. */
struct mqtt5_connection {
    struct mqtt5_world *world; /* all connections of the capture (world.h); never NULL */

    /* connection.c */
    uint8_t version;
    uint8_t version_source; /* mqtt5_version_source */
    bool connect_seen;      /* a CONNECT, whatever it said */
    uint8_t roles, client_direction;
    bool started;
    uint8_t evidence_said; /* what is missing from the capture, so far as it has been said: see connection.c */

    uint8_t phase;                  /* mqtt5_phase; session_connect.c */
    const mqtt5_identity *identity; /* session_identity.c; in kept. NULL: no CONNECT was seen */

    struct mqtt5_keep_alive *keep_alive;       /* session_keep_alive.c */
    struct mqtt5_world_link *link;             /* session_world.c: this connection's place in the world */
    struct mqtt5_subscriptions *subscriptions; /* session_subscription.c */
    struct mqtt5_requests *requests;           /* session_request.c */
    uint32_t tolerated_frame;                  /* session_connect.c: the last one of the client after which the server went on */

    mqtt5_flow_evidence flow_evidence;
    mqtt5_side sides[2]; /* mqtt5_side_of() */
    mqtt5_connack_state connack;
    mqtt5_fault faults[2]; /* by sender - 1 */
    mqtt5_uses uses;       /* session_limits.c */
    mqtt5_connect_state connect;

    GHashTable *messages;                        /* session_message.c: of mqtt5_publication, in kept; NULL: none */
    struct mqtt5_authentication *authentication; /* session_auth.c */
    mqtt5_kept kept;                             /* what verdicts point to */
};

/* One packet on its way through the session rules. */
typedef struct {
    mqtt5_connection *connection;
    const mqtt5_input *input;
    const mqtt5_packet *packet; /* decoded; status may be MQTT5_MALFORMED or MQTT5_CUT */
    mqtt5_sender sender;        /* MQTT5_CLIENT or MQTT5_SERVER: packets of an unknown sender get no further than connection.c */
    mqtt5_findings *findings;   /* what the packet's own rules have found is already in it */
    mqtt5_verdict *verdict;
    bool topic_known;     /* of a PUBLISH: `topic` is set, by session_alias.c */
    const uint8_t *topic; /* the Topic Name, resolved where it is left out for a Topic Alias; valid until the next packet */
    uint32_t topic_length;
    const mqtt5_alias_topic *alias; /* where the topic is left out for an alias that is known */
    uint32_t authentication_frame;  /* CONNACK: of the client's AUTH that it answers, by session_request.c; 0: none */
    /* Of a PUBLISH that the server delivers, by session_subscription.c: what the client is seen to have subscribed to. */
    unsigned matched;              /* subscriptions that match its topic; 0: none is known, and the rest is not set */
    uint8_t granted_qos;           /* the highest QoS granted to any of them; before SUBACK: asked for */
    const uint8_t *matched_filter; /* the first of them, the whole Topic Filter; valid until the next packet */
    uint32_t matched_filter_length;
} mqtt5_event;

/* The sender's side of the connection, and the other one. */
static inline mqtt5_side *mqtt5_own_side(const mqtt5_event *event)
{
    return &event->connection->sides[event->sender - 1];
}
static inline mqtt5_side *mqtt5_other_side(const mqtt5_event *event)
{
    return &event->connection->sides[2 - event->sender];
}

/* --- Modules, in the order in which they see a packet. --- */

/* Who the client is: to be called for CONNECT and CONNACK, of whatever version and sender. */
void mqtt5_session_identity(mqtt5_connection *connection, const mqtt5_input *input, const mqtt5_packet *packet);

/* Order of CONNECT, CONNACK and the rest; learns what both said. */
void mqtt5_session_connect(mqtt5_event *event);
/* What CONNECT and CONNACK granted or ruled out. */
void mqtt5_session_limits(mqtt5_event *event);

/* Enhanced authentication: the exchange of AUTH packets. */
void mqtt5_session_auth(mqtt5_event *event);
/* Keep Alive, PINGREQ and PINGRESP: silence, by the clock of the capture. */
void mqtt5_session_keep_alive(mqtt5_event *event);
/* Topic Aliases; resolves the topic of a PUBLISH for the modules behind it (mqtt5_event.topic). */
void mqtt5_session_alias(mqtt5_event *event);
/* Packet Identifiers, acknowledgments, QoS 1 and 2, Receive Maximum, DUP. */
void mqtt5_session_flow(mqtt5_event *event);
/* Subscriptions, and what is delivered for them. */
void mqtt5_session_subscription(mqtt5_event *event);
/* Links of what has no Packet Identifier: to be called for CONNECT, CONNACK, AUTH, PINGREQ and PINGRESP of whatever version, and where bytes are missing. */
void mqtt5_session_request(mqtt5_event *event);
/* The same, where no packet says that bytes are missing. */
void mqtt5_session_request_lost(mqtt5_connection *connection);
/* What CONNECT and CONNACK agree on: to be called for CONNACK of the server, behind the others. */
void mqtt5_session_agreement(mqtt5_event *event);
/* Rules that join several connections (world.h). */
void mqtt5_session_world(mqtt5_event *event);

/* After all of them: a server that goes on as if nothing had been wrong with the client's packet. Said once a packet. */
void mqtt5_session_tolerance(const mqtt5_event *event);

/* connect_not_first, which holds whatever the version. */
void mqtt5_report_connect_not_first(mqtt5_findings *findings);

/* Why: the evidence behind a failure, behind a DISCONNECT, and behind a Will. To be called last, for packets with findings and for DISCONNECT. */
void mqtt5_session_cause(mqtt5_event *event);

/* Frees what a module keeps. */
void mqtt5_session_connect_clear(mqtt5_connection *connection);
void mqtt5_session_auth_clear(mqtt5_connection *connection);
void mqtt5_session_keep_alive_clear(mqtt5_connection *connection);
void mqtt5_session_alias_clear(mqtt5_connection *connection);
void mqtt5_session_message_clear(mqtt5_connection *connection);
void mqtt5_session_request_clear(mqtt5_connection *connection);
void mqtt5_session_flow_clear(mqtt5_connection *connection);
void mqtt5_session_subscription_clear(mqtt5_connection *connection);
void mqtt5_session_world_clear(mqtt5_connection *connection);

/* The end of the connection, or of one direction of it: what is left open. */
typedef struct {
    mqtt5_connection *connection;
    const mqtt5_close *close;
    mqtt5_sender sender; /* who closes; MQTT5_CLIENT or MQTT5_SERVER */
    mqtt5_findings *findings;
    mqtt5_verdict *verdict;
} mqtt5_closing;

void mqtt5_session_connect_closed(mqtt5_closing *closing);
void mqtt5_session_flow_closed(mqtt5_closing *closing);
void mqtt5_session_keep_alive_closed(mqtt5_closing *closing);
void mqtt5_session_world_closed(mqtt5_closing *closing);
/* Tells which requests the close leaves unanswered. */
void mqtt5_session_request_closed(mqtt5_closing *closing);
void mqtt5_session_cause_closed(mqtt5_closing *closing);

/* What is to be told of a PUBLISH: `alias` may be NULL, `granted` are the first `shown` (MQTT5_GRANTED_MAX at most) of `matched` subscriptions. Kept as
 * long as the connection, once for all PUBLISH of which the same is told. */
const mqtt5_publication *mqtt5_session_message(mqtt5_connection *connection, const mqtt5_alias_topic *alias,
                                               const mqtt5_granted *const *granted, uint32_t shown, uint32_t matched);

/* --- Questions on evidence. --- */

/* True if everything that `side` said on this connection, from its first byte to now, is in the capture. */
bool mqtt5_session_complete(const mqtt5_connection *connection, mqtt5_sender side);

/* A number that changes whenever bytes are found to be missing: what was known before may have been changed unseen. */
static inline uint32_t mqtt5_session_evidence(const mqtt5_connection *connection)
{
    return connection->flow_evidence.epoch + connection->flow_evidence.losses;
}

/* True if the session cannot have state of an earlier connection: CONNECT and CONNACK were seen, and Session Present is 0. In MQTT 3.1, which has no Session
 * Present: CleanSession 1. */
bool mqtt5_session_fresh(const mqtt5_connection *connection);

/* True if the client had the CONNACK when it sent the packet: its segment acknowledges it. Without TCP's numbers: false, since nobody can tell. */
bool mqtt5_session_bound_by_connack(const mqtt5_event *event);

/* True if the packet that `event` is about arrived after the sender can have seen the packet of the other side that ended at `position` (mqtt5_input). */
bool mqtt5_session_has_seen(const mqtt5_event *event, uint32_t position);

#endif
