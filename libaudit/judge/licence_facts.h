/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Licences as numbers for rules. Clauses that were read in the subject's own licence files are
 * counted apart from those that only the facts database attributes to a licence: a rule may fail
 * on the former, while the latter ask for review.
 */
#ifndef SVA_JUDGE_LICENCE_FACTS_H
#define SVA_JUDGE_LICENCE_FACTS_H

#include <sovaudit/judge.h>

/** NAN: not known. */
struct sva_licence_counts {
    double known; /**< kinds of restrictive clauses of the licences, by the database */
    double unmet; /**< duties that no file shows to be met */
};

/**
 * Over the licences of one component and of the whole model; `component` UINT32_MAX: over all.
 * Not known when there is no licence, or one that the database does not know; counts above 0 are
 * given all the same.
 */
struct sva_licence_counts sva_licence_counts_of(const struct sva_knowledge *knowledge,
                                                uint32_t component);

/**
 * Kinds of restrictive clauses in the licence files of the subject; NAN when there are none and
 * `known`, the database's count for the whole model, is not known either.
 */
double sva_licence_clauses_read(const struct sva_case *source, double known);

#endif
