/* SPDX-License-Identifier: Apache-2.0 */
/** The loops of symmetric.h, compiled once for each level. */
#ifndef SVA_KERNEL_SYMMETRIC_LOOPS_H
#define SVA_KERNEL_SYMMETRIC_LOOPS_H

#include <math.h>

#include "kernel/eight_lanes.h"
#include "kernel/fold_lanes.h"
#include "kernel/symmetric_levels.h"

/* -- three diagonals ----------------------------------------------------------------------------
 */

enum { ROWS = 4 }; /* of the matrix that share a load of a vector; divides LANES */

static inline double dot(const double *a, const double *b, size_t length)
{
    double sums[LANES];
    lanes sum = lanes_all(0.0);
    for (size_t j = 0; j < length; j += LANES) {
        sum = lanes_add(sum, lanes_multiply(lanes_load(a + j), lanes_load(b + j)));
    }
    lanes_store(sums, sum);
    return sva_fold_lanes(sums);
}

/** A change of rank two, matrix -= v w' + w v', and the vector that the changed one multiplies. */
struct change {
    const double *v, *w, *next;
    double *product;
};

/** a -= v[row] w + w[row] v, elements [at, at + 8) of one row. */
static inline lanes changed(const double *row, size_t at, lanes v_row, lanes w_row, lanes v,
                            lanes w)
{
    const lanes both = lanes_add(lanes_multiply(v_row, w), lanes_multiply(w_row, v));
    return lanes_subtract(lanes_load(row + at), both);
}

/** ROWS rows from `first` on are changed; their share goes to the product. */
static inline void change_rows(double *matrix, size_t stride, size_t first, size_t begin,
                               const struct change *change)
{
    lanes v_row[ROWS], w_row[ROWS], next[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
        v_row[r] = lanes_all(change->v[first + r]);
        w_row[r] = lanes_all(change->w[first + r]);
        next[r] = lanes_all(change->next[first + r]);
    }
    for (size_t j = begin; j < stride; j += LANES) {
        const lanes v = lanes_load(change->v + j);
        const lanes w = lanes_load(change->w + j);
        lanes product = lanes_load(change->product + j);
        for (size_t r = 0; r < ROWS; r++) {
            double *row = matrix + (first + r) * stride;
            const lanes value = changed(row, j, v_row[r], w_row[r], v, w);
            lanes_store(row + j, value);
            product = lanes_add(product, lanes_multiply(next[r], value));
        }
        lanes_store(change->product + j, product);
    }
}

/**
 * The reflection v that leaves one entry of `row` behind place k: that entry, which is returned.
 * v is zero up to k; `half` is v'v / 2, 0 when there is nothing to reflect.
 */
static inline double find_reflection(const double *row, size_t size, size_t stride, size_t k,
                                     double *v, double *half)
{
    memset(v, 0, stride * sizeof *v);
    *half = 0.0;
    if (k + 2 >= size) {
        return k + 1 < size ? row[k + 1] : 0.0;
    }
    memcpy(v + k + 1, row + k + 1, (size - k - 1) * sizeof *v);
    const double entry = v[k + 1];
    const double square = dot(v, v, stride);
    const double length = sqrt(square);
    const double target = entry > 0.0 ? -length : length;
    if (!(square - target * entry > 0.0)) {
        memset(v, 0, stride * sizeof *v);
        return entry;
    }
    *half = square - target * entry;
    v[k + 1] = entry - target;
    return target;
}

/** From the product A v: w of the change A - v w' - w v', which is the reflected matrix. */
static inline void finish_change(const double *v, double half, size_t stride, double *w)
{
    if (!(half > 0.0)) {
        memset(w, 0, stride * sizeof *w);
        return;
    }
    for (size_t j = 0; j < stride; j++) {
        w[j] /= half; /* not times one over it, which would be off by the same everywhere */
    }
    const lanes beta = lanes_all(dot(v, w, stride) / (2.0 * half));
    for (size_t j = 0; j < stride; j += LANES) {
        const lanes less = lanes_multiply(beta, lanes_load(v + j));
        lanes_store(w + j, lanes_subtract(lanes_load(w + j), less));
    }
}

/*
 * Each change is put off until the next reflection is known from the one row that it needs, so that
 * the matrix passes by once a step. Rows up to k are changed on the way where ROWS of them lie
 * together; they are done with and never looked at again.
 */
static void tridiagonalise(double *matrix, uint32_t size, double *diagonal, double *beside,
                           double *scratch)
{
    const size_t stride = sva_symmetric_stride(size);
    double *v = scratch;
    double *w = v + stride;
    double *next = w + stride;
    double *product = next + stride;
    memset(scratch, 0, 2 * stride * sizeof *scratch);
    for (size_t k = 0; k < size; k++) {
        double half;
        double *row = matrix + k * stride;
        for (size_t j = k / LANES * LANES; j < stride; j += LANES) {
            lanes_store(row + j, changed(row, j, lanes_all(v[k]), lanes_all(w[k]),
                                         lanes_load(v + j), lanes_load(w + j)));
        }
        diagonal[k] = row[k];
        beside[k] = find_reflection(row, size, stride, k, next, &half);
        memset(product, 0, stride * sizeof *product);
        const struct change change = {v, w, next, product};
        for (size_t i = (k + 1) / ROWS * ROWS; i < stride; i += ROWS) {
            change_rows(matrix, stride, i, (k + 1) / LANES * LANES, &change);
        }
        finish_change(next, half, stride, product);
        double *const v_done = v;
        double *const w_done = w;
        v = next;
        w = product;
        next = v_done;
        product = w_done;
    }
}

/* -- all above a bound --------------------------------------------------------------------------
 */

/** Elimination of what is left of `count` rows below row k, right of the diagonal only. */
static inline void eliminate(double *rows, size_t stride, size_t count, size_t k)
{
    const double *const pivot = rows + k * stride;
    for (size_t i = k + 1; i < count; i++) {
        double *const row = rows + i * stride;
        const lanes factor = lanes_all(pivot[i] / pivot[k]);
        for (size_t j = i / LANES * LANES; j < count; j += LANES) {
            const lanes less = lanes_multiply(factor, lanes_load(pivot + j));
            lanes_store(row + j, lanes_subtract(lanes_load(row + j), less));
        }
    }
}

static bool eigenvalues_above(const double *matrix, uint32_t size, uint32_t count, double bound,
                              double *scratch)
{
    const size_t stride = sva_symmetric_stride(size);
    memcpy(scratch, matrix, count * stride * sizeof *scratch);
    for (size_t i = 0; i < count; i++) {
        scratch[i * stride + i] -= bound;
    }
    for (size_t k = 0; k < count; k++) {
        if (!(scratch[k * stride + k] > 0.0)) {
            return false;
        }
        eliminate(scratch, stride, count, k);
    }
    return true;
}

#define SVA_SYMMETRIC_LEVEL                                                                        \
    {                                                                                              \
        .tridiagonalise = tridiagonalise, .eigenvalues_above = eigenvalues_above                   \
    }

#endif
