/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/code_similarity.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "compare/decide.h"

enum { GAP_LEAST = 4, GAP_MOST = 64 };

/* ---- two files ---- */

/** Largest key up to which all fingerprints of a file are at hand. */
static uint64_t reach_of(const struct sva_code_marks *marks)
{
    return marks->count < marks->population && marks->count > 0 ? marks->marks[marks->count - 1].key
                                                                : UINT64_MAX;
}

/** A fingerprint that both files have. */
struct common {
    const struct sva_code_mark *a, *b;
};

/** Walks both up to the smaller reach; `found` may be NULL, else has room for every mark of `a`. */
static struct sva_code_overlap overlap_of(const struct sva_code_marks *a,
                                          const struct sva_code_marks *b, struct common *found)
{
    struct sva_code_overlap overlap = {0};
    const uint64_t reach = reach_of(a) < reach_of(b) ? reach_of(a) : reach_of(b);
    uint32_t i = 0;
    uint32_t j = 0;
    while ((i < a->count && a->marks[i].key <= reach) ||
           (j < b->count && b->marks[j].key <= reach)) {
        const bool left = j >= b->count || (i < a->count && a->marks[i].key <= b->marks[j].key);
        const bool right = i >= a->count || (j < b->count && b->marks[j].key <= a->marks[i].key);
        if (left && right) {
            if (found != NULL) {
                found[overlap.common] = (struct common){&a->marks[i], &b->marks[j]};
            }
            overlap.common++;
        }
        i += left;
        j += right;
    }
    overlap.seen[0] = i;
    overlap.seen[1] = j;
    const double all = (double)i + (double)j - (double)overlap.common;
    overlap.jaccard = all > 0 ? (double)overlap.common / all : 0.0;
    for (int side = 0; side < 2; side++) {
        overlap.share[side] =
            overlap.seen[side] > 0 ? (double)overlap.common / (double)overlap.seen[side] : 0.0;
    }
    return overlap;
}

static bool tells(const struct sva_code_overlap *overlap, double least)
{
    return overlap->common >= SVA_CODE_COMMON_LEAST &&
           (overlap->share[0] >= least || overlap->share[1] >= least);
}

static bool is_told(const struct sva_code_match *match)
{
    return tells(&match->overlaps[SVA_CODE_AS_WRITTEN], SVA_CODE_SHARE_WRITTEN) ||
           tells(&match->overlaps[SVA_CODE_NAMES_ALIKE], SVA_CODE_SHARE_ALIKE);
}

/** How much of the subject's file is there, by both readings; ties keep the earlier file. */
static double weight_of(const struct sva_code_match *match)
{
    return match->overlaps[SVA_CODE_AS_WRITTEN].share[0] +
           match->overlaps[SVA_CODE_NAMES_ALIKE].share[0];
}

/* ---- ranges of lines ---- */

static int by_place(const void *left, const void *right)
{
    const struct common *const x = left;
    const struct common *const y = right;
    if (x->a->first_line != y->a->first_line) {
        return x->a->first_line < y->a->first_line ? -1 : 1;
    }
    if (x->b->first_line != y->b->first_line) {
        return x->b->first_line < y->b->first_line ? -1 : 1;
    }
    return (x->a->key > y->a->key) - (x->a->key < y->a->key);
}

/** More fingerprints first, then earlier lines. */
static int by_size(const void *left, const void *right)
{
    const struct sva_code_range *const a = left;
    const struct sva_code_range *const b = right;
    if (a->marks != b->marks) {
        return a->marks > b->marks ? -1 : 1;
    }
    return (a->subject_first > b->subject_first) - (a->subject_first < b->subject_first);
}

/** Does a fingerprint go on where a range ends, on both sides? */
static bool continues(const struct sva_code_range *range, const struct common *next, uint32_t gap)
{
    return next->a->first_line <= (uint64_t)range->subject_last + gap &&
           next->b->first_line >= range->reference_first &&
           next->b->first_line <= (uint64_t)range->reference_last + gap;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/** Joins neighbours into ranges, in place of `ranges`; returns how many there are. */
static size_t join(const struct common *found, size_t count, uint32_t gap,
                   struct sva_code_range *ranges)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        struct sva_code_range *const last = made > 0 ? &ranges[made - 1] : NULL;
        if (last != NULL && continues(last, &found[i], gap)) {
            last->subject_last = larger(last->subject_last, found[i].a->last_line);
            last->reference_last = larger(last->reference_last, found[i].b->last_line);
            last->marks++;
        } else {
            ranges[made++] =
                (struct sva_code_range){found[i].a->first_line, found[i].a->last_line,
                                        found[i].b->first_line, found[i].b->last_line, 1};
        }
    }
    return made;
}

/** Samples leave holes: lines may lie apart by what one kept fingerprint stands for. */
static uint32_t gap_of(const struct sva_code_file *file, const struct sva_code_marks *marks)
{
    const uint64_t each =
        marks->count > 0 ? 2 * ((uint64_t)file->line_count / marks->count + 1) : GAP_LEAST;
    return each < GAP_LEAST ? GAP_LEAST : each > GAP_MOST ? GAP_MOST : (uint32_t)each;
}

/** The largest ranges of a match by its names-alike reading. False: out of memory. */
static bool find_ranges(const struct sva_code_file *a, const struct sva_code_file *b,
                        struct sva_code_match *match)
{
    const struct sva_code_marks *const marks = &a->readings[SVA_CODE_NAMES_ALIKE];
    struct common *const found = sva_calloc(marks->count, sizeof *found);
    struct sva_code_range *const ranges = sva_calloc(marks->count, sizeof *ranges);
    const bool ok = found != NULL && ranges != NULL;
    if (ok) {
        const struct sva_code_overlap overlap =
            overlap_of(marks, &b->readings[SVA_CODE_NAMES_ALIKE], found);
        qsort(found, overlap.common, sizeof *found, by_place);
        const size_t made = join(found, overlap.common, gap_of(a, marks), ranges);
        qsort(ranges, made, sizeof *ranges, by_size);
        match->range_total = made;
        match->range_count = made < SVA_CODE_RANGES ? made : SVA_CODE_RANGES;
        memcpy(match->ranges, ranges, match->range_count * sizeof *ranges);
    }
    sva_free(found);
    sva_free(ranges);
    return ok;
}

/* ---- all files ---- */

/** The reference's file that holds most of `file`; SIZE_MAX: none is told. */
static size_t best_of(const struct sva_code_file *file, const struct sva_code *reference,
                      struct sva_code_match *best)
{
    size_t found = SIZE_MAX;
    for (size_t j = 0; j < reference->file_count; j++) {
        struct sva_code_match match = {0};
        for (int r = 0; r < SVA_CODE_READINGS; r++) {
            match.overlaps[r] =
                overlap_of(&file->readings[r], &reference->files[j].readings[r], NULL);
        }
        if (is_told(&match) && (found == SIZE_MAX || weight_of(&match) > weight_of(best))) {
            *best = match;
            found = j;
        }
    }
    return found;
}

bool sva_code_compare(const struct sva_code *subject, const struct sva_code *reference, bool whole,
                      struct sva_arena *arena, struct sva_code_similarity *similarity)
{
    struct sva_code_similarity made = {.whole = whole};
    if (subject == NULL || reference == NULL) {
        *similarity = made;
        return true;
    }
    struct sva_code_match *const matches =
        sva_arena_alloc(arena, subject->file_count, sizeof *matches);
    if (matches == NULL) {
        return false;
    }
    made.compared = true;
    made.file_count[0] = subject->file_count;
    made.file_count[1] = reference->file_count;
    made.matches = matches;
    for (size_t i = 0; i < subject->file_count; i++) {
        struct sva_code_match *const match = &matches[made.match_count];
        const size_t j = best_of(&subject->files[i], reference, match);
        if (j == SIZE_MAX) {
            continue;
        }
        match->subject_path = sva_arena_strdup(arena, subject->files[i].path);
        match->reference_path = sva_arena_strdup(arena, reference->files[j].path);
        if (match->subject_path == NULL || match->reference_path == NULL ||
            !find_ranges(&subject->files[i], &reference->files[j], match)) {
            return false;
        }
        made.match_count++;
    }
    *similarity = made;
    return true;
}

enum sva_status sva_compare_code(const struct sva_model *subject, const struct sva_model *reference,
                                 struct sva_comparison *comparison, struct sva_error *error)
{
    struct sva_comparison_state *const state = comparison->internal;
    return sva_code_compare(subject->code, reference->code, true, &state->arena, &comparison->code)
               ? SVA_OK
               : sva_fail_memory(error, "comparing programs");
}
