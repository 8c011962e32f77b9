/* SPDX-License-Identifier: Apache-2.0 */
/** Declarations of origin: collected from a subject's facts, then set against its comparisons. */
#ifndef SVA_JUDGE_CLAIMS_H
#define SVA_JUDGE_CLAIMS_H

#include "judge/knowledge_parts.h"

enum {
    SVA_CLAIMS_MAX = 256,
    SVA_DENIALS_MAX = 48,
    SVA_CLAIM_TEXT_BYTES_MAX = 1 << 18 /**< of all texts that are searched for names */
};

/** Declarations under construction. Arrays and texts lie in the subject's arena. */
struct sva_claims {
    const struct sva_looked *subject;
    struct sva_claim *items;    /**< [SVA_CLAIMS_MAX] */
    struct sva_denial *denials; /**< [SVA_DENIALS_MAX] */
    size_t count, denial_count;
    uint64_t left_out;
    size_t text_bytes; /**< searched so far */
    const char **names; /**< [name_count] of references and by the facts database, sorted */
    size_t name_count;
    bool failed; /**< out of memory */
};

/** Makes the list of names that are looked for in texts. Errors: `failed`. */
void sva_claims_learn_names(struct sva_claims *claims);

/** Collects them; nothing is compared yet. Never fails but by `failed`. */
void sva_claims_collect(struct sva_claims *claims);

/** Adds the models that a text names by a whole word; `form->line` is the line of its start. */
void sva_claims_of_text(struct sva_claims *claims, const struct sva_claim *form, const char *text);

/** Adds a claim of this form: texts are copied. The subject's own name is no declaration. */
void sva_claims_add(struct sva_claims *claims, const struct sva_claim *form);

/** Collects and reconciles. `*declared` lies in the arena. Errors: MEMORY. */
enum sva_status sva_declared_make(const struct sva_looked *subject,
                                  const struct sva_declared **declared,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif
