/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Sums of the first four powers, the extremes and the number of finite values of an array that
 * arrives in pieces. Value i of a piece goes to lane i modulo 8, and lanes are folded in a fixed
 * order: the same pieces give the same bits at every level of the processor.
 *
 * Domain: any F32. NaN and infinities count for nothing. Powers are added in F64; the relative
 * error of a sum of n values of one sign is below n / 8 * 2^-53. Tested against long double sums.
 */
#ifndef SVA_KERNEL_MOMENTS_H
#define SVA_KERNEL_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

enum { SVA_MOMENT_LANES = 8 };

struct sva_moments {
    double power[4][SVA_MOMENT_LANES]; /**< sums of x, x^2, x^3, x^4 */
    float minimum[SVA_MOMENT_LANES], maximum[SVA_MOMENT_LANES];
    uint64_t finite_count;
};

/** Nothing added yet: sums of 0, extremes the wrong way round. */
void sva_moments_init(struct sva_moments *moments);

/** Adds a piece. */
void sva_moments_add(struct sva_moments *moments, const float *values, size_t count);

/** The sum of power `exponent` (1 to 4) over all lanes. */
double sva_moments_sum(const struct sva_moments *moments, int exponent);

/** The smallest and the largest finite value; infinities the wrong way round when there was none.
 */
void sva_moments_extremes(const struct sva_moments *moments, float *lowest, float *highest);

#endif
