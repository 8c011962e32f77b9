/* SPDX-License-Identifier: Apache-2.0 */
/* Scales, zero points and biases of a run of rows, as F32 and one behind the other. */
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "kernel/dtype.h"
#include "model/packing_tile.h"

enum { WORD_BITS = 32, AWQ_OUTPUTS = 8 };

/** Which scales a tile needs: a run of flat blocks, or rows of the grid. */
struct span {
    uint64_t first, count; /**< rows of the grid, or flat blocks */
    uint64_t width;        /**< scales of each */
};

static struct span span_of(const struct sva_packing_reader *reader)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const struct sva_scale_grid *const grid = &packing->grid;
    if (grid->flat) {
        const uint64_t element = (tile->expert * packing->rows + tile->first) * packing->columns;
        const uint64_t last = element + tile->rows * packing->columns - 1;
        const uint64_t first = element / grid->column_block;
        return (struct span){first, last / grid->column_block - first + 1, 1};
    }
    const uint64_t first = tile->first / grid->row_block;
    const uint64_t last = (tile->first + tile->rows - 1) / grid->row_block;
    return (struct span){first, last - first + 1, grid->columns};
}

uint64_t sva_tile_scale_count(const struct sva_packing *packing, uint64_t rows)
{
    const struct sva_scale_grid *const grid = &packing->grid;
    if (grid->flat) {
        return rows * packing->columns / grid->column_block + 2;
    }
    const uint64_t spans = rows / grid->row_block + 2;
    return (spans < grid->rows ? spans : grid->rows) * grid->columns;
}

/** One element for each of the span's scales, from a part that lies on the grid. */
static enum sva_status load_grid(struct sva_packing_reader *reader, int part, enum sva_dtype dtype,
                                 float *out, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_scale_grid *const grid = &packing->grid;
    const struct sva_packed_tile *const tile = &reader->tile;
    const struct span span = span_of(reader);
    if (!grid->turned) {
        const uint64_t skipped = grid->shared || grid->flat ? 0 : tile->expert * grid->rows;
        return sva_tile_floats(reader, part, dtype, (skipped + span.first) * span.width,
                               (size_t)(span.count * span.width), out, error);
    }
    float *const line = sva_calloc((size_t)span.count, sizeof *line);
    if (line == NULL) {
        return sva_fail_memory(error, "reading a quantised tensor");
    }
    enum sva_status status = SVA_OK;
    for (uint64_t g = 0; status == SVA_OK && g < grid->columns; g++) {
        status = sva_tile_floats(reader, part, dtype, g * grid->rows + span.first,
                                 (size_t)span.count, line, error);
        for (uint64_t r = 0; status == SVA_OK && r < span.count; r++) {
            out[r * grid->columns + g] = line[r];
        }
    }
    sva_free(line);
    return status;
}

/** Scales that are codes themselves: value of the code times the scale of its block, plus an
 * offset. */
static enum sva_status unfold_nested(struct sva_packing_reader *reader, const struct span *span,
                                     struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    float *const scales = reader->tile.scales;
    const uint64_t first = span->first / packing->nested_block;
    const uint64_t last = (span->first + span->count - 1) / packing->nested_block;
    float *const outer = sva_calloc((size_t)(last - first + 1), sizeof *outer);
    if (outer == NULL) {
        return sva_fail_memory(error, "reading a quantised tensor");
    }
    const enum sva_status status = sva_tile_floats(reader, packing->nested_scales, SVA_DTYPE_F32,
                                                   first, (size_t)(last - first + 1), outer, error);
    for (uint64_t i = 0; status == SVA_OK && i < span->count; i++) {
        const float code = reader->nested_map[(uint8_t)scales[i]];
        const float product = code * outer[(span->first + i) / packing->nested_block - first];
        scales[i] = product + packing->nested_offset;
    }
    sva_free(outer);
    return status;
}

static enum sva_status load_scales(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    float *const scales = reader->tile.scales;
    const struct span span = span_of(reader);
    const size_t count = (size_t)(span.count * span.width);
    reader->tile.scale_first = span.first;
    enum sva_status status =
        load_grid(reader, packing->scales, packing->scale_dtype, scales, error);
    if (status == SVA_OK && packing->nested_scales != SVA_PACKED_NONE) {
        status = unfold_nested(reader, &span, error);
    }
    for (size_t i = 0; status == SVA_OK && packing->scale_divisor != 1.0f && i < count; i++) {
        scales[i] /= packing->scale_divisor;
    }
    if (status == SVA_OK && packing->global_scale != SVA_PACKED_NONE) {
        const struct sva_tensor *const stored = &packing->parts[packing->global_scale].stored;
        const uint64_t at = stored->element_count == 1 ? 0 : reader->tile.expert;
        float global = 1;
        status =
            sva_tile_floats(reader, packing->global_scale, stored->dtype, at, 1, &global, error);
        for (size_t i = 0; status == SVA_OK && i < count; i++) {
            scales[i] = packing->divide_by_global ? scales[i] / global : scales[i] * global;
        }
    }
    return status;
}

/** Zero points packed along the outputs beneath each group: [words][groups]. */
static enum sva_status load_zeros_down(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const uint64_t groups = packing->grid.columns;
    const unsigned bits = packing->bits;
    const unsigned per_word = WORD_BITS / bits;
    const bool padded = packing->store == SVA_CODES_WORDS;
    const uint64_t end = tile->first + tile->rows;
    const uint64_t from = padded ? tile->first / per_word : tile->first * bits / WORD_BITS;
    const uint64_t to =
        padded ? (end + per_word - 1) / per_word : (end * bits + WORD_BITS - 1) / WORD_BITS;
    const enum sva_status status = sva_tile_bytes(reader, packing->zeros, from * groups * 4,
                                                  (size_t)((to - from) * groups * 4), error);
    for (uint64_t r = 0; status == SVA_OK && r < tile->rows; r++) {
        const uint64_t row = tile->first + r;
        const uint64_t place =
            padded ? row / per_word * WORD_BITS + row % per_word * bits : row * bits;
        const uint64_t word = place / WORD_BITS - from;
        for (uint64_t g = 0; g < groups; g++) {
            const uint8_t *const low = reader->bytes + (word * groups + g) * 4;
            const bool more = word + 1 < to - from;
            const uint64_t pair =
                sva_tile_word(low) |
                (more ? (uint64_t)sva_tile_word(low + groups * 4) << WORD_BITS : 0);
            const int32_t zero = (int32_t)(pair >> (place % WORD_BITS) & ((1U << bits) - 1U));
            tile->zeros[r * groups + g] = (float)(zero - packing->zero_offset);
        }
    }
    return status;
}

/** Zero points of each group in a line of words: GPTQ's stream of bits, or AWQ's order. */
static enum sva_status load_zeros_across(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const uint64_t groups = packing->grid.columns;
    const unsigned bits = packing->bits;
    const uint32_t mask = (1U << bits) - 1U;
    const uint64_t stride = packing->parts[packing->zeros].stored.shape[1] * 4;
    const uint64_t from = tile->first * bits / 8; /* tiles begin at whole words */
    const size_t size = (size_t)((tile->rows * bits + WORD_BITS - 1) / WORD_BITS * 4);
    enum sva_status status = SVA_OK;
    for (uint64_t g = 0; status == SVA_OK && g < groups; g++) {
        status = sva_tile_bytes(reader, packing->zeros, g * stride + from, size, error);
        for (uint64_t r = 0; status == SVA_OK && r < tile->rows; r++) {
            uint64_t row = r;
            if (packing->zero_store == SVA_ZEROS_AWQ) {
                row = r / AWQ_OUTPUTS * AWQ_OUTPUTS + sva_awq_columns[r % AWQ_OUTPUTS];
            }
            const uint32_t stored = sva_tile_bits(reader->bytes, size, r * bits, bits);
            tile->zeros[row * groups + g] = (float)((stored + (uint32_t)packing->zero_add) & mask);
        }
    }
    return status;
}

enum sva_status sva_tile_load_grids(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    enum sva_status status = load_scales(reader, error);
    if (status == SVA_OK && packing->biases != SVA_PACKED_NONE) {
        status = load_grid(reader, packing->biases, packing->parts[packing->biases].stored.dtype,
                           reader->tile.biases, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    switch (packing->zero_store) {
    case SVA_ZEROS_NONE: return SVA_OK;
    case SVA_ZEROS_GRID:
        return load_grid(reader, packing->zeros, packing->parts[packing->zeros].stored.dtype,
                         reader->tile.zeros, error);
    case SVA_ZEROS_DOWN: return load_zeros_down(reader, error);
    case SVA_ZEROS_GPTQ:
    case SVA_ZEROS_AWQ: return load_zeros_across(reader, error);
    }
    return SVA_OK;
}
