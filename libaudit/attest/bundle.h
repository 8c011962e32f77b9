/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The Sigstore bundle (JSON, media type v0.3) around a DSSE envelope, and bare envelopes. Reading
 * looks at nothing under the signature: the payload stays bytes. Keys that the formats do not know
 * are refused, so that nothing in the file is without meaning.
 */
#ifndef SVA_ATTEST_BUNDLE_H
#define SVA_ATTEST_BUNDLE_H

#include "base/cursor.h"
#include "base/memory.h"

#include <sovaudit/sign.h>

#include "sign/certificate.h"

#define SVA_BUNDLE_MEDIA_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"
#define SVA_PAYLOAD_TYPE      "application/vnd.in-toto+json"

enum {
    SVA_BUNDLE_BYTES = 1 << 28, /**< largest bundle that is read: a million files */
    SVA_BUNDLE_STAMPS = 16
};

struct sva_bundle {
    bool bare;                 /**< an envelope without a bundle around it */
    const char *payload_type;  /**< SVA_PAYLOAD_TYPE, checked */
    struct sva_span payload;   /**< as signed */
    struct sva_span signature; /**< value of the one signature */
    const char *hint;          /**< key fingerprint that the bundle names, "" for none */
    bool logged;               /**< it has transparency log entries */
    size_t stamp_count;
    struct sva_span stamps[SVA_BUNDLE_STAMPS];     /**< replies of RFC 3161 in DER */
    size_t chain_count;                            /**< 0: signed with a key */
    struct sva_span chain[SVA_CHAIN_CERTIFICATES]; /**< in DER, the signer's first */
};

/**
 * Parses; everything stays in `arena`. `name` is for messages, already escaped. Errors: CORRUPT,
 * UNSUPPORTED (signed with a certificate or Sigstore identity, several signatures), LIMIT, MEMORY.
 */
enum sva_status sva_bundle_parse(struct sva_span bytes, const char *name, struct sva_arena *arena,
                                 struct sva_bundle *bundle, struct sva_error *error) SVA_MUST_CHECK;
/** The same for a file. Errors: also NOT_FOUND, IO. */
enum sva_status sva_bundle_read(const char *path, struct sva_arena *arena,
                                struct sva_bundle *bundle, struct sva_error *error) SVA_MUST_CHECK;

/** The same, and bundles signed with a chain of certificates. */
enum sva_status sva_bundle_read_any(const char *path, struct sva_arena *arena,
                                    struct sva_bundle *bundle,
                                    struct sva_error *error) SVA_MUST_CHECK;

/** Its text; text->failed when memory ran out. */
void sva_bundle_put(const struct sva_bundle *bundle, struct sva_bytes *text);
/** Replaces or makes the file. Errors: LIMIT (larger than what is read), IO, MEMORY. */
enum sva_status sva_bundle_write(const struct sva_bundle *bundle, const char *path,
                                 struct sva_error *error) SVA_MUST_CHECK;

/** Signs the payload and appends the bundle. Errors: USAGE, MEMORY. */
enum sva_status sva_bundle_sign_text(struct sva_span payload, const struct sva_key *key,
                                     struct sva_bytes *text,
                                     struct sva_error *error) SVA_MUST_CHECK;
/** Signs the payload and writes the bundle. Errors: USAGE, LIMIT, IO, MEMORY. */
enum sva_status sva_bundle_sign(struct sva_span payload, const struct sva_key *key,
                                const char *path, struct sva_error *error) SVA_MUST_CHECK;

/** The same with the signer's certificates in place of the key's fingerprint. Errors: as above. */
enum sva_status sva_bundle_sign_chain(struct sva_span payload, const struct sva_key *key,
                                      const struct sva_span *chain, size_t chain_count,
                                      const char *path, struct sva_error *error) SVA_MUST_CHECK;

#endif
