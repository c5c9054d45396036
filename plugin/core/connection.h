/* connection.h
 * One Network Connection between a Client and a Server: its version, which end is which, and (session state) what it has said so far.
 * Fed with control packets in the order of the capture, once; what comes back is frozen by the caller.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CONNECTION_H
#define MQTT5_CONNECTION_H

#include "check.h"
#include "detail.h"
#include "identity.h"
#include "world.h"

typedef struct mqtt5_connection mqtt5_connection;

/* How the version came to be known; the values are those of the field mqtt5.version.source. */
typedef enum {
    MQTT5_VERSION_SOURCE_NONE = 0,
    MQTT5_VERSION_SOURCE_CONNECT = 1,
    MQTT5_VERSION_SOURCE_INFERRED = 2,  /* from bytes that only one version can have */
    MQTT5_VERSION_SOURCE_PREFERENCE = 3 /* the user set stock's mqtt.default_version */
} mqtt5_version_source;

/* What is wrong with the WebSocket connection that carries the packets (6). */
enum {
    MQTT5_CARRIER_TEXT = 1,   /* the packet, or a part of it, came in a text frame */
    MQTT5_CARRIER_UNNAMED = 2 /* the sub-protocol is not "mqtt" */
};

/* One control packet and what the capture says around it. */
typedef struct {
    const uint8_t *data;      /* from the first byte of the fixed header; borrowed for the call */
    uint32_t captured;        /* bytes at data */
    uint32_t length;          /* of the whole packet */
    uint32_t frame;           /* number of the frame that completes it */
    int64_t time;             /* of that frame, nanoseconds since the epoch */
    int64_t begin;            /* of the frame in which the packet begins; 0: the same */
    uint64_t server;          /* any number that all connections to one address and port of a server share; 0 where that is not known */
    uint8_t direction;        /* 0 or 1: which end sent it; any fixed assignment within the connection */
    uint8_t server_port_hint; /* 0: the well-known MQTT port is at the end that sends direction 0; 1: at the other; 2: not known */
    bool gap;                 /* bytes of this direction are missing from the capture just before this packet, or it starts late */
    bool peer_gap;            /* bytes of the other direction are missing from the capture: this side acknowledges them */
    uint8_t carrier;          /* MQTT5_CARRIER_ and so on; 0: nothing is known to be wrong, or no WebSocket */
    bool acks_known;          /* `position` and `acks` are set (carried by TCP) */
    uint32_t position;        /* TCP sequence number just behind this packet (relative or raw, consistent within the connection) */
    uint32_t acks;            /* TCP acknowledgment number of the segment in which this packet starts */
    mqtt5_answer *answer;     /* set to zero: where to note what becomes of this packet; valid as long as the connection. NULL: nowhere */
} mqtt5_input;

/* What is known of one packet: frozen per packet on the first pass, so kept small. */
typedef struct {
    uint8_t type;           /* mqtt5_packet_type */
    uint8_t sender;         /* mqtt5_sender */
    uint8_t version;        /* 0, 3, 4, 5 */
    uint8_t version_source; /* mqtt5_version_source */
    bool has_reason_code;   /* one of MQTT 5 that is not implied by a short form; in the lists of SUBACK and UNSUBACK the first failure */
    uint8_t reason_code;
    uint16_t packet_id;     /* 0: none */
    uint32_t request_frame; /* of the packet that this one answers: PUBREL answers PUBREC, PUBCOMP answers PUBREL; 0: none, or not seen */
    mqtt5_answer answer;    /* to this packet. Never touched for itself: room for the caller, to which mqtt5_input.answer may point */
    int64_t request_time;   /* of that frame, as in mqtt5_input */
    mqtt5_detail detail;
    const mqtt5_identity *identity; /* of the client; lives as long as the connection. NULL: no CONNECT was seen */
} mqtt5_verdict;

/* Memory for the state of a connection; freed with mqtt5_connection_free(). `world` outlives it, and joins what it says to
 * other connections of the capture. `default_version` is 0, or the version to assume where no CONNECT was seen. */
mqtt5_connection *mqtt5_connection_new(mqtt5_world *world, unsigned default_version);
void mqtt5_connection_free(mqtt5_connection *connection);

/* Judges the next control packet: decodes it into *packet, fills *verdict and *findings. Never fails. */
void mqtt5_connection_judge(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_packet *packet, mqtt5_verdict *verdict,
                            mqtt5_findings *findings);

/* One end closes the TCP connection. */
typedef struct {
    uint8_t direction; /* of the end that closes, as in mqtt5_input */
    bool reset;        /* RST rather than FIN */
    bool second;       /* the other end had closed before: nothing is judged any more, only told what stays open */
    bool complete;     /* all that this end has sent is in the capture, up to the close */
    uint32_t frame;
    int64_t time;
    bool gap, peer_gap; /* as in mqtt5_input */
    bool acks_known;
    uint32_t acks;
} mqtt5_close;

/* Judges a close, and tells what it leaves open. To be called once for the first FIN of the connection, whose sender closes, and once for the first RST; the FIN with which the
 * other side answers says nothing new. Fills *findings, and *verdict as for a packet of
 * type MQTT5_CLOSE, whose sender is the side that closes. */
void mqtt5_connection_close(mqtt5_connection *connection, const mqtt5_close *close, mqtt5_verdict *verdict, mqtt5_findings *findings);

/* Who the client is, as known now; NULL if no CONNECT was seen. */
const mqtt5_identity *mqtt5_connection_identity(const mqtt5_connection *connection);

/* Says that bytes of `direction` are missing from the capture, where no packet says so (mqtt5_input.gap, peer_gap). */
void mqtt5_connection_lost(mqtt5_connection *connection, uint8_t direction);

#endif
