/* arena.c
 * A list of blocks, the last one first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/memory/arena.h"

#include <string.h>

struct mqtt5_arena_block {
    mqtt5_arena_block *previous;
    max_align_t data[];
};

void *mqtt5_arena_alloc(mqtt5_arena *arena, size_t size)
{
    mqtt5_arena_block *block = g_malloc(sizeof *block + size);

    block->previous = arena->last;
    arena->last = block;
    return block->data;
}

const char *mqtt5_arena_text(mqtt5_arena *arena, const uint8_t *data, uint32_t length)
{
    const char *text = length > 0 ? (const char *)data : "";
    char *made = NULL, *copy;
    size_t size = length;

    if (!g_utf8_validate(text, (gssize)length, NULL)) {
        made = g_utf8_make_valid(text, (gssize)length);
        text = made;
        size = strlen(made);
    }
    copy = mqtt5_arena_alloc(arena, size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    g_free(made);
    return copy;
}

void mqtt5_arena_clear(mqtt5_arena *arena)
{
    while (arena->last) {
        mqtt5_arena_block *block = arena->last;

        arena->last = block->previous;
        g_free(block);
    }
}
