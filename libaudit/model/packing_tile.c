/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes to one code for each element. What lies column by column is turned here, a run of
   rows at a time. */
#include "model/packing_tile.h"

#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "model/tensor_values.h"

enum { WORD_BITS = 32, BATCH_BYTES = 1 << 20, AWQ_OUTPUTS = 8 };

const uint8_t sva_awq_columns[8] = {0, 2, 4, 6, 1, 3, 5, 7};

/** Bytes of whole elements of a part, low byte first; blocks as they are stored. */
static enum sva_status read_part(const struct sva_packing_reader *reader, int part, uint64_t offset,
                                 uint8_t *bytes, size_t size, struct sva_error *error)
{
    const struct sva_tensor *const stored = &reader->packing->parts[part].stored;
    const enum sva_status status = sva_model_read(
        reader->model, stored->file, stored->offset_bytes + offset, bytes, size, error);
    if (status == SVA_OK && stored->big_endian && !sva_dtype_is_block(stored->dtype)) {
        sva_swap_scalars(bytes, size, sva_dtype_get(stored->dtype)->bits / 8);
    }
    return status;
}

enum sva_status sva_tile_bytes(struct sva_packing_reader *reader, int part, uint64_t offset,
                               size_t size, struct sva_error *error)
{
    const struct sva_tensor *const stored = &reader->packing->parts[part].stored;
    if (offset > stored->size_bytes || size > stored->size_bytes - offset) {
        return sva_fail(error, SVA_ERR_CORRUPT, "the %s of %s end before they should",
                        reader->packing->parts[part].role, reader->packing->name);
    }
    if (size > reader->capacity) {
        uint8_t *const grown = sva_realloc_array(reader->bytes, size, 1);
        if (grown == NULL) {
            return sva_fail_memory(error, "reading a quantised tensor");
        }
        reader->bytes = grown;
        reader->capacity = size;
    }
    return read_part(reader, part, offset, reader->bytes, size, error);
}

enum sva_status sva_tile_floats(struct sva_packing_reader *reader, int part, enum sva_dtype dtype,
                                uint64_t first, size_t count, float *out, struct sva_error *error)
{
    const size_t width = sva_dtype_get(dtype)->bits / 8;
    const enum sva_status status =
        sva_tile_bytes(reader, part, first * width, count * width, error);
    if (status != SVA_OK) {
        return status;
    }
    sva_decode_f32(dtype, reader->bytes, 0, count, out);
    return SVA_OK;
}

/** Rows that are streams of bits, each in bytes of its own. */
static enum sva_status load_rows(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const size_t row_bytes = (size_t)packing->row_bytes;
    const uint64_t first = tile->expert * packing->rows + tile->first;
    const enum sva_status status =
        sva_tile_bytes(reader, 0, first * row_bytes, (size_t)tile->rows * row_bytes, error);
    if (status != SVA_OK) {
        return status;
    }
    const unsigned per_word = WORD_BITS / packing->bits;
    for (uint64_t r = 0; r < tile->rows; r++) {
        const uint8_t *const row = reader->bytes + r * row_bytes;
        uint8_t *const codes = tile->codes + r * packing->columns;
        if (packing->bits == 8) {
            memcpy(codes, row, (size_t)packing->columns);
            continue;
        }
        if (packing->bits == 4) {
            for (uint64_t i = 0; i < packing->columns; i++) {
                codes[i] = (uint8_t)(row[i / 2] >> (i % 2 * 4) & 15);
            }
            continue;
        }
        for (uint64_t i = 0; i < packing->columns; i++) {
            const uint64_t place = packing->store == SVA_CODES_ROWS
                                       ? i * packing->bits
                                       : i / per_word * WORD_BITS + i % per_word * packing->bits;
            codes[i] = (uint8_t)sva_tile_bits(row, row_bytes, place, packing->bits);
        }
    }
    return SVA_OK;
}

/** Two codes in a byte, high half first, rows not minded. */
static enum sva_status load_halves(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const uint64_t first = (tile->expert * packing->rows + tile->first) * packing->columns;
    const uint64_t count = tile->rows * packing->columns;
    const uint64_t from = first / 2;
    const uint64_t to = (first + count + 1) / 2;
    const enum sva_status status = sva_tile_bytes(reader, 0, from, (size_t)(to - from), error);
    for (uint64_t i = 0; status == SVA_OK && i < count; i++) {
        const uint8_t pair = reader->bytes[(first + i) / 2 - from];
        tile->codes[i] = (first + i) % 2 == 0 ? pair >> 4 : pair & 15;
    }
    return status;
}

/**
 * Words [line][column] for `count` lines from `line`, of which the tile needs `width` columns from
 * `column`: one read when that is whole lines, else one for each line.
 */
static enum sva_status read_lines(struct sva_packing_reader *reader, uint64_t line, size_t count,
                                  uint64_t column, size_t width, struct sva_error *error)
{
    const uint64_t stride = reader->packing->parts[0].stored.shape[1];
    if (width == stride) {
        return sva_tile_bytes(reader, 0, line * stride * 4, count * width * 4, error);
    }
    /* grown to the whole batch first; reads go to its slices */
    enum sva_status status = sva_tile_bytes(reader, 0, 0, 0, error);
    if (status == SVA_OK && count * width * 4 > reader->capacity) {
        uint8_t *const grown = sva_realloc_array(reader->bytes, count * width, 4);
        if (grown == NULL) {
            return sva_fail_memory(error, "reading a quantised tensor");
        }
        reader->bytes = grown;
        reader->capacity = count * width * 4;
    }
    for (size_t k = 0; status == SVA_OK && k < count; k++) {
        status = read_part(reader, 0, ((line + k) * stride + column) * 4,
                           reader->bytes + k * width * 4, width * 4, error);
    }
    return status;
}

/** One unit of words under each output, taken apart into the codes of some inputs. */
static void turn_unit(const struct sva_packing_reader *reader, const uint8_t *words,
                      unsigned word_count, uint64_t input, unsigned input_count)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const unsigned bits = packing->bits;
    for (uint64_t r = 0; r < tile->rows; r++) {
        uint32_t unit[4] = {0};
        for (unsigned w = 0; w < word_count; w++) {
            unit[w] = sva_tile_word(words + (w * tile->rows + r) * 4);
        }
        uint8_t *const codes = tile->codes + r * packing->columns + input;
        for (unsigned i = 0; i < input_count; i++) {
            const unsigned place = i * bits;
            const uint64_t pair = unit[place / WORD_BITS] | (uint64_t)unit[place / WORD_BITS + 1]
                                                                << WORD_BITS;
            codes[i] = (uint8_t)(pair >> (place % WORD_BITS) & ((1U << bits) - 1U));
        }
    }
}

/** GPTQ: words run down the inputs; 32 codes of 3 bits fill three words. */
static enum sva_status load_down(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const unsigned unit_words = packing->bits == 3 ? 3 : 1;
    const unsigned unit_inputs = unit_words * WORD_BITS / packing->bits;
    const uint64_t lines = packing->parts[0].stored.shape[0];
    const size_t width = (size_t)tile->rows;
    const size_t fitting = BATCH_BYTES / 4 / width / unit_words;
    const size_t batch = (fitting == 0 ? 1 : fitting) * unit_words;
    for (uint64_t line = 0; line < lines; line += batch) {
        const size_t count = (size_t)(lines - line < batch ? lines - line : batch);
        const enum sva_status status = read_lines(reader, line, count, tile->first, width, error);
        if (status != SVA_OK) {
            return status;
        }
        for (size_t k = 0; k < count; k += unit_words) {
            const uint64_t input = (line + k) / unit_words * unit_inputs;
            const uint64_t left = packing->columns > input ? packing->columns - input : 0;
            const size_t words = count - k < unit_words ? count - k : unit_words;
            turn_unit(reader, reader->bytes + k * width * 4, (unsigned)words, input,
                      left < unit_inputs ? (unsigned)left : unit_inputs);
        }
    }
    return SVA_OK;
}

static enum sva_status load_awq(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const size_t width = (size_t)(tile->rows / AWQ_OUTPUTS);
    const size_t fitting = BATCH_BYTES / 4 / width;
    const size_t batch = fitting == 0 ? 1 : fitting;
    for (uint64_t line = 0; line < packing->columns; line += batch) {
        const uint64_t left = packing->columns - line;
        const size_t count = (size_t)(left < batch ? left : batch);
        const enum sva_status status =
            read_lines(reader, line, count, tile->first / AWQ_OUTPUTS, width, error);
        if (status != SVA_OK) {
            return status;
        }
        for (size_t at = 0; at < count * width; at++) {
            const uint32_t word = sva_tile_word(reader->bytes + at * 4);
            const uint64_t row = at % width * AWQ_OUTPUTS;
            for (unsigned n = 0; n < AWQ_OUTPUTS; n++) {
                tile->codes[(row + sva_awq_columns[n]) * packing->columns + line + at / width] =
                    (uint8_t)(word >> 4 * n & 15);
            }
        }
    }
    return SVA_OK;
}

static enum sva_status load_blocks(struct sva_packing_reader *reader, struct sva_error *error)
{
    const struct sva_packing *const packing = reader->packing;
    const struct sva_packed_tile *const tile = &reader->tile;
    const size_t row_bytes = (size_t)packing->row_bytes;
    const size_t blocks = (size_t)(tile->rows * packing->columns /
                                   sva_dtype_get(packing->base_dtype)->block_elements);
    const uint64_t first = tile->expert * packing->rows + tile->first;
    const enum sva_status status =
        sva_tile_bytes(reader, 0, first * row_bytes, (size_t)tile->rows * row_bytes, error);
    if (status == SVA_OK) {
        if (packing->parts[0].stored.big_endian) {
            sva_swap_blocks(packing->base_dtype, reader->bytes, blocks);
        }
        sva_dequantise(packing->base_dtype, reader->bytes, blocks, tile->block_values);
        sva_block_steps(packing->base_dtype, reader->bytes, blocks, tile->block_steps);
    }
    return status;
}

enum sva_status sva_tile_load_codes(struct sva_packing_reader *reader, struct sva_error *error)
{
    switch (reader->packing->store) {
    case SVA_CODES_ROWS:
    case SVA_CODES_WORDS: return load_rows(reader, error);
    case SVA_CODES_HALVES: return load_halves(reader, error);
    case SVA_CODES_DOWN: return load_down(reader, error);
    case SVA_CODES_AWQ: return load_awq(reader, error);
    case SVA_CODES_BLOCKS: return load_blocks(reader, error);
    }
    return sva_fail(error, SVA_ERR_INTERNAL, "a quantised tensor of no known layout");
}
