/* SPDX-License-Identifier: Apache-2.0 */
/** Section of the report for people: shipped programs, what they fetch, whose they resemble. */
#ifndef SVA_REPORT_CODE_TEXT_H
#define SVA_REPORT_CODE_TEXT_H

#include "report/text_page.h"

/** Nothing for a subject without programs and auto_map. */
void sva_text_code(struct sva_page *page);

#endif
