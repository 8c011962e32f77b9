/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A reproducible stream of random numbers for permutation tests: xoshiro256**
 * (Blackman and Vigna, 2018) seeded from 32 bytes. Not for secrets.
 */
#ifndef SVA_KERNEL_RANDOM_H
#define SVA_KERNEL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sva_random {
    uint64_t state[4];
    uint64_t spare;   /**< the upper half of the last word, not handed out yet */
    int has_spare;
};

/** Seeds from a digest; an all-zero digest is replaced by a fixed non-zero state. */
void sva_random_seed(struct sva_random *random, const uint8_t digest[32]);

/* Inline: a permutation test draws billions of numbers. */

static inline uint64_t sva_rotate_left(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

static inline uint64_t sva_random_u64(struct sva_random *random)
{
    uint64_t *s = random->state;
    const uint64_t result = sva_rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = sva_rotate_left(s[3], 45);
    return result;
}

/** Half a word at a time: a permutation needs many small numbers. */
static inline uint64_t sva_random_half(struct sva_random *random)
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

/** Uniform in [0, bound), bound > 0, without bias (Lemire 2019, with rejection). */
static inline uint32_t sva_random_below(struct sva_random *random, uint32_t bound)
{
    uint64_t product = sva_random_half(random) * bound;
    uint32_t low = (uint32_t)product;
    if (low < bound) {
        const uint32_t threshold = (uint32_t)(0u - bound) % bound;
        while (low < threshold) {
            product = sva_random_half(random) * bound;
            low = (uint32_t)product;
        }
    }
    return (uint32_t)(product >> 32);
}

/** Uniform permutation of 0..count-1 (Fisher-Yates). */
void sva_random_permutation(struct sva_random *random, uint32_t *order, uint32_t count);

/** The first `count` of `units` indices in an order that follows from `domain` alone. False: out of memory. */
bool sva_deal_units(uint32_t units, uint32_t count, uint64_t domain, uint32_t *dealt);

#endif
