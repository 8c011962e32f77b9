/* SPDX-License-Identifier: Apache-2.0 */
/** The loops of ordered_sums.h, compiled once for each level. */
#ifndef SVA_KERNEL_ORDERED_SUMS_LOOPS_H
#define SVA_KERNEL_ORDERED_SUMS_LOOPS_H

#include <stdbool.h>

#include "kernel/float_bits.h"
#include "kernel/ordered_sums_levels.h"
#include "kernel/pair_dots.h"

/* -- along rows: eight rows are the lanes -------------------------------------------------------
 */

enum row_sum { ROW_SUM, ROW_SQUARES, ROW_DOTS };

/* `what` is a constant where this is called. A square of a float is exact, other products are not.
 */
static inline lanes add_term(lanes sum, lanes value, enum row_sum what, lanes factor)
{
    switch (what) {
    case ROW_SQUARES: return lanes_add_exact(sum, value, value);
    case ROW_DOTS: return lanes_add(sum, lanes_multiply(value, factor));
    default: return lanes_add(sum, value);
    }
}

static inline double one_term(float value, enum row_sum what, double factor)
{
    switch (what) {
    case ROW_SQUARES: return (double)value * (double)value;
    case ROW_DOTS: return (double)value * factor;
    default: return (double)value;
    }
}

static inline void sum_eight(const float *const rows[LANES], size_t length, enum row_sum what,
                             const double *vector, double sums[LANES])
{
    lanes sum = lanes_all(0.0);
    size_t j = 0;
    for (; j + LANES <= length; j += LANES) {
        lanes turned[LANES];
        lanes_turn(rows, j, turned);
        for (size_t k = 0; k < LANES; k++) {
            const double factor = what == ROW_DOTS ? vector[j + k] : 0.0;
            sum = add_term(sum, turned[k], what, lanes_all(factor));
        }
    }
    lanes_store(sums, sum);
    for (; j < length; j++) {
        for (size_t r = 0; r < LANES; r++) {
            sums[r] += one_term(rows[r][j], what, what == ROW_DOTS ? vector[j] : 0.0);
        }
    }
}

static inline void sum_rows(const float *rows, size_t count, size_t length, enum row_sum what,
                            const double *vector, double *sums)
{
    for (size_t i = 0; i < count; i += LANES) {
        const float *eight[LANES];
        double part[LANES];
        for (size_t r = 0; r < LANES; r++) { /* past the end: the last row again */
            eight[r] = rows + (i + r < count ? i + r : count - 1) * length;
        }
        sum_eight(eight, length, what, vector, part);
        memcpy(sums + i, part, (count - i < LANES ? count - i : LANES) * sizeof *sums);
    }
}

static void row_sums(const float *rows, size_t count, size_t length, double *sums)
{
    sum_rows(rows, count, length, ROW_SUM, NULL, sums);
}

static void row_squares(const float *rows, size_t count, size_t length, double *sums)
{
    sum_rows(rows, count, length, ROW_SQUARES, NULL, sums);
}

static void row_dots(const float *rows, size_t count, size_t length, const double *vector,
                     double *dots)
{
    sum_rows(rows, count, length, ROW_DOTS, vector, dots);
}

/* -- products with something that lies the other way: its columns are the lanes ------------------
 */

/* UNITS * SETS sums stay in registers. */
enum {
    UNITS = 2 * TILE,
    SETS = TILE == 4 ? 2 : 1,
    STRETCH = 128 /**< positions whose rows are made doubles at a time */
};

/** UNITS rows with SETS * LANES columns of `turned`. */
static inline void mark_tile(const float *const rows[UNITS], size_t length, const float *turned,
                             size_t marks, size_t sets, lanes sums[UNITS][SETS])
{
    for (int u = 0; u < UNITS; u++) {
        for (size_t s = 0; s < sets; s++) {
            sums[u][s] = lanes_all(0.0);
        }
    }
    for (size_t first = 0; first < length; first += STRETCH) {
        const size_t step = length - first < STRETCH ? length - first : STRETCH;
        double values[UNITS][STRETCH];
        for (int u = 0; u < UNITS; u++) {
            for (size_t j = 0; j < step; j++) {
                values[u][j] = (double)rows[u][first + j];
            }
        }
        for (size_t j = 0; j < step; j++) {
            lanes column[SETS];
            for (size_t s = 0; s < sets; s++) {
                column[s] = lanes_load_floats(turned + (first + j) * marks + s * LANES);
            }
            for (int u = 0; u < UNITS; u++) {
                for (size_t s = 0; s < sets; s++) {
                    sums[u][s] = lanes_add_exact(sums[u][s], lanes_all(values[u][j]), column[s]);
                }
            }
        }
    }
}

static void mark_dots(const float *rows, size_t count, size_t length, const float *turned,
                      size_t marks, double *dots)
{
    for (size_t i = 0; i < count; i += UNITS) {
        const float *some[UNITS];
        for (size_t u = 0; u < UNITS; u++) {
            some[u] = rows + (i + u < count ? i + u : count - 1) * length;
        }
        for (size_t k = 0; k < marks; k += SETS * LANES) {
            lanes sums[UNITS][SETS];
            const size_t sets = marks - k < SETS * LANES ? 1 : SETS;
            if (sets == SETS) { /* a constant, so that sums stay in registers */
                mark_tile(some, length, turned + k, marks, SETS, sums);
            } else {
                mark_tile(some, length, turned + k, marks, 1, sums);
            }
            for (size_t u = 0; u < UNITS && i + u < count; u++) {
                for (size_t s = 0; s < sets; s++) {
                    lanes_store(dots + (i + u) * marks + k + s * LANES, sums[u][s]);
                }
            }
        }
    }
}

/** UNITS columns from `first` on with SETS * LANES columns from `other` on. */
static inline void turned_tile(const double *turned, size_t count, size_t length, size_t first,
                               size_t other, size_t sets, lanes sums[UNITS][SETS])
{
    for (int u = 0; u < UNITS; u++) {
        for (size_t s = 0; s < sets; s++) {
            sums[u][s] = lanes_all(0.0);
        }
    }
    for (size_t j = 0; j < length; j++) {
        const double *const row = turned + j * count;
        lanes others[SETS];
        for (size_t s = 0; s < sets; s++) {
            others[s] = lanes_load(row + other + s * LANES);
        }
        for (size_t u = 0; u < UNITS; u++) {
            const lanes value = lanes_all(row[first + u]);
            for (size_t s = 0; s < sets; s++) {
                sums[u][s] = lanes_add(sums[u][s], lanes_multiply(value, others[s]));
            }
        }
    }
}

static void turned_dots(const double *turned, size_t count, size_t length, double *dots)
{
    for (size_t i = 0; i < count; i += UNITS) {
        for (size_t k = i / LANES * LANES; k < count; k += SETS * LANES) {
            lanes sums[UNITS][SETS];
            const size_t sets = count - k < SETS * LANES ? 1 : SETS;
            if (sets == SETS) { /* a constant, so that sums stay in registers */
                turned_tile(turned, count, length, i, k, SETS, sums);
            } else {
                turned_tile(turned, count, length, i, k, 1, sums);
            }
            for (size_t u = 0; u < UNITS; u++) {
                for (size_t s = 0; s < sets; s++) {
                    lanes_store(dots + (i + u) * count + k + s * LANES, sums[u][s]);
                }
            }
        }
    }
}

static void every_pair_dots(const float *rows, uint32_t count, size_t length, double *dots)
{
    pair_dots(rows, count, length, dots);
}

/** Positions [first, first + 8) with their gain. */
static inline lanes gained(const float *values, const float *gain)
{
    const lanes read = lanes_load_floats(values);
    return gain == NULL ? read : lanes_multiply(read, lanes_load_floats(gain));
}

static void gained_moments(const float *values, const float *gain, size_t length, double sums[8],
                           double squares[8])
{
    lanes sum = lanes_load(sums);
    lanes square = lanes_load(squares);
    size_t j = 0;
    for (; j + LANES <= length; j += LANES) {
        const lanes value = gained(values + j, gain == NULL ? NULL : gain + j);
        square = lanes_add(square, lanes_multiply(value, value));
        sum = lanes_add(sum, value);
    }
    lanes_store(sums, sum);
    lanes_store(squares, square);
    for (size_t lane = 0; j < length; j++, lane++) {
        const double value = (double)values[j] * (gain == NULL ? 1.0 : (double)gain[j]);
        squares[lane] += value * value;
        sums[lane] += value;
    }
}

/* -- column by column: compilers see the lanes --------------------------------------------------
 */

static void clear_special(float *restrict values, size_t count)
{
    for (size_t j = 0; j < count; j++) {
        const uint32_t bits = sva_bits_of_float(values[j]);
        values[j] = sva_float_of_bits((bits & 0x7F800000U) == 0x7F800000U ? 0 : bits);
    }
}

static void add_rows(const float *restrict rows, size_t count, size_t length, double *restrict sums)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            sums[j] += (double)rows[i * length + j];
        }
    }
}

static void add_squares(const float *restrict rows, size_t count, size_t length,
                        double *restrict sums)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            sums[j] += (double)rows[i * length + j] * (double)rows[i * length + j];
        }
    }
}

static void add_apart(const float *restrict rows, size_t count, size_t length,
                      const double *restrict means, double *restrict sums)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            const double apart = (double)rows[i * length + j] - means[j];
            sums[j] += apart * apart;
        }
    }
}

static void add_signed(const float *restrict row, size_t length, double sign, double *restrict sums)
{
    for (size_t j = 0; j < length; j++) {
        sums[j] += sign * (double)row[j];
    }
}

static void scale_row(float *restrict row, size_t length, double scale)
{
    for (size_t j = 0; j < length; j++) {
        row[j] = (float)((double)row[j] * scale);
    }
}

static void scale_columns(float *restrict rows, size_t count, size_t length,
                          const double *restrict scales)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            rows[i * length + j] = (float)((double)rows[i * length + j] * scales[j]);
        }
    }
}

static void standardise(float *restrict rows, size_t count, size_t length,
                        const double *restrict means, const double *restrict scales)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            const double apart = (double)rows[i * length + j] - means[j];
            rows[i * length + j] = (float)(apart * scales[j]);
        }
    }
}

static void take_mean(float *restrict row, size_t length, float mean)
{
    for (size_t j = 0; j < length; j++) {
        row[j] -= mean;
    }
}

static void take_means(float *restrict rows, size_t count, size_t length,
                       const float *restrict means)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < length; j++) {
            rows[i * length + j] -= means[j];
        }
    }
}

#define SVA_SUMS_LEVEL                                                                             \
    {                                                                                              \
        .clear_special = clear_special, .row_sums = row_sums, .row_squares = row_squares,          \
        .row_dots = row_dots, .pair_dots = every_pair_dots, .mark_dots = mark_dots,                \
        .turned_dots = turned_dots, .gained_moments = gained_moments, .add_rows = add_rows,        \
        .add_squares = add_squares, .add_apart = add_apart, .add_signed = add_signed,              \
        .scale_row = scale_row, .scale_columns = scale_columns, .standardise = standardise,        \
        .take_mean = take_mean, .take_means = take_means                                           \
    }

#endif
