/* arena.h
 * Memory of one simulated world: taken bit by bit, freed all at once with the world.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_ARENA_H
#define WORLD_ARENA_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct arena arena;

/* Makes an empty one; arena_free() frees it and all that was taken from it. */
arena *arena_new(void);
void arena_free(arena *from);

/* `size` bytes, set to zero. */
void *arena_take(arena *from, size_t size);

/* A text as printf() makes it. */
char *arena_text(arena *from, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Containers that grow and that the arena frees; their elements are the caller's. */
GByteArray *arena_bytes(arena *from);
GPtrArray *arena_list(arena *from);
GArray *arena_array(arena *from, unsigned element_size);
GQueue *arena_queue(arena *from);
GHashTable *arena_table(arena *from, GHashFunc hash, GEqualFunc equal);

#endif
