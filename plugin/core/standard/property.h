/* property.h
 * The 27 properties of MQTT 5: type, value range, and in which packet, from which side, each is
 * legal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STANDARD_PROPERTY_H
#define MQTT5_STANDARD_PROPERTY_H

#include <stddef.h>

#include "core/standard/packet_type.h"

#define MQTT5_PROPERTY_COUNT 27

/* Data types of property values (1.5). */
typedef enum {
    MQTT5_TYPE_BYTE,
    MQTT5_TYPE_TWO_BYTE,
    MQTT5_TYPE_FOUR_BYTE,
    MQTT5_TYPE_VARIABLE_BYTE,
    MQTT5_TYPE_STRING,
    MQTT5_TYPE_BINARY,
    MQTT5_TYPE_STRING_PAIR
} mqtt5_data_type;

/* Identifiers, by the standard's names (2.2.2.2, Table 2-4). */
typedef enum {
    MQTT5_PAYLOAD_FORMAT_INDICATOR = 0x01,
    MQTT5_MESSAGE_EXPIRY_INTERVAL = 0x02,
    MQTT5_CONTENT_TYPE = 0x03,
    MQTT5_RESPONSE_TOPIC = 0x08,
    MQTT5_CORRELATION_DATA = 0x09,
    MQTT5_SUBSCRIPTION_IDENTIFIER = 0x0B,
    MQTT5_SESSION_EXPIRY_INTERVAL = 0x11,
    MQTT5_ASSIGNED_CLIENT_IDENTIFIER = 0x12,
    MQTT5_SERVER_KEEP_ALIVE = 0x13,
    MQTT5_AUTHENTICATION_METHOD = 0x15,
    MQTT5_AUTHENTICATION_DATA = 0x16,
    MQTT5_REQUEST_PROBLEM_INFORMATION = 0x17,
    MQTT5_WILL_DELAY_INTERVAL = 0x18,
    MQTT5_REQUEST_RESPONSE_INFORMATION = 0x19,
    MQTT5_RESPONSE_INFORMATION = 0x1A,
    MQTT5_SERVER_REFERENCE = 0x1C,
    MQTT5_REASON_STRING = 0x1F,
    MQTT5_RECEIVE_MAXIMUM = 0x21,
    MQTT5_TOPIC_ALIAS_MAXIMUM = 0x22,
    MQTT5_TOPIC_ALIAS = 0x23,
    MQTT5_MAXIMUM_QOS = 0x24,
    MQTT5_RETAIN_AVAILABLE = 0x25,
    MQTT5_USER_PROPERTY = 0x26,
    MQTT5_MAXIMUM_PACKET_SIZE = 0x27,
    MQTT5_WILDCARD_SUBSCRIPTION_AVAILABLE = 0x28,
    MQTT5_SUBSCRIPTION_IDENTIFIER_AVAILABLE = 0x29,
    MQTT5_SHARED_SUBSCRIPTION_AVAILABLE = 0x2A
} mqtt5_property_id;

/* What the standard says of one property. */
typedef struct {
    uint8_t id;
    const char *name;   /* the standard's name */
    const char *abbrev; /* as filters spell it: "session_expiry_interval" */
    mqtt5_data_type type;
    const char *unit;          /* "seconds", "bytes", or NULL */
    uint32_t client, server;   /* property lists (MQTT5_IN) in which that side may send it */
    uint32_t repeatable;       /* ... in which it may appear more than once */
    uint32_t repeat_unstated;  /* ... in which the standard forgets to say that it may not */
    uint32_t minimum, maximum; /* legal values of a number */
    /* the standard defines the values, but does not say what others are */
    bool range_unstated;
} mqtt5_property_info;

/* Whether a property may be in the list that has it. */
typedef enum {
    MQTT5_PROPERTY_LEGAL,
    MQTT5_PROPERTY_UNKNOWN,
    MQTT5_PROPERTY_NOT_ALLOWED,
    MQTT5_PROPERTY_WRONG_SENDER
} mqtt5_property_verdict;

/* All rows in the order of their identifiers (MQTT5_PROPERTY_COUNT). Static data. */
const mqtt5_property_info *mqtt5_properties(void);

/* The row of `id` (any value of a Variable Byte Integer), or NULL where the standard has no such
 * property. */
const mqtt5_property_info *mqtt5_property_get(uint32_t id);

/* The row's place in mqtt5_properties(), 0 to 26. */
unsigned mqtt5_property_row(const mqtt5_property_info *info);

/* All property lists in which the property may appear, from either side. */
uint32_t mqtt5_property_packets(const mqtt5_property_info *info);

/* Judges property `id` in the property list `list` (a packet type or MQTT5_WILL) of a packet from
 * `sender`. With MQTT5_SENDER_UNKNOWN, and in lists that only one side sends, the sender plays no
 * part. */
mqtt5_property_verdict mqtt5_property_judge(mqtt5_packet_type list, uint32_t id, mqtt5_sender sender);

/* The section of the standard on property `id` in `list`: "3.2.2.3.4"; "2.2.2.2", the general one,
 * where the property does not belong there. Static. */
const char *mqtt5_property_section(mqtt5_packet_type list, uint32_t id);

#endif
