/* SPDX-License-Identifier: Apache-2.0 */
/** Part of `inspect` about what a model declares of its origin. Nothing is compared. */
#ifndef SVA_REPORT_INSPECT_DECLARED_H
#define SVA_REPORT_INSPECT_DECLARED_H

#include <sovaudit/report.h>

#include "base/memory.h"

/** A section of the text; nothing when nothing is declared. `knowledge` may be NULL. */
void sva_inspect_declared_text(const struct sva_knowledge *knowledge, enum sva_lang lang,
                               bool colour, struct sva_bytes *out);

/** The member "declared" of the JSON, with its comma and end of line. */
void sva_inspect_declared_json(const struct sva_knowledge *knowledge, struct sva_bytes *out);

#endif
