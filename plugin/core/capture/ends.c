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
    GPtrArray *later;              /* of mqtt5_capture_end.later, all that there were */
};

const uint32_t *mqtt5_capture_ends_note(mqtt5_capture *capture, const mqtt5_capture_end *end)
{
    uint32_t *later = end->server != 0 ? g_new0(uint32_t, 1) : NULL;
    struct mqtt5_ends *ends;

    if (!later)
        return NULL;
    if (!capture->ends) {
        capture->ends = g_new0(struct mqtt5_ends, 1);
        capture->ends->later = g_ptr_array_new_with_free_func(g_free);
    }
    ends = capture->ends;
    g_ptr_array_add(ends->later, later);
    ends->items[ends->next] = *end;
    ends->items[ends->next].later = later;
    ends->next = (ends->next + 1) % ENDS;
    ends->count = MIN(ends->count + 1, ENDS);
    return later;
}

void mqtt5_capture_ends_free(struct mqtt5_ends *ends)
{
    if (ends)
        g_ptr_array_free(ends->later, TRUE);
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

/* When and where the server has ended a connection last; its frame is 0 if it never has. */
static mqtt5_capture_end latest_of(const struct mqtt5_ends *ends, uint64_t server)
{
    mqtt5_capture_end latest = {.server = server, .begin = INT64_MIN};

    for (unsigned i = 0; ends && i < ends->count; i++)
        if (ends->items[i].server == server && ends->items[i].frame > latest.frame) {
            latest.frame = ends->items[i].frame;
            latest.time = ends->items[i].time;
        }
    return latest;
}

mqtt5_capture_alike mqtt5_capture_ends_latest(const mqtt5_capture *capture, uint64_t server, int64_t *last)
{
    mqtt5_capture_end latest = latest_of(capture->ends, server);

    *last = latest.time;
    return latest.frame == 0 ? (mqtt5_capture_alike){0} : find(capture, &latest, is_at_once);
}

void mqtt5_capture_ends_tell(mqtt5_capture *capture, uint64_t server, uint32_t frame)
{
    struct mqtt5_ends *ends = capture->ends;
    mqtt5_capture_end latest = latest_of(ends, server);

    for (unsigned i = 0; ends && i < ends->count; i++)
        if (ends->items[i].server == server && is_at_once(&ends->items[i], &latest) && ends->items[i].frame < frame)
            *ends->items[i].later = frame;
}

mqtt5_capture_alike mqtt5_capture_ends_as_idle(const mqtt5_capture *capture, const mqtt5_capture_end *end)
{
    return find(capture, end, is_as_idle);
}
