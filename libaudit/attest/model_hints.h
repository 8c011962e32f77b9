/* SPDX-License-Identifier: Apache-2.0 */
/** Hints (sign/hash_hints.h) for the files of a model: written when it is signed, used later. */
#ifndef SVA_ATTEST_MODEL_HINTS_H
#define SVA_ATTEST_MODEL_HINTS_H

#include "attest/piece_digests.h"
#include "attest/verify_lines.h"

/**
 * Room for the chaining values of every file that has any, which hashing then fills; pieces are
 * whole files. Errors: MEMORY.
 */
enum sva_status sva_model_hints_wanted(struct sva_piece *pieces, size_t count,
                                       struct sva_arena *arena,
                                       struct sva_error *error) SVA_MUST_CHECK;

/** Writes what hashing filled to `path`; pieces are sorted by name. Errors: LIMIT, IO, MEMORY. */
enum sva_status sva_model_hints_write(const char *path, const struct sva_piece *pieces,
                                      size_t count, struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads the file `path` and gives each piece its hint. Errors: NOT_FOUND, IO, CORRUPT,
 * UNSUPPORTED, LIMIT, MEMORY.
 */
enum sva_status sva_model_hints_read(const char *path, struct sva_piece *const *pieces,
                                     size_t count, struct sva_arena *arena,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Lines about hints that held, and about each that did not. */
void sva_model_hints_tell(struct sva_piece *const *pieces, size_t count,
                          struct sva_findings *findings);

#endif
