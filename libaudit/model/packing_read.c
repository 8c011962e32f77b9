/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a packed tensor, any run of elements: finds the rows, loads them when they are not
   there yet, and computes. */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "kernel/dtype.h"
#include "kernel/small_floats.h"
#include "model/packing_tile.h"

/* Reading in order loads every byte once: a tile holds many rows. Turned layouts need as many as
   fill whole words of zero points. */
enum { TILE_BYTES = 8 << 20, TURNED_ROWS = 32 };

static bool is_turned(const struct sva_packing *packing)
{
    return packing->store == SVA_CODES_DOWN || packing->store == SVA_CODES_AWQ;
}

/** What codes stand for. */
static enum sva_status fill_values(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    if (packing->quant_map != SVA_PACKED_NONE) {
        return sva_tile_floats(reader, packing->quant_map, SVA_DTYPE_F32, 0, 16, reader->values,
                               error);
    }
    for (int code = 0; code < 256; code++) {
        switch (packing->base_dtype) {
        case SVA_DTYPE_U8: reader->values[code] = (float)(code - packing->code_offset); break;
        case SVA_DTYPE_I8: reader->values[code] = (float)(code < 128 ? code : code - 256); break;
        default: reader->values[code] = sva_small_float(packing->base_dtype, (unsigned)code); break;
        }
    }
    return SVA_OK;
}

/** Larger distance from each value to those next to it in size; 0 where there is none. */
static void fill_gaps(struct sva_packing_reader *reader)
{
    const unsigned count = 1U << reader->packing->bits;
    for (unsigned i = 0; i < count; i++) {
        const float value = reader->values[i];
        float above = INFINITY;
        float below = INFINITY;
        for (unsigned k = 0; k < count; k++) {
            const float distance = reader->values[k] - value;
            above = distance > 0 && distance < above ? distance : above;
            below = distance < 0 && -distance < below ? -distance : below;
        }
        above = isfinite(above) ? above : 0;
        below = isfinite(below) ? below : 0;
        reader->gaps[i] = above > below ? above : below;
    }
}

/** The group of each column, every one checked. */
static enum sva_status fill_order(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const size_t count = (size_t)packing->columns;
    enum sva_status status = sva_tile_bytes(reader, packing->order, 0, count * 4, error);
    if (status != SVA_OK) {
        return status;
    }
    bool unset = packing->order_void;
    for (size_t i = 0; unset && i < count; i++) {
        unset = sva_tile_word(reader->bytes + 4 * i) == UINT32_MAX;
    }
    if (unset) {
        return SVA_OK;
    }
    reader->order = sva_calloc(count, sizeof *reader->order);
    if (reader->order == NULL) {
        return sva_fail_memory(error, "reading a quantised tensor");
    }
    for (size_t i = 0; i < count; i++) {
        reader->order[i] = sva_tile_word(reader->bytes + 4 * i);
        if (reader->order[i] >= packing->grid.columns) {
            return sva_fail(error, SVA_ERR_CORRUPT,
                            "%s: input %llu belongs to group %d, and there are %llu groups",
                            packing->name, (unsigned long long)i, (int)reader->order[i],
                            (unsigned long long)packing->grid.columns);
        }
    }
    return SVA_OK;
}

static uint64_t tile_rows(const struct sva_packing *packing)
{
    const uint64_t element_bytes = packing->store == SVA_CODES_BLOCKS ? 9 : 2;
    const uint64_t scales = packing->grid.flat ? packing->columns / packing->grid.column_block
                            : packing->grid.row_block == 1 ? packing->grid.columns
                                                           : 0;
    const uint64_t row_bytes = packing->columns * element_bytes + scales * 4 * 4;
    uint64_t rows = TILE_BYTES / row_bytes;
    if (is_turned(packing)) {
        rows = rows / TURNED_ROWS * TURNED_ROWS;
        rows = rows < TURNED_ROWS ? TURNED_ROWS : rows;
    }
    rows = rows == 0 ? 1 : rows;
    return rows < packing->rows ? rows : packing->rows;
}

static bool make_tile(struct sva_packing_reader *reader)
{
    const struct sva_packing *const packing = reader->packing;
    struct sva_packed_tile *const tile = &reader->tile;
    reader->tile_rows = tile_rows(packing);
    const size_t elements = (size_t)(reader->tile_rows * packing->columns);
    const size_t scales = (size_t)sva_tile_scale_count(packing, reader->tile_rows);
    const bool blocks = packing->store == SVA_CODES_BLOCKS;
    tile->codes = blocks ? NULL : sva_calloc(elements, 1);
    tile->block_values = blocks ? sva_calloc(elements, sizeof(float)) : NULL;
    tile->block_steps = blocks ? sva_calloc(elements, sizeof(float)) : NULL;
    tile->scales = sva_calloc(scales, sizeof(float));
    tile->zeros = packing->zero_store != SVA_ZEROS_NONE ? sva_calloc(scales, sizeof(float)) : NULL;
    tile->biases = packing->biases != SVA_PACKED_NONE ? sva_calloc(scales, sizeof(float)) : NULL;
    return (blocks ? tile->block_values != NULL && tile->block_steps != NULL
                   : tile->codes != NULL) &&
           tile->scales != NULL && (packing->zero_store == SVA_ZEROS_NONE || tile->zeros != NULL) &&
           (packing->biases == SVA_PACKED_NONE || tile->biases != NULL);
}

enum sva_status sva_packing_open(const struct sva_model *model, const struct sva_tensor *tensor,
                                 struct sva_packing_reader **opened, uint64_t *grain,
                                 struct sva_error *error)
{
    struct sva_packing_reader *const reader = sva_calloc(1, sizeof *reader);
    if (reader == NULL) {
        return sva_fail_memory(error, "reading a quantised tensor");
    }
    reader->model = model;
    reader->packing = tensor->packing;
    enum sva_status status = SVA_OK;
    if (!make_tile(reader)) {
        status = sva_fail_memory(error, "reading a quantised tensor");
    }
    if (status == SVA_OK && reader->packing->store != SVA_CODES_BLOCKS) {
        status = fill_values(reader, error);
        fill_gaps(reader);
    }
    if (status == SVA_OK && reader->packing->nested_map != SVA_PACKED_NONE) {
        status = sva_tile_floats(reader, reader->packing->nested_map, SVA_DTYPE_F32, 0, 256,
                                 reader->nested_map, error);
    }
    if (status == SVA_OK && reader->packing->order != SVA_PACKED_NONE) {
        status = fill_order(reader, error);
    }
    if (status != SVA_OK) {
        sva_packing_close(reader);
        return status;
    }
    *opened = reader;
    *grain = 1;
    return SVA_OK;
}

void sva_packing_close(struct sva_packing_reader *reader)
{
    if (reader != NULL) {
        sva_free(reader->order);
        sva_free(reader->tile.codes);
        sva_free(reader->tile.block_values);
        sva_free(reader->tile.block_steps);
        sva_free(reader->tile.scales);
        sva_free(reader->tile.zeros);
        sva_free(reader->tile.biases);
        sva_free(reader->bytes);
        sva_free(reader);
    }
}

static enum sva_status load_tile(struct sva_packing_reader *reader, uint64_t expert, uint64_t row,
                                 struct sva_error *error)
{
    struct sva_packed_tile *const tile = &reader->tile;
    if (tile->loaded && tile->expert == expert && row >= tile->first &&
        row - tile->first < tile->rows) {
        return SVA_OK;
    }
    const uint64_t first = row / reader->tile_rows * reader->tile_rows;
    const uint64_t left = reader->packing->rows - first;
    tile->loaded = false;
    tile->expert = expert;
    tile->first = first;
    tile->rows = left < reader->tile_rows ? left : reader->tile_rows;
    enum sva_status status = sva_tile_load_grids(reader, error);
    if (status == SVA_OK) {
        status = sva_tile_load_codes(reader, error);
    }
    tile->loaded = status == SVA_OK;
    return status;
}

/** Index of the scale of an element, in the tile's arrays. */
static size_t scale_index(const struct sva_packing_reader *reader, uint64_t row, uint64_t column)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_scale_grid *const grid = &packing->grid;
    const struct sva_packed_tile *const tile = &reader->tile;
    if (grid->flat) {
        const uint64_t element = (tile->expert * packing->rows + row) * packing->columns + column;
        return (size_t)(element / grid->column_block - tile->scale_first);
    }
    const uint64_t group =
        reader->order != NULL ? reader->order[column] : column / grid->column_block;
    return (size_t)((row / grid->row_block - tile->scale_first) * grid->columns + group);
}

/** Where the scale of `column` still holds; at most `end`. */
static uint64_t scale_end(const struct sva_packing_reader *reader, uint64_t row, uint64_t column,
                          uint64_t end)
{
    const struct sva_packing *const packing = reader->packing;
    const uint64_t block = packing->grid.column_block;
    uint64_t past = column + 1;
    if (packing->grid.flat) {
        const uint64_t element =
            (reader->tile.expert * packing->rows + row) * packing->columns + column;
        past = column + (block - element % block);
    } else if (reader->order == NULL) {
        past = column + (block - column % block);
    }
    return past < end ? past : end;
}

/** Columns [from, to) of a loaded row, which share one scale. */
static void decode_run(const struct sva_packing_reader *reader, uint64_t row, uint64_t from,
                       uint64_t to, float *out, float *steps)
{
    const struct sva_packed_tile *const tile = &reader->tile;
    const size_t at = (size_t)((row - tile->first) * reader->packing->columns + from);
    const size_t count = (size_t)(to - from);
    const size_t index = scale_index(reader, row, from);
    const float scale = tile->scales[index];
    const float *const blocks = tile->block_values == NULL ? NULL : tile->block_values + at;
    const uint8_t *const codes = tile->codes == NULL ? NULL : tile->codes + at;
    for (size_t i = 0; out != NULL && i < count; i++) {
        float value = blocks != NULL ? blocks[i] : reader->values[codes[i]];
        if (tile->zeros != NULL) {
            value = value - tile->zeros[index];
        }
        value = value * scale;
        out[i] = tile->biases != NULL ? value + tile->biases[index] : value;
    }
    for (size_t i = 0; steps != NULL && i < count; i++) {
        const float gap = blocks != NULL ? tile->block_steps[at + i] : reader->gaps[codes[i]];
        const float step = gap * fabsf(scale);
        steps[i] = isfinite(step) ? step : 0;
    }
}

enum sva_status sva_packing_read(struct sva_packing_reader *reader, uint64_t first, size_t count,
                                 float *out, float *steps, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    size_t done = 0;
    while (done < count) {
        const uint64_t element = first + done;
        const uint64_t row = element / packing->columns;
        if (row / packing->rows >= packing->experts) {
            return sva_fail(error, SVA_ERR_INTERNAL, "element %llu of %s was asked for",
                            (unsigned long long)element, packing->name);
        }
        const uint64_t expert = row / packing->rows;
        const uint64_t own_row = row % packing->rows;
        const enum sva_status status = load_tile(reader, expert, own_row, error);
        if (status != SVA_OK) {
            return status;
        }
        const uint64_t column = element % packing->columns;
        const uint64_t left = packing->columns - column;
        const uint64_t end = column + (left < count - done ? left : count - done);
        for (uint64_t from = column; from < end;) {
            const uint64_t to = scale_end(reader, own_row, from, end);
            const size_t at = done + (size_t)(from - column);
            decode_run(reader, own_row, from, to, out == NULL ? NULL : out + at,
                       steps == NULL ? NULL : steps + at);
            from = to;
        }
        done += (size_t)(end - column);
    }
    return SVA_OK;
}
