/* SPDX-License-Identifier: Apache-2.0 */
/* A0: the same values under any name, dtype, container or order; also after a cast to 16 bits. */
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"

struct hashed_tensor {
    const uint8_t *hash;
    uint32_t index;
    bool rounded;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed_tensor *left = a;
    const struct hashed_tensor *right = b;
    const int order = memcmp(left->hash, right->hash, SVA_DIGEST_BYTES);
    if (order != 0) {
        return order;
    }
    if (left->rounded != right->rounded) {
        return left->rounded ? 1 : -1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

/** First entry with this hash, or `count`. */
static size_t find(const struct hashed_tensor *table, size_t count, const uint8_t *hash)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(table[middle].hash, hash, SVA_DIGEST_BYTES) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && memcmp(table[low].hash, hash, SVA_DIGEST_BYTES) == 0 ? low : count;
}

/** Every hash of the reference's evidence-bearing tensors, sorted. NULL: out of memory. */
static struct hashed_tensor *hash_table(const struct sva_print *print, size_t *count)
{
    struct hashed_tensor *table = sva_calloc(3 * print->tensor_count, sizeof *table);
    *count = 0;
    for (uint32_t i = 0; table != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (!sva_bears_evidence(tensor)) {
            continue;
        }
        table[(*count)++] = (struct hashed_tensor){tensor->value_hash, i, false};
        for (int kind = 0; kind < 2 && tensor->rounded_known; kind++) {
            table[(*count)++] = (struct hashed_tensor){tensor->rounded_hash[kind], i, true};
        }
    }
    if (table != NULL) {
        qsort(table, *count, sizeof *table, by_hash);
    }
    return table;
}

/** Of several tensors with this hash, the one with the subject's name, else the first. */
static const struct hashed_tensor *choose(const struct sva_print *reference,
                                          const struct hashed_tensor *table, size_t count,
                                          const uint8_t *hash, const char *name)
{
    const size_t first = find(table, count, hash);
    if (first == count) {
        return NULL;
    }
    for (size_t i = first;
         i < count && memcmp(table[i].hash, hash, SVA_DIGEST_BYTES) == 0; i++) {
        if (table[i].rounded == table[first].rounded &&
            strcmp(reference->tensors[table[i].index].name, name) == 0) {
            return &table[i];
        }
    }
    return &table[first];
}

bool sva_find_identical(struct sva_pair *pair)
{
    size_t count;
    struct hashed_tensor *table = hash_table(pair->reference, &count);
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        if (!sva_bears_evidence(tensor)) {
            continue;
        }
        const struct hashed_tensor *hit =
            choose(pair->reference, table, count, tensor->value_hash, tensor->name);
        bool rounded = hit != NULL && hit->rounded;
        for (int kind = 0; kind < 2 && hit == NULL && tensor->rounded_known; kind++) {
            hit = choose(pair->reference, table, count, tensor->rounded_hash[kind], tensor->name);
            /* both rounded: two wide tensors that agree only to 16 bits are no copy of values */
            hit = hit != NULL && hit->rounded ? NULL : hit;
            rounded = true;
        }
        if (hit != NULL) {
            pair->identical[i] = (int32_t)hit->index;
            pair->rounded[i] = rounded;
        }
    }
    sva_free(table);
    return true;
}
