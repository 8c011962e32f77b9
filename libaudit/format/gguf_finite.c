/* SPDX-License-Identifier: Apache-2.0 */
/* Floats, and the scales of blocks, that are infinite or no number. */
#include <inttypes.h>
#include <string.h>

#include "base/cursor.h"
#include "base/fail.h"
#include "base/text.h"
#include "format/gguf.h"
#include "kernel/dtype.h"

enum { PIECE_BYTES = 1 << 16, NONE = 255 };

/* Where a block has half-precision scales; NONE: no more. */
static const struct {
    uint8_t dtype;
    uint8_t halves[2];
} scales[] = {
    {SVA_DTYPE_Q4_0, {0, NONE}},   {SVA_DTYPE_Q4_1, {0, 2}},       {SVA_DTYPE_Q5_0, {0, NONE}},
    {SVA_DTYPE_Q5_1, {0, 2}},      {SVA_DTYPE_Q8_0, {0, NONE}},    {SVA_DTYPE_Q8_1, {0, 2}},
    {SVA_DTYPE_Q2_K, {80, 82}},    {SVA_DTYPE_Q3_K, {108, NONE}},  {SVA_DTYPE_Q4_K, {0, 2}},
    {SVA_DTYPE_Q5_K, {0, 2}},      {SVA_DTYPE_Q6_K, {208, NONE}},  {SVA_DTYPE_IQ2_XXS, {0, NONE}},
    {SVA_DTYPE_IQ2_XS, {0, NONE}}, {SVA_DTYPE_IQ3_XXS, {0, NONE}}, {SVA_DTYPE_IQ1_S, {0, NONE}},
    {SVA_DTYPE_IQ4_NL, {0, NONE}}, {SVA_DTYPE_IQ3_S, {0, NONE}},   {SVA_DTYPE_IQ2_S, {0, NONE}},
    {SVA_DTYPE_IQ4_XS, {0, NONE}}, {SVA_DTYPE_TQ1_0, {52, NONE}},  {SVA_DTYPE_TQ2_0, {64, NONE}},
    {SVA_DTYPE_Q1_0, {0, NONE}},   {SVA_DTYPE_Q2_0, {0, NONE}},
};

/* Exponent all ones. `exponent_bits` below the sign of an integer of `size` bytes. */
static bool is_special(const uint8_t *bytes, unsigned size, unsigned exponent_bits, bool big_endian)
{
    struct sva_cursor cursor = {.span = {bytes, size}};
    const uint64_t bits = sva_cursor_unsigned(&cursor, size, big_endian);
    const uint64_t mask = ((UINT64_C(1) << exponent_bits) - 1) << (8 * size - 1 - exponent_bits);
    return (bits & mask) == mask;
}

static bool special_scale(enum sva_dtype dtype, bool big_endian, const uint8_t *block)
{
    switch (dtype) {
    case SVA_DTYPE_MXFP4: return block[0] == 0xFF;
    case SVA_DTYPE_NVFP4: /* four scales in E4M3, whose sign is not used; all ones is its NaN */
        return (block[0] & 0x7F) == 0x7F || (block[1] & 0x7F) == 0x7F ||
               (block[2] & 0x7F) == 0x7F || (block[3] & 0x7F) == 0x7F;
    case SVA_DTYPE_Q8_K: return is_special(block, 4, 8, big_endian);
    case SVA_DTYPE_IQ1_M: { /* the high nibbles of four 16-bit words make one half */
        unsigned bits = 0;
        for (unsigned word = 0; word < 4; word++) {
            const unsigned high = block[48 + 2 * word + (big_endian ? 0 : 1)];
            bits |= (high >> 4) << (4 * word);
        }
        return (bits & 0x7C00) == 0x7C00;
    }
    default: break;
    }
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        if (scales[i].dtype == dtype) {
            const uint8_t second = scales[i].halves[1];
            return is_special(block + scales[i].halves[0], 2, 5, big_endian) ||
                   (second != NONE && is_special(block + second, 2, 5, big_endian));
        }
    }
    return false;
}

static unsigned exponent_bits_of(enum sva_dtype dtype)
{
    switch (dtype) {
    case SVA_DTYPE_F16: return 5;
    case SVA_DTYPE_BF16:
    case SVA_DTYPE_F32: return 8;
    case SVA_DTYPE_F64: return 11;
    default: return 0;
    }
}

uint64_t sva_gguf_count_nonfinite(enum sva_dtype dtype, bool big_endian, const uint8_t *bytes,
                                  size_t size)
{
    const unsigned step = sva_dtype_get(dtype)->block_bytes;
    const unsigned exponent_bits = exponent_bits_of(dtype);
    uint64_t count = 0;
    if (step == 0 || (exponent_bits == 0 && !sva_dtype_is_block(dtype))) {
        return 0;
    }
    for (size_t at = 0; at + step <= size; at += step) {
        count += exponent_bits > 0 ? is_special(bytes + at, step, exponent_bits, big_endian)
                                   : special_scale(dtype, big_endian, bytes + at);
    }
    return count;
}

/* -- a file ------------------------------------------------------------------------------------ */

struct look {
    const struct sva_source *source;
    uint8_t *piece;
    uint64_t tensor_bytes, total_bytes;
    uint64_t read_bytes, values, tensors;
    const struct sva_tensor *first;
};

static enum sva_status look_at_tensor(struct look *look, const struct sva_tensor *tensor,
                                      struct sva_error *error)
{
    const unsigned block = sva_dtype_get(tensor->dtype)->block_bytes;
    if (block == 0 || look->read_bytes >= look->total_bytes) {
        return SVA_OK;
    }
    const uint64_t left = look->total_bytes - look->read_bytes;
    uint64_t wanted = look->tensor_bytes < left ? look->tensor_bytes : left;
    wanted = wanted < block ? block : wanted - wanted % block;
    wanted = wanted < tensor->size_bytes ? wanted : tensor->size_bytes;
    const size_t most = PIECE_BYTES - PIECE_BYTES % block;
    uint64_t found = 0;
    for (uint64_t done = 0; done < wanted;) {
        const size_t step = wanted - done < most ? (size_t)(wanted - done) : most;
        const enum sva_status status =
            sva_source_read(look->source, tensor->offset_bytes + done, look->piece, step, error);
        if (status != SVA_OK) {
            return status;
        }
        found += sva_gguf_count_nonfinite(tensor->dtype, tensor->big_endian, look->piece, step);
        done += step;
    }
    look->read_bytes += wanted;
    look->values += found;
    look->tensors += found > 0;
    look->first = found > 0 && look->first == NULL ? tensor : look->first;
    return SVA_OK;
}

static enum sva_status add_finding(struct sva_container *file, const struct look *look,
                                   uint64_t data_bytes, struct sva_error *error)
{
    struct sva_finding *const findings =
        sva_arena_alloc(&file->arena, file->finding_count + 1, sizeof *findings);
    const char *const text = sva_arena_printf(
        &file->arena,
        "%" PRIu64 " infinite values or NaN, or block scales of that kind, in %" PRIu64
        " tensors, first in \"%s\"%s",
        look->values, look->tensors, sva_escn(look->first->name, look->first->name_bytes).text,
        look->read_bytes < data_bytes ? "; only the beginning of each tensor was looked at" : "");
    if (findings == NULL || text == NULL) {
        return sva_fail_memory(error, "looking at a GGUF file's values");
    }
    if (file->finding_count > 0) {
        memcpy(findings, file->findings, file->finding_count * sizeof *findings);
    }
    findings[file->finding_count++] =
        (struct sva_finding){.code = "non-finite-values", .text = text};
    file->findings = findings;
    return SVA_OK;
}

enum sva_status sva_gguf_check_values(const struct sva_source *source, uint64_t tensor_bytes,
                                      uint64_t total_bytes, struct sva_gguf *gguf,
                                      struct sva_error *error)
{
    struct sva_container *const file = &gguf->container;
    struct look look = {.source = source, .tensor_bytes = tensor_bytes, .total_bytes = total_bytes};
    look.piece = sva_realloc_array(NULL, PIECE_BYTES, 1);
    if (look.piece == NULL) {
        return sva_fail_memory(error, "looking at a GGUF file's values");
    }
    enum sva_status status = SVA_OK;
    uint64_t data_bytes = 0;
    for (size_t i = 0; status == SVA_OK && i < file->tensor_count; i++) {
        data_bytes += file->tensors[i].size_bytes;
        status = look_at_tensor(&look, &file->tensors[i], error);
    }
    sva_free(look.piece);
    return status == SVA_OK && look.values > 0 ? add_finding(file, &look, data_bytes, error)
                                               : status;
}
