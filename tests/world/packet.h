/* packet.h
 * A control packet as its sender means it, and its bytes on the wire. Who receives it gets the
 * meaning; who captures it, the bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_PACKET_H
#define WORLD_PACKET_H

#include "arena.h"

enum {
    CONNECT = 1,
    CONNACK,
    PUBLISH,
    PUBACK,
    PUBREC,
    PUBREL,
    PUBCOMP,
    SUBSCRIBE,
    SUBACK,
    UNSUBSCRIBE,
    UNSUBACK,
    PINGREQ,
    PINGRESP,
    DISCONNECT,
    AUTH
};

/* Property Identifiers (MQTT 5.0, 2.2.2.2). */
enum {
    PAYLOAD_FORMAT_INDICATOR = 0x01,
    MESSAGE_EXPIRY_INTERVAL = 0x02,
    CONTENT_TYPE = 0x03,
    RESPONSE_TOPIC = 0x08,
    CORRELATION_DATA = 0x09,
    SUBSCRIPTION_IDENTIFIER = 0x0b,
    SESSION_EXPIRY_INTERVAL = 0x11,
    ASSIGNED_CLIENT_IDENTIFIER = 0x12,
    SERVER_KEEP_ALIVE = 0x13,
    AUTHENTICATION_METHOD = 0x15,
    AUTHENTICATION_DATA = 0x16,
    REQUEST_PROBLEM_INFORMATION = 0x17,
    WILL_DELAY_INTERVAL = 0x18,
    REQUEST_RESPONSE_INFORMATION = 0x19,
    RESPONSE_INFORMATION = 0x1a,
    SERVER_REFERENCE = 0x1c,
    REASON_STRING = 0x1f,
    RECEIVE_MAXIMUM = 0x21,
    TOPIC_ALIAS_MAXIMUM = 0x22,
    TOPIC_ALIAS = 0x23,
    MAXIMUM_QOS = 0x24,
    RETAIN_AVAILABLE = 0x25,
    USER_PROPERTY = 0x26,
    MAXIMUM_PACKET_SIZE = 0x27,
    WILDCARD_SUBSCRIPTION_AVAILABLE = 0x28,
    SUBSCRIPTION_IDENTIFIER_AVAILABLE = 0x29,
    SHARED_SUBSCRIPTION_AVAILABLE = 0x2a
};

/* Subscription Options (3.8.3.1). */
#define OPTION_NO_LOCAL 0x04
#define OPTION_RETAIN_AS_PUBLISHED 0x08
#define OPTION_RETAIN_HANDLING(options) ((options) >> 4 & 3)

/* Bytes that somebody else keeps. */
typedef struct {
    const void *data;
    uint32_t length;
} bytes;

typedef struct {
    uint8_t identifier;
    uint32_t number;
    bytes text;  /* of a string, or binary data */
    bytes value; /* of a string pair */
} property;

typedef struct {
    const char *filter;
    uint8_t options; /* of SUBSCRIBE */
} request;

typedef struct packet {
    uint8_t type, version; /* 3, 4, 5 */
    bool dup, retain;
    uint8_t qos;
    uint16_t id;
    const char *topic; /* of PUBLISH; "" where the alias stands for it */
    bytes payload;
    GArray *properties; /* of property */
    uint8_t code;       /* reason code or return code */
    bool explicit_code; /* MQTT 5: write it though it is 0x00, and the Property Length with it */
    GArray *requests;   /* of request: SUBSCRIBE, UNSUBSCRIBE */
    GByteArray *codes;  /* SUBACK, UNSUBACK */
    bool session_present;

    /* CONNECT */
    bool clean_start, has_will, will_retain;
    uint8_t will_qos;
    uint16_t keep_alive;
    const char *client_id, *will_topic, *user_name, *password; /* NULL: not there */
    bytes will_payload;
    GArray *will_properties;

    /* What its receiver need not take from the bytes. */
    const char *full_topic;          /* of PUBLISH, even where an alias stands for it */
    const struct packet *original;   /* of a delivery: the PUBLISH or CONNECT (Will) that the server
                                      * passes on; NULL: it made it itself */
    const struct packet *sent_first; /* of what is sent again: what it repeats */
    const void *publisher;           /* the session that a delivery comes from; NULL: the server
                                      * itself */
    bool stored;                     /* it is a retained message, for a new subscription */
    const struct packet *request;    /* of SUBACK, UNSUBACK: what it answers */
    const char *fault;               /* the rule that it breaks; NULL: none */
    enum {
        TAKEN,
        IGNORED,
        REFUSED
    } reaction;       /* of its receiver to that fault: none, not to
                                                * notice, to close the connection */
    bool found_later; /* the fault may be seen later only, or never */
    bool found_here;  /* ... here, or never */
} packet;

/* A new packet of `type`, without anything. */
packet *packet_new(arena *memory, uint8_t type, uint8_t version);

/* Adds a property of the kind that the identifier has: a number, a string or binary data, or a
 * pair. */
void packet_add_number(packet *to, uint8_t identifier, uint32_t number);
void packet_add_text(packet *to, uint8_t identifier, const char *text);
void packet_add_data(packet *to, uint8_t identifier, bytes data);
void packet_add_pair(packet *to, const char *name, const char *value);

/* The first property with this identifier; NULL if there is none. packet_number(): its number, or
 * `otherwise`. */
const property *packet_property(const packet *from, uint8_t identifier);
uint32_t packet_number(const packet *from, uint8_t identifier, uint32_t otherwise);

/* Takes all properties with this identifier out of a list. */
void packet_remove(GArray *properties, uint8_t identifier);

/* A text as bytes, without its end. */
bytes bytes_of(const char *text);

/* Its bytes on the wire. */
GByteArray *packet_encode(arena *memory, const packet *from);

/* One line about it, to read. */
char *packet_describe(arena *memory, const packet *from);

const char *packet_type_name(uint8_t type);

#endif
