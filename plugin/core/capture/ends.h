/* ends.h
 * How connections have ended of which nothing else says why: at the same instant, or after the same
 * time without traffic. Internal to the core.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_ENDS_H
#define MQTT5_CAPTURE_ENDS_H

#include "core/capture/parts.h"

/* One such end, by the server or something before it. */
typedef struct {
    uint64_t server; /* mqtt5_capture_server.id; 0: not known */
    uint32_t frame;  /* of its FIN or RST */
    int64_t time;    /* of that frame */
    int64_t begin;   /* of the connection: its CONNECT; 0: before the capture */
    int64_t idle;    /* how long nobody had sent a packet then, nanoseconds */
    uint32_t *later; /* set by mqtt5_capture_ends_note(): mqtt5_facts.later_frame */
} mqtt5_capture_end;

/* Earlier ends that are like one: how many, and the frames of the first and the last of them. */
typedef struct {
    unsigned count; /* 0: none, and the rest is not set */
    uint32_t first_frame, last_frame;
    int64_t first_time;
} mqtt5_capture_alike;

/* Notes an end. Nothing happens if the server is not known. Only the latest ends are kept. Returns where
 * mqtt5_capture_ends_tell() will put a frame, which lives as long as the capture; NULL: nowhere. */
const uint32_t *mqtt5_capture_ends_note(mqtt5_capture *capture, const mqtt5_capture_end *end);

/* `frame` shows that the latest ends at the server, within a second, have one reason. */
void mqtt5_capture_ends_tell(mqtt5_capture *capture, uint64_t server, uint32_t frame);

/* The earlier ends at the same server within a second before `end`, of connections that were open
 * when that of `end` was: a server that is gone takes no new ones. */
mqtt5_capture_alike mqtt5_capture_ends_at_once(const mqtt5_capture *capture, const mqtt5_capture_end *end);

/* The earlier ends at the same server, at other times, after as long a time without traffic. */
mqtt5_capture_alike mqtt5_capture_ends_as_idle(const mqtt5_capture *capture, const mqtt5_capture_end *end);

/* The latest end at the server, and those within a second before it. Sets *last to when that was. */
mqtt5_capture_alike mqtt5_capture_ends_latest(const mqtt5_capture *capture, uint64_t server, int64_t *last);

/* Frees what is kept; takes NULL, too. */
void mqtt5_capture_ends_free(struct mqtt5_ends *ends);

#endif
