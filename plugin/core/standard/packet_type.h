/* packet_type.h
 * The 15 control packet types of MQTT, the two senders, and the sets built of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STANDARD_PACKET_TYPE_H
#define MQTT5_STANDARD_PACKET_TYPE_H

#include <stdbool.h>
#include <stdint.h>

/* Control packet types with their numbers on the wire (MQTT 5.0, 2.1.2). */
typedef enum {
    MQTT5_RESERVED = 0,
    MQTT5_CONNECT = 1,
    MQTT5_CONNACK = 2,
    MQTT5_PUBLISH = 3,
    MQTT5_PUBACK = 4,
    MQTT5_PUBREC = 5,
    MQTT5_PUBREL = 6,
    MQTT5_PUBCOMP = 7,
    MQTT5_SUBSCRIBE = 8,
    MQTT5_SUBACK = 9,
    MQTT5_UNSUBSCRIBE = 10,
    MQTT5_UNSUBACK = 11,
    MQTT5_PINGREQ = 12,
    MQTT5_PINGRESP = 13,
    MQTT5_DISCONNECT = 14,
    MQTT5_AUTH = 15,
    /* not a packet: the Will Properties of CONNECT, a property list of its own (3.1.3.2) */
    MQTT5_WILL = 16,
    /* not a packet either: the end of the Network Connection, which can have findings */
    MQTT5_CLOSE = 17,
    /* nor these: bytes that are no control packet, which can have findings, too */
    MQTT5_BYTES = 18,
    MQTT5_PACKET_TYPES = 19
} mqtt5_packet_type;

/* A set of packet types (and Will): one bit each. */
#define MQTT5_IN(type) (UINT32_C(1) << (type))

/* Who sent a packet. The values are those of the field mqtt5.sender. */
typedef enum { MQTT5_SENDER_UNKNOWN = 0, MQTT5_CLIENT = 1, MQTT5_SERVER = 2 } mqtt5_sender;

/* The other side of a connection. `side` must be MQTT5_CLIENT or MQTT5_SERVER. */
static inline mqtt5_sender mqtt5_peer_of(mqtt5_sender side)
{
    return side == MQTT5_CLIENT ? MQTT5_SERVER : MQTT5_CLIENT;
}

/* Protocol levels as CONNECT carries them; 0 where the version is not known. */
enum { MQTT5_VERSION_UNKNOWN = 0, MQTT5_VERSION_3_1 = 3, MQTT5_VERSION_3_1_1 = 4, MQTT5_VERSION_5 = 5 };

typedef struct {
    const char *name;              /* "PUBREC", or "Will Properties" */
    const char *abbrev;            /* "pubrec", as filters spell it */
    bool from_client, from_server; /* who may send it (2.1.2, Table 2-1) */
    /* the low nibble of byte 1 (2.1.3, Table 2-2); PUBLISH has its own */
    uint8_t fixed_flags;
    bool has_properties; /* has a property list in MQTT 5 (2.2.2) */
    /* the statement that limits its reason codes, NULL where it has none */
    const char *reason_code_clause;
    const char *flags_clause; /* the statement that fixes its flags */
} mqtt5_packet_type_info;

/* The row of `type`; a value out of range gives the row of the reserved type 0. Never NULL. */
const mqtt5_packet_type_info *mqtt5_packet_type_get(unsigned type);

/* "client", "server" or "unknown sender"; a static string. */
const char *mqtt5_sender_name(mqtt5_sender sender);

/* "MQTT 3.1", "MQTT 3.1.1", "MQTT 5.0", or "unknown version"; a static string. */
const char *mqtt5_version_name(unsigned version);

#endif
