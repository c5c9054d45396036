/* timeout.c
 * Ends that have a reason in common: three at least, at one instant or after the same time without
 * traffic. It only suspects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/timeout.h"

#include "core/capture/ends.h"
#include "core/causes/causes.h"
#include "core/session/evidence.h"
#include "core/session/keep_alive.h"

/* So many ends before this one. */
#define EARLIER_MIN 2
/* Nobody closes connections that are idle for less. */
#define IDLE_MIN (5 * MQTT5_SECOND)

/* How long nobody had sent a packet. */
static int64_t idle_of(const mqtt5_closing *closing)
{
    const mqtt5_side *sides = closing->connection->sides;

    return closing->close->time - MAX(sides[0].last_time, sides[1].last_time);
}

static bool explain_gone(const mqtt5_closing *closing, const char *head, const mqtt5_capture_end *end)
{
    mqtt5_capture_alike others = mqtt5_capture_ends_at_once(closing->connection->capture, end);
    mqtt5_cause *cause = &closing->findings->cause;

    if (others.count < EARLIER_MIN)
        return false;
    mqtt5_cause_set(cause, head, others.first_frame,
                    "the server ends this connection and %u others within %.1f s, the first of them in frame %u; "
                    "it was stopped or restarted, or something before it was" MQTT5_SUSPECTED,
                    others.count, mqtt5_cause_seconds(others.first_time, end->time), others.first_frame);
    cause->kind = MQTT5_CAUSE_SHUTDOWN;
    return true;
}

/* A Keep Alive with which a client sends something well before so many seconds have passed. */
static unsigned sufficient(double seconds)
{
    return (unsigned)(seconds * 3 / 4);
}

static bool explain_idle(const mqtt5_closing *closing, const char *head, const mqtt5_capture_end *end)
{
    mqtt5_capture_alike others = mqtt5_capture_ends_as_idle(closing->connection->capture, end);
    mqtt5_cause *cause = &closing->findings->cause;
    double idle = mqtt5_seconds(end->idle);
    uint32_t keep_alive, frame;
    bool by_server, known = mqtt5_keep_alive_agreed(closing->connection, &keep_alive, &frame, &by_server);

    /* A client that says something more often than that does not need the advice. */
    if (end->idle < IDLE_MIN || others.count < EARLIER_MIN || (known && keep_alive > 0 && keep_alive <= sufficient(idle)))
        return false;
    mqtt5_cause_set(cause, head, others.last_frame,
                    "nothing was sent for %.1f s, as before %u other ends, the last in frame %u: the server, or a load balancer, "
                    "NAT or firewall before it, closes connections that are idle for about %.0f s",
                    idle, others.count, others.last_frame, idle);
    if (known && keep_alive > 0)
        mqtt5_cause_add(cause, "; with Keep Alive %u s (frame %u) the client sends nothing in that time, with %u s it would", keep_alive,
                        frame, sufficient(idle));
    else
        mqtt5_cause_add(cause, "; a Keep Alive of %u s would prevent it", sufficient(idle));
    mqtt5_cause_add(cause, MQTT5_SUSPECTED);
    cause->kind = MQTT5_CAUSE_NETWORK;
    return true;
}

bool mqtt5_cause_of_timeout(const mqtt5_closing *closing, const char *head)
{
    const mqtt5_capture_link *link = closing->connection->link;
    mqtt5_capture_end end = {.frame = closing->close->frame, .time = closing->close->time};
    bool gone, idle;

    /* What was lost may have been a DISCONNECT, or anything before the end. */
    if (closing->sender != MQTT5_SERVER || !link || mqtt5_evidence_lost(closing->connection, MQTT5_CLIENT) ||
        mqtt5_evidence_lost(closing->connection, MQTT5_SERVER))
        return false;
    end.server = link->server->id;
    end.begin = link->connect_time;
    end.idle = idle_of(closing);
    gone = explain_gone(closing, head, &end);
    idle = !gone && explain_idle(closing, head, &end);
    closing->facts->later_frame = mqtt5_capture_ends_note(closing->connection->capture, &end);
    if (gone)
        mqtt5_capture_ends_tell(closing->connection->capture, end.server, end.frame);
    return gone || idle;
}
