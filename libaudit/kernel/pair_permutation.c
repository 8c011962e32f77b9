/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pair_permutation.h"

#include <math.h>

#include "base/cpu.h"
#include "kernel/pair_permutation_levels.h"
#include "kernel/permutation.h"

/** Sums over ordered pairs of distinct units of one side's features f and g. */
struct sums {
    double squares;  /* sum X_f X_g */
    double rows;     /* sum over units of the products of row sums */
    double total[2]; /* sum X_f, sum X_g */
};

static int64_t row_sum(const int16_t *matrix, uint32_t units, uint32_t i)
{
    int64_t sum = 0;
    for (uint32_t j = 0; j < units; j++) {
        sum += matrix[(size_t)i * units + j];
    }
    return sum;
}

static struct sums sum_up(const int16_t *f, const int16_t *g, uint32_t units)
{
    int64_t squares = 0;
    int64_t rows = 0;
    int64_t total[2] = {0, 0};
    for (uint32_t i = 0; i < units; i++) {
        const int64_t row_f = row_sum(f, units, i);
        const int64_t row_g = row_sum(g, units, i);
        for (uint32_t j = 0; j < units; j++) {
            squares += (int64_t)f[(size_t)i * units + j] * g[(size_t)i * units + j];
        }
        rows += row_f * row_g;
        total[0] += row_f;
        total[1] += row_g;
    }
    return (struct sums){(double)squares, (double)rows, {(double)total[0], (double)total[1]}};
}

/**
 * Covariance of Z_f = sum over i != j of X_f[i][j] Y_f[pi(i)][pi(j)] and of Z_g (Mantel 1967, for
 * f = g): pairs of pairs share two units, one, or none, and the mean of each kind is known.
 */
static double covariance(const struct sums *x, const struct sums *y, double n)
{
    const double all_x = x->total[0] * x->total[1];
    const double all_y = y->total[0] * y->total[1];
    const double both = 2.0 * x->squares * y->squares;
    const double one = 4.0 * (x->rows - x->squares) * (y->rows - y->squares) / (n - 2.0);
    const double none = (all_x + 2.0 * x->squares - 4.0 * x->rows) *
                        (all_y + 2.0 * y->squares - 4.0 * y->rows) / ((n - 2.0) * (n - 3.0));
    return (both + one + none - all_x * all_y / (n * (n - 1.0))) / (n * (n - 1.0));
}

struct sva_pair_moments sva_pair_moments(const struct sva_pair_matrices *matrices)
{
    struct sva_pair_moments moments = {0};
    const double n = (double)matrices->units;
    const double pairs = n * (n - 1.0);
    for (uint32_t f = 0; f < matrices->features; f++) {
        const int16_t *s = matrices->subject[f];
        const int16_t *r = matrices->reference[f];
        const struct sums across = sum_up(s, r, matrices->units);
        moments.observed += across.squares / 2.0;
        moments.mean += across.total[0] * across.total[1] / pairs / 2.0;
        for (uint32_t g = 0; g < matrices->features; g++) {
            const struct sums x = sum_up(s, matrices->subject[g], matrices->units);
            const struct sums y = sum_up(r, matrices->reference[g], matrices->units);
            moments.variance += covariance(&x, &y, n) / 4.0;
            if (f == g) {
                moments.subject_squares += (x.squares - x.total[0] * x.total[0] / pairs) / 2.0;
                moments.reference_squares += (y.squares - y.total[0] * y.total[0] / pairs) / 2.0;
            }
        }
    }
    moments.variance = moments.variance > 0.0 ? moments.variance : 0.0;
    return moments;
}

/** The processor's own sum over parts of SVA_PAIR_UNITS_WIDE units, or NULL. */
static sva_wide_pair_sum *wide_sum(void)
{
#if defined(__x86_64__)
    switch (sva_cpu_level()) {
    case SVA_CPU_AVX512: return sva_pair_sum_avx512;
    case SVA_CPU_AVX2: return sva_pair_sum_avx2;
    default: break;
    }
#endif
    return NULL;
}

/** T of one part with the reference's units in this order. */
static int64_t statistic(const struct sva_pair_matrices *part, const uint32_t *order)
{
    sva_wide_pair_sum *const wide = part->units == SVA_PAIR_UNITS_WIDE ? wide_sum() : NULL;
    int64_t sum = 0;
    if (wide != NULL) {
        for (uint32_t f = 0; f < part->features; f++) {
            sum += wide(part->subject[f], part->reference[f], order);
        }
        return sum / 2;
    }
    const uint32_t n = part->units;
    for (uint32_t f = 0; f < part->features; f++) {
        for (uint32_t i = 0; i < n; i++) {
            const int16_t *s = part->subject[f] + (size_t)i * n;
            const int16_t *r = part->reference[f] + (size_t)order[i] * n;
            int32_t row = 0; /* 64 products of 22 bits */
            for (uint32_t j = i + 1; j < n; j++) {
                row += (int32_t)s[j] * r[order[j]];
            }
            sum += row;
        }
    }
    return sum;
}

double sva_pairs_log10_p(const struct sva_pair_matrices *parts, size_t count, uint32_t draws,
                         struct sva_random *random, struct sva_draw_tally *tally)
{
    uint32_t order[SVA_PAIR_UNITS_MOST];
    int64_t observed = 0;
    uint32_t reached = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t u = 0; u < parts[i].units; u++) {
            order[u] = u;
        }
        observed += statistic(&parts[i], order);
    }
    for (uint32_t draw = 1; draw <= draws; draw++) {
        int64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            sva_random_permutation(random, order, parts[i].units);
            sum += statistic(&parts[i], order);
        }
        if (tally != NULL) {
            sva_tally_add(tally, (double)sum);
        }
        if (sum >= observed && ++reached == SVA_EXCEEDANCES) {
            return log10((double)reached / (double)draw);
        }
    }
    return log10((1.0 + reached) / (1.0 + draws));
}
