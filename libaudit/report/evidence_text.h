/* SPDX-License-Identifier: Apache-2.0 */
/** Sections of the report for people: the pack's effect, the evidence register, waivers. */
#ifndef SVA_REPORT_EVIDENCE_TEXT_H
#define SVA_REPORT_EVIDENCE_TEXT_H

#include "report/text_page.h"

/** "not in force before ..."; "" when the pack is in force. */
const char *sva_text_effect(struct sva_page *page);
/** Documents that are not sound, judgements, and criteria left out for want of a register. */
void sva_text_evidence(struct sva_page *page);
/** Every waiver with its state; nothing without a file of waivers. */
void sva_text_waivers(struct sva_page *page);
/** "Waived by ... until ...: reason", "" when the result is not waived. */
const char *sva_text_waiver_of(struct sva_page *page, const struct sva_rule_result *result);

#endif
