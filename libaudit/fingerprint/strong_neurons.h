/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Cosines between the neurons with the longest rows of a matrix, norm's gain folded in: chosen by
 * what they are, not by their number, so that they can be found again when neurons were renumbered
 * as well as the residual stream. The length of a row before a nonlinearity is no free choice:
 * rescaling it would change the function, except for `up` in a gated layer, where a gate stands
 * beside it.
 *
 * A choice that depends on the values leaves no exact permutation test; see compare/neuron_match.h.
 */
#ifndef SVA_FINGERPRINT_STRONG_NEURONS_H
#define SVA_FINGERPRINT_STRONG_NEURONS_H

#include "fingerprint/gram.h"
#include "fingerprint/landmarks.h"

struct sva_strong_plan {
    bool wanted;
    uint32_t most;   /**< rows that are kept */
    uint64_t length;
    uint32_t count;  /**< rows held so far */
    uint32_t shortest; /**< when all are held: the one that makes room next */
    double *norms;   /**< [most] squared */
    uint64_t *lines; /**< [most] */
    float *rows;     /**< [most * length] as stored */
    const struct sva_landmarks *landmarks; /**< or NULL: no barcodes */
};

/** For matrices whose rows are the neurons of a hidden layer and lie in one piece; of an expert's
 * only barcodes are wanted. False: out of memory. */
bool sva_strong_plan_init(struct sva_strong_plan *plan, const struct sva_view *view, int line_axis,
                          const struct sva_gram_plan *gram);
void sva_strong_plan_done(struct sva_strong_plan *plan);

/** A line as in sva_gram_line(); lines that come in pieces are not looked at. */
void sva_strong_line(struct sva_strong_plan *plan, const struct sva_gram_plan *gram, uint64_t line,
                     uint64_t first, const float *values, size_t count);

/** Cosines, directions and barcodes. False: out of memory. */
bool sva_strong_finish(struct sva_strong_plan *plan, const struct sva_gram_plan *gram,
                       struct sva_strong_neurons *strong, struct sva_barcodes *barcodes);

#endif
