/* ends.c
 * The latest ends of connections of which nothing else says why, for what they have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/ends.h"

#define ENDS 64

/* A program that is stopped loses its connections within this time. */
#define AT_ONCE (1 * MQTT5_SECOND)
/* How exactly idle timeouts are kept: so much, and a hundredth of the time. */
#define IDLE_SLACK (MQTT5_SECOND / 2)
/* Ends closer together than this may have one reason that is not their idle time. */
#define APART (5 * MQTT5_SECOND)

struct mqtt5_ends {
    unsigned next, count;
    mqtt5_capture_end items[ENDS]; /* a ring */
};

void mqtt5_capture_ends_note(mqtt5_capture *capture, const mqtt5_capture_end *end)
{
    struct mqtt5_ends *ends;

    if (end->server == 0)
        return;
    if (!capture->ends)
        capture->ends = g_new0(struct mqtt5_ends, 1);
    ends = capture->ends;
    ends->items[ends->next] = *end;
    ends->next = (ends->next + 1) % ENDS;
    ends->count = MIN(ends->count + 1, ENDS);
}

void mqtt5_capture_ends_free(struct mqtt5_ends *ends)
{
    g_free(ends);
}

static bool is_at_once(const mqtt5_capture_end *earlier, const mqtt5_capture_end *end)
{
    return end->time >= earlier->time && earlier->time >= end->begin && end->time - earlier->time <= AT_ONCE;
}

static bool is_as_idle(const mqtt5_capture_end *earlier, const mqtt5_capture_end *end)
{
    return end->time - earlier->time > APART && ABS(end->idle - earlier->idle) <= IDLE_SLACK + end->idle / 100;
}

static mqtt5_capture_alike find(const mqtt5_capture *capture, const mqtt5_capture_end *end,
                                bool (*alike)(const mqtt5_capture_end *earlier, const mqtt5_capture_end *end))
{
    const struct mqtt5_ends *ends = capture->ends;
    mqtt5_capture_alike found = {0};

    for (unsigned i = 0; ends && i < ends->count; i++) {
        const mqtt5_capture_end *earlier = &ends->items[(ends->next + ENDS - ends->count + i) % ENDS];

        if (earlier->server != end->server || !alike(earlier, end))
            continue;
        if (found.count++ == 0) {
            found.first_frame = earlier->frame;
            found.first_time = earlier->time;
        }
        found.last_frame = earlier->frame;
    }
    return found;
}

mqtt5_capture_alike mqtt5_capture_ends_at_once(const mqtt5_capture *capture, const mqtt5_capture_end *end)
{
    return find(capture, end, is_at_once);
}

mqtt5_capture_alike mqtt5_capture_ends_as_idle(const mqtt5_capture *capture, const mqtt5_capture_end *end)
{
    return find(capture, end, is_as_idle);
}
