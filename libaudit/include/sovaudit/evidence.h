/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a vendor hands in beside the weights: the evidence register, which binds documents by their
 * SHA-256, and waivers, by which a person takes responsibility for a finding. Both are strict JSON;
 * docs/evidence.md describes them. Nothing here judges.
 */
#ifndef SOVAUDIT_EVIDENCE_H
#define SOVAUDIT_EVIDENCE_H

#include <sovaudit/print.h>

/** What became of a document of the register. */
enum sva_document_state {
    SVA_DOCUMENT_SOUND,     /**< there, and its bytes are those that were registered */
    SVA_DOCUMENT_HASH_ONLY, /**< confidential: only its hash was handed in */
    SVA_DOCUMENT_MISSING,   /**< declared, not there */
    SVA_DOCUMENT_CHANGED,   /**< there, with other bytes */
    SVA_DOCUMENT_MALFORMED  /**< there, but the judgement or report in it cannot be used */
};

/** "sound", "hash-only", "missing", "changed", "malformed". */
SVA_API const char *sva_document_state_name(enum sva_document_state state);

struct sva_document {
    const char *kind; /**< "loss-log" */
    const char *path; /**< beside the register; "" for a hash-only document */
    uint8_t sha256[SVA_DIGEST_BYTES];
    uint64_t size_bytes;
    const char *media_type, *issuer, *date, *language;
    bool confidential;
    enum sva_document_state state;
    /* of a sound judgement: who decided what about which rule; "" otherwise */
    const char *rule, *judge, *decision, *reasons; /**< "accepted", "rejected", "review" */
    /* of a sound trace report, "" otherwise: "accepted", "review", "refused" */
    const char *trace_verdict, *trace_initialisation, *trace_loss_log;
};

/** What the signature of the model's files came to, where the register names one. */
enum sva_manifest_state {
    SVA_MANIFEST_NONE,           /**< no signed manifest that could be read */
    SVA_MANIFEST_VERIFIED,       /**< by the key, and every file of weights is as signed */
    SVA_MANIFEST_UNVOUCHED,      /**< no key was given, and the register declares none */
    SVA_MANIFEST_INVALID,        /**< not made by the key over these bytes */
    SVA_MANIFEST_WEIGHTS_DIFFER, /**< a file of weights is not as signed, or is not there */
    SVA_MANIFEST_FILES_DIFFER,   /**< the same of another file */
    SVA_MANIFEST_INCOMPLETE,     /**< a file of weights is not listed */
    SVA_MANIFEST_NOT_COMPARED,   /**< no digests of whole files by SHA-256 to compare with */
    SVA_MANIFEST_UNSUPPORTED     /**< a signature that is not read here, such as by certificate */
};

/**
 * "none", "verified", "unvouched", "invalid", "weights-differ", "files-differ", "incomplete",
 * "not-compared", "unsupported".
 */
SVA_API const char *sva_manifest_state_name(enum sva_manifest_state state);

/** The signed manifest of a register against the print's digests. Counts are of files. */
struct sva_signed_manifest {
    enum sva_manifest_state state;
    const char *path; /**< of the signature in the register, "" none */
    /* the key that made it, or the caller's that did not; "" when it is not known */
    bool key_given;       /**< by the caller, not by the register */
    const char *key_path; /**< in the register */
    const char *key_type;
    uint8_t key_fingerprint[SVA_DIGEST_BYTES];
    uint64_t weights, same_weights; /**< of the model; of these as signed */
    uint64_t same;                  /**< as signed, weights among them */
    uint64_t changed, missing;      /**< not as signed; listed and not there */
    uint64_t unlisted, unlisted_weights;
    uint64_t uncompared; /**< digests of pieces, or by another algorithm */
    uint64_t unseen;     /**< listed in folders that the audit does not look into */
};

/** A register as read and checked. Owns all that it points to. */
struct sva_evidence {
    const char *path;
    uint8_t sha256[SVA_DIGEST_BYTES]; /**< of the register's bytes */
    size_t document_count;
    const struct sva_document *documents; /**< in the register's order */
    size_t finding_count;
    const struct sva_finding *findings; /**< documents missing, changed, unlisted, malformed */
    void *internal;
    struct sva_signed_manifest manifest; /**< the first that verifies, else the first */
};

struct sva_key; /* <sovaudit/sign.h> */

/**
 * Reads a register and every document that it lists. `subject` is what judgements must be about and
 * what a signed manifest must list. `model_key` made the signature; NULL: one of the register's
 * documents of kind public-key did. Errors: NOT_FOUND, IO, CORRUPT (not a sound register; the text
 * names the JSON path; or a link that leads elsewhere), LIMIT, MEMORY. Documents that are missing
 * or changed are findings, not errors.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_evidence_load(const char *path,
                                                         const struct sva_print *subject,
                                                         const struct sva_key *model_key,
                                                         struct sva_evidence **evidence,
                                                         struct sva_error *error);
SVA_API void sva_evidence_free(struct sva_evidence *evidence);

/**
 * MODEL/evidence.json when it is there, or that of the snapshot of which a hub cache entry is read;
 * else NULL. free(). Errors: IO, MEMORY; whether there is a register is not known then.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_evidence_beside(const char *model_path,
                                                           char **register_path,
                                                           struct sva_error *error);

struct sva_rulepack;

/**
 * Writes an empty register that lists what the pack's profile wants. Errors: CONFLICT (the file is
 * there already), IO, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_evidence_init(const char *path,
                                                         const struct sva_rulepack *pack,
                                                         struct sva_error *error);

/** What the register says of a new document; NULL texts: not known. */
struct sva_document_note {
    const char *kind, *media_type, *issuer, *date, *language;
    bool confidential; /**< keep the hash alone */
};

/**
 * Hashes `file` and appends it to the register, which is replaced in one step. Errors: USAGE (an
 * unknown kind, a file outside the register's folder, listed already), those of loading, IO.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_evidence_add(const char *register_path, const char *file,
                                                        const struct sva_document_note *note,
                                                        struct sva_error *error);

/** What became of a waiver. */
enum sva_waiver_state {
    SVA_WAIVER_USED,
    SVA_WAIVER_UNUSED, /**< nothing that it could waive was found */
    SVA_WAIVER_EXPIRED,
    SVA_WAIVER_NOT_YET,     /**< dated after the report */
    SVA_WAIVER_OTHER_MODEL, /**< its digest is not this model's */
    SVA_WAIVER_UNKNOWN_RULE /**< the pack has no such rule */
};

/** "used", "unused", "expired", "not-yet-valid", "other-model", "unknown-rule". */
SVA_API const char *sva_waiver_state_name(enum sva_waiver_state state);

struct sva_waiver {
    const char *rule;
    const char *component, *tensor;  /**< patterns with * and ?; "*" where none is given */
    uint8_t model[SVA_DIGEST_BYTES]; /**< sva_model_digest() of the model that it is for */
    const char *reason;              /**< one of a closed list */
    const char *text, *evidence, *approver;
    const char *date, *expires; /**< ISO days; valid through `expires` */
};

struct sva_waivers {
    const char *path;
    uint8_t sha256[SVA_DIGEST_BYTES];
    size_t count;
    const struct sva_waiver *items;
    void *internal;
};

/** Reads a file of waivers. Errors: NOT_FOUND, IO, CORRUPT, LIMIT, MEMORY. */
SVA_MUST_CHECK SVA_API enum sva_status sva_waivers_load(const char *path,
                                                        struct sva_waivers **waivers,
                                                        struct sva_error *error);
SVA_API void sva_waivers_free(struct sva_waivers *waivers);

/**
 * Digest of a model's weights: SHA-256 over the lines "<sha256 in hex>  <path>\n" of its audited
 * weight files in the byte order of their paths, which is what `sha256sum` prints (also of a name
 * with a line break). False when a file was not hashed or there is none.
 */
SVA_API bool sva_model_digest(const struct sva_print *subject, uint8_t digest[SVA_DIGEST_BYTES]);

#endif
