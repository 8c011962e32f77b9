/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/symmetric_levels.h"

/* Other processors have no AVX-512, and the build gives them no flags for it. */
#if defined(__AVX512BW__)

#include "kernel/symmetric_loops.h"

const struct sva_symmetric_level sva_symmetric_avx512 = SVA_SYMMETRIC_LEVEL;

#endif
