/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Tensors that carry no evidence because anyone would compute the same values:
 * sinusoids (position tables, DCT and STFT bases), ramps and anchor grids,
 * one-hot and identity tables, filter banks with contiguous support.
 */
#ifndef SVA_FINGERPRINT_FORMULA_H
#define SVA_FINGERPRINT_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Looks at rows of a matrix (rows x length, row-major, as sampled, unscaled).
 * True when nine rows in ten follow a second-order recurrence
 * x[t+1] + x[t-1] = c x[t] + d to 1% of their energy, or when most values are zero and
 * every row's non-zeros form one run, or when all
 * values are 0, 1 or -1 and fewer than a quarter are not 0.
 * Needs rows >= 4 and length >= 16; otherwise false.
 */
bool sva_rows_follow_formula(const float *rows, size_t row_count, size_t length);

/** The same for one vector: a recurrence to 1e-6 of its energy, or a geometric series. length >= 16. */
bool sva_vector_follows_formula(const float *values, size_t length);

/**
 * Empirical entropy in bits of `count` sampled values times `total / count`.
 * `values` is sorted in place.
 */
double sva_empirical_entropy_bits(float *values, size_t count, uint64_t total);

#endif
