/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Named cases of facts: {"format": 1, "base": {fact: value}, "cases": {name: {fact: value}}}. A
 * case is the base with some facts replaced; null takes a fact away.
 */
#ifndef SVA_JUDGE_RULE_TRIALS_H
#define SVA_JUDGE_RULE_TRIALS_H

#include "base/cursor.h"
#include "judge/rulepack.h"

enum { SVA_CASES_BYTES_MAX = 4 * 1024 * 1024, SVA_CASES_MAX = 1000 };

struct sva_trial_case {
    const char *name;
    struct sva_fact_value *values; /**< [SVA_FACT_ID_COUNT] */
};

/** Parses; everything wrong is listed in `problems`, whose arena keeps the cases. Errors: MEMORY.
 */
enum sva_status sva_trial_cases_parse(struct sva_span bytes, struct sva_problems *problems,
                                      struct sva_trial_case **cases, size_t *count,
                                      struct sva_error *error) SVA_MUST_CHECK;

/** Does a verdict mean that the rule fired? For rules that only inform, information does. */
bool sva_rule_fires(const struct sva_rule_info *info, enum sva_rule_verdict verdict);

#endif
