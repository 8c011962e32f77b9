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

enum { SVA_BOUND_LICENCES_MAX = 256, SVA_KNOWN_TENSORS_MAX = 4096 };

/** Value of the fact with this key, or of its first element ("key.0"); "" when there is none. */
const char *sva_looked_fact(const struct sva_looked *subject, const char *key);

/** A field of the model of this name, publisher aside, in any of its rows; "" when none says. */
const char *sva_known_model_field(const struct sva_known *known, const char *name,
                                  enum sva_known_model field);

/** Takes a known tensor; `tensor` is its index in the subject's print. */
typedef enum sva_status sva_take_known(void *context, const struct sva_known_row *row,
                                       uint32_t tensor, struct sva_error *error);

/**
 * Hashes tensors of `subject->source->model` and hands over those that the database knows of one
 * model, smallest first, at most SVA_KNOWN_TENSORS_MAX. Looked at are F16 and F32 tensors of 256
 * elements to 8 MiB that bear evidence, 1 GiB of them. Errors: IO, CONFLICT, MEMORY, the taker's.
 */
enum sva_status sva_known_tensors_look_up(const struct sva_looked *subject, sva_take_known *take,
                                          void *context, struct sva_error *error) SVA_MUST_CHECK;

/** Fills the licences: own, declared, matched. At most SVA_BOUND_LICENCES_MAX. Errors: MEMORY. */
enum sva_status sva_licences_bind(const struct sva_looked *subject, struct sva_knowledge *knowledge,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif
