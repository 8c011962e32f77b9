/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How much of what a mixture leaves is the rounding of the subject's own format: a merge stored in
 * four bits lies as far from every mixture as its codes are coarse.
 */
#ifndef SVA_COMPARE_MIXTURE_ROUNDING_H
#define SVA_COMPARE_MIXTURE_ROUNDING_H

#include <sovaudit/print.h>

#include "compare/value_fit.h"

/** Subject beside the values that a mixture predicts, over some matrices. Zero-initialise. */
struct sva_mixture_rest {
    struct sva_value_fit fit;
    double most;        /**< squares that rounding leaves if the quantiser is as bad as they come */
    bool no_half_steps; /**< a quantiser that goes beyond the nearest code was at work */
};

/** Samples of one matrix of the subject, and of each reference at the same places. */
struct sva_mixture_sides {
    const struct sva_print_tensor *tensor; /**< the subject's */
    const struct sva_value_samples *s;
    const struct sva_value_samples *const *r;
    size_t count; /**< of references */
};

/**
 * Adds one matrix, predicted as sum c_k r_k; the subject's dtype and steps say how it was rounded
 * (a plain float: from F32). References are taken as they are. Weighs by the number of elements.
 */
void sva_mixture_rest_add(struct sva_mixture_rest *rest, const struct sva_mixture_sides *sides,
                          const double *c);

/**
 * Share of the squares left that is no rounding, at most. Of what is expected, rounding leaves at
 * least SVA_ROUNDING_RATIO_LEAST. If it may leave all there is, the share of values beyond half a
 * step says more: an error spread evenly over a step q, moved by a normal change of spread x q,
 * ends beyond half a step with probability x sqrt(2 / pi). 1: nothing is known of a rounding.
 */
double sva_mixture_beyond_most(const struct sva_mixture_rest *rest);

/** The same, at least; 0 where the size of the rounding is not known. */
double sva_mixture_beyond_least(const struct sva_mixture_rest *rest);

#endif
