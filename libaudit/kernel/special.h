/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Tail probabilities in logarithms, Fisher's combination, and the power of a
 * blocked permutation test. Pure functions of their arguments.
 */
#ifndef SVA_KERNEL_SPECIAL_H
#define SVA_KERNEL_SPECIAL_H

#include <stddef.h>
#include <stdint.h>

enum { SVA_BLOCKS_MAX = 64 }; /**< most blocks that sva_power_shift handles */

/** log10 P(Z >= z) for a standard normal Z; accurate for any finite z. */
double sva_normal_log10_tail(double z);

/**
 * Fisher's combination of `count` independent p-values given as log10: log10 of
 * P(chi2 with 2*count degrees >= -2 sum ln p). Closed form for even degrees.
 */
double sva_fisher_log10(const double *log10_p, size_t count);

/** The same for equal p: what `count` blocks at log10_p each would give. */
double sva_fisher_log10_floor(double log10_p, size_t count);

/**
 * Mean shift (in standard deviations, per block) at which Fisher's combination
 * of `blocks` one-sided tests, each with smallest possible p `log10_floor`,
 * falls to `log10_alpha` or below with probability `power`. Block statistics
 * are taken as normal with unit variance. NAN when no shift reaches it.
 * Numerical: the distribution of -ln p is put on a grid of step 1/16, rounded
 * down (conservative), and convolved.
 */
double sva_power_shift(uint32_t blocks, double log10_floor, double log10_alpha, double power);

/** Inverse of the normal distribution function, |error| < 1e-8 (bisection), 0 < p < 1. */
double sva_normal_quantile(double p);

#endif
