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

#include <sovaudit/model.h>

/**
 * Looks at rows of a matrix (rows x length, row-major, as sampled, unscaled).
 * True when nine rows in ten follow a second-order recurrence
 * x[t+1] + x[t-1] = c x[t] + d to 1% of their energy, or when most values are zero and
 * every row's non-zeros form one run, or when all
 * values are 0, 1 or -1 and fewer than a quarter are not 0.
 * Needs rows >= 4 and length >= 16; otherwise false.
 */
bool sva_rows_follow_formula(const float *rows, size_t row_count, size_t length);

/**
 * The same for one vector: a recurrence to 1e-6 of its energy, or a geometric series, or two one
 * behind the other. length >= 16.
 */
bool sva_vector_follows_formula(const float *values, size_t length);

/**
 * Integers of 32 and 64 bits that span less than 2^24: indices, positions and buckets, which anyone
 * computes alike. Codes that a quantiser packed span all of a word.
 */
bool sva_is_index_table(enum sva_dtype dtype, double lowest, double highest);

/**
 * A short table of no more distinct values than the root of its length: coordinates of a grid.
 * Values are few in trained vectors of 16 bits and in quantised matrices too, which are not meant.
 */
bool sva_is_grid(enum sva_dtype dtype, size_t distinct, uint64_t total);

/**
 * True when neighbouring rows resemble each other more than rows do at random, and
 * neighbouring columns too: such a tensor has no axis whose numbering is arbitrary,
 * as every trained matrix that touches a hidden layer has. z above 8 on both axes;
 * needs 16 rows and columns, at most 64 of each.
 */
bool sva_both_axes_ordered(const float *rows, size_t row_count, size_t length);

/**
 * Empirical entropy in bits of `count` sampled values times `total / count`.
 * `values` is sorted in place.
 */
double sva_empirical_entropy_bits(float *values, size_t count, uint64_t total);

/** Distinct values among `count` sorted values, counted up to `most`. */
size_t sva_distinct_values(const float *sorted, size_t count, size_t most);

#endif
