/* nagle.c
 * Messages that TCP holds back: Nagle's algorithm keeps a small segment until the one before is
 * acknowledged, and the receiver delays its acknowledgment. TCP_NODELAY ends that.
 *
 * It shows where a segment leaves right after an acknowledgment that came late and without data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/modules.h"

/* How late delayed acknowledgments come, from Linux to Windows; and how soon after them TCP sends
 * what it has held back. */
#define DELAY_MIN (35 * MQTT5_SECOND / 1000)
#define DELAY_MAX (250 * MQTT5_SECOND / 1000)
#define RIGHT_AFTER (2 * MQTT5_SECOND / 1000)
/* Once may be chance. */
#define HELD_BACK_MIN 2

/* True if the segment of the packet left right after such an acknowledgment. */
static bool held_back(const mqtt5_input *input, const mqtt5_sending *own, const mqtt5_sending *other)
{
    int64_t delay = own->acked_time - own->sent_time, after = input->time - own->acked_time;

    /* The other side has sent bytes since, which may be what this side has waited for. */
    if (other->known && other->sent_time >= own->sent_time)
        return false;
    return own->known && own->acked_known && !mqtt5_sending_open(own) && own->resent == 0 && after >= 0 && after <= RIGHT_AFTER &&
           delay >= DELAY_MIN && delay <= DELAY_MAX;
}

static MQTT5_SELDOM void see_held_back(const mqtt5_event *event, int64_t delay)
{
    mqtt5_side *own = mqtt5_own_side(event);

    own->held_back_frame = event->input->frame;
    if (++own->held_back != HELD_BACK_MIN)
        return;
    mqtt5_report(event->findings, MQTT5_RULE_tcp_holds_back, MQTT5_NO_BYTES,
                 "TCP has held this segment back until an acknowledgment came, %.0f ms late; not for the first time. "
                 "Nagle's algorithm and a delayed acknowledgment wait for each other: set TCP_NODELAY at the %s",
                 mqtt5_seconds(delay) * 1000, mqtt5_sender_name(event->sender));
}

void mqtt5_nagle_see(mqtt5_event *event)
{
    const mqtt5_input *input = event->input;
    const mqtt5_sending *own;
    mqtt5_side *side;

    if (!input->transport)
        return;
    own = &input->transport->sendings[input->direction];
    side = mqtt5_own_side(event);
    if (mqtt5_sending_open(own) && side->held_back < HELD_BACK_MIN) {
        /* It sends although bytes are not acknowledged: Nagle's algorithm is off. */
        side->held_back = 0;
    } else if (side->held_back < HELD_BACK_MIN && input->time - own->acked_time <= RIGHT_AFTER && side->held_back_frame != input->frame &&
               held_back(input, own, &input->transport->sendings[!input->direction])) {
        see_held_back(event, own->acked_time - own->sent_time);
    }
}
