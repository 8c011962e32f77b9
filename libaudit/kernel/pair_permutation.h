/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Exact permutation tests of what pairs of units have in common (Mantel 1967): units of one side
 * are renumbered, and with them rows and columns of a symmetric matrix together, T(pi) = sum over i
 * < j and features f of S_f[i][j] * R_f[pi(i)][pi(j)]. Integers: exact sums, whatever the order.
 * Sequential stopping as in permutation.h.
 */
#ifndef SVA_KERNEL_PAIR_PERMUTATION_H
#define SVA_KERNEL_PAIR_PERMUTATION_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/draw_tally.h"
#include "kernel/random.h"

enum { SVA_PAIR_UNITS_MOST = 64, SVA_PAIR_FEATURES_MOST = 3 };

/** Two symmetric matrices of `units` units for each feature; diagonals are zero. |value| <= 2047.
 */
struct sva_pair_matrices {
    uint32_t units, features;
    const int16_t *subject[SVA_PAIR_FEATURES_MOST];   /**< [units * units] */
    const int16_t *reference[SVA_PAIR_FEATURES_MOST]; /**< [units * units] */
};

/** Closed-form moments of T under uniform renumberings. */
struct sva_pair_moments {
    double observed, mean, variance;
    double subject_squares, reference_squares; /**< about each feature's mean over pairs */
};

/** units >= 4. */
struct sva_pair_moments sva_pair_moments(const struct sva_pair_matrices *matrices);

/**
 * log10 of the one-sided p of the sum of T over `count` parts, each renumbered on its own: draws
 * until SVA_EXCEEDANCES exceedances (p = 20 / draws so far), else p = (1 + k) / (1 + draws).
 * `tally` counts the draws of the series begun; NULL: not counted.
 */
double sva_pairs_log10_p(const struct sva_pair_matrices *parts, size_t count, uint32_t draws,
                         struct sva_random *random, struct sva_draw_tally *tally);

#endif
