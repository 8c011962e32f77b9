/* SPDX-License-Identifier: Apache-2.0 */
/* The annex of a report: which tensors agree, with which, and what was undone to see it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"

static const char TRANSPOSED[] = "stored transposed";

/** What lies between the two stored tensors; NULL: nothing. Borrowed from the prints or static. */
static const char *what_was_undone(const struct sva_pair *pair, uint32_t index, uint32_t other)
{
    const struct sva_print_tensor *s = &pair->subject->tensors[index];
    const struct sva_print_tensor *r = &pair->reference->tensors[other];
    const bool same = pair->identical[index] >= 0;
    const enum sva_reading reading =
        same ? pair->identical_reading[index] : pair->best_reading[index];
    if (pair->undone[index] != NULL) {
        return pair->undone[index];
    }
    if (reading != SVA_READ_AS_STORED) {
        const struct sva_print_alternative *read = reading == SVA_READ_SUBJECT_REORDERED
                                                       ? sva_subject_reordered(reading, s)
                                                       : sva_reference_reordered(reading, r);
        return read->name;
    }
    if (!same && pair->best_swapped[index]) {
        return TRANSPOSED;
    }
    if (s->transform != NULL && r->transform != NULL && strcmp(s->transform, r->transform) == 0) {
        return NULL; /* both are stored so */
    }
    return s->transform != NULL ? s->transform : r->transform;
}

const struct sva_value_pair *sva_value_pair_of(const struct sva_component_evidence *evidence,
                                               uint32_t subject)
{
    size_t low = 0;
    size_t high = evidence->value_pair_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (evidence->value_pairs[middle].subject < subject) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < evidence->value_pair_count && evidence->value_pairs[low].subject == subject
               ? &evidence->value_pairs[low]
               : NULL;
}

void sva_match_values(struct sva_tensor_match *match, const struct sva_value_pair *values)
{
    match->distance = NAN;
    match->expected = NAN;
    match->within_half_step = NAN;
    match->largest_difference = NAN;
    match->exact_format = NULL;
    if (values != NULL && values->compared &&
        (uint32_t)values->reference == match->reference_tensor) {
        match->exact_format = values->exact_format;
        match->distance = sva_fit_distance(&values->fit);
        match->expected = sva_fit_expected(&values->fit);
        match->within_half_step = sva_fit_within(&values->fit);
        match->largest_difference = values->fit.largest;
    }
}

static bool fill_match(const struct sva_pair *pair, const struct sva_component_evidence *evidence,
                       uint32_t index, struct sva_arena *arena, struct sva_tensor_match *match)
{
    const bool same = pair->identical[index] >= 0;
    const uint32_t other = (uint32_t)(same ? pair->identical[index] : pair->best[index]);
    const char *undone = what_was_undone(pair, index, other);
    *match = (struct sva_tensor_match){
        .subject_tensor = index,
        .reference_tensor = other,
        .subject_name = sva_arena_strdup(arena, pair->subject->tensors[index].name),
        .reference_name = sva_arena_strdup(arena, pair->reference->tensors[other].name),
        .same_values = same && !pair->rounded[index],
        .rho = pair->best_rho[index],
        .z = pair->best_z[index],
        .log10_p = pair->best_log10_p[index],
        .shared_row_share = pair->shared_rows[index],
        .transform = undone != NULL ? sva_arena_strdup(arena, undone) : NULL};
    sva_match_values(match, sva_value_pair_of(evidence, index));
    return match->subject_name != NULL && match->reference_name != NULL &&
           (undone == NULL || match->transform != NULL);
}

/** By name, so that the order does not follow the tensors'. */
static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sva_transform_count *)a)->name,
                  ((const struct sva_transform_count *)b)->name);
}

static bool count_transforms(struct sva_arena *arena, struct sva_component_result *result)
{
    enum { NAMES_MOST = 16 };
    struct sva_transform_count *counts = sva_arena_alloc(arena, NAMES_MOST, sizeof *counts);
    size_t used = 0;
    for (size_t i = 0; counts != NULL && i < result->match_count; i++) {
        const char *name = result->matches[i].transform;
        size_t at = 0;
        while (name != NULL && at < used && strcmp(counts[at].name, name) != 0) {
            at++;
        }
        if (name == NULL || (at == used && used == NAMES_MOST)) {
            continue;
        }
        used += at == used ? 1 : 0;
        counts[at].name = name;
        counts[at].tensor_count++;
    }
    if (counts != NULL) {
        qsort(counts, used, sizeof *counts, by_name);
    }
    result->transforms = counts;
    result->transform_count = counts != NULL ? used : 0;
    return counts != NULL;
}

static bool is_listed(const struct sva_pair *pair, uint32_t component, uint32_t index)
{
    return pair->subject->tensors[index].component == component &&
           (pair->identical[index] >= 0 ||
            (pair->best[index] >= 0 && pair->best_log10_p[index] < -3.0));
}

bool sva_list_matches(const struct sva_pair *pair, uint32_t component,
                      const struct sva_component_evidence *evidence, struct sva_arena *arena,
                      struct sva_component_result *result)
{
    size_t count = 0;
    for (uint32_t i = 0; i < pair->subject->tensor_count; i++) {
        count += is_listed(pair, component, i) ? 1 : 0;
    }
    struct sva_tensor_match *matches = sva_arena_alloc(arena, count, sizeof *matches);
    size_t used = 0;
    for (uint32_t i = 0; matches != NULL && i < pair->subject->tensor_count; i++) {
        if (is_listed(pair, component, i) &&
            !fill_match(pair, evidence, i, arena, &matches[used++])) {
            return false;
        }
    }
    result->matches = matches;
    result->match_count = matches != NULL ? count : 0;
    return matches != NULL && count_transforms(arena, result);
}
