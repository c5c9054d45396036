/* hash.c
 * SipHash-1-3, after the description of its authors (Aumasson and Bernstein, 2012).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/memory/hash.h"

#include <glib.h>
#include <string.h>

typedef struct {
    uint64_t v0, v1, v2, v3;
} state;

void mqtt5_hash_key_init(mqtt5_hash_key *key)
{
    key->a = (uint64_t)g_random_int() << 32 | g_random_int();
    key->b = (uint64_t)g_random_int() << 32 | g_random_int();
}

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void mix(state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32) + s->v3;
    s->v2 += s->v1;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void take(state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s);
    s->v0 ^= word;
}

uint64_t mqtt5_hash(const mqtt5_hash_key *key, const uint8_t *data, uint32_t length)
{
    state s = {key->a ^ UINT64_C(0x736f6d6570736575), key->b ^ UINT64_C(0x646f72616e646f6d), key->a ^ UINT64_C(0x6c7967656e657261),
               key->b ^ UINT64_C(0x7465646279746573)};
    uint64_t word;
    uint32_t left = length;

    for (; left >= 8; data += 8, left -= 8) {
        memcpy(&word, data, 8);
        take(&s, word);
    }
    word = 0;
    if (left > 0)
        memcpy(&word, data, left);
    take(&s, word);
    take(&s, length); /* a word of its own, so that trailing zeros count */
    s.v2 ^= 0xFF;
    mix(&s);
    mix(&s);
    mix(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
