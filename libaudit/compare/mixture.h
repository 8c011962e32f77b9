/* SPDX-License-Identifier: Apache-2.0 */
/** What the two halves of sva_mixture_estimate() share: matching places, and whole layers. */
#ifndef SVA_COMPARE_MIXTURE_H
#define SVA_COMPARE_MIXTURE_H

#include <sovaudit/compare.h>

#include "compare/places.h"

/** A component of the subject and the references it may be made of. */
struct sva_mixture_case {
    const struct sva_print *subject;
    uint32_t component;
    const struct sva_print *const *references;
    size_t count;
    struct sva_places places[SVA_MIXTURE_PARENTS]; /**< of the references */
};

/** May the tensor be fitted: readable values with samples? */
bool sva_mixture_samples_known(const struct sva_print_tensor *tensor);

/** The tensor of reference k at `wanted`'s place, of its shape and with samples; NULL: none. */
const struct sva_print_tensor *sva_mixture_partner(const struct sva_mixture_case *given, size_t k,
                                                   const struct sva_print_tensor *wanted);

/** Sum of squared differences of samples of one shape; INFINITY where they do not fit. */
double sva_mixture_apart(const struct sva_value_samples *a, const struct sva_value_samples *b);

/**
 * Fits the parents that are needed to gains and biases of the component alone, which the samples
 * of matrices do not contain: fills vector_coefficient and vector_se. False: out of memory.
 */
bool sva_mixture_by_vectors(const struct sva_mixture_case *given, struct sva_mixture *mixture);

/**
 * Is `rest`, squares left beyond rounding, at most SVA_MIXTURE_REST_MOST of what `nearest` more
 * would leave? `nearest`: what the alternative leaves more than the fit, in which rounding cancels.
 */
bool sva_mixture_is_little(double rest, double nearest);

/**
 * Does one reference alone explain each layer, not the same one every layer? A layer is explained
 * alone when at most a quarter of its size is left, and at most a tenth (as squares) of what any
 * other reference leaves, whichever of its layers, rounding taken off both. Fills ranges,
 * unexplained, kind and parents when that explains twice as much of the size as `mixture` does.
 * False: out of memory.
 */
bool sva_mixture_by_layers(const struct sva_mixture_case *given, struct sva_mixture *mixture);

#endif
