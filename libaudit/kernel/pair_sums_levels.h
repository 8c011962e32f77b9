/* SPDX-License-Identifier: Apache-2.0 */
/** The loops of pair_sums.h for each level of the processor; chosen in pair_sums.c. */
#ifndef SVA_KERNEL_PAIR_SUMS_LEVELS_H
#define SVA_KERNEL_PAIR_SUMS_LEVELS_H

#include "kernel/pair_sums.h"

enum { SVA_PAIR_LANES = 8 };

struct sva_pair_lanes {
    double energy[SVA_PAIR_LANES], distance[SVA_PAIR_LANES], explained[SVA_PAIR_LANES];
    double squares[SVA_PAIR_LANES], largest[SVA_PAIR_LANES];
    uint64_t count, within;
};

struct sva_pair_level {
    void (*floats)(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                   const struct sva_pair_side *r_side, const float *s, const float *r,
                   size_t count);
    void (*bf16)(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                 const struct sva_pair_side *r_side, const uint8_t *s, const uint8_t *r,
                 size_t count);
};

extern const struct sva_pair_level sva_pair_baseline;
#if defined(__x86_64__)
extern const struct sva_pair_level sva_pair_avx2;
extern const struct sva_pair_level sva_pair_avx512;
#endif

#endif
