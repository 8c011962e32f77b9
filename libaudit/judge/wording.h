/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What was observed, in English and in Korean, for one rule and one component
 * or the whole model. Speaks of the dependence of weights, never of intent.
 */
#ifndef SVA_JUDGE_WORDING_H
#define SVA_JUDGE_WORDING_H

#include "judge/rule_evidence.h"

struct sva_wording {
    const char *reference; /**< the reference named first, "" none */
    const char *en, *ko;
};

/** Words the outcome; the texts live in the facts' arena. Errors: MEMORY. */
enum sva_status sva_wording_make(const struct sva_case_facts *facts,
                                 const struct sva_scope_facts *scope, const struct sva_rule *rule,
                                 const struct sva_rule_documents *documents,
                                 enum sva_rule_verdict verdict, struct sva_wording *wording,
                                 struct sva_error *error) SVA_MUST_CHECK;

#endif
