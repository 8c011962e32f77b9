/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/random.h"

#include <stddef.h>

void sva_random_seed(struct sva_random *random, const uint8_t digest[32])
{
    uint64_t any = 0;
    random->has_spare = 0;
    for (size_t i = 0; i < 4; i++) {
        uint64_t word = 0;
        for (size_t byte = 0; byte < 8; byte++) {
            word |= (uint64_t)digest[8 * i + byte] << (8 * byte);
        }
        random->state[i] = word;
        any |= word;
    }
    if (any == 0) {
        random->state[0] = 0x9e3779b97f4a7c15u;
    }
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

uint64_t sva_random_u64(struct sva_random *random)
{
    uint64_t *s = random->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/** Half a word at a time: a permutation needs many small numbers. */
static uint64_t next_half(struct sva_random *random)
{
    if (random->has_spare) {
        random->has_spare = 0;
        return random->spare;
    }
    const uint64_t word = sva_random_u64(random);
    random->spare = word & 0xffffffffu;
    random->has_spare = 1;
    return word >> 32;
}

uint32_t sva_random_below(struct sva_random *random, uint32_t bound)
{
    uint64_t product = next_half(random) * bound;
    uint32_t low = (uint32_t)product;
    if (low < bound) {
        const uint32_t threshold = (uint32_t)(0u - bound) % bound;
        while (low < threshold) {
            product = next_half(random) * bound;
            low = (uint32_t)product;
        }
    }
    return (uint32_t)(product >> 32);
}

void sva_random_permutation(struct sva_random *random, uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = sva_random_below(random, i);
        const uint32_t swapped = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swapped;
    }
}
