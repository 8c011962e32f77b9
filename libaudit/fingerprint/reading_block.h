/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a quick print says of its reading, and its block: u64 bytes read, u64 bytes of tensors, then
 * a bit for each tensor, lowest first, that is set where the tensor was read in part. A full print
 * has no such block.
 */
#ifndef SVA_FINGERPRINT_READING_BLOCK_H
#define SVA_FINGERPRINT_READING_BLOCK_H

#include "fingerprint/print_internal.h"

#include "base/cursor.h"

void sva_reading_encode(const struct sva_print *print, struct sva_bytes *out);

/** After all blocks that hold tensors: one read in part must not claim what only a whole one has.
 */
void sva_reading_decode(struct sva_print *print, struct sva_cursor *in);

enum { SVA_READING_SHARE_BYTES = 32 };

/** Percentage of the tensors' bytes that was read, with one digit: "1.6". */
void sva_print_share(const struct sva_print *print, char text[SVA_READING_SHARE_BYTES]);

/** One sentence on how much was read, in the arena; NULL: out of memory. */
const char *sva_reading_sentence(const struct sva_print *print, struct sva_arena *arena);

/** Do both hold the same values, as far as they were read? Read in full: equal hashes. */
bool sva_tensors_alike(const struct sva_print_tensor *a, const struct sva_print_tensor *b);

#endif
