/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/vocabulary_lineage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/** A token that both vocabularies have. */
struct shared {
    uint32_t id[2];
    uint32_t rank[2];
};

/** The common tokens, and how many tokens each side has up to the largest key that both samples
 * reach. */
struct meeting {
    struct shared *items;
    size_t count;
    size_t seen[2];
};

const char *sva_lineage_name(enum sva_lineage lineage)
{
    static const char *const names[SVA_LINEAGE_COUNT] = {
        [SVA_LINEAGE_SAME] = "same",
        [SVA_LINEAGE_EXTENDED] = "extended",
        [SVA_LINEAGE_SHARED_SOURCE] = "shared-source",
        [SVA_LINEAGE_OVERLAPPING] = "overlapping",
        [SVA_LINEAGE_UNRELATED] = "unrelated",
        [SVA_LINEAGE_NOT_COMPARABLE] = "not-comparable",
    };
    return names[lineage];
}

/** Largest key up to which a sample holds every token of its vocabulary. */
static uint64_t reach_of(const struct sva_token_sample *sample)
{
    return sample->sampled < sample->population && sample->sampled > 0
               ? sample->keys[sample->sampled - 1]
               : UINT64_MAX;
}

/** Walks both samples up to the smaller reach. False: out of memory. */
static bool meet(const struct sva_token_sample *a, const struct sva_token_sample *b,
                 struct meeting *meeting)
{
    const uint64_t reach = reach_of(a) < reach_of(b) ? reach_of(a) : reach_of(b);
    const size_t most = a->sampled < b->sampled ? a->sampled : b->sampled;
    size_t i = 0;
    size_t j = 0;
    meeting->items = sva_calloc(most, sizeof *meeting->items);
    if (meeting->items == NULL) {
        return false;
    }
    while ((i < a->sampled && a->keys[i] <= reach) || (j < b->sampled && b->keys[j] <= reach)) {
        const uint64_t left = i < a->sampled ? a->keys[i] : UINT64_MAX;
        const uint64_t right = j < b->sampled ? b->keys[j] : UINT64_MAX;
        if (left == right && i < a->sampled && j < b->sampled) {
            meeting->items[meeting->count++] =
                (struct shared){{a->ids[i], b->ids[j]}, {a->ranks[i], b->ranks[j]}};
        }
        i += left <= right && i < a->sampled;
        j += right <= left && j < b->sampled;
    }
    meeting->seen[0] = i;
    meeting->seen[1] = j;
    return true;
}

static void take_overlap(const struct meeting *meeting, struct sva_tokenizer_lineage *lineage)
{
    const size_t *const seen = meeting->seen;
    const size_t all = seen[0] + seen[1] - meeting->count;
    const size_t smaller = seen[0] < seen[1] ? seen[0] : seen[1];
    lineage->compared = (uint32_t)all;
    lineage->common = (uint32_t)meeting->count;
    lineage->jaccard = all > 0 ? (double)meeting->count / (double)all : (double)NAN;
    lineage->smaller_share = smaller > 0 ? (double)meeting->count / (double)smaller : (double)NAN;
}

static int by_number(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/** Most frequent difference of ids, the smallest of equals. False: out of memory. */
static bool take_places(const struct meeting *meeting, struct sva_tokenizer_lineage *lineage)
{
    int64_t *const shifts = sva_calloc(meeting->count, sizeof *shifts);
    size_t same = 0;
    size_t best = 0;
    size_t run = 0;
    if (shifts == NULL) {
        return false;
    }
    for (size_t i = 0; i < meeting->count; i++) {
        shifts[i] = (int64_t)meeting->items[i].id[0] - (int64_t)meeting->items[i].id[1];
        same += shifts[i] == 0;
    }
    qsort(shifts, meeting->count, sizeof *shifts, by_number);
    for (size_t i = 0; i < meeting->count; i++) {
        run = i > 0 && shifts[i] == shifts[i - 1] ? run + 1 : 1;
        if (run > best) {
            best = run;
            lineage->id_shift = shifts[i];
        }
    }
    sva_free(shifts);
    if (meeting->count > 0) {
        lineage->same_id_share = (double)same / (double)meeting->count;
        lineage->same_shift_share = (double)best / (double)meeting->count;
    }
    return true;
}

static int by_first_rank(const void *left, const void *right)
{
    const struct shared *const a = left;
    const struct shared *const b = right;
    return a->rank[0] != b->rank[0] ? (a->rank[0] < b->rank[0] ? -1 : 1)
                                    : (a->id[0] > b->id[0]) - (a->id[0] < b->id[0]);
}

/** Pairs that stand the wrong way round, by merging halves that grow. `spare` is as long. */
static uint64_t count_inversions(uint32_t *ranks, uint32_t *spare, size_t count)
{
    uint64_t inversions = 0;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            const size_t middle = start + width < count ? start + width : count;
            const size_t end = middle + width < count ? middle + width : count;
            size_t i = start;
            size_t j = middle;
            for (size_t k = start; k < end; k++) {
                if (i < middle && (j >= end || ranks[i] <= ranks[j])) {
                    spare[k] = ranks[i++];
                } else {
                    spare[k] = ranks[j++];
                    inversions += middle - i;
                }
            }
        }
        memcpy(ranks, spare, count * sizeof *ranks);
    }
    return inversions;
}

/** Kendall's tau and neighbours, over common tokens with a place in both orders. False: memory. */
static bool take_order(const struct meeting *meeting, struct sva_tokenizer_lineage *lineage)
{
    uint32_t *const ranks = sva_calloc(meeting->count * 2, sizeof *ranks);
    size_t count = 0;
    uint64_t follows = 0;
    if (ranks == NULL) {
        return false;
    }
    qsort(meeting->items, meeting->count, sizeof *meeting->items, by_first_rank);
    for (size_t i = 0; i < meeting->count; i++) {
        const uint32_t *const rank = meeting->items[i].rank;
        if (rank[0] != UINT32_MAX && rank[1] != UINT32_MAX) {
            follows += count > 0 && rank[1] > ranks[count - 1];
            ranks[count++] = rank[1];
        }
    }
    lineage->ordered = (uint32_t)count;
    if (count > 1) {
        const double pairs = (double)count * (double)(count - 1) / 2.0;
        lineage->neighbour_share = (double)follows / (double)(count - 1);
        lineage->order_tau =
            1.0 - 2.0 * (double)count_inversions(ranks, ranks + meeting->count, count) / pairs;
    }
    sva_free(ranks);
    return true;
}

/** Tokens made first that are equal one by one. */
static void take_prefix(const struct sva_token_sample *a, const struct sva_token_sample *b,
                        struct sva_tokenizer_lineage *lineage)
{
    const uint32_t most = a->first_count < b->first_count ? a->first_count : b->first_count;
    uint32_t same = 0;
    while (same < most && a->first[same] == b->first[same]) {
        same++;
    }
    lineage->prefix = same;
    lineage->prefix_most = most;
}

static bool holds_special(const struct sva_token_sample *sample, uint64_t key)
{
    for (uint32_t i = 0; i < sample->special_listed; i++) {
        if (sample->specials[i].key == key) {
            return true;
        }
    }
    return false;
}

static void take_specials(const struct sva_token_sample *a, const struct sva_token_sample *b,
                          struct sva_tokenizer_lineage *lineage)
{
    lineage->specials[0] = a->special_count;
    lineage->specials[1] = b->special_count;
    for (uint32_t i = 0; i < a->special_listed; i++) {
        if (holds_special(b, a->specials[i].key)) {
            if (lineage->specials_common < SVA_LINEAGE_SPECIALS_SHOWN) {
                lineage->special_texts[lineage->specials_common] = a->specials[i].text;
            }
            lineage->specials_common++;
        }
    }
}

static bool is_order_shared(const struct sva_tokenizer_lineage *lineage)
{
    return lineage->ordered >= SVA_LINEAGE_COMMON_LEAST &&
           (lineage->neighbour_share >= SVA_LINEAGE_NEIGHBOURS ||
            lineage->order_tau >= SVA_LINEAGE_TAU);
}

/** Numbering, order, or the beginning of the order: any of them has one source. */
static bool is_source_shared(const struct sva_tokenizer_lineage *lineage)
{
    return lineage->common >= SVA_LINEAGE_COMMON_LEAST &&
           (is_order_shared(lineage) || lineage->same_shift_share >= SVA_LINEAGE_SAME_PLACES ||
            lineage->prefix >= SVA_LINEAGE_PREFIX);
}

/** All of the smaller vocabulary is in the larger one, in the same order or at one distance. */
static bool is_extension(const struct sva_tokenizer_lineage *lineage)
{
    return lineage->smaller_share >= SVA_LINEAGE_CONTAINED &&
           (lineage->neighbour_share >= SVA_LINEAGE_EXTENSION_NEIGHBOURS ||
            lineage->same_shift_share >= SVA_LINEAGE_SAME_PLACES);
}

static enum sva_lineage decide(const struct sva_token_sample *a, const struct sva_token_sample *b,
                               const struct sva_tokenizer_lineage *lineage)
{
    if (memcmp(a->digest, b->digest, sizeof a->digest) == 0 ||
        (lineage->common == lineage->compared && lineage->common > 0 &&
         lineage->same_id_share >= 1.0 && a->population == b->population &&
         a->special_count == b->special_count && lineage->specials_common == a->special_listed)) {
        return SVA_LINEAGE_SAME;
    }
    if (is_source_shared(lineage)) {
        return is_extension(lineage) ? SVA_LINEAGE_EXTENDED : SVA_LINEAGE_SHARED_SOURCE;
    }
    return lineage->common >= SVA_LINEAGE_COMMON_LEAST && lineage->jaccard >= SVA_LINEAGE_OVERLAP
               ? SVA_LINEAGE_OVERLAPPING
               : SVA_LINEAGE_UNRELATED;
}

bool sva_vocabulary_lineage(const struct sva_token_sample *subject,
                            const struct sva_token_sample *reference,
                            struct sva_tokenizer_lineage *lineage)
{
    *lineage = (struct sva_tokenizer_lineage){.answer = SVA_LINEAGE_NOT_COMPARABLE,
                                              .jaccard = NAN,
                                              .smaller_share = NAN,
                                              .same_id_share = NAN,
                                              .same_shift_share = NAN,
                                              .order_tau = NAN,
                                              .neighbour_share = NAN};
    if (subject == NULL || reference == NULL) {
        return true;
    }
    struct meeting meeting = {0};
    const bool ok = meet(subject, reference, &meeting);
    if (ok) {
        take_overlap(&meeting, lineage);
        take_prefix(subject, reference, lineage);
        take_specials(subject, reference, lineage);
    }
    const bool done = ok && take_places(&meeting, lineage) && take_order(&meeting, lineage);
    sva_free(meeting.items);
    if (done) {
        lineage->population[0] = subject->population;
        lineage->population[1] = reference->population;
        lineage->answer = decide(subject, reference, lineage);
    }
    return done;
}
