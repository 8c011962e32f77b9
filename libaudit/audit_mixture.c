/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_mixture.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"

/** Prints loaded for this, in the order of the report. */
struct loaded {
    struct sva_opened *sides;       /* [compared_count]; owned */
    const struct sva_print **prints;/* [compared_count]; in sides, or kept */
};

bool sva_answer_depends(enum sva_answer answer)
{
    return answer == SVA_ANSWER_IDENTICAL || answer == SVA_ANSWER_DERIVED ||
           answer == SVA_ANSWER_DEPENDENT_UNEXPLAINED;
}

/** The input that a comparison was made with: they share the reference's name, as a pointer. */
static size_t input_of(const struct sva_mixing *mixing, size_t compared)
{
    size_t index = 0;
    while (index < mixing->inputs->count && mixing->inputs->references[index].reference.name !=
                                                mixing->compared[compared].reference.name) {
        index++;
    }
    return index;
}

static enum sva_status load(struct sva_mixing *mixing, size_t compared, struct loaded *loaded,
                            struct sva_error *error)
{
    const size_t input = input_of(mixing, compared);
    if (loaded->prints[compared] != NULL) {
        return SVA_OK;
    }
    if (input == mixing->inputs->count) {
        return sva_fail(error, SVA_ERR_INTERNAL, "a comparison without its reference");
    }
    if (mixing->kept[input] != NULL) {
        loaded->prints[compared] = mixing->kept[input];
        return SVA_OK;
    }
    const enum sva_status status = sva_inputs_load(mixing->inputs, input, mixing->options,
                                                   &loaded->sides[compared], error);
    loaded->prints[compared] = status == SVA_OK ? loaded->sides[compared].print : NULL;
    return status;
}

/** How far a reference lies, over the weights' size: measured, else what rho amounts to. */
static double distance_of(const struct sva_component_result *result)
{
    return result->answer == SVA_ANSWER_IDENTICAL        ? 0.0
           : isfinite(result->quantisation.distance) ? result->quantisation.distance
           : isfinite(result->rho)                   ? sqrt(2.0 * fmax(1.0 - result->rho, 0.0))
                                                     : (double)INFINITY;
}

/** The references chosen so far, in the report's order. */
struct choice {
    size_t parents[SVA_MIXTURE_PARENTS];
    double distances[SVA_MIXTURE_PARENTS];
    size_t count;      /* chosen */
    size_t candidates; /* that the component depends on */
};

/** Takes a reference; where all places are taken, for the farthest one that is farther. */
static void choose(struct choice *choice, size_t compared, double distance)
{
    size_t place = choice->count;
    choice->candidates++;
    if (place == SVA_MIXTURE_PARENTS) {
        place = 0;
        for (size_t k = 1; k < SVA_MIXTURE_PARENTS; k++) {
            place = choice->distances[k] >= choice->distances[place] ? k : place;
        }
        if (distance >= choice->distances[place]) {
            return;
        }
        for (choice->count--; place < choice->count; place++) {
            choice->parents[place] = choice->parents[place + 1];
            choice->distances[place] = choice->distances[place + 1];
        }
    }
    choice->parents[choice->count] = compared;
    choice->distances[choice->count++] = distance;
}

/** The nearest references that a component depends on. */
static struct choice choose_parents(const struct sva_mixing *mixing, size_t component)
{
    struct choice choice = {.count = 0};
    for (size_t i = 0; i < mixing->compared_count; i++) {
        const struct sva_comparison *comparison = mixing->compared[i].comparison;
        const struct sva_component_result *result = component < comparison->component_count
                                                        ? &comparison->components[component]
                                                        : NULL;
        if (result != NULL && sva_answer_depends(result->answer)) {
            choose(&choice, i, distance_of(result));
        }
    }
    return choice;
}

static enum sva_status mix_component(struct sva_mixing *mixing, uint32_t component,
                                     struct loaded *loaded, struct sva_error *error)
{
    struct sva_audit_mixture *found = &mixing->mixtures[mixing->mixture_count];
    const struct sva_print *prints[SVA_MIXTURE_PARENTS];
    struct sva_mixture *mixture = NULL;
    const struct choice choice = choose_parents(mixing, component);
    const size_t count = choice.count;
    enum sva_status status = SVA_OK;
    memcpy(found->compared, choice.parents, sizeof found->compared);
    found->candidate_count = choice.candidates;
    if (count < 2) {
        return SVA_OK;
    }
    for (size_t k = 0; k < count && status == SVA_OK; k++) {
        status = load(mixing, found->compared[k], loaded, error);
        prints[k] = loaded->prints[found->compared[k]];
    }
    if (status == SVA_OK) {
        status = sva_mixture_estimate(mixing->subject, component, prints, count, &mixture, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    for (size_t k = 0; k < count; k++) {
        sva_comparison_take_mixture(mixing->compared[found->compared[k]].comparison, mixture, k);
    }
    found->mixture = mixture;
    mixing->mixture_count++;
    return SVA_OK;
}

enum sva_status sva_mix(struct sva_mixing *mixing, struct sva_error *error)
{
    struct loaded loaded = {0};
    const size_t components = mixing->subject->component_count;
    loaded.sides = sva_calloc(mixing->compared_count, sizeof *loaded.sides);
    loaded.prints = sva_calloc(mixing->compared_count, sizeof(const struct sva_print *));
    mixing->mixtures = sva_calloc(components, sizeof *mixing->mixtures);
    enum sva_status status =
        loaded.sides != NULL && loaded.prints != NULL && mixing->mixtures != NULL
            ? SVA_OK
            : sva_fail_memory(error, "looking for mixtures");
    for (uint32_t c = 0; c < components && status == SVA_OK; c++) {
        status = mix_component(mixing, c, &loaded, error);
    }
    for (size_t i = 0; loaded.sides != NULL && i < mixing->compared_count; i++) {
        sva_close_side(&loaded.sides[i]);
    }
    sva_free(loaded.sides);
    sva_free((void *)loaded.prints);
    return status;
}

void sva_unmix(struct sva_mixing *mixing)
{
    for (size_t i = 0; i < mixing->mixture_count; i++) {
        sva_mixture_free((struct sva_mixture *)(uintptr_t)mixing->mixtures[i].mixture);
    }
    sva_free(mixing->mixtures);
    mixing->mixtures = NULL;
    mixing->mixture_count = 0;
}
