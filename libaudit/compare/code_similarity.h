/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How much of a model's shipped programs stands in a reference's, by their fingerprints
 * (model/code_sketch.h). An observation: equal programs say nothing about weights.
 * docs/code.md has the background of unrelated programs from which the bounds come.
 */
#ifndef SVA_COMPARE_CODE_SIMILARITY_H
#define SVA_COMPARE_CODE_SIMILARITY_H

#include <sovaudit/compare.h>

#include "base/memory.h"

/** Fewer common fingerprints than this are no observation. */
#define SVA_CODE_COMMON_LEAST  8
/** Share of either file from which a pair is told, as written and with names alike. */
#define SVA_CODE_SHARE_WRITTEN 0.3
#define SVA_CODE_SHARE_ALIKE   0.3

/**
 * Each program of the subject with the reference's that holds most of it. Either may be NULL.
 * `whole`: both come from models and hold all they have, not what prints keep. Paths and ranges
 * live in `arena`. Time: files x files x fingerprints, all bounded. False: out of memory.
 */
bool sva_code_compare(const struct sva_code *subject, const struct sva_code *reference, bool whole,
                      struct sva_arena *arena, struct sva_code_similarity *similarity);

#endif
