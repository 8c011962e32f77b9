/* SPDX-License-Identifier: Apache-2.0 */
/** Declared against observed, in the report for people and in the JSON. */
#ifndef SVA_REPORT_DECLARED_REPORT_H
#define SVA_REPORT_DECLARED_REPORT_H

#include "report/text_page.h"

struct sva_writer;

/** The section; nothing where there is nothing to say. Of prose only what bears on a finding. */
void sva_text_declared(struct sva_page *page);

/** The member "declared"; null where nothing was judged. */
void sva_declared_json(struct sva_writer *json, const struct sva_audit *audit);

/** "mention", "prose", "notice", "field". */
const char *sva_claim_strength_name(enum sva_claim_strength strength);

#endif
