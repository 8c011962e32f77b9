/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/difference_rank.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

bool sva_rank_grid_init(struct sva_rank_grid *grid, uint32_t rows, uint32_t columns)
{
    const size_t cells = (size_t)rows * columns;
    *grid = (struct sva_rank_grid){.rows = rows, .columns = columns};
    grid->apart = sva_calloc(cells, sizeof *grid->apart);
    grid->noise = sva_calloc(cells, sizeof *grid->noise);
    return grid->apart != NULL && grid->noise != NULL;
}

void sva_rank_grid_done(struct sva_rank_grid *grid)
{
    sva_free(grid->apart);
    sva_free(grid->noise);
    *grid = (struct sva_rank_grid){.rows = 0};
}

/** Variance of rounding: to codes by their step, to a float type by its. */
static double noise_of(const struct sva_rounded_value *side)
{
    int exponent;
    double step = sva_float_step(side->dtype, (double)side->value);
    if (side->rounding->stepped || side->rounding->floor > 0.0) {
        step = (double)side->step;
    } else if (isnan(side->rounding->floor)) {
        step = NAN;
    } else if (!(step > 0.0)) { /* read in single precision, whatever the type */
        (void)frexp((double)side->value, &exponent);
        step = ldexp(1.0, exponent - 24);
    }
    return step * step / 12.0;
}

void sva_rank_grid_set(struct sva_rank_grid *grid, size_t cell, const struct sva_rounded_value *s,
                       const struct sva_rounded_value *r)
{
    const double a = noise_of(s);
    const double b = noise_of(r);
    const double apart = (double)s->value - (double)r->value;
    grid->apart[cell] = isfinite(apart) ? apart : 0.0;
    grid->noise[cell] = isnan(a) || isnan(b) ? (double)NAN : a > b ? a : b;
}

/** Mean noise of every row (columns: of every column) to `means`; their mean. */
static double noise_means(const struct sva_rank_grid *grid, bool by_column, double *means)
{
    const uint32_t count = by_column ? grid->columns : grid->rows;
    double all = 0.0;
    memset(means, 0, count * sizeof *means);
    for (uint32_t i = 0; i < grid->rows; i++) {
        for (uint32_t j = 0; j < grid->columns; j++) {
            means[by_column ? j : i] += grid->noise[(size_t)i * grid->columns + j];
        }
    }
    for (uint32_t k = 0; k < count; k++) {
        means[k] /= (double)(by_column ? grid->rows : grid->columns);
        all += means[k] / (double)count;
    }
    return all;
}

/** Scales rows and columns so that noise has variance one. False: noise is not known, or nil. */
static bool whiten(struct sva_rank_grid *grid, double *rows, double *columns)
{
    const double mean = noise_means(grid, false, rows);
    (void)noise_means(grid, true, columns);
    if (!(mean > 0.0) || !isfinite(mean)) {
        return false;
    }
    const double least = 1e-6 * mean; /* rows of zeros */
    for (uint32_t i = 0; i < grid->rows; i++) {
        for (uint32_t j = 0; j < grid->columns; j++) {
            const double variance = fmax(rows[i], least) * fmax(columns[j], least) / mean;
            grid->apart[(size_t)i * grid->columns + j] /= sqrt(variance);
        }
    }
    return true;
}

static void fill_gram(const struct sva_rank_grid *grid, double *gram)
{
    const uint32_t n = grid->rows;
    for (uint32_t i = 0; i < n; i++) {
        const double *a = grid->apart + (size_t)i * grid->columns;
        for (uint32_t j = 0; j <= i; j++) {
            const double *b = grid->apart + (size_t)j * grid->columns;
            double sum = 0.0;
            for (uint32_t k = 0; k < grid->columns; k++) {
                sum += a[k] * b[k];
            }
            gram[(size_t)i * n + j] = sum;
            gram[(size_t)j * n + i] = sum;
        }
    }
}

/** Reflects column k below its diagonal onto one entry: matrix -= v w' + w v'. `v`, `w`: [n]. */
static double reflect(double *matrix, uint32_t n, uint32_t k, double *v, double *w)
{
    double square = 0.0;
    double beta = 0.0;
    for (uint32_t i = k + 1; i < n; i++) {
        v[i] = matrix[(size_t)i * n + k];
        square += v[i] * v[i];
    }
    const double length = sqrt(square);
    const double target = v[k + 1] > 0.0 ? -length : length;
    const double half = square - target * v[k + 1]; /* v'v / 2 once v[k + 1] is moved */
    if (!(half > 0.0)) {
        return v[k + 1];
    }
    v[k + 1] -= target;
    for (uint32_t i = k + 1; i < n; i++) {
        double sum = 0.0;
        for (uint32_t j = k + 1; j < n; j++) {
            sum += matrix[(size_t)i * n + j] * v[j];
        }
        w[i] = sum / half;
        beta += v[i] * w[i] / (2.0 * half);
    }
    for (uint32_t i = k + 1; i < n; i++) {
        w[i] -= beta * v[i];
    }
    for (uint32_t i = k + 1; i < n; i++) {
        for (uint32_t j = k + 1; j < n; j++) {
            matrix[(size_t)i * n + j] -= v[i] * w[j] + w[i] * v[j];
        }
    }
    return target;
}

/** A symmetric matrix with three diagonals of the same eigenvalues. */
struct tridiagonal {
    uint32_t n;
    double *diagonal, *beside; /* beside[i] lies between i and i + 1 */
};

static void tridiagonalise(double *matrix, struct tridiagonal *three, double *v, double *w)
{
    const uint32_t n = three->n;
    for (uint32_t k = 0; k < n; k++) {
        three->diagonal[k] = matrix[(size_t)k * n + k];
        three->beside[k] = 0.0;
        if (k + 2 < n) {
            three->beside[k] = reflect(matrix, n, k, v, w);
        } else if (k + 1 < n) {
            three->beside[k] = matrix[(size_t)(k + 1) * n + k];
        }
    }
}

enum { LANES = 8 }; /* bisections side by side: each waits for its own divisions only */

/** Eigenvalues above each bound: signs of the pivots of T - bound (Sturm). */
static void count_above_each(const struct tridiagonal *three, const double bounds[LANES],
                             uint32_t above[LANES])
{
    double pivots[LANES];
    double before = 0.0;
    for (int lane = 0; lane < LANES; lane++) {
        pivots[lane] = 1.0;
        above[lane] = 0;
    }
    for (uint32_t i = 0; i < three->n; i++) {
        const double square = before * before;
        for (int lane = 0; lane < LANES; lane++) {
            const double pivot = three->diagonal[i] - bounds[lane] - square / pivots[lane];
            pivots[lane] = fabs(pivot) > 0.0 ? pivot : -1e-300;
            above[lane] += pivots[lane] > 0.0 ? 1 : 0;
        }
        before = three->beside[i];
    }
}

/** The `count` largest eigenvalues, which lie between 0 and `high`, by bisection; largest first. */
static void largest_eigenvalues(const struct tridiagonal *three, uint32_t count, double high,
                                double *values)
{
    for (uint32_t first = 0; first < count; first += LANES) {
        double lows[LANES] = {0.0};
        double highs[LANES];
        double middles[LANES];
        uint32_t above[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            highs[lane] = high;
        }
        for (int step = 0; step < 60; step++) {
            for (int lane = 0; lane < LANES; lane++) {
                middles[lane] = lows[lane] + (highs[lane] - lows[lane]) / 2.0;
            }
            count_above_each(three, middles, above);
            for (uint32_t lane = 0; lane < LANES; lane++) {
                const bool lower = above[lane] > first + lane;
                lows[lane] = lower ? middles[lane] : lows[lane];
                highs[lane] = lower ? highs[lane] : middles[lane];
            }
        }
        for (uint32_t lane = 0; lane < LANES && first + lane < count; lane++) {
            values[first + lane] = lows[lane];
        }
    }
}

/** `values` has room for three quarters of the smaller side, and one more. */
static uint32_t rank_of(const struct sva_rank_grid *grid, const struct tridiagonal *three,
                        double *values)
{
    const double width = sqrt((double)grid->rows) + sqrt((double)grid->columns);
    const uint32_t smaller = grid->rows < grid->columns ? grid->rows : grid->columns;
    const uint32_t most = 3 * smaller / 4;
    double edges[LANES];
    uint32_t above[LANES];
    double trace = 0.0;
    for (uint32_t i = 0; i < three->n; i++) {
        trace += three->diagonal[i];
    }
    for (int lane = 0; lane < LANES; lane++) {
        edges[lane] = SVA_RANK_EDGE * width * width;
    }
    count_above_each(three, edges, above);
    uint32_t rank = above[0] < most ? above[0] : most;
    if (rank == 0) {
        return 0;
    }
    largest_eigenvalues(three, rank + 1, trace, values);
    while (rank > 0 && values[rank - 1] < SVA_RANK_GAP * values[rank]) {
        rank--; /* until one stands out from the next */
    }
    double rest = trace;
    for (uint32_t k = 0; k < rank; k++) {
        rest -= values[k];
    }
    const double cells = (double)(grid->rows - rank) * (double)(grid->columns - rank);
    return rest <= SVA_RANK_REST_MOST * cells ? rank : 0;
}

uint32_t sva_low_rank(struct sva_rank_grid *grid, bool *failed)
{
    const uint32_t n = grid->rows;
    const size_t longest = grid->rows > grid->columns ? grid->rows : grid->columns;
    double *gram = sva_calloc((size_t)n * n, sizeof *gram);
    double *lines = sva_calloc(5 * longest + 1, sizeof *lines);
    struct tridiagonal three = {.n = n};
    uint32_t rank = 0;
    if (gram == NULL || lines == NULL) {
        *failed = true;
    } else if (n > 0 && grid->columns > 0 && whiten(grid, lines, lines + longest)) {
        three.diagonal = lines;
        three.beside = lines + longest;
        fill_gram(grid, gram);
        tridiagonalise(gram, &three, lines + 2 * longest, lines + 3 * longest);
        rank = rank_of(grid, &three, lines + 4 * longest);
    }
    sva_free(gram);
    sva_free(lines);
    return rank;
}
