/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/directions.h"

#include "base/cpu.h"
#include "kernel/directions_levels.h"

uint32_t sva_leading_directions(const float *matrix, uint32_t slices, uint32_t length,
                                double *scratch, double *directions)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return sva_directions_avx512(matrix, slices, length, scratch, directions);
    case SVA_CPU_AVX2: return sva_directions_avx2(matrix, slices, length, scratch, directions);
    default: break;
    }
#endif
    return sva_directions_baseline(matrix, slices, length, scratch, directions);
}
