/* in_flight.c
 * The messages of QoS 1 and 2 that the server has sent and the client has not acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/parts.h"

/* An acknowledgment that takes longer is slow. */
#define SLOW (MQTT5_SECOND / 2)

mqtt5_delays *mqtt5_capture_delays_of(mqtt5_capture_link *link)
{
    if (!link->delays)
        link->delays = g_new0(mqtt5_delays, 1);
    return link->delays;
}

void mqtt5_capture_in_flight_sent(const mqtt5_event *event, mqtt5_capture_link *link)
{
    mqtt5_delays *delays;

    if (++link->in_flight != link->receive_maximum)
        return;
    delays = mqtt5_capture_delays_of(link);
    delays->filling.frame = event->input->frame;
    delays->filling.since = event->input->time;
}

void mqtt5_capture_in_flight_done(const mqtt5_event *event, mqtt5_capture_link *link)
{
    if (event->sender != MQTT5_CLIENT || link->in_flight == 0)
        return;
    if (event->facts->request_frame != 0 && event->input->time - event->facts->request_time >= SLOW)
        mqtt5_standstill_note(&mqtt5_capture_delays_of(link)->slow, event->facts->request_frame, event->facts->request_time,
                              event->input->frame, event->input->time);
    if (link->in_flight == link->receive_maximum && link->delays)
        mqtt5_standstill_note(&link->delays->full, link->delays->filling.frame, link->delays->filling.since, event->input->frame,
                              event->input->time);
    if (link->in_flight-- >= link->receive_maximum)
        link->full_time = event->input->time;
}
