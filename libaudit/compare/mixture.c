/* SPDX-License-Identifier: Apache-2.0 */
/* From prints to sums, and from a fit to what is said of it. */
#include "compare/mixture.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "compare/evidence.h"
#include "compare/mixture_fit.h"
#include "compare/mixture_rounding.h"
#include "compare/value_sides.h"

const char *sva_mixture_kind_name(enum sva_mixture_kind kind)
{
    static const char *const names[SVA_MIXTURE_KIND_COUNT] = {
        [SVA_MIXTURE_NONE] = "none",
        [SVA_MIXTURE_SINGLE] = "single",
        [SVA_MIXTURE_LINEAR] = "linear",
        [SVA_MIXTURE_PASSTHROUGH] = "passthrough",
        [SVA_MIXTURE_UNDECIDED] = "undecided",
        [SVA_MIXTURE_OTHER] = "not-linear"};
    return names[kind];
}

const char *sva_parent_state_name(enum sva_parent_state state)
{
    static const char *const names[SVA_PARENT_STATE_COUNT] = {
        [SVA_PARENT_NEEDED] = "needed",
        [SVA_PARENT_UNNEEDED] = "unneeded",
        [SVA_PARENT_ALIKE] = "indistinguishable"};
    return names[state];
}

bool sva_mixture_samples_known(const struct sva_print_tensor *tensor)
{
    return sva_bears_evidence(tensor) && tensor->samples.rows > 0 &&
           tensor->samples.values != NULL && !sva_is_code(tensor->dtype);
}

const struct sva_print_tensor *sva_mixture_partner(const struct sva_mixture_case *given, size_t k,
                                                   const struct sva_print_tensor *wanted)
{
    const int32_t place = sva_place_of(&given->places[k], given->subject, wanted);
    const struct sva_print_tensor *found =
        place < 0 ? NULL : &given->references[k]->tensors[place];
    return found != NULL && sva_mixture_samples_known(found) &&
                   memcmp(found->n, wanted->n, sizeof found->n) == 0
               ? found
               : NULL;
}

static bool samples_fit(const struct sva_value_samples *a, const struct sva_value_samples *b)
{
    return a->values != NULL && b->values != NULL && a->rows == b->rows &&
           a->columns == b->columns;
}

double sva_mixture_apart(const struct sva_value_samples *a, const struct sva_value_samples *b)
{
    double sum = 0.0;
    if (!samples_fit(a, b)) {
        return INFINITY;
    }
    for (size_t i = 0; i < (size_t)a->rows * a->columns; i++) {
        const double apart = (double)a->values[i] - (double)b->values[i];
        sum += apart * apart;
    }
    return isfinite(sum) ? sum : INFINITY;
}

/** One matrix of the subject and its partners, each read in the order that fits. */
struct sided {
    const struct sva_print_tensor *tensor;
    const struct sva_value_samples *s;
    const struct sva_value_samples *r[SVA_MIXTURE_PARENTS];
    double apart; /* sum over the references */
};

/** The matrices fitted. */
struct fitting {
    struct sva_mixture_sums sums;
    struct sided *sided; /* [sums.count] */
};

/** Reads the subject as stored or reordered; references then follow, if they come nearer so. */
static struct sided read_sides(const struct sva_print_tensor *s,
                               const struct sva_print_tensor *const *partners, size_t count,
                               bool reordered)
{
    struct sided sided = {.tensor = s,
                          .s = reordered ? &s->alternative->samples : &s->samples};
    for (size_t k = 0; k < count; k++) {
        const struct sva_print_alternative *other = partners[k]->alternative;
        double apart = sva_mixture_apart(sided.s, &partners[k]->samples);
        sided.r[k] = &partners[k]->samples;
        if (!reordered && other != NULL && sva_mixture_apart(sided.s, &other->samples) < apart) {
            apart = sva_mixture_apart(sided.s, &other->samples);
            sided.r[k] = &other->samples;
        }
        sided.apart += apart;
    }
    return sided;
}

static void add_products(const struct sided *sided, size_t parents,
                         struct sva_mixture_tensor *tensor)
{
    const size_t count = (size_t)sided->s->rows * sided->s->columns;
    tensor->count = (double)count;
    for (size_t i = 0; i < count; i++) {
        const double s = (double)sided->s->values[i];
        double apart[SVA_MIXTURE_PARENTS];
        tensor->energy += s * s;
        for (size_t k = 0; k < parents; k++) {
            apart[k] = (double)sided->r[k]->values[i] - s;
        }
        for (size_t j = 0; j < parents; j++) {
            for (size_t k = 0; k < parents; k++) {
                tensor->products[j][k] += apart[j] * apart[k];
            }
        }
    }
}

/** Adds the subject's tensor where all references have one at its place. */
static void add_tensor(const struct sva_mixture_case *given, const struct sva_print_tensor *s,
                       struct fitting *fitting)
{
    const struct sva_print_tensor *partners[SVA_MIXTURE_PARENTS];
    for (size_t k = 0; k < given->count; k++) {
        partners[k] = sva_mixture_partner(given, k, s);
        if (partners[k] == NULL) {
            return;
        }
    }
    struct sided sided = read_sides(s, partners, given->count, false);
    if (s->alternative != NULL && s->alternative->samples.values != NULL) {
        const struct sided turned = read_sides(s, partners, given->count, true);
        sided = turned.apart < sided.apart ? turned : sided;
    }
    struct sva_mixture_tensor tensor = {.elements = (double)s->element_count};
    if (isfinite(sided.apart)) {
        add_products(&sided, given->count, &tensor);
    }
    if (tensor.energy > 0.0 && isfinite(tensor.energy)) {
        fitting->sided[fitting->sums.count] = sided;
        fitting->sums.tensors[fitting->sums.count++] = tensor;
    }
}

/** The nearest reference alone. */
static double nearest_alone(const struct sva_mixture_sums *sums)
{
    double nearest = NAN;
    for (uint32_t k = 0; k < sums->parents; k++) {
        double c[SVA_MIXTURE_PARENTS] = {0.0};
        c[k] = 1.0;
        const double left = sva_mixture_left(sums, c);
        nearest = nearest <= left ? nearest : left;
    }
    return nearest;
}

/** What the coefficients leave, held against the rounding of the subject. */
static struct sva_mixture_rest rest_of(const struct fitting *fitting, const double *c)
{
    struct sva_mixture_rest rest = {.most = 0.0};
    for (size_t t = 0; t < fitting->sums.count; t++) {
        const struct sided *sided = &fitting->sided[t];
        const struct sva_mixture_sides sides = {sided->tensor, sided->s, sided->r,
                                                fitting->sums.parents};
        sva_mixture_rest_add(&rest, &sides, c);
    }
    return rest;
}

bool sva_mixture_is_little(double rest, double nearest)
{
    return rest <= SVA_MIXTURE_REST_MOST / (1.0 - SVA_MIXTURE_REST_MOST) * fmax(nearest, 0.0);
}

/** Several references: is there a mixture in what is no rounding, surely or perhaps? */
static enum sva_mixture_kind kind_of_several(const struct sva_mixture *mixture,
                                             const struct sva_mixture_rest *rest)
{
    const double left = mixture->unexplained * mixture->unexplained;
    const double gain = mixture->nearest * mixture->nearest - left; /* rounding cancels in it */
    const double most = SVA_MIXTURE_UNEXPLAINED_MOST * SVA_MIXTURE_UNEXPLAINED_MOST;
    const double least_left = left * sva_mixture_beyond_least(rest);
    return left <= most && sva_mixture_is_little(left * sva_mixture_beyond_most(rest), gain)
               ? SVA_MIXTURE_LINEAR
           : least_left <= most && sva_mixture_is_little(least_left, gain) ? SVA_MIXTURE_UNDECIDED
                                                                           : SVA_MIXTURE_OTHER;
}

/** Fills the parents; returns how many are needed. */
static size_t take_parents(const struct sva_mixture_solution *solution, const int32_t *alike,
                           struct sva_mixture *mixture)
{
    size_t needed = 0;
    for (size_t k = 0; k < mixture->parent_count; k++) {
        needed += solution->active[k] ? 1 : 0;
    }
    for (size_t k = 0; k < mixture->parent_count; k++) {
        struct sva_mixture_parent *parent = &mixture->parents[k];
        const bool used = solution->active[k];
        const bool known = used && needed > 1 && isfinite(solution->se[k]);
        parent->state = used             ? SVA_PARENT_NEEDED
                        : alike[k] != -2 ? SVA_PARENT_ALIKE
                                         : SVA_PARENT_UNNEEDED;
        parent->alike = alike[k] >= 0 ? alike[k] : -1;
        parent->coefficient = used ? solution->c[k] : (double)NAN;
        parent->se = known ? solution->se[k] : (double)NAN;
    }
    return needed;
}

static void take_solution(const struct fitting *fitting,
                          const struct sva_mixture_solution *solution, const int32_t *alike,
                          struct sva_mixture *mixture)
{
    const struct sva_mixture_rest rest = rest_of(fitting, solution->c);
    const size_t needed = take_parents(solution, alike, mixture);
    mixture->unexplained = sva_mixture_left(&fitting->sums, solution->c);
    mixture->nearest = nearest_alone(&fitting->sums);
    mixture->rounding = sva_fit_expected(&rest.fit);
    mixture->kind = needed > 1 ? kind_of_several(mixture, &rest)
                    : mixture->unexplained <= SVA_MIXTURE_SINGLE_MOST ? SVA_MIXTURE_SINGLE
                                                                      : SVA_MIXTURE_OTHER;
}

static bool fit_sums(const struct fitting *fitting, struct sva_mixture *mixture)
{
    const struct sva_mixture_sums *sums = &fitting->sums;
    struct sva_mixture_solution solution = {.active = {false}};
    int32_t alike[SVA_MIXTURE_PARENTS];
    mixture->tensor_count = sums->count;
    if (sums->count < SVA_MIXTURE_TENSORS_LEAST) {
        return true;
    }
    sva_mixture_find_alike(sums, alike);
    for (uint32_t k = 0; k < sums->parents; k++) {
        solution.active[k] = alike[k] == -2;
    }
    if (!sva_mixture_solve(sums, &solution)) {
        return false;
    }
    take_solution(fitting, &solution, alike, mixture);
    return true;
}

static bool estimate(struct sva_mixture_case *given, struct sva_mixture *mixture)
{
    struct fitting fitting = {.sums = {.parents = (uint32_t)given->count}};
    bool ok = true;
    fitting.sums.tensors =
        sva_calloc(given->subject->tensor_count, sizeof *fitting.sums.tensors);
    fitting.sided = sva_calloc(given->subject->tensor_count, sizeof *fitting.sided);
    for (size_t k = 0; ok && k < given->count; k++) {
        ok = sva_places_init(&given->places[k], given->references[k]);
    }
    ok = ok && fitting.sums.tensors != NULL && fitting.sided != NULL;
    for (size_t i = 0; ok && i < given->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &given->subject->tensors[i];
        if (tensor->component == given->component && sva_mixture_samples_known(tensor)) {
            add_tensor(given, tensor, &fitting);
        }
    }
    ok = ok && fit_sums(&fitting, mixture);
    ok = ok && (mixture->kind == SVA_MIXTURE_LINEAR ? sva_mixture_by_vectors(given, mixture)
                                                    : sva_mixture_by_layers(given, mixture));
    for (size_t k = 0; k < given->count; k++) {
        sva_places_done(&given->places[k]);
    }
    sva_free(fitting.sums.tensors);
    sva_free(fitting.sided);
    return ok;
}

enum sva_status sva_mixture_estimate(const struct sva_print *subject, uint32_t component,
                                     const struct sva_print *const *references, size_t count,
                                     struct sva_mixture **mixture, struct sva_error *error)
{
    if (count < 2 || count > SVA_MIXTURE_PARENTS || component >= subject->component_count) {
        return sva_fail(error, SVA_ERR_USAGE, "a mixture needs a component and 2 to %d references",
                        (int)SVA_MIXTURE_PARENTS);
    }
    for (size_t k = 0; k < count; k++) {
        if (references[k]->method_version != subject->method_version) {
            return sva_fail(error, SVA_ERR_USAGE,
                            "prints of method versions %u and %u cannot be compared: make them "
                            "again",
                            subject->method_version, references[k]->method_version);
        }
    }
    struct sva_mixture_case given = {
        .subject = subject, .component = component, .references = references, .count = count};
    struct sva_mixture *made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return sva_fail_memory(error, "fitting a mixture");
    }
    *made = (struct sva_mixture){
        .component = component, .parent_count = count, .unexplained = NAN, .nearest = NAN,
        .rounding = NAN};
    for (size_t k = 0; k < count; k++) {
        made->parents[k] = (struct sva_mixture_parent){
            .state = SVA_PARENT_UNNEEDED, .coefficient = NAN, .se = NAN,
            .vector_coefficient = NAN, .vector_se = NAN, .alike = -1};
    }
    if (!estimate(&given, made)) {
        sva_mixture_free(made);
        return sva_fail_memory(error, "fitting a mixture");
    }
    *mixture = made;
    return SVA_OK;
}

void sva_mixture_free(struct sva_mixture *mixture)
{
    if (mixture != NULL) {
        sva_free(mixture->ranges);
        sva_free(mixture);
    }
}

void sva_comparison_take_mixture(struct sva_comparison *comparison,
                                 const struct sva_mixture *mixture, size_t parent)
{
    const bool several =
        mixture->kind == SVA_MIXTURE_LINEAR || mixture->kind == SVA_MIXTURE_PASSTHROUGH;
    struct sva_component_result *result = &comparison->components[mixture->component];
    if (!several || result->answer != SVA_ANSWER_DERIVED ||
        mixture->parents[parent].state != SVA_PARENT_NEEDED) {
        return;
    }
    const bool speaks = comparison->derivation == result->derivation;
    result->derivation = "merged";
    if (speaks && comparison->answer == result->answer) {
        comparison->derivation = result->derivation;
    }
}
