/* SPDX-License-Identifier: Apache-2.0 */
/** What the two halves of the knowledge about a subject share. Internal to judge/knowledge*.c. */
#ifndef SVA_JUDGE_KNOWLEDGE_PARTS_H
#define SVA_JUDGE_KNOWLEDGE_PARTS_H

#include <sovaudit/judge.h>

#include "base/memory.h"

/** The subject as the look-ups see it: a print or an open model. */
struct sva_looked {
    const struct sva_known *known;
    const char *name;
    const struct sva_fact *facts;
    size_t fact_count;
    const struct sva_case *source; /**< NULL: an open model, nothing compared */
    struct sva_arena *arena;       /**< owns what is made */
};

enum { SVA_BOUND_LICENCES_MAX = 256 };

/** Value of the fact with this key, or of its first element ("key.0"); "" when there is none. */
const char *sva_looked_fact(const struct sva_looked *subject, const char *key);

/** Fills the licences: own, declared, matched. At most SVA_BOUND_LICENCES_MAX. Errors: MEMORY. */
enum sva_status sva_licences_bind(const struct sva_looked *subject, struct sva_knowledge *knowledge,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif
