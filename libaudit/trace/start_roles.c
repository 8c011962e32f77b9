/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments come from every value (the print has them), quantiles from sampled ones. Tolerances are
 * sampling errors, five of them, and two percent for what arithmetic in 16 bits does.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/korean.h"
#include "base/order.h"
#include "compare/random_start.h"
#include "trace/distributions.h"
#include "trace/start.h"

enum { NAMELESS_MOST = 2048, SAMPLES_MOST = 100000, JUDGED_VALUES = 1000 };

static const double SHARES[SVA_TRACE_QUANTILES] = {.01, .05, .25, .5, .75, .95, .99};
static const double LEAST_LOG10_P = -6.0;
static const double TOLERANCE = .02;
static const double DECLARED_TOLERANCE = .02;

/** One role: its tensors in the print. */
struct group {
    struct sva_trace_role *out;
    uint32_t component;
    enum sva_role role;
    bool bias;
    size_t *tensors;
    size_t count, capacity;
    uint64_t fewest; /* values of its smallest tensor */
};

struct work {
    const struct sva_print *print;
    const struct sva_start_context *context;
    struct group *groups; /* room for one each tensor */
    size_t count;
    size_t nameless; /* tensors without a known role; each is a group of its own */
    bool fresh; /* what training wrote is told once, not role by role */
    bool failed;
};

static bool is_looked_at(const struct sva_print_tensor *tensor)
{
    return (tensor->inert & (SVA_INERT_EMPTY | SVA_INERT_UNREADABLE)) == 0 &&
           tensor->role != SVA_ROLE_ROTARY_FREQUENCIES;
}

static struct group *group_of(struct work *work, const struct sva_print_tensor *tensor)
{
    for (size_t i = 0; i < work->count && tensor->role != SVA_ROLE_UNKNOWN; i++) {
        struct group *group = &work->groups[i];
        if (group->role == tensor->role && group->bias == tensor->bias &&
            group->component == tensor->component) {
            return group;
        }
    }
    if (tensor->role == SVA_ROLE_UNKNOWN && work->nameless++ >= NAMELESS_MOST) {
        return NULL; /* those with a role are never crowded out */
    }
    struct group *group = &work->groups[work->count++];
    *group = (struct group){.role = tensor->role,
                            .bias = tensor->bias,
                            .component = tensor->component,
                            .fewest = UINT64_MAX};
    return group;
}

static void put_into(struct work *work, struct group *group, size_t tensor)
{
    if (group->count == group->capacity) {
        const size_t capacity = group->capacity == 0 ? 8 : group->capacity * 2;
        size_t *grown = sva_realloc_array(group->tensors, capacity, sizeof *grown);
        if (grown == NULL) {
            work->failed = true;
            return;
        }
        group->tensors = grown;
        group->capacity = capacity;
    }
    const uint64_t values = work->print->tensors[tensor].element_count;
    group->fewest = values < group->fewest ? values : group->fewest;
    group->tensors[group->count++] = tensor;
}

static const struct sva_print_tensor *tensor_at(const struct work *work, const struct group *group,
                                                size_t i)
{
    return &work->print->tensors[group->tensors[i]];
}

static const char *name_of(const struct work *work, const struct group *group)
{
    struct sva_arena *arena = work->context->arena;
    const struct sva_print *print = work->print;
    const char *component = print->components[group->component].name;
    const char *name =
        group->role == SVA_ROLE_UNKNOWN
            ? sva_found_text(arena, tensor_at(work, group, 0)->name)
            : sva_arena_printf(arena, "%s%s%s%s", print->component_count > 1 ? component : "",
                               print->component_count > 1 ? "/" : "", sva_role_name(group->role),
                               group->bias ? "-bias" : "");
    return name != NULL ? name : "";
}

/** Moments over the group: means of the tensors' own, each in its own deviations. */
static void take_moments(const struct work *work, struct group *group)
{
    struct sva_trace_role *out = group->out;
    double weight = 0.0;
    double squares = 0.0;
    bool constant = true;
    out->deviation_least = HUGE_VAL;
    for (size_t i = 0; i < group->count; i++) {
        const struct sva_print_tensor *tensor = tensor_at(work, group, i);
        const double n = (double)tensor->element_count;
        const double deviation = tensor->deviation;
        out->element_count += tensor->element_count;
        constant = constant && (tensor->inert & SVA_INERT_CONSTANT) != 0;
        squares += deviation * deviation;
        out->deviation_least = fmin(out->deviation_least, deviation);
        out->deviation_most = fmax(out->deviation_most, deviation);
        if (deviation > 0.0) {
            weight += n;
            out->kurtosis += n * tensor->kurtosis;
            out->mean += n * tensor->mean / deviation;
            out->extreme = fmax(out->extreme, (tensor->maximum - tensor->mean) / deviation);
            out->extreme = fmax(out->extreme, (tensor->mean - tensor->minimum) / deviation);
        }
    }
    out->tensor_count = group->count;
    out->deviation = sqrt(squares / (double)group->count);
    out->kurtosis = weight > 0.0 ? out->kurtosis / weight : 0.0;
    out->mean = constant       ? tensor_at(work, group, 0)->mean
                : weight > 0.0 ? out->mean / weight
                               : 0.0;
    out->distribution = constant ? SVA_DISTRIBUTION_CONSTANT : SVA_DISTRIBUTION_NONE;
}

/** Sampled values in deviations; their count. */
static size_t collect(const struct work *work, const struct group *group, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct sva_print_tensor *tensor = tensor_at(work, group, i);
        const size_t sampled = (size_t)tensor->samples.rows * tensor->samples.columns;
        const float *from = sampled > 0 ? tensor->samples.values : tensor->vector;
        const size_t length = sampled > 0 ? sampled : tensor->vector_length;
        for (size_t k = 0; k < length && count < SAMPLES_MOST && tensor->deviation > 0.0; k++) {
            if (isfinite(from[k])) {
                values[count++] = ((double)from[k] - tensor->mean) / tensor->deviation;
            }
        }
    }
    return count;
}

static double kolmogorov(const double *sorted, size_t count, enum sva_distribution distribution)
{
    double distance = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double below = sva_distribution_below(distribution, sorted[i]);
        distance = fmax(distance, below - (double)i / (double)count);
        distance = fmax(distance, (double)(i + 1) / (double)count - below);
    }
    return distance;
}

static double kurtosis_tolerance(const struct sva_trace_role *role)
{
    return TOLERANCE + 5.0 * sqrt(24.0 / (double)role->element_count);
}

/** The distribution whose fourth moment is nearest, among those that reach the extreme. */
static enum sva_distribution nearest(const struct sva_trace_role *role)
{
    enum sva_distribution best = SVA_DISTRIBUTION_NORMAL;
    for (int i = SVA_DISTRIBUTION_NORMAL; i < SVA_DISTRIBUTION_COUNT; i++) {
        const enum sva_distribution d = (enum sva_distribution)i;
        const double off = fabs(role->kurtosis - sva_distribution_kurtosis(d));
        if (off < fabs(role->kurtosis - sva_distribution_kurtosis(best)) &&
            role->extreme <= (1.0 + TOLERANCE) * sva_distribution_limit(d)) {
            best = d;
        }
    }
    return best;
}

static void take_quantiles(struct sva_trace_role *out, const double *sorted, size_t count,
                           enum sva_distribution distribution)
{
    for (size_t q = 0; q < SVA_TRACE_QUANTILES; q++) {
        out->quantiles[q] = count > 0 ? sorted[(size_t)(SHARES[q] * (double)(count - 1))] : NAN;
        out->expected[q] = sva_distribution_quantile(distribution, SHARES[q]);
    }
}

static void fit(struct work *work, struct group *group)
{
    struct sva_trace_role *out = group->out;
    double *values = sva_calloc(SAMPLES_MOST, sizeof *values);
    if (values == NULL) {
        work->failed = true;
        return;
    }
    const size_t count = collect(work, group, values);
    const enum sva_distribution best = nearest(out);
    qsort(values, count, sizeof *values, sva_by_double);
    out->sample_count = count;
    out->distance = count > 0 ? kolmogorov(values, count, best) : NAN;
    out->log10_p = count > 0 ? sva_kolmogorov_log10_p(out->distance, count) : 0.0;
    take_quantiles(out, values, count, best);
    const double off = fabs(out->kurtosis - sva_distribution_kurtosis(best));
    if (out->log10_p >= LEAST_LOG10_P &&
        (off <= kurtosis_tolerance(out) || out->element_count < JUDGED_VALUES)) {
        out->distribution = best;
    }
    sva_free(values);
}

/** Relative sampling error of a deviation. */
static double deviation_error(const struct sva_trace_role *role, uint64_t values)
{
    return sqrt(fmax(role->kurtosis - 1.0, .8) / (4.0 * (double)values));
}

enum { SCHEMES = 8 };

static double scheme_deviation(int scheme, const struct sva_print_tensor *tensor,
                               const struct sva_print_component *component)
{
    const double in = (double)tensor->n[1] * (double)tensor->n[2];
    const double out = (double)tensor->n[0];
    const double width = (double)component->width;
    const double layers = (double)component->layer_count;
    switch (scheme) {
    case 0: return 1.0 / sqrt(in);
    case 1: return sqrt(2.0 / in);
    case 2: return sqrt(2.0 / (in + out));
    case 3: return 1.0 / sqrt(3.0 * in);
    case 4: return sqrt(2.0 / (5.0 * width));
    case 5: return 2.0 / (layers * sqrt(width));
    case 6: return .02 / sqrt(2.0 * layers);
    default: return 1.0 / sqrt(width);
    }
}

static bool follows_scheme(const struct work *work, const struct group *group, int scheme)
{
    const double parent = sva_distribution_parent(group->out->distribution);
    for (size_t i = 0; i < group->count; i++) {
        const struct sva_print_tensor *tensor = tensor_at(work, group, i);
        const double wanted =
            scheme_deviation(scheme, tensor, &work->print->components[tensor->component]);
        const double room = .005 + 4.0 * deviation_error(group->out, tensor->element_count);
        if (!(fabs(tensor->deviation / wanted - 1.0) <= room) &&
            !(fabs(tensor->deviation * parent / wanted - 1.0) <= room)) {
            return false;
        }
    }
    return true;
}

/** Two significant digits. */
static double rounded(double value)
{
    const double power = pow(10.0, floor(log10(value)) - 1.0);
    return round(value / power) * power;
}

/** Do the deviations rise, or fall, from layer to layer throughout? */
static bool goes_with_depth(const struct work *work, const struct group *group)
{
    const double room = 3.0 * deviation_error(group->out, group->fewest);
    bool rises = true;
    bool falls = true;
    for (size_t i = 0; i + 1 < group->count; i++) {
        const struct sva_print_tensor *a = tensor_at(work, group, i);
        const struct sva_print_tensor *b = tensor_at(work, group, i + 1);
        const double ratio =
            (a->layer <= b->layer ? b->deviation / a->deviation : a->deviation / b->deviation) -
            1.0;
        rises = rises && ratio >= -room;
        falls = falls && ratio <= room;
    }
    return rises || falls;
}

static void find_scheme(struct work *work, struct group *group)
{
    static const char *const NAMES[SCHEMES] = {"1/sqrt(fan-in)",           "sqrt(2/fan-in)",
                                               "sqrt(2/(fan-in+fan-out))", "1/sqrt(3 fan-in)",
                                               "sqrt(2/(5 width))",        "2/(layers sqrt(width))",
                                               "0.02/sqrt(2 layers)",      "1/sqrt(width)"};
    struct sva_trace_role *out = group->out;
    struct sva_arena *arena = work->context->arena;
    const double spread = out->deviation_most / out->deviation_least - 1.0;
    const bool varies = spread > TOLERANCE + 6.0 * deviation_error(out, group->fewest);
    for (int scheme = 0; scheme < SCHEMES; scheme++) {
        if (follows_scheme(work, group, scheme)) {
            out->scheme = NAMES[scheme];
            return;
        }
    }
    const double fixed = out->deviation * sva_distribution_parent(out->distribution);
    const double room = .002 + 2.0 * deviation_error(out, out->element_count);
    if (!varies && fabs(fixed / rounded(fixed) - 1.0) <= room) {
        const char *name =
            sva_arena_printf(arena, "fixed %s", sva_found_number(arena, rounded(fixed), 2));
        out->scheme = name != NULL ? name : "";
    } else if (varies && group->count > 2 && goes_with_depth(work, group)) {
        out->scheme = "with depth";
    } else if (varies && work->fresh) {
        sva_find(work->context->findings, SVA_FOUND_START_SCALE, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){
                     out->name, sva_found_number(arena, out->deviation_least, 4),
                     sva_found_number(arena, out->deviation_most, 4)});
    }
}

/** What was declared for this role by name, else for all matrices. */
static const struct sva_declared_role *declared_for(const struct work *work,
                                                    const struct group *group)
{
    const struct sva_declaration *declared = work->context->declared;
    const struct sva_declared_role *all = NULL;
    for (size_t i = 0; i < declared->role_count; i++) {
        const struct sva_declared_role *role = &declared->roles[i];
        if (role->role == NULL) {
            all = role;
        } else if (!group->bias && strcmp(role->role, sva_role_name(group->role)) == 0) {
            return role;
        }
    }
    return group->out->distribution == SVA_DISTRIBUTION_CONSTANT || group->bias ||
                   group->out->is_gain
               ? NULL
               : all;
}

static void compare_declared(const struct work *work, struct group *group)
{
    struct sva_trace_role *out = group->out;
    struct sva_arena *arena = work->context->arena;
    const struct sva_declared_role *declared = declared_for(work, group);
    out->declared_deviation = NAN;
    if (declared == NULL) {
        return;
    }
    out->declared = true;
    out->declared_distribution = declared->distribution;
    out->declared_deviation = declared->deviation;
    if (declared->distribution != SVA_DISTRIBUTION_NONE &&
        declared->distribution != out->distribution) {
        sva_find(work->context->findings, SVA_FOUND_START_DECLARED_DISTRIBUTION, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     out->name, sva_distribution_name(declared->distribution),
                     sva_distribution_name(out->distribution),
                     sva_korean_word(sva_distribution_name(declared->distribution)),
                     sva_korean_word(sva_distribution_name(out->distribution))});
    }
    const double room = DECLARED_TOLERANCE + 4.0 * deviation_error(out, out->element_count);
    const double parent = out->deviation * sva_distribution_parent(out->distribution);
    if (fabs(out->deviation / declared->deviation - 1.0) > room &&
        fabs(parent / declared->deviation - 1.0) > room) {
        sva_find(work->context->findings, SVA_FOUND_START_DECLARED_SCALE, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     out->name, sva_found_number(arena, declared->deviation, 4),
                     sva_found_number(arena, out->deviation, 4)});
    }
}

static void judge_role(const struct work *work, const struct group *group)
{
    const struct sva_trace_role *out = group->out;
    struct sva_arena *arena = work->context->arena;
    const bool enough = out->element_count >= JUDGED_VALUES;
    if (out->distribution == SVA_DISTRIBUTION_NONE && !out->is_gain) {
        sva_find(work->context->findings, SVA_FOUND_START_TAILS,
                 enough && out->known_role ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){out->name,
                                                       sva_found_number(arena, out->kurtosis, 4),
                                                       sva_found_number(arena, out->distance, 3)});
    }
    const double room = TOLERANCE + 5.0 / sqrt((double)out->element_count);
    if (out->distribution != SVA_DISTRIBUTION_CONSTANT && fabs(out->mean) > room) {
        sva_find(work->context->findings, SVA_FOUND_START_MEAN, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){out->name,
                                                       sva_found_number(arena, out->mean, 3)});
    }
}

static void look_at_role(struct work *work, struct group *group)
{
    struct sva_trace_role *out = group->out;
    out->name = name_of(work, group);
    out->known_role = group->role != SVA_ROLE_UNKNOWN;
    out->is_gain = sva_is_norm_gain(tensor_at(work, group, 0));
    out->scheme = "";
    take_moments(work, group);
    for (size_t q = 0; q < SVA_TRACE_QUANTILES; q++) {
        out->quantiles[q] = out->expected[q] = NAN;
    }
    if (out->distribution != SVA_DISTRIBUTION_CONSTANT) {
        fit(work, group);
    }
    if (out->distribution > SVA_DISTRIBUTION_CONSTANT) {
        find_scheme(work, group);
    }
    compare_declared(work, group);
    if (work->fresh) {
        judge_role(work, group);
    }
}

static void judge_freshness(const struct work *work, struct sva_trace_start *out)
{
    const struct sva_random_start fresh = sva_random_start_of(work->print);
    struct sva_arena *arena = work->context->arena;
    out->gain_count = fresh.gain_count;
    out->moved_gain_count = fresh.moved_count;
    out->matrix_count = fresh.known_count;
    out->trained_count = fresh.trained_count;
    if (fresh.moved_count > 0) {
        sva_find(work->context->findings, SVA_FOUND_START_GAINS, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_number(arena, (double)fresh.moved_count, 9),
                     sva_found_number(arena, (double)fresh.gain_count, 9)});
    }
    if (fresh.trained_count * SVA_TRAINED_ONE_IN > fresh.known_count) {
        sva_find(work->context->findings, SVA_FOUND_START_DIRECTIONS, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_number(arena, (double)fresh.trained_count, 9),
                     sva_found_number(arena, (double)fresh.known_count, 9)});
    }
}

static void tell_nameless(const struct work *work)
{
    if (work->nameless > NAMELESS_MOST) {
        sva_find(work->context->findings, SVA_FOUND_START_UNLOOKED, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){sva_found_number(
                     work->context->arena, (double)(work->nameless - NAMELESS_MOST), 15)});
    }
}

bool sva_start_roles(const struct sva_print *print, const struct sva_start_context *context,
                     struct sva_trace_start *out)
{
    struct work work = {.print = print, .context = context};
    work.groups = sva_calloc(print->tensor_count + 1, sizeof *work.groups);
    struct sva_trace_role *roles = NULL;
    for (size_t i = 0; work.groups != NULL && i < print->tensor_count; i++) {
        struct group *group =
            is_looked_at(&print->tensors[i]) ? group_of(&work, &print->tensors[i]) : NULL;
        if (group != NULL) {
            put_into(&work, group, i);
        }
    }
    if (work.groups != NULL && !work.failed) {
        roles = sva_arena_alloc(context->arena, work.count, sizeof *roles);
    }
    work.failed = work.failed || roles == NULL;
    if (!work.failed) {
        work.fresh = sva_is_random_start(print);
        judge_freshness(&work, out);
        tell_nameless(&work);
    }
    for (size_t i = 0; !work.failed && i < work.count; i++) {
        work.groups[i].out = &roles[i];
        look_at_role(&work, &work.groups[i]);
    }
    for (size_t i = 0; work.groups != NULL && i < work.count; i++) {
        sva_free(work.groups[i].tensors);
    }
    sva_free(work.groups);
    out->checked = true;
    out->roles = roles;
    out->role_count = roles != NULL ? work.count : 0;
    return !work.failed;
}
