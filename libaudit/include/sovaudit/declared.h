/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Declared against observed: every place in which a subject says what it was made from, and what
 * the comparison of weights says to it. Both directions: what is declared and not observed, what is
 * observed and not declared. Names alone never show a dependence, and prose never shows a duty.
 */
#ifndef SOVAUDIT_DECLARED_H
#define SOVAUDIT_DECLARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How much a declaration says. Ordered: a larger value is the stronger one. */
enum sva_claim_strength {
    SVA_CLAIM_MENTION, /**< a name in prose, a table or code */
    SVA_CLAIM_PROSE,   /**< a name in a sentence about origin */
    SVA_CLAIM_NOTICE,  /**< a name in a notice, or words that a licence wants shown */
    SVA_CLAIM_FIELD,   /**< a field that is there for it */
    SVA_CLAIM_STRENGTH_COUNT
};

/** How a declared name and a reference's fit. Ordered: a larger value is the closer fit. */
enum sva_name_level {
    SVA_NAME_OTHER,
    SVA_NAME_FAMILY,    /**< the same family, or the reference's own declared base */
    SVA_NAME_VARIANT,   /**< one name is the other and more: "-Instruct" */
    SVA_NAME_ELSEWHERE, /**< the same name of another organisation */
    SVA_NAME_SAME,      /**< the same name; an organisation is not known on both sides */
    SVA_NAME_EXACT,     /**< the same organisation and name */
    SVA_NAME_LEVEL_COUNT
};

/** What the weights say to a declaration. */
enum sva_claim_state {
    SVA_CLAIM_OBSERVED,       /**< the weights depend on the reference */
    SVA_CLAIM_NOT_OBSERVED,   /**< compared, and no evidence */
    SVA_CLAIM_NOT_COMPARABLE, /**< there, but no component could be tested */
    SVA_CLAIM_NO_REFERENCE,   /**< no reference of that name was compared */
    SVA_CLAIM_STATE_COUNT
};

/** Does the declared relation agree with how the weights depend? */
enum sva_relation_state {
    SVA_RELATION_NOT_STATED,
    SVA_RELATION_AGREES,
    SVA_RELATION_DIFFERS,
    SVA_RELATION_OPEN, /**< the comparison does not tell */
    SVA_RELATION_STATE_COUNT
};

/** One place that names a model. */
struct sva_claim {
    /** "model-card", "config", "adapter-config", "weight-file", "merge-recipe", "notice",
     * "licence", "prose" */
    const char *where;
    const char *file;     /**< path in the subject */
    const char *place;    /**< key or field; "" text */
    uint32_t line;        /**< from 1, 0 not known */
    const char *name;     /**< as written */
    const char *relation; /**< "finetune", "quantized", "adapter", "merge", as written; "" none */
    enum sva_claim_strength strength;
    enum sva_name_level level;
    enum sva_claim_state state;
    size_t compared; /**< of the case, the reference that fits best; SIZE_MAX none */
    enum sva_relation_state relation_state;
    const char *derivation; /**< observed, of the component that decides on the relation; "" none */
};

/** A sentence that says that the model was trained from scratch. */
struct sva_denial {
    const char *file, *text;
    uint32_t line;
    size_t compared; /**< a reference of others that the weights depend on; SIZE_MAX none */
};

/** A dependence on another publisher's reference that no field and no notice names. */
struct sva_undeclared {
    size_t compared;
    size_t mentioned; /**< index of a claim in prose that names it, SIZE_MAX none */
};

struct sva_declared {
    size_t claim_count;
    const struct sva_claim *claims; /**< strongest first, then by file and place */
    size_t denial_count;
    const struct sva_denial *denials; /**< by line */
    size_t undeclared_count;
    const struct sva_undeclared *undeclared; /**< in the case's order */
    const bool *covered; /**< of each compared reference: a field or notice names it or its kin */
    uint64_t left_out;   /**< declarations that did not fit */
};

#endif
