/* SPDX-License-Identifier: Apache-2.0 */
/** What laying layers and values of a component beside the reference's showed, for the text report. */
#ifndef SVA_REPORT_VALUES_SENTENCE_H
#define SVA_REPORT_VALUES_SENTENCE_H

#include "report/labels.h"

/**
 * Sentences, each with a blank before it: what a step-0 checkpoint says, which layers are
 * repeated or absent, how far apart the values are and how much of that rounding explains, and
 * what was undone. "" when there is nothing to say; in `arena`; NULL when out of memory.
 */
const char *sva_values_sentence(struct sva_arena *arena, enum sva_lang lang,
                                const struct sva_component_result *result);

#endif
