/* SPDX-License-Identifier: Apache-2.0 */
/** Parts of `inspect` about licences and what the facts database knows. */
#ifndef SVA_REPORT_INSPECT_KNOWN_H
#define SVA_REPORT_INSPECT_KNOWN_H

#include <sovaudit/report.h>

#include "base/memory.h"

/** A section of the text; nothing when nothing is known. `knowledge` may be NULL. */
void sva_inspect_known_text(const struct sva_model *model, const struct sva_knowledge *knowledge,
                            enum sva_lang lang, bool colour, struct sva_bytes *out);

/** The member "licences" of the JSON, with its comma and end of line. */
void sva_inspect_known_json(const struct sva_knowledge *knowledge, struct sva_bytes *out);

#endif
