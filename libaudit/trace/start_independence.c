/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws of one generator do not repeat and do not correlate. Tensors of one shape are sampled at
 * the same places, so that their samples can be laid side by side.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/random_start.h"
#include "kernel/special.h"
#include "trace/start.h"

enum { NEIGHBOURS = 64 }; /* of one shape, that a tensor is correlated with */

static const double LEAST_LOG10_P = -9.0;

struct row {
    uint64_t hash;
    const struct sva_print_tensor *tensor;
};

typedef const struct sva_print_tensor *tensor_ref;

static int by_shape(const void *left, const void *right)
{
    const tensor_ref a = *(const tensor_ref *)left;
    const tensor_ref b = *(const tensor_ref *)right;
    for (int i = 0; i < 3; i++) {
        if (a->n[i] != b->n[i]) {
            return a->n[i] < b->n[i] ? -1 : 1;
        }
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

static int by_values(const void *left, const void *right)
{
    const tensor_ref a = *(const tensor_ref *)left;
    const tensor_ref b = *(const tensor_ref *)right;
    const int values = memcmp(a->value_hash, b->value_hash, SVA_DIGEST_BYTES);
    return values != 0 ? values : a < b ? -1 : a > b ? 1 : 0;
}

static int by_hash(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    return a->hash != b->hash       ? (a->hash < b->hash ? -1 : 1)
           : a->tensor != b->tensor ? (a->tensor < b->tensor ? -1 : 1)
                                    : 0;
}

/** An output head that is the embedding is meant to be. */
static bool are_tied(tensor_ref a, tensor_ref b)
{
    return (a->role == SVA_ROLE_EMBED_TOKENS && b->role == SVA_ROLE_OUTPUT_HEAD) ||
           (b->role == SVA_ROLE_EMBED_TOKENS && a->role == SVA_ROLE_OUTPUT_HEAD);
}

static const char *pair_of(struct sva_arena *arena, tensor_ref a, tensor_ref b)
{
    const char *text = sva_arena_printf(arena, "%s, %s", sva_found_text(arena, a->name),
                                        sva_found_text(arena, b->name));
    return text != NULL ? text : "";
}

static void find_equal_tensors(tensor_ref *tensors, size_t count,
                               const struct sva_start_context *context, struct sva_trace_start *out)
{
    const char *first = "";
    qsort(tensors, count, sizeof *tensors, by_values);
    for (size_t i = 0; i + 1 < count; i++) {
        const tensor_ref a = tensors[i];
        const tensor_ref b = tensors[i + 1];
        if (memcmp(a->value_hash, b->value_hash, SVA_DIGEST_BYTES) == 0 && !are_tied(a, b)) {
            first = out->equal_tensor_count == 0 ? pair_of(context->arena, a, b) : first;
            out->equal_tensor_count++;
        }
    }
    if (out->equal_tensor_count > 0) {
        sva_find(context->findings, SVA_FOUND_START_EQUAL_TENSORS, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_number(context->arena, (double)out->equal_tensor_count, 9), first});
    }
}

static bool find_equal_rows(const tensor_ref *tensors, size_t count,
                            const struct sva_start_context *context, struct sva_trace_start *out)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += tensors[i]->row_hash_count;
    }
    struct row *rows = sva_calloc(total, sizeof *rows);
    if (rows == NULL) {
        return false;
    }
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t r = 0; r < tensors[i]->row_hash_count; r++) {
            rows[filled++] = (struct row){tensors[i]->row_hashes[r], tensors[i]};
        }
    }
    const char *first = "";
    qsort(rows, filled, sizeof *rows, by_hash);
    for (size_t i = 0; i + 1 < filled; i++) {
        if (rows[i].hash == rows[i + 1].hash && !are_tied(rows[i].tensor, rows[i + 1].tensor)) {
            first = out->equal_row_count == 0
                        ? pair_of(context->arena, rows[i].tensor, rows[i + 1].tensor)
                        : first;
            out->equal_row_count++;
        }
    }
    sva_free(rows);
    if (out->equal_row_count > 0 && out->equal_tensor_count == 0) {
        sva_find(context->findings, SVA_FOUND_START_EQUAL_ROWS, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_number(context->arena, (double)out->equal_row_count, 9), first});
    }
    return true;
}

/** Correlation of the samples of two tensors of one shape; NAN when there is none. */
static double correlation(tensor_ref a, tensor_ref b, size_t *values)
{
    const size_t n = (size_t)a->samples.rows * a->samples.columns;
    double xx = 0.0;
    double yy = 0.0;
    double xy = 0.0;
    *values = n;
    if (n < 32 || (size_t)b->samples.rows * b->samples.columns != n) {
        return NAN;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = (double)a->samples.values[i] - a->mean;
        const double y = (double)b->samples.values[i] - b->mean;
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    return xx > 0.0 && yy > 0.0 ? xy / sqrt(xx * yy) : NAN;
}

static void find_correlations(tensor_ref *tensors, size_t count, bool fresh,
                              const struct sva_start_context *context, struct sva_trace_start *out)
{
    double largest_z = 0.0;
    tensor_ref pair[2] = {NULL, NULL};
    qsort(tensors, count, sizeof *tensors, by_shape);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count && k <= i + NEIGHBOURS; k++) {
            size_t values = 0;
            const tensor_ref a = tensors[i];
            const tensor_ref b = tensors[k];
            if (a->n[0] != b->n[0] || a->n[1] != b->n[1] || a->n[2] != b->n[2]) {
                break;
            }
            const double rho =
                are_tied(a, b) && memcmp(a->value_hash, b->value_hash, SVA_DIGEST_BYTES) == 0
                    ? NAN
                    : correlation(a, b, &values);
            out->pair_count += isnan(rho) ? 0 : 1;
            if (fabs(rho) * sqrt((double)values) > largest_z) {
                largest_z = fabs(rho) * sqrt((double)values);
                out->largest_correlation = rho;
                pair[0] = a;
                pair[1] = b;
            }
        }
    }
    const double log10_p =
        sva_normal_log10_tail(largest_z) + log10(2.0 * (double)(out->pair_count + 1));
    out->log10_p = pair[0] != NULL && log10_p < 0.0 ? log10_p : 0.0;
    if (out->log10_p < LEAST_LOG10_P && out->equal_tensor_count == 0 && fresh) {
        struct sva_arena *arena = context->arena;
        sva_find(context->findings, SVA_FOUND_START_CORRELATED, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     pair_of(arena, pair[0], pair[1]),
                     sva_found_number(arena, out->largest_correlation, 3),
                     sva_found_number(arena, out->log10_p, 3)});
    }
}

bool sva_start_independence(const struct sva_print *print, const struct sva_start_context *context,
                            struct sva_trace_start *out)
{
    tensor_ref *tensors = sva_calloc(print->tensor_count, sizeof *tensors);
    size_t count = 0;
    if (tensors == NULL) {
        return false;
    }
    for (size_t i = 0; i < print->tensor_count; i++) {
        if (print->tensors[i].inert == SVA_INERT_NONE) {
            tensors[count++] = &print->tensors[i];
        }
    }
    find_equal_tensors(tensors, count, context, out);
    const bool enough = find_equal_rows(tensors, count, context, out);
    find_correlations(tensors, count, sva_is_random_start(print), context, out);
    sva_free(tensors);
    return enough;
}
