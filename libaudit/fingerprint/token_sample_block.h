/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The block of a print that holds the sample of its vocabulary, at most some 180 kB:
 *   u8 order, u8 length and text of the kind, u32 tokens, population, tokens of one byte, special
 *   tokens, merges, two digests of 32 bytes, u32 count of the sample, its u64 keys, u32 ids, u32
 *   ranks, u32 count and u32 keys of the first tokens, u32 count of special tokens: u64 key, u32
 *   id, u8 length and text of each.
 */
#ifndef SVA_FINGERPRINT_TOKEN_SAMPLE_BLOCK_H
#define SVA_FINGERPRINT_TOKEN_SAMPLE_BLOCK_H

#include <sovaudit/print.h>

#include "base/cursor.h"
#include "base/memory.h"

void sva_token_sample_encode(const struct sva_token_sample *sample, struct sva_bytes *out);

/**
 * Foreign bytes into a sample in `arena`, every bound checked; the cursor has failed where one is
 * broken. NULL: failed, or out of memory, which `*exhausted` tells.
 */
const struct sva_token_sample *sva_token_sample_decode(struct sva_cursor *in,
                                                       struct sva_arena *arena, bool *exhausted);

/** A copy in another arena; NULL: out of memory. */
const struct sva_token_sample *sva_token_sample_copy(const struct sva_token_sample *sample,
                                                     struct sva_arena *arena);

#endif
