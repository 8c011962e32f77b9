/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A0: the same values under any name, dtype, container or order; also after a cast to 16 bits,
 * and with rows in the other order that converters use. Equal hashes are evidence whatever
 * hypothesis they were found by: of all the readings that could be tried, none gives equal
 * hashes by chance, so that the search costs nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"

enum { HASHES_PER_TENSOR = 6 }; /* value and two roundings, as stored and reordered */

struct hashed_tensor {
    const uint8_t *hash;
    uint32_t index;
    bool rounded, reordered;
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
    if (left->reordered != right->reordered) {
        return left->reordered ? 1 : -1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

/** The reference's hashes, sorted. */
struct hash_table {
    const struct sva_print *print;
    struct hashed_tensor *entries;
    size_t count;
};

static void add_hashes(struct hash_table *table, uint32_t index, bool reordered)
{
    const struct sva_print_tensor *tensor = &table->print->tensors[index];
    const struct sva_print_alternative *other = tensor->alternative;
    const bool rounded_known = reordered ? other->rounded_known : tensor->rounded_known;
    table->entries[table->count++] = (struct hashed_tensor){
        reordered ? other->value_hash : tensor->value_hash, index, false, reordered};
    for (int kind = 0; kind < 2 && rounded_known; kind++) {
        table->entries[table->count++] = (struct hashed_tensor){
            reordered ? other->rounded_hash[kind] : tensor->rounded_hash[kind], index, true,
            reordered};
    }
}

/** Every hash of the reference's evidence-bearing tensors. False: out of memory. */
static bool hash_table_init(struct hash_table *table, const struct sva_print *print)
{
    *table = (struct hash_table){.print = print};
    table->entries = sva_calloc(print->tensor_count, HASHES_PER_TENSOR * sizeof *table->entries);
    for (uint32_t i = 0; table->entries != NULL && i < print->tensor_count; i++) {
        if (sva_bears_evidence(&print->tensors[i]) && !print->tensors[i].sampled) {
            add_hashes(table, i, false);
            if (print->tensors[i].alternative != NULL) {
                add_hashes(table, i, true);
            }
        }
    }
    if (table->entries != NULL) {
        qsort(table->entries, table->count, sizeof *table->entries, by_hash);
    }
    return table->entries != NULL;
}

/** First entry with this hash, or `count`. */
static size_t find(const struct hash_table *table, const uint8_t *hash)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(table->entries[middle].hash, hash, SVA_DIGEST_BYTES) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < table->count && memcmp(table->entries[low].hash, hash, SVA_DIGEST_BYTES) == 0
               ? low
               : table->count;
}

/**
 * Of several entries with this hash, the one with the subject's name, else the first. A subject
 * that is itself reordered meets the reference as stored only.
 */
static const struct hashed_tensor *choose(const struct hash_table *table, const uint8_t *hash,
                                          const char *name, bool reordered)
{
    const size_t first = find(table, hash);
    const struct hashed_tensor *chosen = NULL;
    for (size_t i = first;
         i < table->count && memcmp(table->entries[i].hash, hash, SVA_DIGEST_BYTES) == 0; i++) {
        const struct hashed_tensor *entry = &table->entries[i];
        if (reordered && entry->reordered) {
            continue;
        }
        if (chosen != NULL &&
            (entry->rounded != chosen->rounded || entry->reordered != chosen->reordered)) {
            break;
        }
        if (strcmp(table->print->tensors[entry->index].name, name) == 0) {
            return entry;
        }
        chosen = chosen == NULL ? entry : chosen;
    }
    return chosen;
}

/** How a subject tensor was found in the table. */
struct hit {
    const struct hashed_tensor *entry; /* NULL: not found */
    bool rounded;
};

/** Equal values first; then one side rounded: two wide tensors equal only to 16 bits are no copy.
 */
static struct hit look_up(const struct hash_table *table, const struct sva_print_tensor *tensor,
                          bool reordered)
{
    const struct sva_print_alternative *other = tensor->alternative;
    const bool rounded_known = reordered ? other->rounded_known : tensor->rounded_known;
    struct hit hit = {0};
    hit.entry =
        choose(table, reordered ? other->value_hash : tensor->value_hash, tensor->name, reordered);
    hit.rounded = hit.entry != NULL && hit.entry->rounded;
    for (int kind = 0; kind < 2 && hit.entry == NULL && rounded_known; kind++) {
        const struct hashed_tensor *entry =
            choose(table, reordered ? other->rounded_hash[kind] : tensor->rounded_hash[kind],
                   tensor->name, reordered);
        if (entry != NULL && !entry->rounded) {
            hit = (struct hit){entry, true};
        }
    }
    return hit;
}

bool sva_find_identical(struct sva_pair *pair)
{
    struct hash_table table;
    if (!hash_table_init(&table, pair->reference)) {
        return false;
    }
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        if (!sva_bears_evidence(tensor) || tensor->sampled) {
            continue; /* of a tensor that was read in part there is no value hash */
        }
        struct hit hit = look_up(&table, tensor, false);
        bool reordered = false;
        if (tensor->alternative != NULL && (hit.entry == NULL || hit.rounded)) {
            const struct hit second = look_up(&table, tensor, true);
            reordered = second.entry != NULL && (hit.entry == NULL || !second.rounded);
            hit = reordered ? second : hit;
        }
        if (hit.entry != NULL) {
            pair->identical[i] = (int32_t)hit.entry->index;
            pair->rounded[i] = hit.rounded;
            pair->identical_reading[i] = reordered              ? SVA_READ_SUBJECT_REORDERED
                                         : hit.entry->reordered ? SVA_READ_REFERENCE_REORDERED
                                                                : SVA_READ_AS_STORED;
        }
    }
    sva_free(table.entries);
    return true;
}
