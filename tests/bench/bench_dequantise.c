/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of decoding ggml's block types and floats of 8 and 16 bits, and of the quantisers: one
 * thread, data in the second-level cache, the best of many runs, GB of stored bytes a second
 * (quantisers: of F32). Decoded values are four to sixteen times as many bytes, so their writing is
 * part of the time. bench_dequantise [--runs 20] [--ggml LIBRARY]
 *
 * With --ggml a shared library of ggml (libggml-base.so) is opened, and its decoder of each type
 * runs on the same bytes, turn by turn with ours at the best level: its GB a second, and our speed
 * over its. Nothing of it is built here.
 */
#include <dlfcn.h>

#include "bench_support.h"

#include "base/cpu.h"
#include "base/hash.h"
#include "base/memory.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"

enum { ELEMENTS = 65536, REPEATS = 20 };

typedef void foreign_decoder(const void *bytes, float *values, int64_t count);

/** What ggml says of a type, as its public header lays it out. */
struct foreign_type {
    const char *name;
    int64_t block_elements, block_elements_interleaved;
    size_t block_bytes;
    bool quantised;
    foreign_decoder *decode;
    void (*encode)(const float *values, void *bytes, int64_t count);
};

typedef const struct foreign_type *foreign_type_of(int type);

struct work {
    enum sva_dtype dtype;
    bool quantise;
    foreign_decoder *foreign; /**< or NULL: ours */
    uint8_t *bytes;
    float *values;
};

static void do_once(const struct work *work)
{
    if (work->foreign != NULL) {
        work->foreign(work->bytes, work->values, ELEMENTS);
    } else if (work->quantise) {
        sva_quantise(work->dtype, work->values, ELEMENTS, work->bytes);
    } else {
        sva_decode_f32(work->dtype, work->bytes, 0, ELEMENTS, work->values);
    }
}

static double seconds_of(const struct work *work)
{
    const double start = bench_seconds();
    for (int i = 0; i < REPEATS; i++) {
        do_once(work);
    }
    return (bench_seconds() - start) / REPEATS;
}

static double best_seconds(const struct work *work, uint64_t runs)
{
    double best = INFINITY;
    for (uint64_t run = 0; run < runs; run++) {
        best = fmin(best, seconds_of(work));
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

/** ggml's decoder of a type with blocks like ours, or NULL. */
static foreign_decoder *foreign_of(foreign_type_of *types, enum sva_dtype dtype)
{
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    for (uint32_t id = 0; id < 64; id++) {
        enum sva_dtype named;
        if (!sva_dtype_of_ggml(id, &named) || named != dtype) {
            continue;
        }
        const struct foreign_type *const type = types((int)id);
        const bool same = type != NULL && type->block_bytes == info->block_bytes &&
                          type->block_elements == (int64_t)info->block_elements;
        return same ? type->decode : NULL;
    }
    return NULL;
}

/** Turn by turn, so that a slow moment of the machine meets both. */
static void bench_foreign(struct work *work, foreign_type_of *types, double stored, uint64_t runs)
{
    foreign_decoder *const foreign = work->quantise ? NULL : foreign_of(types, work->dtype);
    double best[2] = {INFINITY, INFINITY};
    if (foreign == NULL) {
        printf(" %8s | %8s |", "-", "-");
        return;
    }
    for (uint64_t run = 0; run < 2 * runs; run++) {
        work->foreign = run % 2 == 1 ? foreign : NULL;
        best[run % 2] = fmin(best[run % 2], seconds_of(work));
    }
    work->foreign = NULL;
    printf(" %8.2f | %8.2f |", stored / best[1] / 1e9, best[1] / best[0]);
}

static void bench_type(struct work *work, foreign_type_of *types, uint64_t runs)
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
    if (types != NULL && sva_cpu_use(sva_cpu_best())) {
        bench_foreign(work, types, stored, runs);
    }
    printf("\n");
}

/** The function of a shared library that describes types; ends the program when it is not there. */
static foreign_type_of *open_foreign(int argc, char **argv)
{
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--ggml") == 0) {
            path = i + 1 < argc ? argv[i + 1] : "";
        }
    }
    if (path == NULL) {
        return NULL;
    }
    foreign_type_of *types = NULL;
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *const symbol = library == NULL ? NULL : dlsym(library, "ggml_get_type_traits");
    if (symbol == NULL) {
        fprintf(stderr, "%s: %s\n", argv[0], dlerror());
        exit(3);
    }
    memcpy(&types, &symbol, sizeof types); /* ISO C has no cast from objects to functions */
    return types;
}

int main(int argc, char **argv)
{
    const uint64_t runs = bench_number(argc, argv, "--runs", 20);
    foreign_type_of *const types = open_foreign(argc, argv);
    struct work work = {.bytes = sva_calloc(ELEMENTS, 2), .values = sva_calloc(ELEMENTS, 4)};
    if (work.bytes == NULL || work.values == NULL) {
        fprintf(stderr, "%s: out of memory\n", argv[0]);
        return 2;
    }
    printf("| work     | type     | %8s | %8s | %8s |%s\n|---|---|---|---|---|%s\n",
           sva_cpu_level_name(SVA_CPU_BASELINE), sva_cpu_level_name(SVA_CPU_AVX2),
           sva_cpu_level_name(SVA_CPU_AVX512), types == NULL ? "" : "     ggml | ours/its |",
           types == NULL ? "" : "---|---|");
    for (int pass = 0; pass < 2; pass++) {
        work.quantise = pass == 1;
        for (unsigned d = SVA_DTYPE_F8_E5M2; d <= SVA_DTYPE_Q2_0; d++) {
            work.dtype = (enum sva_dtype)d;
            const struct sva_dtype_info *const info = sva_dtype_get(work.dtype);
            const bool small = info->is_float && (info->bits == 8 || info->bits == 16);
            const bool wanted = small || sva_dtype_is_block(work.dtype);
            if (work.quantise ? sva_quantiser_exists(work.dtype) : wanted) {
                bench_type(&work, types, runs);
            }
        }
    }
    sva_free(work.bytes);
    sva_free(work.values);
    return 0;
}
