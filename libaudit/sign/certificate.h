/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Chains of X.509 certificates for signing: the signer's first, then those between it and a root,
 * which the caller trusts and which the chain need not hold. As in the reference implementation of
 * OMS, a chain is judged as of the moment from which the signer's certificate is valid, so that a
 * signature outlives it and no clock takes part. Revocation is not looked up.
 */
#ifndef SVA_SIGN_CERTIFICATE_H
#define SVA_SIGN_CERTIFICATE_H

#include "base/cursor.h"
#include "base/memory.h"
#include "sign/keys.h"

enum { SVA_CHAIN_CERTIFICATES = 10 };

struct sva_chain_outcome {
    bool trusted;
    char reason[160];    /**< when it is not; escaped */
    char subject[256];   /**< of the signer's certificate, RFC 2253; escaped */
    struct sva_key *key; /**< the certificate's; the caller's to free; NULL when not trusted */
};

/**
 * Judges a chain of certificates in DER against the roots in `ca_file` (PEM). The signer's must be
 * one for code: its key usage, where it has one, digital signature, its extended key usage, where
 * it has one, code signing, and it has one of the two. `name` is for messages, escaped. Errors:
 * NOT_FOUND, IO, CORRUPT (no certificate in one of them), UNSUPPORTED (type of the key), MEMORY.
 */
enum sva_status sva_chain_check(const struct sva_span *chain, size_t count, const char *ca_file,
                                const char *name, struct sva_chain_outcome *outcome,
                                struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads a signer's certificate and those that follow it, PEM, into DER in `arena`. The first must
 * be of `key`. Errors: NOT_FOUND, IO, CORRUPT (none in it), LIMIT, USAGE (of another key), MEMORY.
 */
enum sva_status sva_chain_load(const char *path, const struct sva_key *key, struct sva_arena *arena,
                               struct sva_span chain[SVA_CHAIN_CERTIFICATES], size_t *count,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif
