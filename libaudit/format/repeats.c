/* SPDX-License-Identifier: Apache-2.0 */
#include "format/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* The hash only makes sorting fast; equal hashes are told apart by the texts. */
static int compare_texts(const struct sva_named *a, const struct sva_named *b)
{
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    if (a->size != b->size) {
        return a->size < b->size ? -1 : 1;
    }
    return memcmp(a->text, b->text, a->size);
}

static int compare_items(const void *left, const void *right)
{
    const struct sva_named *const a = left;
    const struct sva_named *const b = right;
    const int order = compare_texts(a, b);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

uint64_t sva_repeats_count(struct sva_named *items, size_t count, struct sva_named *first)
{
    for (size_t i = 0; i < count; i++) {
        items[i].hash = sva_xxh3(items[i].text, items[i].size, 0);
    }
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_items);
    }
    uint64_t repeats = 0;
    for (size_t i = 1; i < count; i++) {
        if (compare_texts(&items[i - 1], &items[i]) == 0) {
            if (repeats++ == 0 || items[i].at < first->at) {
                *first = items[i];
            }
        }
    }
    return repeats;
}
