/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Timestamps of RFC 3161 over a SHA-256: a request goes out, a reply comes back by whatever way,
 * and is checked. Nothing here connects anywhere.
 */
#ifndef SVA_SIGN_TIMESTAMP_H
#define SVA_SIGN_TIMESTAMP_H

#include "base/cursor.h"
#include "base/memory.h"
#include <sovaudit/sign.h>

/** Appends a request in DER: version 1, SHA-256, no nonce, certificates wanted. Errors: MEMORY. */
enum sva_status sva_stamp_request(const uint8_t sha256[SVA_FINGERPRINT_BYTES],
                                  struct sva_bytes *der, struct sva_error *error) SVA_MUST_CHECK;

struct sva_stamp {
    bool covers;      /**< its imprint is the SHA-256 asked about */
    bool trusted;     /**< signed by a time stamping certificate under one of the roots */
    char time[40];    /**< "2026-01-02T03:04:05Z"; meaningless unless trusted */
    char reason[160]; /**< why it is not trusted, escaped; "" when it is */
};

/**
 * Reads a reply in DER and compares it with `sha256`. `ca_file`: PEM roots, or NULL: its signer is
 * not judged and `trusted` stays false. `name` is for messages.
 * Errors: CORRUPT (no reply, or one that was not granted), NOT_FOUND, IO, MEMORY.
 */
enum sva_status sva_stamp_check(struct sva_span der, const char *name,
                                const uint8_t sha256[SVA_FINGERPRINT_BYTES], const char *ca_file,
                                struct sva_stamp *stamp, struct sva_error *error) SVA_MUST_CHECK;

#endif
