/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The signature of DSSE: not over the payload alone but over its pre-authentication encoding,
 * "DSSEv1 <length> <type> <length> <payload>". EC keys hash with SHA-256, 384 or 512 by the size
 * of their curve, as Sigstore's registry has it; signatures are DER for EC, 64 bytes for Ed25519.
 */
#ifndef SVA_SIGN_DSSE_H
#define SVA_SIGN_DSSE_H

#include "base/cursor.h"
#include "base/memory.h"
#include "sign/keys.h"

/** Appends the signature. Errors: USAGE (a public key only), INTERNAL, MEMORY. */
enum sva_status sva_dsse_sign(const struct sva_key *key, const char *payload_type,
                              struct sva_span payload, struct sva_bytes *signature,
                              struct sva_error *error) SVA_MUST_CHECK;

/** Sets *valid. Whatever the bytes are, a signature that does not fit is no error. Errors: MEMORY.
 */
enum sva_status sva_dsse_verify(const struct sva_key *key, const char *payload_type,
                                struct sva_span payload, struct sva_span signature, bool *valid,
                                struct sva_error *error) SVA_MUST_CHECK;

#endif
