/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The decision rule: a component's evidence, adjusted over the family, becomes its answer, with
 * the derivation and the sentence that says why. Computes no p-value.
 */
#ifndef SVA_COMPARE_RULING_H
#define SVA_COMPARE_RULING_H

#include "compare/evidence.h"

/** What the rule looks at, for one component. */
struct sva_ruling {
    const struct sva_component_evidence *evidence;
    struct sva_component_result *result; /**< its numbers are filled in before */
    double log10_reject, log10_derived;  /**< family-wise */
    double log10_family;                 /**< of Holm's first step, for pieces */
    double best_floor;                   /**< smallest adjusted p that any test could give */
};

/** Fills the result's answer, derivation and reason. */
void sva_rule(const struct sva_ruling *ruling);

/** Every change is of low rank, in two matrices at least: an adapter was merged. */
bool sva_is_merged_adapter(const struct sva_component_evidence *evidence);

#endif
