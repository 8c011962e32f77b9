/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/quick_scan.h"

#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/quick_plan.h"
#include "fingerprint/row_places.h"
#include "fingerprint/view_scan.h"
#include "kernel/dtype.h"
#include "model/tensor_values.h"
#include "model/weight_files.h"

enum { CHUNK_ELEMENTS = 1 << 20 }; /* elements decoded at a time */

/** Why a line is read. */
enum { LINE_WHOLE = 1, LINE_BEGINNING = 2 };

/** One view while its lines are read. */
struct line_scan {
    const struct sva_model *model;
    const struct sva_tensor *tensor;
    const struct sva_view *view;
    struct sva_values *values;
    struct sva_view_scan scan;
    uint8_t *marks;       /* [scan.line_count] */
    float *chunk, *steps; /* steps NULL: nothing is quantised */
};

/** Elements from the tensor's start to a line's. */
static uint64_t place_of(const struct line_scan *work, uint64_t line)
{
    const struct sva_view *const view = work->view;
    return view->offset +
           (work->scan.line_axis == 0 ? sva_row_place(view, line) : line * work->scan.line_stride);
}

static void mark(struct line_scan *work, const uint64_t *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        work->marks[lines[i]] |= LINE_WHOLE;
    }
}

/** Leaves out what the level does not pay for, and marks the lines of what is left. */
static void mark_lines(struct line_scan *work, enum sva_quick_level level)
{
    struct sva_view_scan *const scan = &work->scan;
    struct sva_axis_plan *const along = &scan->axis[1 - scan->line_axis];
    struct sva_axis_plan *const across = &scan->axis[scan->line_axis];
    const uint64_t kernel = scan->line_axis == 0 ? work->view->n[2] : 1;
    if (level < SVA_QUICK_ALONG) {
        along->kept = 0;
        scan->tokens.count = 0;
        scan->corner_lines = 0;
    }
    if (level < SVA_QUICK_BOTH || !sva_quick_takes_across(work->view, scan->line_axis)) {
        across->kept = 0;
    }
    if (level < SVA_QUICK_BOTH || scan->gram.neuron_axis != scan->line_axis) {
        scan->gram.blocks = 0;
        scan->gram.units = 0;
    }
    scan->strong.wanted = false; /* the longest rows are among all of them */
    mark(work, scan->line_axis == 0 ? scan->sampler.row_at : scan->sampler.column_at,
         scan->line_axis == 0 ? scan->sampler.rows : scan->sampler.columns);
    for (uint32_t s = 0; along->kept > 0 && s < along->slice_count; s++) {
        work->marks[along->slices[s].index / kernel] |= LINE_WHOLE;
    }
    mark(work, across->indices, across->kept);
    mark(work, scan->gram.indices, scan->gram.units);
    if (scan->line_axis == 0) {
        mark(work, scan->tokens.rows, scan->tokens.count);
    } else {
        scan->tokens.count = 0; /* rows across the lines: all of them would be needed */
    }
    for (size_t line = 0; line < scan->corner_lines; line++) {
        work->marks[line] |= LINE_BEGINNING;
    }
}

/** Tells the system of all runs before the first is read. */
static uint64_t announce(const struct line_scan *work)
{
    const struct sva_dtype_info *const info = sva_dtype_get(work->tensor->dtype);
    const uint64_t length = work->scan.line_length;
    uint64_t lines = 0;
    for (uint64_t line = 0; line < work->scan.line_count; line++) {
        uint64_t end = line;
        while (end < work->scan.line_count && (work->marks[end] & LINE_WHOLE) != 0 &&
               place_of(work, end) == place_of(work, line) + (end - line) * length) {
            end++;
        }
        if (end == line) {
            continue;
        }
        lines += end - line;
        const uint64_t first = place_of(work, line) / info->block_elements;
        const uint64_t size = ((end - line) * length + info->block_elements - 1) /
                              info->block_elements * info->block_bytes;
        sva_model_expect(work->model, work->tensor->file,
                         work->tensor->offset_bytes + first * info->block_bytes, size);
        line = end - 1;
    }
    return lines;
}

/** A whole row as stored, for its digest. */
static void feed_stored_row(struct line_scan *work, uint64_t line, uint64_t skipped)
{
    const struct sva_dtype_info *const info = sva_dtype_get(work->tensor->dtype);
    const uint64_t length = work->scan.line_length;
    if (work->scan.sampler.stored != NULL && work->scan.line_axis == 0 &&
        work->values->raw != NULL && skipped == 0 && length % info->block_elements == 0) {
        sva_sampler_stored_row(&work->scan.sampler, line, work->values->raw,
                               (size_t)(length / info->block_elements * info->block_bytes));
    }
}

/** Values [first, first + count) of a line; whole lines and beginnings go different ways. */
static enum sva_status read_piece(struct line_scan *work, uint64_t line, uint64_t first,
                                  uint64_t count, struct sva_error *error)
{
    const uint64_t grain = work->values->grain;
    const uint64_t at = place_of(work, line) + first;
    const uint64_t from = at / grain * grain;
    const uint64_t wanted = (at + count + grain - 1) / grain * grain;
    const uint64_t end =
        wanted < work->tensor->element_count ? wanted : work->tensor->element_count;
    const enum sva_status status =
        sva_values_read(work->values, from, (size_t)(end - from), work->chunk, work->steps, error);
    if (status != SVA_OK) {
        return status;
    }
    const float *const values = work->chunk + (at - from);
    if ((work->marks[line] & LINE_WHOLE) == 0) {
        sva_view_scan_corner(&work->scan, line, values, (size_t)count);
        return SVA_OK;
    }
    if (count == work->scan.line_length) {
        feed_stored_row(work, line, at - from);
    }
    work->scan.steps = work->steps == NULL ? NULL : work->steps + (at - from);
    sva_view_scan_part(&work->scan, line, first, values, (size_t)count);
    return SVA_OK;
}

static enum sva_status read_lines(struct line_scan *work, struct sva_error *error)
{
    const uint64_t length = work->scan.line_length;
    enum sva_status status = SVA_OK;
    for (uint64_t line = 0; status == SVA_OK && line < work->scan.line_count; line++) {
        const bool whole = (work->marks[line] & LINE_WHOLE) != 0;
        const uint64_t wanted = whole                    ? length
                                : work->marks[line] != 0 ? work->scan.corner_length
                                                         : 0;
        for (uint64_t first = 0; status == SVA_OK && first < wanted; first += CHUNK_ELEMENTS) {
            const uint64_t left = wanted - first;
            status =
                read_piece(work, line, first, left < CHUNK_ELEMENTS ? left : CHUNK_ELEMENTS, error);
        }
    }
    return status;
}

static bool start_scan(struct line_scan *work, const struct sva_read_ahead *ahead,
                       enum sva_quick_level level)
{
    const struct sva_token_choice tokens = sva_token_choice_of(work->model);
    const bool vocabulary = work->view->n[0] == work->model->token_count;
    struct sva_view_scan *const scan = &work->scan;
    const bool ok =
        sva_view_scan_init(scan, work->view, vocabulary ? work->model->token_keys : NULL) &&
        (level < SVA_QUICK_ALONG || sva_view_scan_add_tokens(scan, &tokens)) &&
        sva_view_scan_add_samples(scan, work->tensor->dtype, work->values->quantised) &&
        (level < SVA_QUICK_BOTH || sva_view_scan_add_gram(scan, ahead));
    if (!ok) {
        return false;
    }
    const uint64_t longest =
        scan->line_length < CHUNK_ELEMENTS ? scan->line_length : CHUNK_ELEMENTS;
    const size_t held = (size_t)(longest + 2 * work->values->grain);
    work->marks = sva_calloc((size_t)scan->line_count, sizeof *work->marks);
    work->chunk = sva_calloc(held, sizeof *work->chunk);
    work->steps = work->values->quantised ? sva_calloc(held, sizeof *work->steps) : NULL;
    return work->marks != NULL && work->chunk != NULL &&
           (!work->values->quantised || work->steps != NULL);
}

static enum sva_status scan_view(struct line_scan *work, const struct sva_read_ahead *ahead,
                                 enum sva_quick_level level, struct sva_print_tensor *out,
                                 struct sva_error *error)
{
    enum sva_status status = start_scan(work, ahead, level)
                                 ? SVA_OK
                                 : sva_fail_memory(error, "preparing a tensor's print");
    if (status == SVA_OK) {
        mark_lines(work, level);
        work->scan.sample_step = announce(work) * work->scan.line_length / SVA_ENTROPY_SAMPLES + 1;
        status = read_lines(work, error);
    }
    if (status == SVA_OK && !sva_view_scan_finish_parts(&work->scan, out)) {
        status = sva_fail_memory(error, "finishing a tensor's print");
    }
    sva_view_scan_done(&work->scan);
    sva_free(work->marks);
    sva_free(work->chunk);
    sva_free(work->steps);
    return status;
}

enum sva_status sva_quick_scan(const struct sva_model *model, const struct sva_read_ahead *ahead,
                               const struct sva_view *views, size_t view_count,
                               const uint8_t *levels, struct sva_print_tensor *out,
                               struct sva_error *error)
{
    const struct sva_tensor *const tensor = &model->tensors[views[0].tensor];
    struct sva_values values = {0};
    enum sva_status status = SVA_OK;
    bool opened = false;
    for (size_t i = 0; status == SVA_OK && i < view_count; i++) {
        const enum sva_quick_level level = (enum sva_quick_level)levels[i];
        if (level == SVA_QUICK_NOTHING) {
            const bool decodable =
                tensor->packing != NULL || sva_dtype_get(tensor->dtype)->decodable;
            status = sva_print_tensor_unread(&views[i], decodable, &out[i])
                         ? SVA_OK
                         : sva_fail_memory(error, "describing a tensor");
            continue;
        }
        if (!opened) {
            status = sva_values_open(model, tensor, &values, error);
            opened = status == SVA_OK;
        }
        if (status == SVA_OK) {
            struct line_scan work = {
                .model = model, .tensor = tensor, .view = &views[i], .values = &values};
            status = scan_view(&work, ahead, level, &out[i], error);
        }
    }
    if (opened) {
        sva_values_done(&values);
    }
    return status;
}

enum { HASH_BLOCK_BYTES = 1 << 16 };

enum sva_status sva_quick_hash_file(const struct sva_model *model, uint32_t index,
                                    struct sva_print_file *file, struct sva_error *error)
{
    if (sva_file_is_audited(file->kind) || file->size_bytes > SVA_QUICK_LEAST_BYTES) {
        return SVA_OK;
    }
    struct sva_sha256 *state = sva_sha256_new();
    uint8_t *block = sva_calloc(HASH_BLOCK_BYTES, 1);
    enum sva_status status =
        state == NULL || block == NULL ? sva_fail_memory(error, "hashing a file") : SVA_OK;
    for (uint64_t at = 0; status == SVA_OK && at < file->size_bytes;) {
        const uint64_t left = file->size_bytes - at;
        const size_t step = left < HASH_BLOCK_BYTES ? (size_t)left : HASH_BLOCK_BYTES;
        status = sva_model_read(model, index, at, block, step, error);
        if (status == SVA_OK) {
            sva_sha256_update(state, block, step);
        }
        at += step;
    }
    if (status == SVA_OK) {
        sva_sha256_final(state, file->sha256);
        file->hashed = true;
    }
    sva_sha256_free(state);
    sva_free(block);
    return status;
}
