/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A run of rows of a packed tensor, taken apart: a code for each element, and scales, zero points
 * and biases as F32. Shared by packing_read.c, packing_tile.c and packing_grid.c.
 */
#ifndef SVA_PACKING_TILE_H
#define SVA_PACKING_TILE_H

#include "model/packing_layout.h"

/** Rows [first, first + rows) of one expert. */
struct sva_packed_tile {
    bool loaded;
    uint64_t expert, first, rows;
    uint8_t *codes;       /**< [rows][columns]; NULL with blocks */
    float *block_values;  /**< [rows][columns], with blocks only */
    float *block_steps;   /**< [rows][columns], with blocks only */
    uint64_t scale_first; /**< row of the grid, or flat block, that the arrays below begin with */
    float *scales;        /**< rows of the grid, or a run of flat blocks */
    float *zeros;         /**< the same, or NULL */
    float *biases;        /**< the same, or NULL */
};

struct sva_packing_reader {
    const struct sva_model *model;
    const struct sva_packing *packing;
    float values[256]; /**< what codes stand for */
    float gaps[256];   /**< larger distance to a neighbouring value */
    float nested_map[256];
    uint32_t *order; /**< [columns] group of each column, all below grid.columns; or NULL */
    uint64_t tile_rows;
    struct sva_packed_tile tile;
    uint8_t *bytes; /**< of the last read */
    size_t capacity;
};

/**
 * Reads `size` bytes, which are whole elements, of a part into reader->bytes. Words and scalars of
 * a big-endian file are turned, blocks are not. Errors: IO, CONFLICT, CORRUPT, MEMORY.
 */
enum sva_status sva_tile_bytes(struct sva_packing_reader *reader, int part, uint64_t offset,
                               size_t size, struct sva_error *error) SVA_MUST_CHECK;
/** Elements [first, first + count) of a part as F32. */
enum sva_status sva_tile_floats(struct sva_packing_reader *reader, int part, enum sva_dtype dtype,
                                uint64_t first, size_t count, float *out,
                                struct sva_error *error) SVA_MUST_CHECK;
static inline uint32_t sva_tile_word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}
/** `bits` (at most 8) bits at a place in a stream of `size` bytes, lowest first. */
static inline unsigned sva_tile_bits(const uint8_t *bytes, size_t size, uint64_t place,
                                     unsigned bits)
{
    const size_t at = (size_t)(place / 8);
    const unsigned low = bytes[at];
    const unsigned high = at + 1 < size ? bytes[at + 1] : 0U;
    return (low | high << 8) >> (place % 8) & ((1U << bits) - 1U);
}

/** Column of a word's n-th four bits, lowest first: AWQ's order. */
extern const uint8_t sva_awq_columns[8];

/** How many scales the arrays of a tile of this many rows hold at most. */
uint64_t sva_tile_scale_count(const struct sva_packing *packing, uint64_t rows);

/** Fill the tile, whose expert, first and rows are set. */
enum sva_status sva_tile_load_codes(struct sva_packing_reader *reader,
                                    struct sva_error *error) SVA_MUST_CHECK;
enum sva_status sva_tile_load_grids(struct sva_packing_reader *reader,
                                    struct sva_error *error) SVA_MUST_CHECK;

#endif
