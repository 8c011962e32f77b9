/* SPDX-License-Identifier: Apache-2.0 */
/** The signatures of report and model inside a bundle, and its timestamp. */
#ifndef SVA_CASEFILE_CASE_SIGNED_H
#define SVA_CASEFILE_CASE_SIGNED_H

#include "casefile/case_read.h"
#include "casefile/case_report.h"

/**
 * Lines about report.sig, model.sig and timestamp.tsr, and at the end whether the key that was
 * given signed anything at all. Errors: CORRUPT, UNSUPPORTED, IO, MEMORY, CANCELLED.
 */
enum sva_status sva_case_check_signed(struct sva_unpacked *work,
                                      const struct sva_case_report *report) SVA_MUST_CHECK;

#endif
