/* SPDX-License-Identifier: Apache-2.0 */
/** What a component is made of, for the text report. */
#ifndef SVA_REPORT_MIXTURE_SENTENCE_H
#define SVA_REPORT_MIXTURE_SENTENCE_H

#include "report/labels.h"

/**
 * "text-decoder, estimated as a mixture: 60.0% A (± 0.1%) + 40.0% B (± 0.1%); ...". "" when
 * nothing could be fitted; in `arena`; NULL when out of memory. `index` counts audit->mixtures.
 */
const char *sva_mixture_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_audit *audit, size_t index);

#endif
