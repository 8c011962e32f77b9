/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Is the difference of two matrices of low rank, as a merged adapter's is? A grid of some rows and
 * some columns is a submatrix, whose rank is at most the difference's and, below the grid's size,
 * equal to it but for coincidence.
 *
 * Rounding leaves noise. Rows and columns of the grid are scaled so that noise has variance one
 * (scaling them apart keeps the rank); then the squared singular values of noise alone stay below
 * (sqrt(rows) + sqrt(columns))^2 (Marchenko and Pastur 1967), and what lies beyond the
 * SVA_RANK_EDGE-fold of that counts. The rest must be as small as noise is, and
 * there must be a gap. Adapters that change little more than rounding does are not seen.
 */
#ifndef SVA_COMPARE_DIFFERENCE_RANK_H
#define SVA_COMPARE_DIFFERENCE_RANK_H

#include "compare/value_fit.h"

/** Over the edge of noise, as squares. */
#define SVA_RANK_EDGE      1.5
/** Mean square of the rest over the noise, up to which it is taken for noise. */
#define SVA_RANK_REST_MOST 1.5
/**
 * The last squared singular value that counts must be so many times the next one: rounding of
 * values that moved by less than a step is so uneven that a few directions of it pass the edge,
 * but they fall off gently.
 */
#define SVA_RANK_GAP       4.0

enum { SVA_RANK_ROWS = 256, SVA_RANK_COLUMNS = 256 };

struct sva_rank_grid {
    uint32_t rows, columns;
    double *apart; /**< [rows * columns] s - r; destroyed */
    double *noise; /**< [rows * columns] variance that rounding leaves; NAN unknown */
};

/** Allocates a grid. False: out of memory; sva_rank_grid_done() is still safe. */
bool sva_rank_grid_init(struct sva_rank_grid *grid, uint32_t rows, uint32_t columns);
void sva_rank_grid_done(struct sva_rank_grid *grid);

/** One side's values in a row: how they were rounded, and the steps beside them where `rounding`
 * has steps. */
struct sva_rounded_values {
    const struct sva_rounding *rounding;
    enum sva_dtype dtype;
    const float *values, *steps; /**< [columns]; `steps` NULL where there are none */
};

/** Sets one row. The coarser rounding of the two sides is the noise: the finer value is the source.
 */
void sva_rank_grid_set_row(struct sva_rank_grid *grid, uint32_t row,
                           const struct sva_rounded_values *s, const struct sva_rounded_values *r);

/**
 * Rank of the difference when it is between 1 and three quarters of the grid's smaller side and
 * what remains is noise, 0 otherwise, and when memory is short (`failed` is set). Fixed order:
 * the same answer on every machine.
 */
uint32_t sva_low_rank(struct sva_rank_grid *grid, bool *failed);

#endif
