/* reason_code.h
 * The 43 reason codes of MQTT 5, and in which packet, from which side, each is legal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STANDARD_REASON_CODE_H
#define MQTT5_STANDARD_REASON_CODE_H

#include <stddef.h>

#include "core/standard/packet_type.h"

/* Reason codes by name: MQTT5_CODE_RECEIVE_MAXIMUM_EXCEEDED and so on. */
enum {
#define MQTT5_REASON_CODE(code, symbol, ...) MQTT5_CODE_##symbol = code,
#include "core/standard/reason_code_list.h"
    MQTT5_CODE_FAILURE = 0x80 /* from here on, all are failures; by itself it is Unspecified error,
                               * and before MQTT 5 that of SUBACK */
};

/* Return codes of CONNACK before MQTT 5 that are looked for. */
enum { MQTT5_RETURN_CODE_VERSION = 0x01, MQTT5_RETURN_CODE_CLIENT_ID = 0x02 };

/* What the standard says of one reason code (2.4, Table 2-6, and the table of each packet). */
typedef struct {
    uint8_t code;
    const char *name;        /* the standard's name; see mqtt5_reason_code_name() for 0x00 */
    uint32_t client, server; /* packet types (MQTT5_IN) in which that side may send it */
    /* ... in which the standard contradicts itself on whether that side may */
    uint32_t disputed_client;
    uint32_t disputed_server;
    const char *meaning; /* one sentence, for codes from 0x80; else NULL */
} mqtt5_reason_code_info;

/* Whether a reason code may be in the packet that has it. */
typedef enum {
    MQTT5_REASON_CODE_LEGAL,
    MQTT5_REASON_CODE_UNKNOWN,      /* no such code in the standard */
    MQTT5_REASON_CODE_NOT_ALLOWED,  /* in no packet of this type */
    MQTT5_REASON_CODE_WRONG_SENDER, /* in this packet type, but only from the other side */
    MQTT5_REASON_CODE_DISPUTED      /* the standard says yes in one place and no in another */
} mqtt5_reason_code_verdict;

/* All rows in the order of their codes; *count gets their number (43). Static data. */
const mqtt5_reason_code_info *mqtt5_reason_codes(size_t *count);

/* The row of `code`, or NULL where the standard has no such code. */
const mqtt5_reason_code_info *mqtt5_reason_code_get(uint8_t code);

/* The name that `code` has in packets of `type`: 0x00 is "Normal disconnection" in DISCONNECT,
 * "Granted QoS 0" in SUBACK, "Success" elsewhere. NULL where the standard has no such code. Does
 * not say that the code is legal there. */
const char *mqtt5_reason_code_name(mqtt5_packet_type type, uint8_t code);

/* All packet types in which `code` is listed, from either side, disputed ones included; 0 for an
 * unknown code. */
uint32_t mqtt5_reason_code_packets(const mqtt5_reason_code_info *info);

/* Judges `code` in a packet of `type` from `sender`. With MQTT5_SENDER_UNKNOWN a code that either
 * side may send is legal: what is not known is not held against it. For packets that only one side
 * sends (CONNACK, SUBACK, UNSUBACK) the sender plays no part. */
mqtt5_reason_code_verdict mqtt5_reason_code_judge(mqtt5_packet_type type, uint8_t code, mqtt5_sender sender);

/* The meaning of a return code of 3.1.1 or 3.1 in CONNACK or SUBACK; NULL where it is reserved or
 * the packet has none. A static string. */
const char *mqtt5_return_code_name(mqtt5_packet_type type, uint8_t code);

/* The name of a code in packets of `type`: of a reason code, or of a return code of 3.1.1 and 3.1.
 * Never NULL: of a code that is not known it says so. A static string. */
const char *mqtt5_code_name(mqtt5_packet_type type, uint8_t code, bool return_code);

#endif
