/* upgrade.h
 * Reads how HTTP switches to WebSocket (RFC 6455, 4), as far as MQTT is concerned (MQTT 5.0, 6): the
 * request of a client that offers the sub-protocol "mqtt", and the answer to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_UPGRADE_H
#define MQTT5_PACKET_UPGRADE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rules/finding.h"

/* As much as is kept of a header; of a longer one, nothing is said. */
#define MQTT5_UPGRADE_NAMES 80

/* A request and its answer. */
typedef struct mqtt5_upgrade {
    uint32_t request_frame, answer_frame;
    char offered[MQTT5_UPGRADE_NAMES];  /* Sec-WebSocket-Protocol of the request */
    char selected[MQTT5_UPGRADE_NAMES]; /* of the answer; empty: it has none */
    char answer[MQTT5_UPGRADE_NAMES];   /* its first line, after "HTTP/1.1 "; printable */
    unsigned status;                    /* 101, 403 ...; 0: no answer yet */
} mqtt5_upgrade;

#define MQTT5_UPGRADE_SWITCHES 101

/* Reads an HTTP message, of which `available` bytes are at `data`: true, and sets request_frame to
 * `frame` and `offered`, if it is a request for WebSocket that offers "mqtt". False where it is anything
 * else, or its headers are not whole; then nothing is set. */
bool mqtt5_upgrade_request(mqtt5_upgrade *upgrade, uint32_t frame, const uint8_t *data, uint32_t available);

/* The same for what answers the request: sets the rest. False where it is no answer, or none that is
 * the last one (100 and the like), or its headers are not whole. */
bool mqtt5_upgrade_answer(mqtt5_upgrade *upgrade, uint32_t frame, const uint8_t *data, uint32_t available);

/* True if the answer switches to WebSocket, but selects nothing that the client has offered. */
bool mqtt5_upgrade_unnamed(const mqtt5_upgrade *upgrade);

/* True if the answer selects a sub-protocol of MQTT; of one that is older than 3.1.1, too. */
bool mqtt5_upgrade_selects_mqtt(const mqtt5_upgrade *upgrade);

/* Reports in the findings of the answer what mqtt5_upgrade_unnamed() tells. */
void mqtt5_upgrade_check(const mqtt5_upgrade *upgrade, mqtt5_findings *findings);

#endif
