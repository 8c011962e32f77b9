/* SPDX-License-Identifier: Apache-2.0 */
/** What the evidence register holds for one rule: its documents, and the facts made of them. */
#ifndef SVA_JUDGE_RULE_EVIDENCE_H
#define SVA_JUDGE_RULE_EVIDENCE_H

#include "judge/rulepack.h"

/** Documents of a rule. Lists live in the facts' arena. */
struct sva_rule_documents {
    size_t count;
    const struct sva_document *const
        *items; /**< of the kinds that the rule names, register order */
    size_t missing_count;
    const char *const *missing; /**< required kinds without a sound or hash-only document */
    const struct sva_document *judgement;       /**< the latest sound one about the rule, or NULL */
    const struct sva_document *trace;           /**< the first sound trace report, or NULL */
    const struct sva_signed_manifest *manifest; /**< when the rule asks for one that was read */
};

/** Errors: MEMORY. */
enum sva_status sva_rule_documents_find(const struct sva_case_facts *facts,
                                        const struct sva_rule *rule,
                                        struct sva_rule_documents *documents,
                                        struct sva_error *error) SVA_MUST_CHECK;

/** Sets the facts evidence.*, judgement.*, trace.* and manifest.* of a copy of a scope. */
void sva_rule_documents_set(const struct sva_case_facts *facts,
                            const struct sva_rule_documents *documents,
                            struct sva_scope_facts *scope);

#endif
