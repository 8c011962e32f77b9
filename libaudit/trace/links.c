/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A random start is no more than a start to every training of it: so the first link asks whether
 * the checkpoint depends on it at all. From then on training has written something, and a later
 * checkpoint of the same run has it, while another run from the same start has not. That is what
 * `lost` measures (trace/path.h); its bounds are the middle of 0 and 1, and half of that.
 */
#include "trace/links.h"

#include <math.h>
#include <stdlib.h>

#include "base/order.h"

static const double LOST_BROKEN = .5;     /* with a start to measure from: refused above, */
static const double LOST_DOUBTFUL = .25;  /* review above */
static const double LOST_LOCALLY = .75;   /* without one, fluctuation alone gives one half */
static const double FADED_ALONE = .5;     /* of the start, the rest kept: refused above, */
static const double FADED_DOUBTFUL = .25; /* review above */
static const double NEAR_RHO = .9;        /* so near that decay over many steps is no explanation */
static const double LEFT_EXPECTED = .25;  /* of the start, by the links: its absence is review */
static const double ERRORS = 3.0;         /* standard errors that a difference must have */
static const double LEAST_RHO = .01;
static const double HEALED_RHO = .1; /* of the neighbours of a checkpoint swapped in */
static const double STRAIGHT_DIRECTION = .998;
static const double STRAIGHT_PART = .9; /* of the way, at most */

/** One link's texts: both places and both paths, in the order of the findings' table. */
static void tell(const struct sva_link_context *context, enum sva_trace_finding_id id,
                 enum sva_trace_level level, size_t first, size_t second, const char *more,
                 const char *most)
{
    const char *const values[SVA_FOUND_VALUES] = {
        sva_found_place(context->arena, first),
        sva_found_text(context->arena, context->checkpoints[first].path),
        sva_found_place(context->arena, second),
        sva_found_text(context->arena, context->checkpoints[second].path),
        more,
        most};
    sva_find(context->findings, id, level, values);
}

/** The weakest answer over components that hold any evidence. */
struct weakest {
    enum sva_answer answer;
    double log10_p, rho, detectable;
    size_t tested, untested;
};

static struct weakest weakest_of(const struct sva_comparison *comparison)
{
    struct weakest out = {
        .answer = SVA_ANSWER_IDENTICAL, .log10_p = -HUGE_VAL, .rho = HUGE_VAL, .detectable = NAN};
    for (size_t i = 0; i < comparison->component_count; i++) {
        const struct sva_component_result *component = &comparison->components[i];
        if (component->inert_parameter_count >= component->parameter_count) {
            continue;
        }
        if (component->answer == SVA_ANSWER_NOT_COMPARABLE) {
            out.untested++;
            continue;
        }
        out.tested++;
        out.answer = component->answer > out.answer ? component->answer : out.answer;
        if (component->answer != SVA_ANSWER_IDENTICAL) {
            out.log10_p = fmax(out.log10_p, component->log10_p_adjusted);
            out.rho = fmin(out.rho, component->rho);
            out.detectable =
                isnan(component->detectable_rho)
                    ? out.detectable
                    : fmax(component->detectable_rho, isnan(out.detectable) ? 0.0 : out.detectable);
        }
    }
    out.answer = out.tested == 0 ? SVA_ANSWER_NOT_COMPARABLE : out.answer;
    return out;
}

/** Similarity of every matrix of the two. False: out of memory. */
static bool list_tensors(const struct sva_link_context *context, size_t from,
                         struct sva_trace_link *link)
{
    const struct sva_path *path = context->path;
    struct sva_trace_tensor *tensors =
        sva_arena_alloc(context->arena, path->matrix_count, sizeof *tensors);
    double *sorted = sva_calloc(path->matrix_count, sizeof *sorted);
    for (size_t m = 0; tensors != NULL && sorted != NULL && m < path->matrix_count; m++) {
        const double rho = sva_path_correlation(path, from, from + 1, m);
        if (!isnan(rho)) {
            sorted[link->tensor_count] = rho;
            tensors[link->tensor_count++] = (struct sva_trace_tensor){path->names[m], rho};
        }
    }
    link->tensors = tensors;
    link->rho_least = link->rho_median = link->rho_most = NAN;
    if (link->tensor_count > 0) {
        qsort(sorted, link->tensor_count, sizeof *sorted, sva_by_double);
        link->rho_least = sorted[0];
        link->rho_median = sorted[link->tensor_count / 2];
        link->rho_most = sorted[link->tensor_count - 1];
    }
    const bool enough = tensors != NULL && sorted != NULL;
    sva_free(sorted);
    return enough;
}

/** Is more lost than a path loses? */
static bool breaks(const struct sva_link_context *context, const struct sva_trace_link *link)
{
    const double bound = context->has_start ? LOST_BROKEN : LOST_LOCALLY;
    return link->lost > bound && link->lost > ERRORS * link->lost_se;
}

/** Dependent, but not derived by the tests alone: does the later one lie on beyond the earlier? */
static bool lies_beyond(const struct sva_link_context *context, const struct sva_trace_link *link,
                        size_t from)
{
    const struct sva_estimate nearer =
        sva_path_difference(context->path, from, from + 1, 0, from + 1);
    return context->has_start && link->lost + ERRORS * link->lost_se < LOST_BROKEN &&
           link->lost < LOST_DOUBTFUL && nearer.value > ERRORS * nearer.se;
}

static enum sva_link_state state_of(const struct sva_link_context *context,
                                    const struct sva_trace_link *link, size_t from)
{
    /* both readings say so: the changes hardly agree, and much is lost */
    const bool parted = link->answer == SVA_ANSWER_SHARED_INITIALISATION &&
                        link->lost > LOST_DOUBTFUL && link->lost > ERRORS * link->lost_se;
    if (link->answer >= SVA_ANSWER_NO_EVIDENCE || breaks(context, link) || parted) {
        return SVA_LINK_BROKEN;
    }
    if (from == 0 && context->has_start) {
        return SVA_LINK_FROM_START;
    }
    return link->answer <= SVA_ANSWER_DERIVED || lies_beyond(context, link, from)
               ? SVA_LINK_DESCENDS
               : SVA_LINK_UNEXPLAINED;
}

static bool measure(const struct sva_link_context *context, size_t from,
                    struct sva_trace_link *link)
{
    const struct sva_path *path = context->path;
    const struct sva_estimate rho = sva_path_similarity(path, from, from + 1);
    const struct sva_estimate unknown = {NAN, NAN};
    const struct sva_estimate lost =
        from == 0 ? unknown
                  : sva_path_lost(path, context->has_start ? 0 : from - 1, from, from + 1);
    const struct weakest weakest = weakest_of(context->comparisons[from]);
    *link = (struct sva_trace_link){.answer = weakest.answer,
                                    .log10_p = weakest.tested > 0 ? weakest.log10_p : 0.0,
                                    .rho = rho.value,
                                    .rho_se = rho.se,
                                    .lost = lost.value,
                                    .lost_se = lost.se,
                                    .direction = NAN,
                                    .added_rho = context->added_rho[from]};
    if (from > 0 && context->has_start) {
        link->direction = sva_path_direction(path, 0, from, from + 1);
    }
    link->state = state_of(context, link, from);
    return list_tensors(context, from, link);
}

/** Do the neighbours of a checkpoint agree with each other, and neither of them with it? */
static bool is_foreign(const struct sva_link_context *context, const struct sva_trace_link *links,
                       size_t at)
{
    if (at == 0 || at + 1 >= context->count || links[at - 1].state != SVA_LINK_BROKEN ||
        links[at].state != SVA_LINK_BROKEN) {
        return false;
    }
    const struct sva_path *path = context->path;
    const struct sva_estimate before = sva_path_difference(path, at - 1, at + 1, at - 1, at);
    const struct sva_estimate after = sva_path_difference(path, at - 1, at + 1, at, at + 1);
    return sva_path_similarity(path, at - 1, at + 1).value > HEALED_RHO &&
           before.value > ERRORS * before.se && after.value > ERRORS * after.se;
}

static void tell_foreign(const struct sva_link_context *context, const struct sva_trace_link *links,
                         size_t at)
{
    struct sva_arena *arena = context->arena;
    const struct sva_estimate across = sva_path_similarity(context->path, at - 1, at + 1);
    sva_find(context->findings, SVA_FOUND_FOREIGN, SVA_TRACE_REFUSED,
             (const char *const[SVA_FOUND_VALUES]){
                 sva_found_place(arena, at), sva_found_text(arena, context->checkpoints[at].path),
                 sva_found_place(arena, at + 1), sva_found_place(arena, at - 1),
                 sva_found_number(arena, across.value, 3),
                 sva_found_number(arena, fmax(links[at - 1].rho, links[at].rho), 3)});
}

static void tell_broken(const struct sva_link_context *context, const struct sva_trace_link *link,
                        size_t from)
{
    struct sva_arena *arena = context->arena;
    const struct weakest weakest = weakest_of(context->comparisons[from]);
    if (link->answer == SVA_ANSWER_NOT_COMPARABLE) {
        tell(context, SVA_FOUND_OTHER_SHAPE, SVA_TRACE_REFUSED, from, from + 1, "1+", NULL);
    } else if (link->answer == SVA_ANSWER_NO_EVIDENCE && from == 0 && context->has_start) {
        sva_find(context->findings, SVA_FOUND_NOT_FROM_START, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_place(arena, 1), sva_found_text(arena, context->checkpoints[1].path),
                     sva_found_number(arena, link->rho, 3),
                     sva_found_number(arena, weakest.detectable, 3)});
    } else if (link->answer == SVA_ANSWER_NO_EVIDENCE) {
        tell(context, SVA_FOUND_NO_DESCENT, SVA_TRACE_REFUSED, from + 1, from,
             sva_found_number(arena, link->rho, 3), sva_found_number(arena, weakest.detectable, 3));
    } else {
        tell(context, SVA_FOUND_JUMP, SVA_TRACE_REFUSED, from, from + 1,
             sva_found_percent(arena, fmin(link->lost, 1.0)), NULL);
    }
}

static void tell_sound(const struct sva_link_context *context, const struct sva_trace_link *link,
                       size_t from)
{
    const struct weakest weakest = weakest_of(context->comparisons[from]);
    const char *lost = sva_found_percent(context->arena, fmin(link->lost, 1.0));
    if (link->answer == SVA_ANSWER_IDENTICAL) {
        tell(context, SVA_FOUND_UNCHANGED, SVA_TRACE_REVIEW, from, from + 1, NULL, NULL);
        return;
    }
    if (link->state == SVA_LINK_UNEXPLAINED) {
        tell(context, SVA_FOUND_UNEXPLAINED, SVA_TRACE_REVIEW, from, from + 1, NULL, NULL);
    } else if (weakest.log10_p > context->alpha_log10 || !(weakest.rho > LEAST_RHO)) {
        tell(context, SVA_FOUND_WEAK_LINK, SVA_TRACE_REVIEW, from + 1, from, NULL, NULL);
    }
    if (context->has_start && link->lost > LOST_DOUBTFUL && link->lost > ERRORS * link->lost_se) {
        tell(context, SVA_FOUND_LOST_MUCH, SVA_TRACE_REVIEW, from, from + 1, lost, NULL);
    }
    if (weakest.untested > 0) {
        tell(context, SVA_FOUND_OTHER_SHAPE, SVA_TRACE_REVIEW, from, from + 1,
             sva_found_number(context->arena, (double)weakest.untested, 9), NULL);
    }
}

/**
 * Does the start alone go, and what was learned stay? Whoever moves from a random draw to a model
 * that did not come from it takes the draw away; training leaves it or buries it.
 */
static void check_fading(const struct sva_link_context *context, const struct sva_trace_link *link,
                         size_t from)
{
    const struct sva_estimate faded = sva_path_faded(context->path, 0, from, from + 1);
    if (faded.value > FADED_DOUBTFUL && faded.value > ERRORS * faded.se) {
        tell(context, SVA_FOUND_START_FADES,
             faded.value > FADED_ALONE && link->rho > NEAR_RHO ? SVA_TRACE_REFUSED
                                                               : SVA_TRACE_REVIEW,
             from, from + 1, sva_found_percent(context->arena, fmin(faded.value, 1.0)), NULL);
    }
}

/** Is nothing of the start left at the end of links that would leave some of it? */
static void check_end(const struct sva_link_context *context, const struct sva_trace_link *links)
{
    const size_t last = context->count - 1;
    const struct sva_estimate left = sva_path_similarity(context->path, 0, last);
    struct sva_arena *arena = context->arena;
    double expected = 1.0;
    bool whole = context->has_start && last > 1;
    for (size_t i = 0; i < last; i++) {
        expected *= fmax(links[i].rho, 0.0);
        whole = whole && links[i].state != SVA_LINK_BROKEN;
    }
    if (whole && expected > LEFT_EXPECTED && left.value - ERRORS * left.se < LEAST_RHO) {
        sva_find(context->findings, SVA_FOUND_START_GONE, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_text(arena, context->checkpoints[last].path),
                     sva_found_number(arena, left.value, 3), sva_found_number(arena, expected, 3)});
    }
}

/** What a smooth path from a random start has besides. */
static void check_course(const struct sva_link_context *context, const struct sva_trace_link *link,
                         size_t from)
{
    const struct sva_path *path = context->path;
    const struct sva_estimate nearer = sva_path_difference(path, 0, from + 1, 0, from);
    if (nearer.value > ERRORS * nearer.se) {
        tell(context, SVA_FOUND_ORDER, SVA_TRACE_REVIEW, from + 1, from, NULL, NULL);
    }
    const double part = sva_path_moved(path, 0, from) / sva_path_moved(path, 0, from + 1);
    if (link->direction > STRAIGHT_DIRECTION && part < STRAIGHT_PART) {
        tell(context, SVA_FOUND_STRAIGHT, SVA_TRACE_REVIEW, from, from + 1,
             sva_found_number(context->arena, link->direction, 4), NULL);
    }
}

bool sva_links_judge(const struct sva_link_context *context, struct sva_trace_link *links)
{
    bool enough = true;
    for (size_t i = 0; enough && i + 1 < context->count; i++) {
        enough = measure(context, i, &links[i]);
    }
    for (size_t i = 0; enough && i + 1 < context->count; i++) {
        const bool told = is_foreign(context, links, i);
        if (told) {
            tell_foreign(context, links, i);
        }
        if (links[i].state != SVA_LINK_BROKEN) {
            tell_sound(context, &links[i], i);
        } else if (!told && !is_foreign(context, links, i + 1)) {
            tell_broken(context, &links[i], i);
        }
        if (context->has_start && i > 0 && links[i].state == SVA_LINK_DESCENDS) {
            check_course(context, &links[i], i);
        }
        if (context->has_start && i > 0 && links[i].state != SVA_LINK_BROKEN) {
            check_fading(context, &links[i], i);
        }
    }
    if (enough) {
        check_end(context, links);
    }
    return enough;
}
