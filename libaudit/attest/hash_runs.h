/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SHA-256 of files on all processors. A run is a stretch of a file that is hashed from front to
 * back: a whole piece, or between two hints (sign/hash_hints.h) one step of it. Runs that fit into
 * a processor's share go two at a time, which is what processors with SHA instructions are faster
 * at. Digests and the error that is reported do not depend on the number of threads.
 */
#ifndef SVA_ATTEST_HASH_RUNS_H
#define SVA_ATTEST_HASH_RUNS_H

#include "attest/piece_digests.h"

/** Fills digests, and `chains` where there are any. Errors: as sva_pieces_digest. */
enum sva_status sva_pieces_sha256(struct sva_piece *const *pieces, size_t count,
                                  const struct sva_piece_options *options,
                                  struct sva_error *error) SVA_MUST_CHECK;

#endif
