/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "kernel/directions.h"
#include "kernel/ordered_sums.h"

/* Domains keep the choices of kept indices, slices and signs independent. */
#define KEPT_DOMAIN  (0x6b65707400000000u + SVA_METHOD_VERSION)
#define SLICE_DOMAIN (0x736c696300000000u + SVA_METHOD_VERSION)

uint32_t sva_kept_count(uint64_t length, enum sva_axis_kind kind)
{
    switch (kind) {
    case SVA_AXIS_TOKEN:
    case SVA_AXIS_POSITION:
    case SVA_AXIS_INPUT:
    case SVA_AXIS_ROTARY:
    case SVA_AXIS_HEAD:
    case SVA_AXIS_FOREIGN:
    case SVA_AXIS_UNIT: return 0;
    default: break;
    }
    if (length < 4) {
        return 0;
    }
    if (kind == SVA_AXIS_VALUE && length > SVA_KEPT_VALUE) {
        return SVA_KEPT_VALUE;
    }
    if (length <= SVA_KEPT_ALL || (kind == SVA_AXIS_RESIDUAL && length <= SVA_KEPT_RESIDUAL)) {
        return (uint32_t)length;
    }
    return SVA_KEPT_CORE;
}

uint32_t sva_feature_count(uint64_t length, uint64_t slices)
{
    uint64_t count = length == 0 ? 64 : 4096 / length;
    count = count < 4 ? 4 : count;
    count = count > 64 ? 64 : count;
    return (uint32_t)(count < slices ? count : slices);
}

struct keyed {
    uint64_t key;
    uint64_t index;
};

static bool keyed_less(struct keyed a, struct keyed b)
{
    return a.key != b.key ? a.key < b.key : a.index < b.index;
}

/** Restores the max-heap below `root`. */
static void heap_sift(struct keyed *heap, size_t count, size_t root)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && keyed_less(heap[child], heap[child + 1])) {
            child++;
        }
        if (!keyed_less(heap[root], heap[child])) {
            return;
        }
        const struct keyed swapped = heap[root];
        heap[root] = heap[child];
        heap[child] = swapped;
        root = child;
    }
}

/** Offers one entry to a max-heap that holds the `limit` smallest seen. */
static void heap_offer(struct keyed *heap, size_t *count, size_t limit, struct keyed entry)
{
    if (*count < limit) {
        heap[(*count)++] = entry;
        if (*count == limit) {
            for (size_t root = limit / 2; root-- > 0;) {
                heap_sift(heap, limit, root);
            }
        }
    } else if (keyed_less(entry, heap[0])) {
        heap[0] = entry;
        heap_sift(heap, limit, 0);
    }
}

static int by_index(const void *a, const void *b)
{
    const uint64_t left = ((const struct keyed *)a)->index;
    const uint64_t right = ((const struct keyed *)b)->index;
    return (left > right) - (left < right);
}

bool sva_kept_indices(uint64_t length, uint32_t kept, uint64_t *indices)
{
    if (kept == length || kept == SVA_KEPT_VALUE) {
        for (uint32_t i = 0; i < kept; i++) {
            indices[i] = i;
        }
        return true;
    }
    struct keyed *heap = sva_calloc(kept, sizeof *heap);
    if (heap == NULL) {
        return false;
    }
    size_t count = 0;
    for (uint64_t i = 0; i < length; i++) {
        heap_offer(heap, &count, kept, (struct keyed){sva_mix64(i ^ KEPT_DOMAIN), i});
    }
    qsort(heap, count, sizeof *heap, by_index);
    for (uint32_t i = 0; i < kept; i++) {
        indices[i] = heap[i].index;
    }
    sva_free(heap);
    return true;
}

uint32_t sva_first_kept(const uint64_t *list, uint32_t count, uint64_t bound)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (list[middle] < bound) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t sva_choose_slices(uint64_t other_length, uint64_t kernel, const uint64_t *keys,
                           uint32_t features, struct sva_slice *slices)
{
    struct keyed heap[SVA_SLICES];
    const uint64_t total = other_length * kernel;
    size_t count = 0;
    for (uint64_t other = 0; other < other_length; other++) {
        const uint64_t base = keys != NULL ? keys[other] : other;
        if (keys != NULL && base == 0) {
            continue;
        }
        for (uint64_t position = 0; position < kernel; position++) {
            const uint64_t key = sva_mix64(sva_mix64(base ^ SLICE_DOMAIN) + position);
            heap_offer(heap, &count, SVA_SLICES, (struct keyed){key, other * kernel + position});
        }
    }
    qsort(heap, count, sizeof *heap, by_index);
    for (size_t i = 0; i < count; i++) {
        const uint64_t bits = sva_mix64(heap[i].key);
        const uint64_t group = keys == NULL && total <= SVA_SLICES ? heap[i].index : bits >> 8;
        slices[i].index = heap[i].index;
        slices[i].group = (uint32_t)(group % features);
        slices[i].sign = (bits & 1) != 0 ? 1 : -1;
    }
    return (uint32_t)count;
}

/**
 * Squared lengths of some slices over the core positions, in their order; `work` holds
 * count * core_count.
 */
static void core_squares(const struct sva_gathered *gathered, uint32_t first, uint32_t count,
                         float *work, double *squares)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const float *slices = gathered->values + (size_t)first * gathered->kept;
    if (gathered->core == NULL) {
        level->row_squares(slices, count, gathered->kept, squares);
        return;
    }
    for (uint32_t s = 0; s < count; s++) {
        for (uint32_t i = 0; i < gathered->core_count; i++) {
            work[(size_t)s * gathered->core_count + i] =
                slices[(size_t)s * gathered->kept + gathered->core[i]];
        }
    }
    level->row_squares(work, count, gathered->core_count, squares);
}

enum { SLICES_AT_ONCE = 8 }; /* stay in the cache from their norms to their squares */

/**
 * Slices to unit length over the core positions; kept indices' sums of squares go to `squares`.
 * False: out of memory.
 */
static bool scale_slices(struct sva_gathered *gathered, double *squares)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const size_t kept = gathered->kept;
    const size_t core = gathered->core != NULL ? gathered->core_count : 0;
    float *work = sva_calloc(SLICES_AT_ONCE * core + 1, sizeof *work);
    if (work == NULL) {
        return false;
    }
    for (uint32_t first = 0; first < gathered->slice_count; first += SLICES_AT_ONCE) {
        float *slices = gathered->values + first * kept;
        const uint32_t left = gathered->slice_count - first;
        const uint32_t count = left < SLICES_AT_ONCE ? left : SLICES_AT_ONCE;
        double norms[SLICES_AT_ONCE];
        level->clear_special(slices, count * kept);
        core_squares(gathered, first, count, work, norms);
        for (uint32_t s = 0; s < count; s++) {
            const double norm = sqrt(norms[s]);
            level->scale_row(slices + s * kept, kept, norm > 0.0 ? 1.0 / norm : 0.0);
        }
        level->add_squares(slices, count, kept, squares);
    }
    sva_free(work);
    return true;
}

/** What brings kept indices to mean square 1/features per slice group, in place of their squares.
 */
static void scales_of_kept(const struct sva_gathered *gathered, double *squares)
{
    for (uint32_t j = 0; j < gathered->kept; j++) {
        squares[j] = squares[j] > 0.0 ? sqrt((double)gathered->features / squares[j]) : 0.0;
    }
}

/** Sums and counts of the values off the diagonals, by slice and by kept index. */
struct margins {
    double *slice_sums, *kept_sums;
    uint32_t *slice_counts, *kept_counts;
    double total;
    uint64_t count;
};

/**
 * The kept index that lies on a diagonal of the slice: row and column carry the same number in
 * their square block. Looks from `*from` on, which moves behind it; false: there is no more.
 */
static bool next_on_diagonal(const struct sva_gathered *gathered, uint64_t *from, uint32_t *kept)
{
    while (*from <= gathered->indices[gathered->kept - 1]) {
        const uint64_t index = *from;
        *from += gathered->diagonal_side;
        *kept = sva_first_kept(gathered->indices, gathered->kept, index);
        if (gathered->indices[*kept] == index) {
            return true;
        }
    }
    return false;
}

/** The place in its square block that a slice has. */
static uint64_t place_of(const struct sva_gathered *gathered, uint32_t slice)
{
    return gathered->slices[slice].index / gathered->kernel % gathered->diagonal_side;
}

/** Zeros on the diagonals, and how many values are off them. */
static void clear_diagonals(struct sva_gathered *gathered, struct margins *margins)
{
    for (uint32_t j = 0; j < gathered->kept; j++) {
        margins->kept_counts[j] = gathered->slice_count;
    }
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        uint64_t from = place_of(gathered, s);
        margins->slice_counts[s] = gathered->kept;
        for (uint32_t j; next_on_diagonal(gathered, &from, &j);) {
            gathered->values[(size_t)s * gathered->kept + j] = 0.0F;
            margins->kept_counts[j]--;
            margins->slice_counts[s]--;
        }
        margins->count += margins->slice_counts[s];
    }
}

static void sum_margins(const struct sva_gathered *gathered, struct margins *margins)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const size_t count = gathered->slice_count;
    level->row_sums(gathered->values, count, gathered->kept, margins->slice_sums);
    level->add_rows(gathered->values, count, gathered->kept, margins->kept_sums);
    for (size_t s = 0; s < count; s++) {
        margins->total += margins->slice_sums[s];
    }
}

static double ratio(double sum, double count)
{
    return count > 0.0 ? sum / count : 0.0;
}

/** What slice and kept index alone predict, onto the diagonals. */
static void predict_diagonals(struct sva_gathered *gathered, const struct margins *margins)
{
    for (uint32_t s = 0; s < gathered->slice_count; s++) {
        uint64_t from = place_of(gathered, s);
        for (uint32_t j; next_on_diagonal(gathered, &from, &j);) {
            gathered->values[(size_t)s * gathered->kept + j] =
                (float)(ratio(margins->slice_sums[s], margins->slice_counts[s]) +
                        ratio(margins->kept_sums[j], margins->kept_counts[j]) -
                        ratio(margins->total, (double)margins->count));
        }
    }
}

/** Replaces diagonal values by what slice and kept index alone predict. */
static bool remove_diagonals(struct sva_gathered *gathered)
{
    if (gathered->diagonal_side == 0) {
        return true;
    }
    struct margins margins = {.slice_sums = sva_calloc(gathered->slice_count, sizeof(double)),
                              .kept_sums = sva_calloc(gathered->kept, sizeof(double)),
                              .slice_counts = sva_calloc(gathered->slice_count, sizeof(uint32_t)),
                              .kept_counts = sva_calloc(gathered->kept, sizeof(uint32_t))};
    const bool ok = margins.slice_sums != NULL && margins.kept_sums != NULL &&
                    margins.slice_counts != NULL && margins.kept_counts != NULL;
    if (ok) {
        clear_diagonals(gathered, &margins);
        sum_margins(gathered, &margins);
        predict_diagonals(gathered, &margins);
    }
    sva_free(margins.slice_sums);
    sva_free(margins.kept_sums);
    sva_free(margins.slice_counts);
    sva_free(margins.kept_counts);
    return ok;
}

/** Means of slices and of kept indices to zero: a common mean is no trained direction. */
static bool centre(struct sva_gathered *gathered)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const size_t kept = gathered->kept;
    const size_t count = gathered->slice_count;
    double *sums = sva_calloc(kept > count ? kept : count, sizeof *sums);
    float *means = sva_calloc(kept, sizeof *means);
    const bool ok = sums != NULL && means != NULL;
    if (ok) {
        level->row_sums(gathered->values, count, kept, sums);
    }
    for (size_t s = 0; ok && s < count; s++) {
        level->take_mean(gathered->values + s * kept, kept, (float)(sums[s] / (double)kept));
    }
    if (ok) {
        memset(sums, 0, kept * sizeof *sums);
        level->add_rows(gathered->values, count, kept, sums);
        for (size_t j = 0; j < kept; j++) {
            means[j] = (float)(sums[j] / (double)count);
        }
        level->take_means(gathered->values, count, kept, means);
    }
    sva_free(sums);
    sva_free(means);
    return ok;
}

static int16_t to_feature(double value)
{
    const double limit = SVA_FEATURE_LIMIT;
    const double scaled = value * 256.0 + 0.5;
    const double above = scaled > -limit ? scaled : -limit;
    const double bounded = above < limit ? above : limit;
    const int whole = (int)bounded; /* towards zero, and one less below it: floor */
    return (int16_t)(whole - (bounded < whole ? 1 : 0));
}

/** Features of a kept index lie side by side, sums of a feature do. */
static void store_features(const double *sums, uint32_t kept, uint32_t width, int16_t *features)
{
    for (uint32_t k = 0; k < width; k++) {
        for (uint32_t j = 0; j < kept; j++) {
            features[(size_t)j * width + k] = to_feature(sums[(size_t)k * kept + j]);
        }
    }
}

bool sva_sketch_features(struct sva_gathered *gathered, int16_t *features)
{
    const struct sva_sums_level *const level = sva_sums_level();
    const uint32_t kept = gathered->kept;
    const uint32_t width = gathered->features;
    double *scales = sva_calloc(kept, sizeof *scales);
    double *sums = sva_calloc((size_t)kept * width, sizeof *sums);
    bool ok = scales != NULL && sums != NULL && scale_slices(gathered, scales);
    if (ok) {
        scales_of_kept(gathered, scales);
        level->scale_columns(gathered->values, gathered->slice_count, kept, scales);
        ok = remove_diagonals(gathered);
    }
    for (uint32_t s = 0; ok && s < gathered->slice_count; s++) {
        level->add_signed(gathered->values + (size_t)s * kept, kept,
                          (double)gathered->slices[s].sign,
                          sums + (size_t)gathered->slices[s].group * kept);
    }
    if (ok) {
        store_features(sums, kept, width, features);
    }
    sva_free(scales);
    sva_free(sums);
    return ok;
}

static void quantise_direction(const double *direction, uint32_t length, int8_t *out)
{
    double largest = 0.0;
    for (uint32_t j = 0; j < length; j++) {
        largest = fabs(direction[j]) > largest ? fabs(direction[j]) : largest;
    }
    for (uint32_t j = 0; j < length; j++) {
        const double scaled = largest > 0.0 ? direction[j] / largest * 127.0 : 0.0;
        out[j] = (int8_t)floor(scaled + 0.5);
    }
}

/** The directions as they are kept, or NULL. */
static int8_t *quantise_directions(const double *directions, uint32_t count, uint32_t kept)
{
    int8_t *const out = sva_calloc((size_t)count * kept, 1);
    for (uint32_t v = 0; out != NULL && v < count; v++) {
        quantise_direction(directions + (size_t)v * kept, kept, out + (size_t)v * kept);
    }
    return out;
}

bool sva_sketch_directions(struct sva_gathered *gathered, struct sva_axis_sketch *sketch)
{
    const uint32_t kept = gathered->kept;
    const uint32_t slices = gathered->slice_count < SVA_DIRECTIONS_SLICES ? gathered->slice_count
                                                                          : SVA_DIRECTIONS_SLICES;
    double *scratch = sva_calloc(SVA_DIRECTIONS_SCRATCH(slices), sizeof *scratch);
    double *vectors = sva_calloc((size_t)kept * SVA_LEADING_DIRECTIONS, sizeof *vectors);
    bool ok = scratch != NULL && vectors != NULL && centre(gathered);
    const uint32_t found =
        ok ? sva_leading_directions(gathered->values, slices, kept, scratch, vectors) : 0;
    if (found > 0) {
        sketch->directions = quantise_directions(vectors, found, kept);
        ok = sketch->directions != NULL;
    }
    sketch->leading = ok ? found : 0;
    sketch->directions_known = ok;
    sva_free(scratch);
    sva_free(vectors);
    return ok;
}
