/* transport.h
 * What TCP did on a connection: plain numbers that the shell keeps, and hands in with each packet
 * and each close.
 *
 * Sequence and acknowledgment numbers count as mqtt5_input.position does: from 0 or not, as the
 * user prefers, and modulo 2^32. SYN and FIN take a number each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_TRANSPORT_H
#define MQTT5_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

/* A time in which nothing moved, the last of its kind. Where another began right after it, both are one. */
typedef struct {
    int64_t since, until;
    uint32_t frame;       /* that shows its beginning; 0: not known */
    uint32_t until_frame; /* 0: there was none */
} mqtt5_standstill;

/* So long after one standstill a next one has begun right after it. */
#define MQTT5_STANDSTILL_GAP (INT64_C(1000000000) / 10)

/* Notes that nothing moved from `since`, in `frame`, until `until`, in `until_frame`. */
static inline void mqtt5_standstill_note(mqtt5_standstill *last, uint32_t frame, int64_t since, uint32_t until_frame, int64_t until)
{
    if (last->until_frame == 0 || since - last->until > MQTT5_STANDSTILL_GAP) {
        last->frame = frame;
        last->since = since;
    }
    last->until_frame = until_frame;
    last->until = until;
}

/* What went wrong below with what one end sends; few connections have any of it. */
typedef struct {
    /* Since `acked` grew: frames with bytes sent again, and when the first of them came. A frame that
     * was only captured twice does not count. */
    uint32_t again;
    /* Since the other end was heard: probes whether the connection still lives, without an answer */
    uint32_t probes;
    int64_t again_time;
    int64_t probe_time;       /* of the first of them */
    int64_t full_time;        /* of full_frame */
    uint32_t full_frame;      /* since there it takes no bytes (window 0); 0: it takes some */
    mqtt5_standstill full;    /* when it took none last */
    mqtt5_standstill unacked; /* when bytes of it were last on their way for half a second or longer, and nothing was acknowledged */
} mqtt5_trouble;

/* What one end has sent. Times are nanoseconds since the epoch. */
typedef struct {
    bool known;          /* some of its bytes were captured: `sent` and `sent_time` are set */
    bool acked_known;    /* the other end acknowledged something: `acked` and `acked_time` are set */
    uint32_t sent;       /* after the highest byte that was captured */
    uint32_t acked;      /* the highest acknowledgment number of the other end */
    uint32_t resent;     /* frames with bytes sent again, since the last one with new bytes */
    uint32_t last_frame; /* of heard_time */
    /* the first frame with bytes that are not acknowledged; 0: there are none, or it is not known */
    uint32_t unacked_frame;
    int64_t unacked_time;   /* of unacked_frame */
    int64_t sent_time;      /* of the last frame with new bytes */
    int64_t resent_time;    /* of the last frame with bytes sent again; 0: none */
    int64_t acked_time;     /* of the frame that acknowledged up to `acked` first */
    int64_t heard_time;     /* of its last frame, with bytes or without; 0: none */
    mqtt5_trouble *trouble; /* NULL: there was none */
} mqtt5_sending;

/* One connection, by direction (mqtt5_input.direction). */
typedef struct {
    mqtt5_sending sendings[2];
} mqtt5_transport;

/* True if bytes of the direction were captured that the other end has not acknowledged, and the
 * capture has acknowledgments of it. */
static inline bool mqtt5_sending_open(const mqtt5_sending *sending)
{
    return sending->known && sending->acked_known && (int32_t)(sending->sent - sending->acked) > 0;
}

#endif
