/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/directions_levels.h"

/* Other processors have no AVX-512, and the build gives them no flags for it. */
#if defined(__AVX512BW__)

#include "kernel/directions_loops.h"

uint32_t sva_directions_avx512(const float *matrix, uint32_t slices, uint32_t length,
                               double *scratch, double *directions)
{
    return find_directions(matrix, slices, length, scratch, directions);
}

#endif
