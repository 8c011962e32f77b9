/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/dequantise.h"

#include "base/cpu.h"
#include "kernel/dequantise_levels.h"
#include "kernel/float_bits.h"

const struct sva_dequantise_level *sva_dequantise_level(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return &sva_dequantise_avx512;
    case SVA_CPU_AVX2: return &sva_dequantise_avx2;
    default: break;
    }
#endif
    return &sva_dequantise_baseline;
}

/* What infinity times zero is, and which of two NaN a sum keeps, differs between processors. */
static void unite_nan(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] != values[i]) {
            values[i] = sva_float_of_bits(0x7FC00000U);
        }
    }
}

void sva_dequantise(enum sva_dtype dtype, const uint8_t *blocks, size_t block_count, float *out)
{
    const struct sva_dequantise_level *const level = sva_dequantise_level();
    if (level->blocks[dtype - SVA_DTYPE_Q4_0](blocks, block_count, out)) {
        unite_nan(out, block_count * sva_dtype_get(dtype)->block_elements);
    }
}
