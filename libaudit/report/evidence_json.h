/* SPDX-License-Identifier: Apache-2.0 */
/** The evidence register, waivers, and what results owe to them, as JSON. */
#ifndef SVA_REPORT_EVIDENCE_JSON_H
#define SVA_REPORT_EVIDENCE_JSON_H

#include <sovaudit/report.h>

#include "report/json_writer.h"

/** Member "evidence": null without a register. */
void sva_evidence_json(struct sva_writer *json, const struct sva_audit *audit);
/** Member "waivers": null when no file of waivers was given. */
void sva_waivers_json(struct sva_writer *json, const struct sva_audit *audit);
/** Members "documents" (digests) of a rule's result. */
void sva_result_documents_json(struct sva_writer *json, const struct sva_rule_result *result);
/** Member "waiver" of a rule's result: null unless it is waived. */
void sva_result_waiver_json(struct sva_writer *json, const struct sva_rule_result *result);

#endif
