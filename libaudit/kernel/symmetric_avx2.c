/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/symmetric_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/symmetric_loops.h"

const struct sva_symmetric_level sva_symmetric_avx2 = SVA_SYMMETRIC_LEVEL;

#endif
