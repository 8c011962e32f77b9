/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Sums of doubles over rows and columns of floats. Each has the order of the plain loop that its
 * comment shows; what is done at once are different sums, so that every level of the processor
 * gives the same bits. Nothing here allocates or looks at values: infinities and NaN go through as
 * they do in plain loops, and sva_sums_level()->clear_special takes them out beforehand.
 *
 * `rows` is [count][length], one row behind the other. Tested against the plain loops on each level
 * (tests/unit/test_ordered_sums.c).
 */
#ifndef SVA_KERNEL_ORDERED_SUMS_H
#define SVA_KERNEL_ORDERED_SUMS_H

#include <stddef.h>
#include <stdint.h>

struct sva_sums_level {
    /** What is infinite or not a number becomes 0. */
    void (*clear_special)(float *values, size_t count);

    /** sums[i] = sum over j of rows[i][j] */
    void (*row_sums)(const float *rows, size_t count, size_t length, double *sums);
    /** sums[i] = sum over j of rows[i][j]^2 */
    void (*row_squares)(const float *rows, size_t count, size_t length, double *sums);
    /** dots[i] = sum over j of rows[i][j] * vector[j] */
    void (*row_dots)(const float *rows, size_t count, size_t length, const double *vector,
                     double *dots);
    /**
     * dots[i * count + k] = row i . row k, in eight sums of every eighth j, folded as
     * ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)).
     */
    void (*pair_dots)(const float *rows, uint32_t count, size_t length, double *dots);
    /**
     * dots[i * marks + k] = sum over j of rows[i][j] * turned[j][k]; `marks` is a multiple of 8 and
     * `turned` [length][marks].
     */
    void (*mark_dots)(const float *rows, size_t count, size_t length, const float *turned,
                      size_t marks, double *dots);
    /**
     * dots[i * count + k] for k >= i = sum over j of turned[j][i] * turned[j][k]; `count` is a
     * multiple of 8.
     */
    void (*turned_dots)(const double *turned, size_t count, size_t length, double *dots);
    /**
     * Sums of values[j] * gain[j] and of their squares, every eighth j in one of eight places;
     * without a gain of the values. Adds to what is there.
     */
    void (*gained_moments)(const float *values, const float *gain, size_t length, double sums[8],
                           double squares[8]);

    /** sums[j] += sum over i of rows[i][j] */
    void (*add_rows)(const float *rows, size_t count, size_t length, double *sums);
    /** sums[j] += sum over i of rows[i][j]^2 */
    void (*add_squares)(const float *rows, size_t count, size_t length, double *sums);
    /** sums[j] += sum over i of (rows[i][j] - means[j])^2 */
    void (*add_apart)(const float *rows, size_t count, size_t length, const double *means,
                      double *sums);
    /** sums[j] += sign * row[j], sign 1 or -1 */
    void (*add_signed)(const float *row, size_t length, double sign, double *sums);

    /** row[j] = row[j] * scale, rounded to a float once */
    void (*scale_row)(float *row, size_t length, double scale);
    /** rows[i][j] = rows[i][j] * scales[j], rounded to a float once */
    void (*scale_columns)(float *rows, size_t count, size_t length, const double *scales);
    /** rows[i][j] = (rows[i][j] - means[j]) * scales[j], rounded to a float once */
    void (*standardise)(float *rows, size_t count, size_t length, const double *means,
                        const double *scales);
    /** row[j] -= mean */
    void (*take_mean)(float *row, size_t length, float mean);
    /** rows[i][j] -= means[j] */
    void (*take_means)(float *rows, size_t count, size_t length, const float *means);
};

/** The level that base/cpu.h says. */
const struct sva_sums_level *sva_sums_level(void);

#endif
