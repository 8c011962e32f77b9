/* SPDX-License-Identifier: Apache-2.0 */
/* With both sides' weights at hand: every element, where prints hold samples. Large tensors are
 * read in parts, by several threads; what the parts say is joined in their order. */
#include <pthread.h>
#include <string.h>

#include "base/fail.h"
#include "base/pool.h"
#include "compare/decide.h"
#include "compare/pair_reader.h"
#include "compare/value_sides.h"
#include "kernel/dtype.h"

enum { PART_ELEMENTS = 1 << 22 };

/** Lines of a pair that one thread reads, and what they say. */
struct part {
    size_t pair;
    uint64_t first, end;
    struct sva_value_fit fit;
    bool exact[2], asked, s_quantised;
    bool read; /**< false: could not be, line by line */
};

/** One pair of tensors. */
struct pair_work {
    struct sva_value_pair *pair;
    size_t component;
    size_t first_part, part_count;
    size_t left;               /* parts that are not done; guarded by the job's lock */
    struct sva_rank_grid grid; /* of lines and elements evenly spaced; so is its making */
};

/** All pairs of all components. */
struct job {
    const struct sva_model *subject, *reference;
    struct pair_work *pairs;
    size_t count;
    struct part *parts;
    size_t part_count;
    bool *no_adapter; /* [components] a tensor was changed otherwise; guarded by the lock */
    pthread_mutex_t lock;
};

/** Does it matter of what rank changes of this component are? Not once one of them is high. */
static bool rank_matters(struct job *job, size_t component)
{
    (void)pthread_mutex_lock(&job->lock);
    const bool matters = !job->no_adapter[component];
    (void)pthread_mutex_unlock(&job->lock);
    return matters;
}

/** The first part of a pair that gets so far makes its grid, if that matters. */
static enum sva_status make_grid(struct job *job, struct pair_work *work,
                                 const struct sva_pair_reader *reader, struct sva_error *error)
{
    uint32_t rows;
    uint32_t columns;
    bool made = true;
    sva_pair_reader_grid(reader, &rows, &columns);
    (void)pthread_mutex_lock(&job->lock);
    if (work->grid.apart == NULL && !job->no_adapter[work->component]) {
        made = sva_rank_grid_init(&work->grid, rows, columns);
    }
    if (!made) {
        sva_rank_grid_done(&work->grid); /* no other part may take half of one */
    }
    (void)pthread_mutex_unlock(&job->lock);
    return made ? SVA_OK : sva_fail_memory(error, "laying weights side by side");
}

/** What cannot be read line by line keeps its samples. */
static enum sva_status read_part(struct job *job, struct pair_work *work, struct part *part,
                                 struct sva_error *error)
{
    struct sva_pair_reader reader;
    struct sva_error refused = {0};
    enum sva_status status =
        sva_pair_reader_open(job->subject, job->reference, work->pair, &reader, &refused);
    if (status == SVA_ERR_UNSUPPORTED) {
        sva_pair_reader_close(&reader);
        return SVA_OK;
    }
    if (status != SVA_OK && error != NULL) {
        *error = refused;
    }
    if (status == SVA_OK) {
        status = make_grid(job, work, &reader, error);
    }
    if (status == SVA_OK) {
        const uint64_t lines = reader.s.line_count;
        const uint64_t end = part->end < lines ? part->end : lines;
        struct sva_rank_grid *grid = rank_matters(job, work->component) ? &work->grid : NULL;
        status = sva_pair_reader_read(&reader, part->first, end, grid, error);
    }
    part->fit = reader.fit;
    memcpy(part->exact, reader.exact, sizeof part->exact);
    part->asked = reader.asked;
    part->s_quantised = reader.s_quantised;
    part->read = status == SVA_OK;
    sva_pair_reader_close(&reader);
    return status;
}

/** What the quantised side's bytes say in all parts goes where samples had their say. */
static void take_exact(const struct job *job, const struct pair_work *work)
{
    const struct part *parts = job->parts + work->first_part;
    struct sva_value_pair *pair = work->pair;
    const struct sva_view *view = parts->s_quantised
                                      ? &job->subject->views[pair->subject]
                                      : &job->reference->views[(uint32_t)pair->reference];
    const struct sva_model *model = parts->s_quantised ? job->subject : job->reference;
    bool exact[2] = {true, true};
    for (size_t i = 0; i < work->part_count; i++) {
        exact[0] = exact[0] && parts[i].exact[0];
        exact[1] = exact[1] && parts[i].exact[1];
    }
    pair->exact_format =
        exact[0] || exact[1] ? sva_dtype_name(model->tensors[view->tensor].dtype) : NULL;
    pair->by_way_of_f16 = exact[1] && !exact[0];
}

/** A grid that lacks rows is not looked at: its rank had ceased to matter. */
static enum sva_status take_rank(struct job *job, struct pair_work *work, struct sva_error *error)
{
    struct sva_value_pair *pair = work->pair;
    bool failed = false;
    pair->low_rank = 0;
    if (!rank_matters(job, work->component) || sva_pair_explained(pair)) {
        return SVA_OK;
    }
    pair->low_rank = sva_low_rank(&work->grid, &failed);
    (void)pthread_mutex_lock(&job->lock);
    job->no_adapter[work->component] |= pair->low_rank == 0;
    (void)pthread_mutex_unlock(&job->lock);
    return failed ? sva_fail_memory(error, "laying weights side by side") : SVA_OK;
}

/** What all elements say goes where samples had their say. Writes only what belongs to its pair. */
static enum sva_status take_pair(struct job *job, struct pair_work *work, struct sva_error *error)
{
    const struct part *parts = job->parts + work->first_part;
    struct sva_value_pair *pair = work->pair;
    for (size_t i = 0; i < work->part_count; i++) {
        if (!parts[i].read) {
            return SVA_OK;
        }
    }
    pair->fit = parts->fit;
    for (size_t i = 1; i < work->part_count; i++) {
        sva_value_fit_join(&pair->fit, &parts[i].fit, 1.0);
    }
    pair->compared = true;
    pair->whole = true;
    if (parts->asked) { /* else the bytes do not lie in lines, and samples keep their word */
        take_exact(job, work);
    }
    return take_rank(job, work, error);
}

/** The last part of a pair that is done sums up. */
static enum sva_status do_part(void *context, size_t item, struct sva_error *error)
{
    struct job *job = context;
    struct part *part = &job->parts[item];
    struct pair_work *work = &job->pairs[part->pair];
    enum sva_status status = read_part(job, work, part, error);
    (void)pthread_mutex_lock(&job->lock);
    const bool last = --work->left == 0;
    (void)pthread_mutex_unlock(&job->lock);
    if (last && status == SVA_OK) {
        status = take_pair(job, work, error);
    }
    if (last) {
        sva_rank_grid_done(&work->grid);
    }
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

/** Lines of a part: about PART_ELEMENTS; all of them where the pair is not cut. */
static uint64_t part_lines(const struct job *job, const struct sva_value_pair *pair)
{
    const struct sva_view *view = &job->subject->views[pair->subject];
    const uint64_t length = view->n[1] * view->n[2];
    if (!sva_pair_splits(job->subject, job->reference, pair)) {
        return UINT64_MAX;
    }
    return length > 0 && length < PART_ELEMENTS ? PART_ELEMENTS / length : 1;
}

static size_t count_parts(const struct job *job, const struct sva_value_pair *pair)
{
    const uint64_t lines = part_lines(job, pair);
    const uint64_t all = job->subject->views[pair->subject].n[0];
    return lines >= all ? 1 : (size_t)((all + lines - 1) / lines);
}

static void cut_pair(struct job *job, size_t index)
{
    struct pair_work *work = &job->pairs[index];
    const uint64_t lines = part_lines(job, work->pair);
    for (size_t i = 0; i < work->part_count; i++) {
        const bool last = i + 1 == work->part_count;
        job->parts[work->first_part + i] =
            (struct part){.pair = index,
                          .first = i == 0 ? 0 : i * lines,
                          .end = last ? UINT64_MAX : (i + 1) * lines};
    }
}

static enum sva_status cut_pairs(struct job *job, struct sva_error *error)
{
    for (size_t i = 0; i < job->count; i++) {
        struct pair_work *work = &job->pairs[i];
        work->first_part = job->part_count;
        work->part_count = count_parts(job, work->pair);
        work->left = work->part_count;
        job->part_count += work->part_count;
    }
    job->parts = sva_calloc(job->part_count, sizeof *job->parts);
    for (size_t i = 0; job->parts != NULL && i < job->count; i++) {
        cut_pair(job, i);
    }
    return job->parts != NULL ? SVA_OK : sva_fail_memory(error, "laying weights side by side");
}

/** Takes the pairs of one component; those that are left to their samples may settle what ranks are
 * for. */
static void list_component(struct job *job, size_t component,
                           const struct sva_component_evidence *evidence)
{
    for (size_t i = 0; i < evidence->value_pair_count; i++) {
        struct sva_value_pair *pair = &evidence->value_pairs[i];
        if (can_be_read(job, pair)) {
            job->pairs[job->count++] = (struct pair_work){.pair = pair, .component = component};
        } else if (sva_pair_changed_otherwise(pair)) {
            job->no_adapter[component] = true;
        }
    }
}

static enum sva_status list_pairs(struct job *job, const struct sva_comparison *comparison,
                                  struct sva_error *error)
{
    const struct sva_comparison_state *state = comparison->internal;
    size_t most = 0;
    for (size_t c = 0; c < comparison->component_count; c++) {
        most += state->evidence[c].value_pair_count;
    }
    job->pairs = sva_calloc(most, sizeof *job->pairs);
    job->no_adapter = sva_calloc(comparison->component_count, sizeof *job->no_adapter);
    if (job->pairs == NULL || job->no_adapter == NULL) {
        return sva_fail_memory(error, "laying weights side by side");
    }
    for (size_t c = 0; c < comparison->component_count; c++) {
        list_component(job, c, &state->evidence[c]);
    }
    return cut_pairs(job, error);
}

/** Which ranks were found before one settled what they are for is up to the threads: none counts.
 */
static void forget_ranks(const struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        if (job->no_adapter[job->pairs[i].component]) {
            job->pairs[i].pair->low_rank = 0;
        }
    }
}

/** Grids are left where parts failed or were never begun. */
static void job_done(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        sva_rank_grid_done(&job->pairs[i].grid);
    }
    sva_free(job->pairs);
    sva_free(job->parts);
    sva_free(job->no_adapter);
    (void)pthread_mutex_destroy(&job->lock);
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
    if (pthread_mutex_init(&job.lock, NULL) != 0) {
        return sva_fail(error, SVA_ERR_INTERNAL, "cannot make a lock for the worker threads");
    }
    enum sva_status status = list_pairs(&job, comparison, error);
    if (status == SVA_OK) {
        status = sva_parallel(job.part_count, used->threads, do_part, &job, &used->progress, error);
    }
    if (status == SVA_OK) {
        forget_ranks(&job);
    }
    job_done(&job);
    if (status == SVA_OK) {
        update_results(comparison);
        sva_adjust(&comparison, 1, used);
    }
    return status;
}
