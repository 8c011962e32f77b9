/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/directions.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { BASIS = 8, STEPS = 40, SWEEPS = 12 };

static const double ABOVE_EDGE = 1.25;

/** gram = matrix * matrix^T in double, lanes folded in fixed order. */
static void gram_of(const float *matrix, uint32_t slices, uint32_t length, double *gram)
{
    for (uint32_t a = 0; a < slices; a++) {
        const float *row_a = matrix + (size_t)a * length;
        for (uint32_t b = 0; b <= a; b++) {
            const float *row_b = matrix + (size_t)b * length;
            double lanes[8] = {0.0};
            uint32_t j = 0;
            for (; j + 8 <= length; j += 8) {
                for (uint32_t lane = 0; lane < 8; lane++) {
                    lanes[lane] += (double)row_a[j + lane] * (double)row_b[j + lane];
                }
            }
            for (uint32_t lane = 0; j < length; j++, lane++) {
                lanes[lane] += (double)row_a[j] * (double)row_b[j];
            }
            const double sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                               ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
            gram[(size_t)a * slices + b] = sum;
            gram[(size_t)b * slices + a] = sum;
        }
    }
}

static double dot(const double *a, const double *b, uint32_t count)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

/** Modified Gram-Schmidt; a vector that vanishes becomes zero. */
static void orthonormalise(double *basis, uint32_t vectors, uint32_t count)
{
    for (uint32_t v = 0; v < vectors; v++) {
        double *vector = basis + (size_t)v * count;
        for (uint32_t u = 0; u < v; u++) {
            const double *other = basis + (size_t)u * count;
            const double overlap = dot(vector, other, count);
            for (uint32_t i = 0; i < count; i++) {
                vector[i] -= overlap * other[i];
            }
        }
        const double norm = sqrt(dot(vector, vector, count));
        const double scale = norm > 1e-150 ? 1.0 / norm : 0.0;
        for (uint32_t i = 0; i < count; i++) {
            vector[i] *= scale;
        }
    }
}

enum { TILE = 8 };

/** TILE entries, from `first`, of gram times two vectors; sums stay in registers. */
static void multiply_tile(const double *gram, uint32_t slices, const double *basis,
                          uint32_t first, double *product)
{
    double sums[2][TILE] = {{0.0}};
    const double *row = gram + first;
    for (uint32_t j = 0; j < slices; j++, row += slices) {
        for (uint32_t i = 0; i < TILE; i++) {
            sums[0][i] += row[i] * basis[j];
            sums[1][i] += row[i] * basis[slices + j];
        }
    }
    memcpy(product + first, sums[0], sizeof sums[0]);
    memcpy(product + slices + first, sums[1], sizeof sums[1]);
}

/** gram is symmetric, so that its rows can be added up: each sum has the order of a dot product. */
static void multiply(const double *gram, uint32_t slices, const double *basis, double *product)
{
    for (uint32_t v = 0; v < BASIS; v += 2) {
        const double *pair = basis + (size_t)v * slices;
        double *out = product + (size_t)v * slices;
        uint32_t i = 0;
        for (; i + TILE <= slices; i += TILE) {
            multiply_tile(gram, slices, pair, i, out);
        }
        for (; i < slices; i++) {
            out[i] = dot(gram + (size_t)i * slices, pair, slices);
            out[slices + i] = dot(gram + (size_t)i * slices, pair + slices, slices);
        }
    }
}

/** Cyclic Jacobi of a BASIS x BASIS symmetric matrix; columns of `vectors` are eigenvectors. */
static void jacobi(double *a, double *vectors)
{
    for (uint32_t i = 0; i < BASIS * BASIS; i++) {
        vectors[i] = i % (BASIS + 1) == 0 ? 1.0 : 0.0;
    }
    for (uint32_t sweep = 0; sweep < SWEEPS; sweep++) {
        for (uint32_t p = 0; p + 1 < BASIS; p++) {
            for (uint32_t q = p + 1; q < BASIS; q++) {
                const double off = a[p * BASIS + q];
                if (fabs(off) < 1e-300) {
                    continue;
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
                for (uint32_t k = 0; k < BASIS; k++) {
                    const double pk = a[p * BASIS + k];
                    const double qk = a[q * BASIS + k];
                    a[p * BASIS + k] = c * pk - s * qk;
                    a[q * BASIS + k] = s * pk + c * qk;
                    const double vp = vectors[k * BASIS + p];
                    const double vq = vectors[k * BASIS + q];
                    vectors[k * BASIS + p] = c * vp - s * vq;
                    vectors[k * BASIS + q] = s * vp + c * vq;
                }
            }
        }
    }
}

/** Rotates the basis onto its Ritz vectors, largest value first; values go to `ritz`. */
static void rayleigh_ritz(const double *gram, uint32_t slices, double *basis, double *product,
                          double *ritz)
{
    double small[BASIS * BASIS];
    double rotation[BASIS * BASIS];
    uint32_t order[BASIS];
    multiply(gram, slices, basis, product);
    for (uint32_t u = 0; u < BASIS; u++) {
        order[u] = u;
        for (uint32_t v = 0; v < BASIS; v++) {
            small[u * BASIS + v] =
                dot(basis + (size_t)u * slices, product + (size_t)v * slices, slices);
        }
    }
    jacobi(small, rotation);
    for (uint32_t i = 1; i < BASIS; i++) {
        for (uint32_t j = i; j > 0 && small[order[j] * (BASIS + 1)] >
                                          small[order[j - 1] * (BASIS + 1)];
             j--) {
            const uint32_t swapped = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swapped;
        }
    }
    memset(product, 0, sizeof(double) * BASIS * slices);
    for (uint32_t v = 0; v < BASIS; v++) {
        ritz[v] = small[order[v] * (BASIS + 1)];
        for (uint32_t u = 0; u < BASIS; u++) {
            const double weight = rotation[u * BASIS + order[v]];
            for (uint32_t i = 0; i < slices; i++) {
                product[(size_t)v * slices + i] += weight * basis[(size_t)u * slices + i];
            }
        }
    }
    memcpy(basis, product, sizeof(double) * BASIS * slices);
}

/** A fixed start that no structured matrix is orthogonal to by accident. */
static void start_basis(double *basis, uint32_t slices)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < BASIS * slices; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        basis[i] = (double)(int32_t)(state >> 32) / 2147483648.0;
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

uint32_t sva_leading_directions(const float *matrix, uint32_t slices, uint32_t length,
                                double *scratch, double *directions)
{
    double *gram = scratch;
    double *basis = gram + (size_t)slices * slices;
    double *product = basis + (size_t)BASIS * slices;
    double ritz[BASIS];
    if (slices < 2 || length < 2) {
        return 0;
    }
    gram_of(matrix, slices, length, gram);
    start_basis(basis, slices);
    orthonormalise(basis, BASIS, slices);
    for (uint32_t step = 0; step < STEPS; step++) {
        multiply(gram, slices, basis, product);
        memcpy(basis, product, sizeof(double) * BASIS * slices);
        orthonormalise(basis, BASIS, slices);
    }
    rayleigh_ritz(gram, slices, basis, product, ritz);
    const double edge = ABOVE_EDGE * marchenko_pastur_edge(gram, slices, length);
    uint32_t found = 0;
    while (found < SVA_DIRECTIONS_MAX && ritz[found] > edge && ritz[found] > 0.0) {
        double *direction = directions + (size_t)found * length;
        const double *weights = basis + (size_t)found * slices;
        memset(direction, 0, sizeof(double) * length);
        for (uint32_t i = 0; i < slices; i++) {
            const float *row = matrix + (size_t)i * length;
            for (uint32_t j = 0; j < length; j++) {
                direction[j] += weights[i] * (double)row[j];
            }
        }
        orthonormalise(direction, 1, length);
        found++;
    }
    return found;
}
