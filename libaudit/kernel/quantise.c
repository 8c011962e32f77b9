/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/quantise.h"

#include "base/cpu.h"
#include "kernel/quantise_levels.h"

static sva_quantise_values *level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return sva_quantise_avx512;
    case SVA_CPU_AVX2: return sva_quantise_avx2;
    default: break;
    }
#endif
    return sva_quantise_baseline;
}

bool sva_quantiser_exists(enum sva_dtype dtype)
{
    return level()(dtype, NULL, 0, NULL);
}

void sva_quantise(enum sva_dtype dtype, const float *values, size_t count, uint8_t *out)
{
    (void)level()(dtype, values, count, out);
}
