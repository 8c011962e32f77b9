/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/planes.h"

#include "base/cpu.h"
#include "kernel/planes_levels.h"

static const struct sva_planes_level *level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return &sva_planes_avx512;
    case SVA_CPU_AVX2: return &sva_planes_avx2;
    default: break;
    }
#endif
    return &sva_planes_baseline;
}

uint32_t sva_split_planes(const float *values, size_t count, uint8_t *high, uint8_t *low)
{
    return level()->split(values, count, high, low);
}

uint32_t sva_split_high_plane(const float *values, size_t count, uint8_t *high)
{
    return level()->split_high(values, count, high);
}

void sva_copy_high_plane(const uint8_t *halves, size_t count, uint8_t *high)
{
    level()->copy_high(halves, count, high);
}

bool sva_high_plane_has_nan(const uint8_t *halves, size_t count)
{
    return level()->has_nan(halves, count);
}
