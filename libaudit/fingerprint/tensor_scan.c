/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/tensor_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/row_places.h"
#include "fingerprint/view_scan.h"
#include "kernel/dtype.h"
#include "model/tensor_values.h"
#include "model/weight_files.h"

enum {
    CHUNK_ELEMENTS = 1 << 20,    /**< elements decoded at a time at most */
    CACHED_ELEMENTS = 1 << 16,   /**< so few that all who look at them find them in the cache */
    GROUP_ELEMENTS = 8 << 20,    /**< rows that are stored out of order are held up to here */
    RELAYOUT_ELEMENTS = 64 << 20 /**< larger tensors without lines get no sketch */
};

/** One way to read a part of the tensor: a view, or a view in its alternative order. */
struct reading {
    struct sva_view view; /**< `order` is the order that is read */
    struct sva_view_scan scan;
    bool lines;          /**< rows or columns lie in one piece */
    uint64_t group_rows; /**< rows that are collected before they are handed on; 0: none */
    float *group, *group_steps;
    uint64_t group_filled; /**< elements of the current group */
};

struct tensor_stream {
    const struct sva_tensor *tensor;
    const struct sva_dtype_info *dtype;
    const struct sva_read_ahead *ahead;
    struct sva_values values;
    struct reading *readings; /**< the views, then their alternatives */
    size_t view_count, reading_count;
    size_t *alternative_of; /**< [view_count] reading, 0: none */
    uint64_t chunk_elements;
    float *chunk, *steps;     /**< steps NULL: nothing is quantised */
    float *whole;             /**< all values, for views without lines */
    struct sva_values origin; /**< of the step-0 checkpoint's tensor, when `displaced` */
    float *origin_chunk;
    bool halves;               /**< BF16 whose values are taken as they are */
    bool displaced, displaces; /**< values less the origin's are wanted; there is such a tensor */
    struct sva_sha256 *stored; /**< of the stored bytes, where F32 may not hold the values */
    bool exact;                /**< F32 holds every value so far */
};

/**
 * Chunks end at row borders where a row fits, so that rows can be hashed whole, and at grains.
 * Where lines are cut decides in which order their moments are added: whole rows, however many.
 */
static uint64_t chunk_length(const struct sva_tensor *tensor, uint64_t grain)
{
    uint64_t row = 1;
    for (uint32_t axis = tensor->rank; axis-- > 1;) {
        if (tensor->shape[axis] == 0 || row > CHUNK_ELEMENTS / tensor->shape[axis]) {
            break;
        }
        row *= tensor->shape[axis];
    }
    if (row % grain == 0) {
        return row < CACHED_ELEMENTS ? CACHED_ELEMENTS / row * row : row;
    }
    const uint64_t chunk = CHUNK_ELEMENTS / row * row;
    if (chunk % grain == 0) {
        return chunk;
    }
    return CHUNK_ELEMENTS < grain ? grain : CHUNK_ELEMENTS / grain * grain;
}

static const float *steps_at(const struct tensor_stream *stream, uint64_t position)
{
    return stream->steps == NULL ? NULL : stream->steps + position;
}

/** The stored bytes of BF16 values, which are the high halves of what they decode to. */
static const uint8_t *halves_at(const struct tensor_stream *stream, uint64_t position)
{
    return stream->halves ? stream->values.raw + 2 * position : NULL;
}

/** A whole row as stored, for its digest. */
static void feed_stored_row(struct tensor_stream *stream, struct reading *reading, uint64_t row,
                            uint64_t position)
{
    const uint64_t length = reading->scan.line_length;
    const struct sva_dtype_info *const info = stream->dtype;
    if (reading->scan.sampler.stored != NULL && stream->values.raw != NULL &&
        position % info->block_elements == 0 && length % info->block_elements == 0) {
        sva_sampler_stored_row(&reading->scan.sampler, row,
                               stream->values.raw +
                                   position / info->block_elements * info->block_bytes,
                               (size_t)(length / info->block_elements * info->block_bytes));
    }
}

/** Hands a completed group of rows on, in the order of the rows. */
static void flush_group(struct reading *reading, uint64_t first_row)
{
    const uint64_t length = reading->scan.line_length;
    for (uint64_t row = 0; row < reading->group_rows; row++) {
        reading->scan.steps =
            reading->group_steps == NULL ? NULL : reading->group_steps + row * length;
        sva_view_scan_line(&reading->scan, first_row + row, 0, reading->group + row * length,
                           (size_t)length);
    }
    reading->group_filled = 0;
}

/** Values [first, first + count) of a line, `position` elements into the chunk. */
static void feed_line(struct tensor_stream *stream, struct reading *reading, uint64_t line,
                      uint64_t first, uint64_t position, size_t count)
{
    const uint64_t length = reading->scan.line_length;
    const float *const values = stream->chunk + position;
    const float *const steps = steps_at(stream, position);
    if (first == 0 && count == length && reading->scan.line_axis == 0) {
        feed_stored_row(stream, reading, line, position);
    }
    if (reading->group_rows == 0) {
        reading->scan.steps = steps;
        reading->scan.halves = halves_at(stream, position);
        sva_view_scan_line(&reading->scan, line, first, values, count);
        return;
    }
    const uint64_t at = line % reading->group_rows * length + first;
    memcpy(reading->group + at, values, count * sizeof *values);
    if (reading->group_steps != NULL && steps != NULL) {
        memcpy(reading->group_steps + at, steps, count * sizeof *steps);
    }
    reading->group_filled += count;
    if (reading->group_filled == reading->group_rows * length) {
        flush_group(reading, line / reading->group_rows * reading->group_rows);
    }
}

/** Hands the part of each line of the view that lies in [start, start + count) to its scan. */
static void feed_lines(struct tensor_stream *stream, struct reading *reading, uint64_t start,
                       uint64_t count)
{
    const struct sva_view_scan *scan = &reading->scan;
    const uint64_t length = scan->line_length;
    const uint64_t offset = reading->view.offset;
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
            feed_line(stream, reading, line, from - begin, from - start, (size_t)(to - from));
        }
    }
}

/** The same for rows that are not evenly spaced: each stored row is looked up. */
static void feed_ordered(struct tensor_stream *stream, struct reading *reading, uint64_t start,
                         uint64_t count)
{
    const uint64_t length = reading->scan.line_length;
    const uint64_t offset = reading->view.offset;
    const uint64_t extent = sva_rows_extent(&reading->view, length);
    if (length == 0 || start + count <= offset) {
        return;
    }
    uint64_t place = start > offset ? (start - offset) / length * length : 0;
    for (; place < extent && offset + place < start + count; place += length) {
        const uint64_t begin = offset + place;
        const uint64_t from = begin > start ? begin : start;
        const uint64_t to = begin + length < start + count ? begin + length : start + count;
        uint64_t row;
        if (from < to && sva_row_at(&reading->view, place, &row)) {
            feed_line(stream, reading, row, from - begin, from - start, (size_t)(to - from));
        }
    }
}

static void feed_chunk(struct tensor_stream *stream, uint64_t start, size_t count)
{
    for (size_t i = 0; i < stream->reading_count; i++) {
        struct reading *reading = &stream->readings[i];
        if (reading->lines && reading->view.order != NULL) {
            feed_ordered(stream, reading, start, count);
        } else if (reading->lines) {
            feed_lines(stream, reading, start, count);
        } else if (stream->whole == NULL && stream->reading_count == 1) {
            sva_view_scan_values(&reading->scan, stream->chunk, count);
        }
    }
    if (stream->whole != NULL) {
        memcpy(stream->whole + start, stream->chunk, count * sizeof *stream->chunk);
    }
}

static int compare_name(const void *key, const void *element)
{
    const struct sva_tensor *const wanted = key;
    const struct sva_tensor *const tensor = element;
    return sva_name_compare(wanted->name, wanted->name_bytes, tensor->name, tensor->name_bytes);
}

/** Opens the origin's tensor of the same name and shape, when there is one that can be taken off.
 */
static enum sva_status open_origin(struct tensor_stream *stream, const struct sva_model *origin,
                                   struct sva_error *error)
{
    const struct sva_tensor *const tensor = stream->tensor;
    stream->displaced = origin != NULL;
    const struct sva_tensor *const found =
        origin == NULL ? NULL
                       : bsearch(tensor, origin->tensors, origin->tensor_count,
                                 sizeof *origin->tensors, compare_name);
    if (found == NULL || found->rank != tensor->rank ||
        memcmp(found->shape, tensor->shape, tensor->rank * sizeof *tensor->shape) != 0) {
        return SVA_OK;
    }
    const enum sva_status status = sva_values_open(origin, found, &stream->origin, error);
    stream->displaces = status == SVA_OK && stream->origin.decodable && stream->origin.grain == 1 &&
                        stream->values.decodable;
    return status;
}

/** Takes the origin's values off the chunk's. */
static enum sva_status displace(struct tensor_stream *stream, uint64_t start, size_t count,
                                struct sva_error *error)
{
    const enum sva_status status =
        sva_values_read(&stream->origin, start, count, stream->origin_chunk, NULL, error);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        stream->chunk[i] -= stream->origin_chunk[i];
    }
    return status;
}

static enum sva_status read_chunks(struct tensor_stream *stream, struct sva_error *error)
{
    const struct sva_tensor *tensor = stream->tensor;
    /* what has no elements of known size is read byte by byte */
    const uint64_t total = stream->dtype->block_elements == 0 && tensor->packing == NULL
                               ? tensor->size_bytes
                               : tensor->element_count;
    for (uint64_t start = 0; start < total; start += stream->chunk_elements) {
        const uint64_t left = total - start;
        const size_t count =
            (size_t)(left < stream->chunk_elements ? left : stream->chunk_elements);
        enum sva_status status =
            sva_values_read(&stream->values, start, count, stream->chunk, stream->steps, error);
        if (status == SVA_OK && stream->displaces) {
            status = displace(stream, start, count, error);
        }
        if (status != SVA_OK) {
            return status;
        }
        if (stream->stored != NULL) {
            sva_sha256_update(stream->stored, stream->values.raw, stream->values.raw_bytes);
        }
        if (stream->values.decodable) {
            stream->exact = stream->exact && stream->values.exact;
            feed_chunk(stream, start, count);
        }
    }
    return SVA_OK;
}

/** Views whose elements are scattered (channels-last convolutions), in canonical order. */
static bool feed_scattered(struct tensor_stream *stream, struct reading *reading)
{
    const struct sva_view *view = &reading->view;
    struct sva_view_scan *scan = &reading->scan;
    float *line = sva_calloc((size_t)scan->line_length, sizeof *line);
    if (line == NULL) {
        return false;
    }
    for (uint64_t o = 0; o < view->n[0]; o++) {
        const float *const row = stream->whole + view->offset + sva_row_place(view, o);
        for (uint64_t at = 0; at < scan->line_length; at++) {
            line[at] = row[at / view->n[2] * view->stride[1] + at % view->n[2] * view->stride[2]];
        }
        sva_view_scan_line(scan, o, 0, line, (size_t)scan->line_length);
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

/** What only the second order of rows tells; the rest of its scan is dropped. */
static bool finish_alternative(struct reading *reading, struct sva_print_tensor *out)
{
    struct sva_print_tensor scanned = {0};
    struct sva_print_alternative *made = sva_calloc(1, sizeof *made);
    const bool ok = made != NULL && sva_view_scan_finish(&reading->scan, &scanned);
    if (!ok) {
        sva_print_tensor_done(&scanned);
        sva_free(made);
        return false;
    }
    made->name = reading->view.order->name;
    memcpy(made->value_hash, scanned.value_hash, sizeof made->value_hash);
    made->rounded_known = scanned.rounded_known;
    memcpy(made->rounded_hash, scanned.rounded_hash, sizeof made->rounded_hash);
    made->axis = scanned.axis[1];
    made->samples = scanned.samples;
    made->rows = scanned.rows;
    scanned.axis[1] = (struct sva_axis_sketch){0};
    scanned.samples = (struct sva_value_samples){0};
    sva_print_tensor_done(&scanned);
    out->alternative = made;
    return true;
}

static enum sva_status finish_views(struct tensor_stream *stream, struct sva_print_tensor *out,
                                    struct sva_error *error)
{
    uint8_t stored[32] = {0};
    if (stream->stored != NULL) {
        sva_sha256_final(stream->stored, stored);
    }
    for (size_t i = 0; i < stream->view_count; i++) {
        struct reading *reading = &stream->readings[i];
        bool ok = reading->lines || stream->whole == NULL || feed_scattered(stream, reading);
        ok = ok && sva_view_scan_finish(&reading->scan, &out[i]);
        if (ok && stream->alternative_of[i] != 0) {
            ok = finish_alternative(&stream->readings[stream->alternative_of[i]], &out[i]);
        }
        if (!ok) {
            return sva_fail_memory(error, "finishing a tensor's print");
        }
        if (stream->stored != NULL && (!stream->exact || !stream->values.decodable)) {
            stored_hash(stream, stored, reading->view.part, out[i].value_hash);
        }
        if (stream->displaced && !stream->displaces) {
            out[i].inert |= SVA_INERT_UNREADABLE;
        }
        if (!stream->values.decodable) {
            out[i].inert = SVA_INERT_UNREADABLE;
            out[i].element_count = reading->view.n[0] * reading->view.n[1] * reading->view.n[2];
        }
    }
    return SVA_OK;
}

/** Rows that come out of order are collected group by group; too large a group is given up. */
static bool prepare_group(struct reading *reading, bool quantised, bool *given_up)
{
    const struct sva_row_order *const order = reading->view.order;
    *given_up = false;
    if (order == NULL || !reading->lines || sva_rows_ascend(&reading->view)) {
        return true;
    }
    const uint64_t rows = order->n[1] * order->n[2];
    const uint64_t length = reading->scan.line_length;
    if (length == 0 || rows > GROUP_ELEMENTS / length) {
        *given_up = true;
        return true;
    }
    reading->group_rows = rows;
    reading->group = sva_calloc((size_t)(rows * length), sizeof *reading->group);
    reading->group_steps =
        quantised ? sva_calloc((size_t)(rows * length), sizeof *reading->group_steps) : NULL;
    return reading->group != NULL && (!quantised || reading->group_steps != NULL);
}

static bool start_reading(struct tensor_stream *stream, struct reading *reading,
                          const struct sva_view *view, bool wide, bool *given_up)
{
    const struct sva_model *const model = stream->values.model;
    const struct sva_token_choice tokens = sva_token_choice_of(model);
    const bool vocabulary = view->n[0] == model->token_count;
    reading->view = *view;
    if (!stream->values.decodable) { /* nothing to sketch, and a shape that no bytes vouch for */
        reading->view.axis[0] = SVA_AXIS_UNIT;
        reading->view.axis[1] = SVA_AXIS_UNIT;
    }
    int axis;
    reading->lines = sva_view_has_lines(&reading->view, &axis);
    return sva_view_scan_init(&reading->scan, &reading->view,
                              vocabulary ? model->token_keys : NULL) &&
           (!wide || sva_view_scan_add_rounded(&reading->scan)) &&
           (!stream->values.decodable || !reading->lines ||
            sva_view_scan_add_tokens(&reading->scan, &tokens)) &&
           sva_view_scan_add_samples(&reading->scan, stream->tensor->dtype,
                                     stream->values.quantised) &&
           prepare_group(reading, stream->values.quantised, given_up);
}

static void end_reading(struct reading *reading)
{
    sva_view_scan_done(&reading->scan);
    sva_free(reading->group);
    sva_free(reading->group_steps);
    *reading = (struct reading){0};
}

/** A reading for each view, and for each second order that can be followed. */
static bool start_readings(struct tensor_stream *stream, const struct sva_view *views,
                           bool *scattered)
{
    const bool wide =
        stream->dtype->is_float && stream->values.decodable && stream->dtype->bits >= 32;
    for (size_t i = 0; i < stream->view_count; i++) {
        bool given_up;
        stream->reading_count++;
        if (!start_reading(stream, &stream->readings[i], &views[i], wide, &given_up)) {
            return false;
        }
        if (stream->ahead != NULL &&
            !sva_view_scan_add_gram(&stream->readings[i].scan, stream->ahead)) {
            return false;
        }
        *scattered = *scattered || !stream->readings[i].lines;
    }
    for (size_t i = 0; i < stream->view_count; i++) {
        if (views[i].alternative == NULL || !stream->readings[i].lines) {
            continue;
        }
        struct sva_view view = views[i];
        view.order = view.alternative;
        struct reading *const reading = &stream->readings[stream->reading_count];
        bool given_up;
        if (!start_reading(stream, reading, &view, wide, &given_up)) {
            end_reading(reading);
            return false;
        }
        if (given_up) {
            end_reading(reading);
        } else {
            stream->alternative_of[i] = stream->reading_count++;
        }
    }
    return true;
}

static bool prepare(struct tensor_stream *stream, const struct sva_view *views)
{
    const struct sva_tensor *tensor = stream->tensor;
    bool scattered = false;
    stream->readings = sva_calloc(2 * stream->view_count, sizeof *stream->readings);
    stream->alternative_of = sva_calloc(stream->view_count, sizeof *stream->alternative_of);
    if (stream->readings == NULL || stream->alternative_of == NULL ||
        !start_readings(stream, views, &scattered)) {
        return false;
    }
    stream->halves = tensor->dtype == SVA_DTYPE_BF16 && !stream->displaces;
    stream->chunk_elements = chunk_length(tensor, stream->values.grain);
    const uint64_t total =
        tensor->element_count > tensor->size_bytes ? tensor->element_count : tensor->size_bytes;
    const size_t held =
        (size_t)(stream->chunk_elements < total ? stream->chunk_elements : total) + 8;
    stream->chunk = sva_calloc(held, sizeof *stream->chunk);
    stream->steps = stream->values.quantised ? sva_calloc(held, sizeof *stream->steps) : NULL;
    stream->origin_chunk = stream->displaces ? sva_calloc(held, sizeof *stream->chunk) : NULL;
    if (stream->chunk == NULL || (stream->values.quantised && stream->steps == NULL) ||
        (stream->displaces && stream->origin_chunk == NULL)) {
        return false;
    }
    if (scattered && stream->values.decodable && tensor->element_count <= RELAYOUT_ELEMENTS) {
        stream->whole = sva_calloc((size_t)tensor->element_count, sizeof *stream->whole);
        if (stream->whole == NULL) {
            return false;
        }
    }
    if (tensor->packing == NULL && (!stream->dtype->fits_float || !stream->values.decodable)) {
        stream->stored = sva_sha256_new();
        return stream->stored != NULL;
    }
    return true;
}

enum sva_status sva_tensor_scan(const struct sva_model *model, const struct sva_model *origin,
                                const struct sva_read_ahead *ahead, const struct sva_view *views,
                                size_t view_count, struct sva_print_tensor *out,
                                struct sva_error *error)
{
    struct tensor_stream stream = {0};
    stream.tensor = &model->tensors[views[0].tensor];
    stream.dtype = sva_dtype_get(stream.tensor->dtype);
    stream.ahead = ahead;
    stream.view_count = view_count;
    stream.exact = true;
    enum sva_status status = sva_values_open(model, stream.tensor, &stream.values, error);
    if (status != SVA_OK) {
        return status;
    }
    status = open_origin(&stream, origin, error);
    if (status == SVA_OK && !prepare(&stream, views)) {
        status = sva_fail_memory(error, "preparing a tensor's print");
    }
    if (status == SVA_OK) {
        status = read_chunks(&stream, error);
    }
    if (status == SVA_OK) {
        status = finish_views(&stream, out, error);
    }
    for (size_t i = 0; i < stream.reading_count; i++) {
        end_reading(&stream.readings[i]);
    }
    sva_values_done(&stream.values);
    sva_values_done(&stream.origin);
    sva_free(stream.origin_chunk);
    sva_free(stream.readings);
    sva_free(stream.alternative_of);
    sva_free(stream.chunk);
    sva_free(stream.steps);
    sva_free(stream.whole);
    sva_sha256_free(stream.stored);
    return status;
}
