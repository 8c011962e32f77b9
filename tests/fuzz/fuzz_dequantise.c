/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a block type, then its blocks. Every level of the processor decodes them to the same bits;
 * the distances between codes are never negative; bytes exchanged twice are as before.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "input_folder.h"
#include "kernel/dequantise.h"
#include "kernel/dequantise_levels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 4096 };

static void check_steps(enum sva_dtype dtype, const uint8_t *blocks, size_t count, float *out,
                        size_t elements)
{
    sva_block_steps(dtype, blocks, count, out);
    for (size_t i = 0; i < elements; i++) {
        require(isnan(out[i]) || out[i] >= 0);
    }
}

static void check_swap(enum sva_dtype dtype, const uint8_t *blocks, size_t count, size_t bytes)
{
    uint8_t *const copy = malloc(bytes + 1);
    require(copy != NULL);
    memcpy(copy, blocks, bytes);
    sva_swap_blocks(dtype, copy, count);
    sva_swap_blocks(dtype, copy, count);
    require(memcmp(copy, blocks, bytes) == 0);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const enum sva_dtype dtype = (enum sva_dtype)(SVA_DTYPE_Q4_0 + data[0] % SVA_BLOCK_TYPES);
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    size = size - 1 < BYTES_MAX ? size - 1 : BYTES_MAX;
    const size_t count = size / info->block_bytes;
    const size_t elements = count * info->block_elements;
    float *const out = malloc((elements + 1) * sizeof *out);
    float *const again = malloc((elements + 1) * sizeof *again);
    require(out != NULL && again != NULL && sva_cpu_use(SVA_CPU_BASELINE));
    sva_dequantise(dtype, data + 1, count, out);
    for (int level = SVA_CPU_AVX2; level < SVA_CPU_LEVELS; level++) {
        if (sva_cpu_use((enum sva_cpu_level)level)) {
            sva_dequantise(dtype, data + 1, count, again);
            require(memcmp(again, out, elements * sizeof *out) == 0);
        }
    }
    check_steps(dtype, data + 1, count, again, elements);
    check_swap(dtype, data + 1, count, count * info->block_bytes);
    free(again);
    free(out);
    return 0;
}
