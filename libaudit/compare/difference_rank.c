/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/difference_rank.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/fold_lanes.h"
#include "kernel/ordered_sums.h"
#include "kernel/symmetric.h"

enum { LANES = 8 }; /* bisections side by side: each waits for its own divisions only */

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

enum { NOISE_VALUES = 64 }; /* at a time, in the cache */

/** Variance of rounding to the float type of the side, or to single precision, in which it is read.
 */
static void noise_of_floats(const struct sva_rounded_values *side, size_t first, size_t count,
                            double *noise)
{
    int bits = 23;
    int lowest = -126;
    uint32_t values[NOISE_VALUES];
    uint64_t squares[NOISE_VALUES];
    (void)sva_float_format(side->dtype, &bits, &lowest);
    memcpy(values, side->values + first, count * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        const int field = (int)(values[i] >> 23 & 0xFF);
        const int exponent = field == 0xFF || field - 127 < lowest ? lowest : field - 127;
        squares[i] = (uint64_t)(1023 + 2 * (exponent - bits))
                     << 52; /* the step's, a power of two */
    }
    memcpy(noise, squares, count * sizeof *noise);
    for (size_t i = 0; i < count; i++) {
        noise[i] *= 1.0 / 12.0; /* as a division by 12 does it, of powers of two */
    }
}

/** Variance of rounding: to codes by their step, to a float type by its. */
static void noise_of(const struct sva_rounded_values *side, size_t first, size_t count,
                     double *noise)
{
    const struct sva_rounding *rounding = side->rounding;
    const bool by_step = rounding->stepped || rounding->floor > 0.0;
    if (!by_step && !isnan(rounding->floor)) {
        noise_of_floats(side, first, count, noise);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const double step = by_step && side->steps != NULL ? (double)side->steps[first + i] : 0.0;
        noise[i] = by_step ? step * step / 12.0 : (double)NAN;
    }
}

void sva_rank_grid_set_row(struct sva_rank_grid *grid, uint32_t row,
                           const struct sva_rounded_values *s, const struct sva_rounded_values *r)
{
    double *apart = grid->apart + (size_t)row * grid->columns;
    double *noise = grid->noise + (size_t)row * grid->columns;
    double other[NOISE_VALUES];
    for (size_t first = 0; first < grid->columns; first += NOISE_VALUES) {
        const size_t left = grid->columns - first;
        const size_t count = left < NOISE_VALUES ? left : NOISE_VALUES;
        noise_of(s, first, count, noise + first);
        noise_of(r, first, count, other);
        for (size_t i = 0; i < count; i++) {
            const double own = noise[first + i];
            const double value = (double)s->values[first + i] - (double)r->values[first + i];
            apart[first + i] = fabs(value) <= DBL_MAX ? value : 0.0;
            noise[first + i] = own > other[i] || isnan(own) ? own : other[i];
        }
    }
}

/** Mean noise of every row and of every column; mean of all. */
static double noise_means(const struct sva_rank_grid *grid, double *rows, double *columns)
{
    double all = 0.0;
    memset(columns, 0, grid->columns * sizeof *columns);
    for (uint32_t i = 0; i < grid->rows; i++) {
        const double *noise = grid->noise + (size_t)i * grid->columns;
        double sums[LANES] = {0.0};
        for (uint32_t j = 0; j < grid->columns; j++) {
            columns[j] += noise[j];
            sums[j % LANES] += noise[j];
        }
        rows[i] = sva_fold_lanes(sums) / (double)grid->columns;
        all += rows[i] / (double)grid->rows;
    }
    for (uint32_t j = 0; j < grid->columns; j++) {
        columns[j] /= (double)grid->rows;
    }
    return all;
}

/**
 * The grid with rows and columns scaled so that noise has variance one, turned: [columns][stride of
 * the rows], with zeros behind them. False: noise is not known, or nil. `rows`, `columns`: room for
 * one number of each.
 */
static bool whiten(const struct sva_rank_grid *grid, double *rows, double *columns, double *white)
{
    const double mean = noise_means(grid, rows, columns);
    const size_t stride = sva_symmetric_stride(grid->rows);
    const double least = 1e-6 * mean; /* rows of zeros */
    if (!(mean > 0.0) || !isfinite(mean)) {
        return false;
    }
    for (uint32_t i = 0; i < grid->rows; i++) {
        rows[i] = 1.0 / sqrt(fmax(rows[i], least) / mean);
    }
    for (uint32_t j = 0; j < grid->columns; j++) {
        columns[j] = 1.0 / sqrt(fmax(columns[j], least));
    }
    for (uint32_t first = 0; first < grid->rows; first += LANES) { /* a line of the cache each */
        const uint32_t end = grid->rows - first < LANES ? grid->rows : first + LANES;
        for (uint32_t j = 0; j < grid->columns; j++) {
            for (uint32_t i = first; i < end; i++) {
                white[j * stride + i] =
                    grid->apart[(size_t)i * grid->columns + j] * rows[i] * columns[j];
            }
        }
    }
    return true;
}

/** Inner products of the columns of `white`, from the diagonal on; their trace. */
static double fill_gram(const double *white, size_t length, size_t stride, double *gram)
{
    double trace = 0.0;
    sva_sums_level()->turned_dots(white, stride, length, gram);
    for (size_t i = 0; i < stride; i++) {
        trace += gram[i * stride + i];
    }
    return trace;
}

static void fill_other_half(size_t stride, double *gram)
{
    for (size_t i = 0; i < stride; i++) {
        for (size_t k = 0; k < i; k++) {
            gram[i * stride + k] = gram[k * stride + i];
        }
    }
}

/** A symmetric matrix with three diagonals of the same eigenvalues. */
struct tridiagonal {
    uint32_t n;
    double *diagonal, *beside; /* beside[i] lies between i and i + 1 */
};

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

/** Eigenvalues `first`, `first` + 1, ... of 0 to `high` by bisection; 0 is the largest. */
static void find_eigenvalues(const struct tridiagonal *three, uint32_t first, double high,
                             double values[LANES])
{
    double highs[LANES];
    double middles[LANES];
    uint32_t above[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        values[lane] = 0.0;
        highs[lane] = high;
    }
    for (int step = 0; step < 60; step++) {
        for (int lane = 0; lane < LANES; lane++) {
            middles[lane] = values[lane] + (highs[lane] - values[lane]) / 2.0;
        }
        count_above_each(three, middles, above);
        for (uint32_t lane = 0; lane < LANES; lane++) {
            const bool lower = above[lane] > first + lane;
            values[lane] = lower ? middles[lane] : values[lane];
            highs[lane] = lower ? highs[lane] : middles[lane];
        }
    }
}

/** Does eigenvalue `rank` - 1 stand out from the next? */
static bool stands_out(const struct tridiagonal *three, uint32_t rank, double high)
{
    double values[LANES];
    find_eigenvalues(three, rank - 1, high, values);
    return values[0] >= SVA_RANK_GAP * values[1];
}

/**
 * The last eigenvalue above `edge`, and among the first `most`, that stands out from the next; how
 * many that are, 0: none does. A gap of four holds two neighbours of a row of powers of two, so
 * that as many eigenvalues lie above either.
 */
static uint32_t last_that_stands_out(const struct tridiagonal *three, double edge, double high,
                                     uint32_t most)
{
    uint32_t rank = 0;
    uint32_t before = UINT32_MAX;
    double bounds[LANES];
    uint32_t above[LANES];
    for (double bound = high; bound >= edge / (2.0 * SVA_RANK_GAP); bound = bounds[LANES - 1] / 2) {
        for (int lane = 0; lane < LANES; lane++) {
            bounds[lane] = lane == 0 ? bound : bounds[lane - 1] / 2.0;
        }
        count_above_each(three, bounds, above);
        for (int lane = 0; lane < LANES; lane++) {
            const bool gap = above[lane] == before && before > rank && before <= most;
            rank = gap && stands_out(three, before, high) ? before : rank;
            before = above[lane];
        }
    }
    return rank;
}

/** What the first `rank` eigenvalues leave of the sum of all: `trace`. */
static double left_behind(const struct tridiagonal *three, uint32_t rank, double trace)
{
    double left = trace;
    double values[LANES];
    for (uint32_t first = 0; first < rank; first += LANES) {
        find_eigenvalues(three, first, trace, values);
        for (uint32_t lane = 0; lane < LANES && first + lane < rank; lane++) {
            left -= values[lane];
        }
    }
    return left;
}

/** What may be left of the sum of eigenvalues behind the first `rank`. */
static double most_left(const struct sva_rank_grid *grid, uint32_t rank)
{
    return SVA_RANK_REST_MOST * (double)(grid->rows - rank) * (double)(grid->columns - rank);
}

static uint32_t smaller_side(const struct sva_rank_grid *grid)
{
    return grid->rows < grid->columns ? grid->rows : grid->columns;
}

/** The highest rank that is called low. */
static uint32_t rank_most(const struct sva_rank_grid *grid)
{
    return 3 * smaller_side(grid) / 4;
}

static uint32_t rank_of(const struct sva_rank_grid *grid, const struct tridiagonal *three)
{
    const double width = sqrt((double)grid->rows) + sqrt((double)grid->columns);
    const double edge = SVA_RANK_EDGE * width * width;
    double edges[LANES];
    uint32_t above[LANES];
    double trace = 0.0; /* of these diagonals: with their eigenvalues its rounding goes away */
    for (uint32_t i = 0; i < three->n; i++) {
        trace += three->diagonal[i];
    }
    for (int lane = 0; lane < LANES; lane++) {
        edges[lane] = edge;
    }
    count_above_each(three, edges, above);
    const uint32_t most = above[0] < rank_most(grid) ? above[0] : rank_most(grid);
    const uint32_t rank = most > 0 ? last_that_stands_out(three, edge, trace, most) : 0;
    return rank > 0 && left_behind(three, rank, trace) <= most_left(grid, rank) ? rank : 0;
}

/**
 * Is the rank high for certain? Spares most pairs the eigenvalues. Eigenvalues of a part of the
 * Gram matrix lie below those of the whole (Cauchy's interlacing), so that where N > rank of them
 * lie above a bound, N - rank times that bound are left behind any `rank`: more than noise may
 * leave, for every rank that could be low. Half of the bound would do: rounding of the matrix,
 * below 2^-40 of its trace, takes less than the other half.
 */
static bool is_high(const struct sva_rank_grid *grid, const double *gram, double trace,
                    double *scratch)
{
    const uint32_t part = 13 * smaller_side(grid) / 16;
    double bound = ldexp(trace, -38);
    for (uint32_t rank = 1; rank <= rank_most(grid) && part > rank; rank++) {
        bound = fmax(bound, 2.0 * most_left(grid, rank) / (double)(part - rank));
    }
    return part > rank_most(grid) && sva_eigenvalues_above(gram, grid->rows, part, bound, scratch);
}

uint32_t sva_low_rank(struct sva_rank_grid *grid, bool *failed)
{
    const size_t stride = sva_symmetric_stride(grid->rows);
    const size_t longer = stride > grid->columns ? stride : grid->columns;
    double *gram = sva_calloc(stride * stride, sizeof *gram);
    double *white = sva_calloc(longer * stride, sizeof *white);
    double *lines = sva_calloc(2 * longer + 4 * stride, sizeof *lines);
    const struct tridiagonal three = {grid->rows, lines, lines + longer};
    uint32_t rank = 0;
    if (gram == NULL || white == NULL || lines == NULL) {
        *failed = true;
    } else if (smaller_side(grid) > 0 && whiten(grid, lines, lines + longer, white)) {
        const double trace = fill_gram(white, grid->columns, stride, gram);
        if (isfinite(trace) && !is_high(grid, gram, trace, white)) {
            fill_other_half(stride, gram);
            sva_tridiagonalise(gram, grid->rows, three.diagonal, three.beside, lines + 2 * longer);
            rank = rank_of(grid, &three);
        }
    }
    sva_free(gram);
    sva_free(white);
    sva_free(lines);
    return rank;
}
