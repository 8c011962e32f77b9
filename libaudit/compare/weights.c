/* SPDX-License-Identifier: Apache-2.0 */
/* With both sides' weights at hand: every element, where prints hold samples. */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/pool.h"
#include "compare/decide.h"
#include "compare/difference_rank.h"
#include "compare/line_reader.h"
#include "compare/noise_floor.h"
#include "compare/value_sides.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"
#include "kernel/rounding.h"

/** One pair of tensors being read. */
struct reading_pair {
    struct sva_line_reader s, r;
    struct sva_rounding s_rounding, r_rounding;
    struct sva_value_fit fit;
    bool exact[2];    /* of one side's lines, quantised again: from the values, by way of F16 */
    bool asked;       /* one side's stored bytes can be computed again */
    bool s_quantised; /* whose */
    float *rounded;
    uint8_t *bytes;
    struct sva_rank_grid grid; /* of lines and elements evenly spaced */
    uint32_t grid_lines;       /* filled so far */
};

/** All pairs of all components. */
struct job {
    const struct sva_model *subject, *reference;
    struct sva_value_pair **pairs;
    size_t count;
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
static enum sva_status open_sides(const struct job *job, const struct sva_value_pair *pair,
                                  enum sva_line_choice choice, struct reading_pair *reading,
                                  struct sva_error *error)
{
    const struct sva_view *s = &job->subject->views[pair->subject];
    const struct sva_view *r = &job->reference->views[(uint32_t)pair->reference];
    const bool s_turned = pair->reading == SVA_READ_SUBJECT_REORDERED;
    const bool r_turned = pair->reading == SVA_READ_REFERENCE_REORDERED;
    enum sva_status status = sva_line_reader_open(
        job->subject, s, s_turned ? s->alternative : s->order, choice, &reading->s, error);
    if (status == SVA_OK) {
        status = sva_line_reader_open(job->reference, r, r_turned ? r->alternative : r->order,
                                      choice, &reading->r, error);
    }
    if (status == SVA_OK && (reading->s.line_axis != reading->r.line_axis ||
                             reading->s.line_count != reading->r.line_count ||
                             reading->s.line_length != reading->r.line_length)) {
        status = sva_fail(error, SVA_ERR_UNSUPPORTED, "the two tensors lie in different lines");
    }
    return status;
}

static bool open_grid(struct reading_pair *reading)
{
    const uint64_t lines = reading->s.line_count;
    const uint64_t length = reading->s.line_length;
    return sva_rank_grid_init(&reading->grid,
                              lines < SVA_RANK_ROWS ? (uint32_t)lines : (uint32_t)SVA_RANK_ROWS,
                              length < SVA_RANK_COLUMNS ? (uint32_t)length
                                                        : (uint32_t)SVA_RANK_COLUMNS);
}

/** Takes elements of a line that the grid has a row for. */
static void fill_grid(struct reading_pair *reading, uint64_t number, const struct sva_line *s,
                      const struct sva_line *r)
{
    struct sva_rank_grid *grid = &reading->grid;
    const uint32_t row = reading->grid_lines;
    if (row == grid->rows || number != (uint64_t)row * reading->s.line_count / grid->rows) {
        return;
    }
    for (uint32_t k = 0; k < grid->columns; k++) {
        const size_t at = (size_t)((uint64_t)k * reading->s.line_length / grid->columns);
        const struct sva_rounded_value left = {&reading->s_rounding,
                                               reading->s.values.tensor->dtype, s->values[at],
                                               s->steps != NULL ? s->steps[at] : 0.0f};
        const struct sva_rounded_value right = {&reading->r_rounding,
                                                reading->r.values.tensor->dtype, r->values[at],
                                                r->steps != NULL ? r->steps[at] : 0.0f};
        sva_rank_grid_set(grid, (size_t)row * grid->columns + k, &left, &right);
    }
    reading->grid_lines++;
}

static enum sva_status open_pair(const struct job *job, const struct sva_value_pair *pair,
                                 struct reading_pair *reading, struct sva_error *error)
{
    struct sva_error refused = {0};
    enum sva_status status = open_sides(job, pair, SVA_LINES_AS_STORED, reading, &refused);
    if (status == SVA_ERR_UNSUPPORTED) { /* one side is stored turned: rows of both, gathered */
        sva_line_reader_close(&reading->s);
        sva_line_reader_close(&reading->r);
        status = open_sides(job, pair, SVA_LINES_GATHERED, reading, error);
    } else if (status != SVA_OK && error != NULL) {
        *error = refused;
    }
    if (status != SVA_OK) {
        return status;
    }
    const enum sva_dtype s = reading->s.values.tensor->dtype;
    const enum sva_dtype r = reading->r.values.tensor->dtype;
    reading->s_rounding = rounding_of(&reading->s.values, &reading->r.values);
    reading->r_rounding = rounding_of(&reading->r.values, &reading->s.values);
    reading->s_quantised = sva_dtype_is_block(s) && sva_quantiser_exists(s);
    reading->asked = reading->s_quantised != (sva_dtype_is_block(r) && sva_quantiser_exists(r)) &&
                     (reading->s_quantised ? &reading->s : &reading->r)->gathered == NULL;
    reading->exact[0] = reading->asked;
    reading->exact[1] = reading->asked;
    reading->rounded = sva_calloc((size_t)reading->s.line_length, sizeof *reading->rounded);
    reading->bytes = sva_calloc((size_t)reading->s.line_length, 4);
    return reading->rounded != NULL && reading->bytes != NULL && open_grid(reading)
               ? SVA_OK
               : sva_fail_memory(error, "laying weights side by side");
}

static void close_pair(struct reading_pair *reading)
{
    sva_line_reader_close(&reading->s);
    sva_line_reader_close(&reading->r);
    sva_free(reading->rounded);
    sva_free(reading->bytes);
    sva_rank_grid_done(&reading->grid);
}

/** Are the stored bytes of the quantised line those that the other line's values give? */
static void check_exact(struct reading_pair *reading, const struct sva_line *s,
                        const struct sva_line *r)
{
    const struct sva_line *stored = reading->s_quantised ? s : r;
    const struct sva_line *source = reading->s_quantised ? r : s;
    const enum sva_dtype dtype =
        (reading->s_quantised ? &reading->s : &reading->r)->values.tensor->dtype;
    const size_t count = (size_t)reading->s.line_length;
    for (int way = 0; way < 2; way++) {
        if (!reading->exact[way]) {
            continue;
        }
        memcpy(reading->rounded, source->values, count * sizeof *reading->rounded);
        if (way == 1) {
            sva_round_f16(source->values, count, reading->rounded);
        }
        if (stored->bytes != NULL) {
            sva_quantise(dtype, reading->rounded, count, reading->bytes);
        }
        reading->exact[way] =
            stored->bytes != NULL && memcmp(stored->bytes, reading->bytes, stored->byte_count) == 0;
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

static enum sva_status read_pair(struct reading_pair *reading, struct sva_error *error)
{
    for (uint64_t line = 0; line < reading->s.line_count; line++) {
        struct sva_line s;
        struct sva_line r;
        enum sva_status status = sva_line_reader_read(&reading->s, line, &s, error);
        if (status == SVA_OK) {
            status = sva_line_reader_read(&reading->r, line, &r, error);
        }
        if (status != SVA_OK) {
            return status;
        }
        const size_t count = (size_t)reading->s.line_length;
        fill_floor(&reading->s_rounding, count, &s, &r);
        fill_floor(&reading->r_rounding, count, &r, &s);
        const struct sva_fit_input input = {.s = s.values,
                                            .r = r.values,
                                            .s_steps = s.steps,
                                            .r_steps = r.steps,
                                            .count = (size_t)reading->s.line_length};
        sva_value_fit_add(&reading->fit, &reading->s_rounding, &reading->r_rounding, &input);
        check_exact(reading, &s, &r);
        fill_grid(reading, line, &s, &r);
    }
    return SVA_OK;
}

/** What all elements say goes where samples had their say. */
static enum sva_status take_reading(struct reading_pair *reading, struct sva_value_pair *pair,
                                    struct sva_error *error)
{
    const bool exact = reading->exact[0] || reading->exact[1];
    const struct sva_line_reader *stored = reading->s_quantised ? &reading->s : &reading->r;
    bool failed = false;
    pair->fit = reading->fit;
    pair->compared = true;
    pair->whole = true;
    if (reading->asked) { /* else the bytes do not lie in lines, and samples keep their word */
        pair->exact_format = exact ? sva_dtype_name(stored->values.tensor->dtype) : NULL;
        pair->by_way_of_f16 = exact && !reading->exact[0];
    }
    pair->low_rank = sva_pair_explained(pair) ? 0 : sva_low_rank(&reading->grid, &failed);
    return failed ? sva_fail_memory(error, "laying weights side by side") : SVA_OK;
}

/** Writes only what belongs to its pair. What cannot be read line by line keeps its samples. */
static enum sva_status do_pair(void *context, size_t item, struct sva_error *error)
{
    const struct job *job = context;
    struct sva_value_pair *pair = job->pairs[item];
    struct reading_pair reading = {0};
    struct sva_error ignored = {0};
    enum sva_status status = open_pair(job, pair, &reading, &ignored);
    if (status == SVA_ERR_UNSUPPORTED) {
        close_pair(&reading);
        return SVA_OK;
    }
    if (status == SVA_OK) {
        status = read_pair(&reading, error);
    } else if (error != NULL) {
        *error = ignored;
    }
    if (status == SVA_OK) {
        status = take_reading(&reading, pair, error);
    }
    close_pair(&reading);
    return status;
}

/** Codes without scales and lattices have no step of their own: samples found it, lines do not. */
static bool can_be_read(const struct job *job, const struct sva_value_pair *pair)
{
    if (pair->same || pair->vector || pair->elements == 0 || pair->reference < 0 ||
        pair->subject >= job->subject->view_count ||
        (uint32_t)pair->reference >= job->reference->view_count) {
        return false;
    }
    const struct sva_view *s = &job->subject->views[pair->subject];
    const struct sva_view *r = &job->reference->views[(uint32_t)pair->reference];
    const enum sva_dtype dtypes[2] = {job->subject->tensors[s->tensor].dtype,
                                      job->reference->tensors[r->tensor].dtype};
    bool codes_known = !pair->quantised;
    for (int side = 0; side < 2; side++) {
        const struct sva_dtype_info *info = sva_dtype_get(dtypes[side]);
        codes_known = codes_known || sva_dtype_is_block(dtypes[side]) ||
                      dtypes[side] == SVA_DTYPE_PACKED || (info->is_float && info->bits <= 8);
        if (sva_is_code(dtypes[side])) {
            return false;
        }
    }
    return codes_known;
}

static enum sva_status list_pairs(struct job *job, const struct sva_comparison *comparison,
                                  struct sva_error *error)
{
    const struct sva_comparison_state *state = comparison->internal;
    size_t most = 0;
    for (size_t c = 0; c < comparison->component_count; c++) {
        most += state->evidence[c].value_pair_count;
    }
    job->pairs = sva_calloc(most, sizeof(struct sva_value_pair *));
    if (job->pairs == NULL) {
        return sva_fail_memory(error, "laying weights side by side");
    }
    for (size_t c = 0; c < comparison->component_count; c++) {
        for (size_t i = 0; i < state->evidence[c].value_pair_count; i++) {
            struct sva_value_pair *pair = &state->evidence[c].value_pairs[i];
            if (can_be_read(job, pair)) {
                job->pairs[job->count++] = pair;
            }
        }
    }
    return SVA_OK;
}

static void update_results(struct sva_comparison *comparison)
{
    const struct sva_comparison_state *state = comparison->internal;
    for (size_t c = 0; c < comparison->component_count; c++) {
        struct sva_component_result *result = &comparison->components[c];
        struct sva_tensor_match *matches =
            (struct sva_tensor_match *)(uintptr_t)result->matches; /* the comparison's own */
        sva_summarise_values(&state->evidence[c]);
        for (size_t i = 0; i < result->match_count; i++) {
            sva_match_values(&matches[i],
                             sva_value_pair_of(&state->evidence[c], matches[i].subject_tensor));
        }
    }
}

enum sva_status sva_compare_weights(const struct sva_model *subject,
                                    const struct sva_model *reference,
                                    const struct sva_compare_options *options,
                                    struct sva_comparison *comparison, struct sva_error *error)
{
    const struct sva_compare_options defaults = sva_compare_options_default();
    const struct sva_compare_options *used = options != NULL ? options : &defaults;
    struct job job = {.subject = subject, .reference = reference};
    enum sva_status status = list_pairs(&job, comparison, error);
    if (status == SVA_OK) {
        status = sva_parallel(job.count, used->threads, do_pair, &job, &used->progress, error);
    }
    sva_free(job.pairs);
    if (status == SVA_OK) {
        update_results(comparison);
        sva_adjust(&comparison, 1, used);
    }
    return status;
}
