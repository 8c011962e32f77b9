/* SPDX-License-Identifier: Apache-2.0 */
/** The blocks of a print: plain bytes <-> structures. Framing is print_codec.c's and print_read.c's. */
#ifndef SVA_FINGERPRINT_PRINT_BLOCKS_H
#define SVA_FINGERPRINT_PRINT_BLOCKS_H

#include <stdbool.h>

#include <sovaudit/print.h>

#include "base/cursor.h"
#include "base/memory.h"

/**
 * Blocks 1 .. SVA_PRINT_BLOCK_COUNT, always in this order: later ones lean on earlier ones. Those
 * beyond SVA_PRINT_BLOCKS_NEEDED are left out where they are empty.
 */
enum sva_print_block {
    SVA_BLOCK_HEADER = 1,
    SVA_BLOCK_COMPONENTS,
    SVA_BLOCK_TENSORS,
    SVA_BLOCK_SKETCHES,
    SVA_BLOCK_DIRECTIONS,
    SVA_BLOCK_VECTORS,
    SVA_BLOCK_ROW_HASHES,
    SVA_BLOCK_FILES,
    SVA_BLOCK_FACTS,
    SVA_BLOCK_FINDINGS,
    SVA_BLOCK_SAMPLES,
    SVA_BLOCK_ALTERNATIVES,
    SVA_BLOCK_HEADS, /**< one entry for each component */
    SVA_BLOCK_GRAMS,
    SVA_BLOCK_STRONG_NEURONS,
    SVA_BLOCK_TOKEN_ROWS, /**< u32 count, then for each tensor that has them: u32 tensor, rows */
    /** For each component u32 count and keys; then u32 count of tensors: u32 tensor, u8 units, values. */
    SVA_BLOCK_BARCODES,
    SVA_BLOCK_TOKEN_SAMPLE, /**< fingerprint/token_sample_block.h */
    SVA_BLOCK_CODE,         /**< fingerprint/code_block.h */
    SVA_BLOCK_READING,      /**< fingerprint/reading_block.h */
    SVA_PRINT_BLOCKS_NEEDED = SVA_BLOCK_STRONG_NEURONS,
    SVA_PRINT_BLOCK_COUNT = SVA_BLOCK_READING
};

void sva_put_u16(struct sva_bytes *out, uint16_t value);
void sva_put_u32(struct sva_bytes *out, uint32_t value);
void sva_put_u64(struct sva_bytes *out, uint64_t value);

/**
 * Where a block's plain bytes go. What returns false stops the encoding, and says itself why.
 */
struct sva_block_sink {
    bool (*begin)(void *context, uint64_t plain_bytes); /**< once, before the first piece */
    bool (*take)(void *context, const uint8_t *bytes, size_t size); /**< the next piece */
    void *context;
};

/**
 * Hands a block on in pieces of about a megabyte: that of many tensors is larger than all that is
 * kept of them. False: out of memory, or the sink stopped.
 */
bool sva_print_block_encode(const struct sva_print *print, uint32_t id,
                            const struct sva_block_sink *sink);

/** The bytes of SVA_BLOCK_FACTS, which a store keeps by themselves as well. */
void sva_print_facts_encode(const struct sva_print *print, struct sva_bytes *out);

/** False for a block that may be left out and has nothing to say. */
bool sva_print_block_present(const struct sva_print *print, uint32_t id);

/** Bytes that a tensor's entry in a block with entries has at most, as the maker makes them. */
enum { SVA_BLOCK_ENTRY_MOST = 9 << 20 };

/** Has the block an entry for each tensor, and nothing else? */
bool sva_print_block_has_entries(uint32_t id);

/** A block's plain bytes: those that the cursor runs over, and more if they come in windows. */
struct sva_block_bytes {
    struct sva_cursor cursor;
    uint64_t moved_over; /**< plain bytes before those of the cursor */
    /** Drops what is before the cursor and brings what there is room for; NULL: it is all there. */
    void (*more)(struct sva_block_bytes *bytes);
    void *context;
};

/**
 * Decodes one block; all of it must be there unless it has entries, of which SVA_BLOCK_ENTRY_MOST
 * bytes or the rest are. The caller looks at what is left. Errors: CORRUPT, MEMORY.
 */
SVA_MUST_CHECK enum sva_status sva_print_block_decode(struct sva_print *print, uint32_t id,
                                                      struct sva_block_bytes *bytes,
                                                      const char *what, struct sva_error *error);

#endif
