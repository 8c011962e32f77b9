/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/planes_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/planes_loops.h"

const struct sva_planes_level sva_planes_avx2 = {
    .split = split, .split_high = split_high, .copy_high = copy_high, .has_nan = has_nan};

#endif
