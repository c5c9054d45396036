/* target.h
 * The functions of a fuzz target, which libFuzzer or replay.c calls.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FUZZ_TARGET_H
#define MQTT5_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Passes one input to the code under test. Aborts if an invariant does not hold. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libFuzzer's own, for custom mutators: changes `size` bytes in place to at most `max_size`, and
 * returns the new size. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* If a target has this function, libFuzzer calls it instead of LLVMFuzzerMutate(). */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif
