/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A reproducible stream of random numbers for permutation tests: xoshiro256**
 * (Blackman and Vigna, 2018) seeded from 32 bytes. Not for secrets.
 */
#ifndef SVA_KERNEL_RANDOM_H
#define SVA_KERNEL_RANDOM_H

#include <stdint.h>

struct sva_random {
    uint64_t state[4];
    uint64_t spare;   /**< the upper half of the last word, not handed out yet */
    int has_spare;
};

/** Seeds from a digest; an all-zero digest is replaced by a fixed non-zero state. */
void sva_random_seed(struct sva_random *random, const uint8_t digest[32]);

uint64_t sva_random_u64(struct sva_random *random);

/** Uniform in [0, bound), bound > 0, without bias (Lemire 2019, with rejection). */
uint32_t sva_random_below(struct sva_random *random, uint32_t bound);

/** Uniform permutation of 0..count-1 (Fisher-Yates). */
void sva_random_permutation(struct sva_random *random, uint32_t *order, uint32_t count);

#endif
