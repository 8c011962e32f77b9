/* SPDX-License-Identifier: Apache-2.0 */
/** Sentences about licences and about what the facts database knows, for the report and inspect. */
#ifndef SVA_REPORT_KNOWN_SENTENCE_H
#define SVA_REPORT_KNOWN_SENTENCE_H

#include <sovaudit/report.h>

#include "base/memory.h"

/* All texts lie in `arena`, escaped; NULL: out of memory. */

/** "Llama 3.1 Community License (llama3.1), of the declared base X. Restrictive: ..." */
const char *sva_licence_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_bound_licence *licence, const char *component);

/** Places of restrictive clauses in the licence files; "" when there are none. */
const char *sva_clauses_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_fact *facts, size_t fact_count);

/** "model.gguf is known as X (publisher), by Y."; of tensors one sentence for each model. */
const char *sva_known_sentence(struct sva_arena *arena, enum sva_lang lang,
                               const struct sva_knowledge *knowledge, size_t hit);

/** Is it a tensor of a model whose sentence an earlier hit has given? */
bool sva_known_is_repeated(const struct sva_knowledge *knowledge, size_t hit);

/** "10,340 rows of 2026-11-26 (built-in)". */
const char *sva_known_version(struct sva_arena *arena, enum sva_lang lang,
                              const struct sva_known_info *info);

/** Members of the JSON about these, in the place that their keys have: "facts", "licences". */
struct sva_writer;
void sva_known_json(struct sva_writer *json, const struct sva_audit *audit);

#endif
