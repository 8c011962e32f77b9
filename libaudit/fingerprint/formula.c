/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/formula.h"

#include <math.h>
#include <stdlib.h>

/**
 * Share of the energy of y[t] = x[t+1] + x[t-1] - mean that the best c x[t] + d
 * leaves unexplained. A sampled sinusoid of any frequency, a ramp and a
 * constant leave nothing; noise leaves about everything.
 */
static double recurrence_residual(const float *x, size_t length)
{
    const double n = (double)(length - 2);
    double sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0, syy = 0.0;
    for (size_t t = 1; t + 1 < length; t++) {
        const double y = (double)x[t + 1] + (double)x[t - 1];
        const double v = (double)x[t];
        sx += v;
        sy += y;
        sxx += v * v;
        sxy += v * y;
        syy += y * y;
    }
    const double vxx = sxx - sx * sx / n;
    const double vxy = sxy - sx * sy / n;
    const double vyy = syy - sy * sy / n;
    if (!(vyy > 0.0)) {
        return 0.0;
    }
    const double explained = vxx > 0.0 ? vxy * vxy / vxx : 0.0;
    return (vyy - explained) / vyy;
}

static bool is_zero_row(const float *row, size_t length)
{
    for (size_t j = 0; j < length; j++) {
        if (row[j] != 0.0f) {
            return false;
        }
    }
    return true;
}

static bool rows_recur(const float *rows, size_t row_count, size_t length)
{
    size_t looked = 0;
    size_t recurring = 0;
    for (size_t i = 0; i < row_count; i++) {
        const float *row = rows + i * length;
        if (!is_zero_row(row, length)) {
            looked++;
            recurring += recurrence_residual(row, length) < 0.01 ? 1 : 0;
        }
    }
    return looked >= 4 && recurring * 10 >= looked * 9;
}

/** Number of maximal runs of non-zeros in a row. */
static size_t run_count(const float *row, size_t length)
{
    size_t runs = 0;
    for (size_t j = 0; j < length; j++) {
        if (row[j] != 0.0f && (j == 0 || row[j - 1] == 0.0f)) {
            runs++;
        }
    }
    return runs;
}

static bool rows_are_filter_bank(const float *rows, size_t row_count, size_t length)
{
    size_t zeros = 0;
    size_t filled = 0;
    for (size_t i = 0; i < row_count; i++) {
        const float *row = rows + i * length;
        const size_t runs = run_count(row, length);
        if (runs > 1) {
            return false;
        }
        filled += runs;
        for (size_t j = 0; j < length; j++) {
            zeros += row[j] == 0.0f ? 1 : 0;
        }
    }
    return filled * 2 >= row_count && zeros * 2 > row_count * length;
}

static bool rows_are_binary(const float *rows, size_t row_count, size_t length)
{
    size_t filled = 0;
    for (size_t i = 0; i < row_count * length; i++) {
        if (rows[i] != 0.0f && rows[i] != 1.0f && rows[i] != -1.0f) {
            return false;
        }
        filled += rows[i] != 0.0f ? 1 : 0;
    }
    return filled > 0 && filled * 4 < row_count * length;
}

bool sva_rows_follow_formula(const float *rows, size_t row_count, size_t length)
{
    if (row_count < 4 || length < 16) {
        return false;
    }
    return rows_are_filter_bank(rows, row_count, length) || rows_recur(rows, row_count, length) ||
           rows_are_binary(rows, row_count, length);
}

bool sva_vector_follows_formula(const float *values, size_t length)
{
    if (length < 16) {
        return false;
    }
    if (recurrence_residual(values, length) < 1e-6) {
        return true;
    }
    double lowest = INFINITY;
    double highest = -INFINITY;
    for (size_t i = 0; i + 1 < length; i++) {
        if (values[i] == 0.0f) {
            return false;
        }
        const double ratio = (double)values[i + 1] / (double)values[i];
        lowest = ratio < lowest ? ratio : lowest;
        highest = ratio > highest ? ratio : highest;
    }
    return highest - lowest < 1e-3 * fabs(highest);
}

static int by_value(const void *a, const void *b)
{
    const float left = *(const float *)a;
    const float right = *(const float *)b;
    return (left > right) - (left < right);
}

double sva_empirical_entropy_bits(float *values, size_t count, uint64_t total)
{
    double bits = 0.0;
    qsort(values, count, sizeof *values, by_value);
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        while (next < count && !(values[next] > values[i])) {
            next++;
        }
        const double share = (double)(next - i) / (double)count;
        bits -= share * log2(share);
        i = next;
    }
    return count == 0 ? 0.0 : bits * (double)total;
}

size_t sva_distinct_values(const float *sorted, size_t count, size_t most)
{
    size_t distinct = count > 0 ? 1 : 0;
    for (size_t i = 1; i < count && distinct < most; i++) {
        distinct += sorted[i] > sorted[i - 1] ? 1 : 0;
    }
    return distinct;
}

enum { ORDER_MOST = 64, ORDER_LEAST = 16 };

/** Similarity of rows i and j after the columns' means are removed. */
static double row_similarity(const float *rows, const double *means, size_t length, size_t i,
                             size_t j)
{
    double ab = 0.0, aa = 0.0, bb = 0.0;
    for (size_t k = 0; k < length; k++) {
        const double a = (double)rows[i * length + k] - means[k];
        const double b = (double)rows[j * length + k] - means[k];
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : 0.0;
}

/** How far neighbouring rows' mean similarity lies above that of all pairs, in standard errors. */
static double neighbour_excess(const float *rows, size_t row_count, size_t length)
{
    double means[ORDER_MOST] = {0.0};
    double neighbours = 0.0, sum = 0.0, squares = 0.0, pairs = 0.0;
    for (size_t i = 0; i < row_count * length; i++) {
        means[i % length] += (double)rows[i] / (double)row_count;
    }
    for (size_t i = 0; i < row_count; i++) {
        for (size_t j = i + 1; j < row_count; j++) {
            const double similarity = row_similarity(rows, means, length, i, j);
            neighbours += j == i + 1 ? similarity : 0.0;
            sum += similarity;
            squares += similarity * similarity;
            pairs += 1.0;
        }
    }
    const double mean = sum / pairs;
    const double variance = squares / pairs - mean * mean;
    const double n = (double)(row_count - 1);
    return variance > 0.0 ? (neighbours / n - mean) / sqrt(variance / n) : 0.0;
}

bool sva_both_axes_ordered(const float *rows, size_t row_count, size_t length)
{
    float turned[ORDER_MOST * ORDER_MOST];
    if (row_count < ORDER_LEAST || length < ORDER_LEAST || row_count > ORDER_MOST ||
        length > ORDER_MOST) {
        return false;
    }
    for (size_t i = 0; i < row_count * length; i++) {
        turned[i % length * row_count + i / length] = rows[i];
    }
    return neighbour_excess(rows, row_count, length) > 8.0 &&
           neighbour_excess(turned, length, row_count) > 8.0;
}
