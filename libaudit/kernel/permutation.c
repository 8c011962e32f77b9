/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/permutation.h"

#include <math.h>

/** Draws after which the rest is likely to be many: most tests of unrelated models stop sooner. */
enum { NARROW_AFTER = 200 };

/** Sum of squares in eight lanes, folded in one order: an addition need not wait for the last. */
static double squares_of_row(const int64_t *values, uint32_t n)
{
    enum { LANES = 8 };
    double lanes[LANES] = {0.0};
    uint32_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        for (uint32_t lane = 0; lane < LANES; lane++) {
            const double value = (double)values[j + lane];
            lanes[lane] += value * value;
        }
    }
    for (uint32_t lane = 0; j < n; j++, lane++) {
        lanes[lane] += (double)values[j] * (double)values[j];
    }
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
           ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/** Sum of the squares of the columns' sums, columns in order. */
static double squares_of_columns(const int64_t *c, uint32_t n)
{
    enum { COLUMNS = 64 };
    double squares = 0.0;
    for (uint32_t first = 0; first < n; first += COLUMNS) {
        const uint32_t width = n - first < COLUMNS ? n - first : COLUMNS;
        int64_t sums[COLUMNS] = {0};
        for (uint32_t i = 0; i < n; i++) {
            const int64_t *row = c + (size_t)i * n + first;
            for (uint32_t j = 0; j < width; j++) {
                sums[j] += row[j];
            }
        }
        for (uint32_t j = 0; j < width; j++) {
            squares += (double)sums[j] * (double)sums[j];
        }
    }
    return squares;
}

struct sva_trace_moments sva_trace_moments(const int64_t *c, uint32_t n)
{
    struct sva_trace_moments moments = {0.0, 0.0, 0.0};
    double total = 0.0;
    double squares = 0.0;
    double row_squares = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        const int64_t *values = c + (size_t)i * n;
        int64_t row = 0; /* whole numbers below 2^53: exact in any order */
        for (uint32_t j = 0; j < n; j++) {
            row += values[j];
        }
        squares += squares_of_row(values, n);
        moments.observed += (double)values[i];
        total += (double)row;
        row_squares += (double)row * (double)row;
    }
    const double column_squares = squares_of_columns(c, n);
    const double size = (double)n;
    moments.mean = total / size;
    /* sum (C_ij - r_i - k_j + g)^2 = sum C^2 - n sum r^2 - n sum k^2 + n^2 g^2 */
    const double centred =
        squares - row_squares / size - column_squares / size + (total / size) * (total / size);
    moments.variance = centred > 0.0 ? centred / (size - 1.0) : 0.0;
    return moments;
}

/** Sum over units of a[i] * b[i], less the product of the sums over n: n times a covariance. */
static double centred_product(const int16_t *a, const int16_t *b, uint32_t n, uint32_t stride)
{
    int64_t products = 0;
    int64_t sum_a = 0;
    int64_t sum_b = 0;
    for (uint32_t i = 0; i < n; i++) {
        const int64_t left = a[(size_t)i * stride];
        const int64_t right = b[(size_t)i * stride];
        products += left * right;
        sum_a += left;
        sum_b += right;
    }
    return (double)products - (double)sum_a * (double)sum_b / (double)n;
}

struct sva_trace_moments sva_feature_moments(const int16_t *subject, const int16_t *reference,
                                             uint32_t n, uint32_t features)
{
    struct sva_trace_moments moments = {0.0, 0.0, 0.0};
    double squares = 0.0; /* of the doubly centred C: trace of the product of both Gram matrices */
    for (uint32_t k = 0; k < features; k++) {
        for (uint32_t l = 0; l < features; l++) {
            squares += centred_product(subject + k, subject + l, n, features) *
                       centred_product(reference + k, reference + l, n, features);
        }
        int64_t products = 0;
        for (uint32_t i = 0; i < n; i++) {
            const size_t at = (size_t)i * features + k;
            products += (int64_t)subject[at] * reference[at];
        }
        moments.observed += (double)products;
        moments.mean += (double)products - centred_product(subject + k, reference + k, n, features);
    }
    moments.variance = squares > 0.0 ? squares / ((double)n - 1.0) : 0.0;
    return moments;
}

static int64_t trace_of(const int64_t *c, uint32_t n, const uint32_t *order)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += c[(size_t)i * n + order[i]];
    }
    return sum;
}

/** Change of the trace when rows a and b exchange their partners; exchanges them. */
static int64_t exchange(const int64_t *c, uint32_t n, uint32_t *order, uint32_t a, uint32_t b)
{
    const int64_t *row_a = c + (size_t)a * n;
    const int64_t *row_b = c + (size_t)b * n;
    const int64_t before = row_a[order[a]] + row_b[order[b]];
    const uint32_t swapped = order[a];
    order[a] = order[b];
    order[b] = swapped;
    return row_a[order[a]] + row_b[order[b]] - before;
}

/** All n! permutations by Heap's algorithm (iterative). */
static double enumerate_log10_p(const int64_t *c, uint32_t n, uint32_t *order)
{
    uint32_t counter[SVA_ENUMERATE_MAX] = {0};
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
    }
    const int64_t observed = trace_of(c, n, order);
    int64_t trace = observed;
    uint64_t reached = 1;
    uint64_t total = 1;
    for (uint32_t level = 1; level < n;) {
        if (counter[level] < level) {
            const uint32_t other = level % 2 == 0 ? 0 : counter[level];
            trace += exchange(c, n, order, other, level);
            total++;
            reached += trace >= observed ? 1 : 0;
            counter[level]++;
            level = 1;
        } else {
            counter[level] = 0;
            level++;
        }
    }
    return log10((double)reached / (double)total);
}

/** One step of a shuffle from the end: the i-th place is settled; gives who is there. */
static inline uint32_t settle(uint32_t *order, uint32_t i, uint32_t j)
{
    const uint32_t partner = order[j];
    order[j] = order[i - 1];
    order[i - 1] = partner;
    return partner;
}

/** Value of row i - 1 and this column; `narrow` NULL: from the matrix itself. */
static inline int64_t value_at(const int64_t *c, const int32_t *narrow, uint32_t n, uint32_t i,
                               uint32_t column)
{
    const size_t at = (size_t)(i - 1) * n + column;
    return narrow != NULL ? narrow[at] : c[at];
}

/**
 * Trace under a fresh permutation, the one that sva_random_permutation gives. Each partner is
 * looked up as soon as it is settled: fetching it overlaps with drawing the next.
 */
static inline int64_t drawn_trace(const int64_t *c, const int32_t *narrow, uint32_t n,
                                  struct sva_random *random, uint32_t *order)
{
    struct sva_random stream = *random;
    int64_t sum = 0;
    uint32_t i = n;
    for (uint32_t unit = 0; unit < n; unit++) {
        order[unit] = unit;
    }
    while (i > 2 && !stream.has_spare) { /* one word gives two numbers; almost none is rejected */
        const struct sva_random before = stream;
        const uint64_t word = sva_random_u64(&stream);
        const uint64_t first = (word >> 32) * i;
        const uint64_t second = (word & 0xffffffffu) * (i - 1);
        if ((uint32_t)first < i || (uint32_t)second < i - 1) {
            stream = before;
            break;
        }
        sum += value_at(c, narrow, n, i, settle(order, i, (uint32_t)(first >> 32)));
        sum += value_at(c, narrow, n, i - 1, settle(order, i - 1, (uint32_t)(second >> 32)));
        i -= 2;
    }
    for (; i > 1; i--) {
        sum += value_at(c, narrow, n, i, settle(order, i, sva_random_below(&stream, i)));
    }
    *random = stream;
    return n > 0 ? sum + c[order[0]] : sum;
}

/** Sum of the traces under fresh permutations. */
static int64_t drawn_sum(const struct sva_trace *traces, size_t count, bool narrow,
                         struct sva_random *random, uint32_t *order)
{
    int64_t sum = 0;
    for (size_t t = 0; t < count; t++) {
        sum += narrow ? drawn_trace(traces[t].c, traces[t].scratch, traces[t].n, random, order)
                      : drawn_trace(traces[t].c, NULL, traces[t].n, random, order);
    }
    return sum;
}

/** Copies every matrix into its scratch; false when one has none or does not fit. */
static bool narrow_all(const struct sva_trace *traces, size_t count)
{
    for (size_t t = 0; t < count; t++) {
        const size_t size = (size_t)traces[t].n * traces[t].n;
        if (traces[t].scratch == NULL) {
            return false;
        }
        for (size_t i = 0; i < size; i++) {
            const int64_t value = traces[t].c[i];
            if (value < INT32_MIN || value > INT32_MAX) {
                return false;
            }
            traces[t].scratch[i] = (int32_t)value;
        }
    }
    return true;
}

bool sva_draws_settled(double tail, uint32_t draws, struct sva_random *random, bool *reached)
{
    if (!(tail <= SVA_TAIL_SETTLES)) {
        return false;
    }
    const double any =
        tail * (double)draws * 18446744073709551616.0; /* of 2^64 numbers, these stand for it */
    *reached = (double)sva_random_u64(random) < ceil(any);
    return true;
}

double sva_traces_log10_p(const struct sva_trace *traces, size_t count, uint32_t draws,
                          struct sva_random *random, const struct sva_trace_scratch *scratch)
{
    if (count == 1 && traces->n <= SVA_ENUMERATE_MAX) {
        return enumerate_log10_p(traces->c, traces->n, scratch->order);
    }
    int64_t observed = 0;
    for (size_t t = 0; t < count; t++) {
        for (uint32_t i = 0; i < traces[t].n; i++) {
            observed += traces[t].c[(size_t)i * traces[t].n + i];
        }
    }
    uint32_t reached = 0;
    bool narrow = false;
    for (uint32_t draw = 1; draw <= draws; draw++) {
        bool any = false;
        if (draw == SVA_DRAWS_BEFORE_BOUND + 1 &&
            sva_draws_settled(scratch->tail, draws - SVA_DRAWS_BEFORE_BOUND, random, &any)) {
            return any ? 0.0 : log10((1.0 + reached) / (1.0 + draws));
        }
        narrow = draw == NARROW_AFTER ? narrow_all(traces, count) : narrow;
        const int64_t sum = drawn_sum(traces, count, narrow, random, scratch->order);
        if (scratch->tally != NULL) {
            sva_tally_add(scratch->tally, (double)sum);
        }
        if (sum >= observed && ++reached == SVA_EXCEEDANCES) {
            return log10((double)reached / (double)draw);
        }
    }
    return log10((1.0 + reached) / (1.0 + draws));
}

double sva_trace_log10_p(const int64_t *c, uint32_t n, uint32_t draws, struct sva_random *random,
                         uint32_t *order)
{
    const struct sva_trace trace = {c, n, NULL};
    const struct sva_trace_scratch scratch = {order, NULL, 1.0};
    return sva_traces_log10_p(&trace, 1, draws, random, &scratch);
}

double sva_trace_log10_floor(uint32_t n, uint32_t draws)
{
    if (n > SVA_ENUMERATE_MAX) {
        return -log10(1.0 + draws);
    }
    double permutations = 1.0;
    for (uint32_t i = 2; i <= n; i++) {
        permutations *= (double)i;
    }
    return -log10(permutations);
}
