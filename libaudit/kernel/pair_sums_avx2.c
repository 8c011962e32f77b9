/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_sums_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/pair_sums_loops.h"

void sva_pair_lanes_avx2(struct sva_pair_lanes *sums, const struct sva_pair_side *s_side,
                         const struct sva_pair_side *r_side, const float *s, const float *r,
                         size_t count)
{
    add_pairs(sums, s_side, r_side, s, r, count);
}

#endif
