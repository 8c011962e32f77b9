/* SPDX-License-Identifier: Apache-2.0 */
/** The READMEs of a bundle, for whoever receives it. */
#ifndef SVA_CASEFILE_CASE_README_H
#define SVA_CASEFILE_CASE_README_H

#include <sovaudit/report.h>

#include "casefile/case_report.h"
#include "casefile/sums.h"

/**
 * The text follows from the report and from the names in the bundle alone, so that a verification
 * can make it again. `names` may lack the READMEs. out->failed when there is no memory.
 */
void sva_case_readme(const struct sva_case_report *report, const struct sva_sums *names,
                     enum sva_lang lang, struct sva_bytes *out);

#endif
