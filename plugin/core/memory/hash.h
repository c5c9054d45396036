/* hash.h
 * A keyed hash of bytes from the wire: whoever writes a capture cannot choose bytes that collide.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_MEMORY_HASH_H
#define MQTT5_MEMORY_HASH_H

#include <stdint.h>

/* The key of a table; filled once by mqtt5_hash_key_init() with random bits. Results of different
 * keys cannot be compared. */
typedef struct {
    uint64_t a, b;
} mqtt5_hash_key;

void mqtt5_hash_key_init(mqtt5_hash_key *key);

/* SipHash-1-3 of `length` bytes (none: `data` may be NULL). Linear. */
uint64_t mqtt5_hash(const mqtt5_hash_key *key, const uint8_t *data, uint32_t length);

#endif
