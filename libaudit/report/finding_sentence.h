/* SPDX-License-Identifier: Apache-2.0 */
/** A finding as a sentence in the reader's language. */
#ifndef SVA_REPORT_FINDING_SENTENCE_H
#define SVA_REPORT_FINDING_SENTENCE_H

#include <sovaudit/report.h>

#include "base/memory.h"

/**
 * The finding's own text in English; in Korean what finding_words.h has for it, or the text itself
 * where no row fits (an older or newer print). In `arena` or borrowed from the finding; NULL when
 * out of memory. What comes in is safe to print, and so is what comes out.
 */
const char *sva_finding_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_finding *finding);

#endif
