/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/open_equality.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/** A reference tensor by what it could equal. */
struct candidate {
    uint64_t n[3];
    uint64_t samples; /* hash of the sampled values; 0: none */
    bool sampled;
};

static struct candidate candidate_of(const struct sva_print_tensor *tensor)
{
    const size_t count = (size_t)tensor->samples.rows * tensor->samples.columns;
    struct candidate made = {.sampled = tensor->sampled};
    memcpy(made.n, tensor->n, sizeof made.n);
    if (count > 0 && tensor->samples.values != NULL) {
        made.samples = sva_xxh3(tensor->samples.values, count * sizeof(float), count) | 1u;
    }
    return made;
}

static int by_shape(const void *a, const void *b)
{
    return memcmp(((const struct candidate *)a)->n, ((const struct candidate *)b)->n,
                  sizeof((const struct candidate *)a)->n);
}

/** First of the candidates that has the shape or comes after it. */
static size_t first_of_shape(const struct candidate *list, size_t count,
                             const struct candidate *wanted)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (by_shape(&list[middle], wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool may_equal(const struct candidate *one, const struct candidate *other)
{
    return (one->sampled || other->sampled) &&
           (one->samples == 0 || other->samples == 0 || one->samples == other->samples);
}

bool sva_equality_is_open(const struct sva_pair *pair, uint32_t component, bool *open)
{
    const struct sva_print *const reference = pair->reference;
    size_t count = 0;
    *open = false;
    if (!pair->subject->reading.quick && !reference->reading.quick) {
        return true;
    }
    struct candidate *list = sva_calloc(reference->tensor_count, sizeof *list);
    for (size_t i = 0; list != NULL && i < reference->tensor_count; i++) {
        if (sva_bears_evidence(&reference->tensors[i])) {
            list[count++] = candidate_of(&reference->tensors[i]);
        }
    }
    if (count > 0) {
        qsort(list, count, sizeof *list, by_shape);
    }
    for (size_t i = 0; count > 0 && i < pair->subject->tensor_count && !*open; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        if (tensor->component != component || !sva_bears_evidence(tensor) ||
            pair->identical[i] >= 0) {
            continue;
        }
        const struct candidate one = candidate_of(tensor);
        for (size_t k = first_of_shape(list, count, &one);
             k < count && by_shape(&list[k], &one) == 0 && !*open; k++) {
            *open = may_equal(&one, &list[k]);
        }
    }
    const bool ok = list != NULL;
    sva_free(list);
    return ok;
}
