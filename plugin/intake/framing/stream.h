/* stream.h
 * One direction of a TCP connection, by sequence numbers: which bytes of a call are new, which were
 * seen before, what is missing in between, and whether a control packet starts with them. Numbers
 * and bytes only; no epan.
 *
 * It is used on the first visit of a frame, in the order of the capture; the caller freezes the
 * results.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_FRAMING_STREAM_H
#define MQTT5_INTAKE_FRAMING_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#define MQTT5_STREAM_GUESSES 8

/* All zero at first. Positions are sequence numbers, modulo 2^32. */
typedef struct {
    bool started;      /* some bytes of this direction were seen */
    bool synced;       /* a control packet starts at `next` */
    bool broken;       /* a packet without an end was seen: nothing after it can be framed */
    uint8_t foreign;   /* mqtt5_foreign: it is of another protocol, and so broken; set by the caller */
    bool gap;          /* bytes are missing before the next packet to be judged */
    bool opened;       /* it began with a CONNECT: start_acks is set */
    bool doubtful;     /* where packets start was found by searching, and nothing has confirmed it */
    uint8_t probation; /* the number of calls in which a start found by searching must still be
                        * confirmed */
    bool waiting;      /* the rest of a packet was asked for: pending_acks and pending_time belong
                        * to the bytes at `next` */
    bool lost;         /* the bytes at `next` are a continuation, and a remark was made about it */

    bool pending; /* a packet that starts at or before `next` ends at pending_end */
    uint32_t pending_end;
    uint32_t pending_acks;   /* what the segment in which it starts acknowledges */
    uint32_t pending_frame;  /* in which that packet begins; set by the caller, like pending_time */
    uint32_t pending_length; /* of that packet; 0 if it is not known yet */
    uint8_t pending_first;   /* its first byte */
    int64_t pending_time;    /* when the packet began whose rest was asked for; set by the caller, on
                            * any carrier */

    bool hole; /* the bytes from hole_start to hole_end were missing when the following ones were
                * judged */
    uint32_t hole_start, hole_end;

    /* While framing is lost: where a packet may end that started in the skipped bytes. It is
     * accepted if another one starts there. */
    uint32_t guesses[MQTT5_STREAM_GUESSES];
    unsigned guess_count;

    uint32_t seen;       /* after the last byte of the highest call, whole packets or not */
    uint32_t acks;       /* of the last call with new bytes; set by the caller */
    uint32_t start_acks; /* what the segment acknowledges in which the CONNECT starts; set by the caller */

    uint32_t next; /* after the last byte that was processed */
} mqtt5_stream;

/* What to do with the bytes of a call. All zero: they are packets from the first byte on. */
typedef struct {
    uint32_t skip;   /* bytes at the start that belong to no packet that stock can show */
    uint32_t old;    /* packets that start before this offset are not judged: they have been, or it is
                    * too late */
    bool remark;     /* the skipped bytes are the first after framing was lost */
    bool no_more;    /* do not ask for the rest of an incomplete packet at the end */
    bool gap;        /* bytes are missing before the first packet to be judged */
    uint8_t foreign; /* mqtt5_foreign: the skipped bytes are of that protocol */
    bool doubtful;   /* that there are packets is only likely: their start was found by searching */
} mqtt5_plan;

/* The result of cutting a call. */
typedef struct {
    uint32_t end;      /* offset after the last whole packet */
    uint32_t reported; /* bytes of the call, captured or not */
    uint32_t rest_end; /* offset at which the packet that starts at `end` would end; 0 if it is not
                        * known or there is none */
    bool asked;        /* the carrier will deliver the rest again, with more bytes */
    bool broken;       /* the rest is a packet without an end */
    bool cut;          /* bytes were not captured, so the end of the last packet is not known */
    bool unread;       /* ... nor where it or others begin */
    bool judged;       /* a packet was passed on to be judged */
    uint32_t acks;     /* what this segment acknowledges */
} mqtt5_outcome;

/* Makes a plan for the bytes of a call from `position` on: `reported` were sent, and `captured` of
 * them are at `data`. `at_start`: no byte of this direction was sent before. */
mqtt5_plan mqtt5_stream_plan(mqtt5_stream *stream, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported,
                             bool at_start);

/* The packets of the last call were none: what comes next may begin anywhere. */
void mqtt5_stream_disbelieve(mqtt5_stream *stream);

/* Updates the stream with the result of that call. */
void mqtt5_stream_done(mqtt5_stream *stream, uint32_t position, const mqtt5_plan *plan, const mqtt5_outcome *outcome);

#endif
