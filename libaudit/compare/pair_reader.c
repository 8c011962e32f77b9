/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/pair_reader.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "compare/noise_floor.h"
#include "compare/value_sides.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"
#include "kernel/rounding.h"

struct models {
    const struct sva_model *subject, *reference;
};

static struct sva_rounding rounding_of(const struct sva_values *values,
                                       const struct sva_values *other)
{
    const struct sva_print_tensor tensor = {.dtype = values->tensor->dtype,
                                            .form = values->tensor->form};
    const struct sva_print_tensor beside = {.dtype = other->tensor->dtype,
                                            .form = other->tensor->form};
    return sva_rounding_of(&tensor, &beside,
                           values->quantised && !sva_has_floor(values->tensor->dtype));
}

/** Opens both sides in `choice`; UNSUPPORTED also when their lines do not fit together. */
static enum sva_status open_sides(const struct models *models, const struct sva_value_pair *pair,
                                  enum sva_line_choice choice, struct sva_pair_reader *reader,
                                  struct sva_error *error)
{
    const struct sva_view *s = &models->subject->views[pair->subject];
    const struct sva_view *r = &models->reference->views[(uint32_t)pair->reference];
    const bool s_turned = pair->reading == SVA_READ_SUBJECT_REORDERED;
    const bool r_turned = pair->reading == SVA_READ_REFERENCE_REORDERED;
    enum sva_status status = sva_line_reader_open(
        models->subject, s, s_turned ? s->alternative : s->order, choice, &reader->s, error);
    if (status == SVA_OK) {
        status = sva_line_reader_open(models->reference, r, r_turned ? r->alternative : r->order,
                                      choice, &reader->r, error);
    }
    if (status == SVA_OK && (reader->s.line_axis != reader->r.line_axis ||
                             reader->s.line_count != reader->r.line_count ||
                             reader->s.line_length != reader->r.line_length)) {
        status = sva_fail(error, SVA_ERR_UNSUPPORTED, "the two tensors lie in different lines");
    }
    return status;
}

static bool is_plain_bf16(const struct sva_line_reader *reader)
{
    return reader->values.tensor->dtype == SVA_DTYPE_BF16 && reader->gathered == NULL;
}

/** What follows from the two sides; room for a line. */
static enum sva_status prepare(struct sva_pair_reader *reader, struct sva_error *error)
{
    const enum sva_dtype s = reader->s.values.tensor->dtype;
    const enum sva_dtype r = reader->r.values.tensor->dtype;
    const uint64_t length = reader->s.line_length;
    uint32_t rows;
    uint32_t columns;
    reader->s_rounding = rounding_of(&reader->s.values, &reader->r.values);
    reader->r_rounding = rounding_of(&reader->r.values, &reader->s.values);
    reader->s_quantised = sva_dtype_is_block(s) && sva_quantiser_exists(s);
    reader->asked = reader->s_quantised != (sva_dtype_is_block(r) && sva_quantiser_exists(r)) &&
                    (reader->s_quantised ? &reader->s : &reader->r)->gathered == NULL;
    reader->exact[0] = reader->asked;
    reader->exact[1] = reader->asked;
    reader->bf16 = is_plain_bf16(&reader->s) && is_plain_bf16(&reader->r);
    reader->s.bytes_only = reader->bf16;
    reader->r.bytes_only = reader->bf16;
    sva_pair_reader_grid(reader, &rows, &columns);
    for (uint32_t k = 0; k < columns; k++) {
        reader->grid_places[k] = (uint32_t)(k * length / columns);
    }
    reader->rounded = sva_calloc((size_t)length, sizeof *reader->rounded);
    reader->bytes = sva_calloc((size_t)length, 4);
    return reader->rounded != NULL && reader->bytes != NULL
               ? SVA_OK
               : sva_fail_memory(error, "laying weights side by side");
}

enum sva_status sva_pair_reader_open(const struct sva_model *subject,
                                     const struct sva_model *reference,
                                     const struct sva_value_pair *pair,
                                     struct sva_pair_reader *reader, struct sva_error *error)
{
    const struct models models = {subject, reference};
    struct sva_error refused = {0};
    *reader = (struct sva_pair_reader){.asked = false};
    enum sva_status status = open_sides(&models, pair, SVA_LINES_AS_STORED, reader, &refused);
    if (status == SVA_ERR_UNSUPPORTED) { /* one side is stored turned: rows of both, gathered */
        sva_line_reader_close(&reader->s);
        sva_line_reader_close(&reader->r);
        status = open_sides(&models, pair, SVA_LINES_GATHERED, reader, error);
    } else if (status != SVA_OK && error != NULL) {
        *error = refused;
    }
    return status == SVA_OK ? prepare(reader, error) : status;
}

void sva_pair_reader_close(struct sva_pair_reader *reader)
{
    sva_line_reader_close(&reader->s);
    sva_line_reader_close(&reader->r);
    sva_free(reader->rounded);
    sva_free(reader->bytes);
    reader->rounded = NULL;
    reader->bytes = NULL;
}

void sva_pair_reader_grid(const struct sva_pair_reader *reader, uint32_t *rows, uint32_t *columns)
{
    const uint64_t lines = reader->s.line_count;
    const uint64_t length = reader->s.line_length;
    *rows = lines < SVA_RANK_ROWS ? (uint32_t)lines : (uint32_t)SVA_RANK_ROWS;
    *columns = length < SVA_RANK_COLUMNS ? (uint32_t)length : (uint32_t)SVA_RANK_COLUMNS;
}

bool sva_pair_splits(const struct sva_model *subject, const struct sva_model *reference,
                     const struct sva_value_pair *pair)
{
    const struct sva_view *s = &subject->views[pair->subject];
    const struct sva_view *r = &reference->views[(uint32_t)pair->reference];
    return sva_rows_lie_whole(s) && sva_rows_lie_whole(r) &&
           subject->tensors[s->tensor].packing == NULL &&
           reference->tensors[r->tensor].packing == NULL;
}

/** Are the stored bytes of the quantised line those that the other line's values give? */
static void check_exact(struct sva_pair_reader *reader, const struct sva_line *s,
                        const struct sva_line *r)
{
    const struct sva_line *stored = reader->s_quantised ? s : r;
    const struct sva_line *source = reader->s_quantised ? r : s;
    const enum sva_dtype dtype =
        (reader->s_quantised ? &reader->s : &reader->r)->values.tensor->dtype;
    const size_t count = (size_t)reader->s.line_length;
    for (int way = 0; way < 2; way++) {
        if (!reader->exact[way]) {
            continue;
        }
        memcpy(reader->rounded, source->values, count * sizeof *reader->rounded);
        if (way == 1) {
            sva_round_f16(source->values, count, reader->rounded);
        }
        if (stored->bytes != NULL) {
            sva_quantise(dtype, reader->rounded, count, reader->bytes);
        }
        reader->exact[way] =
            stored->bytes != NULL && memcmp(stored->bytes, reader->bytes, stored->byte_count) == 0;
    }
}

static double mean_square(const struct sva_line *line, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double value = (double)line->values[i];
        sum += isfinite(value) ? value * value : 0.0;
    }
    return sum / (double)count;
}

/** Where only a floor is known, every value of a line gets the step that its size asks for. */
static void fill_floor(const struct sva_rounding *rounding, size_t count,
                       const struct sva_line *line, const struct sva_line *other)
{
    if (rounding->stepped || !(rounding->floor > 0.0)) {
        return;
    }
    const double square = fmax(mean_square(line, count), mean_square(other, count));
    for (size_t i = 0; i < count; i++) {
        line->steps[i] = (float)sva_floor_step(rounding->floor, square);
    }
}

/** One side's elements in the grid's columns. */
struct grid_row {
    float values[SVA_RANK_COLUMNS], steps[SVA_RANK_COLUMNS];
};

static void take_row(const struct sva_pair_reader *reader, const struct sva_line *line,
                     uint32_t columns, struct grid_row *row)
{
    const float *values = line->values;
    if (values == NULL) {
        sva_decode_f32(SVA_DTYPE_BF16, line->bytes, 0, (size_t)reader->s.line_length,
                       reader->rounded);
        values = reader->rounded;
    }
    for (uint32_t k = 0; k < columns; k++) {
        row->values[k] = values[reader->grid_places[k]];
        row->steps[k] = line->steps != NULL ? line->steps[reader->grid_places[k]] : 0.0f;
    }
}

static void fill_row(const struct sva_pair_reader *reader, uint32_t row, const struct sva_line *s,
                     const struct sva_line *r, struct sva_rank_grid *grid)
{
    struct grid_row left;
    struct grid_row right;
    take_row(reader, s, grid->columns, &left);
    take_row(reader, r, grid->columns, &right);
    sva_rank_grid_set_row(
        grid, row,
        &(struct sva_rounded_values){&reader->s_rounding, reader->s.values.tensor->dtype,
                                     left.values, left.steps},
        &(struct sva_rounded_values){&reader->r_rounding, reader->r.values.tensor->dtype,
                                     right.values, right.steps});
}

static void add_line(struct sva_pair_reader *reader, const struct sva_line *s,
                     const struct sva_line *r)
{
    const size_t count = (size_t)reader->s.line_length;
    if (reader->bf16) {
        sva_value_fit_add_bf16(&reader->fit, &reader->s_rounding, &reader->r_rounding, s->bytes,
                               r->bytes, count);
        return;
    }
    fill_floor(&reader->s_rounding, count, s, r);
    fill_floor(&reader->r_rounding, count, r, s);
    const struct sva_fit_input input = {
        .s = s->values, .r = r->values, .s_steps = s->steps, .r_steps = r->steps, .count = count};
    sva_value_fit_add(&reader->fit, &reader->s_rounding, &reader->r_rounding, &input);
    check_exact(reader, s, r);
}

enum sva_status sva_pair_reader_read(struct sva_pair_reader *reader, uint64_t first, uint64_t end,
                                     struct sva_rank_grid *grid, struct sva_error *error)
{
    const uint64_t lines = reader->s.line_count;
    const uint64_t rows = grid != NULL ? grid->rows : 0;
    uint64_t row = (first * rows + lines - 1) / lines; /* the first that is not before */
    for (uint64_t line = first; line < end; line++) {
        struct sva_line s;
        struct sva_line r;
        enum sva_status status = sva_line_reader_read(&reader->s, line, &s, error);
        if (status == SVA_OK) {
            status = sva_line_reader_read(&reader->r, line, &r, error);
        }
        if (status != SVA_OK) {
            return status;
        }
        add_line(reader, &s, &r);
        if (row < rows && line == row * lines / rows) {
            fill_row(reader, (uint32_t)row, &s, &r, grid);
            row++;
        }
    }
    return SVA_OK;
}
