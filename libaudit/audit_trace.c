/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A training run in one sentence: open every checkpoint, compare each with the one before and the
 * first with every reference, read the log and the declaration, judge.
 */
#include <math.h>
#include <string.h>

#include "audit_inputs.h"
#include "audit_search.h"
#include "base/fail.h"
#include "base/text.h"
#include "judge/direction.h"
#include "trace/log_files.h"
#include "trace/optimiser.h"
#include "trace/trace.h"

enum { CHECKPOINTS_MOST = 1000 };

struct sva_trace_result {
    struct sva_run_trace trace;
    struct sva_arena arena;
    size_t count;
    struct sva_opened *opened; /**< [count] */
    struct sva_trace_checkpoint *checkpoints;
    struct sva_comparison **comparisons; /**< [count - 1] */
    double *added_rho;
    struct sva_trace_optimiser *optimisers;
    struct sva_declaration declared;
    struct sva_loss_log log;
    struct sva_log_files log_files;
    struct sva_path path;
    struct sva_findings findings;
    struct sva_inputs inputs;
    struct sva_compared *compared; /**< [inputs.count] of the start */
    struct sva_comparison *nothing;
};

/** "600=runs/a": the step, and where the path begins. Without a number before "=": all of it. */
static const char *take_label(const char *operand, int64_t *step)
{
    size_t digits = strspn(operand, "0123456789");
    *step = -1;
    if (digits == 0 || digits > 15 || operand[digits] != '=') {
        return operand;
    }
    *step = 0;
    for (size_t i = 0; i < digits; i++) {
        *step = *step * 10 + (operand[i] - '0');
    }
    return operand + digits + 1;
}

/** The number behind `word` in the last part of a path, -1. */
static int64_t number_behind(const char *name, const char *word)
{
    int64_t found = -1;
    for (const char *at = strstr(name, word); at != NULL; at = strstr(at + 1, word)) {
        const char *digit = at + strlen(word);
        digit += *digit == '-' || *digit == '_' ? 1 : 0;
        const size_t digits = strspn(digit, "0123456789");
        if (digits > 0 && digits <= 15) {
            found = 0;
            for (size_t i = 0; i < digits; i++) {
                found = found * 10 + (digit[i] - '0');
            }
        }
    }
    return found;
}

/** Names that trainers give: checkpoint-600, global_step600, iter_0000600, A.step600, A.init. */
static int64_t step_of_name(const char *path)
{
    static const char *const WORDS[] = {"step", "checkpoint", "iter"};
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') {
        end--;
    }
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    const char *name = path + start;
    int64_t step = -1;
    for (size_t i = 0; i < 3 && step < 0; i++) {
        step = number_behind(name, WORDS[i]);
    }
    return step < 0 && strstr(name, "init") != NULL ? 0 : step;
}

static enum sva_status allocate(struct sva_trace_result *job, struct sva_error *error)
{
    const size_t count = job->count;
    job->opened = sva_calloc(count, sizeof *job->opened);
    job->checkpoints = sva_calloc(count, sizeof *job->checkpoints);
    job->comparisons = sva_calloc(count, sizeof(struct sva_comparison *));
    job->added_rho = sva_calloc(count, sizeof *job->added_rho);
    job->optimisers = sva_calloc(count, sizeof *job->optimisers);
    return job->opened != NULL && job->checkpoints != NULL && job->comparisons != NULL &&
                   job->added_rho != NULL && job->optimisers != NULL
               ? SVA_OK
               : sva_fail_memory(error, "starting a trace");
}

static enum sva_status open_checkpoint(struct sva_trace_result *job, size_t at, const char *operand,
                                       const struct sva_check_options *options,
                                       struct sva_error *error)
{
    struct sva_trace_checkpoint *checkpoint = &job->checkpoints[at];
    struct sva_opened *opened = &job->opened[at];
    checkpoint->path = take_label(operand, &checkpoint->step);
    if (checkpoint->step < 0) {
        checkpoint->step = step_of_name(checkpoint->path);
        checkpoint->step_from_name = checkpoint->step >= 0;
    }
    enum sva_status status = sva_open_side(checkpoint->path, options, true, opened, error);
    if (status == SVA_OK && opened->print->reading.quick) {
        status = sva_fail(error, SVA_ERR_USAGE,
                          "%s: a print of a quick reading lacks what a trace looks at: make a full "
                          "one",
                          sva_esc(checkpoint->path).text);
    }
    if (status == SVA_OK && opened->model != NULL) {
        status = sva_optimiser_look(opened->model, &job->arena, &job->optimisers[at], error);
    }
    checkpoint->has_weights = opened->model != NULL;
    checkpoint->print = opened->print;
    return status;
}

/** A dependence that the tests alone do not explain, with the random start taken off. */
static enum sva_status compare_added(struct sva_trace_result *job, size_t at,
                                     const struct sva_check_options *options,
                                     struct sva_error *error)
{
    const struct sva_compare_options comparing = sva_comparing_options(options);
    struct sva_comparison *comparison = job->comparisons[at];
    struct sva_print *added[2] = {NULL, NULL};
    const bool at_hand = job->checkpoints[0].has_weights && job->checkpoints[at].has_weights &&
                         job->checkpoints[at + 1].has_weights;
    if (at == 0 || !at_hand || comparison->answer != SVA_ANSWER_DEPENDENT_UNEXPLAINED) {
        return SVA_OK;
    }
    enum sva_status status =
        sva_print_added(job->opened[at + 1].model, job->opened[0].model, options, &added[0], error);
    if (status == SVA_OK) {
        status =
            sva_print_added(job->opened[at].model, job->opened[0].model, options, &added[1], error);
    }
    if (status == SVA_OK) {
        const struct sva_start_prints start = {.origin = job->checkpoints[0].print,
                                               .subject_added = added[0],
                                               .reference_added = added[1]};
        status = sva_compare_from_start(job->checkpoints[at + 1].print, job->checkpoints[at].print,
                                        &start, &comparing, comparison, error);
    }
    for (size_t i = 0; status == SVA_OK && i < comparison->component_count; i++) {
        const struct sva_start_check *start = &comparison->components[i].start;
        job->added_rho[at] =
            start->use == SVA_START_USED ? fmax(start->rho, 0.0) : job->added_rho[at];
    }
    sva_print_free(added[0]);
    sva_print_free(added[1]);
    return status;
}

static enum sva_status compare_neighbours(struct sva_trace_result *job,
                                          const struct sva_check_options *options,
                                          struct sva_error *error)
{
    const struct sva_compare_options comparing = sva_comparing_options(options);
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i + 1 < job->count && status == SVA_OK; i++) {
        if (options->progress.update != NULL) {
            options->progress.update(options->progress.context, "compare", i, job->count - 1);
        }
        job->added_rho[i] = NAN;
        status = sva_compare(job->checkpoints[i + 1].print, job->checkpoints[i].print, &comparing,
                             &job->comparisons[i], error);
        if (status == SVA_OK) {
            status = compare_added(job, i, options, error);
        }
    }
    if (status == SVA_OK) {
        sva_adjust(job->comparisons, job->count - 1, &comparing);
    }
    return status;
}

static enum sva_status nothing_to_do(void *context, size_t index,
                                     const struct sva_opened *reference, struct sva_error *error)
{
    (void)context;
    (void)index;
    (void)reference;
    (void)error;
    return SVA_OK;
}

static enum sva_status compare_given(struct sva_trace_result *job, size_t at,
                                     const struct sva_check_options *options,
                                     struct sva_error *error)
{
    const struct sva_compare_options comparing = sva_comparing_options(options);
    struct sva_opened reference;
    enum sva_status status = sva_inputs_load(&job->inputs, at, options, &reference, error);
    if (status == SVA_OK) {
        job->compared[at].reference = job->inputs.references[at].reference;
        status = sva_compare(job->checkpoints[0].print, reference.print, &comparing,
                             &job->compared[at].comparison, error);
    }
    sva_close_side(&reference);
    return status;
}

static enum sva_trace_relation relation_of(const struct sva_case *facts, size_t index)
{
    switch (sva_direction_of(facts, index)) {
    case SVA_DIRECTION_OWN: return SVA_TRACE_OWN;
    case SVA_DIRECTION_LATER: return SVA_TRACE_LATER;
    case SVA_DIRECTION_UNKNOWN_DATE:
    case SVA_DIRECTION_CONTRADICTORY: return SVA_TRACE_UNDATED;
    default: return SVA_TRACE_FOREIGN;
    }
}

/** Holm over all references, then what each of them says about the start. */
static enum sva_status conclude_base(struct sva_trace_result *job,
                                     const struct sva_check_options *options,
                                     struct sva_error *error)
{
    const struct sva_compare_options comparing = sva_comparing_options(options);
    const size_t count = job->inputs.count;
    const enum sva_status status =
        sva_adjust_compared(job->compared, count, job->nothing, &comparing, error);
    const struct sva_case facts = {.compared = job->compared,
                                   .compared_count = count,
                                   .own = options->own,
                                   .own_count = options->own_count,
                                   .subject_date = sva_or_empty(options->subject_date)};
    for (size_t i = 0; i < count && status == SVA_OK; i++) {
        sva_trace_base(&job->findings, job->compared[i].reference.name, relation_of(&facts, i),
                       job->compared[i].comparison, &job->trace.start);
    }
    return status;
}

/** Is a known base underneath the start? */
static enum sva_status compare_base(struct sva_trace_result *job,
                                    const struct sva_check_options *options,
                                    struct sva_error *error)
{
    enum sva_status status = sva_inputs_open(&job->inputs, options, error);
    if (status != SVA_OK || !sva_trace_claims_start(&job->checkpoints[0])) {
        return status;
    }
    job->compared = sva_calloc(job->inputs.count, sizeof *job->compared);
    if (job->compared == NULL) {
        return sva_fail_memory(error, "comparing");
    }
    struct sva_search search = {.subject = job->checkpoints[0].print,
                                .inputs = &job->inputs,
                                .options = sva_comparing_options(options),
                                .progress = &options->progress,
                                .compared = job->compared,
                                .visit = nothing_to_do};
    status = sva_search_store(&search, error);
    job->nothing = search.nothing;
    for (size_t i = 0; i < job->inputs.count && status == SVA_OK; i++) {
        if (job->inputs.references[i].path != NULL) {
            status = compare_given(job, i, options, error);
        }
    }
    return status == SVA_OK ? conclude_base(job, options, error) : status;
}

static enum sva_status read_papers(struct sva_trace_result *job,
                                   const struct sva_trace_options *options, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    job->declared = sva_declaration_empty();
    if (options->declaration != NULL) {
        status = sva_declaration_read(options->declaration, &job->arena, &job->declared, error);
    }
    job->log.wanted_loss = job->declared.loss_key;
    job->log.wanted_step = job->declared.step_key;
    if (status == SVA_OK && options->log_count > 0) {
        status = sva_log_files_read(options->logs, options->log_count, &job->arena, &job->log,
                                    &job->log_files, error);
    }
    return status;
}

/** Nothing that a test could look at is no pass. */
static enum sva_status check_anything(const struct sva_trace_result *job, struct sva_error *error)
{
    for (size_t i = 0; i + 1 < job->count; i++) {
        if (job->comparisons[i]->answer != SVA_ANSWER_NOT_COMPARABLE) {
            return SVA_OK;
        }
    }
    return job->count < 2 || job->path.matrix_count > 0
               ? SVA_OK
               : sva_fail(error, SVA_ERR_NOTHING,
                          "the checkpoints hold nothing that could be tested");
}

static enum sva_status judge(struct sva_trace_result *job, const struct sva_trace_options *options,
                             struct sva_error *error)
{
    const struct sva_trace_input input = {
        .checkpoints = job->checkpoints,
        .checkpoint_count = job->count,
        .comparisons = (const struct sva_comparison *const *)job->comparisons,
        .added_rho = job->added_rho,
        .optimisers = job->optimisers,
        .declared = &job->declared,
        .declaration_path = options->declaration,
        .log = options->log_count > 0 ? &job->log : NULL,
        .alpha_log10 = log10(options->check->compare.alpha_derived),
        .path = &job->path};
    enum sva_status status = sva_path_init(&job->path, job->checkpoints, job->count)
                                 ? check_anything(job, error)
                                 : sva_fail_memory(error, "laying out a path");
    if (status == SVA_OK) {
        status = sva_trace_judge(&input, &job->findings, &job->trace, error);
    }
    if (status == SVA_OK) {
        status = compare_base(job, options->check, error);
    }
    if (status == SVA_OK) {
        job->trace.as_of = options->check->as_of;
        job->trace.log.file_count = job->log_files.count;
        job->trace.log.files = job->log_files.paths;
        job->trace.log.digests = (const uint8_t(*)[SVA_DIGEST_BYTES])job->log_files.digests;
        sva_trace_conclude(&input, &job->findings, &job->trace);
        status = job->findings.failed || job->arena.failed
                     ? sva_fail_memory(error, "looking at a run")
                     : SVA_OK;
    }
    return status;
}

static enum sva_status run(struct sva_trace_result *job, const struct sva_trace_options *options,
                           struct sva_error *error)
{
    enum sva_status status = allocate(job, error);
    if (status == SVA_OK) {
        status = read_papers(job, options, error);
    }
    for (size_t i = 0; i < job->count && status == SVA_OK; i++) {
        status = open_checkpoint(job, i, options->checkpoints[i], options->check, error);
    }
    if (status == SVA_OK) {
        status = compare_neighbours(job, options->check, error);
    }
    return status == SVA_OK ? judge(job, options, error) : status;
}

enum sva_status sva_trace_run(const struct sva_trace_options *options,
                              struct sva_trace_result **result, struct sva_error *error)
{
    if (options->checkpoint_count == 0 || options->checkpoint_count > CHECKPOINTS_MOST) {
        return sva_fail(error, SVA_ERR_USAGE, "a trace is of 1 to %d checkpoints",
                        CHECKPOINTS_MOST);
    }
    struct sva_trace_result *job = sva_calloc(1, sizeof *job);
    if (job == NULL) {
        return sva_fail_memory(error, "starting a trace");
    }
    job->count = options->checkpoint_count;
    job->findings.arena = &job->arena;
    const enum sva_status status = run(job, options, error);
    if (status != SVA_OK) {
        sva_trace_free(job);
        return status;
    }
    *result = job;
    return SVA_OK;
}

const struct sva_run_trace *sva_trace_of(const struct sva_trace_result *result)
{
    return &result->trace;
}

int sva_trace_exit_code(enum sva_trace_verdict verdict, enum sva_fail_on fail_on)
{
    switch (verdict) {
    case SVA_TRACE_ACCEPTED: return sva_exit_code(SVA_VERDICT_PASS, fail_on);
    case SVA_TRACE_FOR_REVIEW: return sva_exit_code(SVA_VERDICT_REVIEW, fail_on);
    case SVA_TRACE_IS_REFUSED: return sva_exit_code(SVA_VERDICT_FAIL, fail_on);
    case SVA_TRACE_NOT_CHECKED: break;
    }
    return sva_exit_code(SVA_VERDICT_NOT_AUDITABLE, fail_on);
}

void sva_trace_free(struct sva_trace_result *result)
{
    if (result == NULL) {
        return;
    }
    for (size_t i = 0; i < result->count; i++) {
        if (result->comparisons != NULL) {
            sva_comparison_free(result->comparisons[i]);
        }
        if (result->opened != NULL) {
            sva_close_side(&result->opened[i]);
        }
    }
    sva_compared_free(result->compared, result->inputs.count, result->nothing);
    sva_inputs_close(&result->inputs);
    sva_path_done(&result->path);
    sva_log_done(&result->log);
    sva_free(result->opened);
    sva_free(result->checkpoints);
    sva_free(result->comparisons);
    sva_free(result->added_rho);
    sva_free(result->optimisers);
    sva_arena_done(&result->arena);
    sva_free(result);
}
