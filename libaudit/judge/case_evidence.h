/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Collecting what a case holds per component: agreeing comparisons and exact
 * copies, each with its direction, in a fixed order. No rules, no wording.
 */
#ifndef SVA_JUDGE_CASE_EVIDENCE_H
#define SVA_JUDGE_CASE_EVIDENCE_H

#include "judge/case_facts.h"

/** Fills directions, disclosed, matches and exact items. Errors: MEMORY. */
enum sva_status sva_case_evidence_collect(struct sva_case_facts *facts,
                                          struct sva_error *error) SVA_MUST_CHECK;

#endif
