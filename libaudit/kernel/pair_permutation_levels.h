/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The statistic of one part of SVA_PAIR_UNITS_WIDE units, for levels of the processor that shuffle
 * a whole row at once; chosen in pair_permutation.c, whose plain loop is the reference for them.
 */
#ifndef SVA_KERNEL_PAIR_PERMUTATION_LEVELS_H
#define SVA_KERNEL_PAIR_PERMUTATION_LEVELS_H

#include <stdint.h>

enum { SVA_PAIR_UNITS_WIDE = 32 };

/**
 * sum over i and j of subject[i][j] * reference[order[i]][order[j]]: twice the statistic where both
 * are symmetric with a diagonal of zeros. |value| <= 2047, so that lanes of 32 bits hold it.
 */
typedef int64_t sva_wide_pair_sum(const int16_t *subject, const int16_t *reference,
                                  const uint32_t *order);

extern sva_wide_pair_sum *const sva_pair_sum_avx2;
extern sva_wide_pair_sum *const sva_pair_sum_avx512;

#endif
