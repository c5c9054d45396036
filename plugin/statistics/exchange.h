/* exchange.h
 * What takes time between two packets, by kind: a request and its answer, a request and its
 * response in messages, a message and its copy. The rows of the table of response times, and the
 * values of the field mqtt5.exchange.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_EXCHANGE_H
#define MQTT5_STATISTICS_EXCHANGE_H

#include <epan/packet.h>

#include "core/facts.h"
#include "core/packet/packet.h"

/* All kinds are below. */
#define MQTT5_EXCHANGES 51

/* One that a packet ends. */
typedef struct {
    unsigned kind;
    int64_t time; /* that it took, nanoseconds */
} mqtt5_exchange;

/* What a packet of these facts ends, of which it can be several; `packet` is the same, decoded, and
 * `now` the time of its frame. Returns how many. */
#define MQTT5_EXCHANGES_OF_PACKET 2
unsigned mqtt5_exchanges(const mqtt5_facts *facts, const mqtt5_packet *packet, int64_t now,
                         mqtt5_exchange exchanges[MQTT5_EXCHANGES_OF_PACKET]);

/* The name of a kind; NULL if there is none of this number. */
const char *mqtt5_exchange_name(unsigned kind);

#endif
