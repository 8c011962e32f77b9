/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Facts: what rules may ask about a case, typed and named. Computed once per
 * case from the comparisons, the exact look-ups and the subject's print. A
 * fact is a bool, a number or a text, or missing. Nothing here judges.
 */
#ifndef SVA_JUDGE_CASE_FACTS_H
#define SVA_JUDGE_CASE_FACTS_H

#include "base/memory.h"
#include "judge/direction.h"

enum sva_fact_id {
    /* of a component */
    SVA_FACT_COMPONENT_NAME,
    SVA_FACT_COMPONENT_KIND,
    SVA_FACT_PARAMETER_COUNT,
    SVA_FACT_EVIDENCE_PARAMETER_COUNT,
    SVA_FACT_UNREADABLE_PARAMETER_COUNT,
    SVA_FACT_COMPARABLE,
    SVA_FACT_EXTERNAL_COMPARABLE,
    SVA_FACT_ANSWER,
    SVA_FACT_ANSWER_UNDATED,
    SVA_FACT_ANSWER_LATER,
    SVA_FACT_ANSWER_OWN,
    SVA_FACT_EXTERNAL_MATCH,
    SVA_FACT_UNDATED_MATCH,
    SVA_FACT_DIRECTION,
    SVA_FACT_RHO,
    SVA_FACT_LOG10_P,
    SVA_FACT_COVERAGE,
    SVA_FACT_DETECTABLE_RHO,
    SVA_FACT_DISCLOSED,
    /* of a component (its tensors) or of the whole model (its files) */
    SVA_FACT_EXACT_EXTERNAL,
    SVA_FACT_EXACT_UNDATED,
    SVA_FACT_EXACT_LATER,
    SVA_FACT_EXACT_OWN,
    SVA_FACT_REFERENCES_TESTED,
    /* of the whole model */
    SVA_FACT_MODEL_COMPARABLE,
    SVA_FACT_MODEL_PARAMETER_COUNT,
    SVA_FACT_COMPONENT_COUNT,
    SVA_FACT_UNDISCLOSED_MATCH,
    SVA_FACT_AUTO_MAP,
    SVA_FACT_AUTO_MAP_REMOTE,
    SVA_FACT_PICKLE_FILES,
    SVA_FACT_UNREAD_WEIGHT_FILES,
    SVA_FACT_ARCHITECTURE,
    SVA_FACT_ARCHITECTURE_SHARED,
    SVA_FACT_TOKENIZER_SIZE,
    SVA_FACT_TOKENIZER_SHARED,
    SVA_FACT_TOKENIZER_LINEAGE,
    SVA_FACT_TOKENIZER_DECLARED,
    SVA_FACT_TOKENIZER_SOURCE,
    SVA_FACT_CARD_PRESENT,
    SVA_FACT_LICENCE_DECLARED,
    SVA_FACT_LICENCE_RESTRICTIVE,
    SVA_FACT_LICENCE_DUTIES_UNMET,
    SVA_FACT_CODE_DOWNLOADS,
    /* of the rule that is judged: what the register holds for it; in every scope */
    SVA_FACT_EVIDENCE_REGISTER,
    SVA_FACT_EVIDENCE_MISSING,
    SVA_FACT_EVIDENCE_UNSOUND,
    SVA_FACT_EVIDENCE_PROVIDED,
    SVA_FACT_EVIDENCE_UNSEEN,
    SVA_FACT_JUDGEMENT_DECISION,
    SVA_FACT_TRACE_INITIALISATION,
    SVA_FACT_TRACE_LOSS_LOG,
    SVA_FACT_MANIFEST_SIGNATURE,
    /* by the facts database and the licences read */
    SVA_FACT_ARCHITECTURE_FAMILY,
    SVA_FACT_KNOWN_FILES,
    SVA_FACT_LICENCE_ID,
    SVA_FACT_LICENCE_CONFLICT,
    SVA_FACT_LICENCE_RESTRICTIVE_KNOWN,
    /* by the programs that come with the model */
    SVA_FACT_CODE_POSSIBLE,
    SVA_FACT_CODE_UNRESOLVED,
    /* declared against observed */
    SVA_FACT_DECLARED_BASES,
    SVA_FACT_DECLARED_NOT_OBSERVED,
    SVA_FACT_DECLARED_NOT_COMPARABLE,
    SVA_FACT_DECLARED_NO_REFERENCE,
    SVA_FACT_DECLARED_RELATION_DIFFERS,
    SVA_FACT_DECLARED_CONTRADICTED,
    SVA_FACT_UNDECLARED_MATCHES,
    SVA_FACT_ID_COUNT
};

enum sva_fact_type { SVA_FACT_BOOL, SVA_FACT_NUMBER, SVA_FACT_TEXT };

/** Where a fact has a value. Bits. */
enum { SVA_SCOPE_COMPONENT = 1, SVA_SCOPE_MODEL = 2 };

struct sva_fact_info {
    const char *name; /**< as in packs: "component.answer" */
    enum sva_fact_type type;
    unsigned scopes;
};

/** Never NULL. */
const struct sva_fact_info *sva_fact_get_info(enum sva_fact_id id);
/** By name; false if unknown. */
bool sva_fact_find(const char *name, enum sva_fact_id *id);

struct sva_fact_value {
    bool known;
    bool truth;
    double number;
    const char *text;
};

/** A component that agrees with a reference's: any answer above no-evidence. */
struct sva_match {
    size_t compared; /**< index into the case's compared */
    enum sva_direction direction;
    const struct sva_component_result *result;
};

/** A tensor or file that a reference holds bit for bit. */
struct sva_exact_item {
    uint32_t scope;         /**< component of the tensor; of a file: UINT32_MAX */
    uint32_t subject_index; /**< tensor or file */
    size_t compared;        /**< SIZE_MAX when the reference was not compared */
    enum sva_direction direction;
    const char *reference; /**< name */
    const char *item;      /**< tensor or file name there, "" not known */
};

/** Facts of one component, or of the whole model. */
struct sva_scope_facts {
    const struct sva_print_component *component; /**< NULL: the whole model */
    size_t match_count;
    const struct sva_match *matches; /**< earliest release first, unknown dates last */
    size_t exact_count;
    const struct sva_exact_item *exact; /**< by direction, then item, then release */
    size_t tested_count;                /**< references that could be compared */
    size_t tested_external_count;       /**< of these, by other publishers */
    struct sva_fact_value values[SVA_FACT_ID_COUNT];
};

struct sva_case_facts {
    const struct sva_case *source;
    struct sva_arena *arena;
    enum sva_direction *directions; /**< of each compared reference */
    bool *disclosed; /**< of each compared reference: the subject names it or its kin */
    struct sva_scope_facts model;
    size_t component_count;
    struct sva_scope_facts *components;
};

/** Computes all facts into `arena`, which must outlive them. Errors: MEMORY. */
enum sva_status sva_case_facts_make(const struct sva_case *source, struct sva_arena *arena,
                                    struct sva_case_facts *facts,
                                    struct sva_error *error) SVA_MUST_CHECK;

/** Value of the subject's fact whose key is `key`, "" when there is none. */
const char *sva_subject_fact(const struct sva_case *source, const char *key);

/** Index of the next fact from `from` that declares shipped code ("auto_map"), or fact_count. */
size_t sva_next_auto_map(const struct sva_print *subject, size_t from);
/** True when such a declaration points into another repository ("org/name--module.Class"). */
bool sva_auto_map_is_remote(const char *value);

/** True when `compared` has a fact `key` equal to the subject's (both not empty). */
bool sva_shares_fact(const struct sva_case *source, size_t compared, const char *key);

/**
 * The lineage of the subject's vocabulary to a reference's; SAME also where prints have no sample
 * of it and the digests are equal.
 */
enum sva_lineage sva_tokenizer_lineage_to(const struct sva_case *source, size_t compared);

/** Keys of the facts that T1.5 and T1.6 compare. */
#define SVA_KEY_ARCHITECTURE     "config.architectures"
#define SVA_KEY_MODEL_TYPE       "config.model_type"
#define SVA_KEY_TOKENIZER_SIZE   "tokenizer.vocab_size"
#define SVA_KEY_CARD_LICENCE     "card.license"
#define SVA_KEY_TOKENIZER_DIGEST "tokenizer.vocab_sha256"
/** Key of the fact that P1.2 reads beside auto_map itself. */
#define SVA_KEY_UNRESOLVED "code.entries.unresolved"

#endif
