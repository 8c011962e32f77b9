/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The block of a print that holds the fingerprints of shipped programs, at most some 7 KiB a file:
 *   u8 count of files, 1..SVA_CODE_FILES; for each u16 length and bytes of the path, u32 lines, u32
 *   tokens, then for each reading (as written, names alike) u32 different fingerprints, and of
 *   the min(that, SVA_CODE_SAMPLE) smallest, ascending: u64 key, u32 first line, u16 lines more.
 */
#ifndef SVA_FINGERPRINT_CODE_BLOCK_H
#define SVA_FINGERPRINT_CODE_BLOCK_H

#include <sovaudit/print.h>

#include "base/cursor.h"
#include "base/memory.h"

/** Writes what a print keeps of `code`; fingerprints beyond SVA_CODE_SAMPLE are left out. */
void sva_code_encode(const struct sva_code *code, struct sva_bytes *out);

/**
 * Foreign bytes into `arena`, every bound checked; the cursor has failed where one is broken.
 * NULL: failed, or out of memory, which `*exhausted` tells.
 */
const struct sva_code *sva_code_decode(struct sva_cursor *in, struct sva_arena *arena,
                                       bool *exhausted);

/** What a print keeps of `code`, in another arena; NULL: out of memory. */
const struct sva_code *sva_code_copy(const struct sva_code *code, struct sva_arena *arena);

#endif
