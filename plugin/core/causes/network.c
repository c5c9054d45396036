/* network.c
 * Connections that end because the network, or the program at the other end, takes nothing any more:
 * what TCP shows of it.
 *
 * TCP sends bytes again only if it got no acknowledgment, so this holds even where the capture has
 * lost frames of the other end. Where it has none of them at all, nothing is said.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/network.h"

#include "core/causes/causes.h"

#include <stdio.h>

/* Fewer frames that send bytes again, or for a shorter time, are ordinary loss. */
#define AGAIN_MIN 2
#define AGAIN_LONG (1 * MQTT5_SECOND)
/* A receiver that takes no bytes for so long is stuck. */
#define FULL_LONG (5 * MQTT5_SECOND)
#define PROBES_MIN 3
/* From so many segments of a side on, it is known how far it is. */
#define SEGMENTS_MIN 3

/* A close, and one direction of the connection. */
typedef struct {
    const mqtt5_closing *closing;
    mqtt5_sender side;                 /* whose bytes it is about */
    const mqtt5_sending *sent, *other; /* what that side has sent, and its peer */
    const mqtt5_trouble *trouble;      /* of `sent`, never NULL */
    mqtt5_cause *cause;
    const char *head;
} view;

static view view_of(const mqtt5_closing *closing, const char *head, mqtt5_sender side)
{
    unsigned direction = side == closing->sender ? closing->close->direction : !closing->close->direction;
    const mqtt5_transport *transport = closing->close->transport;
    const mqtt5_sending *sent = &transport->sendings[direction];
    static const mqtt5_trouble none;

    return (view){closing, side, sent, &transport->sendings[!direction], sent->trouble ? sent->trouble : &none, &closing->findings->cause,
                  head};
}

static const char *name_of(const view *v)
{
    return mqtt5_sender_name(v->side);
}

static const char *peer_name(const view *v)
{
    return mqtt5_sender_name(mqtt5_peer_of(v->side));
}

static double ago(const view *v, int64_t time)
{
    return mqtt5_cause_seconds(time, v->closing->close->time);
}

/* The bytes that the peer has not acknowledged. A FIN takes a number, too. */
static uint32_t open_bytes(const view *v)
{
    bool fin = v->side == v->closing->sender && !v->closing->close->reset;

    return mqtt5_sending_open(v->sent) ? v->sent->sent - v->sent->acked - fin : 0;
}

static bool explain_unacknowledged(const view *v)
{
    const mqtt5_sending *sent = v->sent;
    uint32_t bytes = open_bytes(v);

    if (bytes == 0 || v->trouble->again < AGAIN_MIN || v->closing->close->time - v->trouble->again_time < AGAIN_LONG)
        return false;
    mqtt5_cause_set(v->cause, v->head, sent->unacked_frame, "the %s's TCP has acknowledged nothing of the %s for %.1f s: %u bytes",
                    peer_name(v), name_of(v), ago(v, sent->acked_time), bytes);
    if (sent->unacked_frame != 0)
        mqtt5_cause_add(v->cause, " from frame %u on", sent->unacked_frame);
    mqtt5_cause_add(v->cause, " did not arrive, although TCP sent some of them again %u times", v->trouble->again);
    if (v->other->heard_time < v->trouble->again_time)
        mqtt5_cause_add(v->cause, ", and nothing has come from the %s since: the network in between or the %s was gone", peer_name(v),
                        peer_name(v));
    else
        mqtt5_cause_add(v->cause, ": the network in between loses what the %s sends", name_of(v));
    return true;
}

static bool explain_probes(const view *v)
{
    if (v->side != v->closing->sender || v->trouble->probes < PROBES_MIN || v->other->heard_time == 0)
        return false;
    mqtt5_cause_set(v->cause, v->head, v->other->last_frame,
                    "the %s has not answered %u keep-alive probes of TCP in %.1f s, and was last seen in frame %u; "
                    "the network in between or the %s was gone" MQTT5_SUSPECTED,
                    peer_name(v), v->trouble->probes, ago(v, v->trouble->probe_time), v->other->last_frame, peer_name(v));
    return true;
}

/* The side does not read. */
static bool explain_full(const view *v)
{
    if (v->trouble->full_frame == 0 || v->closing->close->time - v->trouble->full_time < FULL_LONG)
        return false;
    mqtt5_cause_set(v->cause, v->head, v->trouble->full_frame,
                    "the %s has not read for %.1f s: its TCP takes no more bytes since frame %u (window 0)", name_of(v),
                    ago(v, v->trouble->full_time), v->trouble->full_frame);
    return true;
}

/* The RST has come another way than all that its side has sent. One hop more or less may be the same
 * host: of its containers, one sends and the other resets. */
static bool explain_between(const view *v)
{
    const mqtt5_close *close = v->closing->close;
    int differ = (int)close->hops - (int)close->usual_hops;

    if (!close->reset || close->usual_seen < SEGMENTS_MIN || ABS(differ) <= 1)
        return false;
    mqtt5_cause_set(v->cause, v->head, 0,
                    "this RST has a TTL of %u, and all that the %s has sent before had %u: a device in between, such as a firewall or a "
                    "load balancer, has probably reset the connection" MQTT5_SUSPECTED,
                    close->hops, name_of(v), close->usual_hops);
    return true;
}

bool mqtt5_cause_of_network(const mqtt5_closing *closing, const char *head)
{
    view own, peer;

    if (!closing->close->transport)
        return false;
    own = view_of(closing, head, closing->sender);
    if (explain_between(&own)) {
        closing->findings->cause.kind = MQTT5_CAUSE_NETWORK;
        return true;
    }
    peer = view_of(closing, head, mqtt5_peer_of(closing->sender));
    if (!explain_full(&peer) && !explain_unacknowledged(&own) && !explain_probes(&own) && !explain_unacknowledged(&peer) &&
        !explain_full(&own))
        return false;
    closing->findings->cause.kind = MQTT5_CAUSE_NETWORK;
    return true;
}

void mqtt5_cause_of_stale_reset(const mqtt5_closing *closing)
{
    const mqtt5_close *close = closing->close;
    const char *peer = mqtt5_sender_name(mqtt5_peer_of(closing->sender));
    char head[32];

    if (!close->transport)
        return;
    snprintf(head, sizeof head, "RST from %s", mqtt5_sender_name(closing->sender));
    mqtt5_cause_set(&closing->findings->cause, head, 0,
                    "its sequence number is none that the %s can take after what it acknowledged %.1f s before, and its TCP should ignore "
                    "it (RFC 9293, 3.10.7.4): it may be from something in between, or belong to another connection" MQTT5_SUSPECTED,
                    peer, mqtt5_cause_seconds(close->transport->sendings[close->direction].acked_time, close->time));
    closing->findings->cause.kind = MQTT5_CAUSE_NETWORK;
}
