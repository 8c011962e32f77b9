/* SPDX-License-Identifier: Apache-2.0 */
/** A file of any kind signed by its SHA-256, and verified, in memory. Files: <sovaudit/sign.h>. */
#ifndef SVA_ATTEST_FILE_STATEMENT_H
#define SVA_ATTEST_FILE_STATEMENT_H

#include "attest/verify_lines.h"

/** Appends a signature over `sha256`; `name` is what the statement calls it. Errors: USAGE, MEMORY.
 */
enum sva_status sva_file_attest(const char *name, const uint8_t sha256[32],
                                const struct sva_key *key, struct sva_bytes *text,
                                struct sva_error *error) SVA_MUST_CHECK;

/**
 * Lines about a signature over `sha256`; of a signature that is not good, nothing is parsed.
 * `signature` names it in messages, escaped. Errors: CORRUPT, UNSUPPORTED, IO, MEMORY.
 */
enum sva_status sva_file_check(struct sva_span text, const char *signature,
                               const uint8_t sha256[32], const struct sva_key *key,
                               const char *ca_file, struct sva_findings *findings,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif
