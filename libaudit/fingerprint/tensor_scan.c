/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/tensor_scan.h"

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/view_scan.h"
#include "kernel/dtype.h"

enum {
    CHUNK_ELEMENTS = 1 << 20,      /**< elements decoded at a time */
    RELAYOUT_ELEMENTS = 64 << 20   /**< larger tensors without lines get no sketch */
};

struct tensor_stream {
    const struct sva_model *model;
    const struct sva_tensor *tensor;
    const struct sva_dtype_info *dtype;
    struct sva_view_scan *scans;
    size_t scan_count;
    uint64_t chunk_elements;
    uint8_t *raw;
    float *values;
    float *whole;                  /**< all values, for views without lines */
    struct sva_sha256 *stored;     /**< of the stored bytes, where F32 may not hold the values */
    bool exact;                    /**< F32 holds every value so far */
};

/** Chunks end at row borders where a row fits, so that rows can be hashed whole. */
static uint64_t chunk_length(const struct sva_tensor *tensor)
{
    uint64_t row = 1;
    for (uint32_t axis = tensor->rank; axis-- > 1;) {
        if (tensor->shape[axis] == 0 || row > CHUNK_ELEMENTS / tensor->shape[axis]) {
            break;
        }
        row *= tensor->shape[axis];
    }
    const uint64_t chunk = CHUNK_ELEMENTS / row * row;
    return chunk % 2 == 0 ? chunk : chunk + row; /* F4 packs two elements per byte */
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

/** Hands the part of each line of the view that lies in [start, start + count) to its scan. */
static void feed_lines(struct sva_view_scan *scan, uint64_t start, const float *values,
                       uint64_t count)
{
    const uint64_t length = scan->line_length;
    const uint64_t offset = scan->view->offset;
    if (length == 0 || scan->line_count == 0 || start + count <= offset) {
        return;
    }
    const uint64_t stride = scan->line_stride == 0 ? length : scan->line_stride;
    uint64_t line = start > offset ? (start - offset) / stride : 0;
    for (; line < scan->line_count; line++) {
        const uint64_t begin = offset + line * stride;
        if (begin >= start + count) {
            return;
        }
        const uint64_t from = begin > start ? begin : start;
        const uint64_t to = begin + length < start + count ? begin + length : start + count;
        if (from < to) {
            sva_view_scan_line(scan, line, from - begin, values + (from - start),
                               (size_t)(to - from));
        }
    }
}

static void feed_chunk(struct tensor_stream *stream, uint64_t start, size_t count)
{
    for (size_t i = 0; i < stream->scan_count; i++) {
        struct sva_view_scan *scan = &stream->scans[i];
        int axis;
        if (sva_view_has_lines(scan->view, &axis)) {
            feed_lines(scan, start, stream->values, count);
        } else {
            sva_view_scan_values(scan, stream->values, count);
        }
    }
    if (stream->whole != NULL) {
        memcpy(stream->whole + start, stream->values, count * sizeof *stream->values);
    }
}

static enum sva_status read_chunks(struct tensor_stream *stream, struct sva_error *error)
{
    const struct sva_tensor *tensor = stream->tensor;
    for (uint64_t start = 0; start < tensor->element_count; start += stream->chunk_elements) {
        const uint64_t left = tensor->element_count - start;
        const size_t count = (size_t)(left < stream->chunk_elements ? left : stream->chunk_elements);
        const uint64_t skipped = start / 8 * stream->dtype->bits + start % 8 * stream->dtype->bits / 8;
        const size_t bytes = (size_t)(((uint64_t)count * stream->dtype->bits + 7) / 8);
        const enum sva_status status =
            sva_model_read(stream->model, tensor->file, tensor->offset_bytes + skipped, stream->raw,
                           bytes, error);
        if (status != SVA_OK) {
            return status;
        }
        if (stream->stored != NULL) {
            sva_sha256_update(stream->stored, stream->raw, bytes);
        }
        if (stream->dtype->decodable) {
            stream->exact = stream->exact && (stream->dtype->fits_float ||
                                              fits_float(tensor->dtype, stream->raw, count));
            sva_decode_f32(tensor->dtype, stream->raw, 0, count, stream->values);
            feed_chunk(stream, start, count);
        }
    }
    return SVA_OK;
}

/** Canonical order for views whose elements are scattered (channels-last convolutions). */
static bool gather_scattered(struct tensor_stream *stream, struct sva_view_scan *scan)
{
    const struct sva_view *view = scan->view;
    float *line = sva_calloc((size_t)scan->line_length, sizeof *line);
    if (line == NULL) {
        return false;
    }
    for (uint64_t o = 0; o < view->n[0]; o++) {
        for (uint64_t at = 0; at < scan->line_length; at++) {
            line[at] = stream->whole[view->offset + o * view->stride[0] +
                                     at / view->n[2] * view->stride[1] +
                                     at % view->n[2] * view->stride[2]];
        }
        sva_view_scan_gather(scan, o, 0, line, (size_t)scan->line_length);
    }
    sva_free(line);
    return true;
}

/** Value hash in the domain of stored bytes: dtype name, part, digest of the bytes. */
static void stored_hash(struct tensor_stream *stream, const uint8_t stored[32], const char *part,
                        uint8_t digest[32])
{
    static const char domain[] = "sva-value-1-stored";
    sva_sha256_update(stream->stored, domain, sizeof domain);
    sva_sha256_update(stream->stored, stream->dtype->name, strlen(stream->dtype->name) + 1);
    sva_sha256_update(stream->stored, part, strlen(part) + 1);
    sva_sha256_update(stream->stored, stored, 32);
    sva_sha256_final(stream->stored, digest);
}

static enum sva_status finish_views(struct tensor_stream *stream, struct sva_print_tensor *out,
                                    struct sva_error *error)
{
    uint8_t stored[32] = {0};
    if (stream->stored != NULL) {
        sva_sha256_final(stream->stored, stored);
    }
    for (size_t i = 0; i < stream->scan_count; i++) {
        struct sva_view_scan *scan = &stream->scans[i];
        int axis;
        bool ok = true;
        if (stream->whole != NULL && !sva_view_has_lines(scan->view, &axis)) {
            ok = gather_scattered(stream, scan);
        }
        if (!ok || !sva_view_scan_finish(scan, &out[i])) {
            return sva_fail_memory(error, "finishing a tensor's print");
        }
        if (!stream->exact || !stream->dtype->decodable) {
            stored_hash(stream, stored, scan->view->part, out[i].value_hash);
        }
        if (!stream->dtype->decodable) {
            out[i].inert = SVA_INERT_UNREADABLE;
            out[i].element_count = scan->view->n[0] * scan->view->n[1] * scan->view->n[2];
        }
    }
    return SVA_OK;
}

static bool prepare(struct tensor_stream *stream, const struct sva_view *views)
{
    const struct sva_tensor *tensor = stream->tensor;
    bool scattered = false;
    const bool wide = stream->dtype->is_float && stream->dtype->decodable && stream->dtype->bits >= 32;
    for (size_t i = 0; i < stream->scan_count; i++) {
        const bool vocabulary = views[i].n[0] == stream->model->token_count;
        int axis;
        if (!sva_view_scan_init(&stream->scans[i], &views[i],
                                vocabulary ? stream->model->token_keys : NULL)) {
            return false;
        }
        if (wide && !sva_view_scan_add_rounded(&stream->scans[i])) {
            return false;
        }
        scattered = scattered || !sva_view_has_lines(&views[i], &axis);
    }
    stream->chunk_elements = chunk_length(tensor);
    const uint64_t held = stream->chunk_elements < tensor->element_count ? stream->chunk_elements
                                                                         : tensor->element_count;
    stream->raw = sva_calloc((size_t)held + 8, (stream->dtype->bits + 7) / 8);
    stream->values = sva_calloc((size_t)held + 8, sizeof *stream->values);
    if (scattered && tensor->element_count <= RELAYOUT_ELEMENTS) {
        stream->whole = sva_calloc((size_t)tensor->element_count, sizeof *stream->whole);
        if (stream->whole == NULL) {
            return false;
        }
    }
    if (!stream->dtype->fits_float || !stream->dtype->decodable) {
        stream->stored = sva_sha256_new();
        if (stream->stored == NULL) {
            return false;
        }
    }
    return stream->raw != NULL && stream->values != NULL;
}

enum sva_status sva_tensor_scan(const struct sva_model *model, const struct sva_view *views,
                                size_t view_count, struct sva_print_tensor *out,
                                struct sva_error *error)
{
    struct tensor_stream stream = {0};
    stream.model = model;
    stream.tensor = &model->tensors[views[0].tensor];
    stream.dtype = sva_dtype_get(stream.tensor->dtype);
    stream.exact = true;
    stream.scans = sva_calloc(view_count, sizeof *stream.scans);
    stream.scan_count = stream.scans == NULL ? 0 : view_count;
    enum sva_status status = SVA_OK;
    if (stream.scans == NULL || !prepare(&stream, views)) {
        status = sva_fail_memory(error, "preparing a tensor's print");
    }
    if (status == SVA_OK) {
        status = read_chunks(&stream, error);
    }
    if (status == SVA_OK) {
        status = finish_views(&stream, out, error);
    }
    for (size_t i = 0; i < stream.scan_count; i++) {
        sva_view_scan_done(&stream.scans[i]);
    }
    sva_free(stream.scans);
    sva_free(stream.raw);
    sva_free(stream.values);
    sva_free(stream.whole);
    sva_sha256_free(stream.stored);
    return status;
}
