/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Leading singular directions of a small dense matrix. Every sum has one order, so that every
 * level of the processor gives the same bits.
 */
#ifndef SVA_KERNEL_DIRECTIONS_H
#define SVA_KERNEL_DIRECTIONS_H

#include <stdint.h>

enum {
    SVA_DIRECTIONS_MAX = 4,     /**< directions returned at most */
    SVA_DIRECTIONS_SLICES = 128 /**< rows used at most */
};

/** Doubles of scratch that sva_leading_directions needs for `slices` rows. */
#define SVA_DIRECTIONS_SCRATCH(slices) (2u * (uint64_t)(slices) * (slices) + 24u * (slices) + 256u)

/**
 * Right singular vectors of `matrix` (slices x length, row-major, rows already
 * of comparable norm) whose squared singular value exceeds 1.25 times the
 * Marchenko-Pastur edge of a random matrix with the same mean square: what
 * training wrote rather than the random start. Method: Gram matrix of the
 * rows; where its inertia says that something lies above the edge, block power
 * iteration (8 vectors, until they rest, 40 steps at most), Rayleigh-Ritz.
 *
 * `directions` gets up to SVA_DIRECTIONS_MAX rows of `length` doubles of unit
 * norm; returns how many. Zero matrices give 0. slices <= SVA_DIRECTIONS_SLICES.
 */
uint32_t sva_leading_directions(const float *matrix, uint32_t slices, uint32_t length,
                                double *scratch, double *directions);

#endif
