/* stream.h
 * One direction of a TCP connection, by sequence numbers: which bytes of a call are new, which have been seen before, what is missing
 * in between, and whether a control packet starts where they start. Numbers and bytes only; no epan.
 *
 * Used on the first visit of a frame, in the order of the capture; what it says is frozen by the caller.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STREAM_H
#define MQTT5_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#define MQTT5_STREAM_GUESSES 8

/* Set to zero to begin with. Positions are sequence numbers, modulo 2^32. */
typedef struct {
    bool started;      /* some bytes of this direction were seen */
    bool synced;       /* a control packet starts at `next` */
    bool broken;       /* a packet without an end was seen: nothing behind it can be framed */
    bool gap;          /* bytes are missing before the next packet to be judged */
    bool opened;       /* it began with a CONNECT */
    uint8_t probation; /* calls for which a start that was found by searching must go on to prove itself */
    bool waiting;      /* the rest of a packet was asked for: pending_acks, pending_time hold for the bytes at `next` */
    bool lost;         /* bytes at `next` are being shown as a continuation, for which a remark was made */

    bool pending; /* a packet that starts before or at `next` ends at pending_end */
    uint32_t pending_end;
    uint32_t pending_acks; /* what the segment in which it starts acknowledges */
    int64_t pending_time;  /* when the packet began for whose rest was asked; set by the caller, on any carrier */

    bool hole; /* bytes from hole_start to hole_end were missing when what follows was judged */
    uint32_t hole_start, hole_end;

    /* While framing is lost: where a packet may end that perhaps started in what was skipped. Believed if another one starts there. */
    uint32_t guesses[MQTT5_STREAM_GUESSES];
    unsigned guess_count;

    uint32_t next; /* behind the last byte that was accounted for */
} mqtt5_stream;

/* What is to be done with the bytes of a call. All zero: they are packets from the first byte on. */
typedef struct {
    uint32_t skip; /* bytes at the start that belong to no packet that can be shown */
    uint32_t old;  /* packets that start before this offset are not to be judged: they were, or it is too late */
    bool remark;   /* the skipped bytes are the first for which framing is lost */
    bool no_more;  /* do not ask for the rest of an unfinished packet at the end */
    bool gap;      /* bytes are missing before the first packet to be judged */
} mqtt5_plan;

/* How the packets of a call came out. */
typedef struct {
    uint32_t end;      /* offset behind the last whole packet */
    uint32_t reported; /* bytes of the call, captured or not */
    uint32_t rest_end; /* offset at which the packet that starts at `end` would end; 0 if not known, or if there is none */
    bool asked;        /* the rest will be presented again, with what follows */
    bool broken;       /* the rest has no end */
    bool cut;          /* bytes were not captured, so that the end of the last packet is not known */
    bool judged;       /* some packet was given to be judged */
    uint32_t acks;     /* what this segment acknowledges */
} mqtt5_outcome;

/* Plans a call with the bytes from `position` on: `captured` of them at `data`, `reported` were sent. `at_start`: no byte of this direction
 * was ever sent before. */
mqtt5_plan mqtt5_stream_plan(mqtt5_stream *stream, uint32_t position, const uint8_t *data, uint32_t captured, uint32_t reported,
                             bool at_start);

/* Takes note of what became of that call. */
void mqtt5_stream_done(mqtt5_stream *stream, uint32_t position, const mqtt5_plan *plan, const mqtt5_outcome *outcome);

#endif
