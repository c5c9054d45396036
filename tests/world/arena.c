/* arena.c
 * Memory of one simulated world.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "arena.h"

typedef struct {
    void *what;
    GDestroyNotify free;
} owned;

struct arena {
    GArray *all; /* of owned */
};

arena *arena_new(void)
{
    arena *made = g_new(arena, 1);

    made->all = g_array_new(FALSE, FALSE, sizeof(owned));
    return made;
}

void arena_free(arena *from)
{
    for (guint i = from->all->len; i > 0; i--) {
        owned *last = &g_array_index(from->all, owned, i - 1);

        last->free(last->what);
    }
    g_array_free(from->all, TRUE);
    g_free(from);
}

static void *own(arena *from, void *what, GDestroyNotify how)
{
    owned one = {what, how};

    g_array_append_val(from->all, one);
    return what;
}

void *arena_take(arena *from, size_t size)
{
    return own(from, g_malloc0(size), g_free);
}

char *arena_text(arena *from, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return own(from, text, g_free);
}

GByteArray *arena_bytes(arena *from)
{
    return own(from, g_byte_array_new(), (GDestroyNotify)g_byte_array_unref);
}

GPtrArray *arena_list(arena *from)
{
    return own(from, g_ptr_array_new(), (GDestroyNotify)g_ptr_array_unref);
}

GArray *arena_array(arena *from, unsigned element_size)
{
    return own(from, g_array_new(FALSE, TRUE, element_size), (GDestroyNotify)g_array_unref);
}

GQueue *arena_queue(arena *from)
{
    return own(from, g_queue_new(), (GDestroyNotify)g_queue_free);
}

GHashTable *arena_table(arena *from, GHashFunc hash, GEqualFunc equal)
{
    return own(from, g_hash_table_new(hash, equal), (GDestroyNotify)g_hash_table_destroy);
}
