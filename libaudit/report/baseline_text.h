/* SPDX-License-Identifier: Apache-2.0 */
/** What changed since an earlier report, in the text for people. */
#ifndef SVA_REPORT_BASELINE_TEXT_H
#define SVA_REPORT_BASELINE_TEXT_H

#include "report/text_page.h"

/** Nothing where no earlier report was given. */
void sva_text_baseline(struct sva_page *page);

#endif
