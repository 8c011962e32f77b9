/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/axis_partners.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct sva_shape_entry shape_of(const struct sva_print_tensor *tensor, uint32_t index)
{
    const uint64_t *n = tensor->n;
    return (struct sva_shape_entry){
        n[0] < n[1] ? n[0] : n[1], n[0] < n[1] ? n[1] : n[0], n[2], index};
}

static int compare_shape(const struct sva_shape_entry *a, const struct sva_shape_entry *b)
{
    if (a->low != b->low) {
        return a->low < b->low ? -1 : 1;
    }
    if (a->high != b->high) {
        return a->high < b->high ? -1 : 1;
    }
    return (a->kernel > b->kernel) - (a->kernel < b->kernel);
}

static int by_shape(const void *a, const void *b)
{
    const struct sva_shape_entry *left = a;
    const struct sva_shape_entry *right = b;
    const int order = compare_shape(left, right);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

bool sva_is_matrix(const struct sva_print_tensor *tensor)
{
    return tensor->axis[0].kept > 0 || tensor->axis[1].kept > 0;
}

bool sva_shapes_init(struct sva_shapes *shapes, const struct sva_print *print)
{
    *shapes = (struct sva_shapes){
        .entries = sva_calloc(print->tensor_count, sizeof *shapes->entries)};
    if (shapes->entries == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (sva_bears_evidence(tensor) && sva_is_matrix(tensor)) {
            shapes->entries[shapes->count++] = shape_of(tensor, i);
        }
    }
    qsort(shapes->entries, shapes->count, sizeof *shapes->entries, by_shape);
    return true;
}

void sva_shapes_done(struct sva_shapes *shapes)
{
    sva_free(shapes->entries);
    *shapes = (struct sva_shapes){.entries = NULL};
}

static size_t first_of_shape(const struct sva_shapes *shapes, const struct sva_shape_entry *shape)
{
    size_t low = 0;
    size_t high = shapes->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_shape(&shapes->entries[middle], shape) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t sva_shapes_like(const struct sva_shapes *shapes, const struct sva_print_tensor *tensor)
{
    const struct sva_shape_entry shape = shape_of(tensor, 0);
    const size_t first = first_of_shape(shapes, &shape);
    size_t end = first;
    while (end < shapes->count && compare_shape(&shapes->entries[end], &shape) == 0) {
        end++;
    }
    return end - first;
}

static bool same_place(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    return a->role == b->role && a->layer == b->layer;
}

bool sva_same_name(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    return strcmp(a->name, b->name) == 0 ||
           (a->role != SVA_ROLE_UNKNOWN && same_place(a, b) && a->expert == b->expert &&
            a->bias == b->bias);
}

/** Scores one pair under one hypothesis and keeps it when it is the best so far. */
static bool try_partner(struct sva_pair *pair, uint32_t index, uint32_t candidate,
                        const struct sva_tensor_pair *tensors, struct sva_partner_search *search)
{
    double score;
    if (!sva_quick_score(pair, tensors, &score)) {
        return false;
    }
    if (score > -INFINITY) {
        search->looked_at++;
        search->named += sva_same_name(tensors->s, tensors->r) ? 1 : 0;
    }
    if (score > search->score) {
        search->score = score;
        pair->best[index] = (int32_t)candidate;
        pair->best_swapped[index] = tensors->swapped;
        pair->best_reading[index] = tensors->reading;
    }
    return true;
}

bool sva_find_partner(struct sva_pair *pair, const struct sva_shapes *shapes, bool roles_only,
                      uint32_t index, struct sva_partner_search *search)
{
    const struct sva_print_tensor *s = &pair->subject->tensors[index];
    const struct sva_shape_entry shape = shape_of(s, index);
    *search = (struct sva_partner_search){.score = -INFINITY};
    for (size_t i = first_of_shape(shapes, &shape);
         i < shapes->count && compare_shape(&shapes->entries[i], &shape) == 0; i++) {
        const uint32_t candidate = shapes->entries[i].index;
        const struct sva_print_tensor *r = &pair->reference->tensors[candidate];
        if (roles_only && !same_place(s, r)) {
            continue;
        }
        const struct sva_tensor_pair swapped = {.s = s, .r = r, .swapped = true};
        for (int reading = 0; s->n[0] == r->n[0] && reading < SVA_READINGS; reading++) {
            const struct sva_tensor_pair tensors = {
                .s = s, .r = r, .reading = (enum sva_reading)reading};
            if (sva_reading_applies(tensors.reading, s, r) &&
                !try_partner(pair, index, candidate, &tensors, search)) {
                return false;
            }
        }
        if (s->n[0] == r->n[1] && !try_partner(pair, index, candidate, &swapped, search)) {
            return false;
        }
    }
    return true;
}
