/* SPDX-License-Identifier: Apache-2.0 */
/** Bytes of one of our own JSON documents -> cJSON, after the strict scanner has seen them all. */
#ifndef SVA_JUDGE_STRICT_DOCUMENT_H
#define SVA_JUDGE_STRICT_DOCUMENT_H

#include "base/cursor.h"
#include "judge/pack_reader.h"

/**
 * The document, to be freed with cJSON_Delete(); NULL after a problem was added. `what` names it in
 * the problem: "the rule pack".
 */
cJSON *sva_strict_document(struct sva_span bytes, const char *what, struct sva_problems *problems);

/**
 * The same as an error: CORRUPT with the first problem, behind `path` and "not a sound <what>".
 * OK when `problems` is empty; MEMORY.
 */
enum sva_status sva_strict_problems(const struct sva_problems *problems, const char *path,
                                    const char *what, struct sva_error *error) SVA_MUST_CHECK;

#endif
