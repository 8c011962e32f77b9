/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Cosines between hidden neurons of one matrix, W W^T for chosen rows of W: what stays when the
 * residual stream is renumbered, sign-flipped or rotated by any orthogonal Q, because
 * (W Q)(W Q)^T = W W^T (METHOD section 4). A norm's gain is folded into W first, so that it does
 * not matter on which side it is stored; where the norm takes the mean away, so does this.
 *
 * A hidden layer's neurons stand behind a nonlinearity: nothing but renumbering and rescaling them
 * keeps the function, and cosines do not see scales.
 *
 * Neurons are chosen by index alone, in blocks of SVA_GRAM_UNITS; the first block of any two
 * matrices of one length is the same, however many blocks they have.
 */
#ifndef SVA_FINGERPRINT_GRAM_H
#define SVA_FINGERPRINT_GRAM_H

#include <sovaudit/print.h>

#include "fingerprint/turned_lines.h"

enum {
    SVA_GRAM_BLOCKS_MOST = 8,
    SVA_GRAM_LENGTH_MOST = 1 << 15, /**< of a neuron's row: bounds the memory to 32 MiB */
    SVA_GRAM_NEURONS_MOST = 1 << 20,
    SVA_GRAM_DIRECTION_UNITS = 128 /**< neurons whose leading directions are taken, at most */
};

/** What is gathered of one matrix. */
struct sva_gram_plan {
    uint32_t blocks, units; /**< 0: this matrix has no such neurons */
    int neuron_axis;
    uint64_t length;                /**< of a neuron's row: the residual width */
    uint64_t *indices;              /**< [units] ascending */
    uint32_t *rows;                 /**< [units] row of `values` for each of them */
    float *values;                  /**< [units * length] */
    struct sva_turned_lines turned; /**< lines that are columns of `values` */
    const float *gain;              /**< [length] to be folded in, or NULL; borrowed */
    bool centred;                   /**< the norm takes the mean away */
};

/** Prepares the gathering where `view` is a matrix between neurons and a residual stream. False:
 * out of memory. */
bool sva_gram_plan_init(struct sva_gram_plan *plan, const struct sva_view *view);
void sva_gram_plan_done(struct sva_gram_plan *plan);

/** Values [first, first + count) of line `line`; lines run along axis 1 - `line_axis`. */
void sva_gram_line(struct sva_gram_plan *plan, int line_axis, uint64_t line, uint64_t first,
                   const float *values, size_t count);

/** Cosines and leading directions. Changes `values`. False: out of memory. */
bool sva_gram_finish(struct sva_gram_plan *plan, struct sva_gram *gram);

/** Gain folded in, mean taken away, unit length: what cosines are taken of. `rows` is [units *
 * length]. */
void sva_gram_prepare_rows(const struct sva_gram_plan *plan, float *rows, uint32_t units);

/** Cosines of all pairs of `units` prepared rows, times `scale`, rounded, within +-`limit`. False:
 * out of memory. */
bool sva_gram_cosines(const float *rows, uint32_t units, uint64_t length, double scale,
                      double limit, int16_t *cosines);

/** Directions over at most SVA_GRAM_DIRECTION_UNITS prepared rows, which it centres. False: out of
 * memory. */
bool sva_gram_directions(float *rows, uint32_t units, uint64_t length, int8_t *directions,
                         uint32_t *leading);

/** Neurons that the directions are given for. */
static inline uint32_t sva_gram_direction_units(uint32_t blocks)
{
    const uint32_t units = blocks * SVA_GRAM_UNITS;
    return units < SVA_GRAM_DIRECTION_UNITS ? units : SVA_GRAM_DIRECTION_UNITS;
}

#endif
