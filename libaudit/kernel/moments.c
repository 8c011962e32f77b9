/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/moments.h"

#include <math.h>

#include "base/cpu.h"
#include "kernel/fold_lanes.h"
#include "kernel/moments_levels.h"

void sva_moments_init(struct sva_moments *moments)
{
    *moments = (struct sva_moments){.finite_count = 0};
    for (int lane = 0; lane < SVA_MOMENT_LANES; lane++) {
        moments->minimum[lane] = INFINITY;
        moments->maximum[lane] = -INFINITY;
    }
}

void sva_moments_add(struct sva_moments *moments, const float *values, size_t count)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: sva_moments_add_avx512(moments, values, count); return;
    case SVA_CPU_AVX2: sva_moments_add_avx2(moments, values, count); return;
    default: break;
    }
#endif
    sva_moments_add_baseline(moments, values, count);
}

double sva_moments_sum(const struct sva_moments *moments, int exponent)
{
    return sva_fold_lanes(moments->power[exponent - 1]);
}

void sva_moments_extremes(const struct sva_moments *moments, float *lowest, float *highest)
{
    *lowest = moments->minimum[0];
    *highest = moments->maximum[0];
    for (int lane = 1; lane < SVA_MOMENT_LANES; lane++) {
        *lowest = moments->minimum[lane] < *lowest ? moments->minimum[lane] : *lowest;
        *highest = moments->maximum[lane] > *highest ? moments->maximum[lane] : *highest;
    }
}
