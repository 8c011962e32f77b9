/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The audit in one sentence: make the subject's print, look its digests up,
 * compare it with every reference (one print a thread in memory), adjust over
 * everything that was looked at, order, look for mixtures, judge.
 */
#include <stdlib.h>
#include <string.h>

#include "audit_inputs.h"
#include "audit_mixture.h"
#include "audit_search.h"
#include "base/fail.h"
#include "base/text.h"

struct sva_audit_result {
    struct sva_audit audit; /**< what the report is made from; points into the rest */
    struct sva_print *subject;
    struct sva_opened opened; /**< owns the subject's print, and its model */
    struct sva_opened origin; /**< the step-0 checkpoint, once it is needed */
    struct sva_print
        *added; /**< what the subject's training added to it, NULL: no weights at hand */
    struct sva_inputs inputs;
    struct sva_compared *compared;
    size_t compared_count;
    struct sva_comparison *nothing; /**< shared by the references that were screened out, or NULL */
    struct sva_arena facts;         /**< of the references; and the caller's strings */
    struct sva_print *
        *kept; /**< [inputs.count] of references by path that a component depends on */
    size_t kept_count;
    struct sva_mixing mixing;
    struct sva_rulepack *pack;
    struct sva_verdict *verdict;
    struct sva_evidence *evidence;
    struct sva_waivers *waivers;
    struct sva_known *known; /**< the facts database, where something is judged */
    struct sva_knowledge *knowledge;
};

/** What a visit of a stored reference needs. */
struct stored_visit {
    struct sva_audit_result *job;
    const struct sva_check_options *options;
};

/** The reference's facts outlive its print: rules compare architecture and tokenizer by them. */
static enum sva_status keep_facts(struct sva_audit_result *job, struct sva_compared *compared,
                                  const struct sva_print *reference, struct sva_error *error)
{
    struct sva_fact *facts = sva_arena_alloc(&job->facts, reference->fact_count, sizeof *facts);
    for (size_t i = 0; facts != NULL && i < reference->fact_count; i++) {
        facts[i].key = sva_arena_strdup(&job->facts, reference->facts[i].key);
        facts[i].value = sva_arena_strdup(&job->facts, reference->facts[i].value);
        if (facts[i].key == NULL || facts[i].value == NULL) {
            return sva_fail_memory(error, "keeping a reference's facts");
        }
    }
    compared->facts = facts;
    compared->fact_count = facts != NULL ? reference->fact_count : 0;
    return facts != NULL ? SVA_OK : sva_fail_memory(error, "keeping a reference's facts");
}

/** Does a dependence show that equal values do not settle already? */
static bool shows_dependence(const struct sva_comparison *comparison)
{
    return comparison->answer != SVA_ANSWER_IDENTICAL && sva_answer_depends(comparison->answer);
}

/** With both sides at hand, whole programs say more than samples; so does every element of the
 * weights where a dependence shows. */
static enum sva_status compare_elements(struct sva_audit_result *job,
                                        const struct sva_opened *reference,
                                        struct sva_comparison *comparison, struct sva_error *error)
{
    const bool quick = job->opened.print->reading.quick || reference->print->reading.quick;
    if (job->opened.model == NULL || reference->model == NULL) {
        return SVA_OK;
    }
    const enum sva_status status =
        sva_compare_code(job->opened.model, reference->model, comparison, error);
    return status == SVA_OK && !quick && shows_dependence(comparison)
               ? sva_compare_weights(job->opened.model, reference->model, &job->audit.options,
                                     comparison, error)
               : status;
}

/** Opens the step-0 checkpoint, once. */
static enum sva_status open_origin(struct sva_audit_result *job,
                                   const struct sva_check_options *options, struct sva_error *error)
{
    if (job->origin.print != NULL) {
        return SVA_OK;
    }
    enum sva_status status = sva_open_side(options->init_path, options, true, &job->origin, error);
    if (status == SVA_OK && job->origin.model == NULL) {
        status =
            sva_fail(error, SVA_ERR_USAGE, "%s: a step-0 checkpoint must be weights, not a print",
                     sva_esc(options->init_path).text);
    }
    return status != SVA_OK
               ? status
               : sva_print_added(job->opened.model, job->origin.model, options, &job->added, error);
}

/** A dependence is looked at again with the random start taken off. */
static enum sva_status compare_from_start(struct sva_audit_result *job,
                                          const struct sva_opened *reference,
                                          const struct sva_check_options *options,
                                          struct sva_comparison *comparison,
                                          struct sva_error *error)
{
    struct sva_print *added = NULL;
    if (options->init_path == NULL || !shows_dependence(comparison)) {
        return SVA_OK;
    }
    enum sva_status status = open_origin(job, options, error);
    if (status == SVA_OK) {
        status = sva_print_added(reference->model, job->origin.model, options, &added, error);
    }
    if (status == SVA_OK) {
        const struct sva_start_prints start = {
            .origin = job->origin.print, .subject_added = job->added, .reference_added = added};
        status = sva_compare_from_start(job->subject, reference->print, &start, &job->audit.options,
                                        comparison, error);
    }
    sva_print_free(added);
    return status;
}

/** What is left to do once a reference of the store has been compared. */
static enum sva_status finish_stored(void *context, size_t index,
                                     const struct sva_opened *reference, struct sva_error *error)
{
    struct stored_visit *visit = context;
    struct sva_compared *compared = &visit->job->compared[index];
    const enum sva_status status =
        compare_from_start(visit->job, reference, visit->options, compared->comparison, error);
    return status == SVA_OK ? keep_facts(visit->job, compared, reference->print, error) : status;
}

/** The references of the store: screened, then compared in parallel. */
static enum sva_status compare_stored(struct sva_audit_result *job,
                                      const struct sva_check_options *options,
                                      struct sva_error *error)
{
    struct stored_visit visit = {job, options};
    struct sva_search search = {.subject = job->subject,
                                .inputs = &job->inputs,
                                .options = job->audit.options,
                                .progress = &options->progress,
                                .compared = job->compared,
                                .visit = finish_stored,
                                .context = &visit};
    const enum sva_status status = sva_search_store(&search, error);
    job->nothing = search.nothing;
    return status;
}

/** A print that mixtures will ask for is not made from the weights again. */
static void keep_print(struct sva_audit_result *job, size_t index, struct sva_opened *reference)
{
    if (job->kept_count < SVA_MIXTURE_PARENTS &&
        sva_answer_depends(job->compared[index].comparison->answer)) {
        job->kept[index] = reference->print;
        job->kept_count++;
        reference->print = NULL;
    }
}

/** A reference that came by path; its weights may be at hand. */
static enum sva_status compare_with(struct sva_audit_result *job, size_t index,
                                    const struct sva_check_options *options,
                                    struct sva_error *error)
{
    struct sva_compared *compared = &job->compared[index];
    struct sva_opened reference;
    enum sva_status status = sva_inputs_load(&job->inputs, index, options, &reference, error);
    if (status == SVA_OK) {
        status = sva_inputs_look_up_in(&job->inputs, index, reference.print, job->subject, error);
    }
    if (status == SVA_OK) {
        compared->reference = job->inputs.references[index].reference;
        status = sva_compare(job->subject, reference.print, &job->audit.options,
                             &compared->comparison, error);
    }
    if (status == SVA_OK) {
        status = compare_elements(job, &reference, compared->comparison, error);
    }
    if (status == SVA_OK) {
        status = compare_from_start(job, &reference, options, compared->comparison, error);
    }
    if (status == SVA_OK) {
        status = keep_facts(job, compared, reference.print, error);
    }
    if (status == SVA_OK) {
        keep_print(job, index, &reference);
    }
    sva_close_side(&reference);
    return status;
}

static enum sva_status compare_all(struct sva_audit_result *job,
                                   const struct sva_check_options *options, struct sva_error *error)
{
    const size_t count = job->inputs.count;
    const struct sva_progress *progress = &options->progress;
    job->compared = sva_calloc(count, sizeof *job->compared);
    job->kept = sva_calloc(count, sizeof(struct sva_print *));
    enum sva_status status =
        job->compared != NULL && job->kept != NULL ? SVA_OK : sva_fail_memory(error, "comparing");
    if (status == SVA_OK) {
        status = compare_stored(job, options, error);
    }
    for (size_t i = 0; i < count && status == SVA_OK; i++) {
        if (job->inputs.references[i].path == NULL) {
            continue;
        }
        if (progress->update != NULL) {
            progress->update(progress->context, "compare", i, count);
        }
        status = compare_with(job, i, options, error);
    }
    job->compared_count = status == SVA_OK ? count : 0;
    return status == SVA_OK
               ? sva_adjust_compared(job->compared, count, job->nothing, &job->audit.options, error)
               : status;
}

/** Strongest answer first, then the earlier release (unknown last), then name and version. */
static int by_weight(const void *left, const void *right)
{
    const struct sva_compared *a = left;
    const struct sva_compared *b = right;
    if (a->comparison->answer != b->comparison->answer) {
        return a->comparison->answer < b->comparison->answer ? -1 : 1;
    }
    const bool dated_a = a->reference.released[0] != '\0';
    const bool dated_b = b->reference.released[0] != '\0';
    if (dated_a != dated_b) {
        return dated_a ? -1 : 1;
    }
    const int released = strcmp(a->reference.released, b->reference.released);
    const int name = strcmp(a->reference.name, b->reference.name);
    return released != 0 ? released
           : name != 0   ? name
                         : strcmp(a->reference.version, b->reference.version);
}

/** Where a component depends on several references: what is it made of? */
static enum sva_status mix(struct sva_audit_result *job, const struct sva_check_options *options,
                           struct sva_error *error)
{
    job->mixing = (struct sva_mixing){.subject = job->subject,
                                      .inputs = &job->inputs,
                                      .options = options,
                                      .compared = job->compared,
                                      .compared_count = job->compared_count,
                                      .kept = job->kept};
    return sva_mix(&job->mixing, error);
}

/** What the facts database says about the subject; it needs to know what was matched. */
static enum sva_status look_up_facts(struct sva_audit_result *job, const struct sva_case *facts,
                                     struct sva_error *error)
{
    const enum sva_status status = sva_known_load(job->inputs.store, &job->known, error);
    return status == SVA_OK ? sva_knowledge_make(job->known, facts, &job->knowledge, error)
                            : status;
}

static enum sva_status judge(struct sva_audit_result *job, const struct sva_check_options *options,
                             struct sva_error *error)
{
    struct sva_case facts = {
        .subject = job->subject,
        .compared = job->compared,
        .compared_count = job->compared_count,
        .hits = job->inputs.hits,
        .hit_count = job->inputs.hit_count,
        .reference_count = job->inputs.offered_count,
        .own = options->own,
        .own_count = options->own_count,
        .subject_date = sva_or_empty(options->subject_date),
        .evidence = job->evidence,
        .waivers = job->waivers,
        .as_of = options->as_of,
        .model = job->opened.model,
    };
    if (job->pack == NULL) {
        return SVA_OK;
    }
    const enum sva_status status = look_up_facts(job, &facts, error);
    facts.knowledge = job->knowledge;
    return status == SVA_OK ? sva_judge(job->pack, &facts, &job->verdict, error) : status;
}

/** The caller's strings may go before the result does. NULL: no memory. */
static const char *const *keep_strings(struct sva_audit_result *job, const char *const *strings,
                                       size_t count)
{
    const char **kept = sva_arena_alloc(&job->facts, count, sizeof *kept);
    for (size_t i = 0; kept != NULL && i < count; i++) {
        kept[i] = sva_arena_strdup(&job->facts, strings[i]);
        if (kept[i] == NULL) {
            return NULL;
        }
    }
    return kept;
}

static enum sva_status keep_options(struct sva_audit_result *job, const char *model_path,
                                    const struct sva_check_options *options,
                                    struct sva_error *error)
{
    struct sva_audit *audit = &job->audit;
    audit->subject_path = sva_arena_strdup(&job->facts, model_path);
    audit->as_of = sva_arena_strdup(&job->facts, sva_or_empty(options->as_of));
    audit->subject_date = sva_arena_strdup(&job->facts, sva_or_empty(options->subject_date));
    audit->own = keep_strings(job, options->own, options->own_count);
    audit->own_count = options->own_count;
    audit->excluded = keep_strings(job, job->inputs.excluded, job->inputs.excluded_count);
    audit->excluded_count = job->inputs.excluded_count;
    return audit->subject_path != NULL && audit->as_of != NULL && audit->subject_date != NULL &&
                   audit->own != NULL && audit->excluded != NULL
               ? SVA_OK
               : sva_fail_memory(error, "keeping the audit's options");
}

static void fill_audit(struct sva_audit_result *job)
{
    struct sva_audit *audit = &job->audit;
    audit->subject = job->subject;
    audit->compared = job->compared;
    audit->compared_count = job->compared_count;
    audit->mixtures = job->mixing.mixtures;
    audit->mixture_count = job->mixing.mixture_count;
    audit->hits = job->inputs.hits;
    audit->hit_count = job->inputs.hit_count;
    audit->has_store = job->inputs.store != NULL;
    audit->pack = job->pack;
    audit->verdict = job->verdict;
    audit->knowledge = job->knowledge;
    audit->evidence = job->evidence;
    audit->waivers = job->waivers;
    audit->exit_code =
        job->verdict != NULL ? sva_exit_code(job->verdict->kind, SVA_FAIL_ON_FAIL) : 0;
}

/** The register beside the model or the one given; waivers. Both only where something is judged. */
static enum sva_status read_evidence(struct sva_audit_result *job, const char *model_path,
                                     const struct sva_check_options *options,
                                     struct sva_error *error)
{
    if (job->pack == NULL) {
        return SVA_OK;
    }
    char *beside = NULL;
    enum sva_status status =
        options->evidence == NULL ? sva_evidence_beside(model_path, &beside, error) : SVA_OK;
    const char *path = options->evidence != NULL ? options->evidence : beside;
    if (status == SVA_OK && path != NULL) {
        status = sva_evidence_load(path, job->subject, options->model_key, &job->evidence, error);
    }
    if (status == SVA_OK && options->waivers != NULL) {
        status = sva_waivers_load(options->waivers, &job->waivers, error);
    }
    free(beside);
    return status;
}

static enum sva_status run(struct sva_audit_result *job, const char *model_path,
                           const struct sva_check_options *options, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    if (options->quick && (options->init_path != NULL || options->ref_weights_count > 0)) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "a quick reading cannot be combined with %s, which needs every value",
                        options->init_path != NULL ? "a step-0 checkpoint"
                                                   : "weights of a reference");
    }
    if (options->rules != NULL) {
        status = sva_rulepack_load(options->rules, &job->pack, error);
    }
    if (status == SVA_OK) {
        status = sva_inputs_open(&job->inputs, options, error);
    }
    if (status == SVA_OK && job->inputs.store != NULL) {
        status = sva_refstore_get_info(job->inputs.store, &job->audit.store, error);
    }
    if (status == SVA_OK) {
        const bool again = options->ref_path_count > 0 || options->ref_weights_count > 0 ||
                           options->init_path != NULL;
        status = sva_open_subject(model_path, options, again, &job->opened, error);
        job->subject = job->opened.print;
    }
    if (status == SVA_OK) {
        status = read_evidence(job, model_path, options, error);
    }
    if (status == SVA_OK) {
        status = sva_inputs_look_up(&job->inputs, job->subject, error);
    }
    if (status == SVA_OK) {
        status = compare_all(job, options, error);
    }
    if (status == SVA_OK) {
        qsort(job->compared, job->compared_count, sizeof *job->compared, by_weight);
        status = mix(job, options, error);
    }
    if (status == SVA_OK) {
        status = judge(job, options, error);
    }
    return status;
}

enum sva_status sva_check(const char *model_path, const struct sva_check_options *options,
                          struct sva_audit_result **result, struct sva_error *error)
{
    struct sva_audit_result *job = sva_calloc(1, sizeof *job);
    if (job == NULL) {
        return sva_fail_memory(error, "starting the audit");
    }
    job->audit.options = sva_comparing_options(options);
    enum sva_status status = run(job, model_path, options, error);
    if (status == SVA_OK) {
        status = keep_options(job, model_path, options, error);
    }
    if (status != SVA_OK) {
        sva_audit_free(job);
        return status;
    }
    fill_audit(job);
    *result = job;
    return SVA_OK;
}

struct sva_audit *sva_audit_of(struct sva_audit_result *result)
{
    return &result->audit;
}

int sva_exit_code(enum sva_verdict_kind verdict, enum sva_fail_on fail_on)
{
    switch (verdict) {
    case SVA_VERDICT_PASS: return 0;
    case SVA_VERDICT_FAIL: return fail_on == SVA_FAIL_ON_NEVER ? 0 : 1;
    case SVA_VERDICT_REVIEW: return fail_on == SVA_FAIL_ON_REVIEW ? 5 : 0;
    case SVA_VERDICT_INCOMPLETE: return 2;
    case SVA_VERDICT_NOT_AUDITABLE: break;
    }
    return 4;
}

void sva_audit_free(struct sva_audit_result *result)
{
    if (result == NULL) {
        return;
    }
    for (size_t i = 0; result->kept != NULL && i < result->inputs.count; i++) {
        sva_print_free(result->kept[i]);
    }
    sva_free(result->kept);
    sva_unmix(&result->mixing);
    sva_compared_free(result->compared, result->inputs.count, result->nothing);
    sva_verdict_free(result->verdict);
    sva_evidence_free(result->evidence);
    sva_waivers_free(result->waivers);
    sva_knowledge_free(result->knowledge);
    sva_known_free(result->known);
    sva_rulepack_free(result->pack);
    sva_inputs_close(&result->inputs);
    sva_close_side(&result->opened);
    sva_close_side(&result->origin);
    sva_print_free(result->added);
    sva_arena_done(&result->facts);
    sva_free(result);
}
