/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Eigenvalues of symmetric matrices, as far as questions about their sizes need them. A matrix is
 * [stride][stride] doubles, both halves filled and alike; `stride` is its size rounded up to a
 * multiple of 8, what lies beyond the size is zero. Values must be finite.
 *
 * Elements are the lanes of eight_lanes.h and every sum has one order: the same bits on every level
 * (tests/unit/test_symmetric.c). Errors are those of any backward stable method: eigenvalues move
 * by no more than about size * 2^-53 times the largest.
 */
#ifndef SVA_KERNEL_SYMMETRIC_H
#define SVA_KERNEL_SYMMETRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** `size` rounded up to whole lanes. */
static inline size_t sva_symmetric_stride(uint32_t size)
{
    return ((size_t)size + 7) / 8 * 8;
}

/**
 * Three diagonals of the same eigenvalues (Householder): diagonal[size]; beside[size], of which
 * beside[i] lies between i and i + 1 and the last is 0. The matrix is destroyed. `scratch`:
 * [4 * stride].
 */
void sva_tridiagonalise(double *matrix, uint32_t size, double *diagonal, double *beside,
                        double *scratch);

/**
 * Do all eigenvalues of the matrix's first `count` rows and columns lie above `bound`? Asks whether
 * what is left has pivots above zero only (Sylvester's law of inertia). `scratch`: [count *
 * stride].
 */
bool sva_eigenvalues_above(const double *matrix, uint32_t size, uint32_t count, double bound,
                           double *scratch);

#endif
