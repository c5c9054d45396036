/* kept.h
 * Memory for what a connection has told of itself and never changes again: allocated piece by piece, freed all at once with its owner. So
 * whoever shows a packet later may hold a pointer to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_KEPT_H
#define MQTT5_KEPT_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mqtt5_kept_block mqtt5_kept_block;

/* All zero to begin with. */
typedef struct {
    mqtt5_kept_block *last;
} mqtt5_kept;

/* `size` bytes, not initialised, aligned for any type; valid until mqtt5_kept_clear(). Never NULL. */
void *mqtt5_kept_alloc(mqtt5_kept *kept, size_t size);

/* `length` bytes from the wire as a C string of valid UTF-8: what is none, NUL included, becomes U+FFFD. Valid until mqtt5_kept_clear(). */
const char *mqtt5_kept_text(mqtt5_kept *kept, const uint8_t *data, uint32_t length);

/* Frees all of it; may be used anew then. */
void mqtt5_kept_clear(mqtt5_kept *kept);

#endif
