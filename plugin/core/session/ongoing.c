/* ongoing.c
 * Faults that last: one finding, and a Chat for each packet that only continues them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/ongoing.h"

#include <string.h>

/* One fault of one side. */
struct mqtt5_ongoing {
    uint32_t frame; /* of the first packet; 0: not so */
    uint32_t count; /* packets so far */
};

bool mqtt5_ongoing(const mqtt5_event *event, mqtt5_ongoing_fault fault, mqtt5_rule_id rule)
{
    mqtt5_side *own = mqtt5_own_side(event);
    struct mqtt5_ongoing *state;

    if (!own->ongoing) {
        own->ongoing = mqtt5_arena_alloc(&event->connection->arena, MQTT5_ONGOING_COUNT * sizeof *own->ongoing);
        memset(own->ongoing, 0, MQTT5_ONGOING_COUNT * sizeof *own->ongoing);
    }
    state = &own->ongoing[fault];
    state->count++;
    if (state->frame == 0) {
        state->frame = event->input->frame;
        return false;
    }
    mqtt5_report(event->findings, MQTT5_RULE_fault_continues, MQTT5_FIRST_BYTE,
                 "the fault that frame %u began goes on (%s), with %u packets so far", state->frame, mqtt5_rule_get(rule)->name,
                 state->count);
    return true;
}

void mqtt5_ongoing_end(const mqtt5_event *event, mqtt5_ongoing_fault fault)
{
    struct mqtt5_ongoing *all = mqtt5_own_side(event)->ongoing;

    if (all)
        all[fault] = (struct mqtt5_ongoing){0};
}
