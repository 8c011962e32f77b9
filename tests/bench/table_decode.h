/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Decoding of ggml's block types beside a libggml-base that is given by its path: its exported
 * functions dequantize_row_*, whose signature has not changed since they exist. CPU time of
 * one thread, data in the second-level cache.
 */
#ifndef SVA_TABLE_DECODE_H
#define SVA_TABLE_DECODE_H

#include <dlfcn.h>

#include "table_rows.h"

#include "base/cpu.h"
#include "base/hash.h"
#include "kernel/dtype.h"

enum { DECODE_ELEMENTS = 65536, DECODE_REPEATS = 20 };

typedef void (*table_ggml_row)(const void *blocks, float *values, int64_t count);

struct table_decoding {
    enum sva_dtype dtype;
    table_ggml_row theirs; /**< NULL: ours */
    uint8_t *bytes;
    float *values;
};

static const struct {
    enum sva_dtype dtype;
    const char *symbol;
    double limit; /**< times as fast as ggml: 1.5 for K-quants */
} table_decoders[] = {
    {SVA_DTYPE_Q4_0, "dequantize_row_q4_0", 1.0},
    {SVA_DTYPE_Q4_1, "dequantize_row_q4_1", 1.0},
    {SVA_DTYPE_Q5_0, "dequantize_row_q5_0", 1.0},
    {SVA_DTYPE_Q5_1, "dequantize_row_q5_1", 1.0},
    {SVA_DTYPE_Q8_0, "dequantize_row_q8_0", 1.0},
    {SVA_DTYPE_Q2_K, "dequantize_row_q2_K", 1.5},
    {SVA_DTYPE_Q3_K, "dequantize_row_q3_K", 1.5},
    {SVA_DTYPE_Q4_K, "dequantize_row_q4_K", 1.5},
    {SVA_DTYPE_Q5_K, "dequantize_row_q5_K", 1.5},
    {SVA_DTYPE_Q6_K, "dequantize_row_q6_K", 1.5},
    {SVA_DTYPE_Q8_K, "dequantize_row_q8_K", 1.5},
    {SVA_DTYPE_IQ1_S, "dequantize_row_iq1_s", 1.0},
    {SVA_DTYPE_IQ1_M, "dequantize_row_iq1_m", 1.0},
    {SVA_DTYPE_IQ2_XXS, "dequantize_row_iq2_xxs", 1.0},
    {SVA_DTYPE_IQ2_XS, "dequantize_row_iq2_xs", 1.0},
    {SVA_DTYPE_IQ2_S, "dequantize_row_iq2_s", 1.0},
    {SVA_DTYPE_IQ3_XXS, "dequantize_row_iq3_xxs", 1.0},
    {SVA_DTYPE_IQ3_S, "dequantize_row_iq3_s", 1.0},
    {SVA_DTYPE_IQ4_NL, "dequantize_row_iq4_nl", 1.0},
    {SVA_DTYPE_IQ4_XS, "dequantize_row_iq4_xs", 1.0},
    {SVA_DTYPE_TQ1_0, "dequantize_row_tq1_0", 1.0},
    {SVA_DTYPE_TQ2_0, "dequantize_row_tq2_0", 1.0},
    {SVA_DTYPE_MXFP4, "dequantize_row_mxfp4", 1.0},
    {SVA_DTYPE_NVFP4, "dequantize_row_nvfp4", 1.0},
    {SVA_DTYPE_Q1_0, "dequantize_row_q1_0", 1.0},
    {SVA_DTYPE_Q2_0, "dequantize_row_q2_0", 1.0},
};

BENCH_FUNCTION double table_thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

BENCH_FUNCTION double table_decode_once(const struct table_decoding *work)
{
    const double begin = table_thread_seconds();
    for (int i = 0; i < DECODE_REPEATS; i++) {
        if (work->theirs != NULL) {
            work->theirs(work->bytes, work->values, DECODE_ELEMENTS);
        } else {
            sva_decode_f32(work->dtype, work->bytes, 0, DECODE_ELEMENTS, work->values);
        }
    }
    return (table_thread_seconds() - begin) / DECODE_REPEATS;
}

/** One type: GB of stored bytes a CPU-second of both, the ratio, and whether values are the same.
 */
BENCH_FUNCTION void table_decode_type(size_t index, table_ggml_row theirs, size_t rounds)
{
    static uint8_t bytes[2 * DECODE_ELEMENTS];
    static float values[2][DECODE_ELEMENTS];
    double times[2][TABLE_ROUNDS_MOST];
    double ratios[TABLE_ROUNDS_MOST];
    const enum sva_dtype dtype = table_decoders[index].dtype;
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    const double stored = (double)DECODE_ELEMENTS / info->block_elements * info->block_bytes;
    const size_t size = (size_t)stored;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(sva_mix64(i) & 0xBF); /* scales stay finite */
    }
    if (size > sizeof bytes) {
        table_absent(info->name, "its blocks are larger than two bytes an element");
        return;
    }
    for (size_t round = 0; round < rounds; round++) {
        const struct table_decoding ours = {dtype, NULL, bytes, values[0]};
        const struct table_decoding other = {dtype, theirs, bytes, values[1]};
        times[0][round] = table_decode_once(&ours);
        times[1][round] = table_decode_once(&other);
        ratios[round] = times[1][round] / times[0][round];
    }
    const double ratio = table_median(ratios, rounds);
    const bool same = memcmp(values[0], values[1], sizeof values[0]) == 0;
    printf("| decode %s, GB/s | %.2f | ggml %.2f%s | - | %.2f | >= %.4g x faster | %s |\n",
           info->name, stored / table_median(times[0], rounds) / 1e9,
           stored / table_median(times[1], rounds) / 1e9, same ? "" : " (other values)", ratio,
           table_decoders[index].limit, ratio >= table_decoders[index].limit ? "yes" : "no");
    fflush(stdout);
}

BENCH_FUNCTION void table_decode(const char *library, size_t rounds)
{
    if (library == NULL) {
        table_absent("decoding beside ggml", "no --peer ggml=LIBRARY");
        return;
    }
    void *const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        table_absent("decoding beside ggml", "the library cannot be loaded");
        return;
    }
    for (size_t i = 0; i < sizeof table_decoders / sizeof *table_decoders; i++) {
        table_ggml_row theirs = NULL;
        void *const symbol = dlsym(handle, table_decoders[i].symbol);
        memcpy(&theirs, &symbol, sizeof theirs); /* POSIX: a function's address fits */
        if (symbol == NULL) {
            table_absent(table_decoders[i].symbol, "not in this version of ggml");
        } else {
            table_decode_type(i, theirs, rounds);
        }
    }
    dlclose(handle);
}

#endif
