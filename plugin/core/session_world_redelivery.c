/* session_world_redelivery.c
 * Messages that were not acknowledged when a connection ended, and how they are sent again when the session is resumed (4.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session_world.h"

/* Messages of each side that are kept; those with the same place push each other out. */
#define PLACES 128

typedef struct {
    uint64_t hash; /* of topic and payload */
    uint32_t frame, sequence;
    uint16_t packet_id;
    bool open;
    bool earlier; /* sent on an earlier connection of the session, and not yet again */
} unacknowledged;

struct mqtt5_unacknowledged {
    unacknowledged of[2][PLACES]; /* by sender - 1 */
    uint32_t sequence;
    uint32_t resent[2][3]; /* by sender - 1 and QoS: the sequence of the last one that was sent again on this connection */
    uint32_t resent_frame[2][3];
};

static unacknowledged *place_of(struct mqtt5_unacknowledged *all, mqtt5_sender sender, uint16_t packet_id)
{
    return &all->of[sender - 1][packet_id % PLACES];
}

void mqtt5_world_redelivery_resume(mqtt5_world_link *link, mqtt5_world_link *older, bool resumed)
{
    struct mqtt5_unacknowledged *all = older->unacknowledged;

    older->unacknowledged = NULL;
    if (!all)
        return;
    if (!resumed || link->unacknowledged || link->lost || older->lost || !older->ended) {
        g_free(all);
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        for (unsigned i = 0; i < PLACES; i++)
            all->of[side][i].earlier = all->of[side][i].open;
        for (unsigned qos = 0; qos < 3; qos++)
            all->resent[side][qos] = all->resent_frame[side][qos] = 0;
    }
    link->unacknowledged = all;
}

/* A message that was sent on the connection before, once more. */
static void check_again(const mqtt5_event *event, struct mqtt5_unacknowledged *all, const unacknowledged *before)
{
    unsigned side = event->sender - 1, qos = mqtt5_publish_qos(event->packet);

    if (!mqtt5_publish_dup(event->packet))
        mqtt5_report(event->findings, MQTT5_RULE_REDELIVERY_WITHOUT_DUP, 0, 1, NULL,
                     "DUP is 0, but Packet Identifier %u, topic and payload are those of frame %u, on the connection before, which was not acknowledged; it must "
                     "be 1 (suspected)",
                     event->packet->packet_id, before->frame);
    else if (before->sequence < all->resent[side][qos] && (event->sender == MQTT5_CLIENT || event->connection->version < MQTT5_VERSION_5))
        mqtt5_report(event->findings, MQTT5_RULE_REDELIVERY_ORDER, 0, 1, NULL,
                     "sent again after the message of frame %u, but first sent before that, in frame %u; the order must stay the same (suspected)",
                     all->resent_frame[side][qos], before->frame);
    if (before->sequence > all->resent[side][qos]) {
        all->resent[side][qos] = before->sequence;
        all->resent_frame[side][qos] = before->frame;
    }
}

void mqtt5_world_redelivery_publish(const mqtt5_event *event, mqtt5_world_link *link)
{
    const mqtt5_packet *packet = event->packet;
    unacknowledged *place;
    mqtt5_world_message sent;
    const uint8_t *topic;
    uint32_t topic_length;

    if (link->outcome != MQTT5_OUTCOME_ACCEPTED || link->session_expiry_interval == 0 || mqtt5_publish_qos(packet) == 0 || mqtt5_publish_qos(packet) > 2)
        return;
    if (link->lost || packet->status != MQTT5_DECODED || !mqtt5_world_topic_of(event, &topic, &topic_length)) {
        g_clear_pointer(&link->unacknowledged, g_free);
        return;
    }
    if (!link->unacknowledged)
        link->unacknowledged = g_new0(struct mqtt5_unacknowledged, 1);
    sent = mqtt5_world_message_of(link, topic, topic_length, mqtt5_bytes(packet, packet->payload), packet->payload.length);
    place = place_of(link->unacknowledged, event->sender, packet->packet_id);
    if (place->open && place->packet_id == packet->packet_id && place->hash == sent.hash) {
        if (place->earlier)
            check_again(event, link->unacknowledged, place);
        place->earlier = false;
        return;
    }
    *place = (unacknowledged){.hash = sent.hash,
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
    if (place->packet_id == event->packet->packet_id)
        place->open = false;
}
