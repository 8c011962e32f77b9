/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Direction: a symmetric test cannot tell who took from whom, so dates,
 * publishers and declared ancestry do (METHOD section 1). Pure functions of a
 * case; nothing here looks at weights.
 */
#ifndef SVA_JUDGE_DIRECTION_H
#define SVA_JUDGE_DIRECTION_H

#include <sovaudit/judge.h>

enum sva_direction {
    SVA_DIRECTION_EXTERNAL,      /**< another publisher's, not released after the subject */
    SVA_DIRECTION_UNKNOWN_DATE,  /**< another publisher's, order of release not known */
    SVA_DIRECTION_CONTRADICTORY, /**< said to derive from an own model, yet not released after it */
    SVA_DIRECTION_LATER,         /**< another publisher's, released after the subject */
    SVA_DIRECTION_OWN,           /**< the subject's own publisher's */
    SVA_DIRECTION_COUNT
};

/** "external", "unknown-date", "contradictory-date", "later", "own". */
const char *sva_direction_name(enum sva_direction direction);

/** Direction of `facts->compared[index].reference`. */
enum sva_direction sva_direction_of(const struct sva_case *facts, size_t index);

/** Is it by one of the publishers that count as the subject's own? */
bool sva_is_own(const struct sva_case *facts, const struct sva_reference *reference);

/** Day number yyyymmdd by which references are ordered; unknown dates come last. */
int sva_release_order(const struct sva_reference *reference);

/**
 * Name at the top of a reference's declared ancestry: derived_from is followed
 * through the compared references (never in circles). Borrowed from the case.
 */
const char *sva_lineage_root(const struct sva_case *facts, size_t index);

/** ASCII case-insensitive equality of model names; "org/name" equals "name". */
bool sva_same_model_name(const char *a, const char *b);

/**
 * True when `text` holds the name (without its "org/") as a whole word, ignoring ASCII case;
 * space, '-' and '_' are one.
 */
bool sva_text_names_model(const char *text, const char *name);

#endif
