/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/formula.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/float_bits.h"
#include "kernel/ordered_sums.h"

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
    size_t others = 0;
    for (size_t i = 0; i < row_count && others * 10 <= row_count; i++) { /* then it is decided */
        const float *row = rows + i * length;
        if (!is_zero_row(row, length)) {
            looked++;
            others += recurrence_residual(row, length) < 0.01 ? 0 : 1;
        }
    }
    return looked >= 4 && others * 10 <= looked;
}

/** Number of maximal runs of non-zeros in a row, counted up to two. */
static size_t run_count(const float *row, size_t length)
{
    size_t runs = 0;
    for (size_t j = 0; j < length && runs < 2; j++) {
        if (row[j] != 0.0f && (j == 0 || row[j - 1] == 0.0f)) {
            runs++;
        }
    }
    return runs;
}

/** From the first to the last value that is not zero: a row's run, if it has one only. */
static size_t run_span(const float *row, size_t length)
{
    size_t first = 0;
    size_t end = length;
    while (first < length && !(row[first] != 0.0f)) {
        first++;
    }
    while (end > first && !(row[end - 1] != 0.0f)) {
        end--;
    }
    return end - first;
}

static bool rows_are_filter_bank(const float *rows, size_t row_count, size_t length)
{
    size_t spans = 0;
    for (size_t i = 0; i < row_count; i++) {
        spans += run_span(rows + i * length, length);
    }
    if (spans * 2 >= row_count * length) {
        return false; /* whether a row has one run or more; most rows are decided at their ends */
    }
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

/** A geometric series, or two one behind the other, as ALiBi's slopes are. */
static bool is_geometric(const float *values, size_t length)
{
    const double first = (double)values[1] / (double)values[0];
    size_t others = 0;
    for (size_t i = 0; i + 1 < length && others < 2; i++) {
        const double ratio = (double)values[i + 1] / (double)values[i];
        if (values[i] == 0.0f) {
            return false;
        }
        others += fabs(ratio - first) < 1e-3 * fabs(first) ? 0 : 1;
    }
    return others < 2;
}

bool sva_vector_follows_formula(const float *values, size_t length)
{
    if (length < 16) {
        return false;
    }
    if (recurrence_residual(values, length) < 1e-6) {
        return true;
    }
    return is_geometric(values, length);
}

bool sva_is_index_table(enum sva_dtype dtype, double lowest, double highest)
{
    const bool wide = dtype == SVA_DTYPE_I32 || dtype == SVA_DTYPE_U32 || dtype == SVA_DTYPE_I64 ||
                      dtype == SVA_DTYPE_U64;
    return wide && highest - lowest < (double)(1 << 24);
}

enum { GRID_MOST = 4096 };

bool sva_is_grid(enum sva_dtype dtype, size_t distinct, uint64_t total)
{
    const bool plain = dtype == SVA_DTYPE_F16 || dtype == SVA_DTYPE_BF16 ||
                       dtype == SVA_DTYPE_F32 || dtype == SVA_DTYPE_F64;
    return plain && total <= GRID_MOST && (uint64_t)distinct * distinct <= total;
}

enum {
    DIGIT_BITS = 8,
    DIGITS = 4,
    DIGIT_VALUES = 1 << DIGIT_BITS,
    SHORT_LIST = 48,
    SORTED_MOST = 4160
};

/** Bits in the order of the numbers; negative ones have all bits turned over. */
static uint32_t ordered_bits(float value)
{
    const uint32_t bits = sva_bits_of_float(value);
    return bits ^ (0x80000000u | (0u - (bits >> 31)));
}

static float of_ordered_bits(uint32_t bits)
{
    return sva_float_of_bits(bits ^ (0x80000000u | ((bits >> 31) - 1u)));
}

static void insert_sorted(float *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const float value = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
}

/** Sorts by one digit after the other, the least first. `other` is as long. */
static void sort_values(float *values, uint32_t *keys, uint32_t *other, size_t count)
{
    size_t starts[DIGITS][DIGIT_VALUES] = {{0}};
    for (size_t i = 0; i < count; i++) {
        keys[i] = ordered_bits(values[i]);
        for (unsigned d = 0; d < DIGITS; d++) {
            starts[d][keys[i] >> DIGIT_BITS * d & (DIGIT_VALUES - 1)]++;
        }
    }
    for (unsigned d = 0; d < DIGITS; d++) {
        size_t *const start = starts[d];
        size_t before = 0;
        if (start[keys[0] >> DIGIT_BITS * d & (DIGIT_VALUES - 1)] == count) {
            continue; /* all have the same */
        }
        for (size_t value = 0; value < DIGIT_VALUES; value++) {
            const size_t here = start[value];
            start[value] = before;
            before += here;
        }
        for (size_t i = 0; i < count; i++) {
            other[start[keys[i] >> DIGIT_BITS * d & (DIGIT_VALUES - 1)]++] = keys[i];
        }
        uint32_t *const swapped = keys;
        keys = other;
        other = swapped;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = of_ordered_bits(keys[i]);
    }
}

static int by_value(const void *a, const void *b)
{
    const float left = *(const float *)a;
    const float right = *(const float *)b;
    return (left > right) - (left < right);
}

/** Sorts finite values. */
static void sort_finite(float *values, size_t count)
{
    uint32_t keys[2][SORTED_MOST];
    if (count <= SHORT_LIST) {
        insert_sorted(values, count);
    } else if (count <= SORTED_MOST) {
        sort_values(values, keys[0], keys[1], count);
    } else {
        qsort(values, count, sizeof *values, by_value);
    }
}

double sva_empirical_entropy_bits(float *values, size_t count, uint64_t total)
{
    double bits = 0.0;
    double one = 0.0; /* of a value that is there `last` times */
    size_t last = 0;
    sort_finite(values, count);
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        while (next < count && !(values[next] > values[i])) {
            next++;
        }
        if (next - i != last) {
            const double share = (double)(next - i) / (double)count;
            one = share * log2(share);
            last = next - i;
        }
        bits -= one;
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

/** Rows as columns of `turned`, [length][ORDER_MOST], without the means of their places. */
static void turn_centred(const float *rows, size_t row_count, size_t length, double *turned)
{
    memset(turned, 0, sizeof(double) * ORDER_MOST * length);
    for (size_t k = 0; k < length; k++) {
        double mean = 0.0;
        for (size_t i = 0; i < row_count; i++) {
            mean += (double)rows[i * length + k] / (double)row_count;
        }
        for (size_t i = 0; i < row_count; i++) {
            turned[k * ORDER_MOST + i] = (double)rows[i * length + k] - mean;
        }
    }
}

/** How far neighbouring rows' mean similarity lies above that of all pairs, in standard errors. */
static double neighbour_excess(const float *rows, size_t row_count, size_t length)
{
    double turned[ORDER_MOST * ORDER_MOST];
    double dots[ORDER_MOST * ORDER_MOST];
    double neighbours = 0.0, sum = 0.0, squares = 0.0, pairs = 0.0;
    turn_centred(rows, row_count, length, turned);
    sva_sums_level()->turned_dots(turned, ORDER_MOST, length, dots);
    for (size_t i = 0; i < row_count; i++) {
        const double aa = dots[i * (ORDER_MOST + 1)];
        for (size_t j = i + 1; j < row_count; j++) {
            const double bb = dots[j * (ORDER_MOST + 1)];
            const double similarity =
                aa > 0.0 && bb > 0.0 ? dots[i * ORDER_MOST + j] / sqrt(aa * bb) : 0.0;
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
