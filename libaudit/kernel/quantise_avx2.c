/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/quantise_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#include "kernel/quantise_loops.h"

bool sva_quantise_avx2(enum sva_dtype dtype, const float *values, size_t count, uint8_t *out)
{
    return quantise(dtype, values, count, out);
}

#endif
