/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ordered_sums.h"

#include "base/cpu.h"
#include "kernel/ordered_sums_levels.h"

const struct sva_sums_level *sva_sums_level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return &sva_sums_avx512;
    case SVA_CPU_AVX2: return &sva_sums_avx2;
    default: break;
    }
#endif
    return &sva_sums_baseline;
}
