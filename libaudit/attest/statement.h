/* SPDX-License-Identifier: Apache-2.0 */
/**
 * in-toto Statement v1 with one of three predicates: the manifest of OMS, or our attestation of a
 * report or of any file. Only bytes whose signature is good are given to the reader; it is strict
 * all the same.
 */
#ifndef SVA_ATTEST_STATEMENT_H
#define SVA_ATTEST_STATEMENT_H

#include "base/cursor.h"
#include "base/memory.h"

#include <sovaudit/status.h>

#define SVA_STATEMENT_TYPE   "https://in-toto.io/Statement/v1"
#define SVA_OMS_PREDICATE    "https://model_signing/signature/v1.0"
#define SVA_REPORT_PREDICATE "https://sovaudit.org/attestation/report/v1"
#define SVA_FILE_PREDICATE   "https://sovaudit.org/attestation/file/v1"

enum { SVA_DIGEST_MOST = 64, SVA_STATEMENT_NAME_BYTES = 4096, SVA_STATEMENT_IGNORED = 4096 };

/** Digest algorithms of manifests. */
enum sva_digest_kind { SVA_DIGEST_SHA256, SVA_DIGEST_BLAKE2B, SVA_DIGEST_KIND_COUNT };
/** "sha256", "blake2b": as manifests write them. */
const char *sva_digest_kind_name(enum sva_digest_kind kind);
size_t sva_digest_kind_bytes(enum sva_digest_kind kind);

/** A file, or with shards a piece of one: a line of a manifest. */
struct sva_resource {
    const char *path;    /**< relative to the model's root; "." for a model of one file */
    const char *name;    /**< as written: path, or path:start:end */
    uint64_t start, end; /**< bytes of the piece; both 0 for a whole file */
    uint8_t digest[SVA_DIGEST_MOST];
};

struct sva_manifest {
    const char *subject;
    uint8_t root[32]; /**< SHA-256 over all digests, in the order of the resources */
    enum sva_digest_kind kind;
    uint64_t shard_bytes; /**< 0: whole files */
    bool allow_symlinks;
    size_t ignore_count;
    const char *const *ignore;
    size_t count;
    const struct sva_resource *resources;
};

/** A file of the model that a report is about. */
struct sva_subject_file {
    const char *name;
    uint8_t sha256[32];
};

struct sva_report_claim {
    size_t count;
    const struct sva_subject_file *files;
    const char *schema, *verdict;
    uint8_t sha256[32]; /**< of the report's bytes */
};

/**
 * An OMS statement. Errors: CORRUPT (also: names that leave the model, digests of the wrong length,
 * two lines for one name, a root digest that is not that of its lines), UNSUPPORTED, MEMORY.
 */
enum sva_status sva_manifest_parse(struct sva_span payload, const char *name,
                                   struct sva_arena *arena, struct sva_manifest *manifest,
                                   struct sva_error *error) SVA_MUST_CHECK;
/** Our statement about a report. Errors: CORRUPT, UNSUPPORTED, MEMORY. */
enum sva_status sva_report_claim_parse(struct sva_span payload, const char *name,
                                       struct sva_arena *arena, struct sva_report_claim *claim,
                                       struct sva_error *error) SVA_MUST_CHECK;

/** Our statement about one file, an object without members as its predicate. Errors: as above. */
enum sva_status sva_file_claim_parse(struct sva_span payload, const char *name,
                                     struct sva_arena *arena, struct sva_subject_file *claim,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Computes the root over the resources as they stand; false: out of memory. */
bool sva_manifest_root(const struct sva_manifest *manifest, uint8_t root[32]);

/** Statements as JSON without white space; check text->failed. */
void sva_manifest_put(const struct sva_manifest *manifest, struct sva_bytes *text);
void sva_report_claim_put(const struct sva_report_claim *claim, struct sva_bytes *text);
void sva_file_claim_put(const struct sva_subject_file *claim, struct sva_bytes *text);

/** A relative path that stays beneath where it starts: no "", ".", "..", "//", leading '/'. */
bool sva_path_is_plain(const char *path);

#endif
