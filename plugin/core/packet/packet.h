/* packet.h
 * A decoded control packet: its fields, and ways to walk its lists.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_H
#define MQTT5_PACKET_H

#include "core/rules/finding.h"
#include "core/standard/integer.h"
#include "core/standard/property.h"

typedef enum {
    MQTT5_DECODED,
    /* the bytes cannot be a packet of this version; decoding stops at the bad place */
    MQTT5_MALFORMED,
    /* the capture does not hold all its bytes (snaplen); what is there is decoded */
    MQTT5_CUT,
    MQTT5_UNDECODED /* the version is not known and the rest depends on it */
} mqtt5_decode_status;

/* A property list: the Property Length and what follows it (2.2.2). */
typedef struct {
    /* there is a Property Length; false in short forms and before MQTT 5 */
    bool present;
    /* senders (1 << mqtt5_sender) from whom it breaks no rule: see shortcut.h */
    uint8_t faultless;
    /* all properties were read; false after an unknown identifier or a bad value */
    bool sound;
    uint32_t offset;                      /* of the Property Length field */
    mqtt5_range block;                    /* the properties themselves */
    uint32_t count;                       /* properties read */
    uint32_t seen;                        /* bit n: the property of row n is there at least once */
    uint32_t first[MQTT5_PROPERTY_COUNT]; /* offset of the first of row n; set only where seen */
} mqtt5_property_list;

/* One property. */
typedef struct {
    uint32_t id;
    /* NULL: unknown identifier, then only id, id_length and offset are set */
    const mqtt5_property_info *info;
    uint32_t offset, length; /* identifier and value */
    uint32_t id_length;
    uint32_t number; /* of the number types */
    /* of strings and binary data, without the length; `second`: the value of a string pair */
    mqtt5_range text, second;
} mqtt5_property;

/* Which fields of mqtt5_packet are set. */
enum {
    MQTT5_HAS_PACKET_ID = 1 << 0,
    /* set in short forms too, with the implied 0x00 and reason_code_offset 0 */
    MQTT5_HAS_REASON_CODE = 1 << 1,
    MQTT5_HAS_TOPIC = 1 << 2,
    MQTT5_HAS_PAYLOAD = 1 << 3, /* the application message, Topic Filters, or reason codes */
    MQTT5_HAS_CLIENT_ID = 1 << 4,
    MQTT5_HAS_WILL = 1 << 5, /* will_topic and will_payload */
    MQTT5_HAS_USER_NAME = 1 << 6,
    MQTT5_HAS_PASSWORD = 1 << 7,
    MQTT5_HAS_CONNECT_HEADER = 1 << 8, /* protocol_name to keep_alive */
    MQTT5_HAS_CONNACK_FLAGS = 1 << 9
};

/* One control packet. */
typedef struct {
    const uint8_t *data; /* borrowed */
    uint32_t captured;   /* bytes at data */
    uint32_t length;     /* of the whole packet, fixed header included */
    mqtt5_packet_type type;
    uint8_t flags;         /* low nibble of byte 1 */
    uint8_t version;       /* that it was decoded as; CONNECT: its own */
    uint8_t header_length; /* of the fixed header */
    mqtt5_decode_status status;
    uint32_t has;

    uint16_t packet_id;
    uint32_t packet_id_offset;
    uint8_t reason_code; /* or return code, before MQTT 5 */
    uint32_t reason_code_offset;
    uint8_t connack_flags;
    mqtt5_range topic;
    mqtt5_range payload;

    mqtt5_range protocol_name;
    uint8_t protocol_level; /* as on the wire */
    uint8_t connect_flags;
    uint16_t keep_alive;
    uint32_t connect_flags_offset;
    mqtt5_range client_id, will_topic, will_payload, user_name, password;

    mqtt5_property_list properties, will_properties;
} mqtt5_packet;

/* Bits of the Connect Flags (3.1.2.3). */
enum {
    MQTT5_CONNECT_CLEAN_START = 0x02,
    MQTT5_CONNECT_WILL = 0x04,
    MQTT5_CONNECT_WILL_QOS = 0x18,
    MQTT5_CONNECT_WILL_RETAIN = 0x20,
    MQTT5_CONNECT_PASSWORD = 0x40,
    MQTT5_CONNECT_USER_NAME = 0x80
};

/* Reads the property at `offset` of a list that ends at `end` (both from the packet's start).
 * Returns true and sets *property, or false where the bytes are no whole property of a known
 * identifier (property->info is NULL if the identifier is what is wrong). */
bool mqtt5_property_read(const mqtt5_packet *packet, uint32_t offset, uint32_t end, mqtt5_property *property);

/* Walks a property list: *offset starts at list->block.offset, and is moved past the property.
 * False at the end, or at one that cannot be read. */
bool mqtt5_property_next(const mqtt5_packet *packet, const mqtt5_property_list *list, uint32_t *offset, mqtt5_property *property);

/* The first property `id` of the list; false if it is not there. */
bool mqtt5_property_find(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_property_id id, mqtt5_property *property);

/* The number in the first property `id` of the list, or `otherwise` if it is not there. */
uint32_t mqtt5_property_number(const mqtt5_packet *packet, const mqtt5_property_list *list, mqtt5_property_id id, uint32_t otherwise);

/* True if the list has property `id`. */
bool mqtt5_property_has(const mqtt5_property_list *list, mqtt5_property_id id);

/* Bits of the Subscription Options (3.8.3.1); before MQTT 5 the byte has the requested QoS
 * alone. */
enum {
    MQTT5_OPTION_QOS = 0x03,
    MQTT5_OPTION_NO_LOCAL = 0x04,
    MQTT5_OPTION_RETAIN_AS_PUBLISHED = 0x08,
    MQTT5_OPTION_RETAIN_HANDLING = 0x30,
    MQTT5_OPTION_RETAIN_HANDLING_SHIFT = 4,
    MQTT5_OPTION_RESERVED = 0xC0,
    MQTT5_OPTION_RESERVED_3_1_1 = 0xFC
};

/* One Topic Filter of a SUBSCRIBE or UNSUBSCRIBE. */
typedef struct {
    uint32_t offset, length; /* length prefix, filter and options */
    mqtt5_range filter;
    uint8_t options; /* SUBSCRIBE: Subscription Options, or the requested QoS before MQTT 5 */
} mqtt5_topic_filter;

/* Walks the filters: *offset starts at packet->payload.offset. False at the end, or at one that
 * cannot be read. */
bool mqtt5_topic_filter_next(const mqtt5_packet *packet, uint32_t *offset, mqtt5_topic_filter *filter);

/* One reason code, or return code before MQTT 5. */
typedef struct {
    uint8_t code;
    uint32_t offset;  /* 0: left out, and 0x00 is implied */
    bool return_code; /* one of 3.1 or 3.1.1 */
} mqtt5_code;

/* True if the code of a CONNACK is a return code of 3.1 or 3.1.1: a server that does not know MQTT
 * 5 refuses in that form, whatever version the client asked for. */
bool mqtt5_has_return_code(const mqtt5_packet *packet);

/* Walks the codes of a packet; SUBACK and UNSUBACK have many. *offset starts at 0. False at the
 * end, or where there is none. */
bool mqtt5_code_next(const mqtt5_packet *packet, uint32_t *offset, mqtt5_code *code);

/* A property with its identifier; the reason code; as findings name them. */
static inline mqtt5_range mqtt5_property_range(const mqtt5_property *property)
{
    return (mqtt5_range){property->offset, property->length};
}
static inline mqtt5_range mqtt5_reason_code_range(const mqtt5_packet *packet)
{
    return (mqtt5_range){packet->reason_code_offset, 1};
}

/* The bytes of a range; never to be read beyond range.length. */
static inline const uint8_t *mqtt5_bytes(const mqtt5_packet *packet, mqtt5_range range)
{
    return packet->data + range.offset;
}

/* QoS, DUP and RETAIN of a PUBLISH. */
static inline unsigned mqtt5_publish_qos(const mqtt5_packet *packet)
{
    return (packet->flags >> 1) & 3;
}
static inline bool mqtt5_publish_dup(const mqtt5_packet *packet)
{
    return (packet->flags & 8) != 0;
}
static inline bool mqtt5_publish_retain(const mqtt5_packet *packet)
{
    return (packet->flags & 1) != 0;
}

#endif
