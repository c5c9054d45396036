/* facts.h
 * What the core tells of a packet, besides findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FACTS_H
#define MQTT5_FACTS_H

#include "core/detail.h"
#include "core/identity.h"

/* How the version came to be known; the values are those of the field mqtt5.version.source. */
typedef enum {
    MQTT5_VERSION_SOURCE_NONE = 0,
    MQTT5_VERSION_SOURCE_CONNECT = 1,
    MQTT5_VERSION_SOURCE_INFERRED = 2,  /* from bytes that only one version can have */
    MQTT5_VERSION_SOURCE_PREFERENCE = 3 /* the user set stock's mqtt.default_version */
} mqtt5_version_source;

/* What is known of one packet: frozen per packet on the first pass, so kept small. */
typedef struct {
    uint8_t type;           /* mqtt5_packet_type */
    uint8_t sender;         /* mqtt5_sender */
    uint8_t version;        /* 0, 3, 4, 5 */
    uint8_t version_source; /* mqtt5_version_source */
    /* of MQTT 5, and not implied by a short form; of SUBACK and UNSUBACK the first failure */
    bool has_reason_code : 1;
    bool is_return_code : 1; /* reason_code is one of 3.1 or 3.1.1 */
    bool is_header : 1;      /* only the fixed header was judged: the packet may come later */
    uint8_t reason_code;
    uint16_t packet_id; /* 0: none */
    /* of the packet that this one answers (PUBREL answers PUBREC); 0: none, or not seen */
    uint32_t request_frame;
    union {
        mqtt5_answer answer; /* to this packet; filled in when it comes */
        /* DISCONNECT and MQTT5_CLOSE, which nobody answers: of the Will that this end of the
         * connection released, for the caller to fill in; 0: none */
        uint32_t will_frame;
    };
    union {
        int64_t request_time; /* of that frame, as in mqtt5_input */
        /* PUBLISH, which answers nothing; they live as long as the capture. NULL: there is nothing
         * to tell */
        const mqtt5_copy *copy;             /* of the server */
        const mqtt5_deliveries *deliveries; /* of the client */
        /* MQTT5_CLOSE: a later frame that shows what this end was a part of, 0 so far; lives as long as the
         * capture. NULL: nothing can show it */
        const uint32_t *later_frame;
    };
    mqtt5_detail detail;
    /* of the client; lives as long as the connection. NULL: no CONNECT was seen */
    const mqtt5_identity *identity;
} mqtt5_facts;

#endif
