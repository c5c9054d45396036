/* session_world_redelivery.c
 * Messages that were not acknowledged when a connection ended, and how they are sent again when the session is resumed (4.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_world.h"

/* Messages of each side that are kept, by the lower bits of their identifiers. There are more places where two that matter would share one, up to
 * PLACES_MAX; from there on they push each other out. */
#define PLACES_FIRST 8
#define PLACES_MAX 128

typedef struct {
    uint64_t hash; /* of topic and payload */
    uint32_t frame, sequence;
    uint16_t packet_id;
    bool open;
    bool earlier;          /* sent on an earlier connection of the session, and not yet again */
    bool answered;         /* an acknowledgment was on its way; whether the sender ever read it is not sure */
    uint32_t ack_position; /* ... the sequence number behind it */
} unacknowledged;

struct mqtt5_unacknowledged {
    unacknowledged *of[2]; /* by sender - 1 */
    unsigned places[2];    /* of `of`: powers of two */
    uint32_t sequence;
    uint32_t resent[2][3]; /* by sender - 1 and QoS: the sequence of the last one that was sent again on this connection */
    uint32_t resent_frame[2][3];
    uint32_t acks[2]; /* by sender - 1: what its last packet, or its FIN, acknowledged */
    /* The first identifier that a side used on this connection and on the one before. A sender that counts from the start again, with
     * messages that it has sent before, uses that one again, too. */
    uint16_t first[2], first_before[2];
    bool counts_again[2];
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

void mqtt5_world_unacknowledged_free(struct mqtt5_unacknowledged *all)
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

/* True if the sender is sure to have got the answer, as far as the other direction acknowledges. */
static bool has_answer(const struct mqtt5_unacknowledged *all, unsigned side, const unacknowledged *place)
{
    return place->answered && (int32_t)(all->acks[side] - place->ack_position) >= 0;
}

/* True if what is kept there may still be sent again. */
static bool is_needed(const struct mqtt5_unacknowledged *all, unsigned side, const unacknowledged *place)
{
    return place->open && (place->earlier || !has_answer(all, side, place));
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

/* The place for a message, where nothing lies any more that is needed, if that can be. */
static unacknowledged *room_for(struct mqtt5_unacknowledged *all, mqtt5_sender sender, uint16_t packet_id)
{
    unacknowledged *place = place_of(all, sender, packet_id);

    while (place->packet_id != packet_id && all->places[sender - 1] < PLACES_MAX && is_needed(all, sender - 1, place)) {
        add_places(all, sender - 1);
        place = place_of(all, sender, packet_id);
    }
    return place;
}

void mqtt5_world_redelivery_resume(mqtt5_world_link *link, mqtt5_world_link *older, bool resumed)
{
    struct mqtt5_unacknowledged *all = older->unacknowledged;

    older->unacknowledged = NULL;
    if (!all)
        return;
    if (!resumed || link->unacknowledged || link->lost || older->lost || !older->ended) {
        mqtt5_world_unacknowledged_free(all);
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        for (unsigned i = 0; i < all->places[side]; i++) {
            unacknowledged *place = &all->of[side][i];

            if (has_answer(all, side, place))
                place->open = false;
            place->earlier = place->open;
        }
        all->first_before[side] = all->first[side];
        all->first[side] = 0;
        all->counts_again[side] = false;
        for (unsigned qos = 0; qos < 3; qos++)
            all->resent[side][qos] = all->resent_frame[side][qos] = 0;
    }
    link->unacknowledged = all;
}

/* A message that was sent on the connection before, once more. */
static void check_again(const mqtt5_event *event, struct mqtt5_unacknowledged *all, const unacknowledged *before)
{
    unsigned side = event->sender - 1, qos = mqtt5_publish_qos(event->packet);

    if (!mqtt5_publish_dup(event->packet) && before->answered && all->counts_again[side])
        return;
    if (!mqtt5_publish_dup(event->packet))
        mqtt5_report(event->findings, MQTT5_RULE_REDELIVERY_WITHOUT_DUP, 0, 1, NULL,
                     "DUP is 0, but Packet Identifier %u, topic and payload are those of frame %u, on the connection before, of which no "
                     "acknowledgment came through; it must be 1 (suspected)",
                     event->packet->packet_id, before->frame);
    else if (before->sequence < all->resent[side][qos] && (event->sender == MQTT5_CLIENT || event->connection->version < MQTT5_VERSION_5))
        mqtt5_report(event->findings, MQTT5_RULE_REDELIVERY_ORDER, 0, 1, NULL,
                     "sent again after the message of frame %u, but first sent before that, in frame %u; the order must stay the same "
                     "(suspected)",
                     all->resent_frame[side][qos], before->frame);
    if (before->sequence > all->resent[side][qos]) {
        all->resent[side][qos] = before->sequence;
        all->resent_frame[side][qos] = before->frame;
    }
}

void mqtt5_world_redelivery_publish(const mqtt5_event *event, mqtt5_world_link *link, const mqtt5_world_message *sent)
{
    const mqtt5_packet *packet = event->packet;
    unacknowledged *place;

    if (link->lost || !sent->readable) {
        g_clear_pointer(&link->unacknowledged, mqtt5_world_unacknowledged_free);
        return;
    }
    if (!link->unacknowledged)
        link->unacknowledged = new_unacknowledged();
    place = room_for(link->unacknowledged, event->sender, packet->packet_id);
    if (link->unacknowledged->first[event->sender - 1] == 0)
        link->unacknowledged->first[event->sender - 1] = packet->packet_id;
    link->unacknowledged->counts_again[event->sender - 1] |= packet->packet_id == link->unacknowledged->first_before[event->sender - 1];
    if (place->open && (place->earlier || !place->answered) && place->packet_id == packet->packet_id && place->hash == sent->hash) {
        if (place->earlier)
            check_again(event, link->unacknowledged, place);
        place->earlier = place->answered = false;
        return;
    }
    *place = (unacknowledged){.hash = sent->hash,
                              .frame = event->input->frame,
                              .sequence = ++link->unacknowledged->sequence,
                              .packet_id = packet->packet_id,
                              .open = true};
}

void mqtt5_world_redelivery_acknowledged(const mqtt5_event *event, mqtt5_world_link *link)
{
    unacknowledged *place;

    if (!link->unacknowledged || !(event->packet->has & MQTT5_HAS_PACKET_ID))
        return;
    place = place_of(link->unacknowledged, event->sender == MQTT5_CLIENT ? MQTT5_SERVER : MQTT5_CLIENT, event->packet->packet_id);
    if (place->packet_id != event->packet->packet_id)
        return;
    place->answered = true;
    place->ack_position = event->input->position;
    place->open &= event->input->acks_known;
}

void mqtt5_world_redelivery_acks(mqtt5_world_link *link, mqtt5_sender sender, uint32_t acks)
{
    if (link->unacknowledged)
        link->unacknowledged->acks[sender - 1] = acks;
}
