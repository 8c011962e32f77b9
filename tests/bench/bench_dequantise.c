/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of decoding ggml's block types, halves and bfloats, and of the quantisers: one thread, data
 * in the second-level cache, the best of many runs, GB of stored bytes a second (quantisers: of
 * F32). Decoded values are four to sixteen times as many bytes, so their writing is part of the
 * time. bench_dequantise [--runs 20]
 */
#include "bench_support.h"

#include "base/cpu.h"
#include "base/hash.h"
#include "base/memory.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"

enum { ELEMENTS = 65536, REPEATS = 20 };

struct work {
    enum sva_dtype dtype;
    bool quantise;
    uint8_t *bytes;
    float *values;
};

static void do_once(const struct work *work)
{
    if (work->quantise) {
        sva_quantise(work->dtype, work->values, ELEMENTS, work->bytes);
    } else {
        sva_decode_f32(work->dtype, work->bytes, 0, ELEMENTS, work->values);
    }
}

static double best_seconds(const struct work *work, uint64_t runs)
{
    double best = INFINITY;
    for (uint64_t run = 0; run < runs; run++) {
        const double start = bench_seconds();
        for (int i = 0; i < REPEATS; i++) {
            do_once(work);
        }
        const double seconds = (bench_seconds() - start) / REPEATS;
        best = seconds < best ? seconds : best;
    }
    return best;
}

static void fill(const struct work *work)
{
    for (size_t i = 0; i < (size_t)ELEMENTS * 2; i++) {
        work->bytes[i] = (uint8_t)(sva_mix64(i) & 0xBF); /* scales stay finite */
    }
    for (size_t i = 0; work->quantise && i < ELEMENTS; i++) {
        work->values[i] = (float)(int32_t)(uint32_t)sva_mix64(i) * 0x1p-36F;
    }
}

static void bench_type(struct work *work, uint64_t runs)
{
    const struct sva_dtype_info *const info = sva_dtype_get(work->dtype);
    const double stored = (double)ELEMENTS / info->block_elements * info->block_bytes;
    const double bytes = work->quantise ? 4.0 * ELEMENTS : stored;
    printf("| %-8s | %-8s |", work->quantise ? "quantise" : "decode", info->name);
    for (unsigned level = 0; level < SVA_CPU_LEVELS; level++) {
        if (sva_cpu_use((enum sva_cpu_level)level)) {
            fill(work);
            printf(" %8.2f |", bytes / best_seconds(work, runs) / 1e9);
        } else {
            printf(" %8s |", "-");
        }
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    const uint64_t runs = bench_number(argc, argv, "--runs", 20);
    struct work work = {.bytes = sva_calloc(ELEMENTS, 2), .values = sva_calloc(ELEMENTS, 4)};
    if (work.bytes == NULL || work.values == NULL) {
        fprintf(stderr, "%s: out of memory\n", argv[0]);
        return 2;
    }
    printf("| work     | type     | %8s | %8s | %8s |\n|---|---|---|---|---|\n",
           sva_cpu_level_name(SVA_CPU_BASELINE), sva_cpu_level_name(SVA_CPU_AVX2),
           sva_cpu_level_name(SVA_CPU_AVX512));
    for (int pass = 0; pass < 2; pass++) {
        work.quantise = pass == 1;
        for (unsigned d = SVA_DTYPE_F16; d <= SVA_DTYPE_Q2_0; d++) {
            work.dtype = (enum sva_dtype)d;
            const bool two_bytes = d == SVA_DTYPE_F16 || d == SVA_DTYPE_BF16;
            const bool wanted = two_bytes || sva_dtype_is_block(work.dtype);
            if (work.quantise ? sva_quantiser_exists(work.dtype) : wanted) {
                bench_type(&work, runs);
            }
        }
    }
    sva_free(work.bytes);
    sva_free(work.values);
    return 0;
}
