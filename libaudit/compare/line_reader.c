/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/line_reader.h"

#include "base/fail.h"
#include "base/memory.h"
#include "kernel/dtype.h"

enum {
    WINDOW_ELEMENTS = 1 << 19,
    LINE_MOST = 1 << 22 /* longer lines are not read: memory stays bounded */
};

static enum sva_status unsupported(struct sva_error *error)
{
    return sva_fail(error, SVA_ERR_UNSUPPORTED, "a tensor's elements do not lie in lines");
}

/** Rows lie whole, or columns do. */
static bool find_lines(struct sva_line_reader *reader)
{
    const struct sva_view *view = reader->view;
    const bool rows = view->n[2] == 1 ? view->stride[1] == 1 || view->n[1] == 1
                                      : view->stride[2] == 1 && view->stride[1] == view->n[2];
    const bool columns = view->n[2] == 1 && view->stride[0] == 1 && reader->order == NULL;
    if (rows) {
        reader->line_axis = 0;
        reader->line_count = view->n[0];
        reader->line_length = view->n[1] * view->n[2];
    } else if (columns) {
        reader->line_axis = 1;
        reader->line_count = view->n[1];
        reader->line_length = view->n[0];
    }
    return (rows || columns) && reader->line_length > 0 && reader->line_length <= LINE_MOST;
}

enum sva_status sva_line_reader_open(const struct sva_model *model, const struct sva_view *view,
                                     bool reordered, struct sva_line_reader *reader,
                                     struct sva_error *error)
{
    *reader = (struct sva_line_reader){.view = view,
                                       .order = reordered ? view->alternative : view->order};
    if ((reordered && view->alternative == NULL) || !find_lines(reader)) {
        return unsupported(error);
    }
    enum sva_status status =
        sva_values_open(model, &model->tensors[view->tensor], &reader->values, error);
    if (status != SVA_OK) {
        return status;
    }
    const uint64_t grain = reader->values.grain;
    if (!reader->values.decodable || grain > LINE_MOST) {
        sva_line_reader_close(reader);
        return unsupported(error);
    }
    /* a line may begin and end inside a grain */
    reader->capacity = (size_t)(reader->line_length + 2 * grain);
    if (reader->capacity < WINDOW_ELEMENTS) {
        reader->capacity = (size_t)(WINDOW_ELEMENTS / grain * grain + 2 * grain);
    }
    if (reader->capacity > reader->values.tensor->element_count) {
        reader->capacity = (size_t)reader->values.tensor->element_count;
    }
    reader->window = sva_calloc(reader->capacity, sizeof *reader->window);
    reader->steps = sva_calloc(reader->capacity, sizeof *reader->steps);
    if (reader->window == NULL || reader->steps == NULL) {
        sva_line_reader_close(reader);
        return sva_fail_memory(error, "reading a tensor");
    }
    return SVA_OK;
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
    if (count > reader->capacity) {
        count = reader->capacity / grain * grain;
    }
    const enum sva_status status = sva_values_read(&reader->values, first, (size_t)count,
                                                   reader->window, reader->steps, error);
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

enum sva_status sva_line_reader_read(struct sva_line_reader *reader, uint64_t line,
                                     struct sva_line *out, struct sva_error *error)
{
    const uint64_t start = line_start(reader, line);
    const uint64_t length = reader->line_length;
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
    *out = (struct sva_line){.values = reader->window + (start - reader->first),
                             .steps = reader->steps + (start - reader->first)};
    find_bytes(reader, start, out);
    return SVA_OK;
}

void sva_line_reader_close(struct sva_line_reader *reader)
{
    sva_free(reader->window);
    sva_free(reader->steps);
    reader->window = NULL;
    reader->steps = NULL;
    sva_values_done(&reader->values);
}
