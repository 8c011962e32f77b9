/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The method of directions.h, compiled once for each level.
 *
 * A basis is eight vectors side by side, [slices][BASIS], so that a row of it is one set of lanes:
 * vectors are the lanes, and each sum over the slices has the order of a plain loop.
 */
#ifndef SVA_KERNEL_DIRECTIONS_LOOPS_H
#define SVA_KERNEL_DIRECTIONS_LOOPS_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/directions_levels.h"
#include "kernel/pair_dots.h"

enum { BASIS = LANES, STEPS = 40, SWEEPS = 12, ROWS = 2 * TILE, PANEL = 4 };

static const double ABOVE_EDGE = 1.25;
static const double MOVED_MOST = 1e-6; /* a step of what is stored is 1/127 of a vector's largest */

/** What brings a vector to unit length; one that vanishes becomes zero. */
static double unit_scale(double squares)
{
    const double norm = sqrt(squares);
    return norm > 1e-150 ? 1.0 / norm : 0.0;
}

/** Vector u to unit length; what it has in common with each vector goes to `overlaps`. */
static void finish_vector(double *basis, uint32_t count, uint32_t u, double squares,
                          double overlaps[BASIS])
{
    const double scale = unit_scale(squares);
    double scales[BASIS] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    scales[u] = scale;
    const lanes all_scales = lanes_load(scales);
    lanes sums = lanes_all(0.0);
    for (uint32_t i = 0; i < count; i++) {
        double *const row = basis + (size_t)i * BASIS;
        const double own = row[u] * scale;
        const lanes scaled = lanes_multiply(lanes_load(row), all_scales);
        sums = lanes_add(sums, lanes_multiply(scaled, lanes_all(own)));
        lanes_store(row, scaled);
    }
    lanes_store(overlaps, sums);
}

/**
 * Modified Gram-Schmidt. As soon as a vector is done it is taken off all later ones, which is the
 * order that each of them would see if it were made alone.
 */
static void orthonormalise(double *basis, uint32_t count)
{
    double squares = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        squares += basis[(size_t)i * BASIS] * basis[(size_t)i * BASIS];
    }
    for (uint32_t u = 0; u < BASIS; u++) {
        double overlaps[BASIS];
        finish_vector(basis, count, u, squares, overlaps);
        memset(overlaps, 0, (u + 1) * sizeof *overlaps);
        const lanes later = lanes_load(overlaps);
        squares = 0.0;
        for (uint32_t i = 0; u + 1 < BASIS && i < count; i++) {
            double *const row = basis + (size_t)i * BASIS;
            /* the next vector's own again, so that no load waits for the store of eight */
            const double next = row[u + 1] - overlaps[u + 1] * row[u];
            const lanes part = lanes_multiply(later, lanes_all(row[u]));
            lanes_store(row, lanes_subtract(lanes_load(row), part));
            squares += next * next;
        }
    }
}

/** product = gram * basis, ROWS rows at once. gram is symmetric: its rows are its columns. */
static void multiply(const double *gram, uint32_t slices, const double *basis, double *product)
{
    uint32_t i = 0;
    for (; i + ROWS <= slices; i += ROWS) {
        lanes sums[ROWS];
        for (int r = 0; r < ROWS; r++) {
            sums[r] = lanes_all(0.0);
        }
        for (uint32_t j = 0; j < slices; j++) {
            const double *column = gram + (size_t)j * slices + i;
            const lanes row = lanes_load(basis + (size_t)j * BASIS);
            for (int r = 0; r < ROWS; r++) {
                sums[r] = lanes_add(sums[r], lanes_multiply(row, lanes_all(column[r])));
            }
        }
        for (int r = 0; r < ROWS; r++) {
            lanes_store(product + (i + (uint32_t)r) * (size_t)BASIS, sums[r]);
        }
    }
    for (; i < slices; i++) {
        lanes sum = lanes_all(0.0);
        for (uint32_t j = 0; j < slices; j++) {
            const lanes row = lanes_load(basis + (size_t)j * BASIS);
            sum = lanes_add(sum, lanes_multiply(row, lanes_all(gram[(size_t)i * slices + j])));
        }
        lanes_store(product + (size_t)i * BASIS, sum);
    }
}

/** Turns a and the vectors' rows in the plane of axes p and q, so that a[p][q] vanishes. */
static void rotate(double *a, double *vectors, uint32_t p, uint32_t q)
{
    const double off = a[p * BASIS + q];
    if (fabs(off) < 1e-300) {
        return;
    }
    const double theta = (a[q * BASIS + q] - a[p * BASIS + p]) / (2.0 * off);
    const double sign = theta >= 0.0 ? 1.0 : -1.0;
    const double t = sign / (fabs(theta) + sqrt(theta * theta + 1.0));
    const double c = 1.0 / sqrt(t * t + 1.0);
    const double s = t * c;
    for (uint32_t k = 0; k < BASIS; k++) {
        const double kp = a[k * BASIS + p];
        const double kq = a[k * BASIS + q];
        a[k * BASIS + p] = c * kp - s * kq;
        a[k * BASIS + q] = s * kp + c * kq;
    }
    double *const pairs[2] = {a, vectors};
    const lanes cosine = lanes_all(c);
    const lanes sine = lanes_all(s);
    for (int m = 0; m < 2; m++) {
        const lanes pk = lanes_load(pairs[m] + (size_t)p * BASIS);
        const lanes qk = lanes_load(pairs[m] + (size_t)q * BASIS);
        lanes_store(pairs[m] + (size_t)p * BASIS,
                    lanes_subtract(lanes_multiply(cosine, pk), lanes_multiply(sine, qk)));
        lanes_store(pairs[m] + (size_t)q * BASIS,
                    lanes_add(lanes_multiply(sine, pk), lanes_multiply(cosine, qk)));
    }
}

/** Cyclic Jacobi of a BASIS x BASIS symmetric matrix; rows of `vectors` are eigenvectors. */
static void jacobi(double *a, double *vectors)
{
    for (uint32_t i = 0; i < BASIS * BASIS; i++) {
        vectors[i] = i % (BASIS + 1) == 0 ? 1.0 : 0.0;
    }
    for (uint32_t sweep = 0; sweep < SWEEPS; sweep++) {
        for (uint32_t p = 0; p + 1 < BASIS; p++) {
            for (uint32_t q = p + 1; q < BASIS; q++) {
                rotate(a, vectors, p, q);
            }
        }
    }
}

/** small[u][v] = vector u of the basis . vector v of the product. */
static void project_gram(const double *basis, const double *product, uint32_t slices,
                         double small[BASIS * BASIS])
{
    lanes sums[BASIS];
    for (int u = 0; u < BASIS; u++) {
        sums[u] = lanes_all(0.0);
    }
    for (uint32_t i = 0; i < slices; i++) {
        const lanes row = lanes_load(product + (size_t)i * BASIS);
        for (int u = 0; u < BASIS; u++) {
            const lanes other = lanes_all(basis[(size_t)i * BASIS + (size_t)u]);
            sums[u] = lanes_add(sums[u], lanes_multiply(other, row));
        }
    }
    for (int u = 0; u < BASIS; u++) {
        lanes_store(small + u * BASIS, sums[u]);
    }
}

/** Rotates the basis onto its Ritz vectors, largest value first; values go to `ritz`. */
static void rayleigh_ritz(const double *gram, uint32_t slices, double *basis, double *product,
                          double *ritz)
{
    double small[BASIS * BASIS];
    double rotation[BASIS * BASIS];
    double weights[BASIS * BASIS]; /* of the old vectors, [old][new] */
    uint32_t order[BASIS] = {0, 1, 2, 3, 4, 5, 6, 7};
    multiply(gram, slices, basis, product);
    project_gram(basis, product, slices, small);
    jacobi(small, rotation);
    for (uint32_t i = 1; i < BASIS; i++) {
        for (uint32_t j = i;
             j > 0 && small[order[j] * (BASIS + 1)] > small[order[j - 1] * (BASIS + 1)]; j--) {
            const uint32_t swapped = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swapped;
        }
    }
    for (uint32_t v = 0; v < BASIS; v++) {
        ritz[v] = small[order[v] * (BASIS + 1)];
        for (uint32_t u = 0; u < BASIS; u++) {
            weights[u * BASIS + v] = rotation[order[v] * BASIS + u];
        }
    }
    for (uint32_t i = 0; i < slices; i++) {
        double *row = basis + (size_t)i * BASIS;
        lanes sum = lanes_all(0.0);
        for (uint32_t u = 0; u < BASIS; u++) {
            const lanes part =
                lanes_multiply(lanes_load(weights + (size_t)u * BASIS), lanes_all(row[u]));
            sum = lanes_add(sum, part);
        }
        lanes_store(row, sum);
    }
}

/** A fixed start that no structured matrix is orthogonal to by accident. */
static void start_basis(double *basis, uint32_t slices)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (uint32_t v = 0; v < BASIS; v++) {
        for (uint32_t i = 0; i < slices; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            basis[(size_t)i * BASIS + v] = (double)(int32_t)(state >> 32) / 2147483648.0;
        }
    }
}

static double marchenko_pastur_edge(const double *gram, uint32_t slices, uint32_t length)
{
    double total = 0.0;
    for (uint32_t i = 0; i < slices; i++) {
        total += gram[(size_t)i * slices + i];
    }
    const double variance = total / ((double)slices * (double)length);
    const double root = sqrt((double)slices) + sqrt((double)length);
    return variance * root * root;
}

/** matrix^T times vector v of the basis, of unit length. */
static void take_direction(const float *matrix, uint32_t slices, uint32_t length,
                           const double *basis, uint32_t v, double *direction)
{
    double squares = 0.0;
    memset(direction, 0, sizeof(double) * length);
    for (uint32_t i = 0; i < slices; i++) {
        const float *row = matrix + (size_t)i * length;
        const double weight = basis[(size_t)i * BASIS + v];
        for (uint32_t j = 0; j < length; j++) {
            direction[j] += weight * (double)row[j];
        }
    }
    for (uint32_t j = 0; j < length; j++) {
        squares += direction[j] * direction[j];
    }
    const double scale = unit_scale(squares);
    for (uint32_t j = 0; j < length; j++) {
        direction[j] *= scale;
    }
}

/** row -= factor * pivot row for each of the pivot rows in turn, from the lanes that hold `first`.
 */
static void take_off(double *row, const double *pivot_rows, const double *factors, uint32_t count,
                     uint32_t first, uint32_t slices)
{
    uint32_t j = first / LANES * LANES;
    for (; j + LANES <= slices; j += LANES) {
        lanes values = lanes_load(row + j);
        for (uint32_t p = 0; p < count; p++) {
            const lanes pivots = lanes_load(pivot_rows + (size_t)p * slices + j);
            values = lanes_subtract(values, lanes_multiply(lanes_all(factors[p]), pivots));
        }
        lanes_store(row + j, values);
    }
    for (; j < slices; j++) {
        for (uint32_t p = 0; p < count; p++) {
            row[j] -= factors[p] * pivot_rows[(size_t)p * slices + j];
        }
    }
}

/**
 * Eigenvalues of the Gram matrix above the edge, as the positive pivots of gram - edge I
 * (Sylvester's law of inertia); UINT32_MAX where a pivot vanishes. Only the upper half of `work`
 * is kept up, by PANEL rows of pivots at a time.
 */
static uint32_t count_above(const double *gram, uint32_t slices, double edge, double *work)
{
    uint32_t above = 0;
    memcpy(work, gram, (size_t)slices * slices * sizeof *work);
    for (uint32_t k = 0; k < slices; k++) {
        work[(size_t)k * (slices + 1)] -= edge;
    }
    for (uint32_t k = 0; k < slices; k += PANEL) {
        const double *const panel = work + (size_t)k * slices;
        const uint32_t rows = slices - k < PANEL ? slices - k : PANEL;
        for (uint32_t i = k; i < slices; i++) {
            const uint32_t before = i - k < rows ? i - k : rows;
            double factors[PANEL];
            for (uint32_t p = 0; p < before; p++) {
                const double *const pivots = panel + (size_t)p * slices;
                factors[p] = pivots[i] / pivots[k + p];
            }
            take_off(work + (size_t)i * slices, panel, factors, before, i, slices);
            const double pivot = work[(size_t)i * (slices + 1)];
            if (i < k + rows && !(fabs(pivot) > 1e-12 * edge)) {
                return UINT32_MAX;
            }
            above += i < k + rows && pivot > 0.0 ? 1 : 0;
        }
    }
    return above;
}

/** Did the last step leave the first `count` vectors where they were? */
static bool is_settled(const double *basis, const double *before, uint32_t slices, uint32_t count)
{
    lanes sums = lanes_all(0.0);
    for (uint32_t i = 0; i < slices; i++) {
        const size_t at = (size_t)i * BASIS;
        const lanes moved = lanes_subtract(lanes_load(basis + at), lanes_load(before + at));
        sums = lanes_add(sums, lanes_multiply(moved, moved));
    }
    double squares[BASIS];
    lanes_store(squares, sums);
    for (uint32_t v = 0; v < count; v++) {
        if (!(squares[v] <= MOVED_MOST * MOVED_MOST)) {
            return false;
        }
    }
    return true;
}

static uint32_t find_directions(const float *matrix, uint32_t slices, uint32_t length,
                                double *scratch, double *directions)
{
    double *gram = scratch;
    double *basis = gram + (size_t)slices * slices;
    double *product = basis + (size_t)BASIS * slices;
    double ritz[BASIS];
    if (slices < 2 || length < 2) {
        return 0;
    }
    pair_dots(matrix, slices, length, gram);
    const double edge = ABOVE_EDGE * marchenko_pastur_edge(gram, slices, length);
    const uint32_t above = count_above(gram, slices, edge, product + (size_t)BASIS * slices);
    const uint32_t wanted = above < SVA_DIRECTIONS_MAX ? above : SVA_DIRECTIONS_MAX;
    if (wanted == 0) {
        return 0;
    }
    start_basis(basis, slices);
    orthonormalise(basis, slices);
    bool settled = false;
    for (uint32_t step = 0; step < STEPS && !settled; step++) {
        double *const before = basis;
        multiply(gram, slices, basis, product);
        basis = product;
        product = before;
        orthonormalise(basis, slices);
        settled = is_settled(basis, before, slices, wanted);
    }
    rayleigh_ritz(gram, slices, basis, product, ritz);
    uint32_t found = 0;
    while (found < SVA_DIRECTIONS_MAX && ritz[found] > edge && ritz[found] > 0.0) {
        take_direction(matrix, slices, length, basis, found, directions + (size_t)found * length);
        found++;
    }
    return found;
}

#endif
