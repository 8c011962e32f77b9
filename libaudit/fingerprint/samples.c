/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/samples.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/sketch.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"
#include "kernel/rounding.h"

enum {
    FORMATS = SVA_REQUANTISED / 2,
    ROW_ELEMENTS_MOST = 1 << 17,
    BLOCK = 32 /**< elements of a block in every format of the list */
};

static const enum sva_dtype formats[FORMATS] = {SVA_DTYPE_Q8_0, SVA_DTYPE_Q4_0, SVA_DTYPE_Q4_1,
                                                SVA_DTYPE_Q5_0, SVA_DTYPE_Q5_1, SVA_DTYPE_MXFP4};

static bool is_requantisable(enum sva_dtype dtype)
{
    for (int i = 0; i < FORMATS; i++) {
        if (formats[i] == dtype) {
            return true;
        }
    }
    return false;
}

static bool is_plain_float(enum sva_dtype dtype)
{
    return dtype == SVA_DTYPE_F32 || dtype == SVA_DTYPE_F16 || dtype == SVA_DTYPE_BF16;
}

static bool prepare_rows(struct sva_sampler *sampler)
{
    const uint64_t length = sampler->row_elements;
    if (sampler->line_axis != 0 || length % BLOCK != 0 || length == 0 ||
        length > ROW_ELEMENTS_MOST) {
        return true;
    }
    if (is_plain_float(sampler->dtype)) {
        sampler->whole = sva_calloc((size_t)(sampler->rows * length), sizeof *sampler->whole);
        return sampler->whole != NULL;
    }
    if (is_requantisable(sampler->dtype)) {
        const struct sva_dtype_info *const info = sva_dtype_get(sampler->dtype);
        sampler->stored_row_bytes = (size_t)(length / info->block_elements * info->block_bytes);
        sampler->stored = sva_calloc(sampler->rows, sampler->stored_row_bytes);
        return sampler->stored != NULL;
    }
    return true;
}

bool sva_sampler_init(struct sva_sampler *sampler, const struct sva_view *view, int line_axis,
                      enum sva_dtype dtype, bool quantised)
{
    *sampler = (struct sva_sampler){.view = view, .dtype = dtype, .line_axis = line_axis};
    const uint64_t across = view->n[1] * view->n[2];
    if (view->n[0] < 2 || across < 2 || view->axis[0] == SVA_AXIS_UNIT ||
        view->axis[1] == SVA_AXIS_UNIT || view->expert >= SVA_EXPERTS_IN_FULL) {
        return true;
    }
    sampler->row_elements = across;
    sampler->rows = view->n[0] < SVA_SAMPLE_ROWS ? (uint32_t)view->n[0] : SVA_SAMPLE_ROWS;
    sampler->columns = across < SVA_SAMPLE_COLUMNS ? (uint32_t)across : SVA_SAMPLE_COLUMNS;
    const size_t count = (size_t)sampler->rows * sampler->columns;
    sampler->values = sva_calloc(count, sizeof *sampler->values);
    sampler->steps = quantised ? sva_calloc(count, sizeof *sampler->steps) : NULL;
    return sampler->values != NULL && (!quantised || sampler->steps != NULL) &&
           sva_kept_indices(view->n[0], sampler->rows, sampler->row_at) &&
           sva_kept_indices(across, sampler->columns, sampler->column_at) && prepare_rows(sampler);
}

void sva_sampler_done(struct sva_sampler *sampler)
{
    sva_free(sampler->values);
    sva_free(sampler->steps);
    sva_free(sampler->whole);
    sva_free(sampler->stored);
    *sampler = (struct sva_sampler){0};
}

/** Position of `index` in an ascending list, or `count`. */
static uint32_t find(const uint64_t *list, uint32_t count, uint64_t index)
{
    uint32_t at = 0;
    while (at < count && list[at] != index) {
        at++;
    }
    return at;
}

/** Copies the entries of `list` that lie in [first, first + count) to every `stride`-th place. */
static void pick(const uint64_t *list, uint32_t list_count, uint64_t first, const float *values,
                 size_t count, float *out, size_t stride)
{
    for (uint32_t i = 0; i < list_count; i++) {
        if (list[i] >= first && list[i] - first < count) {
            out[i * stride] = values[list[i] - first];
        }
    }
}

void sva_sampler_line(struct sva_sampler *sampler, uint64_t line, uint64_t first,
                      const float *values, const float *steps, size_t count)
{
    const bool outputs = sampler->line_axis == 0;
    const uint32_t lines = outputs ? sampler->rows : sampler->columns;
    const uint32_t at = find(outputs ? sampler->row_at : sampler->column_at, lines, line);
    if (at == lines) {
        return;
    }
    const uint64_t *const list = outputs ? sampler->column_at : sampler->row_at;
    const uint32_t list_count = outputs ? sampler->columns : sampler->rows;
    const size_t start = outputs ? (size_t)at * sampler->columns : at;
    const size_t stride = outputs ? 1 : sampler->columns;
    pick(list, list_count, first, values, count, sampler->values + start, stride);
    if (sampler->steps != NULL && steps != NULL) {
        pick(list, list_count, first, steps, count, sampler->steps + start, stride);
    }
    if (sampler->whole != NULL && first + count <= sampler->row_elements) {
        memcpy(sampler->whole + at * sampler->row_elements + first, values, count * sizeof *values);
        if (first + count == sampler->row_elements) {
            sampler->whole_rows |= 1u << at;
        }
    }
}

void sva_sampler_stored_row(struct sva_sampler *sampler, uint64_t row, const uint8_t *bytes,
                            size_t size)
{
    const uint32_t at = find(sampler->row_at, sampler->rows, row);
    if (at < sampler->rows && sampler->stored != NULL && size == sampler->stored_row_bytes) {
        memcpy(sampler->stored + at * size, bytes, size);
        sampler->stored_rows |= 1u << at;
    }
}

static void start_digest(struct sva_sha256 *state, enum sva_dtype dtype, uint64_t row_elements)
{
    const char *const name = sva_dtype_get(dtype)->name;
    uint8_t length[8];
    for (unsigned i = 0; i < sizeof length; i++) {
        length[i] = (uint8_t)(row_elements >> (8 * i));
    }
    sva_sha256_update(state, name, strlen(name) + 1);
    sva_sha256_update(state, length, sizeof length);
}

static void end_digest(struct sva_sha256 *state, uint8_t digest[SVA_ROW_DIGEST_BYTES])
{
    uint8_t whole[32];
    sva_sha256_final(state, whole);
    memcpy(digest, whole, SVA_ROW_DIGEST_BYTES);
}

/** The rows in one format, from the values and from the values rounded to F16. */
static void requantise_to(enum sva_dtype format, const struct sva_sampler *sampler,
                          const float *rounded, uint8_t *coded,
                          uint8_t digests[2][SVA_ROW_DIGEST_BYTES])
{
    const struct sva_dtype_info *const info = sva_dtype_get(format);
    const size_t length = (size_t)sampler->row_elements;
    const size_t size = length / info->block_elements * info->block_bytes;
    struct sva_sha256 states[2];
    for (int i = 0; i < 2; i++) {
        sva_sha256_init(&states[i]);
        start_digest(&states[i], format, sampler->row_elements);
    }
    for (uint32_t row = 0; row < sampler->rows; row++) {
        sva_quantise(format, sampler->whole + row * length, length, coded);
        sva_quantise(format, rounded + row * length, length, coded + size);
        sva_sha256_update_pair(&states[0], coded, &states[1], coded + size, size);
    }
    end_digest(&states[0], digests[0]);
    end_digest(&states[1], digests[1]);
}

/** The rows in each format. False: out of memory. */
static bool requantise(const struct sva_sampler *sampler, struct sva_row_digests *rows)
{
    const size_t length = (size_t)sampler->row_elements;
    const size_t count = sampler->rows * length;
    float *const rounded = sva_calloc(count, sizeof *rounded);
    uint8_t *const coded = sva_calloc(length / BLOCK, 4 * BLOCK);
    const bool ok = rounded != NULL && coded != NULL;
    if (ok) {
        sva_round_f16(sampler->whole, count, rounded);
    }
    for (size_t i = 0; ok && i < FORMATS; i++) {
        requantise_to(formats[i], sampler, rounded, coded, &rows->requantised[2 * i]);
    }
    rows->requantised_known = ok;
    sva_free(rounded);
    sva_free(coded);
    return ok;
}

bool sva_sampler_finish(struct sva_sampler *sampler, struct sva_value_samples *samples,
                        struct sva_row_digests *rows)
{
    *samples = (struct sva_value_samples){sampler->rows, sampler->columns, sampler->values,
                                          sampler->steps};
    sampler->values = NULL;
    sampler->steps = NULL;
    const uint32_t all = (1u << sampler->rows) - 1;
    const bool whole = sampler->whole != NULL && sampler->whole_rows == all;
    const bool stored = sampler->stored != NULL && sampler->stored_rows == all;
    if (stored) {
        struct sva_sha256 state;
        sva_sha256_init(&state);
        start_digest(&state, sampler->dtype, sampler->row_elements);
        sva_sha256_update(&state, sampler->stored, sampler->rows * sampler->stored_row_bytes);
        end_digest(&state, rows->stored);
        rows->stored_known = true;
    }
    return !whole || requantise(sampler, rows);
}
