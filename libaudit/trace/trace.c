/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/trace.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/korean.h"
#include "compare/random_start.h"
#include "trace/links.h"
#include "trace/loss_checks.h"
#include "trace/start.h"

bool sva_trace_claims_start(const struct sva_trace_checkpoint *first)
{
    return first->step <= 0;
}

static const char *place(struct sva_findings *findings, size_t index)
{
    return sva_found_place(findings->arena, index);
}

static const char *number(struct sva_findings *findings, double value)
{
    return sva_found_number(findings->arena, value, 15);
}

static void check_steps(const struct sva_trace_input *input, struct sva_findings *findings)
{
    int64_t last = -1;
    for (size_t i = 0; i < input->checkpoint_count; i++) {
        const struct sva_trace_checkpoint *checkpoint = &input->checkpoints[i];
        if (checkpoint->step < 0) {
            continue;
        }
        if (last >= 0 && checkpoint->step <= last) {
            sva_find(findings, SVA_FOUND_STEPS_NOT_ASCENDING, SVA_TRACE_REVIEW,
                     (const char *const[SVA_FOUND_VALUES]){
                         place(findings, i), sva_found_text(findings->arena, checkpoint->path),
                         number(findings, (double)checkpoint->step),
                         number(findings, (double)last)});
        }
        last = checkpoint->step;
    }
    if (!sva_trace_claims_start(&input->checkpoints[0])) {
        sva_find(findings, SVA_FOUND_NO_STEP_0, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){
                     number(findings, (double)input->checkpoints[0].step)});
    }
    if (input->checkpoint_count < 2) {
        sva_find(findings, SVA_FOUND_ONE_CHECKPOINT, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){NULL});
    }
}

/** A print is the vendor's own file: what it says of the weights was not computed here. */
static void tell_prints(const struct sva_trace_input *input, struct sva_findings *findings)
{
    for (size_t i = 0; i < input->checkpoint_count; i++) {
        if (!input->checkpoints[i].has_weights) {
            sva_find(findings, SVA_FOUND_PRINT_ONLY, SVA_TRACE_NOTE,
                     (const char *const[SVA_FOUND_VALUES]){
                         place(findings, i),
                         sva_found_text(findings->arena, input->checkpoints[i].path)});
        }
    }
}

static void check_optimiser(const struct sva_trace_input *input, size_t at,
                            struct sva_findings *findings)
{
    const struct sva_trace_optimiser *state = &input->optimisers[at];
    const char *const here = place(findings, at);
    const double moments = (double)(state->first_count + state->second_count);
    if (state->unread != NULL) {
        sva_find(findings, SVA_FOUND_OPTIMISER_UNREAD, SVA_TRACE_NOTE,
                 (const char *const[SVA_FOUND_VALUES]){here, state->unread});
        return;
    }
    if (state->unmatched_count > 0) {
        sva_find(
            findings, SVA_FOUND_OPTIMISER_SHAPES, SVA_TRACE_REFUSED,
            (const char *const[SVA_FOUND_VALUES]){
                here, number(findings, (double)state->unmatched_count), number(findings, moments)});
    }
    if (state->unpaired_count > 0) {
        sva_find(findings, SVA_FOUND_OPTIMISER_PAIRS, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){
                     here, number(findings, (double)state->unpaired_count)});
    }
    if (state->negative_count > 0) {
        sva_find(findings, SVA_FOUND_OPTIMISER_NEGATIVE, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     here, number(findings, (double)state->negative_count)});
    }
    const double labelled = (double)input->checkpoints[at].step;
    if (labelled >= 0.0 && fabs(state->step_most - labelled) > 1.0) {
        sva_find(findings, SVA_FOUND_OPTIMISER_LABEL, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){here, number(findings, labelled),
                                                       number(findings, state->step_most)});
    }
}

static void check_optimisers(const struct sva_trace_input *input, struct sva_findings *findings)
{
    double last = NAN;
    size_t last_at = 0;
    for (size_t i = 0; i < input->checkpoint_count; i++) {
        const struct sva_trace_optimiser *state = &input->optimisers[i];
        if (state->file == NULL) {
            continue;
        }
        check_optimiser(input, i, findings);
        if (state->step_most <= last) {
            sva_find(findings, SVA_FOUND_OPTIMISER_STEPS, SVA_TRACE_REFUSED,
                     (const char *const[SVA_FOUND_VALUES]){
                         number(findings, last), place(findings, last_at),
                         number(findings, state->step_most), place(findings, i)});
        }
        last = isnan(state->step_most) ? last : state->step_most;
        last_at = isnan(state->step_most) ? last_at : i;
    }
}

/** What the configuration says of the vocabulary; NAN: nothing. */
static double stated_vocabulary(const struct sva_print *print)
{
    const char *stated = sva_print_fact(print, "config.vocab_size");
    double size = 0.0;
    return stated != NULL && sva_decimal(stated, strlen(stated), &size) && isfinite(size) ? size
                                                                                          : NAN;
}

/** Rows of the embedding, else of the output head. */
static uint64_t vocabulary_of(const struct sva_print *print)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->role == SVA_ROLE_EMBED_TOKENS && !tensor->bias) {
            return tensor->n[0];
        }
        if (tensor->role == SVA_ROLE_OUTPUT_HEAD && !tensor->bias && rows == 0) {
            rows = tensor->n[0];
        }
    }
    return rows;
}

/** Parameters in no expert: every token passes all of them. */
static double always_active(const struct sva_print *print)
{
    double count = 0.0;
    for (size_t i = 0; i < print->tensor_count; i++) {
        count += print->tensors[i].expert < 0 ? (double)print->tensors[i].element_count : 0.0;
    }
    return count;
}

static bool check_log(const struct sva_trace_input *input, struct sva_findings *findings,
                      struct sva_run_trace *trace)
{
    const struct sva_trace_checkpoint *last = &input->checkpoints[input->checkpoint_count - 1];
    const struct sva_log_context context = {.declared = input->declared,
                                            .vocabulary = vocabulary_of(last->print),
                                            .stated_vocabulary = stated_vocabulary(last->print),
                                            .parameters = (double)last->print->parameter_count,
                                            .always_active = always_active(last->print),
                                            .last_step = last->step,
                                            .arena = findings->arena,
                                            .findings = findings};
    trace->log.format = "";
    trace->log.loss_key = "";
    trace->log.expected_start = trace->log.tokens = trace->log.drop = NAN;
    bool enough = true;
    if (input->log != NULL) {
        trace->log.format = input->log->format;
        trace->log.loss_key = sva_found_text(findings->arena, input->log->loss_key);
        enough = sva_loss_check(input->log, &context, &trace->log);
    }
    sva_compute_check(&trace->log, &context, &trace->compute);
    return enough;
}

/** Similarities of all pairs, and how far each lies from the first. */
static bool describe_path(const struct sva_trace_input *input, struct sva_arena *arena,
                          struct sva_run_trace *trace)
{
    const size_t count = input->checkpoint_count;
    double *similarity = sva_arena_alloc(arena, count * count, sizeof *similarity);
    double *moved = sva_arena_alloc(arena, count, sizeof *moved);
    for (size_t a = 0; similarity != NULL && moved != NULL && a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            similarity[a * count + b] = sva_path_similarity(input->path, a, b).value;
        }
        moved[a] = sva_path_moved(input->path, 0, a);
    }
    trace->similarity = similarity;
    trace->moved = moved;
    return similarity != NULL && moved != NULL;
}

static bool check_links(const struct sva_trace_input *input, struct sva_findings *findings,
                        struct sva_run_trace *trace)
{
    const size_t count = input->checkpoint_count;
    struct sva_trace_link *links = sva_arena_alloc(findings->arena, count, sizeof *links);
    const struct sva_link_context context = {.checkpoints = input->checkpoints,
                                             .count = count,
                                             .comparisons = input->comparisons,
                                             .added_rho = input->added_rho,
                                             .has_start =
                                                 sva_trace_claims_start(&input->checkpoints[0]) &&
                                                 sva_is_random_start(input->checkpoints[0].print),
                                             .alpha_log10 = input->alpha_log10,
                                             .path = input->path,
                                             .arena = findings->arena,
                                             .findings = findings};
    trace->links = links;
    return links != NULL && (count < 2 || sva_links_judge(&context, links));
}

static bool check_start(const struct sva_trace_input *input, struct sva_findings *findings,
                        struct sva_run_trace *trace)
{
    const struct sva_print *print = input->checkpoints[0].print;
    const struct sva_start_context context = {
        .declared = input->declared, .arena = findings->arena, .findings = findings};
    trace->start.base_answer = SVA_ANSWER_NOT_COMPARABLE;
    trace->start.base_name = "";
    trace->start.base_detectable_rho = NAN;
    return !sva_trace_claims_start(&input->checkpoints[0]) ||
           (sva_start_roles(print, &context, &trace->start) &&
            sva_start_independence(print, &context, &trace->start));
}

enum sva_status sva_trace_judge(const struct sva_trace_input *input, struct sva_findings *findings,
                                struct sva_run_trace *trace, struct sva_error *error)
{
    trace->checkpoint_count = input->checkpoint_count;
    trace->checkpoints = input->checkpoints;
    trace->optimisers = input->optimisers;
    trace->declaration = input->declaration_path;
    trace->seed =
        input->declared->seed != NULL ? sva_found_text(findings->arena, input->declared->seed) : "";
    memcpy(trace->declaration_digest, input->declared->digest, SVA_DIGEST_BYTES);
    check_steps(input, findings);
    tell_prints(input, findings);
    const bool enough = check_start(input, findings, trace) &&
                        check_links(input, findings, trace) &&
                        describe_path(input, findings->arena, trace);
    check_optimisers(input, findings);
    return enough && check_log(input, findings, trace) && !findings->failed
               ? SVA_OK
               : sva_fail_memory(error, "looking at a training run");
}

void sva_trace_base(struct sva_findings *findings, const char *name,
                    enum sva_trace_relation relation, const struct sva_comparison *comparison,
                    struct sva_trace_start *start)
{
    const enum sva_answer answer = comparison->answer;
    start->reference_count++;
    if (answer == SVA_ANSWER_NOT_COMPARABLE) {
        start->untested_count++;
        return;
    }
    for (size_t i = 0; i < comparison->component_count; i++) {
        const double least = comparison->components[i].detectable_rho;
        start->base_detectable_rho = isnan(least) || least <= start->base_detectable_rho
                                         ? start->base_detectable_rho
                                         : least;
    }
    const bool depends = answer < SVA_ANSWER_NO_EVIDENCE;
    const char *const values[SVA_FOUND_VALUES] = {sva_found_text(findings->arena, name),
                                                  sva_answer_name(answer),
                                                  sva_korean_word(sva_answer_name(answer))};
    if (depends && (relation == SVA_TRACE_OWN || relation == SVA_TRACE_LATER)) {
        sva_find(findings,
                 relation == SVA_TRACE_OWN ? SVA_FOUND_BASE_OWN : SVA_FOUND_BASE_LATER,
                 SVA_TRACE_NOTE, values);
        return;
    }
    if (depends && relation == SVA_TRACE_UNDATED) {
        sva_find(findings, SVA_FOUND_BASE_UNDATED, SVA_TRACE_REVIEW, values);
    } else if (depends) {
        sva_find(findings, SVA_FOUND_BASE_UNDERNEATH, SVA_TRACE_REFUSED, values);
    }
    if (answer < start->base_answer) {
        start->base_answer = answer;
        start->base_name = values[0];
    }
}

void sva_trace_conclude(const struct sva_trace_input *input, struct sva_findings *findings,
                        struct sva_run_trace *trace)
{
    if (trace->start.checked && trace->start.reference_count == 0) {
        sva_find(findings, SVA_FOUND_BASE_NOT_LOOKED, SVA_TRACE_NOTE,
                 (const char *const[SVA_FOUND_VALUES]){NULL});
    }
    sva_findings_tell_more(findings);
    sva_findings_sort(findings);
    trace->weights_verdict = sva_findings_verdict(findings, SVA_TRACE_WEIGHTS);
    trace->log_verdict = sva_findings_verdict(findings, SVA_TRACE_LOG);
    if (input->log == NULL && trace->log_verdict == SVA_TRACE_ACCEPTED) {
        trace->log_verdict = SVA_TRACE_NOT_CHECKED;
    }
    trace->verdict =
        trace->weights_verdict > trace->log_verdict ? trace->weights_verdict : trace->log_verdict;
    trace->findings = findings->items;
    trace->finding_count = findings->count;
}
