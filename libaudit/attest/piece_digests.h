/* SPDX-License-Identifier: Apache-2.0 */
/** Digests of files or pieces of files, several at a time; results do not depend on the threads. */
#ifndef SVA_ATTEST_PIECE_DIGESTS_H
#define SVA_ATTEST_PIECE_DIGESTS_H

#include <stdatomic.h>

#include "attest/statement.h"
#include "attest/tree.h"
#include "sign/hash_hints.h"

struct sva_piece {
    const struct sva_tree_file *file;
    const char *name; /**< as a manifest writes it */
    uint64_t start, end;
    uint8_t digest[SVA_DIGEST_MOST]; /**< out */
    const struct sva_hint *hint;     /**< of the whole file, or NULL: hash it in one go */
    atomic_bool hints_false;         /**< out: the hint is not of this file, and was of no use */
    uint8_t (
        *chains)[32]; /**< out: chaining values of hints for the whole file; NULL: not wanted */
};

/**
 * Pieces of all files that are not odd, sorted by name (bytes): one for each file, or one for each
 * `shard_bytes` of it (a file without bytes then has none). Errors: LIMIT, MEMORY.
 */
enum sva_status sva_pieces_of(const struct sva_tree *tree, uint64_t shard_bytes,
                              struct sva_arena *arena, struct sva_piece **pieces, size_t *count,
                              struct sva_error *error) SVA_MUST_CHECK;

struct sva_piece_options {
    enum sva_digest_kind kind;
    bool follow; /**< symbolic links */
    uint32_t threads;
    const struct sva_progress *progress;
};

/** Errors: IO, NOT_FOUND, CONFLICT (a file changed size), CANCELLED, MEMORY. */
enum sva_status sva_pieces_digest(struct sva_piece *const *pieces, size_t count,
                                  const struct sva_piece_options *options,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif
