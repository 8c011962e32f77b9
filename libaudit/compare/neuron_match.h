/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where neurons were renumbered as well as the residual stream, no numbering is left that a
 * permutation test could use: whoever finds the numbering again has used it up. So the neurons with
 * the longest rows are matched by their cosines, layer against layer, and the correlation of
 * cosines after matching is held against that of pairs of layers which are independent for certain:
 * the subject's layer and *another* layer of the reference, matched by the same search. That is a
 * null which is run again in every audit, not a theorem: the result is labelled empirical, and
 * counts by its size.
 */
#ifndef SVA_COMPARE_NEURON_MATCH_H
#define SVA_COMPARE_NEURON_MATCH_H

#include "compare/evidence.h"

/**
 * Matches eight layers at most, spaced evenly, each with its place in the reference's component
 * `other`. Fills `evidence->match`; adds the test "neuron-match", which does not decide. False: out
 * of memory.
 */
bool sva_neuron_match(const struct sva_pair *pair, uint32_t component, uint32_t other,
                      struct sva_component_evidence *evidence);

/**
 * The same for a component whose names tell nothing: each of the reference's layers looks for its
 * partner among all matrices that could be one; the control is the best of the others.
 */
bool sva_neuron_match_unnamed(const struct sva_pair *pair, uint32_t component, uint32_t other,
                              struct sva_component_evidence *evidence);

/**
 * Order of the reference's units that makes cosines agree: order[i] is the partner of the subject's
 * unit i. Both are SVA_STRONG_PAIRS cosines. Gives their correlation in that order. Exposed for
 * tests.
 */
double sva_match_neurons(const int16_t *subject, const int16_t *reference, uint32_t *order);

#endif
