/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/stems.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *sva_last_part(const char *name)
{
    const char *part = name;
    for (const char *at = name; *at != '\0'; at++) {
        part = *at == '.' || *at == '/' ? at + 1 : part;
    }
    return part;
}

size_t sva_stem_bytes(const char *name)
{
    return (size_t)(sva_last_part(name) - name);
}

/** What is looked for: a stem alone (`part` NULL), or a name in two pieces. */
struct wanted {
    const char *stem;
    size_t bytes;
    const char *part;
};

/** A tensor while it is sorted: qsort has no context. */
struct entry {
    const char *name;
    size_t stem;
    uint32_t index;
};

static int compare_stems(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    const int order = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static int by_index(const struct entry *a, const struct entry *b)
{
    return (a->index > b->index) - (a->index < b->index);
}

static int by_stem(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    const int order = compare_stems(left->name, left->stem, right->name, right->stem);
    return order != 0 ? order : by_index(left, right);
}

static int by_name(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    const int order = strcmp(left->name, right->name);
    return order != 0 ? order : by_index(left, right);
}

bool sva_stems_init(struct sva_stems *stems, const struct sva_print *print)
{
    static int (*const orders[2])(const void *, const void *) = {by_stem, by_name};
    const size_t count = print->tensor_count;
    struct entry *entries = sva_calloc(count, sizeof *entries);
    *stems = (struct sva_stems){.print = print,
                                .by_stem = sva_calloc(count, sizeof *stems->by_stem),
                                .by_name = sva_calloc(count, sizeof *stems->by_name)};
    uint32_t *const lists[2] = {stems->by_stem, stems->by_name};
    const bool ok = entries != NULL && lists[0] != NULL && lists[1] != NULL;
    for (uint32_t i = 0; ok && i < count; i++) {
        const char *const name = print->tensors[i].name;
        entries[i] = (struct entry){name, sva_stem_bytes(name), i};
    }
    for (int order = 0; ok && order < 2; order++) {
        qsort(entries, count, sizeof *entries, orders[order]);
        for (size_t i = 0; i < count; i++) {
            lists[order][i] = entries[i].index;
        }
    }
    sva_free(entries);
    return ok;
}

void sva_stems_done(struct sva_stems *stems)
{
    sva_free(stems->by_stem);
    sva_free(stems->by_name);
}

/** Order of a tensor's name and what is wanted, in the list that is searched. */
static int compare_wanted(const char *name, const struct wanted *wanted)
{
    if (wanted->part == NULL) {
        return compare_stems(name, sva_stem_bytes(name), wanted->stem, wanted->bytes);
    }
    const int order = strncmp(name, wanted->stem, wanted->bytes);
    return order != 0 ? order : strcmp(name + wanted->bytes, wanted->part);
}

/** First place in a list whose name is not before what is wanted, or (`behind`) is behind it. */
static size_t bisect(const struct sva_print *print, const uint32_t *list,
                     const struct wanted *wanted, bool behind)
{
    size_t low = 0;
    size_t high = print->tensor_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_wanted(print->tensors[list[middle]].name, wanted);
        if (order < 0 || (behind && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct sva_stem_run run_of(const struct sva_print *print, const uint32_t *list,
                                  const struct wanted *wanted)
{
    const size_t first = bisect(print, list, wanted, false);
    return (struct sva_stem_run){list + first, bisect(print, list, wanted, true) - first};
}

struct sva_stem_run sva_same_stem(const struct sva_stems *stems, const char *name)
{
    const struct wanted wanted = {name, sva_stem_bytes(name), NULL};
    return run_of(stems->print, stems->by_stem, &wanted);
}

struct sva_stem_run sva_named(const struct sva_stems *stems, const char *before, size_t stem,
                              const char *part)
{
    const struct wanted wanted = {before, stem, part};
    return run_of(stems->print, stems->by_name, &wanted);
}
