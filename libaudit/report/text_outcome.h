/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The verdict on the page for people: the line that it begins with, and the closing part: what
 * keeps a model from passing, what to do about it, and the verdict in a sentence that stands alone.
 */
#ifndef SVA_REPORT_TEXT_OUTCOME_H
#define SVA_REPORT_TEXT_OUTCOME_H

#include "report/text_page.h"

/** "1 tested, newest released 2025-01-15". */
const char *sva_text_references(struct sva_page *page);

/** The first line, and an empty one. */
void sva_text_verdict(struct sva_page *page);

/** The closing part; of a pass its sentence alone, of a bare comparison nothing. */
void sva_text_outcome(struct sva_page *page);

#endif
