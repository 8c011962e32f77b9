/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Kinds of evidence that rules may ask for: those that the audit reads from the model itself, and
 * those that are documents in the evidence register. A closed list.
 */
#ifndef SVA_JUDGE_EVIDENCE_KINDS_H
#define SVA_JUDGE_EVIDENCE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum sva_evidence_kind {
    /* read from the model */
    SVA_KIND_WEIGHTS,
    SVA_KIND_TENSOR_HASH,
    SVA_KIND_FILE_HASH,
    SVA_KIND_CONFIG,
    SVA_KIND_TOKENIZER,
    SVA_KIND_MODEL_CARD,
    SVA_KIND_LICENCE,
    SVA_KIND_CODE,
    SVA_KIND_FILE_FORMAT,
    /* documents in the register */
    SVA_KIND_INITIALISATION_RECORD,
    SVA_KIND_CHECKPOINT_MANIFEST,
    SVA_KIND_TRACE_REPORT,
    SVA_KIND_LOSS_LOG,
    SVA_KIND_DATA_SHEET,
    SVA_KIND_DATA_MANIFEST,
    SVA_KIND_TRAINING_CONTENT_SUMMARY,
    SVA_KIND_COPYRIGHT_POLICY,
    SVA_KIND_TRAINING_RECIPE,
    SVA_KIND_CODE_COMMIT,
    SVA_KIND_ENVIRONMENT,
    SVA_KIND_PROVENANCE,
    SVA_KIND_COMPUTE_RECORD,
    SVA_KIND_RETRAINING_DECLARATION,
    SVA_KIND_ORIGIN_STATEMENT,
    SVA_KIND_LICENCE_REVIEW,
    SVA_KIND_DOCUMENTATION_FORM,
    SVA_KIND_ACCEPTABLE_USE,
    SVA_KIND_SIGNED_MANIFEST,
    SVA_KIND_PUBLIC_KEY, /**< the one that made the signed manifest */
    SVA_KIND_CONTACT,
    SVA_KIND_REPRODUCTION,
    SVA_KIND_JUDGEMENT, /**< a person's recorded decision about one rule */
    SVA_KIND_OTHER,
    SVA_KIND_COUNT
};

struct sva_evidence_kind_info {
    const char *name;
    bool document; /**< may stand in a register */
    const char *en, *ko;
};

/** Never NULL. */
const struct sva_evidence_kind_info *sva_evidence_kind_get(enum sva_evidence_kind kind);
/** By name; false if unknown. */
bool sva_evidence_kind_find(const char *name, enum sva_evidence_kind *kind);

#endif
