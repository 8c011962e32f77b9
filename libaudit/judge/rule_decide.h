/* SPDX-License-Identifier: Apache-2.0 */
/** One rule and the values of facts -> its verdict. Profiles and waivers come later. */
#ifndef SVA_JUDGE_RULE_DECIDE_H
#define SVA_JUDGE_RULE_DECIDE_H

#include "judge/rule_evidence.h"

struct sva_decision {
    enum sva_rule_verdict verdict;
    bool missing; /**< the rule's on_missing, because a fact or a document is not there */
};

/** The first case that holds decides; one that a missing fact leaves open gives on_missing. */
struct sva_decision sva_rule_decide(const struct sva_rule *rule,
                                    const struct sva_fact_value *values);

#endif
