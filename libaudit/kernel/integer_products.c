/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/integer_products.h"

#include "base/cpu.h"
#include "kernel/integer_products_levels.h"

static const struct sva_integer_level *level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return &sva_integer_avx512;
    case SVA_CPU_AVX2: return &sva_integer_avx2;
    default: break;
    }
#endif
    return &sva_integer_baseline;
}

int64_t sva_dot_i16(const int16_t *a, const int16_t *b, size_t count)
{
    return level()->dot(a, b, count);
}

void sva_products_i16(const int16_t *a, const int16_t *b, size_t n, size_t count, int64_t *out)
{
    level()->products(a, b, n, count, out);
}
