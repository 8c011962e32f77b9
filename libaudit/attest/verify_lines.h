/* SPDX-License-Identifier: Apache-2.0 */
/** The lines of a verification, gathered. */
#ifndef SVA_ATTEST_VERIFY_LINES_H
#define SVA_ATTEST_VERIFY_LINES_H

#include "attest/bundle.h"
#include "attest/fields.h"

struct sva_findings {
    struct sva_arena arena;
    struct sva_grown checks; /**< struct sva_check */
    bool failed;             /**< a line says so */
    bool no_memory;
};

/** Adds a line; `text` is escaped and kept, NULL: none. */
void sva_findings_add(struct sva_findings *findings, enum sva_check_code code,
                      enum sva_check_state state, uint64_t count, const char *text);
void sva_findings_add_hex(struct sva_findings *findings, enum sva_check_code code,
                          enum sva_check_state state, const uint8_t digest[32]);

/** Adds the lines of another verification as they are. */
void sva_findings_copy(struct sva_findings *findings, const struct sva_verification *from);

/** Hands the lines over and empties `findings`. Errors: MEMORY. */
enum sva_status sva_findings_finish(struct sva_findings *findings,
                                    struct sva_verification **verification,
                                    struct sva_error *error) SVA_MUST_CHECK;
void sva_findings_done(struct sva_findings *findings);

/**
 * First lines of every verification: the signature and the key that the bundle names. *valid says
 * whether what is signed may be read. Errors: MEMORY.
 */
enum sva_status sva_findings_signature(struct sva_findings *findings,
                                       const struct sva_bundle *bundle, const struct sva_key *key,
                                       bool *valid, struct sva_error *error) SVA_MUST_CHECK;

/**
 * Last lines: timestamps of the signature (judged when `ca_file` is not NULL), and what nobody
 * knows. Errors: CORRUPT (a timestamp), NOT_FOUND, IO, MEMORY.
 */
enum sva_status sva_findings_time(struct sva_findings *findings, const struct sva_bundle *bundle,
                                  const char *name, const char *ca_file,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif
