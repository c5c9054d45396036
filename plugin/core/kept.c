/* kept.c
 * A list of blocks, the last one first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "kept.h"

#include <string.h>

struct mqtt5_kept_block {
    mqtt5_kept_block *previous;
    max_align_t data[];
};

void *mqtt5_kept_alloc(mqtt5_kept *kept, size_t size)
{
    mqtt5_kept_block *block = g_malloc(sizeof *block + size);

    block->previous = kept->last;
    kept->last = block;
    return block->data;
}

const char *mqtt5_kept_text(mqtt5_kept *kept, const uint8_t *data, uint32_t length)
{
    const char *text = length > 0 ? (const char *)data : "";
    char *made = NULL, *copy;
    size_t size = length;

    if (!g_utf8_validate(text, (gssize)length, NULL)) {
        made = g_utf8_make_valid(text, (gssize)length);
        text = made;
        size = strlen(made);
    }
    copy = mqtt5_kept_alloc(kept, size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    g_free(made);
    return copy;
}

void mqtt5_kept_clear(mqtt5_kept *kept)
{
    while (kept->last) {
        mqtt5_kept_block *block = kept->last;

        kept->last = block->previous;
        g_free(block);
    }
}
