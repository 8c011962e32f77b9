/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/numberings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/places.h"

/** Resemblance (z) of two numberings of one model from which on they count as one. */
static const double TIED_SCORE = 8.0;

int sva_compare_numbered(const void *a, const void *b)
{
    const struct sva_numbered *one = a;
    const struct sva_numbered *other = b;
    const int64_t left[3] = {one->layer, one->expert, one->shared};
    const int64_t right[3] = {other->layer, other->expert, other->shared};
    return sva_compare_keys(left, right, 3);
}

int sva_mlp_part(enum sva_role role, bool *shared)
{
    *shared = role >= SVA_ROLE_SHARED_GATE && role <= SVA_ROLE_SHARED_DOWN;
    switch (role) {
    case SVA_ROLE_FFN_GATE:
    case SVA_ROLE_SHARED_GATE: return SVA_MLP_GATE;
    case SVA_ROLE_FFN_UP:
    case SVA_ROLE_SHARED_UP: return SVA_MLP_UP;
    case SVA_ROLE_FFN_DOWN:
    case SVA_ROLE_SHARED_DOWN: return SVA_MLP_DOWN;
    default: return -1;
    }
}

/** Rows of one axis from `first` on, as part `part`. Ignores what does not fit the parts already there. */
static void add_part(struct sva_numbered *set, int part, const struct sva_print_tensor *tensor,
                     int axis, uint32_t first, uint32_t units)
{
    const struct sva_axis_sketch *sketch = &tensor->axis[axis];
    if ((set->units == 0 || set->units == units) && first + units <= sketch->kept) {
        set->units = units;
        set->parts[part] = (struct sva_numbered_part){
            sketch->values + (size_t)first * sketch->features, sketch->features, sketch->length,
            tensor->n[1 - axis]};
    }
}

static bool is_usable(const struct sva_print_tensor *tensor, int axis, enum sva_axis_kind kind)
{
    return tensor->layer >= 0 && !tensor->bias && sva_bears_evidence(tensor) &&
           tensor->axis_kind[axis] == kind && tensor->axis[axis].kept > 0;
}

/** The neurons of one MLP tensor; false: it has none to test. */
static bool take_neurons(const struct sva_print_tensor *tensor, struct sva_numbered *set)
{
    const int part = sva_mlp_part(tensor->role, &set->shared);
    const int axis = part == SVA_MLP_DOWN ? 1 : 0;
    if (part < 0 || tensor->expert >= SVA_NUMBERING_EXPERTS ||
        !is_usable(tensor, axis, SVA_AXIS_NEURON)) {
        return false;
    }
    set->expert = tensor->expert;
    add_part(set, part, tensor, axis, 0, tensor->axis[axis].kept);
    return set->units > 0;
}

enum { GROUPS_MOST = 4096 };

/** Groups that routing chooses among before experts; experts change places within one only. */
static uint32_t expert_groups(const struct sva_print *print)
{
    for (size_t i = 0; i < print->fact_count; i++) {
        const char *end = strrchr(print->facts[i].key, '.');
        if (end != NULL && strcmp(end, ".n_group") == 0) {
            const long groups = strtol(print->facts[i].value, NULL, 10);
            return groups > 1 && groups <= GROUPS_MOST ? (uint32_t)groups : 1;
        }
    }
    return 1;
}

/** Group number `group` of a router's experts. */
static bool take_experts(const struct sva_print_tensor *tensor, uint32_t groups, uint32_t group,
                         struct sva_numbered *set)
{
    const uint32_t experts = tensor->axis[0].kept;
    if (tensor->role != SVA_ROLE_ROUTER || !is_usable(tensor, 0, SVA_AXIS_EXPERT) ||
        experts != tensor->n[0] || experts % groups != 0) {
        return false;
    }
    set->expert = (int32_t)group;
    add_part(set, 0, tensor, 0, group * (experts / groups), experts / groups);
    return set->units > 0;
}

/**
 * Head number `head` of a value or output projection: V's rows of that head, or O's columns of query
 * head `head`, which count among the parts of the key-value head it reads.
 */
static bool take_head(const struct sva_print_component *component,
                      const struct sva_print_tensor *tensor, uint32_t head, struct sva_numbered *set)
{
    const bool value = tensor->role == SVA_ROLE_ATTN_V;
    const uint32_t heads = value ? component->kv_head_count : component->head_count;
    const uint32_t readers = component->head_count / component->kv_head_count;
    const uint32_t width = component->head_width;
    const int axis = value ? 0 : 1;
    if (head >= heads || tensor->n[axis] != (uint64_t)heads * width ||
        (uint64_t)(head + 1) * width > tensor->axis[axis].kept ||
        (!value && head % readers >= SVA_NUMBERING_PARTS - 1)) {
        return false;
    }
    set->expert = (int32_t)(value ? head : head / readers);
    add_part(set, value ? 0 : 1 + (int)(head % readers), tensor, axis, head * width, width);
    return set->units > 0;
}

static bool has_heads(const struct sva_print_component *component,
                      const struct sva_print_tensor *tensor)
{
    return component->head_width >= 4 && component->kv_head_count > 0 &&
           ((tensor->role == SVA_ROLE_ATTN_V && is_usable(tensor, 0, SVA_AXIS_VALUE)) ||
            (tensor->role == SVA_ROLE_ATTN_OUT && is_usable(tensor, 1, SVA_AXIS_VALUE)));
}

/** Sets made of single tensors, then joined by place. */
struct set_list {
    struct sva_numbered *sets;
    size_t count, capacity;
    bool failed;
};

static void append(struct set_list *list, const struct sva_numbered *set)
{
    if (list->count == list->capacity && !list->failed) {
        const size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        struct sva_numbered *grown = sva_realloc_array(list->sets, capacity, sizeof *grown);
        list->failed = grown == NULL;
        list->sets = grown != NULL ? grown : list->sets;
        list->capacity = grown != NULL ? capacity : list->capacity;
    }
    if (!list->failed) {
        list->sets[list->count++] = *set;
    }
}

/** How many numberings of a kind one tensor may hold. */
static uint32_t numberings_of(const struct sva_print *print, const struct sva_print_tensor *tensor,
                              enum sva_numbering_kind kind)
{
    const struct sva_print_component *component = &print->components[tensor->component];
    const uint32_t kept = tensor->axis[tensor->role == SVA_ROLE_ATTN_V ? 0 : 1].kept;
    switch (kind) {
    case SVA_NUMBERS_VALUES: return has_heads(component, tensor) ? kept / component->head_width : 0;
    case SVA_NUMBERS_EXPERTS: return tensor->role == SVA_ROLE_ROUTER ? expert_groups(print) : 0;
    default: return 1;
    }
}

static void take_tensor(const struct sva_print *print, const struct sva_print_tensor *tensor,
                        enum sva_numbering_kind kind, struct set_list *list)
{
    const uint32_t most = numberings_of(print, tensor, kind);
    for (uint32_t i = 0; i < most; i++) {
        struct sva_numbered set = {.layer = tensor->layer, .expert = -1};
        const bool taken =
            kind == SVA_NUMBERS_NEURONS   ? take_neurons(tensor, &set)
            : kind == SVA_NUMBERS_EXPERTS ? take_experts(tensor, most, i, &set)
                                          : take_head(&print->components[tensor->component], tensor,
                                                      i, &set);
        if (taken) {
            append(list, &set);
        }
    }
}

/** Adds the parts of `more` that `set` lacks. */
static void join(struct sva_numbered *set, const struct sva_numbered *more)
{
    for (int part = 0; part < SVA_NUMBERING_PARTS; part++) {
        if (set->parts[part].values == NULL && set->units == more->units) {
            set->parts[part] = more->parts[part];
        }
    }
}

struct sva_numbered *sva_list_numbered(const struct sva_print *print, uint32_t component,
                                       enum sva_numbering_kind kind, size_t *count)
{
    struct set_list list = {.sets = sva_calloc(1, sizeof *list.sets), .capacity = 1};
    list.failed = list.sets == NULL;
    for (size_t i = 0; i < print->tensor_count; i++) {
        if (print->tensors[i].component == component) {
            take_tensor(print, &print->tensors[i], kind, &list);
        }
    }
    *count = 0;
    if (list.failed) {
        sva_free(list.sets);
        return NULL;
    }
    qsort(list.sets, list.count, sizeof *list.sets, sva_compare_numbered);
    for (size_t i = 0; i < list.count; i++) {
        if (*count > 0 && sva_compare_numbered(&list.sets[*count - 1], &list.sets[i]) == 0) {
            join(&list.sets[*count - 1], &list.sets[i]);
        } else {
            list.sets[(*count)++] = list.sets[i];
        }
    }
    return list.sets;
}

struct sva_numbered_pair sva_lay_beside(const struct sva_numbered *subject,
                                        const struct sva_numbered *reference)
{
    struct sva_numbered_pair pair = {.subject = subject, .reference = reference};
    for (int i = 0; i < SVA_NUMBERING_PARTS && subject->units == reference->units; i++) {
        const struct sva_numbered_part *s = &subject->parts[i];
        const struct sva_numbered_part *r = &reference->parts[i];
        if (s->values != NULL && r->values != NULL && s->features == r->features &&
            s->length == r->length && s->across == r->across) {
            pair.features[pair.feature_count++] =
                (struct sva_feature_pair){s->values, r->values, s->features, NULL, NULL};
        }
    }
    return pair;
}

bool sva_are_tied(const struct sva_numbered *a, const struct sva_numbered *b)
{
    const struct sva_numbered_pair pair = sva_lay_beside(a, b);
    double score = 0.0;
    double features = 0.0;
    for (size_t i = 0; i < pair.feature_count; i++) {
        score += sva_quick_similarity(&pair.features[i], a->units) * pair.features[i].features;
        features += pair.features[i].features;
    }
    return features > 0.0 && score * sqrt((double)a->units) > TIED_SCORE * sqrt(features);
}
