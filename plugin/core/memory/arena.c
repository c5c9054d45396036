/* arena.c
 * A list of blocks, the last one first. Each is twice as large as the one before, from small to
 * large: most connections keep little, and some keep much.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/memory/arena.h"

#include <stdbool.h>
#include <string.h>

struct mqtt5_arena_block {
    mqtt5_arena_block *previous;
    uint8_t data[];
};

/* With the block's header and what malloc() adds. */
#define FIRST_BLOCK 256u
#define LARGEST_BLOCK 4096u
#define OVERHEAD (sizeof(mqtt5_arena_block) + sizeof(void *))

/* What we keep needs no more. */
typedef union {
    int64_t number;
    void *pointer;
} largest;

/* Under AddressSanitizer each piece is a block, so that whoever reads beyond it is caught. */
#if defined(__SANITIZE_ADDRESS__)
#define ALONE true
#elif defined(__has_feature)
#define ALONE (__has_feature(address_sanitizer) != 0)
#else
#define ALONE false
#endif

static mqtt5_arena_block *add_block(mqtt5_arena *arena, size_t size)
{
    mqtt5_arena_block *block = g_malloc(sizeof *block + size);

    block->previous = arena->last;
    arena->last = block;
    return block;
}

void *mqtt5_arena_alloc(mqtt5_arena *arena, size_t size)
{
    size_t room = (size + sizeof(largest) - 1) & ~(sizeof(largest) - 1);
    void *taken;

    if (room > arena->left) {
        size_t block = arena->block == 0 ? FIRST_BLOCK : MIN(2u * arena->block, LARGEST_BLOCK);

        /* What is left of the block before is still good for what is small. */
        if (ALONE || room + OVERHEAD > block / 2)
            return add_block(arena, size)->data;
        arena->block = (uint32_t)block;
        arena->left = (uint32_t)(block - OVERHEAD);
        arena->next = add_block(arena, arena->left)->data;
    }
    taken = arena->next;
    arena->next += room;
    arena->left -= (uint32_t)room;
    return taken;
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
    arena->next = NULL;
    arena->left = arena->block = 0;
}
