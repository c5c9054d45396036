/* will.h
 * What the parts of the module on Wills share. Internal to capture/will/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_WILL_WILL_H
#define MQTT5_CAPTURE_WILL_WILL_H

#include "core/capture/parts.h"

#define WILLS_OF_GROUP 8
#define AWAITED 64
/* How long a server may take to publish a Will. */
#define WILL_PATIENCE (10 * MQTT5_SECOND)

typedef enum {
    WILL_LIVE,
    WILL_ENDED,     /* to be published, or published unseen */
    WILL_PUBLISHED, /* a copy was seen */
    WILL_DISCARDED, /* by DISCONNECT 0x00 */
    WILL_CANCELLED, /* its client was back within the Will Delay Interval */
    WILL_UNCERTAIN,
    WILL_REFUSED /* the CONNECT was not accepted */
} will_state;

struct mqtt5_will {
    struct will_group *group;
    mqtt5_capture_link *link; /* NULL when that is gone */
    will_state state;
    uint32_t connect_frame, end_frame, back_frame;
    int64_t connect_time, end_time, due; /* due: when it must be published, valid if due_known */
    uint32_t delay;
    bool retain, due_known, awaited;
    uint32_t copy_serial, copy_frame; /* the first copy: to which link, and its frame */
    /* when the same was last delivered before the end was seen; INT64_MIN: never */
    int64_t early_time;
    uint8_t *topic, *properties;
    uint32_t topic_length, payload_length, properties_length;
    const mqtt5_identity *publisher;
    bool v5;
    uint32_t properties_hash; /* mqtt5_capture_hash_properties() */
};

/* Wills with the same topic and payload at one server: mostly those of one client, connection by
 * connection. */
struct will_group {
    uint64_t hash;
    struct mqtt5_will *wills[WILLS_OF_GROUP];
    unsigned count;
    bool foreign; /* another client publishes this too, or there are too many: no longer judged */
};

struct mqtt5_wills {
    GHashTable *groups; /* will_group by its hash */
    unsigned count;     /* Wills in all */
    bool full;
    struct mqtt5_will *awaited[AWAITED]; /* due Wills of which no copy was seen, the oldest first */
    unsigned awaited_count;
};

/* Nobody waits for the Will any longer. */
void mqtt5_capture_will_stop_awaiting(struct mqtt5_wills *wills, struct mqtt5_will *will);

/* True if a Will that is published after `from` would have been delivered to the link, and every
 * copy since then would have been seen. */
bool mqtt5_capture_will_was_watching(const mqtt5_capture_link *link, int64_t from);

#endif
