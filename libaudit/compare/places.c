/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

uint32_t sva_common_keys(const uint64_t *left, uint32_t left_count, const uint64_t *right,
                         uint32_t right_count, uint32_t *left_at, uint32_t *right_at)
{
    uint32_t count = 0;
    for (uint32_t i = 0, j = 0; i < left_count && j < right_count;) {
        const uint64_t a = left[i];
        const uint64_t b = right[j];
        if (a == b) {
            left_at[count] = i;
            right_at[count++] = j;
        }
        i += a <= b ? 1 : 0;
        j += b <= a ? 1 : 0;
    }
    return count;
}

int sva_compare_keys(const int64_t *left, const int64_t *right, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

/** A tensor and what its place is told by: qsort has no context. */
struct entry {
    const struct sva_print_tensor *tensor;
    enum sva_component_kind kind;
    uint32_t index;
};

static int compare_roles(const struct entry *a, const struct entry *b)
{
    const int64_t left[5] = {a->tensor->role, a->kind, a->tensor->layer, a->tensor->expert,
                             a->tensor->bias};
    const int64_t right[5] = {b->tensor->role, b->kind, b->tensor->layer, b->tensor->expert,
                              b->tensor->bias};
    for (int i = 0; i < 5; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

static int compare_index(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int by_role(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    const int order = compare_roles(left, right);
    return order != 0 ? order : compare_index(left->index, right->index);
}

static int by_name(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    const int order = strcmp(left->tensor->name, right->tensor->name);
    return order != 0 ? order : compare_index(left->index, right->index);
}

static struct entry entry_of(const struct sva_print *print, const struct sva_print_tensor *tensor,
                             uint32_t index)
{
    return (struct entry){tensor, print->components[tensor->component].kind, index};
}

static void fill(const struct sva_print *print, bool roles, struct entry *entries, uint32_t *out,
                 size_t *count)
{
    *count = 0;
    for (uint32_t i = 0; i < print->tensor_count; i++) {
        if (!roles || print->tensors[i].role != SVA_ROLE_UNKNOWN) {
            entries[(*count)++] = entry_of(print, &print->tensors[i], i);
        }
    }
    qsort(entries, *count, sizeof *entries, roles ? by_role : by_name);
    for (size_t i = 0; i < *count; i++) {
        out[i] = entries[i].index;
    }
}

bool sva_places_init(struct sva_places *places, const struct sva_print *print)
{
    struct entry *entries = sva_calloc(print->tensor_count, sizeof *entries);
    *places = (struct sva_places){.print = print};
    places->by_name = sva_calloc(print->tensor_count, sizeof *places->by_name);
    places->by_role = sva_calloc(print->tensor_count, sizeof *places->by_role);
    const bool ok = entries != NULL && places->by_name != NULL && places->by_role != NULL;
    if (ok) {
        fill(print, false, entries, places->by_name, &places->name_count);
        fill(print, true, entries, places->by_role, &places->role_count);
    }
    sva_free(entries);
    return ok;
}

void sva_places_done(struct sva_places *places)
{
    sva_free(places->by_name);
    sva_free(places->by_role);
}

int32_t sva_place_of(const struct sva_places *places, const struct sva_print *print,
                     const struct sva_print_tensor *tensor)
{
    const bool known = tensor->role != SVA_ROLE_UNKNOWN;
    const uint32_t *list = known ? places->by_role : places->by_name;
    const size_t count = known ? places->role_count : places->name_count;
    const struct entry wanted = entry_of(print, tensor, 0);
    size_t low = 0;
    size_t high = count;
    int order = 1;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct entry other =
            entry_of(places->print, &places->print->tensors[list[middle]], 0);
        if ((known ? compare_roles(&other, &wanted) : strcmp(other.tensor->name, tensor->name)) <
            0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < count) {
        const struct entry found = entry_of(places->print, &places->print->tensors[list[low]], 0);
        order = known ? compare_roles(&found, &wanted) : strcmp(found.tensor->name, tensor->name);
    }
    return order == 0 ? (int32_t)list[low] : -1;
}
