/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_sums_levels.h"

/* Other processors have no AVX-512, and the build gives them no flags for it. */
#if defined(__AVX512BW__)

#include "kernel/pair_sums_loops.h"

const struct sva_pair_level sva_pair_avx512 = SVA_PAIR_LEVEL;

#endif
