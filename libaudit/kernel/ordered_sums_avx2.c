/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ordered_sums_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/ordered_sums_loops.h"

const struct sva_sums_level sva_sums_avx2 = SVA_SUMS_LEVEL;

#endif
