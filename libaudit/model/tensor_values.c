/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tensor_values.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "model/packing.h"

/** What a reader owns. */
struct reader {
    const struct sva_dtype_info *dtype;
    struct sva_packing_reader *packing; /**< NULL: one stored tensor */
    uint8_t *bytes;                     /**< of the last read */
    size_t capacity;
};

enum sva_status sva_values_open(const struct sva_model *model, const struct sva_tensor *tensor,
                                struct sva_values *values, struct sva_error *error)
{
    struct reader *const reader = sva_calloc(1, sizeof *reader);
    if (reader == NULL) {
        return sva_fail_memory(error, "reading a tensor");
    }
    reader->dtype = sva_dtype_get(tensor->dtype);
    *values = (struct sva_values){.model = model,
                                  .tensor = tensor,
                                  .grain = reader->dtype->block_elements,
                                  .decodable = reader->dtype->decodable,
                                  .quantised = reader->dtype->bits <= 8,
                                  .internal = reader};
    enum sva_status status = SVA_OK;
    if (tensor->packing != NULL) {
        values->decodable = true;
        status = sva_packing_open(model, tensor, &reader->packing, &values->grain, error);
    } else if (values->grain == 0) {
        values->grain = 1; /* opaque: bytes only, asked for as if each were an element */
        values->quantised = false;
    }
    if (status != SVA_OK) {
        sva_values_done(values);
    }
    return status;
}

void sva_values_done(struct sva_values *values)
{
    struct reader *const reader = values->internal;
    if (reader != NULL) {
        sva_packing_close(reader->packing);
        sva_free(reader->bytes);
        sva_free(reader);
    }
    *values = (struct sva_values){0};
}

void sva_swap_scalars(uint8_t *bytes, size_t size, size_t width)
{
    for (size_t at = 0; width > 1 && at + width <= size; at += width) {
        for (size_t i = 0; i < width / 2; i++) {
            const uint8_t kept = bytes[at + i];
            bytes[at + i] = bytes[at + width - 1 - i];
            bytes[at + width - 1 - i] = kept;
        }
    }
}

static void swap_bytes(const struct sva_values *values, uint8_t *bytes, size_t size)
{
    const struct reader *const reader = values->internal;
    if (!values->tensor->big_endian) {
        return;
    }
    if (sva_dtype_is_block(values->tensor->dtype)) {
        sva_swap_blocks(values->tensor->dtype, bytes, size / reader->dtype->block_bytes);
    } else {
        sva_swap_scalars(bytes, size,
                         values->tensor->dtype == SVA_DTYPE_C64 ? 4 : reader->dtype->bits / 8);
    }
}

/** The stored bytes of elements [first, first + count). */
static enum sva_status read_stored(struct sva_values *values, uint64_t first, size_t count,
                                   struct sva_error *error)
{
    struct reader *const reader = values->internal;
    const uint64_t elements =
        reader->dtype->block_elements == 0 ? 1 : reader->dtype->block_elements;
    const uint64_t bytes = reader->dtype->block_elements == 0 ? 1 : reader->dtype->block_bytes;
    const uint64_t left = values->tensor->size_bytes - first / elements * bytes;
    const uint64_t wanted = (count + elements - 1) / elements * bytes;
    const size_t size = (size_t)(wanted < left ? wanted : left);
    if (size > reader->capacity) {
        uint8_t *const grown = sva_realloc_array(reader->bytes, size, 1);
        if (grown == NULL) {
            return sva_fail_memory(error, "reading a tensor");
        }
        reader->bytes = grown;
        reader->capacity = size;
    }
    const enum sva_status status = sva_model_read(
        values->model, values->tensor->file,
        values->tensor->offset_bytes + first / elements * bytes, reader->bytes, size, error);
    if (status == SVA_OK) {
        swap_bytes(values, reader->bytes, size);
        values->raw = reader->bytes;
        values->raw_bytes = size;
    }
    return status;
}

/** True when F32 holds each of these integers or doubles exactly. */
static bool fits_float(enum sva_dtype dtype, const uint8_t *raw, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (dtype == SVA_DTYPE_I32 || dtype == SVA_DTYPE_U32) {
            uint32_t bits;
            memcpy(&bits, raw + 4 * i, sizeof bits);
            const double value = dtype == SVA_DTYPE_I32 ? (double)(int32_t)bits : (double)bits;
            if ((double)(float)value != value) {
                return false;
            }
        } else if (dtype == SVA_DTYPE_F64) {
            double value;
            memcpy(&value, raw + 8 * i, sizeof value);
            if ((double)(float)value != value && value == value) {
                return false;
            }
        } else {
            uint64_t bits;
            memcpy(&bits, raw + 8 * i, sizeof bits);
            const bool negative = dtype == SVA_DTYPE_I64 && (bits >> 63) != 0;
            if ((negative ? 0 - bits : bits) > ((uint64_t)1 << 24)) {
                return false;
            }
        }
    }
    return true;
}

/** Larger distance from each of the 256 (or 16) codes to those next to it in size; 0 for NaN. */
static void code_gaps(enum sva_dtype dtype, float gaps[256])
{
    float codes[256];
    uint8_t patterns[256];
    const unsigned count = dtype == SVA_DTYPE_F4 ? 16 : 256;
    for (unsigned i = 0; i < 256; i++) {
        patterns[i] = (uint8_t)(dtype == SVA_DTYPE_F4 ? (i * 2 % 16) | (i * 2 + 1) % 16 << 4 : i);
    }
    sva_decode_f32(dtype, patterns, 0, count, codes);
    const bool integers = dtype == SVA_DTYPE_I8 || dtype == SVA_DTYPE_U8;
    const unsigned half = dtype == SVA_DTYPE_F8_E8M0 ? count : count / 2; /* behind it: negatives */
    for (unsigned i = 0; i < count; i++) {
        const unsigned at = i % half;
        const float above = at + 1 < half ? fabsf(codes[at + 1] - codes[at]) : 0.0f;
        const float below = at > 0 ? fabsf(codes[at] - codes[at - 1]) : 0.0f;
        const float gap = isfinite(above) && above > below ? above : below;
        gaps[i] = integers ? 1.0f : isfinite(gap) ? gap : 0.0f;
    }
}

static void plain_steps(const struct sva_values *values, size_t count, float *steps)
{
    float gaps[256];
    if (!values->quantised || values->tensor->dtype == SVA_DTYPE_BOOL) {
        memset(steps, 0, count * sizeof *steps);
        return;
    }
    code_gaps(values->tensor->dtype, gaps);
    for (size_t i = 0; i < count; i++) {
        steps[i] = values->tensor->dtype == SVA_DTYPE_F4
                       ? gaps[values->raw[i / 2] >> (i % 2 * 4) & 15]
                       : gaps[values->raw[i]];
    }
}

static void decode(struct sva_values *values, size_t count, float *out, float *steps)
{
    const struct reader *const reader = values->internal;
    const enum sva_dtype dtype = values->tensor->dtype;
    values->exact = reader->dtype->fits_float || fits_float(dtype, values->raw, count);
    if (out != NULL) {
        sva_decode_f32(dtype, values->raw, 0, count, out);
    }
    if (steps != NULL && sva_dtype_is_block(dtype)) {
        sva_block_steps(dtype, values->raw, count / reader->dtype->block_elements, steps);
    } else if (steps != NULL) {
        plain_steps(values, count, steps);
    }
}

enum sva_status sva_values_read(struct sva_values *values, uint64_t first, size_t count, float *out,
                                float *steps, struct sva_error *error)
{
    const struct reader *const reader = values->internal;
    if (reader->packing != NULL) {
        values->exact = true;
        return sva_packing_read(reader->packing, first, count, out, steps, error);
    }
    const enum sva_status status = read_stored(values, first, count, error);
    if (status == SVA_OK && values->decodable) {
        decode(values, count, out, steps);
    }
    return status;
}
