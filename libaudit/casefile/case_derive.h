/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The audit once more, from what is in the bundle (and the model, where it is at hand), and its
 * outcome beside the report's: the same answers, the same figures, the same verdict.
 */
#ifndef SVA_CASEFILE_CASE_DERIVE_H
#define SVA_CASEFILE_CASE_DERIVE_H

#include "casefile/case_read.h"
#include "casefile/case_report.h"

/**
 * Lines about the model's print, the comparisons and the verdict. `sound` false: a line
 * failed already, so nothing is derived. Errors: those of sva_check().
 */
enum sva_status sva_case_derive(struct sva_unpacked *work, const struct sva_case_report *report,
                                bool sound) SVA_MUST_CHECK;

#endif
