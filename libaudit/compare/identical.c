/* SPDX-License-Identifier: Apache-2.0 */
/* A0: the same values under any name, dtype, container or order. */
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"

struct hashed_tensor {
    const uint8_t *hash;
    uint32_t index;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed_tensor *left = a;
    const struct hashed_tensor *right = b;
    const int order = memcmp(left->hash, right->hash, SVA_DIGEST_BYTES);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/** First entry with this hash, or NULL. */
static const struct hashed_tensor *find(const struct hashed_tensor *table, size_t count,
                                        const uint8_t *hash)
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
    return low < count && memcmp(table[low].hash, hash, SVA_DIGEST_BYTES) == 0 ? &table[low] : NULL;
}

bool sva_find_identical(struct sva_pair *pair)
{
    const struct sva_print *r = pair->reference;
    struct hashed_tensor *table = sva_calloc(r->tensor_count, sizeof *table);
    size_t count = 0;
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < r->tensor_count; i++) {
        if (sva_bears_evidence(&r->tensors[i])) {
            table[count++] = (struct hashed_tensor){r->tensors[i].value_hash, (uint32_t)i};
        }
    }
    qsort(table, count, sizeof *table, by_hash);
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        const struct hashed_tensor *hit =
            sva_bears_evidence(tensor) ? find(table, count, tensor->value_hash) : NULL;
        pair->identical[i] = hit == NULL ? -1 : (int32_t)hit->index;
        /* of several equal tensors prefer the one of the same name */
        for (const struct hashed_tensor *next = hit;
             next != NULL && next < table + count &&
             memcmp(next->hash, tensor->value_hash, SVA_DIGEST_BYTES) == 0;
             next++) {
            if (strcmp(r->tensors[next->index].name, tensor->name) == 0) {
                pair->identical[i] = (int32_t)next->index;
                break;
            }
        }
    }
    sva_free(table);
    return true;
}
