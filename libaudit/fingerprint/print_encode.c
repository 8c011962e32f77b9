/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fingerprint/code_block.h"
#include "fingerprint/gram.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/reading_block.h"
#include "fingerprint/token_sample_block.h"

static void put_u8(struct sva_bytes *out, uint8_t value)
{
    sva_bytes_append(out, &value, 1);
}

void sva_put_u16(struct sva_bytes *out, uint16_t value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    sva_bytes_append(out, bytes, sizeof bytes);
}

void sva_put_u32(struct sva_bytes *out, uint32_t value)
{
    sva_put_u16(out, (uint16_t)value);
    sva_put_u16(out, (uint16_t)(value >> 16));
}

/** Sixteen-bit integers, low byte first. */
static void put_i16s(const int16_t *values, size_t count, struct sva_bytes *out)
{
    enum { AT_ONCE = 512 };
    uint8_t bytes[2 * AT_ONCE];
    for (size_t start = 0; start < count; start += AT_ONCE) {
        const size_t step = count - start < AT_ONCE ? count - start : AT_ONCE;
        for (size_t i = 0; i < step; i++) {
            const uint16_t value = (uint16_t)values[start + i];
            bytes[2 * i] = (uint8_t)value;
            bytes[2 * i + 1] = (uint8_t)(value >> 8);
        }
        sva_bytes_append(out, bytes, 2 * step);
    }
}

void sva_put_u64(struct sva_bytes *out, uint64_t value)
{
    sva_put_u32(out, (uint32_t)value);
    sva_put_u32(out, (uint32_t)(value >> 32));
}

static void put_f64(struct sva_bytes *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    sva_put_u64(out, bits);
}

/** Length + 1 and the bytes; 0 stands for NULL. */
static void put_text(struct sva_bytes *out, const char *text)
{
    const size_t length = text == NULL ? 0 : strlen(text);
    sva_put_u32(out, text == NULL ? 0 : (uint32_t)length + 1);
    sva_bytes_append(out, text == NULL ? "" : text, length);
}

static void put_header(const struct sva_print *print, struct sva_bytes *out)
{
    put_text(out, print->name);
    sva_put_u64(out, print->parameter_count);
    sva_put_u64(out, print->weight_bytes);
    put_u8(out, print->tokens_keyed ? 1 : 0);
}

static void put_components(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u32(out, (uint32_t)print->component_count);
    for (size_t i = 0; i < print->component_count; i++) {
        const struct sva_print_component *component = &print->components[i];
        put_text(out, component->name);
        put_u8(out, (uint8_t)component->kind);
        sva_put_u64(out, component->width);
        sva_put_u32(out, component->layer_count);
        sva_put_u64(out, component->parameter_count);
        put_u8(out, component->residual_labelled ? 1 : 0);
        put_text(out, component->labelled_why);
    }
}

static void put_heads(const struct sva_print *print, struct sva_bytes *out)
{
    for (size_t i = 0; i < print->component_count; i++) {
        sva_put_u32(out, print->components[i].head_count);
        sva_put_u32(out, print->components[i].kv_head_count);
        sva_put_u32(out, print->components[i].head_width);
    }
}

static void put_tensor(const struct sva_print_tensor *tensor, struct sva_bytes *out)
{
    put_text(out, tensor->name);
    sva_put_u32(out, tensor->component);
    put_u8(out, (uint8_t)tensor->role);
    put_u8(out, tensor->bias ? 1 : 0);
    sva_put_u32(out, (uint32_t)tensor->layer);
    sva_put_u32(out, (uint32_t)tensor->expert);
    put_u8(out, (uint8_t)tensor->dtype);
    put_text(out, tensor->form);
    put_text(out, tensor->transform);
    for (int axis = 0; axis < 3; axis++) {
        sva_put_u64(out, tensor->n[axis]);
    }
    sva_put_u32(out, tensor->stored_rank);
    put_u8(out, (uint8_t)tensor->axis_kind[0]);
    put_u8(out, (uint8_t)tensor->axis_kind[1]);
    sva_put_u64(out, tensor->element_count);
    sva_bytes_append(out, tensor->value_hash, sizeof tensor->value_hash);
    put_u8(out, tensor->rounded_known ? 1 : 0);
    if (tensor->rounded_known) {
        sva_bytes_append(out, tensor->rounded_hash, sizeof tensor->rounded_hash);
    }
    sva_put_u32(out, tensor->inert);
    sva_put_u64(out, tensor->nonfinite_count);
    put_f64(out, tensor->mean);
    put_f64(out, tensor->deviation);
    put_f64(out, tensor->minimum);
    put_f64(out, tensor->maximum);
    put_f64(out, tensor->kurtosis);
}

static void put_tensors(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u32(out, (uint32_t)print->tensor_count);
    for (size_t i = 0; i < print->tensor_count; i++) {
        put_tensor(&print->tensors[i], out);
    }
}

static void put_sketch(const struct sva_axis_sketch *sketch, struct sva_bytes *out)
{
    const size_t count = (size_t)sketch->kept * sketch->features;
    sva_put_u64(out, sketch->length);
    sva_put_u32(out, sketch->kept);
    sva_put_u32(out, sketch->features);
    put_i16s(sketch->values, count, out);
}

static void put_directions(const struct sva_axis_sketch *sketch, struct sva_bytes *out)
{
    put_u8(out, sketch->directions_known ? 1 : 0);
    put_u8(out, (uint8_t)sketch->leading);
    if (sketch->leading > 0) {
        sva_bytes_append(out, sketch->directions, (size_t)sketch->leading * sketch->kept);
    }
}

static void put_floats(const float *values, size_t count, struct sva_bytes *out)
{
    enum { AT_ONCE = 256 };
    uint8_t bytes[4 * AT_ONCE];
    for (size_t start = 0; start < count; start += AT_ONCE) {
        const size_t step = count - start < AT_ONCE ? count - start : AT_ONCE;
        for (size_t i = 0; i < 4 * step; i++) {
            uint32_t bits;
            memcpy(&bits, &values[start + i / 4], sizeof bits);
            bytes[i] = (uint8_t)(bits >> (8 * (i % 4)));
        }
        sva_bytes_append(out, bytes, 4 * step);
    }
}

static void put_vector(const struct sva_print_tensor *tensor, struct sva_bytes *out)
{
    sva_put_u32(out, tensor->vector_length);
    put_floats(tensor->vector, tensor->vector_length, out);
}

static void put_samples(const struct sva_value_samples *samples, struct sva_bytes *out)
{
    const size_t count = (size_t)samples->rows * samples->columns;
    put_u8(out, (uint8_t)samples->rows);
    put_u8(out, (uint8_t)samples->columns);
    put_u8(out, samples->steps != NULL ? 1 : 0);
    put_floats(samples->values, count, out);
    put_floats(samples->steps, samples->steps != NULL ? count : 0, out);
}

static void put_row_digests(const struct sva_row_digests *rows, struct sva_bytes *out)
{
    put_u8(out, (uint8_t)((rows->stored_known ? 1 : 0) | (rows->requantised_known ? 2 : 0)));
    if (rows->stored_known) {
        sva_bytes_append(out, rows->stored, sizeof rows->stored);
    }
    if (rows->requantised_known) {
        sva_bytes_append(out, rows->requantised, sizeof rows->requantised);
    }
}

static void put_alternative(const struct sva_print_alternative *alternative, struct sva_bytes *out)
{
    put_text(out, alternative == NULL ? NULL : alternative->name);
    if (alternative == NULL) {
        return;
    }
    sva_bytes_append(out, alternative->value_hash, sizeof alternative->value_hash);
    put_u8(out, alternative->rounded_known ? 1 : 0);
    if (alternative->rounded_known) {
        sva_bytes_append(out, alternative->rounded_hash, sizeof alternative->rounded_hash);
    }
    put_sketch(&alternative->axis, out);
    put_directions(&alternative->axis, out);
    put_samples(&alternative->samples, out);
    put_row_digests(&alternative->rows, out);
}

static void put_leading(uint32_t leading, const int8_t *directions, uint32_t units,
                        struct sva_bytes *out)
{
    put_u8(out, (uint8_t)leading);
    if (leading > 0) {
        sva_bytes_append(out, directions, (size_t)leading * units);
    }
}

static void put_gram(const struct sva_gram *gram, struct sva_bytes *out)
{
    put_u8(out, (uint8_t)gram->blocks);
    put_i16s(gram->cosines, (size_t)gram->blocks * SVA_GRAM_PAIRS, out);
    put_leading(gram->leading, gram->directions, sva_gram_direction_units(gram->blocks), out);
}

static void put_strong(const struct sva_strong_neurons *strong, struct sva_bytes *out)
{
    put_u8(out, strong->count > 0 ? 1 : 0);
    put_i16s(strong->cosines, strong->count > 0 ? SVA_STRONG_PAIRS : 0, out);
    put_leading(strong->leading, strong->directions, strong->count, out);
}

static void put_row_hashes(const struct sva_print_tensor *tensor, struct sva_bytes *out)
{
    sva_put_u32(out, tensor->row_hash_count);
    for (uint32_t i = 0; i < tensor->row_hash_count; i++) {
        sva_put_u64(out, tensor->row_hashes[i]);
    }
}

static void put_files(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u32(out, (uint32_t)print->file_count);
    for (size_t i = 0; i < print->file_count; i++) {
        const struct sva_print_file *file = &print->files[i];
        put_text(out, file->path);
        put_u8(out, (uint8_t)file->kind);
        sva_put_u64(out, file->size_bytes);
        put_u8(out, file->hashed ? 1 : 0);
        sva_bytes_append(out, file->sha256, sizeof file->sha256);
    }
}

void sva_print_facts_encode(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u32(out, (uint32_t)print->fact_count);
    for (size_t i = 0; i < print->fact_count; i++) {
        put_text(out, print->facts[i].key);
        put_text(out, print->facts[i].value);
    }
}

static void put_findings(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u32(out, (uint32_t)print->finding_count);
    for (size_t i = 0; i < print->finding_count; i++) {
        put_text(out, print->findings[i].code);
        put_text(out, print->findings[i].file);
        put_text(out, print->findings[i].text);
    }
}

/** A tensor's entry in a block that has one for each, SVA_BLOCK_TENSORS apart. */
static void put_entry(const struct sva_print_tensor *tensor, uint32_t id, struct sva_bytes *out)
{
    if (id == SVA_BLOCK_VECTORS) {
        put_vector(tensor, out);
    } else if (id == SVA_BLOCK_ROW_HASHES) {
        put_row_hashes(tensor, out);
    } else if (id == SVA_BLOCK_SAMPLES) {
        put_samples(&tensor->samples, out);
        put_row_digests(&tensor->rows, out);
    } else if (id == SVA_BLOCK_ALTERNATIVES) {
        put_alternative(tensor->alternative, out);
    } else if (id == SVA_BLOCK_GRAMS) {
        put_gram(&tensor->gram, out);
    } else if (id == SVA_BLOCK_STRONG_NEURONS) {
        put_strong(&tensor->strong, out);
    }
    for (int axis = 0; axis < 2; axis++) {
        if (id == SVA_BLOCK_SKETCHES) {
            put_sketch(&tensor->axis[axis], out);
        } else if (id == SVA_BLOCK_DIRECTIONS) {
            put_directions(&tensor->axis[axis], out);
        }
    }
}

static uint32_t count_token_rows(const struct sva_print *print)
{
    uint32_t count = 0;
    for (size_t i = 0; i < print->tensor_count; i++) {
        count += print->tensors[i].token_rows.count > 0 ? 1 : 0;
    }
    return count;
}

static void put_token_rows(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u32(out, count_token_rows(print));
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_token_rows *const rows = &print->tensors[i].token_rows;
        if (rows->count == 0) {
            continue;
        }
        sva_put_u32(out, (uint32_t)i);
        sva_put_u32(out, rows->count);
        for (uint32_t t = 0; t < rows->count; t++) {
            sva_put_u64(out, rows->keys[t]);
        }
        put_i16s(rows->values, (size_t)rows->count * SVA_TOKEN_FEATURES, out);
    }
}

static uint32_t count_barcodes(const struct sva_print *print)
{
    uint32_t count = 0;
    for (size_t i = 0; i < print->tensor_count; i++) {
        count += print->tensors[i].barcodes.units > 0 ? 1 : 0;
    }
    return count;
}

static void put_barcodes(const struct sva_print *print, struct sva_bytes *out)
{
    for (size_t c = 0; c < print->component_count; c++) {
        const struct sva_print_component *component = &print->components[c];
        sva_put_u32(out, component->landmark_count);
        for (uint32_t i = 0; i < component->landmark_count; i++) {
            sva_put_u64(out, component->landmark_keys[i]);
        }
    }
    sva_put_u32(out, count_barcodes(print));
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        const uint32_t marks = print->components[tensor->component].landmark_count;
        if (tensor->barcodes.units == 0) {
            continue;
        }
        sva_put_u32(out, (uint32_t)i);
        put_u8(out, (uint8_t)tensor->barcodes.units);
        put_i16s(tensor->barcodes.values, (size_t)tensor->barcodes.units * marks, out);
    }
}

bool sva_print_block_present(const struct sva_print *print, uint32_t id)
{
    return (id != SVA_BLOCK_TOKEN_ROWS || count_token_rows(print) > 0) &&
           (id != SVA_BLOCK_BARCODES || count_barcodes(print) > 0) &&
           (id != SVA_BLOCK_TOKEN_SAMPLE || print->token_sample != NULL) &&
           (id != SVA_BLOCK_CODE || print->code != NULL) &&
           (id != SVA_BLOCK_READING || print->reading.quick);
}

/** A block without entries of single tensors. False: it is one of those with. */
static bool put_block(const struct sva_print *print, uint32_t id, struct sva_bytes *out)
{
    switch (id) {
    case SVA_BLOCK_HEADER: put_header(print, out); return true;
    case SVA_BLOCK_COMPONENTS: put_components(print, out); return true;
    case SVA_BLOCK_TENSORS: put_tensors(print, out); return true;
    case SVA_BLOCK_FILES: put_files(print, out); return true;
    case SVA_BLOCK_FACTS: sva_print_facts_encode(print, out); return true;
    case SVA_BLOCK_FINDINGS: put_findings(print, out); return true;
    case SVA_BLOCK_HEADS: put_heads(print, out); return true;
    case SVA_BLOCK_TOKEN_ROWS: put_token_rows(print, out); return true;
    case SVA_BLOCK_TOKEN_SAMPLE: sva_token_sample_encode(print->token_sample, out); return true;
    case SVA_BLOCK_CODE: sva_code_encode(print->code, out); return true;
    case SVA_BLOCK_READING: sva_reading_encode(print, out); return true;
    case SVA_BLOCK_BARCODES: put_barcodes(print, out); return true;
    default: return false;
    }
}

enum { PIECE_BYTES = 1 << 20 };

/** All pieces of a block to `take`; the last one is left in `piece` as well. */
static bool encode_pieces(const struct sva_print *print, uint32_t id, struct sva_bytes *piece,
                          bool (*take)(void *context, const uint8_t *bytes, size_t size),
                          void *context)
{
    const size_t entries = put_block(print, id, piece) ? 0 : print->tensor_count;
    bool ok = true;
    for (size_t i = 0; ok && i < entries; i++) {
        if (piece->size >= PIECE_BYTES) {
            ok = !piece->failed && take(context, piece->data, piece->size);
            piece->size = 0;
        }
        put_entry(&print->tensors[i], id, piece);
    }
    return ok && !piece->failed && take(context, piece->data, piece->size);
}

static bool add_size(void *context, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    *(uint64_t *)context += size;
    return true;
}

bool sva_print_block_encode(const struct sva_print *print, uint32_t id,
                            const struct sva_block_sink *sink)
{
    struct sva_bytes piece = {0};
    uint64_t total = 0;
    bool ok =
        encode_pieces(print, id, &piece, add_size, &total) && sink->begin(sink->context, total);
    if (ok && piece.size == total) {
        ok = sink->take(sink->context, piece.data, piece.size);
    } else if (ok) {
        piece.size = 0;
        ok = encode_pieces(print, id, &piece, sink->take, sink->context);
    }
    sva_bytes_done(&piece);
    return ok;
}
