/* redelivery.c
 * Messages that were not acknowledged when a connection ended, and how they are sent again when the
 * session is resumed (4.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/parts.h"
#include "core/session/evidence.h"

/* Messages of each side that are kept, by the lower bits of their identifiers. Where two that
 * matter would share a place, the places double, up to PLACES_MAX; from there on messages replace
 * each other. */
#define PLACES_FIRST 8
#define PLACES_MAX 128
/* Anybody may say the same as before with a shorter payload (on, off, 21.5). */
#define TELLING_PAYLOAD 8

typedef struct {
    uint64_t hash; /* of topic and payload */
    uint32_t frame, sequence;
    uint32_t released_frame; /* of the PUBREL, if no PUBCOMP came; 0: none */
    uint16_t packet_id;
    bool open;
    bool earlier;          /* sent on an earlier connection of the session, and not yet again */
    bool released_earlier; /* the PUBREL was sent there */
    /* an acknowledgment was sent; whether the sender got it is not certain */
    bool answered;
    bool unread;           /* ... it is certain that the sender did not */
    bool maybe_unread;     /* ... the sender has ended with a RST, whatever TCP has acknowledged */
    bool faulty;           /* something was wrong with it, so it may be sent again as it should have been */
    uint64_t ack_position; /* ... mqtt5_evidence_far() after it */
} unacknowledged;

struct mqtt5_unacknowledged {
    unacknowledged *of[2]; /* by sender - 1 */
    unsigned places[2];    /* of `of`: powers of two */
    uint32_t sequence;
    /* by sender - 1 and QoS: the sequence of the last one that was sent again on this connection */
    uint32_t resent[2][3];
    uint32_t resent_frame[2][3];
    uint64_t acks[2];  /* by sender - 1: what its last packet, or its FIN, acknowledged */
    uint64_t reads[2]; /* the same, of all frames, where it ended with a RST; 0: it did not */
    /* The first identifier that a side used on this connection and on the one before. A sender that
     * counts from the start again, with messages that it has sent before, uses that one again,
     * too. */
    uint16_t first[2], first_before[2];
    bool counts_again[2];
    bool certain; /* the session has not changed between the connections */
};

static struct mqtt5_unacknowledged *new_unacknowledged(void)
{
    struct mqtt5_unacknowledged *all = g_new0(struct mqtt5_unacknowledged, 1);

    for (unsigned side = 0; side < 2; side++) {
        all->places[side] = PLACES_FIRST;
        all->of[side] = g_new0(unacknowledged, PLACES_FIRST);
    }
    return all;
}

void mqtt5_capture_unacknowledged_free(struct mqtt5_unacknowledged *all)
{
    if (!all)
        return;
    g_free(all->of[0]);
    g_free(all->of[1]);
    g_free(all);
}

static unacknowledged *place_of(struct mqtt5_unacknowledged *all, mqtt5_sender sender, uint16_t packet_id)
{
    return &all->of[sender - 1][packet_id & (all->places[sender - 1] - 1)];
}

/* True if the sender certainly got the answer: it acknowledges the bytes. */
static bool has_answer(const struct mqtt5_unacknowledged *all, unsigned side, const unacknowledged *place)
{
    return place->answered && all->acks[side] >= place->ack_position;
}

/* True if what is kept there may still be sent again. */
static bool is_needed(const struct mqtt5_unacknowledged *all, unsigned side, const unacknowledged *place)
{
    return place->released_frame != 0 || (place->open && (place->earlier || !has_answer(all, side, place)));
}

static void add_places(struct mqtt5_unacknowledged *all, unsigned side)
{
    unsigned old_places = all->places[side];
    unacknowledged *old = all->of[side];

    all->places[side] = 2 * old_places;
    all->of[side] = g_new0(unacknowledged, all->places[side]);
    for (unsigned i = 0; i < old_places; i++)
        if (old[i].packet_id != 0)
            all->of[side][old[i].packet_id & (all->places[side] - 1)] = old[i];
    g_free(old);
}

/* The place for a message; free of messages that still matter, if possible. */
static unacknowledged *room_for(struct mqtt5_unacknowledged *all, mqtt5_sender sender, uint16_t packet_id)
{
    unacknowledged *place = place_of(all, sender, packet_id);

    while (place->packet_id != packet_id && all->places[sender - 1] < PLACES_MAX && is_needed(all, sender - 1, place)) {
        add_places(all, sender - 1);
        place = place_of(all, sender, packet_id);
    }
    return place;
}

void mqtt5_capture_redelivery_resume(mqtt5_capture_link *link, mqtt5_capture_link *older, bool resumed, bool certain)
{
    struct mqtt5_unacknowledged *all = older->unacknowledged;

    older->unacknowledged = NULL;
    if (!all)
        return;
    if (!resumed || link->unacknowledged || link->lost || older->lost || !older->ended) {
        mqtt5_capture_unacknowledged_free(all);
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        for (unsigned i = 0; i < all->places[side]; i++) {
            unacknowledged *place = &all->of[side][i];

            if (has_answer(all, side, place))
                place->open = false;
            place->maybe_unread = place->answered && all->reads[side] != 0;
            place->unread = place->maybe_unread && all->reads[side] < place->ack_position;
            place->earlier = place->open;
            place->released_earlier = place->released_frame != 0;
        }
        if (all->first[side] != 0)
            all->first_before[side] = all->first[side];
        all->first[side] = 0;
        all->reads[side] = 0;
        all->counts_again[side] = false;
        for (unsigned qos = 0; qos < 3; qos++)
            all->resent[side][qos] = all->resent_frame[side][qos] = 0;
    }
    all->certain = certain;
    link->unacknowledged = all;
}

/* True if the client, as it has not had the CONNACK yet, may not know that there is a session: one
 * that has lost its own learns it there, and closes [MQTT-3.2.2-4]. */
static bool may_have_begun_anew(const mqtt5_event *event)
{
    return event->sender == MQTT5_CLIENT && !mqtt5_evidence_bound_by_connack(event);
}

/* A message of the connection before is sent again. */
static void check_again(const mqtt5_event *event, struct mqtt5_unacknowledged *all, const unacknowledged *before)
{
    unsigned side = event->sender - 1, qos = mqtt5_publish_qos(event->packet);

    if (!mqtt5_publish_dup(event->packet) && may_have_begun_anew(event))
        return;
    if (!mqtt5_publish_dup(event->packet))
        mqtt5_report(event->findings, MQTT5_RULE_redelivery_without_dup, MQTT5_FIRST_BYTE,
                     "DUP is 0, but Packet Identifier %u, topic and payload are those of frame %u on the previous connection, which was not acknowledged; DUP must be 1",
                     event->packet->packet_id, before->frame);
    else if (before->sequence < all->resent[side][qos] && (event->sender == MQTT5_CLIENT || event->connection->version < MQTT5_VERSION_5))
        mqtt5_report(event->findings, MQTT5_RULE_redelivery_order, MQTT5_FIRST_BYTE,
                     "resent after the message of frame %u, but first sent before it, in frame %u; "
                     "the order must stay the same",
                     all->resent_frame[side][qos], before->frame);
    if (before->sequence > all->resent[side][qos]) {
        all->resent[side][qos] = before->sequence;
        all->resent_frame[side][qos] = before->frame;
    }
}

/* The PUBREL of the message was sent on the connection before [MQTT-4.3.3-6]. */
static MQTT5_SELDOM void check_released(const mqtt5_event *event, const struct mqtt5_unacknowledged *all, const unacknowledged *before)
{
    if (all->certain && mqtt5_publish_dup(event->packet) && event->connection->version >= MQTT5_VERSION_3_1_1)
        mqtt5_report(event->findings, MQTT5_RULE_publish_after_pubrel, (mqtt5_range){event->packet->packet_id_offset, 2},
                     "the message with Packet Identifier %u is resent after its PUBREL in frame %u on the previous connection; "
                     "from then on only the PUBREL may be resent",
                     event->packet->packet_id, before->released_frame);
}

/* A new request of the client uses the identifier of a message that was not acknowledged on the connection
 * before. A client that has lost its session would have to close [MQTT-3.2.2-4]; MQTT 3.1.1 has no
 * such statement. */
static void check_in_use(const mqtt5_event *event, const struct mqtt5_unacknowledged *all, const unacknowledged *place)
{
    if (!all->certain || place->packet_id != event->packet->packet_id || !place->earlier || place->answered || place->faulty ||
        event->connection->version < MQTT5_VERSION_5 || event->sender != MQTT5_CLIENT || may_have_begun_anew(event))
        return;
    mqtt5_report(event->findings, MQTT5_RULE_packet_identifier_in_use, (mqtt5_range){event->packet->packet_id_offset, 2},
                 "Packet Identifier %u is still in use by the PUBLISH in frame %u on the previous connection, which was not acknowledged; "
                 "the session continues, so it is not free before that",
                 event->packet->packet_id, place->frame);
}

void mqtt5_capture_redelivery_request(const mqtt5_event *event, mqtt5_capture_link *link)
{
    if (link->unacknowledged && !link->lost && (event->packet->has & MQTT5_HAS_PACKET_ID))
        check_in_use(event, link->unacknowledged, place_of(link->unacknowledged, event->sender, event->packet->packet_id));
}

/* Another message than the one that has the identifier since the connection before: of the server, or
 * with DUP 1. */
static void check_changed(const mqtt5_event *event, const struct mqtt5_unacknowledged *all, const unacknowledged *before)
{
    bool duplicate = mqtt5_publish_dup(event->packet);

    /* One fault, one finding. */
    if (before->faulty)
        return;
    /* A sender that keeps no state begins with the same identifiers again. */
    if (!duplicate && all->counts_again[event->sender - 1])
        return;
    mqtt5_report(event->findings, MQTT5_RULE_redelivery_changed, (mqtt5_range){event->packet->packet_id_offset, 2},
                 "Packet Identifier %u belongs to the message of frame %u on the connection before, which was not acknowledged; "
                 "this is another one%s",
                 event->packet->packet_id, before->frame, duplicate ? ", although DUP is 1" : "");
}

/* True if the message is the one at its place, sent again. Without DUP it may be a new one that says the
 * same, if an answer was sent: the sender may have got it, unless TCP shows that it has not. After a RST
 * that is likely enough where nobody says the same by chance, with this identifier. */
static bool is_sent_again(const mqtt5_event *event, const struct mqtt5_unacknowledged *all, const unacknowledged *place,
                          const mqtt5_capture_message *sent)
{
    if (!place->open || place->packet_id != event->packet->packet_id || place->hash != sent->hash)
        return false;
    if (!place->answered)
        return true;
    if (!place->earlier)
        return false;
    return mqtt5_publish_dup(event->packet) || place->unread ||
           (place->maybe_unread && !all->counts_again[event->sender - 1] && event->packet->payload.length >= TELLING_PAYLOAD);
}

void mqtt5_capture_redelivery_publish(const mqtt5_event *event, mqtt5_capture_link *link, const mqtt5_capture_message *sent)
{
    const mqtt5_packet *packet = event->packet;
    unacknowledged *place;

    if (link->lost || !sent->readable) {
        g_clear_pointer(&link->unacknowledged, mqtt5_capture_unacknowledged_free);
        return;
    }
    if (!link->unacknowledged)
        link->unacknowledged = new_unacknowledged();
    place = room_for(link->unacknowledged, event->sender, packet->packet_id);
    if (link->unacknowledged->first[event->sender - 1] == 0)
        link->unacknowledged->first[event->sender - 1] = packet->packet_id;
    link->unacknowledged->counts_again[event->sender - 1] |= packet->packet_id == link->unacknowledged->first_before[event->sender - 1];
    if (is_sent_again(event, link->unacknowledged, place, sent)) {
        if (place->earlier)
            check_again(event, link->unacknowledged, place);
        place->earlier = place->answered = false;
        return;
    }
    if (place->released_earlier && place->packet_id == packet->packet_id && place->hash == sent->hash)
        check_released(event, link->unacknowledged, place);
    else if (event->sender == MQTT5_CLIENT && !mqtt5_publish_dup(packet))
        check_in_use(event, link->unacknowledged, place);
    else if (place->open && place->earlier && !place->answered && place->packet_id == packet->packet_id)
        check_changed(event, link->unacknowledged, place);
    *place = (unacknowledged){.hash = sent->hash,
                              .frame = event->input->frame,
                              .sequence = ++link->unacknowledged->sequence,
                              .packet_id = packet->packet_id,
                              .open = true,
                              .faulty = mqtt5_findings_worst(event->findings) >= MQTT5_SEVERITY_NOTE};
}

void mqtt5_capture_redelivery_acknowledged(const mqtt5_event *event, mqtt5_capture_link *link)
{
    unacknowledged *place;

    if (!link->unacknowledged || !(event->packet->has & MQTT5_HAS_PACKET_ID))
        return;
    place = place_of(link->unacknowledged, mqtt5_peer_of(event->sender), event->packet->packet_id);
    if (place->packet_id != event->packet->packet_id)
        return;
    place->answered = true;
    place->ack_position = mqtt5_evidence_far(event->connection, event->input->direction, event->input->position);
    place->open &= event->input->acks_known;
}

void mqtt5_capture_redelivery_released(const mqtt5_event *event, mqtt5_capture_link *link)
{
    bool pubrel = event->packet->type == MQTT5_PUBREL;
    unacknowledged *place;

    if (!link->unacknowledged || !(event->packet->has & MQTT5_HAS_PACKET_ID))
        return;
    place = place_of(link->unacknowledged, pubrel ? event->sender : mqtt5_peer_of(event->sender), event->packet->packet_id);
    if (place->packet_id == event->packet->packet_id)
        place->released_frame = pubrel ? event->input->frame : 0;
}

void mqtt5_capture_redelivery_acks(mqtt5_capture_link *link, mqtt5_sender sender, uint64_t acks)
{
    if (link->unacknowledged)
        link->unacknowledged->acks[sender - 1] = acks;
}

void mqtt5_capture_redelivery_closed(const mqtt5_closing *closing, mqtt5_capture_link *link)
{
    const mqtt5_close *close = closing->close;
    const mqtt5_sending *other = close->transport ? &close->transport->sendings[!close->direction] : NULL;
    uint64_t acks;

    if (!link->unacknowledged || !close->acks_known)
        return;
    acks = mqtt5_evidence_far(closing->connection, !close->direction, close->acks);
    /* A side that closes with a RST may not have read all bytes. */
    if (!close->reset)
        link->unacknowledged->acks[closing->sender - 1] = acks;
    else if (other && other->acked_known)
        link->unacknowledged->reads[closing->sender - 1] =
            MAX(acks, mqtt5_evidence_far(closing->connection, !close->direction, other->acked));
}
