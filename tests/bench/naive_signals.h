/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Figures that have accused the wrong party or cleared the right one (docs/method.md), computed as
 * those did who published them. Nothing here decides anything: bench_regressions prints them beside
 * our answers.
 */
#ifndef SVA_BENCH_NAIVE_SIGNALS_H
#define SVA_BENCH_NAIVE_SIGNALS_H

#include "bench_support.h"

#include "base/memory.h"
#include "fixtures/architectures.h"
#include "fixtures/rng.h"
#include "fixtures/scratch.h"

enum { NAIVE_TOKENS = 256, NAIVE_SPECTRUM = 48 };

/* Uncentred or centred correlation. */
BENCH_FUNCTION double naive_correlate(const float *a, const float *b, size_t count, bool centred)
{
    double ma = 0, mb = 0, ab = 0, aa = 1e-300, bb = 1e-300;
    for (size_t i = 0; centred && i < count; ++i) {
        ma += (double)a[i] / (double)count;
        mb += (double)b[i] / (double)count;
    }
    for (size_t i = 0; i < count; ++i) {
        const double x = (double)a[i] - ma;
        const double y = (double)b[i] - mb;
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return ab / sqrt(aa * bb);
}

BENCH_FUNCTION size_t naive_size_of(const struct sva_network_tensor *tensor)
{
    return (size_t)(tensor->rows * tensor->columns);
}

BENCH_FUNCTION void naive_shuffle(float *values, size_t count, uint64_t seed)
{
    struct sva_rng rng;
    sva_rng_init(&rng, seed, "shuffle");
    for (size_t i = count; i > 1; --i) {
        const size_t j = (size_t)sva_rng_below(&rng, i);
        const float kept = values[i - 1];
        values[i - 1] = values[j];
        values[j] = kept;
    }
}

BENCH_FUNCTION bool naive_is_layer_gain(const struct sva_network_tensor *tensor)
{
    return tensor->kind == SVA_VALUE_GAIN && strstr(tensor->key, "layers.") != NULL;
}

/* Solar against GLM: raw cosine of norm gains, mean over layers; and of shuffled gains. */
BENCH_FUNCTION double naive_mean_cosine(const struct sva_network *a, const struct sva_network *b,
                                        bool shuffled)
{
    double sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < a->count; ++t) {
        struct sva_network_tensor *const tensor = &a->tensors[t];
        if (naive_is_layer_gain(tensor)) {
            float *const copy = sva_scratch_new(naive_size_of(tensor), sizeof *copy);
            memcpy(copy, tensor->values, naive_size_of(tensor) * sizeof *copy);
            if (shuffled) {
                naive_shuffle(copy, naive_size_of(tensor), t);
            }
            sum += naive_correlate(copy, b->tensors[t].values, naive_size_of(tensor), false);
            ++count;
            sva_free(copy);
        }
    }
    return sum / (double)count;
}

/* Pearson's r per layer, made normal, combined as if layers were independent. */
BENCH_FUNCTION double naive_stouffer(const struct sva_network *a, const struct sva_network *b)
{
    double sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < a->count; ++t) {
        const struct sva_network_tensor *const tensor = &a->tensors[t];
        if (naive_is_layer_gain(tensor) && strstr(tensor->key, "input_layernorm") != NULL) {
            const double r =
                naive_correlate(tensor->values, b->tensors[t].values, naive_size_of(tensor), true);
            sum += atanh(r) * sqrt((double)naive_size_of(tensor) - 3.0);
            ++count;
        }
    }
    return sum / sqrt((double)count);
}

/* Standard deviations of all matrices, in order: the curve that every trained model has. */
BENCH_FUNCTION double naive_deviation_curves(const struct sva_network *a,
                                             const struct sva_network *b)
{
    float curves[2][256];
    size_t count = 0;
    for (size_t t = 0; t < a->count && count < 256; ++t) {
        const struct sva_network_tensor *const pair[2] = {&a->tensors[t],
                                                          &b->tensors[t]};
        for (int side = 0; pair[0]->kind == SVA_VALUE_MATRIX && side < 2; ++side) {
            double squares = 0;
            for (size_t i = 0; i < naive_size_of(pair[side]); ++i) {
                squares += (double)pair[side]->values[i] * (double)pair[side]->values[i];
            }
            curves[side][count] = (float)sqrt(squares / (double)naive_size_of(pair[side]));
        }
        count += pair[0]->kind == SVA_VALUE_MATRIX ? 1 : 0;
    }
    return naive_correlate(curves[0], curves[1], count, true);
}

/* Singular values of the first rows, largest first, by orthogonalising rows (one-sided Jacobi). */
BENCH_FUNCTION void naive_spectrum(const struct sva_network_tensor *tensor, float *out)
{
    static double rows[NAIVE_SPECTRUM][1024];
    const size_t columns = (size_t)tensor->columns;
    for (size_t i = 0; i < NAIVE_SPECTRUM; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            rows[i][j] = (double)tensor->values[i * columns + j];
        }
    }
    for (int sweep = 0; sweep < 12; ++sweep) {
        for (size_t p = 0; p < NAIVE_SPECTRUM; ++p) {
            for (size_t q = p + 1; q < NAIVE_SPECTRUM; ++q) {
                double pp = 0, qq = 0, pq = 0;
                for (size_t j = 0; j < columns; ++j) {
                    pp += rows[p][j] * rows[p][j];
                    qq += rows[q][j] * rows[q][j];
                    pq += rows[p][j] * rows[q][j];
                }
                const double angle = 0.5 * atan2(2 * pq, pp - qq);
                const double c = cos(angle), s = sin(angle);
                for (size_t j = 0; j < columns; ++j) {
                    const double x = rows[p][j], y = rows[q][j];
                    rows[p][j] = c * x + s * y;
                    rows[q][j] = c * y - s * x;
                }
            }
        }
    }
    for (size_t i = 0; i < NAIVE_SPECTRUM; ++i) {
        double squares = 0;
        for (size_t j = 0; j < columns; ++j) {
            squares += rows[i][j] * rows[i][j];
        }
        out[i] = (float)sqrt(squares);
    }
}

/* Centred kernel alignment of the token Grams of two embeddings. */
BENCH_FUNCTION double naive_alignment(const struct sva_network_tensor *a,
                                      const struct sva_network_tensor *b)
{
    static float grams[2][NAIVE_TOKENS * NAIVE_TOKENS];
    const struct sva_network_tensor *const sides[2] = {a, b};
    for (int side = 0; side < 2; ++side) {
        const size_t columns = (size_t)sides[side]->columns;
        double mean[1024] = {0};
        for (size_t j = 0; j < columns; ++j) {
            for (size_t i = 0; i < NAIVE_TOKENS; ++i) {
                mean[j] += (double)sides[side]->values[i * columns + j] / NAIVE_TOKENS;
            }
        }
        for (size_t i = 0; i < NAIVE_TOKENS; ++i) {
            for (size_t k = 0; k < NAIVE_TOKENS; ++k) {
                double sum = 0;
                for (size_t j = 0; j < columns; ++j) {
                    sum += ((double)sides[side]->values[i * columns + j] - mean[j]) *
                           ((double)sides[side]->values[k * columns + j] - mean[j]);
                }
                grams[side][i * NAIVE_TOKENS + k] = (float)sum;
            }
        }
    }
    return naive_correlate(grams[0], grams[1], (size_t)NAIVE_TOKENS * NAIVE_TOKENS, false);
}

/* Is config.json the same, byte for byte? */
BENCH_FUNCTION bool naive_same_config(const struct sva_network *a, const struct sva_network *b)
{
    struct sva_bytes texts[2] = {{0}};
    sva_architecture_config(a, &texts[0]);
    sva_architecture_config(b, &texts[1]);
    const bool same = texts[0].size == texts[1].size &&
                      memcmp(texts[0].data, texts[1].data, texts[0].size) == 0;
    sva_bytes_done(&texts[0]);
    sva_bytes_done(&texts[1]);
    return same;
}

/* Have the models the same tensors? */
BENCH_FUNCTION bool naive_same_shapes(const struct sva_network *a, const struct sva_network *b)
{
    bool same = a->count == b->count;
    for (size_t t = 0; same && t < a->count; ++t) {
        const struct sva_network_tensor *const one = &a->tensors[t];
        const struct sva_network_tensor *const other = &b->tensors[t];
        same = strcmp(one->key, other->key) == 0 && one->rows == other->rows &&
               one->columns == other->columns;
    }
    return same;
}

#endif
