/* detail.h
 * What there is to tell of a packet beyond its verdict, by packet type. Made while the packet is judged, in memory that lives as long as its
 * connection, and never changed afterwards; only where a packet has something of the kind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DETAIL_H
#define MQTT5_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

/* What becomes of a request. The one thing here that is filled in later: the answer comes behind its request. */
typedef struct {
    uint32_t frame; /* of the packet that answers it; or of the one that shows that none will come (`never`); 0: neither, so far */
    bool never;
} mqtt5_answer;

/* Of a close: the requests that it leaves without an answer. */
typedef struct {
    uint32_t count;    /* of all */
    uint32_t shown;    /* of `frames` */
    uint32_t frames[]; /* that they are in, ascending: the first of them, MQTT5_OPEN_REQUESTS_MAX at most */
} mqtt5_open_requests;

#define MQTT5_OPEN_REQUESTS_MAX 100

/* Whichever belongs to the packet's type; NULL where there is nothing to tell. */
typedef union {
    const void *any;
    const mqtt5_answer *authentication; /* CONNECT with an Authentication Method: the AUTH that answers it */
    const mqtt5_open_requests *open;    /* MQTT5_CLOSE */
} mqtt5_detail;

#endif
