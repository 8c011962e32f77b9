/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Mutations of an input without libFuzzer: bits and bytes changed, pieces removed, repeated, moved
 * in from another input, numbers in their extremes. The n-th mutation of an input depends on the
 * two inputs and n alone, on every machine.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/** Room that a mutation of inputs of these sizes needs. */
size_t mutation_room(size_t size, size_t other_size);

/** Writes the n-th mutation into `out`, of mutation_room() bytes; its size. */
size_t mutate(const uint8_t *data, size_t size, const uint8_t *other, size_t other_size, uint64_t n,
              uint8_t *out);

#endif
