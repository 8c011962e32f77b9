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

typedef void sva_pair_level(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                            const struct sva_pair_side *r_side, const float *s, const float *r,
                            size_t count);

sva_pair_level sva_pair_lanes_baseline;
sva_pair_level sva_pair_lanes_avx2;
sva_pair_level sva_pair_lanes_avx512;

#endif
