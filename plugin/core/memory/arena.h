/* arena.h
 * Memory for what a connection has told of itself and never changes again: allocated piece by
 * piece from blocks that grow, freed all at once with its owner. So whoever shows a packet later may hold a pointer to
 * it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_MEMORY_ARENA_H
#define MQTT5_MEMORY_ARENA_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mqtt5_arena_block mqtt5_arena_block;

/* All zero to begin with. */
typedef struct {
    mqtt5_arena_block *last;
    uint8_t *next;  /* where there is room */
    uint32_t left;  /* bytes there */
    uint32_t block; /* size of the last block that was shared; 0: none yet */
} mqtt5_arena;

/* `size` bytes, not initialised, aligned for pointers and numbers of 64 bits; valid until mqtt5_arena_clear(). Never
 * NULL. */
void *mqtt5_arena_alloc(mqtt5_arena *arena, size_t size);

/* `length` bytes from the wire as a C string of valid UTF-8: what is none, NUL included, becomes
 * U+FFFD. Valid until mqtt5_arena_clear(). */
const char *mqtt5_arena_text(mqtt5_arena *arena, const uint8_t *data, uint32_t length);

/* Frees all of it; the arena can be used again. */
void mqtt5_arena_clear(mqtt5_arena *arena);

#endif
