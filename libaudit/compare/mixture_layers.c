/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of one model, then layers of another: no linear mixture, but each layer has one source. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "compare/mixture.h"
#include "compare/mixture_fit.h"
#include "compare/mixture_rounding.h"

/** Where one layer of the subject comes from. */
struct source {
    uint32_t parent;
    int32_t layer;     /* of that reference */
    double left;       /* square of what is left over the layer's square */
    double other_left; /* of the best layer of any other reference */
    double beyond;     /* share of `left` that is no rounding, at most */
};

/** A matrix of the subject in its layer. */
struct placed {
    int32_t layer;
    uint32_t index;
};

/** Numbers of layers, ascending. */
struct layer_list {
    int32_t *layers;
    size_t count;
};

struct stack {
    const struct sva_mixture_case *given;
    const struct sva_mixture *mixture;
    struct placed
        *tensors; /* of the subject: matrices in layers, without experts; layer by layer */
    size_t tensor_count;
    size_t *first;       /* [layer_count + 1] where a layer begins in `tensors` */
    int32_t layer_count; /* 0: some layer has no such matrix */
    struct layer_list reference_layers[SVA_MIXTURE_PARENTS];
    struct source *sources; /* [layer_count] */
    double *energy;         /* [layer_count] by the number of elements */
};

static bool in_layer(const struct sva_mixture_case *given, const struct sva_print_tensor *tensor)
{
    return tensor->component == given->component && tensor->layer >= 0 && tensor->expert < 0 &&
           sva_mixture_samples_known(tensor);
}

static int by_layer(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;
    return left->layer != right->layer
               ? (left->layer < right->layer ? -1 : 1)
               : (left->index > right->index) - (left->index < right->index);
}

static int by_number(const void *a, const void *b)
{
    const int32_t left = *(const int32_t *)a;
    const int32_t right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/** The layers that have tensors, of components of one kind. Numbers alone tell nothing: prints are
 * foreign. */
static bool list_layers(const struct sva_print *print, enum sva_component_kind kind,
                        struct layer_list *list)
{
    size_t count = 0;
    list->layers = sva_calloc(print->tensor_count, sizeof *list->layers);
    for (size_t i = 0; list->layers != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (print->components[tensor->component].kind == kind && tensor->layer >= 0) {
            list->layers[count++] = tensor->layer;
        }
    }
    if (list->layers != NULL) {
        qsort(list->layers, count, sizeof *list->layers, by_number);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || list->layers[i] != list->layers[i - 1]) {
            list->layers[list->count++] = list->layers[i];
        }
    }
    return list->layers != NULL;
}

/** Lists the subject's matrices, layer by layer; counts the layers if none is without. */
static bool list_matrices(struct stack *stack, const struct layer_list *layers)
{
    const struct sva_print *subject = stack->given->subject;
    stack->tensors = sva_calloc(subject->tensor_count, sizeof *stack->tensors);
    stack->first = sva_calloc(layers->count + 1, sizeof *stack->first);
    if (stack->tensors == NULL || stack->first == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < subject->tensor_count; i++) {
        if (in_layer(stack->given, &subject->tensors[i])) {
            stack->tensors[stack->tensor_count++] = (struct placed){subject->tensors[i].layer, i};
        }
    }
    qsort(stack->tensors, stack->tensor_count, sizeof *stack->tensors, by_layer);
    size_t layer = 0;
    for (size_t i = 0; i < stack->tensor_count; i++) {
        if (i == 0 || stack->tensors[i].layer != stack->tensors[i - 1].layer) {
            if ((size_t)stack->tensors[i].layer != layer) {
                return true; /* numbers that are left out */
            }
            stack->first[layer++] = i;
        }
    }
    stack->first[layer] = stack->tensor_count;
    stack->layer_count = layer == layers->count ? (int32_t)layer : 0;
    return true;
}

static bool stack_init(struct stack *stack)
{
    const struct sva_mixture_case *given = stack->given;
    const enum sva_component_kind kind = given->subject->components[given->component].kind;
    struct layer_list layers = {.count = 0};
    bool ok = list_layers(given->subject, kind, &layers) && list_matrices(stack, &layers);
    sva_free(layers.layers);
    stack->sources = sva_calloc((size_t)stack->layer_count, sizeof *stack->sources);
    stack->energy = sva_calloc((size_t)stack->layer_count, sizeof *stack->energy);
    for (size_t k = 0; ok && k < given->count; k++) {
        ok = list_layers(given->references[k], kind, &stack->reference_layers[k]);
    }
    return ok && stack->sources != NULL && stack->energy != NULL;
}

static void stack_done(struct stack *stack)
{
    for (size_t k = 0; k < SVA_MIXTURE_PARENTS; k++) {
        sva_free(stack->reference_layers[k].layers);
    }
    sva_free(stack->tensors);
    sva_free(stack->first);
    sva_free(stack->sources);
    sva_free(stack->energy);
}

static double energy_of(const struct sva_value_samples *samples)
{
    double sum = 0.0;
    for (size_t i = 0; i < (size_t)samples->rows * samples->columns; i++) {
        sum += (double)samples->values[i] * (double)samples->values[i];
    }
    return sum;
}

/** Samples of both sides in one order. */
struct reading {
    const struct sva_value_samples *s, *r;
    double apart;
};

static void try_reading(struct reading *nearest, const struct sva_value_samples *s,
                        const struct sva_value_samples *r)
{
    const double apart = sva_mixture_apart(s, r);
    if (apart < nearest->apart) {
        *nearest = (struct reading){s, r, apart};
    }
}

/** The reading that brings the two nearest. */
static struct reading read_nearest(const struct sva_print_tensor *s,
                                   const struct sva_print_tensor *r)
{
    struct reading nearest = {&s->samples, &r->samples,
                              sva_mixture_apart(&s->samples, &r->samples)};
    if (s->alternative != NULL) {
        try_reading(&nearest, &s->alternative->samples, &r->samples);
    }
    if (r->alternative != NULL) {
        try_reading(&nearest, &s->samples, &r->alternative->samples);
    }
    return nearest;
}

/** The matrix of reference k that stands in its layer `theirs` as `s` does in its own, or NULL. */
static const struct sva_print_tensor *partner_in(const struct stack *stack,
                                                 const struct sva_print_tensor *s, size_t k,
                                                 int32_t theirs)
{
    struct sva_print_tensor wanted = *s;
    wanted.layer = theirs;
    return s->role == SVA_ROLE_UNKNOWN && theirs != s->layer
               ? NULL
               : sva_mixture_partner(stack->given, k, &wanted);
}

/** What layer `theirs` of reference k leaves of the subject's `layer`; INFINITY: no such layer. */
static double layer_left(struct stack *stack, int32_t layer, size_t k, int32_t theirs)
{
    double left = 0.0;
    double energy = 0.0;
    for (size_t i = stack->first[layer]; i < stack->first[layer + 1]; i++) {
        const struct sva_print_tensor *s = &stack->given->subject->tensors[stack->tensors[i].index];
        const struct sva_print_tensor *r = partner_in(stack, s, k, theirs);
        if (r == NULL) {
            return INFINITY;
        }
        const double weight =
            (double)s->element_count / ((double)s->samples.rows * (double)s->samples.columns);
        left += weight * read_nearest(s, r).apart;
        energy += weight * energy_of(&s->samples);
    }
    stack->energy[layer] = energy;
    return energy > 0.0 ? left / energy : INFINITY;
}

/** The layer of reference k nearest to the subject's; its own number wins where layers are alike.
 */
static double nearest_layer(struct stack *stack, int32_t layer, size_t k, int32_t *nearest)
{
    double least = layer_left(stack, layer, k, layer);
    *nearest = layer;
    for (size_t i = 0; i < stack->reference_layers[k].count; i++) {
        const int32_t theirs = stack->reference_layers[k].layers[i];
        const double left = theirs != layer ? layer_left(stack, layer, k, theirs) : INFINITY;
        if (left < least) {
            least = left;
            *nearest = theirs;
        }
    }
    return least;
}

static struct source find_source(struct stack *stack, int32_t layer)
{
    struct source source = {.layer = -1, .left = INFINITY, .other_left = INFINITY};
    for (uint32_t k = 0; k < stack->given->count; k++) {
        int32_t nearest = -1;
        if (stack->mixture->parents[k].state == SVA_PARENT_ALIKE) {
            continue;
        }
        const double left = nearest_layer(stack, layer, k, &nearest);
        if (left < source.left) {
            source.other_left = source.left;
            source.left = left;
            source.parent = k;
            source.layer = nearest;
        } else {
            source.other_left = fmin(source.other_left, left);
        }
    }
    return source;
}

/** Share of what the source leaves of a layer that is no rounding, at most. */
static double beyond_rounding(const struct stack *stack, int32_t layer, const struct source *source)
{
    struct sva_mixture_rest rest = {.most = 0.0};
    const double whole = 1.0;
    for (size_t i = stack->first[layer]; i < stack->first[layer + 1]; i++) {
        const struct sva_print_tensor *s = &stack->given->subject->tensors[stack->tensors[i].index];
        const struct sva_print_tensor *r = partner_in(stack, s, source->parent, source->layer);
        if (r != NULL) {
            const struct reading reading = read_nearest(s, r);
            const struct sva_mixture_sides sides = {s, reading.s, &reading.r, 1};
            sva_mixture_rest_add(&rest, &sides, &whole);
        }
    }
    return sva_mixture_beyond_most(&rest);
}

/** Is the layer this reference's, and no other's? */
static bool is_clear(const struct source *source)
{
    return source->left <= SVA_MIXTURE_UNEXPLAINED_MOST * SVA_MIXTURE_UNEXPLAINED_MOST &&
           sva_mixture_is_little(source->beyond * source->left, source->other_left - source->left);
}

/** Every layer of the subject has one source; two references at least have layers in it. */
static bool find_sources(struct stack *stack)
{
    bool several = false;
    for (int32_t l = 0; l < stack->layer_count; l++) {
        struct source source = find_source(stack, l);
        if (!isfinite(source.left)) {
            return false;
        }
        source.beyond = beyond_rounding(stack, l, &source);
        if (!is_clear(&source)) {
            return false;
        }
        stack->sources[l] = source;
        several = several || source.parent != stack->sources[0].parent;
    }
    return several;
}

/** Squares that all layers leave, over the weights' squares; of these, what is no rounding. */
static double stack_left(const struct stack *stack, double *beyond)
{
    double left = 0.0;
    double energy = 0.0;
    *beyond = 0.0;
    for (int32_t l = 0; l < stack->layer_count; l++) {
        const double part = stack->energy[l] * stack->sources[l].left;
        left += part;
        *beyond += part * stack->sources[l].beyond;
        energy += stack->energy[l];
    }
    *beyond /= energy;
    return left / energy;
}

/** Do layers leave half of what the fit does, at most? Rounding is the same in both. */
static bool explains_more(const struct stack *stack, double *left)
{
    const double fit = stack->mixture->unexplained * stack->mixture->unexplained;
    double beyond;
    *left = stack_left(stack, &beyond);
    return isnan(fit) || 3.0 * beyond <= fit - *left;
}

static bool write_ranges(const struct stack *stack, struct sva_mixture *mixture)
{
    mixture->ranges = sva_calloc((size_t)stack->layer_count, sizeof *mixture->ranges);
    for (int32_t l = 0; mixture->ranges != NULL && l < stack->layer_count; l++) {
        const struct source *source = &stack->sources[l];
        struct sva_layer_range *range =
            mixture->range_count > 0 ? &mixture->ranges[mixture->range_count - 1] : NULL;
        if (range != NULL && range->parent == source->parent &&
            range->parent_first + (l - range->first) == source->layer) {
            range->last = l;
        } else {
            mixture->ranges[mixture->range_count++] = (struct sva_layer_range){
                .first = l, .last = l, .parent = source->parent, .parent_first = source->layer};
        }
    }
    return mixture->ranges != NULL;
}

static void take_ranges(struct sva_mixture *mixture, double unexplained)
{
    mixture->kind = SVA_MIXTURE_PASSTHROUGH;
    mixture->unexplained = unexplained;
    for (size_t k = 0; k < mixture->parent_count; k++) {
        struct sva_mixture_parent *parent = &mixture->parents[k];
        bool used = false;
        for (size_t i = 0; i < mixture->range_count; i++) {
            used = used || mixture->ranges[i].parent == k;
        }
        parent->state = used                                ? SVA_PARENT_NEEDED
                        : parent->state == SVA_PARENT_ALIKE ? SVA_PARENT_ALIKE
                                                            : SVA_PARENT_UNNEEDED;
        parent->coefficient = NAN;
        parent->se = NAN;
    }
}

bool sva_mixture_by_layers(const struct sva_mixture_case *given, struct sva_mixture *mixture)
{
    struct stack stack = {.given = given, .mixture = mixture};
    bool ok = stack_init(&stack);
    double left = NAN;
    if (ok && stack.layer_count > 1 && find_sources(&stack) && explains_more(&stack, &left)) {
        ok = write_ranges(&stack, mixture);
        if (ok) {
            take_ranges(mixture, sqrt(left));
        }
    }
    stack_done(&stack);
    return ok;
}
