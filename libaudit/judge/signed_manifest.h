/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The vendor's signature over the model's files, where the register names one: verified with the
 * key that the caller vouches for, else with one that the register declares, and set against the
 * digests that the print has. Nothing is read again, so a print alone gives the same answer. What
 * is wrong is a finding, never an error.
 */
#ifndef SVA_JUDGE_SIGNED_MANIFEST_H
#define SVA_JUDGE_SIGNED_MANIFEST_H

#include <sovaudit/evidence.h>

#include "base/cursor.h"
#include "base/memory.h"

/** A signed manifest of the register, as its bytes are. */
struct sva_manifest_input {
    struct sva_span bytes;
    const char *path;                  /**< in the register; kept by the result */
    const struct sva_print *subject;   /**< NULL: files are not compared */
    const struct sva_key *const *keys; /**< [key_count] any of which may have signed */
    const char *const *key_paths;      /**< [key_count] in the register, "" for the caller's */
    size_t key_count;
    bool key_given; /**< the keys are the caller's */
};

/** Receives findings: code, path of a file, sentence. */
typedef enum sva_status (*sva_manifest_finding)(void *context, const char *code, const char *file,
                                                const char *text, struct sva_error *error);

/**
 * Fills `manifest`; what it points to is in `arena`. Findings go to `tell`. Errors: CORRUPT (no
 * bundle, or what it signs is no manifest; the text says why), MEMORY, those of `tell`.
 */
enum sva_status sva_signed_manifest_check(const struct sva_manifest_input *input,
                                          struct sva_arena *arena, sva_manifest_finding tell,
                                          void *context, struct sva_signed_manifest *manifest,
                                          struct sva_error *error) SVA_MUST_CHECK;

#endif
