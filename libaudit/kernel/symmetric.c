/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/symmetric.h"

#include "base/cpu.h"
#include "kernel/symmetric_levels.h"

static const struct sva_symmetric_level *level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return &sva_symmetric_avx512;
    case SVA_CPU_AVX2: return &sva_symmetric_avx2;
    default: break;
    }
#endif
    return &sva_symmetric_baseline;
}

void sva_tridiagonalise(double *matrix, uint32_t size, double *diagonal, double *beside,
                        double *scratch)
{
    level()->tridiagonalise(matrix, size, diagonal, beside, scratch);
}

bool sva_eigenvalues_above(const double *matrix, uint32_t size, uint32_t count, double bound,
                           double *scratch)
{
    return level()->eigenvalues_above(matrix, size, count, bound, scratch);
}
