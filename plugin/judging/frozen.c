/* frozen.c
 * Keeps the results of the first visit, for each frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "judging/frozen.h"

#include "compat.h"

/* A frame's batches differ in their ordinals. */
struct mqtt5_frozen_batch {
    mqtt5_frozen_batch *next;
    unsigned ordinal, count;
    mqtt5_frozen_packet packets[];
};

/* From a frame number to the first batch of the frame. A block is allocated when the first of its
 * frames has packets; this is much cheaper than a list of data per frame. */
#define BLOCK_FRAMES 1024
typedef struct {
    mqtt5_frozen_batch *first[BLOCK_FRAMES];
} frame_block;

static GPtrArray *blocks;   /* of frame_block, some of them NULL; NULL before the first packet of a
                           * file */
static uint32_t last_alone; /* the last frame with a batch that is shown alone; 0: none */

/* Memory for batches. There is a batch for each frame, and none is freed on its own; taking them
 * from a large piece costs a tenth of the instructions of one allocation each. */
#define ROOM_SIZE 65536
static struct {
    uint8_t *next;
    size_t left;
} room;

static mqtt5_bool forget_blocks(wmem_allocator_t *allocator, wmem_cb_event_t event, void *user_data)
{
    (void)allocator;
    (void)event;
    (void)user_data;
    g_ptr_array_free(blocks, TRUE);
    blocks = NULL;
    room.left = 0;
    last_alone = 0;
    return false;
}

/* The place that points to the first batch of a frame; NULL if the frame has none and `make` is
 * false. */
static mqtt5_frozen_batch **place_of(uint32_t frame, bool make)
{
    uint32_t number = frame / BLOCK_FRAMES;

    if (!blocks) {
        if (!make)
            return NULL;
        blocks = g_ptr_array_new();
        wmem_register_callback(wmem_file_scope(), forget_blocks, NULL);
    }
    if (number >= blocks->len) {
        if (!make)
            return NULL;
        g_ptr_array_set_size(blocks, (int)number + 1);
    }
    if (!blocks->pdata[number]) {
        if (!make)
            return NULL;
        blocks->pdata[number] = wmem_new0(wmem_file_scope(), frame_block);
    }
    return &((frame_block *)blocks->pdata[number])->first[frame % BLOCK_FRAMES];
}

const mqtt5_frozen_findings *mqtt5_freeze_findings(const mqtt5_findings *findings)
{
    mqtt5_frozen_findings *frozen;

    if (findings->count == 0 && !mqtt5_cause_known(&findings->cause))
        return NULL;
    frozen = wmem_alloc(wmem_file_scope(), sizeof *frozen + findings->count * sizeof frozen->items[0]);
    frozen->count = findings->count;
    frozen->dropped = findings->dropped;
    frozen->cause_frame = 0;
    frozen->cause_kind = MQTT5_CAUSE_OTHER;
    frozen->cause_head = frozen->cause_text = NULL;
    if (mqtt5_cause_known(&findings->cause)) {
        frozen->cause_frame = findings->cause.frame;
        frozen->cause_kind = findings->cause.kind;
        frozen->cause_head = wmem_strdup(wmem_file_scope(), findings->cause.head);
        frozen->cause_text = wmem_strdup(wmem_file_scope(), findings->cause.text);
    }
    for (unsigned i = 0; i < findings->count; i++) {
        const mqtt5_finding *finding = &findings->items[i];

        frozen->items[i].rule = finding->rule;
        frozen->items[i].range = finding->range;
        frozen->items[i].clause = finding->clause;
        frozen->items[i].text = wmem_strdup(wmem_file_scope(), finding->text);
    }
    return frozen;
}

static void *take_room(size_t size)
{
    void *taken;

    if (size > ROOM_SIZE / 8)
        return wmem_alloc(wmem_file_scope(), size);
    if (size > room.left) {
        room.next = wmem_alloc(wmem_file_scope(), ROOM_SIZE);
        room.left = ROOM_SIZE;
    }
    taken = room.next;
    room.next += size;
    room.left -= size;
    return taken;
}

mqtt5_frozen_batch *mqtt5_frozen_new(const mqtt5_batch *batch)
{
    /* Its size is a multiple of its alignment, so that the next one is aligned, too. */
    mqtt5_frozen_batch *frozen = take_room(sizeof *frozen + batch->count * sizeof frozen->packets[0]);

    frozen->ordinal = batch->ordinal;
    frozen->count = batch->count;
    return frozen;
}

mqtt5_frozen_packet *mqtt5_frozen_room(mqtt5_frozen_batch *frozen)
{
    return frozen->packets;
}

void mqtt5_frozen_keep(uint32_t frame, mqtt5_frozen_batch *frozen)
{
    mqtt5_frozen_batch **place = place_of(frame, true);

    frozen->next = *place;
    *place = frozen;
    if (mqtt5_ordinal_is_alone(frozen->ordinal))
        last_alone = MAX(last_alone, frame);
}

bool mqtt5_frozen_alone(const packet_info *pinfo)
{
    mqtt5_frozen_batch **place;

    if (pinfo->num > last_alone)
        return false;
    place = place_of(pinfo->num, false);
    for (const mqtt5_frozen_batch *batch = place ? *place : NULL; batch; batch = batch->next)
        if (mqtt5_ordinal_is_alone(batch->ordinal))
            return true;
    return false;
}

static bool is_end(const mqtt5_frozen_packet *packet)
{
    return packet->facts.type == MQTT5_CLOSE || packet->facts.type == MQTT5_DISCONNECT;
}

void mqtt5_frozen_link_will(uint32_t end_frame, uint32_t will_frame)
{
    mqtt5_frozen_batch **place = place_of(end_frame, false), *frozen = place ? *place : NULL;

    for (; frozen; frozen = frozen->next)
        for (unsigned i = 0; i < frozen->count; i++)
            if (is_end(&frozen->packets[i]) && frozen->packets[i].facts.will_frame == 0) {
                frozen->packets[i].facts.will_frame = will_frame;
                return;
            }
}

const mqtt5_frozen_packet *mqtt5_frozen_packets(const packet_info *pinfo, const mqtt5_batch *batch)
{
    mqtt5_frozen_batch **place, *frozen;

    if (batch->judged)
        return batch->judged;
    place = place_of(pinfo->num, false);
    frozen = place ? *place : NULL;
    while (frozen && frozen->ordinal != batch->ordinal)
        frozen = frozen->next;
    return frozen && frozen->count == batch->count ? frozen->packets : NULL;
}
