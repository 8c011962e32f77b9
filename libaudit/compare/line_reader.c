/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/line_reader.h"

#include "base/fail.h"
#include "base/memory.h"
#include "kernel/dtype.h"

enum {
    WINDOW_ELEMENTS = 1 << 16, /* decoded they stay in the second-level cache */
    LINE_MOST =
        1 << 22 /* longer lines are not read, larger tensors not gathered: memory is bounded */
};

static enum sva_status unsupported(struct sva_error *error)
{
    return sva_fail(error, SVA_ERR_UNSUPPORTED, "a tensor's elements do not lie in lines");
}

bool sva_rows_lie_whole(const struct sva_view *view)
{
    return view->n[2] == 1 ? view->stride[1] == 1 || view->n[1] == 1
                           : view->stride[2] == 1 && view->stride[1] == view->n[2];
}

/** Rows lie whole, or columns do; false: they must be gathered. */
static bool find_lines(struct sva_line_reader *reader)
{
    const struct sva_view *view = reader->view;
    const bool rows = sva_rows_lie_whole(view);
    const bool columns = view->n[2] == 1 && view->stride[0] == 1 && reader->order == NULL;
    reader->line_axis = rows || !columns ? 0 : 1;
    reader->line_count = view->n[reader->line_axis];
    reader->line_length = rows || !columns ? view->n[1] * view->n[2] : view->n[0];
    return rows || columns;
}

/** Elements kept at a time: all of a tensor that is gathered from, else a window of lines. */
static size_t window_size(const struct sva_line_reader *reader, bool gather)
{
    const uint64_t total = reader->values.tensor->element_count;
    const uint64_t grain = reader->values.grain;
    /* a line may begin and end inside a grain */
    uint64_t size = reader->line_length + 2 * grain;
    if (size < WINDOW_ELEMENTS) {
        size = WINDOW_ELEMENTS / grain * grain + 2 * grain;
    }
    return (size_t)(gather || size > total ? total : size);
}

/** Codes have steps, one by one or by what a line leaves; plain numbers of 16 bits and more do not.
 */
static bool has_steps(const struct sva_values *values)
{
    return values->quantised || values->tensor->packing != NULL ||
           sva_dtype_is_block(values->tensor->dtype);
}

static enum sva_status make_buffers(struct sva_line_reader *reader, bool gather,
                                    struct sva_error *error)
{
    const bool steps = has_steps(&reader->values);
    const size_t length = gather ? (size_t)reader->line_length : 0;
    reader->capacity = window_size(reader, gather);
    reader->window = sva_calloc(reader->capacity, sizeof *reader->window);
    reader->steps = steps ? sva_calloc(reader->capacity, sizeof *reader->steps) : NULL;
    reader->gathered = gather ? sva_calloc(length, sizeof *reader->gathered) : NULL;
    reader->gathered_steps =
        gather && steps ? sva_calloc(length, sizeof *reader->gathered_steps) : NULL;
    const bool values_ok = reader->window != NULL && (!gather || reader->gathered != NULL);
    const bool steps_ok =
        !steps || (reader->steps != NULL && (!gather || reader->gathered_steps != NULL));
    return values_ok && steps_ok ? SVA_OK : sva_fail_memory(error, "reading a tensor");
}

enum sva_status sva_line_reader_open(const struct sva_model *model, const struct sva_view *view,
                                     const struct sva_row_order *order, enum sva_line_choice choice,
                                     struct sva_line_reader *reader, struct sva_error *error)
{
    const struct sva_tensor *tensor = &model->tensors[view->tensor];
    *reader = (struct sva_line_reader){.view = view, .order = order};
    const bool gather = !find_lines(reader) || choice == SVA_LINES_GATHERED;
    if (gather) {
        reader->line_axis = 0;
        reader->line_count = view->n[0];
        reader->line_length = view->n[1] * view->n[2];
    }
    if (reader->line_length == 0 || reader->line_length > LINE_MOST ||
        (gather && tensor->element_count > LINE_MOST)) {
        return unsupported(error);
    }
    enum sva_status status = sva_values_open(model, tensor, &reader->values, error);
    if (status == SVA_OK && (!reader->values.decodable || reader->values.grain > LINE_MOST)) {
        status = unsupported(error);
    }
    if (status == SVA_OK) {
        status = make_buffers(reader, gather, error);
    }
    if (status != SVA_OK) {
        sva_line_reader_close(reader);
    }
    return status;
}

/** Element of the stored tensor at which a line begins. */
static uint64_t line_start(const struct sva_line_reader *reader, uint64_t line)
{
    const struct sva_row_order *order = reader->order;
    if (order == NULL) {
        return reader->view->offset + line * reader->view->stride[reader->line_axis];
    }
    const uint64_t c = line % order->n[2];
    const uint64_t b = line / order->n[2] % order->n[1];
    const uint64_t a = line / order->n[2] / order->n[1];
    return reader->view->offset + a * order->stride[0] + b * order->stride[1] +
           c * order->stride[2];
}

static enum sva_status fill_window(struct sva_line_reader *reader, uint64_t start,
                                   struct sva_error *error)
{
    const uint64_t grain = reader->values.grain;
    const uint64_t total = reader->values.tensor->element_count;
    const uint64_t first = start / grain * grain;
    uint64_t count = total - first;
    if (count > reader->capacity) { /* whole lines: what is left of one would be read again */
        const uint64_t most = reader->capacity / grain * grain;
        const uint64_t before = start - first;
        const uint64_t lines = (most - before) / reader->line_length;
        const uint64_t grains = (before + lines * reader->line_length + grain - 1) / grain;
        count = grains * grain;
    }
    float *const window = reader->bytes_only ? NULL : reader->window;
    const enum sva_status status =
        sva_values_read(&reader->values, first, (size_t)count, window, reader->steps, error);
    reader->first = first;
    reader->count = status == SVA_OK ? (size_t)count : 0;
    return status;
}

/** The stored bytes of [start, start + length), where blocks begin and end with it. */
static void find_bytes(const struct sva_line_reader *reader, uint64_t start, struct sva_line *out)
{
    const struct sva_dtype_info *info = sva_dtype_get(reader->values.tensor->dtype);
    const uint64_t block = info->block_elements;
    const uint64_t skipped = start - reader->first;
    if (reader->values.raw == NULL || block == 0 || skipped % block != 0 ||
        reader->line_length % block != 0) {
        return;
    }
    const uint64_t offset = skipped / block * info->block_bytes;
    const uint64_t size = reader->line_length / block * info->block_bytes;
    if (offset + size <= reader->values.raw_bytes) {
        out->bytes = reader->values.raw + offset;
        out->byte_count = (size_t)size;
    }
}

/** Brings a line whose elements lie apart together; the window holds the whole tensor. */
static enum sva_status gather_line(struct sva_line_reader *reader, uint64_t start,
                                   struct sva_line *out, struct sva_error *error)
{
    const struct sva_view *view = reader->view;
    enum sva_status status = SVA_OK;
    if (reader->count == 0) {
        status = fill_window(reader, 0, error);
    }
    for (uint64_t i = 0; status == SVA_OK && i < reader->line_length; i++) {
        const uint64_t at =
            start + i / view->n[2] * view->stride[1] + i % view->n[2] * view->stride[2];
        if (at >= reader->count) {
            return sva_fail(error, SVA_ERR_INTERNAL, "a view reaches beyond its tensor");
        }
        reader->gathered[i] = reader->window[at];
        if (reader->steps != NULL) {
            reader->gathered_steps[i] = reader->steps[at];
        }
    }
    *out = (struct sva_line){.values = reader->gathered, .steps = reader->gathered_steps};
    return status;
}

enum sva_status sva_line_reader_read(struct sva_line_reader *reader, uint64_t line,
                                     struct sva_line *out, struct sva_error *error)
{
    const uint64_t start = line_start(reader, line);
    const uint64_t length = reader->line_length;
    if (reader->gathered != NULL) {
        return gather_line(reader, start, out, error);
    }
    if (start > reader->values.tensor->element_count ||
        length > reader->values.tensor->element_count - start) {
        return sva_fail(error, SVA_ERR_INTERNAL, "a view reaches beyond its tensor");
    }
    if (reader->count == 0 || start < reader->first ||
        start + length > reader->first + reader->count) {
        const enum sva_status status = fill_window(reader, start, error);
        if (status != SVA_OK) {
            return status;
        }
    }
    const size_t at = (size_t)(start - reader->first);
    *out = (struct sva_line){.values = reader->bytes_only ? NULL : reader->window + at,
                             .steps = reader->steps == NULL ? NULL : reader->steps + at};
    find_bytes(reader, start, out);
    return SVA_OK;
}

void sva_line_reader_close(struct sva_line_reader *reader)
{
    sva_free(reader->window);
    sva_free(reader->steps);
    sva_free(reader->gathered);
    sva_free(reader->gathered_steps);
    reader->window = NULL;
    reader->steps = NULL;
    reader->gathered = NULL;
    reader->gathered_steps = NULL;
    sva_values_done(&reader->values);
}
